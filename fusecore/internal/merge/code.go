// This file implements function bodies: those of core instances and generated ones.

package merge

import (
	"context"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/constexpr"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/edit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// code lists the bodies of all functions in the draft, and the names. Generated functions are generated here, with their
// final indices.
func (m *merger) code(ctx context.Context) error {
	d := m.fused.Draft
	d.Module = m.out
	for id, ci := range m.live.Cores() {
		source := int32(len(d.Sources))
		d.Sources = append(d.Sources, draft.Source{Name: ci.Path, Code: ci.Module, Edit: m.edits[id]})
		for i := range ci.Module.Code {
			d.Bodies = append(d.Bodies, draft.Body{Source: source, Index: int32(i)})
		}
	}
	generated := &corewasm.Module{}
	var outlined []bool
	for i, f := range m.u.Funcs {
		generated.Code = append(generated.Code, f.Encode(m))
		outlined = append(outlined, f.Outlined)
		d.Bodies = append(d.Bodies, draft.Body{Source: int32(len(d.Sources)), Index: int32(i)})
	}
	d.Sources = append(d.Sources, draft.Source{Name: "generated", Code: generated, Generated: true, Outlined: outlined, Edit: new(edit.Editor)})
	if err := d.Scan(ctx); err != nil {
		return err
	}
	m.names()
	return m.declare()
}

// declare ensures that every function in a ref.func of a body is declared outside bodies, which exports did in the
// original modules, and that there is a data count section if a body names a segment.
func (m *merger) declare() error {
	var refs []uint32
	d := m.fused.Draft
	for i := range d.Sources {
		s := &d.Sources[i]
		for _, r := range d.Refs(s).List {
			switch r.Use() {
			case corewasm.UseRefFunc:
				f, err := s.Edit.Index(op.SpaceFunc, r.Index())
				if err != nil {
					return err
				}
				refs = append(refs, f)
			case corewasm.UseData, corewasm.UseDataDrop:
				if m.out.DataCount == nil {
					m.out.DataCount = new(uint32)
				}
			}
		}
	}
	for id := range m.deferred {
		for _, d := range m.deferred[id].inits {
			constexpr.EachFunc(corewasm.Expr{Bytes: d.value}, func(f uint32) { refs = append(refs, f) })
		}
	}
	if len(refs) == 0 {
		return nil
	}
	slices.Sort(refs)
	declared := make([]bool, m.startFn+1)
	declare := func(f uint32) { declared[f] = true }
	for i := range m.out.Elems {
		constexpr.EachElem(&m.out.Elems[i], declare)
	}
	for i := range m.out.NumGlobals() {
		constexpr.EachFunc(m.out.GlobalAt(i).Init, declare)
	}
	var missing []uint32
	for _, f := range slices.Compact(refs) {
		if !declared[f] {
			missing = append(missing, f)
		}
	}
	if len(missing) > 0 {
		m.out.Elems = append(m.out.Elems, corewasm.Elem{
			Mode: corewasm.SegDeclarative, Type: corewasm.ValType{Code: corewasm.CodeRef, Heap: corewasm.HeapFunc}, Funcs: missing,
		})
	}
	return nil
}
