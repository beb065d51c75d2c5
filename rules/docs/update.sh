#!/usr/bin/env bash
# Copies the generated pages, the arguments, over those in the source tree.
set -euo pipefail
cd "${BUILD_WORKSPACE_DIRECTORY:?run this with bazel run}"
for page in "$@"; do
  name=${page##*/}
  install -m 644 "$OLDPWD/$page" "rules/docs/${name%.generated.md}.md"
done
