// Package preview1 has the implementation of WASI 0.2 over wasi_snapshot_preview1, as a component that is linked like any
// other. It imports the functions of preview1 as one instance, whose functions pass addresses as plain numbers. So
// `canon lower` leaves them as they are, and the addresses are those of the component's memory:
//
//	(import "rules-wasm-fuse:preview1/functions" (instance
//	  (export "fd-write" (func (param "fd" u32) (param "iovs" u32) (param "count" u32) (param "done" u32) (result u32)))
//	  ...))
//	(export "wasi:io/streams@0.2.12" (instance ...))
//
// The form of output imports them from wasi_snapshot_preview1 with the names of preview1, such as fd_write, and exports
// the component's memory as the host's.
//
// The component is C in source, which says how it works; source/build.sh makes it. Its memory has a fixed size: the
// arguments and results of one call, and the resources that exist, must fit in 4 MiB, or it traps. Calls never nest, since
// preview1 calls nothing back.
package preview1

import (
	_ "embed"
	"strings"
)

// Name is the name of the component's instance.
const Name = "wasi-preview1"

// Functions is the name of the instance that the component imports.
const Functions = "rules-wasm-fuse:preview1/functions"

// Module is the module that the functions are imported from.
const Module = "wasi_snapshot_preview1"

//go:embed preview1.wasm
var component []byte

// Component returns the component. It must not be changed.
func Component() []byte { return component }

// Leaves reports whether an element of fusecore.FuseOptions.Leave names an import.
func Leaves(pattern, name string) bool {
	id, _, _ := strings.Cut(name, "@")
	all, wild := strings.CutSuffix(pattern, "*")
	return pattern == name || pattern == id || wild && strings.HasPrefix(id, all)
}

// CoreName returns the name in Module of a function of Functions.
func CoreName(function string) string { return strings.ReplaceAll(function, "-", "_") }
