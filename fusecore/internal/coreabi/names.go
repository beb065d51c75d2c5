// Package coreabi has the core-module ABIs of a world: the names under which a core module imports and exports what the
// Canonical ABI makes of the world's functions and resource types, and the custom section that carries the world itself.
// The types of functions are those of `canon lower` and `canon lift` with one memory, one realloc and UTF-8.
//
//	package ns:p@0.2.1;                 WITNames                                CM32P2
//	world w {
//	  import i;      // f: func()       (import "ns:p/i@0.2.1" "f")             (import "cm32p2|ns:p/i@0.2" "f")
//	                 // resource r      (import "ns:p/i@0.2.1"                  (import "cm32p2|ns:p/i@0.2" "r_drop")
//	                                      "[resource-drop]r")
//	  import g: func();                 (import "$root" "g")                    (import "cm32p2" "g")
//	  export j;      // f: func()       (export "ns:p/j@0.2.1#f")               (export "cm32p2|ns:p/j@0.2|f")
//	                 // resource s      (import "[export]ns:p/j@0.2.1"          (import "cm32p2|_ex_ns:p/j@0.2" "s_new")
//	                                      "[resource-new]s")
//	                                    (export "ns:p/j@0.2.1#[dtor]s")         (export "cm32p2|ns:p/j@0.2|s_dtor")
//	  export h: func();                 (export "h")                            (export "cm32p2||h")
//	}
//
// WITNames are those of `wasm-tools component new`, CM32P2 those of the component model's BuildTargets.md.
package coreabi

import (
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/extname"
)

// Item is a function or a resource type of a world: of the interface with a name, or of the world itself if Interface is
// empty.
type Item struct{ Interface, Name string }

// Import is the name of a core import.
type Import struct{ Module, Name string }

// Intrinsic is a built-in of a resource type.
type Intrinsic uint8

// Built-ins of resource types. An imported type only has Drop.
const (
	Drop Intrinsic = iota
	New
	Rep
)

// Exports are the names of exports that belong to no item.
type Exports struct{ Memory, Realloc, Initialize string }

// ABI is a way to name things.
type ABI struct {
	Exports
	// root is the module of functions of the world itself, module precedes the name of an interface. exported precedes that
	// of an exported one.
	root, module, exported string
	// intrinsics are by Intrinsic; they precede the type's name, or follow it.
	intrinsics [3]affix
	// rootExport and export precede the name of a function's export, item its name in the interface.
	rootExport, export, item string
	post, dtor               affix
	// canonical means that interfaces have canonical versions.
	canonical bool
}

// affix is text before and after a name.
type affix struct{ before, after string }

func (a affix) around(s string) string { return a.before + s + a.after }

// WITNames are the names of `wasm-tools component new`.
var WITNames = ABI{
	Exports:    Exports{Memory: "memory", Realloc: "cabi_realloc", Initialize: "_initialize"},
	root:       "$root",
	exported:   "[export]",
	intrinsics: [...]affix{Drop: {before: "[resource-drop]"}, New: {before: "[resource-new]"}, Rep: {before: "[resource-rep]"}},
	item:       "#",
	post:       affix{before: "cabi_post_"},
	dtor:       affix{before: "[dtor]"},
}

// CM32P2 are the names of BuildTargets.md.
var CM32P2 = ABI{
	Exports:    Exports{Memory: "cm32p2_memory", Realloc: "cm32p2_realloc", Initialize: "cm32p2_initialize"},
	root:       "cm32p2",
	module:     "cm32p2|",
	exported:   "_ex_",
	intrinsics: [...]affix{Drop: {after: "_drop"}, New: {after: "_new"}, Rep: {after: "_rep"}},
	rootExport: "cm32p2||",
	export:     "cm32p2|",
	item:       "|",
	post:       affix{after: "_post"},
	dtor:       affix{after: "_dtor"},
	canonical:  true,
}

// Interface returns the name of an interface in other names.
func (a *ABI) Interface(name string) string {
	if !a.canonical {
		return name
	}
	id, version, ok := strings.Cut(name, "@")
	if !ok {
		return name
	}
	track, _, _ := strings.Cut(extname.Track(version), "+")
	return id + "@" + track
}

// Func returns the import of an imported function.
func (a *ABI) Func(it Item) Import { return Import{a.importModule(it), it.Name} }

// Imported returns the import of the built-in Drop of an imported resource type.
func (a *ABI) Imported(it Item) Import {
	return Import{a.importModule(it), a.intrinsics[Drop].around(it.Name)}
}

// Exported returns the import of a built-in of an exported resource type.
func (a *ABI) Exported(of Intrinsic, it Item) Import {
	return Import{a.module + a.exported + a.Interface(it.Interface), a.intrinsics[of].around(it.Name)}
}

func (a *ABI) importModule(it Item) string {
	if it.Interface == "" {
		return a.root
	}
	return a.module + a.Interface(it.Interface)
}

// Export returns the export of an exported function.
func (a *ABI) Export(it Item) string {
	if it.Interface == "" {
		return a.rootExport + it.Name
	}
	return a.export + a.Interface(it.Interface) + a.item + it.Name
}

// PostReturn returns the export that follows a call of an exported function.
func (a *ABI) PostReturn(it Item) string { return a.post.around(a.Export(it)) }

// Destructor returns the export of the destructor of an exported resource type.
func (a *ABI) Destructor(it Item) string {
	return a.Export(Item{it.Interface, a.dtor.around(it.Name)})
}
