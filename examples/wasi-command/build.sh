#!/usr/bin/env bash
# Makes the .wasm files beside it. wasi-libc's objects carry the part of the world that they import.
set -euo pipefail
cd "$(dirname "$0")"
. ../../tools/guests/kit.sh
guest_c formatter.core.wasm formatter.c -DUTF16
guest_component formatter.wasm formatter.core.wasm wit formatter utf16
guest_wasi_c command.core.wasm command.c
guest_component command.wasm command.core.wasm wit command
