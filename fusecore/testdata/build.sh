#!/usr/bin/env bash
# Builds *.wasm from the texts beside them, in the cases here and in the inputs of wasmfuse's messages, and writes down
# in SHA256SUMS which texts they were built from. Needs wasm-tools: WASM_TOOLS, or on the PATH.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
tool=$(command -v "${WASM_TOOLS:-wasm-tools}") || { echo "build.sh: there is no wasm-tools" >&2; exit 1; }
for folder in cases ../../tools/wasmfuse/testdata/inputs; do
  (
    cd "$folder"
    rm -f ./*.wasm
    for wat in *.wat; do
      "$tool" parse "$wat" -o "${wat%.wat}.wasm"
    done
    sha256sum -- *.wat *.wasm >SHA256SUMS
  )
done
