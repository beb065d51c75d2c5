#!/usr/bin/env bash
# Makes encoder.wasm.gz beside it. Needs cargo; the compiler is fetched. The same compiler makes the same bytes.
set -euo pipefail
cd "$(dirname "$0")"
. ../../../tools/guests/kit.sh
_need prefix/rust/bin/rustc get-rust.sh
# One target folder for each place: flags name it, so another place would make cargo build everything again.
target=$GUEST_KIT/encoder-$(pwd | sha256sum | cut -c1-8)
export RUSTC=$GUEST_KIT/prefix/rust/bin/rustc CARGO_TARGET_WASM32_WASIP1_LINKER=$GUEST_KIT/prefix/rust/bin/wasm-ld
export RUSTFLAGS="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src=crates --remap-path-prefix=$PWD=encoder"
CARGO_TARGET_DIR=$target cargo build --quiet --release --locked --target wasm32-wasip1
gzip -n -9 -c "$target/wasm32-wasip1/release/encoder.wasm" >encoder.wasm.gz
