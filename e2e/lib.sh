# shellcheck shell=bash
# Sourced by e2e/run and by the run scripts of the folders beside it.
#
# Sets root, cache, work (a folder for the calling script, kept between runs) and flags (of every build).

e2e=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
root=${e2e%/e2e}
cache=${WASMFUSE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rules_wasm_fuse}
disk=${DISK_CACHE:-$cache/disk}
servers=$cache/e2e-servers
flags=(--experimental_convenience_symlinks=ignore --noshow_progress --color=no)
common=()  # flags of every command
started=() # process ids
open=()    # workspace and output base of each Bazel server, as "WORKSPACE|BASE"

fail() {
  echo "e2e: $*" >&2
  exit 1
}

# at WORKSPACE BASE COMMAND ARG...: runs Bazel in a workspace with an output base; finish stops its server.
at() {
  local workspace=$1 base=$2 command=$3
  shift 3
  if [[ " ${open[*]:-} " != *" $workspace|$base "* ]]; then open+=("$workspace|$base"); fi
  (cd "$workspace" && "$root/tools/bazel" --output_base="$base" "$command" "$@")
}

# close WORKSPACE BASE: stops the Bazel server.
close() {
  (cd "$1" && "$root/tools/bazel" --output_base="$2" shutdown)
}

# finish: stops everything that was started; for a trap on EXIT.
finish() {
  local one
  for one in "${open[@]:-}"; do
    if [[ -n $one ]]; then close "${one%|*}" "${one#*|}" || true; fi
  done
  for one in "${started[@]:-}"; do
    if [[ -n $one ]]; then kill "$one" 2>/dev/null || true; fi
  done
}

# kept LOG COMMAND...: runs a command with its output in LOG, and shows the end of it on failure.
kept() {
  local log=$1
  shift
  if ! "$@" >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    fail "failed: $*"
  fi
}

# ran LOG: the number of processes of each kind that a build ran, one a line, such as "3 linux-sandbox".
ran() { sed -nE 's/^INFO: [0-9]+ process(es)?: (.*)\.$/\2/p' "$1" | sed 's/, /\n/g'; }

# only LOG KIND: fails unless all processes of a build were of that kind, or internal to Bazel. Prints their number.
only() {
  local others count
  others=$(ran "$1" | grep -vE "^[0-9]+ (internal|$2)\$" || true)
  count=$(ran "$1" | sed -nE "s/^([0-9]+) $2\$/\\1/p")
  if [[ -n $others || -z $count ]]; then
    tail -n 20 "$1" >&2
    fail "expected nothing but \"$2\", got: $(ran "$1" | tr '\n' ';')"
  fi
  echo "e2e: $count of $count: $2"
}

# free_port: a free port of this machine.
free_port() {
  local port
  while true; do
    port=$((20000 + RANDOM % 20000))
    if ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
}

# answers PORT LOG: waits until a server listens.
answers() {
  local _
  for _ in {1..100}; do
    if (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
    sleep 0.1
  done
  tail -n 20 "$2" >&2
  fail "nothing listens on port $1 after 10 s"
}

# copy_root DIR: copies the repository's files without version control and Bazel's links.
copy_root() {
  rm -rf "$1"
  mkdir -p "$1"
  tar -C "$root" --exclude=./.git --exclude='bazel-*' -cf - . | tar -C "$1" -xf -
}

# digests WORKSPACE BASE: digest and name of each .wasm and report, sorted by name. What checks of WIT write is left out, since
# nothing asks for it: it is not fetched where the check is a hit in a remote cache.
digests() {
  local bin
  bin=$(at "$1" "$2" info "${common[@]}" bazel-bin 2>/dev/null)
  (cd "$bin" && find . \( -name '*.wasm' -o -name '*.report.json' \) ! -name '*.wit.wasm' -print0 | sort -z | xargs -0 -r sha256sum)
}

# --- servers: from the PATH, else made once in the cache ---------------------------------------------------

nginx_program() {
  if command -v nginx; then return; fi
  if [[ ! -x $servers/nginx/bin/nginx ]]; then "$e2e/servers/debian.sh" "$servers/nginx" bookworm nginx -- usr/sbin/nginx >&2; fi
  echo "$servers/nginx/bin/nginx"
}

# buildbox_program NAME
buildbox_program() {
  if command -v "$1"; then return; fi
  if [[ ! -x $servers/buildbox/bin/$1 ]]; then
    "$e2e/servers/debian.sh" "$servers/buildbox" forky buildbox -- usr/bin/buildbox-casd usr/bin/buildbox-run-hosttools >&2
  fi
  echo "$servers/buildbox/bin/$1"
}

# go_program NAME PACKAGE: builds a program of the Go module e2e/servers.
go_program() {
  mkdir -p "$servers"
  (cd "$e2e/servers" && GOWORK=off GOFLAGS=-mod=mod go build -o "$servers/$1" "$2") >&2
  echo "$servers/$1"
}
