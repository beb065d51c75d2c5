#!/usr/bin/env bash
# Makes the .wasm files beside it: both sides of the C pair's world in TinyGo, without WASI and with WASI 0.2.
set -euo pipefail
cd "$(dirname "$0")"
. ../../tools/guests/kit.sh
wit=../c-pair/wit
for side in provider consumer; do
  guest_bindings "internal/$side" "pair/internal/$side" "$wit" "$side"
  guest_tinygo nowasi "$side.core.wasm" "./$side"
  guest_component "$side.wasm" "$side.core.wasm" "$wit" "$side"
  guest_tinygo wasip2 "$side-wasi.core.wasm" "./$side" -opt=z -panic=trap -gc=leaking -scheduler=none
  guest_wasi_component "$side-wasi.wasm" "$side-wasi.core.wasm" "$wit" "$side"
  rm "$side-wasi.core.wasm"
done
