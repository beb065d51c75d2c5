#!/usr/bin/env bash
# Creates a Bazel module registry on this disk from the Go module proxy and Debian's bazel-* packages, plus small
# stand-ins, and REGISTRY/offline.bazelrc, which enables it.
#
#   make-registry.sh BAZEL_PREFIX REGISTRY STAGING MODULE.bazel...
#
# BAZEL_PREFIX was created by install-bazel.sh. Everything is created in STAGING and renamed to REGISTRY at the end; neither
# may exist. The registry has the modules that the given ones need; the first one decides on the versions of rules_go and
# gazelle.
set -euo pipefail
debian=$1/usr/share/bazel registry=$2 staging=$3
shift 3
mkdir -p "$staging/src" "$staging/modules"
staging=$(realpath "$staging")
trap 'chmod -R u+w "$staging" 2>/dev/null && rm -rf "$staging"' EXIT
src=$staging/src
go_version=$(cd / && GOTOOLCHAIN=local go env GOVERSION)
go_version=${go_version#go}

# deps FILE: "name version" of each bazel_dep with a version that is not a dev_dependency.
deps() {
  sed 's/#.*//' "$1" | tr '\n' ' ' | sed 's/bazel_dep(/\n&/g' | grep '^bazel_dep(' | sed 's/).*//' |
    grep -v 'dev_dependency *= *True' | sed -nE 's/.*[( ]name *= *"([^"]+)".*[ ,]version *= *"([^"]+)".*/\1 \2/p' || true
}

# version_of NAME FILE: the version that FILE requests.
version_of() { deps "$2" | awk -v name="$1" '$1 == name {print $2; exit}'; }

# go_module MODULE@VERSION DIR: copies a Go module, writable, with executable scripts (the zips have no modes).
go_module() {
  local dir
  dir=$(cd / && GOWORK=off GOFLAGS=-mod=mod go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  mkdir -p "$2"
  cp -r "$dir/." "$2"
  chmod -R u+w "$2"
  find "$2" -name '*.sh' -exec chmod +x {} +
}

# edit FILE PATTERN TEXT: inserts TEXT after the line PATTERN, which must occur exactly once.
edit() {
  awk -v pattern="$2" -v text="$3" '{print} $0 == pattern {print text; n++} END {exit n != 1}' "$1" >"$1.new" || {
    echo "make-registry.sh: $1 does not have exactly one line \"$2\"" >&2
    exit 1
  }
  mv "$1.new" "$1"
}

# --- sources ---------------------------------------------------------------------------------------------
go_module "github.com/bazelbuild/rules_go@v$(version_of rules_go "$1")" "$src/rules_go"
go_module "github.com/bazelbuild/bazel-gazelle@v$(version_of gazelle "$1")" "$src/gazelle"
v2=$(sed -nE 's/^.*github.com\/bazel-contrib\/bazel-gazelle\/v2 (v[^ ]+)$/\1/p' "$src/gazelle/go.mod")
if [[ -n $v2 ]]; then # v2/ is a separate Go module, so it is not in gazelle's zip
  go_module "github.com/bazel-contrib/bazel-gazelle/v2@$v2" "$src/gazelle/v2"
  touch "$src/gazelle/v2/go.sum"
fi
for module in skylib:bazel_skylib platforms:platforms features:bazel_features; do
  cp -rL "$debian/tools/${module%:*}" "$src/${module#*:}"
done
for module in cc java license proto python shell; do
  cp -rL "$debian/rules/$module" "$src/rules_$module"
done
# No SDK can be downloaded, so the Go on the PATH replaces every requested one.
edit "$src/rules_go/go/private/extensions.bzl" \
  'def _download_sdk(*, get_sdks_by_version, name, goos, goarch, download_tag):' \
  "$(printf '    go_host_sdk_rule(name = name, experiments = download_tag.experiments)\n    return')"
# rules_go asks for one flag newer than the packaged bazel_features (false before Bazel 9).
edit "$src/bazel_features/features.bzl" '_rules = struct(' '    instrumented_files_info_has_baseline_coverage_files = False,'

# --- stand-ins: modules that neither source packages, as small as building Go lets them be ---------------
put() {
  mkdir -p "$(dirname "$src/$1")"
  cat >"$src/$1"
}
for module in apple_support buildozer zlib protobuf package_metadata; do
  put $module/MODULE.bazel <<<"module(name = \"$module\")"
  put $module/BUILD.bazel </dev/null
done
put package_metadata/providers/BUILD.bazel </dev/null
put package_metadata/rules/BUILD.bazel </dev/null
put package_metadata/providers/package_metadata_info.bzl <<'X'
PackageMetadataInfo = provider(fields = ["metadata", "files"])
X
put package_metadata/rules/package_metadata.bzl <<'X'
load("//providers:package_metadata_info.bzl", "PackageMetadataInfo")

def _impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".package-metadata.json")
    ctx.actions.write(out, json.encode({"label": str(ctx.label), "purl": ctx.attr.purl}))
    return [DefaultInfo(files = depset([out])), PackageMetadataInfo(metadata = out, files = depset([out]))]

_rule = rule(_impl, attrs = {"attributes": attr.label_list(), "purl": attr.string(mandatory = True)})

def package_metadata(**kwargs):
    _rule(applicable_licenses = [], **kwargs)  # otherwise a package's default license would depend on itself
X
put buildozer/buildozer_binary.bzl <<'X'
def _repo_impl(rctx):
    rctx.file("BUILD.bazel", "exports_files([\"buildozer.exe\"])")
    rctx.symlink(rctx.which("buildozer") or "/bin/false", "buildozer.exe")

_repo = repository_rule(_repo_impl, local = True)
buildozer_binary = module_extension(lambda mctx: _repo(name = "buildozer_binary"))
X

# --- the index: every version that anything asks for is served from the one source there is --------------
# add NAME VERSION: the module and, after it, what it depends on.
add() {
  local dir=$staging/modules/$1/$2
  if [[ -e $dir ]]; then return; fi
  if [[ ! -d $src/$1 ]]; then
    echo "make-registry.sh: there is no source for the module $1 $2" >&2
    exit 1
  fi
  mkdir -p "$dir"
  echo "{\"type\": \"local_path\", \"path\": \"$registry/src/$1\"}" >"$dir/source.json"
  # module(version) becomes the one asked for; rules_go's default SDK, never used, is not looked up; no remote JDKs.
  awk -v v="$2" '/^module\(/ {m = 1; sub(/module\(/, "module(version = \"" v "\", ")} m && /^ *version *=/ {next} /\)[ \t]*$/ {m = 0} {print}' "$src/$1/MODULE.bazel" |
    sed -e '/^JDKS = {/,$d' -e '/^go_sdk\.\(from_file\|download\)($/,/^)$/c\go_sdk.download(name = "go_default_sdk", version = "'"$go_version"'", sdks = {"linux_amd64": ["none", "0"]})' >"$dir/MODULE.bazel"
  while read -r name version; do add "$name" "$version"; done < <(deps "$dir/MODULE.bazel")
}
echo '{}' >"$staging/bazel_registry.json"
while read -r name version; do
  add "$name" "$version"
done < <(
  for module in "$@" "$debian/embedded_tools/MODULE.bazel"; do deps "$module"; done
  echo platforms 0.0.7 # for the repositories that Bazel itself defines
)
cat >"$staging/offline.bazelrc" <<X
# Generated by tools/bazel: modules come from this disk, not from a remote registry.
common --registry=file://$registry --lockfile_mode=off --noenable_workspace
# Go modules use the user's Go caches.
common --repo_env=GO_REPOSITORY_USE_HOST_CACHE=1
# Programs that are built from source use the Go on the PATH.
common --repo_env=RULES_WASM_FUSE_GO=$(go env GOROOT)/bin/go
X
echo "$(find "$staging/modules" -name source.json | wc -l) module versions from $(find "$src" -mindepth 1 -maxdepth 1 | wc -l) sources"
mv -T "$staging" "$registry"
