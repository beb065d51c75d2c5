# shellcheck shell=bash
# Sourced by run: what only Windows has, in Wine.

windows() {
  (paths)
  (targets)
}

# says TEXT PROGRAM ARG...: fails unless a program of Windows succeeds and prints that.
says() {
  local want=$1 got status=0
  shift
  got=$(wine "$@" 2>"$work/stderr") || status=$?
  [[ $status == 0 && ${got//$'\r'/} == "$want" ]] || fail "$* ended with $status and printed \"$got\", not \"$want\": $(cat "$work/stderr")"
}

# wasmfuse ARG...: fails unless it succeeds.
wasmfuse() { on windows_amd64 wasmfuse "$@" >"$work/log" 2>&1 || fail "wasmfuse $*: $(cat "$work/log")"; }

# Paths with drives and backslashes name the same files, and outputs do not depend on how they are written.
paths() {
  local drive=Z:${work//\//\\}\\windows_amd64 folder file
  cd "$work/windows_amd64"
  wasmfuse fuse "$drive\\examples\\three\\root.wasm" 'examples\three\words.wasm' examples/three/stats.wasm -o 'dist\paths.wasm' --provenance
  same_file dist/paths.wasm three.verified.wasm
  wasmfuse verify 'dist\paths.wasm' examples/three/root.wasm "$drive\\examples\\three\\words.wasm" '.\examples\three\stats.wasm'
  wasmfuse fuse "$drive\\examples\\three\\root.wasm" "$drive\\examples\\three\\words.wasm" 'examples\three\stats.wasm' -o 'DIST\PATHS.WASM' \
    --plug "$drive\\examples\\three\\root.wasm:demo:three/words@0.1.0=$drive\\examples\\three\\words.wasm" --supply root=stats.wasm
  same_file dist/paths.wasm three.wasm
  wasmfuse explain "$drive\\examples\\three\\root.wasm" 'examples\three\words.wasm' 'examples\three\stats.wasm' words.wasm
  wasmfuse fuse 'examples\three\root.wasm' -o NUL
  for folder in "$drive\\tables::/w" 'tables::/w'; do
    says three "$(file_of windows_amd64 wasmfuse)" run --dir "$folder" 'dist\lookup.wasm' -- /w/table.txt drei
  done
  says three "$(file_of windows_amd64 wasmfuse)" run --dir 'testdata\..\tables' 'dist\lookup.wasm' -- testdata/../tables/table.txt drei
  # Longer than Windows' usual limit of 260 characters.
  folder=written/$(printf 'long%.0s' {1..50})
  mkdir -p "$folder"
  wasmfuse fuse examples/three/root.wasm examples/three/words.wasm examples/three/stats.wasm -o "${folder//\//\\}\\out.wasm"
  cmp "$folder/out.wasm" "$work/linux_amd64/dist/three.wasm" || fail "an output with a long path differs"
  # Text files with the line ends of Windows.
  sed 's/$/\r/' examples/three/three.wac >dist/crlf.wac
  sed 's/$/\r/' examples/kv/wit/kv.wit >dist/kv.wit
  printf '%s\r\n' fuse --wac 'dist\crlf.wac' examples/three/{root,words,stats}.wasm -o 'dist\crlf.wasm' >dist/arguments
  wasmfuse '@dist\arguments'
  same_file dist/crlf.wasm three.wac.wasm
  on windows_amd64 witpackage -target=//kv:wit -package=demo:kv@0.1.0 '-o=dist\crlf.wit.wasm' 'dist\kv.wit'
  same_file dist/crlf.wit.wasm kv.wit.wasm
  file=$(find . -name '.tmp-*')
  [[ -z $file ]] || fail "temporary files are left: $file"
  echo "e2e: windows_amd64: paths with drives and backslashes, long ones, and text with CRLF are read as on Linux"
}

same_file() { cmp "$1" "$work/linux_amd64/dist/$2" || fail "windows_amd64: $1 is not $2 of Linux on x86-64"; }

# Executables of rules, built for Windows, and laid out as Bazel does there: copies, with a manifest instead of links.
targets() {
  local version bin name base=$work/base module=$work/module layout=$work/layout manifest
  version=$(module_version)
  rm -rf "$module" "$layout"
  cp -R "$e2e/tool" "$module"
  cp -R "$here/module/." "$module"
  sed -i "s|ROOT|$root|; s|PROGRAMS|$programs|; s|VERSION|$version|" "$module/MODULE.bazel"
  cp "$programs/SHA256SUMS" "$module/"
  trap finish EXIT
  flags+=(--disk_cache="$disk" --platforms=//platforms:windows_x86_64)
  kept "$work/build.log" at "$module" "$base" build "${flags[@]}" //:lookup //:lookup_module //:files //:fused_wazero_test
  bin=$(at "$module" "$base" info "${flags[@]}" bazel-bin 2>/dev/null)
  mkdir -p "$layout/elsewhere"
  for name in lookup lookup_module files fused_wazero_test; do
    cp -L "$bin/$name.exe" "$bin/$name.wasmrun.json" "$layout/"
    sed -E 's|^([^ ]+) /|\1 Z:/|' "$bin/$name.exe.runfiles_manifest" >"$layout/$name.exe.runfiles_manifest"
  done
  cp "$module/words/table.txt" "$layout/elsewhere/"
  cd "$layout/elsewhere"
  says '- three' ../lookup.exe drei
  says '- three' '..\lookup_module.exe' drei
  says '- three' cmd /c '..\lookup' drei # without the extension
  says '' '..\files.exe' -o /work/out.txt /words/table.txt drei
  [[ $(cat out.txt) == three ]] || fail "the file has \"$(cat out.txt)\""
  TEST_SHARD_INDEX=0 wine '..\fused_wazero_test.exe' >"$work/log" 2>&1 || fail "fused_wazero_test: $(cat "$work/log")"
  # The manifest is in the folder of runfiles, or that of another program.
  mkdir ../lookup.exe.runfiles
  manifest=../lookup.exe.runfiles/MANIFEST
  mv ../lookup.exe.runfiles_manifest $manifest
  says '- three' ../lookup.exe drei
  mv $manifest manifest
  RUNFILES_MANIFEST_FILE="Z:$PWD/manifest" RUNFILES_MANIFEST_ONLY=1 says '- three' ../lookup.exe drei
  if wine ../lookup.exe drei 2>"$work/stderr"; then fail "the runfiles were found without a manifest"; fi
  grep -q 'it is not among the runfiles' "$work/stderr" || fail "no runfiles: $(cat "$work/stderr")"
  echo "e2e: windows_amd64: executables of wasm_component_run and wasm_fuse_test find their files by a manifest"
}
