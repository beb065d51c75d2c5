#!/bin/sh
# Stands for a wasmfuse that a test names in its toolchain; it is never started.
exit 1
