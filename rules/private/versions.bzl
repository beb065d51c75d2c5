"""Digests of the released programs. Written by tools/release."""

# Version to platform ("linux_amd64") to integrity ("sha256-...") of wasmfuse. Empty until there is a release.
WASMFUSE = {}
