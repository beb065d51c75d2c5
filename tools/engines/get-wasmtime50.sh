#!/usr/bin/env bash
# Downloads the C library of wasmtime 50.0.1, from the official wheel, to $ENGINES/wasmtime-50.0.1/wasmtime/lib, unless it
# is already there. Needs python3 with pip, on Linux.
set -euo pipefail
version=50.0.1
digests=(
  cc14c3a17654e0394e0225b11813532ef0cd7bd1e222a0c5494cdedaabeddac4 # x86-64
)
folder=${ENGINES:?where to put it: see tools/engines/with50}/wasmtime-$version
if [[ -e $folder/wasmtime/lib/_libwasmtime.so ]]; then
  exit
fi
mkdir -p "$ENGINES"
temp=$(mktemp -d "$ENGINES/.wasmtime-XXXXXX")
trap 'rm -rf "$temp"' EXIT
printf 'wasmtime==%s' "$version" >"$temp/requirements"
printf ' --hash=sha256:%s' "${digests[@]}" >>"$temp/requirements"
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
  --dest "$temp" --requirement "$temp/requirements"
python3 -m zipfile -e "$temp"/wasmtime-*.whl "$temp/unpacked"
libs=("$temp/unpacked/wasmtime"/*/_libwasmtime.so)
if [[ ${#libs[@]} -ne 1 || ! -f ${libs[0]} ]]; then
  echo "the wheel of wasmtime $version has no Linux library" >&2
  exit 1
fi
ln -s "$(basename "$(dirname "${libs[0]}")")" "$temp/unpacked/wasmtime/lib"
# If two run at once, the first wins: renaming onto a folder with files fails.
mv -T "$temp/unpacked" "$folder" 2>/dev/null || [[ -e $folder/wasmtime/lib/_libwasmtime.so ]]
