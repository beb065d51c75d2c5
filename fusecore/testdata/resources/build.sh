#!/usr/bin/env bash
# Builds the .wasm files from the texts beside them, with the digests of texts and outputs in SHA256SUMS.
# Needs wasm-tools: WASM_TOOLS, or on the PATH.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
rm -f ./*.wasm refused/*.wasm
# The players of tables.wat with the host in place of their definer.
sed -e '1,3c ;; Made by build.sh: the players of tables.wat, with the host as definer of the types.' -e '/^  (component $C/,/^$/d' \
  -e '/(instance $c (instantiate/d' -e '/(export "c"/d' -e '/^  (import "log"/r tables-host.import' tables.wat >tables-host.wat
# The parent's type with a destructor, and the parent without drops of the child's types.
sed -e '1,2c ;; Made by build.sh: ancestors.wat, where the type of the parent has a destructor and the parent drops nothing.' \
  -e "s/(type \$p' (resource (rep i32)))/(type \$p' (resource (rep i32) (dtor (func \$d \"dtor\"))))/" -e '/;; without destructor/d' -e '/drop-[cd]/d' -e '/[cd].drop/d' \
  ancestors.wat >ancestors-dtor.wat
for wat in *.wat refused/*.wat; do
  "${WASM_TOOLS:-wasm-tools}" parse "$wat" -o "${wat%.wat}.wasm"
done
sha256sum -- *.wat *.wasm refused/*.wat refused/*.wasm >SHA256SUMS
