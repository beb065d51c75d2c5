#!/usr/bin/env bash
# Installs rustc with the standard library for wasm32-wasip1 and wasm32-wasip2, and its linker from Debian sid, with the libc they were built
# for, as $GUEST_KIT/prefix/rust/bin/rustc and wasm-ld. Needs cargo besides.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
prefix=$GUEST_KIT/prefix/rust
"$here/get-debs.sh" "$prefix" rustc/sid libstd-rust-1.97/sid libstd-rust-dev/sid libstd-rust-dev-wasm32/sid libllvm22/sid \
  lld-22/sid liblld-22/sid libc6/sid libgcc-s1/sid libstdc++6/sid libzstd1/sid zlib1g/sid libffi8/sid libedit2/sid \
  libxml2-16/sid libz3-4/sid libtinfo6/sid libbsd0/sid libmd0/sid liblzma5/sid
loader=$(find "$prefix/root" -name 'ld-linux-*.so.*' -type f | head -n 1)
libs=$(dirname "$(find "$prefix/root" -name libc.so.6 | head -n 1)"):$prefix/root/usr/lib/llvm-22/lib
mkdir -p "$prefix/bin"
cat >"$prefix/bin/rustc" <<W
#!/bin/sh
exec "$loader" --library-path "$libs" "$prefix/root/usr/bin/rustc" --sysroot "$prefix/root/usr" "\$@"
W
cat >"$prefix/bin/wasm-ld" <<W
#!/bin/sh
exec "$loader" --library-path "$libs" --argv0 wasm-ld "$prefix/root/usr/lib/llvm-22/bin/lld" "\$@"
W
chmod +x "$prefix/bin/rustc" "$prefix/bin/wasm-ld"
"$prefix/bin/rustc" --version
