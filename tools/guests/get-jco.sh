#!/usr/bin/env bash
# Installs jco, the JavaScript tools for components, with npm in $GUEST_KIT/prefix/jco. Tests compare worlds of outputs as
# jco sees them. Needs Node 20 or later with npm.
set -euo pipefail
prefix=${GUEST_KIT:-${XDG_CACHE_HOME:-$HOME/.cache}/rules_wasm_fuse/guests}/prefix/jco
mkdir -p "$prefix"
npm install --no-audit --no-fund --no-save --ignore-scripts --prefix "$prefix" @bytecodealliance/jco@1.35.0
test -e "$prefix/node_modules/@bytecodealliance/jco/package.json"
