#!/usr/bin/env bash
# Builds the real guests of the benchmark in the folder OUT, each unless it is there: pairs of components of one toolchain (NAME-consumer.wasm
# imports what NAME-provider.wasm exports), and the guests of e2e/engines/languages with their driver. Installs what it needs
# in the user's cache, and prints the files.
#
#   tools/bench/guests/build.sh OUT [NAME...]    default: all
#
# Needs bash, Go, npm, python3 with pip, a Debian-like apt, and cargo for Rust.
set -euo pipefail
guests=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=e2e/lib.sh
source "$guests/../../../e2e/lib.sh"
# shellcheck source=e2e/engines/engines.sh
source "$root/e2e/engines/engines.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=e2e/engines/languages/build.sh
source "$root/e2e/engines/languages/build.sh"

# pair_NAME WORLD OUT: builds one component of a pair.
pair_js() { componentize_js "$2" "$guests/js/$1.js" "$guests/wit" "$1"; }
pair_python() {
  cp -R "$guests/python-$1" "$work/python-$1"
  componentize_py "$2" "$work/python-$1" app "$guests/wit" "$1"
}
pair_go() {
  (cd "$guests/go" && GOFLAGS='' GOWORK=off GOOS=wasip1 GOARCH=wasm go build -trimpath -buildmode=c-shared -o "$work/go.wasm" "./$1")
  wasm_tools parse "$root/rules/adapters/wasi_snapshot_preview1.stateless.wat" -o "$work/wasi.wasm"
  wasm_tools component embed --world "$1" "$guests/wit" "$work/go.wasm" |
    wasm_tools component new --adapt "wasi_snapshot_preview1=$work/wasi.wasm" - -o "$2"
}

# made_once FILE COMMAND...: makes a file by a command with its name as the last argument, unless it is there.
made_once() {
  local file=$1
  shift
  if [[ ! -e $file ]]; then
    "$@" "$work/made.wasm" >&2
    mv "$work/made.wasm" "$file"
  fi
  echo "$file"
}

out=$(mkdir -p "$1" && cd "$1" && pwd)
shift
if [[ $# -eq 0 ]]; then set -- js-pair python-pair go-pair driver c rust tinygo js python; fi
for name in "$@"; do
  case $name in
    *-pair) for world in consumer provider; do made_once "$out/${name%-pair}-$world.wasm" "pair_${name%-pair}" "$world"; done ;;
    tinygo) made_once "$out/tinygo.wasm" build_go ;;
    *) made_once "$out/$name.wasm" "build_$name" ;;
  esac
done
