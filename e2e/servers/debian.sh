#!/usr/bin/env bash
# Unpacks Debian packages of any release, with their dependencies, into a private folder, and creates a launcher for each
# program, which runs it with the unpacked libc and may move with the folder. The machine's packages and apt state do not change.
#
#   debian.sh PREFIX SUITE PACKAGE... -- PROGRAM...      PROGRAM: path below PREFIX/root; its launcher is in PREFIX/bin
#
# Everything is created beside PREFIX and renamed at the end.
set -euo pipefail
prefix=$1 suite=$2
shift 2
packages=() programs=()
while [[ $# -gt 0 && $1 != -- ]]; do
  packages+=("$1")
  shift
done
shift
programs=("$@")

# The mirror and the keyring are those the machine's own sources name.
sources=$(cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null || true)
mirror=$(sed -nE 's/^URIs: *([^ ]+).*/\1/p; s/^deb (\[[^]]*\] )?(https?:[^ ]+) .*/\2/p' <<<"$sources" | head -n 1)
keyring=$(sed -nE 's/^Signed-By: *//p' <<<"$sources" | head -n 1)
if [[ -z $mirror ]]; then
  echo "debian.sh: this machine's apt names no Debian mirror; put ${programs[*]##*/} on the PATH instead" >&2
  exit 1
fi

mkdir -p "$(dirname "$prefix")"
staging=$(mktemp -d "$prefix.making.XXXXXX")
trap 'rm -rf "$staging"' EXIT
apt=$staging/apt
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$staging/tree/root" "$staging/tree/bin"
echo "deb [signed-by=${keyring:-/usr/share/keyrings/debian-archive-keyring.gpg}] $mirror $suite main" >"$apt/sources.list"
: >"$apt/status"
private_apt() {
  apt-get -qq -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State="$apt" \
    -o Dir::State::status="$apt/status" -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache" \
    -o APT::Sandbox::User="$(id -un)" -o APT::Install-Recommends=false -o Acquire::Languages=none \
    -o Acquire::Retries=3 -o Debug::NoLocking=1 "$@"
}
private_apt update
private_apt -y --download-only install "${packages[@]}" >/dev/null
for deb in "$apt"/cache/archives/*.deb; do dpkg-deb -x "$deb" "$staging/tree/root"; done

# Newer releases keep everything below /usr, older ones have /lib and /lib64 too.
loader=$(cd "$staging/tree/root" && find . -name 'ld-linux-*.so.*' | sort | head -n 1)
triple=$(cd "$staging/tree/root" && find . -name libc.so.6 -printf '%h\n' | head -n 1)
triple=${triple##*/}
for program in "${programs[@]}"; do
  cat >"$staging/tree/bin/${program##*/}" <<S
#!/bin/sh
root=\$(cd "\$(dirname "\$0")/.." && pwd)/root
exec "\$root/${loader#./}" --library-path "\$root/usr/lib/$triple:\$root/lib/$triple" --argv0 ${program##*/} "\$root/$program" "\$@"
S
  chmod +x "$staging/tree/bin/${program##*/}"
done
mv -T "$staging/tree" "$prefix"
