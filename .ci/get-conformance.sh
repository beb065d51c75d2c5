#!/usr/bin/env bash
# Makes the component model's reference tests into data, which TestConformance plays from the folder WASMFUSE_CONFORMANCE:
#
#   .ci/get-conformance.sh FOLDER
#
# The tests are those of one commit of the repository WebAssembly/component-model, fetched by git, or taken from the clone that
# COMPONENT_MODEL names. Needs cargo besides.
set -euo pipefail
commit=6d281648bd89caf885a7adcc412962dbd2425ab7
mkdir -p "$1"
out=$(cd -- "$1" && pwd)
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
cache=${WASMFUSE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rules_wasm_fuse}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
clone=${COMPONENT_MODEL:-}
if [[ -z $clone ]]; then
  clone=$scratch/clone
  git init --quiet "$clone"
  git -C "$clone" fetch --quiet --depth 1 https://github.com/WebAssembly/component-model.git "$commit"
fi
git -C "$clone" archive "$commit" test | tar -x -C "$scratch"
cargo run --quiet --locked --release --manifest-path "$here/conformance/Cargo.toml" --target-dir "$cache/conformance-target" -- "$scratch/test" "$out"
