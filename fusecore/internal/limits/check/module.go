// Package check checks modules and components, both inputs and outputs, against the limits of engines.
package check

import (
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
)

// Module checks a core module; item names it in errors. The sizes of bodies that are already encoded, and limits on
// instructions, are checked where bodies are decoded and rewritten.
func Module(item string, m *corewasm.Module) error {
	coded := 0
	for i := range m.Coded {
		coded += m.Coded[i].Count
	}
	for _, c := range []struct {
		what    string
		n, most int
	}{
		{"types", m.NumTypes(), limits.Types},
		{"imports", len(m.Imports), limits.Imports},
		{"functions", int(m.Count(corewasm.ExternFunc)), limits.Funcs},
		{"tables", int(m.Count(corewasm.ExternTable)), limits.Tables},
		{"memories", int(m.Count(corewasm.ExternMem)), limits.Memories},
		{"tags", int(m.Count(corewasm.ExternTag)), limits.Tags},
		{"globals", int(m.Count(corewasm.ExternGlobal)), limits.Globals},
		{"exports", len(m.Exports), limits.Exports},
		{"element segments", len(m.Elems), limits.Elems},
		{"data segments", m.NumData(), limits.Datas},
	} {
		if err := limits.Check(item, c.what, c.n, c.most); err != nil {
			return err
		}
	}
	for i := range m.Elems {
		if err := limits.Check(item, "elements of element segment "+strconv.Itoa(i), m.Elems[i].Len(), limits.ElemItems); err != nil {
			return err
		}
	}
	first := m.NumImported(corewasm.ExternFunc) + uint32(coded)
	for i := range m.Code {
		if err := body(m, first+uint32(i), &m.Code[i]); err != nil {
			return diag.In(err, "", item, "")
		}
	}
	return externs(item, m)
}

// body checks a function's size and locals.
func body(m *corewasm.Module, index uint32, b *corewasm.Body) error {
	if len(b.Code)+5+11*len(b.Locals) > limits.BodyBytes { // almost never true
		size := len(b.Code) + len(encode.AppendLocals(nil, b.Locals))
		if err := limits.Body(size, size, index); err != nil {
			return err
		}
	}
	locals := 0
	if t := m.FuncTypeOf(index); t != nil {
		locals = len(t.Params)
	}
	for _, r := range b.Locals {
		locals += int(r.Count)
	}
	return limits.Check("function "+strconv.Itoa(int(index)), "parameters and locals", locals, limits.Locals)
}

// externs checks the names and the types of imports and exports.
func externs(item string, m *corewasm.Module) error {
	size := 1
	for i := range m.Imports {
		im := &m.Imports[i]
		for _, name := range []string{im.Module, im.Name} {
			if err := limits.Name(item, name); err != nil {
				return err
			}
		}
		switch im.Kind {
		case corewasm.ExternFunc:
			size += typeSize(m, im.Func)
		case corewasm.ExternTag:
			size += typeSize(m, im.Tag)
		default:
			size++
		}
	}
	for i := range m.Exports {
		e := &m.Exports[i]
		if err := limits.Name(item, e.Name); err != nil {
			return err
		}
		t, ok := uint32(0), false
		switch e.Kind {
		case corewasm.ExternFunc:
			t, ok = m.FuncTypeIndex(e.Index)
		case corewasm.ExternTag:
			t, ok = m.TagTypeIndex(e.Index)
		}
		if ok {
			size += typeSize(m, t)
		} else {
			size++
		}
	}
	return limits.Check(item, "parts of the types of imports and exports", size, limits.TypeSize)
}

// typeSize returns the size of an import or export of a function type, as wasmparser measures it.
func typeSize(m *corewasm.Module, t uint32) int {
	s := m.SubTypeAt(t)
	if s == nil {
		return 1
	}
	return 2 + len(s.Func.Params) + len(s.Func.Results)
}
