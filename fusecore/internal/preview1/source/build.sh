#!/usr/bin/env bash
# Makes ../preview1.wasm of the sources here. The WIT packages of WASI come from a crate (needs cargo).
set -euo pipefail
cd "$(dirname "$0")"
. ../../../../tools/guests/kit.sh
pages=64 # of memory; see preview1.h
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/crate/src" "$work/wit/deps"
touch "$work/crate/src/lib.rs"
printf '%s\n' '[package]' 'name = "wit"' 'version = "0.0.0"' 'edition = "2021"' '[dependencies]' 'wasip2 = "=1.0.4"' \
  >"$work/crate/Cargo.toml"
wit=$(cd "$work/crate" && cargo metadata -q --format-version 1 |
  python3 -c 'import json, sys; print(next(p["manifest_path"] for p in json.load(sys.stdin)["packages"] if p["name"] == "wasip2"))')
cp "${wit%/Cargo.toml}"/wit/deps/*.wit "$work/wit/deps/"
cp preview1.wit "$work/wit/"
(cd "$work/wit/deps" && cat cli.wit clocks.wit filesystem.wit io.wit random.wit sockets.wit | sha256sum) |
  grep -q '^a111ded58e4ef70a43759f3b2afd7ded8c303314b79cf7e4fe54734b60108cd5 ' || { echo "build.sh: the WIT packages are not those that the sources are for" >&2; exit 1; }

# The names of functions stay, for backtraces.
_clang --target=wasm32-unknown-unknown -Oz -nostdlib -ffreestanding -fno-builtin -Wall -Werror -DMEMORY_SIZE=$((pages * 65536)) \
  -ffunction-sections -fdata-sections memory.c cli.c io.c filesystem.c sockets.c -o "$work/implementation" -Wl,--no-entry -Wl,--export-memory \
  -Wl,--strip-debug -Wl,--gc-sections -Wl,--stack-first -Wl,-z,stack-size=8192 -Wl,--initial-memory=$((pages * 65536))
wasm_tools component embed --all-features --world implementation "$work/wit" "$work/implementation" | wasm_tools component new - -o ../preview1.wasm
wasm_tools validate ../preview1.wasm
if wasm_tools print "$work/implementation" | grep -qE "[(]elem|call_indirect"; then
  echo "build.sh: functions in a table are never removed from outputs" >&2
  exit 1
fi
sha256sum ./*.c ./*.h ./*.wit ../preview1.wasm >SHA256SUMS
