#!/usr/bin/env bash
# Builds TinyGo from its Go module with the LLVM of get-clang.sh, and wit-bindgen-go.
# Creates $GUEST_KIT/tinygo/{tinygo.sh,nowasi.json,wasip2.json} and $GUEST_KIT/bin/wit-bindgen-go.
#
# The module's archive lacks TinyGo's git submodules: three C functions and Debian's archive of compiler builtins replace
# wasi-libc and compiler-rt.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tinygo=$GUEST_KIT/tinygo clang=$GUEST_KIT/prefix/clang/root
triple=$(dpkg-architecture -q DEB_HOST_MULTIARCH 2>/dev/null || gcc -dumpmachine)

mkdir -p "$tinygo/dl" "$GUEST_KIT/bin"
cd "$tinygo"
[[ -e dl/go.mod ]] || (cd dl && go mod init dl 2>/dev/null)
module=$(cd dl && go mod download -json github.com/tinygo-org/tinygo@v0.41.1 | sed -n 's/.*"Dir": "\(.*\)",*/\1/p')
rm -rf src
cp -r "$module" src
chmod -R u+w src
mkdir -p src/src/net
cat >src/lib/wasm_mem.c <<'W'
// The empty assembly keeps the compiler from turning a loop into a call of the function it is in.
typedef __SIZE_TYPE__ size_t;
__attribute__((weak)) void *memcpy(void *d, const void *s, size_t n) {
  unsigned char *a = d; const unsigned char *b = s;
  while (n--) { *a++ = *b++; __asm__ volatile(""); }
  return d;
}
__attribute__((weak)) void *memmove(void *d, const void *s, size_t n) {
  unsigned char *a = d; const unsigned char *b = s;
  if (a < b) while (n--) { *a++ = *b++; __asm__ volatile(""); }
  else while (n--) { a[n] = b[n]; __asm__ volatile(""); }
  return d;
}
__attribute__((weak)) void *memset(void *d, int c, size_t n) {
  unsigned char *a = d;
  while (n--) { *a++ = c; __asm__ volatile(""); }
  return d;
}
W
builtins=$clang/usr/lib/llvm-19/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a
python3 - "$builtins" <<'P'
import json, sys
for source, out in (("wasm-unknown", "nowasi"), ("wasip2", "wasip2")):
    target = json.load(open(f"src/targets/{source}.json"))
    for key in ("libc", "rtlib", "wit-package", "wit-world", "emulator"):
        target.pop(key, None)
    target["ldflags"].append(sys.argv[1])
    target["extra-files"].append("lib/wasm_mem.c")
    target["default-stack-size"] = 65536
    if source == "wasip2":  # features that LLVM 19 does not know yet
        target["features"] = target["features"].replace("+bulk-memory-opt,+call-indirect-overlong,", "")
    for file in f"{out}.json", f"src/targets/{source}.json":
        json.dump(target, open(file, "w"), indent=1)
P
export CGO_CPPFLAGS="-I$clang/usr/lib/llvm-19/include -I$clang/usr/include/llvm-19 -I$clang/usr/include/llvm-c-19"
libs="$clang/usr/lib/llvm-19/lib $clang/usr/lib/$triple"
CGO_LDFLAGS=
for lib in $libs; do CGO_LDFLAGS+=" -L$lib -Wl,-rpath,$lib"; done
export CGO_LDFLAGS
(cd src && LD_LIBRARY_PATH=${libs// /:} go build -tags "llvm19 osusergo" -o "$tinygo/bin/tinygo" .)
"$here/get-debs.sh" "$tinygo/binaryen" binaryen/bookworm
cat >tinygo.sh <<W
#!/bin/bash
export TINYGOROOT=$tinygo/src LD_LIBRARY_PATH=${libs// /:}:$tinygo/binaryen/root/usr/lib/$triple
export PATH=$clang/usr/bin:$GUEST_KIT/prefix/wasm-tools/bin:\$PATH WASMOPT=\${WASMOPT:-$tinygo/binaryen/root/usr/bin/wasm-opt}
exec $tinygo/bin/tinygo "\$@"
W
chmod +x tinygo.sh
./tinygo.sh version

mkdir -p bindgen
cd bindgen
[[ -e go.mod ]] || go mod init bindgen 2>/dev/null
go get go.bytecodealliance.org/cmd/wit-bindgen-go@v0.7.0
go build -o "$GUEST_KIT/bin/wit-bindgen-go" go.bytecodealliance.org/cmd/wit-bindgen-go
