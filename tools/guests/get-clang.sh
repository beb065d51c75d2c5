#!/usr/bin/env bash
# Installs clang and lld 19, with the wasm32 compiler runtime, libc++, wasi-libc and the LLVM headers that TinyGo is built with, in
# $GUEST_KIT/prefix/clang/root.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$here/get-debs.sh" "$GUEST_KIT/prefix/clang" clang-19/bookworm lld-19/bookworm libllvm19/bookworm libclang-cpp19/bookworm \
  libclang-common-19-dev/bookworm llvm-19-linker-tools/bookworm libclang1-19/bookworm libclang-rt-19-dev-wasm32/bookworm \
  llvm-19/bookworm llvm-19-dev/bookworm libclang-19-dev/bookworm \
  libc++-19-dev-wasm32/bookworm libc++abi-19-dev-wasm32/bookworm wasi-libc/trixie-backports
