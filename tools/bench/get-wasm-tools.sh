#!/usr/bin/env bash
# Builds the newest release of wasm-tools, with its validator only, by the machine's cargo, as $BENCH/wasm-tools/bin/wasm-tools. The one that
# tools/guests installs is Debian's.
set -euo pipefail
cargo install --quiet --locked --root "${BENCH:?where to put it}/wasm-tools" --no-default-features --features validate wasm-tools@1.263.0
"$BENCH/wasm-tools/bin/wasm-tools" --version
