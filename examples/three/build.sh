#!/usr/bin/env bash
# Makes the .wasm files beside it: root imports words and stats, stats imports words.
set -euo pipefail
cd "$(dirname "$0")"
. ../../tools/guests/kit.sh
guest_c words.core.wasm words.c
guest_component words.wasm words.core.wasm wit words-world
guest_c stats.core.wasm stats.c -DUTF16
guest_component stats.wasm stats.core.wasm wit stats-world utf16
guest_c root.core.wasm root.c
guest_component root.wasm root.core.wasm wit root-world
