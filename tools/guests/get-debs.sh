#!/usr/bin/env bash
# get-debs.sh PREFIX PACKAGE/SUITE...: unpacks Debian packages of any release under PREFIX/root. It uses
# the mirror of the machine's apt, whose packages and state do not change.
set -euo pipefail
prefix=$1
shift
apt=$GUEST_KIT/apt
sources=$(cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null || true)
if [[ ! -e $apt/ready ]]; then
  mirror=$(sed -nE 's/^URIs: *([^ ]+).*/\1/p; s/^deb (\[[^]]*\] )?(https?:[^ ]+) .*/\2/p' <<<"$sources" | head -n 1)
  keyring=$(sed -nE 's/^Signed-By: *//p' <<<"$sources" | head -n 1)
  if [[ -z $mirror ]]; then
    echo "get-debs.sh: this machine's apt names no Debian mirror; put the tools on the PATH instead" >&2
    exit 1
  fi
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  for suite in bookworm trixie trixie-backports sid; do
    echo "deb [signed-by=${keyring:-/usr/share/keyrings/debian-archive-keyring.gpg}] $mirror $suite main"
  done >"$apt/sources.list"
fi
options=(-o "Dir::Etc::sourcelist=$apt/sources.list" -o "Dir::Etc::sourceparts=-" -o "Dir::State::Lists=$apt/lists"
  -o "Dir::Cache=$apt/cache" -o "APT::Sandbox::User=root")
if [[ ! -e $apt/ready ]]; then
  apt-get "${options[@]}" update -qq >/dev/null
  touch "$apt/ready"
fi
mkdir -p "$prefix/debs" "$prefix/root"
(cd "$prefix/debs" && apt-get "${options[@]}" download -qq "$@" >/dev/null)
for deb in "$prefix"/debs/*.deb; do dpkg -x "$deb" "$prefix/root"; done
