#!/usr/bin/env bash
# Makes the .wasm files beside it: server imports handler from gate, gate from app; app imports pages and markup.
set -euo pipefail
cd "$(dirname "$0")"
. ../../tools/guests/kit.sh
guest_c server.core.wasm server.c
guest_async_component server.wasm server.core.wasm web.wit server
guest_c gate.core.wasm gate.c
guest_async_component gate.wasm gate.core.wasm web.wit gate
guest_c app.core.wasm app.c
guest_async_component app.wasm app.core.wasm web.wit app
guest_c pages.core.wasm pages.c
guest_async_component pages.wasm pages.core.wasm web.wit pages-library
guest_c markup.core.wasm markup.c -DUTF16
guest_async_component markup.wasm markup.core.wasm web.wit markup-library utf16
