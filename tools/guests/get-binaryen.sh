#!/usr/bin/env bash
# Installs binaryen's wasm-opt from Debian sid, with the libraries it was built for, as
# $GUEST_KIT/prefix/binaryen/bin/wasm-opt.
set -euo pipefail
export GUEST_KIT=${GUEST_KIT:-${XDG_CACHE_HOME:-$HOME/.cache}/rules_wasm_fuse/guests}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
prefix=$GUEST_KIT/prefix/binaryen
"$here/get-debs.sh" "$prefix" binaryen/sid libc6/sid libgcc-s1/sid libstdc++6/sid
loader=$(find "$prefix/root" -name 'ld-linux-*.so.*' -type f | head -n 1)
libs=$(find "$prefix/root" \( -name libc.so.6 -o -name libgcc_s.so.1 -o -name libstdc++.so.6 \) -printf '%h\n' | sort -u | paste -sd:)
mkdir -p "$prefix/bin"
cat >"$prefix/bin/wasm-opt" <<W
#!/bin/sh
exec "$loader" --library-path "$libs" --argv0 wasm-opt "$prefix/root/usr/bin/wasm-opt" "\$@"
W
chmod +x "$prefix/bin/wasm-opt"
"$prefix/bin/wasm-opt" --version
