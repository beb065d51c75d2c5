#!/usr/bin/env bash
# Builds *.wasm from the texts beside them, in cases, async and wac here and in the inputs of wasmfuse's messages, and from the WIT
# packages in worlds and wac, with the digests of texts and outputs in SHA256SUMS. Needs wasm-tools: WASM_TOOLS, or on the PATH. It
# does not read asynchronous types: texts with them (";;! async") are read by jco, which needs Node: JCO, see
# tools/guests/get-jco.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
tool=$(command -v "${WASM_TOOLS:-wasm-tools}") || { echo "build.sh: there is no wasm-tools" >&2; exit 1; }
# shellcheck source=../../tools/guests/kit.sh
source ../../tools/guests/kit.sh
jco=${JCO:-$GUEST_KIT/prefix/jco}
for folder in cases async wac ../../tools/wasmfuse/testdata/inputs; do
  (
    cd "$folder"
    rm -f ./*.wasm
    for wat in *.wat; do
      if grep -qx ';;! async' "$wat"; then
        node "$jco/node_modules/@bytecodealliance/jco/dist/jco.js" parse "$wat" -o "${wat%.wat}.wasm"
      else
        "$tool" parse "$wat" -o "${wat%.wat}.wasm"
      fi
    done
    [[ ! -d wit ]] || "$tool" component wit wit --wasm -o wit.wasm
    sha256sum -- *.wat *.wasm >SHA256SUMS
  )
done

# Each world of worlds/NAME.wit becomes a component, NAME.WORLD.wasm, whose exports trap.
cd worlds
rm -f ./*.wasm
for wit in *.wit; do
  sed -n 's/^world \([a-z0-9-]*\).*/\1/p' "$wit" | while read -r world; do
    "${WASM_TOOLS:-wasm-tools}" component embed --dummy --world "$world" "$wit" |
      "${WASM_TOOLS:-wasm-tools}" component new - -o "${wit%.wit}.$world.wasm"
  done
done
sha256sum -- *.wit *.wasm >SHA256SUMS
