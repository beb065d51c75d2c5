#!/usr/bin/env bash
# Builds the guests of the benchmarks whose code is measured. Needs wasm-tools: WASM_TOOLS, or on the PATH.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
tools=${WASM_TOOLS:-wasm-tools}
for name in alone host inner outer; do
  world=$name
  if [[ $name == host ]]; then world=with-host; fi
  "$tools" component embed --world "$world" guest.wit "$name.wat" | "$tools" component new - -o "$name.wasm"
done
