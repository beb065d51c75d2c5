#!/usr/bin/env bash
# Makes calls.wasm of the program in calls. Needs cargo.
set -euo pipefail
cd "$(dirname "$0")"
. ../../../tools/guests/kit.sh
guest_rust_wasi calls.wasm calls
