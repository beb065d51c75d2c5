#!/usr/bin/env bash
# Makes hello.wasm of hello.c, and calls.wasm of the program in calls (needs cargo).
set -euo pipefail
cd "$(dirname "$0")"
. ../../../tools/guests/kit.sh
core=$(mktemp --suffix=.wasm)
trap 'rm "$core"' EXIT
guest_c "$core" hello.c
guest_component hello.wasm "$core" hello.wit hello
guest_rust_wasi calls.wasm calls
