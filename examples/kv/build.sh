#!/usr/bin/env bash
# Makes the .wasm files beside it: core modules and components of both sides, in C with UTF-8 and UTF-16, and in TinyGo.
set -euo pipefail
cd "$(dirname "$0")"
. ../../tools/guests/kit.sh
for side in provider consumer; do
  guest_c "$side-utf8.core.wasm" "$side.c"
  guest_c "$side-utf16.core.wasm" "$side.c" -DUTF16
  for encoding in utf8 utf16; do
    guest_component "$side-$encoding.wasm" "$side-$encoding.core.wasm" wit "$side" "$encoding"
  done
done
cd go
for side in provider consumer; do
  guest_bindings "internal/$side" "kv/internal/$side" ../wit "$side"
  guest_tinygo nowasi "../$side-go.core.wasm" "./$side"
  guest_component "../$side-go.wasm" "../$side-go.core.wasm" ../wit "$side"
done
