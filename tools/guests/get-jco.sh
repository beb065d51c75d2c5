#!/usr/bin/env bash
# jco, JavaScript's tools for components, from the registry that the machine's npm uses: the tests hold outputs against its
# opinion of their worlds. Makes $GUEST_KIT/prefix/jco. Needs Node 20 or later with npm.
set -euo pipefail
prefix=${GUEST_KIT:-${XDG_CACHE_HOME:-$HOME/.cache}/rules_wasm_fuse/guests}/prefix/jco
mkdir -p "$prefix"
npm install --no-audit --no-fund --no-save --ignore-scripts --prefix "$prefix" @bytecodealliance/jco@1.35.0
test -e "$prefix/node_modules/@bytecodealliance/jco/package.json"
