#!/usr/bin/env bash
# Builds a release from the committed files:
#
#   tools/release/release.sh VERSION FOLDER
#
# Writes to FOLDER: PROGRAM-OS-CPU of all programs for every platform, rules_wasm_fuse-VERSION.tar.gz, whose
# rules/private/versions.bzl contains the programs' digests, SHA256SUMS of all of these, and NOTES.md. The working tree does
# not change. RELEASE_FLAGS are further flags of tools/release, such as -only=linux_amd64 for a trial.
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
cache=${WASMFUSE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rules_wasm_fuse}
# The Go that builds the programs from source elsewhere, so that these have the same bytes.
go=$(sed -nE 's/^ *"version": "([^"]+)",$/\1/p' rules/private/go_sdk.lock.json)
if [[ $(go env GOVERSION) != "go$go" ]]; then export GOTOOLCHAIN=go$go; fi
flags=${RELEASE_FLAGS:-}
if [[ -z $flags ]]; then
  zig=$(tools/release/get-zig.sh "$cache")
  flags=-zig=$zig
fi
read -ra flags <<<"$flags"
(cd "$scratch/$name" && go run ./tools/release -version="$version" -o="$out" "${flags[@]}")

# Reproducible: names sorted, no times, no owners.
tar -C "$scratch" --sort=name --mtime="@$(git log -1 --format=%ct)" --owner=0 --group=0 --numeric-owner --format=ustar -cf - "$name" |
  gzip -n -9 >"$out/$name.tar.gz"
(cd "$out" && sha256sum "$name.tar.gz" >>SHA256SUMS && sha256sum --check --quiet SHA256SUMS)
cat >"$out/NOTES.md" <<N
In \`MODULE.bazel\`:

\`\`\`starlark
bazel_dep(name = "rules_wasm_fuse", version = "$version")
\`\`\`

The rules use the programs of this release, which they check by digests of their own. With
\`--@rules_wasm_fuse//rules:from_source\` they build them from source. For a mirror, see \`toolchains.release\` in
\`rules/docs/extensions.md\`.

Check a program that you downloaded: \`sha256sum --check --ignore-missing SHA256SUMS\`. That it was built here, of this
version's commit, says \`gh attestation verify FILE --repo wasmfuse/rules_wasm_fuse\`, and that the checksums are this
release's:

\`\`\`sh
cosign verify-blob SHA256SUMS --bundle SHA256SUMS.sigstore.json \\
  --certificate-oidc-issuer https://token.actions.githubusercontent.com \\
  --certificate-identity https://github.com/wasmfuse/rules_wasm_fuse/.github/workflows/release.yml@refs/tags/v$version
\`\`\`
N
