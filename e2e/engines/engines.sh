# shellcheck shell=bash
# Sourced by the scripts here, after ../lib.sh: engines, installed on first use in $engines. A function with an engine's name
# runs a preview1 module in it, as `NAME MODULE FOLDER [ARG...]`: FOLDER is /data to the module, standard input and TITLE
# in the environment are passed on, and the status is the module's exit status.

engines=${ENGINES:-$cache/engines}
runners=$root/e2e/engines/runners
mkdir -p "$engines"

# once FOLDER KEY COMMAND...: unless $engines/FOLDER was made for the same key, makes it with a command that fills $made.
once() {
  local folder=$engines/$1 key=$2
  shift 2
  if [[ $(cat "$folder/.key" 2>/dev/null) == "$key" ]]; then return; fi
  local made
  made=$(mktemp -d "$folder.making.XXXXXX")
  made=$made "$@" >&2 || fail "could not install ${folder##*/}"
  printf '%s' "$key" >"$made/.key"
  rm -rf "$folder"
  mv -T "$made" "$folder"
}

# key FILE...: a digest of files.
key() { cat "$@" | sha256sum | cut -c 1-32; }

# --- npm: Node 24, and the WASI of the page ------------------------------------------------------------------------

# once_npm NAME FOLDER: installs what the lock file in a folder says as $engines/NAME/node_modules.
once_npm() { once "$1" "$(key "$2/package-lock.json")" make_npm "$2"; }
make_npm() {
  cp "$1"/package{,-lock}.json "$made/"
  npm ci --prefix "$made" --no-audit --no-fund --ignore-scripts
}
npm_packages() {
  once_npm npm "$runners/node"
  echo "$engines/npm/node_modules"
}

node20_version() { npm_version node20; }
# With V8's fast calls of native functions, some modules that grow their memory crash Node 20 in its garbage collector.
node20() { "$(npm_packages)/node20/bin/node" --no-turbo-fast-api-calls --no-warnings "$runners/node/run.mjs" "$@"; }
node24_version() { npm_version node24; }
node24() { "$(npm_packages)/node24/bin/node" --no-warnings "$runners/node/run.mjs" "$@"; }
npm_version() { sed -nE "s/.*\"$1\": \".*@(.*)\".*/\\1/p" "$runners/node/package.json"; }

# --- Chromium, of Debian 12 ----------------------------------------------------------------------------------------

