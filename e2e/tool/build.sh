#!/usr/bin/env bash
# Makes lookup.core.wasm. wasi-libc's objects carry the part of the world that it imports.
set -euo pipefail
cd "$(dirname "$0")"
. ../../tools/guests/kit.sh
guest_wasi_c lookup.core.wasm lookup.c -Wall -Werror
