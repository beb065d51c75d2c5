#!/usr/bin/env bash
# Tells Bazel the commit, for `wasmfuse version` of builds with
#
#   tools/bazel build --stamp --workspace_status_command=tools/release/status.sh //tools/wasmfuse
set -euo pipefail
commit=$(git rev-parse --short=12 HEAD)
if [[ -n $(git status --porcelain --untracked-files=no) ]]; then commit+=.dirty; fi
echo "STABLE_WASMFUSE_COMMIT $commit"
