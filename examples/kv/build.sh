#!/usr/bin/env bash
# Makes the .wasm files beside it: core modules and components of both sides, in UTF-8 and UTF-16.
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
