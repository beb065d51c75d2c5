# Builds a Go package with TinyGo: bash tinygo.sh TINYGO GO OUT TARGET PACKAGE [FLAG]... [--src PLACE=FILE]...
#
# The files are copied to their places in a folder first, because Go's tools want a module, and write caches. Nothing is
# downloaded.
set -euo pipefail
tinygo=$1 go=$2 out=$PWD/$3 target=$4 package=$5
shift 5
flags=()
while [[ $# -gt 0 && $1 != --src ]]; do
  flags+=("$1")
  shift
done
top=$(mktemp -d)
trap 'chmod -R u+w "$top"; rm -rf "$top"' EXIT
while [[ $# -gt 0 ]]; do
  place=$top/src/${2%%=*}
  mkdir -p "$(dirname "$place")"
  cp "${2#*=}" "$place"
  shift 2
done
cd "$top/src"
[[ -e go.mod ]] || printf 'module guest\n\ngo 1.22\n' >go.mod
export HOME=$top GOCACHE=$top/cache GOPATH=$top/go GOFLAGS='' GOPROXY=off GOTOOLCHAIN=local GOWORK=off PATH=${go%/*}:$PATH
"$tinygo" build -target="$target" -o "$out" ${flags[@]+"${flags[@]}"} "$package"