# It starts itself for its processes, so it runs with the machine's libc, which must not be older than its own.
make_chromium() {
  "$e2e/servers/debian.sh" "$made/debian" bookworm chromium-headless-shell fonts-dejavu-core -- usr/lib/chromium/chromium-headless-shell
  local tree=$made/debian/root libs=()
  mapfile -t libs < <(find "$tree/lib" -name 'ld-linux-*' -o -regex '.*/lib\(c\|m\|dl\|rt\|pthread\|resolv\|mvec\|nss_.*\|anl\|util\)\.so\.[0-9]+')
  rm "${libs[@]}"
  mkdir "$made/bin"
  cat >"$made/bin/chromium" <<'S'
#!/bin/sh
here=$(cd "$(dirname "$0")/.." && pwd)
root=$here/debian/root
libs=$(echo "$root"/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH="$libs:$(echo "$root"/lib/*-linux-gnu):$libs/pulseaudio" FONTCONFIG_FILE="$here/fonts.conf" XDG_CACHE_HOME="$here/cache"
exec "$root/usr/lib/chromium/chromium-headless-shell" "$@"
S
  chmod +x "$made/bin/chromium"
  cat >"$made/fonts.conf" <<'S'
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">debian/root/usr/share/fonts</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>
S
}
chromium_program() {
  once chromium bookworm make_chromium
  echo "$engines/chromium/bin/chromium"
}
chromium_version() { "$(chromium_program)" --version | grep -oE '[0-9.]{5,}' | head -n 1; }
chromium() {
  "$(npm_packages)/node24/bin/node" "$runners/chromium/run.mjs" "$(chromium_program)" \
    "$(npm_packages)/@bjorn3/browser_wasi_shim/dist" "$@"
}

# --- WasmEdge, of Debian 13 ----------------------------------------------------------------------------------------

make_wasmedge() { "$e2e/servers/debian.sh" "$made/debian" trixie wasmedge -- usr/bin/wasmedge; }
wasmedge_program() {
  once wasmedge trixie make_wasmedge
  echo "$engines/wasmedge/debian/bin/wasmedge"
}
wasmedge_version() { "$(wasmedge_program)" --version | sed -nE 's/^wasmedge version //p'; }
wasmedge() {
  local module=$1 folder=$2
  shift 2
  "$(wasmedge_program)" --enable-multi-memory --dir "/data:$folder" ${TITLE:+--env "TITLE=$TITLE"} "$module" "$@"
}

# --- Chicory, on the machine's Java (17 or later), by Maven --------------------------------------------------------

make_chicory() {
  cp "$runners/chicory/pom.xml" "$made/"
  (cd "$made" && mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory=jars &&
    cd jars && sha256sum --quiet --strict -c "$runners/chicory/jars.sha256")
}
chicory_version() { sed -nE '/<artifactId>wasi</ { n; s|.*<version>(.*)</version>|\1|p }' "$runners/chicory/pom.xml"; }
chicory() {
  once chicory "$(key "$runners"/chicory/{pom.xml,jars.sha256})" make_chicory
  java -cp "$engines/chicory/jars/*" "$runners/chicory/Run.java" "$@"
}

# --- wasmi, by the machine's cargo ---------------------------------------------------------------------------------

make_wasmi() {
  CARGO_TARGET_DIR=$made/target cargo build --quiet --release --locked --manifest-path "$runners/wasmi/Cargo.toml"
  cp "$made/target/release/wasmi-run" "$made/"
  rm -rf "$made/target"
}
wasmi_version() { sed -nE 's/^wasmi = .*"=([0-9.]+)".*/\1/p' "$runners/wasmi/Cargo.toml"; }
wasmi() {
  once wasmi "$(key "$runners"/wasmi/{Cargo.toml,Cargo.lock,src/main.rs})" make_wasmi
  "$engines/wasmi/wasmi-run" "$@"
}

# --- wazero, in wasmfuse itself ------------------------------------------------------------------------------------

wazero_version() { (cd "$root" && go list -m -f '{{.Version}}' github.com/tetratelabs/wazero | sed 's/^v//'); }
wazero() {
  local module=$1 folder=$2
  shift 2
  "$wasmfuse" run --dir "$folder::/data" ${TITLE:+--env "TITLE=$TITLE"} "$module" -- "$@"
}

# --- wasmtime ------------------------------------------------------------------------------------------------------

# wasmtime_cli FILE FOLDER [ARG...]: runs a module or a component in the command line of wasmtime 49.
wasmtime_cli() {
  local file=$1 folder=$2
  shift 2
  ENGINES=$engines "$root/tools/engines/get-wasmtime-cli.sh" >&2
  "$engines/wasmtime-cli-$(wasmtime_version)/wasmtime" run -C cache=y --dir "$folder::/data" ${TITLE:+--env "TITLE=$TITLE"} "$file" "$@"
}
wasmtime_version() { echo 49.0.4; }
wasmtime() { wasmtime_cli "$@"; }

# --- comparisons and tables ----------------------------------------------------------------------------------------

# observe OUT ENGINE MODULE INPUT [STDIN]: runs a module with each of $cases, arguments by name, with the title in $titles
# for that name or without any environment, and with a folder that contains INPUT as "input". OUT has all that can be
# observed.
observe() {
  local out=$1 engine=$2 module=$3 input=$4 stdin=${5:-/dev/null} name status
  for name in "${!cases[@]}"; do
    mkdir -p "$out/$name/data"
    cp "$input" "$out/$name/data/input"
    status=0
    export TITLE=${titles[$name]:-}
    if [[ -z $TITLE ]]; then unset TITLE; fi
    # shellcheck disable=SC2086 # several arguments
    "$engine" "$module" "$out/$name/data" ${cases[$name]} <"$stdin" >"$out/$name/stdout" 2>"$out/$name/stderr" || status=$?
    echo "$status" >"$out/$name/status"
  done
}

# write_table FILE HEAD ROW...: replaces the rows of a Markdown table, which is the one with that head; a row replaces the
# one with the same first cell, if there is one. Prints the outcome.
write_table() {
  local file=$1 head=$2
  shift 2
  awk -v head="$head" -v rows="$(printf '%s\n' "$@")" '
    BEGIN { n = split(rows, row, "\n"); for (i = 1; i <= n; i++) { split(row[i], cell, "|"); want[cell[2]] = row[i] } }
    function rest() { for (i = 1; i <= n; i++) { split(row[i], cell, "|"); if (cell[2] in want) { print row[i]; delete want[cell[2]] } } }
    $0 == head { inside = 1 }
    inside && !/^\|/ { rest(); inside = 0 }
    { split($0, cell, "|"); if (inside && cell[2] in want) { print want[cell[2]]; delete want[cell[2]] } else print }
    END { if (inside) rest() }
  ' "$file"
}
