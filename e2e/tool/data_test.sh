#!/usr/bin/env bash
# Runs the program among its own runfiles: its path is the argument.
set -euo pipefail
printed=$("$1" drei)
[[ $printed == "- three" ]] || { echo "the program printed \"$printed\"" >&2; exit 1; }
status=0
"$1" vier || status=$?
[[ $status == 1 ]] || { echo "the exit status is $status" >&2; exit 1; }
