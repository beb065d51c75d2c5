#!/usr/bin/env bash
# Installs wasm-tools from Debian backports, with the libc it was built for, as
# $GUEST_KIT/prefix/wasm-tools/bin/wasm-tools.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
prefix=$GUEST_KIT/prefix/wasm-tools
"$here/get-debs.sh" "$prefix" wasm-tools/trixie-backports libc6/trixie libgcc-s1/trixie
loader=$(find "$prefix/root" -name 'ld-linux-*.so.*' -type f | head -n 1)
lib=$(dirname "$(find "$prefix/root" -name libc.so.6 | head -n 1)")
gcc=$(dirname "$(find "$prefix/root" -name libgcc_s.so.1 | head -n 1)")
mkdir -p "$prefix/bin"
cat >"$prefix/bin/wasm-tools" <<W
#!/bin/sh
exec "$loader" --library-path "$lib:$gcc" --argv0 wasm-tools "$prefix/root/usr/bin/wasm-tools" "\$@"
W
chmod +x "$prefix/bin/wasm-tools"
"$prefix/bin/wasm-tools" --version
