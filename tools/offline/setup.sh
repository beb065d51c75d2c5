# shellcheck shell=bash
# Sourced by tools/bazel: installs Bazel and a module registry in the user's cache, for networks that only have a Debian
# mirror and a Go module proxy.

# offline_setup ROOT CACHE: creates what is missing and sets OFFLINE_BAZEL (the program) and OFFLINE_BAZELRC (the rc file
# that enables the registry). Each is created in a separate folder and renamed when complete, under a lock: concurrent runs
# wait for each other, and an interrupted one starts over.
offline_setup() {
  local root=$1 cache=$2 here=$1/tools/offline program key
  for program in go gcc; do
    command -v "$program" >/dev/null || die "$program is needed on the PATH to build without a registry; install it"
  done
  # The registry's content depends on the requested modules, the Go version and these scripts.
  local bazel_key
  bazel_key=$(cat "$here/install-bazel.sh" | sha256sum | cut -c1-12)
  key=$({ cat "$root/MODULE.bazel" "$root"/e2e/*/MODULE.bazel "$here"/*.sh; cd / && go env GOVERSION GOMODCACHE; } | sha256sum | cut -c1-12)
  local prefix=$cache/bazel-$bazel_key registry=$cache/registry-$key
  OFFLINE_BAZEL=$prefix/bin/bazel
  OFFLINE_BAZELRC=$registry/offline.bazelrc
  if [[ -x $OFFLINE_BAZEL && -e $OFFLINE_BAZELRC ]]; then
    return
  fi
  mkdir -p "$cache"
  ( # Only this subshell holds the lock's descriptor: Bazel's server, started later, must not inherit it.
    exec 9>"$cache/lock"
    if ! flock -n 9; then
      say "another run is setting up in $cache; waiting for it"
      flock 9
    fi
    for left in "$cache"/making.*; do # left by an interrupted run, since this one holds the lock
      if [[ -e $left ]]; then chmod -R u+w "$left" && rm -rf "$left"; fi
    done
    if [[ ! -x $OFFLINE_BAZEL ]]; then
      say "setting up Bazel $(<"$root/.bazelversion") in $prefix (about 180 MB to download, 400 MB on disk)"
      "$here/install-bazel.sh" "$prefix" "$cache/making.$$" >&2 || exit 1
    fi
    if [[ ! -e $OFFLINE_BAZELRC ]]; then
      say "making a module registry in $registry"
      "$here/make-registry.sh" "$prefix" "$registry" "$cache/making.$$" "$root"/MODULE.bazel "$root"/e2e/*/MODULE.bazel >&2 || exit 1
    fi
  ) || die "setting up in $cache failed; the lines above say where"
}
