#!/usr/bin/env bash
# Downloads zig, a C compiler that brings the headers and libraries of every Linux, from its wheel to FOLDER, unless it is
# already there, and prints the program's path. Needs python3 with pip, on Linux on x86-64.
#
#   tools/release/get-zig.sh FOLDER
set -euo pipefail
version=0.13.0
digest=3ce0c9f16547e5d61b32e0d226926e9a2552ef4b91fccf7ab5ea1a623a77824b
mkdir -p "$1"
folder=$(cd -- "$1" && pwd)/zig-$version
if [[ ! -x $folder/ziglang/zig ]]; then
  temp=$(mktemp -d "$1/.zig-XXXXXX")
  trap 'rm -rf "$temp"' EXIT
  printf 'ziglang==%s --hash=sha256:%s' "$version" "$digest" >"$temp/requirements"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --dest "$temp" --requirement "$temp/requirements" >&2
  python3 -m zipfile -e "$temp"/ziglang-*.whl "$temp/unpacked"
  chmod +x "$temp/unpacked/ziglang/zig"
  # If two run at once, the first wins: renaming onto a folder with files fails.
  mv -T "$temp/unpacked" "$folder" 2>/dev/null || [[ -x $folder/ziglang/zig ]]
fi
echo "$folder/ziglang/zig"
