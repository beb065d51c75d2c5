# shellcheck shell=bash
# Sourced by scripts that build the guests here, after ../../lib.sh and ../engines.sh. Needs $work, a folder for temporary files.
languages=$root/e2e/engines/languages
# shellcheck source=tools/guests/kit.sh
source "$root/tools/guests/kit.sh"

# componentize_js OUT SOURCE WIT WORLD: makes a component of JavaScript.
componentize_js() {
  once_npm componentize-js "$root/rules/private/scripts"
  MODULES=$engines/componentize-js/node_modules node "$languages/js/build.mjs" "$@" >&2
}

# componentize_py OUT FOLDER MODULE WIT WORLD: makes a component of a Python module. It writes caches in the folder.
componentize_py() {
  once componentize-py "$(key "$root/rules/private/scripts/requirements.txt")" make_componentize_py
  PYTHONPATH=$engines/componentize-py python3 -c 'import componentize_py; componentize_py.script()' \
    -d "$4" -w "$5" componentize -p "$2" "$3" -o "$1" >&2
}
make_componentize_py() {
  python3 -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --target "$made" --requirement "$root/rules/private/scripts/requirements.txt"
}

# build_NAME OUT: makes the component.
build_driver() {
  guest_wasi_c "$work/driver.core.wasm" "$languages/driver.c"
  guest_component "$1" "$work/driver.core.wasm" "$languages/wit" driver
}
build_c() {
  guest_wasi_c "$work/c.core.wasm" "$languages/c.c" -mexec-model=reactor
  guest_component "$1" "$work/c.core.wasm" "$languages/wit" guests
}
build_rust() { guest_rust_wasi "$1" "$languages/rust"; }
build_go() {
  cp -R "$languages/go" "$work/go"
  (
    cd "$work/go"
    guest_bindings internal guest/internal "$languages/wit" guests
    guest_tinygo wasip2 go.core.wasm .
    guest_wasi_component "$1" go.core.wasm "$languages/wit" guests
  )
}
build_js() {
  componentize_js "$1" "$languages/js/guest.js" "$languages/wit" guests
}
build_python() {
  cp -R "$languages/python" "$work/python" # it writes caches there
  componentize_py "$1" "$work/python" app "$languages/wit" guests
}
