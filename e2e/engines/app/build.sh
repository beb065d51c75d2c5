#!/usr/bin/env bash
# Makes the .wasm files beside it: the components of one WASI 0.2 application. app imports words, index and journal; index
# imports words; journal imports index.
set -euo pipefail
cd "$(dirname "$0")"
. ../../../tools/guests/kit.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
guest_c "$work/words.wasm" words.c -DUTF16
guest_component words.wasm "$work/words.wasm" wit words-world utf16
guest_c "$work/index.wasm" index.c
guest_component index.wasm "$work/index.wasm" wit index-world
guest_wasi_c "$work/journal.wasm" journal.c -mexec-model=reactor
guest_component journal.wasm "$work/journal.wasm" wit journal-world
guest_wasi_c "$work/app.wasm" app.c
guest_component app.wasm "$work/app.wasm" wit app-world
