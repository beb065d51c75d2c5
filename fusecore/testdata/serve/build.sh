#!/usr/bin/env bash
# Builds *.wasm, components of the worlds in proxy.wit around the modules in *.wat, with the digests of texts and outputs in
# SHA256SUMS. Needs wasm-tools: WASM_TOOLS, or on the PATH; and WASI 0.2.0: WASI_WIT, a folder of its packages.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
tool=${WASM_TOOLS:-wasm-tools}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/wit"
cp proxy.wit "$work/wit"
cp -r "$WASI_WIT" "$work/wit/deps"
for wat in *.wat; do
  name=${wat%.wat}
  "$tool" component embed --world "$name" "$work/wit" "$wat" -o "$work/$name.wasm"
  "$tool" component new "$work/$name.wasm" -o "$name.wasm"
done
sha256sum -- *.wat *.wasm *.wit >SHA256SUMS
