#!/usr/bin/env bash
# Makes encoder.wasm.gz beside it. Needs cargo; the compiler is fetched. The same compiler makes the same bytes.
set -euo pipefail
cd "$(dirname "$0")"
. ../../../tools/guests/kit.sh
guest_rust_program encoder
