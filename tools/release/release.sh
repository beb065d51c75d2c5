#!/usr/bin/env bash
# Builds a release from the committed files:
#
#   tools/release/release.sh VERSION FOLDER
#
# Writes to FOLDER: wasmfuse-OS-CPU for every platform, rules_wasm_fuse-VERSION.tar.gz, whose rules/private/versions.bzl
# contains the programs' digests, SHA256SUMS of all of these, and NOTES.md. The working tree does not change.
set -euo pipefail
version=$1
mkdir -p "$2"
out=$(cd -- "$2" && pwd)
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
name=rules_wasm_fuse-$version
if ! grep -qF "version = \"$version\"," MODULE.bazel; then
  echo "release.sh: MODULE.bazel does not say version $version; set it, and commit that" >&2
  exit 1
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
git archive --format=tar --prefix="$name/" HEAD | tar -x -C "$scratch"
(cd "$scratch/$name" && go run ./tools/release -version="$version" -o="$out")

# Reproducible: names sorted, no times, no owners.
tar -C "$scratch" --sort=name --mtime="@$(git log -1 --format=%ct)" --owner=0 --group=0 --numeric-owner --format=ustar -cf - "$name" |
  gzip -n -9 >"$out/$name.tar.gz"
(cd "$out" && sha256sum "$name.tar.gz" >>SHA256SUMS && sha256sum --check --quiet SHA256SUMS)
cat >"$out/NOTES.md" <<N
In \`MODULE.bazel\`:

\`\`\`starlark
bazel_dep(name = "rules_wasm_fuse", version = "$version")
\`\`\`

wasmfuse is built from source. To use the programs of this release instead:

\`\`\`starlark
prebuilt = use_extension("@rules_wasm_fuse//rules:extensions.bzl", "prebuilt")
prebuilt.wasmfuse(version = "$version")
use_repo(prebuilt, "wasmfuse_prebuilt")
register_toolchains("@wasmfuse_prebuilt//:all")
\`\`\`

Check a program that you downloaded: \`sha256sum --check --ignore-missing SHA256SUMS\`.
N
