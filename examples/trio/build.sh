#!/usr/bin/env bash
# Makes the .wasm files beside it. The three differ in string encoding.
set -euo pipefail
cd "$(dirname "$0")"
. ../../tools/guests/kit.sh
guest_c leaf.core.wasm leaf.c
guest_component leaf.wasm leaf.core.wasm wit leaf-world
guest_c middle.core.wasm middle.c -DUTF16
guest_component middle.wasm middle.core.wasm wit middle-world utf16
guest_c runner.core.wasm runner.c
guest_component runner.wasm runner.core.wasm wit runner-world
