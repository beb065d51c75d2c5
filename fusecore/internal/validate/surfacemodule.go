// This file implements types of core modules in surfaces.

package validate

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// Module returns the type of a core module, without aliases. ok is false for other sorts, and if it uses types that are
// not simply functions of numbers, vectors and abstract references.
func (x Extern) Module() (t *component.ModuleType, ok bool) {
	if x.e.kind != entModule || x.e.mod.unknown {
		return nil, false
	}
	w := &moduleWriter{types: x.s.core, t: &component.ModuleType{}, indices: map[coreTypeID]uint32{}, ok: true}
	for _, imp := range x.e.mod.imports {
		i := w.item(imp.ext)
		i.Module, i.Name = imp.module, imp.name
		w.t.Decls = append(w.t.Decls, component.ModuleDecl{Import: &i})
	}
	for k, name := range x.e.mod.exports.names {
		i := w.item(x.e.mod.exports.exts[k])
		i.Name = name
		w.t.Decls = append(w.t.Decls, component.ModuleDecl{Export: &component.CoreExtern{Import: i}})
	}
	return w.t, w.ok
}

// moduleWriter is the state of writing one module type.
type moduleWriter struct {
	types   *coreTypes
	t       *component.ModuleType
	indices map[coreTypeID]uint32
	ok      bool
}

// item describes an import or export, after defining its type.
func (w *moduleWriter) item(x coreExtern) corewasm.Import {
	i := corewasm.Import{Kind: x.kind, Table: x.table, Mem: x.mem, Global: x.global}
	switch x.kind {
	case corewasm.ExternFunc:
		i.Func = w.funcType(x.typ)
	case corewasm.ExternTag:
		i.Tag = w.funcType(x.typ)
	case corewasm.ExternTable:
		w.ok = w.ok && !indexed(x.table.Elem)
	case corewasm.ExternGlobal:
		w.ok = w.ok && !indexed(x.global.Type)
	}
	return i
}

func indexed(t corewasm.ValType) bool { return t.IsRef() && t.Heap >= 0 }

// funcType returns the index of a function type, defining it if necessary.
func (w *moduleWriter) funcType(id coreTypeID) uint32 {
	i, known := w.indices[id]
	if known {
		return i
	}
	ft, _ := w.types.funcType(id)
	if slices.ContainsFunc(ft.Params, indexed) || slices.ContainsFunc(ft.Results, indexed) || w.types.function(ft.Params, ft.Results) != id {
		w.ok = false
		return 0
	}
	i = uint32(len(w.indices))
	w.indices[id] = i
	g := &corewasm.RecGroup{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc, Func: ft}}}
	w.t.Decls = append(w.t.Decls, component.ModuleDecl{Type: &component.CoreType{Rec: g}})
	return i
}
