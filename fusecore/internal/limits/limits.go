// Package limits has the limits of engines, which the specifications leave to implementations (core specification,
// "Implementation Limitations"; WebAssembly JavaScript Interface, "Implementation-defined Limits"). V8, SpiderMonkey,
// JavaScriptCore and wasmparser share the core ones. Those of components are wasmparser's, which all engines with
// components use today.
//
// Inputs and outputs are checked against the same limits: inputs because no engine would run them, outputs because
// fusing adds up what was within limits before.
package limits

import (
	"strconv"

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
	BranchLabels = 131_072 // of br_table, without the default; V8 stops at half of it, the newest wasmparser later
	SubtypeDepth = 63
	NameBytes    = 100_000
	// TypeSize limits the total size of the imports and exports of a module or component: 1 for each, and more for the
	// parts of its type.
	TypeSize = 999_999
)

// Limits of components.
const (
	SectionBytes      = 1 << 30 // of a core module or nested component
	Modules           = 1000    // core modules that a component defines, imports or aliases
	Components        = 1000
	Instances         = 1000      // core instances and component instances in total
	ComponentTypes    = 1_000_000 // types and core types in total
	ComponentFuncs    = 1_000_000 // functions and core functions in total
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
	FixedListElements = 1 << 30
)

// Check returns an error if there are more than the limit's number of something; item is what has it.
func Check(item, what string, n, most int) error {
	if n <= most {
		return nil
	}
	return exceeded(item, "%d %s, %d more than the %d that engines accept", n, what, n-most, most)
}

func exceeded(item, format string, args ...any) *diag.Error {
	e := diag.New(item, format, args...)
	e.Limit = true
	return e
}

// Body checks the encoded size of a function body that was generated or rewritten.
func Body(size, was int, index uint32) error {
	if size <= BodyBytes {
		return nil
	}
	return exceeded("function "+strconv.FormatUint(uint64(index), 10),
		"a body of %d bytes, %d in the fused module, where indices are longer: %d more than the %d that engines accept",
		was, size, size-BodyBytes, BodyBytes)
}

// Section checks the size of a core module or nested component.
func Section(what string, size int) error {
	if size <= SectionBytes {
		return nil
	}
	return exceeded(what, "%d bytes, %d more than the 1 GiB that engines accept", size, size-SectionBytes)
}

// Name checks a name of an import, export, label, argument or custom section.
func Name(item, name string) error {
	if len(name) <= NameBytes {
		return nil
	}
	return exceeded(item, "a name of %d bytes (%q...), %d more than the %d that engines accept", len(name), name[:20], len(name)-NameBytes, NameBytes)
}

// SubType checks the number of parts of a core type.
func SubType(item string, params, results, fields int) error {
	for _, c := range []struct {
		what    string
		n, most int
	}{{"parameters", params, Params}, {"results", results, Results}, {"fields", fields, Fields}} {
		if err := Check(item, c.what, c.n, c.most); err != nil {
			return err
		}
	}
	return nil
}
