#!/bin/sh
# Builds the .wasm beside every .wat; needs wasm-tools in PATH or in $WASM_TOOLS.
set -eu
cd "$(dirname "$0")"
for wat in valid/*.wat invalid/*.wat; do
  "${WASM_TOOLS:-wasm-tools}" parse "$wat" -o "${wat%.wat}.wasm" || echo "failed: $wat" >&2
done
