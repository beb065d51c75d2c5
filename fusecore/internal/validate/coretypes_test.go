package validate

import (
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// longGroup returns a recursion group that follows another type. It consists of function types, most of which have the
// previous one as their supertype, and return themselves.
func longGroup(n int) corewasm.RecGroup {
	g := corewasm.RecGroup{Types: make([]corewasm.SubType, n)}
	param := corewasm.ValType{Code: corewasm.CodeRefNull}
	for i := range g.Types {
		ref := corewasm.ValType{Code: corewasm.CodeRefNull, Heap: corewasm.HeapType(1 + (i+1)%n)}
		if i%50 != 0 {
			g.Types[i].Supers, ref = []uint32{uint32(i)}, corewasm.ValType{Code: corewasm.CodeRefNull, Heap: corewasm.HeapType(1 + i)}
		}
		g.Types[i].Kind, g.Types[i].Func = corewasm.CompFunc, corewasm.FuncType{Params: vals(param), Results: vals(ref)}
	}
	return g
}

// linked returns a component with a core module that exports a function of one type to another module that imports it
// with another type, by index.
func linked(from, to corewasm.RecGroup, typ uint32) *component.Component {
	module := func(g corewasm.RecGroup) *corewasm.Module {
		return &corewasm.Module{Types: []corewasm.RecGroup{{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc}}}, g}}
	}
	a, b := module(from), module(to)
	a.Funcs = []uint32{typ}
	a.Exports = []corewasm.Export{{Name: "f", Kind: corewasm.ExternFunc}}
	b.Imports = []corewasm.Import{{Module: "a", Name: "f", Kind: corewasm.ExternFunc, Func: typ}}
	a.Index()
	b.Index()
	return &component.Component{Defs: []component.Def{
		&component.CoreModule{Module: a}, &component.CoreInstance{},
		&component.CoreModule{Module: b}, &component.CoreInstance{Module: 1, Args: []component.CoreArg{{Name: "a"}}},
	}}
}

// TestLongGroups links functions whose types are in recursion groups that stay encoded.
func TestLongGroups(t *testing.T) {
	const n = 3 * longTypes
	if err := Component(linked(longGroup(n), longGroup(n), n)); err != nil {
		t.Error(err)
	}
	other := longGroup(n)
	for i := range other.Types {
		other.Types[i].Func.Params = vals(corewasm.I32)
	}
	for _, err := range []error{Component(linked(longGroup(n), other, 1)), Component(linked(longGroup(n), longGroup(n+50), 1))} {
		if err == nil || !strings.Contains(err.Error(), "expected") {
			t.Errorf("functions of different types are linked: %v", err)
		}
	}
	late := longGroup(n)
	late.Types[n-1].Supers = []uint32{n}
	final := longGroup(n)
	final.Types[n-2].Final = true
	for want, g := range map[string]corewasm.RecGroup{"not defined before": late, "is final": final} {
		if err := Component(linked(g, g, 1)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to say that the supertype %s", err, want)
		}
	}
}
