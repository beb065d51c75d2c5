// Package limits knows what engines accept: the limits that the specifications leave to implementations (core
// specification, "Implementation Limitations"; WebAssembly JavaScript Interface, "Implementation-defined Limits"). The
// core ones are shared by V8, SpiderMonkey, JavaScriptCore and wasmparser; those of components are wasmparser's, which
// every engine of components uses today.
//
// Inputs and outputs are held to the same limits: inputs because no engine would run them, outputs because fusing adds up
// what was within limits before.
package limits

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// Limits of core modules.
const (
	Types        = 1_000_000
	Funcs        = 1_000_000
	Imports      = 1_000_000
	Exports      = 1_000_000
	Globals      = 1_000_000
	Tags         = 1_000_000
	Tables       = 100
	Memories     = 100
	Elems        = 100_000 // element segments
	ElemItems    = 10_000_000
	Datas        = 100_000   // data segments
	BodyBytes    = 7_654_321 // of a function, with its locals
	Locals       = 50_000    // of a function, with its parameters
	Params       = 1000
	Results      = 1000
	Fields       = 10_000
	Catches      = 10_000
	SubtypeDepth = 63
	NameBytes    = 100_000
	// TypeSize bounds the sum over all imports and exports of a module or component: one for each, and one for each
	// part of its type.
	TypeSize = 999_999
)

// Limits of components.
const (
	SectionBytes      = 1 << 30 // of a core module or nested component
	Modules           = 1000    // core modules defined, imported or aliased in one component
	Components        = 1000
	Instances         = 1000      // core instances and component instances together
	ComponentTypes    = 1_000_000 // types and core types together
	ComponentFuncs    = 1_000_000 // functions and core functions together
	CoreItems         = 1_000_000 // core tables, memories, globals and tags, of each sort
	ComponentExports  = 1_000_000
	Args              = 100_000 // of an instantiation
	InlineExports     = 100_000
	CanonOptions      = 10
	ModuleTypeDecls   = 100_000
	TypeDecls         = 1_000_000 // declarators of a component or instance type
	ComponentParams   = 1000
	RecordFields      = 10_000
	VariantCases      = 10_000
	TupleTypes        = 10_000
	EnumCases         = 10_000
	FlagNames         = 1_000
	FixedListElements = 1 << 30
)

// advice is for an output over a limit; inputs over one cannot be helped here.
const advice = "fuse fewer components into one module, or use `wasmfuse compose`"

// Over is the error about more than the limit's number of something; of names what has it.
func over(of, what string, n, most uint64) error {
	return diag.New(of, "%d %s: engines accept at most %d, %d fewer", n, what, most, n-most)
}

// Body checks the size of a function body that was was bytes long before it was rewritten.
func Body(size, was int, index uint32) error {
	if size <= BodyBytes {
		return nil
	}
	return diag.New(fmt.Sprintf("function %d", index),
		"the body of %d bytes takes %d in the fused module, where it needs longer indices: engines accept at most %d, %d fewer",
		was, size, BodyBytes, size-BodyBytes).WithHint("split the function, or " + advice)
}
