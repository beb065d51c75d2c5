#!/usr/bin/env bash
# get-debs.sh PREFIX PACKAGE/SUITE...: unpacks Debian packages of any release under PREFIX/root. It uses
# the mirror of the machine's apt, whose packages and state do not change.
#
# debs.lock has the version and digest of each package. A package of that version with another digest is an error. Suites
# move: a mirror that has another version by now is reported, and files made with it may differ from the checked-in ones.
# UPDATE_LOCK=1 takes what there is into the lock.
set -euo pipefail
prefix=$1
shift
apt=$GUEST_KIT/apt
mkdir -p "$GUEST_KIT"
exec 8>"$GUEST_KIT/apt.lock" # one run at a time uses the state of apt
flock 8
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
lock=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/debs.lock
# Everything is unpacked beside the place where it belongs, so that an interrupted run leaves nothing that looks complete.
rm -rf "$prefix.new"
mkdir -p "$prefix.new/debs" "$prefix.new/root"
for package in "$@"; do
  name=${package%/*} suite=${package#*/}
  rm -rf "$prefix.new/one"
  mkdir "$prefix.new/one"
  (cd "$prefix.new/one" && apt-get "${options[@]}" download -qq "$package" >/dev/null)
  deb=$(echo "$prefix.new"/one/*.deb)
  read -r version arch < <(dpkg-deb -W --showformat '${Version} ${Architecture}\n' "$deb")
  digest=$(sha256sum "$deb" | cut -d' ' -f1)
  read -r locked want < <(awk -v n="$name" -v s="$suite" -v a="$arch" '$1 == n && $2 == s && $4 == a {print $3, $5}' "$lock"; echo)
  if [[ -n ${UPDATE_LOCK:-} ]]; then
    { awk -v n="$name" -v s="$suite" -v a="$arch" '/^#/ || !($1 == n && $2 == s && $4 == a)' "$lock"
      echo "$name $suite $version $arch $digest"; } | { grep '^#' "$lock"; grep -v '^#' | LC_ALL=C sort; } >"$lock.new"
    mv "$lock.new" "$lock"
  elif [[ $version == "${locked:-}" && $digest != "$want" ]]; then
    echo "get-debs.sh: $name $version has the digest $digest, and debs.lock has $want: do not use that mirror" >&2
    exit 1
  elif [[ $version != "${locked:-}" ]]; then
    echo "get-debs.sh: $name of $suite is $version here; debs.lock has ${locked:-no version for $arch}" >&2
  fi
  dpkg -x "$deb" "$prefix.new/root"
  mv "$deb" "$prefix.new/debs/"
done
rmdir "$prefix.new/one"
mkdir -p "$prefix"
rm -rf "$prefix/debs" "$prefix/root"
mv "$prefix.new/debs" "$prefix.new/root" "$prefix/"
rmdir "$prefix.new"
