#!/usr/bin/env bash
# Makes the .wasm files beside it.
set -euo pipefail
cd "$(dirname "$0")"
. ../../tools/guests/kit.sh
for name in p q c; do
  guest_c "$name.core.wasm" "$name.c"
  guest_component "$name.wasm" "$name.core.wasm" wit "$name-world"
done
