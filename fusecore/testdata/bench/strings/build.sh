#!/usr/bin/env bash
# Builds the strings of the benchmarks. Needs wasm-tools: WASM_TOOLS, or on the PATH.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
"${WASM_TOOLS:-wasm-tools}" parse strings.wat -o strings.wasm
