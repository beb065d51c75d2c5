#!/usr/bin/env bash
# Makes kernels.wasm from kernels.c.
set -euo pipefail
cd "$(dirname "$0")"
. ../../../../tools/guests/kit.sh
guest_c kernels.wasm kernels.c -O2 -mbulk-memory
