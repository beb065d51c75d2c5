#!/usr/bin/env bash
# Builds the call matrix of the benchmarks: core modules in text, with calls.wit, made components with the shims of
# wit-component. Needs wasm-tools: WASM_TOOLS, or on the PATH. Shims that call through references need version 1.262 or
# later; caller-return-call-ref.wasm stays as it is where wasm-tools is older.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
tools=${WASM_TOOLS:-wasm-tools}
embedded=$(mktemp)
trap 'rm -f "$embedded"' EXIT
for name in caller callee; do
  "$tools" component embed --world "$name" calls.wit "$name.wat" -o "$embedded"
  "$tools" component new "$embedded" -o "$name.wasm"
  if [ "$name" = caller ] && "$tools" component new --help | grep -q -e --return-call-ref; then
    "$tools" component new --return-call-ref "$embedded" -o caller-return-call-ref.wasm
  fi
done
