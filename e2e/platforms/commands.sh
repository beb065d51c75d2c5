# shellcheck shell=bash
# Sourced by run: what every platform must do alike. Programs run in a folder with copies of examples and test data.

# commands PLATFORM FOLDER: runs the commands on a platform, in a new folder.
commands() {
  platform=$1 folder=$2 transcript=transcript
  rm -rf "$folder"
  mkdir -p "$folder/dist" "$folder/tables" "$folder/written" "$folder/code"
  cp -r "$root/examples" "$folder/examples"
  cp -r "$root/fusecore/testdata" "$folder/testdata"
  cp "$root"/e2e/tool/words/table.txt "$folder/tables/"
  cp "$root"/e2e/tool/lookup.core.wasm "$folder/"
  chmod -R u+w "$folder"
  cd "$folder" || exit 1
  graphs
  forms
  packages
  runs
  errors
  chmod -R u+rwX "$folder"
}

# does PROGRAM ARG...: runs a program and adds its command line, streams and status to the transcript. Standard input is
# that of the caller.
does() {
  local status=0
  on "$platform" "$@" >.out 2>.err || status=$?
  {
    printf '$ %s\n' "$*"
    cat .out
    sed 's/^/! /' .err
    printf '= %s\n' "$status"
  } >>"$transcript"
  rm .out .err
}

# gives STATUS PROGRAM ARG...: the same, and fails unless the status is that.
gives() {
  local want=$1
  shift
  does "$@"
  [[ $(tail -n 1 "$transcript") == "= $want" ]] || {
    tail -n 8 "$transcript" >&2
    fail "$platform: expected the status $want"
  }
}

