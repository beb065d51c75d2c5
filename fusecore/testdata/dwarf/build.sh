#!/usr/bin/env bash
# Makes the components beside it, with debug information: lib in DWARF 5 and optimised, app in DWARF 4 and as it is written, and
# lib-rust, which is lib in Rust.
set -euo pipefail
cd "$(dirname "$0")"
. ../../../tools/guests/kit.sh
guest_debug_c lib.core.wasm lib.c -O1 -gdwarf-5
guest_debug_c app.core.wasm app.c -O0 -gdwarf-4
_need prefix/rust/bin/rustc get-rust.sh
rust=$GUEST_KIT/prefix/rust/bin
"$rust/rustc" --edition 2024 --target wasm32-wasip1 --crate-type cdylib -C panic=abort -C opt-level=s -C lto=fat -C codegen-units=1 \
  -C debuginfo=2 -C "linker=$rust/wasm-ld" -C linker-flavor=wasm-ld --remap-path-prefix "$PWD=/debug" -o lib-rust.core.wasm lib.rs
chmod -x lib-rust.core.wasm
for component in lib lib-rust app; do
  guest_component "$component.wasm" "$component.core.wasm" wit "${component%-rust}"
  rm "$component.core.wasm"
done
