# Sourced by the examples' build.sh: tools that build guests, installed on first use in a private folder
# ($GUEST_KIT, by default in the user's cache). Needs bash, Go, gcc, python3 and a Debian-like apt.

export GUEST_KIT=${GUEST_KIT:-${XDG_CACHE_HOME:-$HOME/.cache}/rules_wasm_fuse/guests}
_guests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# _need FILE SCRIPT: runs the script unless the file that it creates exists. One script runs at a time: the commands of a pipe
# start together and may need the same tool, and all share the state of apt.
_need() (
  if [[ -e $GUEST_KIT/$1 ]]; then return; fi
  mkdir -p "$GUEST_KIT"
  exec 9>"$GUEST_KIT/lock"
  flock 9
  if [[ -e $GUEST_KIT/$1 ]]; then return; fi
  echo "fetching: ${2%.sh} into $GUEST_KIT" >&2
  "$_guests/$2" >&2 9>&-
)

wasm_tools() {
  _need prefix/wasm-tools/bin/wasm-tools get-wasm-tools.sh
  "$GUEST_KIT/prefix/wasm-tools/bin/wasm-tools" "$@"
}

# _clang runs clang 19 with its own libraries and linker.
_clang() {
  _need prefix/clang/root/usr/bin/clang-19 get-clang.sh
  local root=$GUEST_KIT/prefix/clang/root libs
  libs=$(echo "$root"/usr/lib/*-linux-gnu | tr ' ' ':'):$root/usr/lib/llvm-19/lib
  LD_LIBRARY_PATH=$libs PATH=$root/usr/bin:$PATH "$root/usr/bin/clang-19" "$@"
}

# guest_c OUT SOURCE [FLAG]...: builds a freestanding C guest as a core module.
guest_c() {
  local out=$1 source=$2
  shift 2
  guest_debug_c "$out" "$source" -Oz -Wl,--strip-all "$@"
}

# guest_debug_c OUT SOURCE [FLAG]...: the same with names, and with debug information if a flag asks for it. That has no paths
# of this machine: the source is in /debug.
guest_debug_c() {
  local out=$1 source=$2
  shift 2
  _clang --target=wasm32-unknown-unknown -nostdlib -ffreestanding -fno-builtin -Wall -Werror -Wno-unused-function \
    -ffile-prefix-map="$PWD"=/debug -ffile-prefix-map="$_guests"=/guests -ffile-prefix-map="$GUEST_KIT"=/kit \
    -I"$_guests" -Wl,--no-entry -Wl,--export-memory -Wl,-z,stack-size=16384 "$@" "$source" -o "$out"
  chmod -x "$out"
}

# guest_wasi_c OUT SOURCE [FLAG]...: builds a C guest with wasi-libc (WASI 0.2) as a core module with an embedded world.
guest_wasi_c() {
  local out=$1 source=$2 root=$GUEST_KIT/prefix/clang/root
  shift 2
  _clang --target=wasm32-wasip2 --sysroot="$root/usr" -Os -nodefaultlibs -fuse-ld="$root/usr/bin/wasm-ld-19" "$@" "$source" \
    -L"$root/usr/lib/wasm32-wasip2" -lc "$root/usr/lib/llvm-19/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a" \
    -Wl,--strip-all -o "$out"
}

# guest_component OUT CORE WIT WORLD [ENCODING]: makes a component from a core module.
guest_component() {
  wasm_tools component embed --encoding "${5:-utf8}" --world "$4" "$3" "$2" | wasm_tools component new - -o "$1"
  wasm_tools validate "$1"
}

# guest_async_component OUT CORE WIT-FILE WORLD [ENCODING]: makes a component with asynchronous functions from a core module.
guest_async_component() {
  (cd "$_guests/../.." && go build -o "$GUEST_KIT/bin/componentize" ./tools/componentize)
  "$GUEST_KIT/bin/componentize" -core "$2" -wit "$(basename "$3")=$3" -world "$4" -encoding "${5:-utf8}" -o "$1"
}

# guest_bindings OUT PACKAGE WIT WORLD: generates Go bindings of a world.
guest_bindings() {
  _need prefix/clang/root/usr/bin/clang-19 get-clang.sh
  _need prefix/wasm-tools/bin/wasm-tools get-wasm-tools.sh
  _need bin/wit-bindgen-go get-tinygo.sh
  rm -rf "$1"
  "$GUEST_KIT/bin/wit-bindgen-go" generate --world "$4" --out "$1" --package-root "$2" "$3" >/dev/null
}

# guest_wasi_wit OUT: writes WIT text whose world "root" imports all of WASI 0.2, from wasi-libc's objects.
guest_wasi_wit() {
  local dir
  dir=$(mktemp -d)
  echo 'int main(void) { return 0; }' >"$dir/main.c"
  guest_wasi_c "$dir/main.wasm" "$dir/main.c"
  wasm_tools component wit "$dir/main.wasm" | sed '/^  export wasi:cli\/run/d' >"$1"
  rm -r "$dir"
}

# guest_wasi_component OUT CORE WIT WORLD: makes a component from a core module that imports WASI 0.2 besides its world.
guest_wasi_component() {
  local wasi
  wasi=$(mktemp --suffix=.wit)
  guest_wasi_wit "$wasi"
  wasm_tools component embed --world root "$wasi" "$2" | wasm_tools component embed --world "$4" "$3" - | wasm_tools component new - -o "$1"
  rm "$wasi"
  wasm_tools validate "$1"
}

# guest_rust_wasi OUT CRATE: builds a Rust program or library that uses WASI 0.2 as a component. Needs cargo.
guest_rust_wasi() {
  _need prefix/rust/bin/rustc get-rust.sh
  local rust=$GUEST_KIT/prefix/rust/bin target
  target=$(mktemp -d)
  (cd "$2" && PATH=$rust:$PATH RUSTC=$rust/rustc CARGO_TARGET_WASM32_WASIP2_LINKER=$rust/wasm-ld \
    CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS="-C linker-flavor=wasm-ld --remap-path-prefix=$PWD=. --remap-path-prefix=$HOME=~" \
    cargo build -q --release --locked --target wasm32-wasip2 --target-dir "$target")
  wasm_tools component new "$target"/wasm32-wasip2/release/*.wasm -o "$1"
  rm -r "$target"
  wasm_tools validate "$1"
}

# guest_rust_program NAME: builds the program of the crate in the working directory for WASI preview1, as NAME.wasm.gz. Needs cargo.
guest_rust_program() {
  _need prefix/rust/bin/rustc get-rust.sh
  # One target folder for each place: flags name it, so another place would make cargo build everything again.
  local rust=$GUEST_KIT/prefix/rust/bin target
  target=$GUEST_KIT/$1-$(pwd | sha256sum | cut -c1-8)
  RUSTC=$rust/rustc CARGO_TARGET_WASM32_WASIP1_LINKER=$rust/wasm-ld CARGO_TARGET_DIR=$target \
    RUSTFLAGS="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src=crates --remap-path-prefix=$PWD=$1" \
    cargo build --quiet --release --locked --target wasm32-wasip1
  gzip -n -9 -c "$target/wasm32-wasip1/release/$1.wasm" >"$1.wasm.gz"
}

# guest_tinygo TARGET OUT PACKAGE [FLAG]...: builds a TinyGo guest as a core module; TARGET is nowasi or wasip2.
guest_tinygo() {
  local target=$1 out=$2 package=$3
  shift 3
  _need tinygo/tinygo.sh get-tinygo.sh
  "$GUEST_KIT/tinygo/tinygo.sh" build -target="$GUEST_KIT/tinygo/$target.json" -no-debug "$@" -o "$out" "$package"
}