# Every graph of the scripts of calls that names alone link, as a component and as one module with one memory.
graphs() {
  local script name inputs n=0
  for script in testdata/{cases,examples,resources}/*.calls; do
    if grep -qE '^(plug|wac|name|supply)' "$script"; then continue; fi
    while read -r _ name inputs; do
      n=$((n + 1))
      read -ra inputs <<<"$inputs"
      case $script in
        testdata/examples/*) inputs=("${inputs[@]/#/examples/}") ;;
        *) inputs=("${inputs[@]/#/${script%/*}/}") ;;
      esac
      does wasmfuse fuse "${inputs[@]}" -o "dist/graph$n.wasm" --report "dist/graph$n.json" --provenance </dev/null
      does wasmfuse fuse "${inputs[@]}" -o "dist/graph$n.module.wasm" --emit=module --memory=single </dev/null
    done < <(sed -n 's/^graph \([^:]*\): /graph \1 /p' "$script")
  done
  [[ $n -gt 20 ]] || fail "only $n graphs were found"
}

# Every form of output, in place of an existing file too, and all that is written about it.
forms() {
  local three=(examples/three/root.wasm examples/three/words.wasm examples/three/stats.wasm)
  gives 0 wasmfuse fuse "${three[@]}" -o dist/three.wasm --provenance --sbom dist/three.sbom.json --report dist/three.txt \
    --report dist/three.html --report dist/three.json
  gives 0 wasmfuse fuse "${three[@]}" -o dist/three.wasm
  gives 0 wasmfuse compose "${three[@]}" -o dist/three.composed.wasm
  gives 0 wasmfuse fuse "${three[@]}" -o dist/three.size.wasm --optimize=size --strip=all
  gives 0 wasmfuse fuse "${three[@]}" -o dist/three.module.wasm --emit=module --memory=single --abi=cm32p2 --no-simd --no-shake
  gives 0 wasmfuse fuse --wac examples/three/three.wac "${three[@]}" -o dist/three.wac.wasm
  gives 0 wasmfuse fuse testdata/dwarf/app.wasm testdata/dwarf/lib.wasm -o dist/dwarf.wasm --dwarf=keep
  gives 0 wasmfuse inspect dist/three.wasm --format=wit
  gives 0 wasmfuse inspect dist/three.module.wasm --json
  gives 0 wasmfuse explain "${three[@]}" words
  gives 0 wasmfuse extract dist/three.wasm -o dist/three.core.wasm
  gives 0 wasmfuse replace dist/three.wasm dist/three.core.wasm -o dist/three.replaced.wasm
  gives 0 wasmfuse oci dist/three.wasm -o dist/three.oci --tag=1.0.0
  gives 0 wasmfuse fuse "${three[@]}" -o dist/three.verified.wasm --provenance
  gives 0 wasmfuse verify dist/three.verified.wasm "${three[@]}"
  gives 0 wasmfuse fuse "${three[@]}" -o -
  gives 0 wasmfuse fuse - "${three[@]:1}" -o dist/three.stdin.wasm <examples/three/root.wasm
}

# WIT packages, bindings and components.
packages() {
  gives 0 witpackage -target=//kv:wit -package=demo:kv@0.1.0 -o=dist/kv.wit.wasm examples/kv/wit/kv.wit
  gives 0 witpackage bindings -target=//kv:c -world=consumer -o=consumer.h=dist/consumer.h -o=consumer.c=dist/consumer.c \
    -o=consumer_component_type.o=dist/consumer_component_type.o dist/kv.wit.wasm
  gives 0 witpackage bindings -target=//kv:rust -language=rust -world=consumer -o=consumer.rs=dist/consumer.rs dist/kv.wit.wasm
  gives 0 componentize -core=examples/kv/provider-utf8.core.wasm -wit=kv.wit=examples/kv/wit/kv.wit -world=provider -o=dist/kv.wasm
  gives 0 componentize -core=lookup.core.wasm -o=dist/lookup.wasm
}

# Programs and calls, in both engines.
runs() {
  local command=(examples/wasi-command/command.wasm examples/wasi-command/formatter.wasm) stdin=examples/wasi-command/stdin.txt
  gives 0 wasmfuse fuse "${command[@]}" -o dist/command.wasm
  gives 0 wasmfuse fuse "${command[@]}" -o dist/command.module.wasm --emit=module --memory=single --wasi=preview1
  gives 0 wasmfuse call dist/three.wasm 'report("ein Wörtchen 𐍈")' 'report("")'
  gives 0 wasmfuse run --env WHO=me dist/command.wasm -- one zwö <$stdin
  gives 0 wasmfuse run --env WHO=me dist/command.module.wasm -- one zwö <$stdin
  gives 1 wasmfuse run dist/command.wasm -- fail
  gives 0 wasmfuse run --dir tables::/w dist/lookup.wasm -- /w/table.txt drei zwei
  gives 0 wasmfuse run --dir .::/ dist/lookup.wasm -- -o /written/out.txt /tables/table.txt drei
  gives 1 wasmfuse run --dir tables::/w dist/lookup.wasm -- /w/none.txt drei
  gives 1 wasmfuse run --dir tables::/w dist/lookup.wasm -- /w/../lookup.core.wasm drei
  gives 0 wazerun run -env WHO=me dist/command.module.wasm one zwö <$stdin
  gives 0 wazerun call dist/three.wasm 'report("ein Wörtchen 𐍈")'
  if ! has "$platform" wasmrun; then return; fi
  local transcript=transcript.wasmrun
  gives 0 wasmrun run -env WHO=me dist/command.wasm one zwö <$stdin
  gives 0 wasmrun call dist/three.wasm 'report("ein Wörtchen 𐍈")'
  gives 0 wasmrun call dist/three.composed.wasm 'report("ein Wörtchen 𐍈")'
  gives 0 wasmrun compile -o code/three.cwasm dist/three.wasm
}

# Messages with the names of files, which are as they were given, and with what the system says.
errors() {
  gives 2 wasmfuse fuse
  gives 1 wasmfuse fuse examples/three/three.wac -o dist/refused.wasm
  gives 1 wasmfuse fuse examples/three/root.wasm examples/three -o dist/refused.wasm
  gives 1 wasmfuse fuse examples/three/root.wasm --imports=none:* -o dist/refused.wasm
  gives 1 witpackage -target=//kv:wit -package=demo:other -o=dist/refused.wit.wasm examples/kv/wit/kv.wit
  gives 1 componentize -core=examples/kv/provider-utf8.core.wasm -wit=kv.wit=examples/kv/wit/kv.wit -world=none -o=dist/refused.wasm
  gives 1 wazerun call dist/three.wasm 'reprot("")'
}
