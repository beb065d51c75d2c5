#!/usr/bin/env bash
# Builds cases/*.wasm from the texts beside them and writes down, in cases/SHA256SUMS, which texts they were built from.
# Needs wasm-tools: WASM_TOOLS, or on the PATH.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/cases"
rm -f ./*.wasm
for wat in *.wat; do
  "${WASM_TOOLS:-wasm-tools}" parse "$wat" -o "${wat%.wat}.wasm"
done
sha256sum -- *.wat *.wasm >SHA256SUMS
