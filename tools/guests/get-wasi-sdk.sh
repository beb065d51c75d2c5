#!/usr/bin/env bash
# Makes a folder as wasi-sdk has it, $GUEST_KIT/prefix/wasi-sdk, of the clang and wasi-libc of get-clang.sh:
#
#   WASI_SDK_PATH=$GUEST_KIT/prefix/wasi-sdk tools/bazel build //examples/...
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/guests/kit.sh
source "$here/kit.sh"
_need prefix/clang/root/usr/bin/clang-19 get-clang.sh
root=$GUEST_KIT/prefix/clang/root sdk=$GUEST_KIT/prefix/wasi-sdk
libs=$(echo "$root"/usr/lib/*-linux-gnu | tr ' ' ':'):$root/usr/lib/llvm-19/lib
mkdir -p "$sdk/bin" "$sdk/share"
ln -sfn "$root/usr" "$sdk/share/wasi-sysroot"
# program NAME IN-LLVM
program() {
  printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s "$@"\n' "$libs" "$root/usr/lib/llvm-19/bin/$2" >"$sdk/bin/$1"
  chmod +x "$sdk/bin/$1"
}
program clang clang
program clang++ clang++
program wasm-ld wasm-ld
program llvm-ar llvm-ar
program llvm-nm llvm-nm
program llvm-strip llvm-strip
"$sdk/bin/clang" --print-targets | grep wasm32
