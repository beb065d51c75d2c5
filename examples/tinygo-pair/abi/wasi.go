//go:build !wasm_unknown

package abi

// Log writes a line where println goes: the standard output.
func Log(line string) { println(line) }
