#!/bin/sh
# Stands for wasm-opt: fake_wasm_opt -LEVEL [FLAG...] IN -o OUT copies IN to OUT.
for last; do
  case $last in -o) in=$before ;; esac
  before=$last
done
cp "$in" "$last"
