// This file implements function bodies: those of core instances, rewritten, and generated ones.

package merge

import (
	"context"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/edit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
)

// batch is a batch of bodies of one core instance, and the result.
type batch struct {
	core      graph.CoreID
	first     uint32 // function index of the first body in its module
	from      []corewasm.Body
	out       corewasm.Coded
	refs      []uint32 // functions that ref.func names
	namesData bool     // whether an instruction names a data segment
}

// code generates the bodies of all functions, with their indices rewritten, and the names. Batches are independent, so
// the result does not depend on scheduling.
func (m *merger) code(ctx context.Context) error {
	var batches []*batch
	for id, ci := range m.live.Cores() {
		mod := ci.Module
		for _, b := range corewasm.Batches(mod.Code, (*corewasm.Body).Size) {
			first := mod.NumImported(corewasm.ExternFunc) + uint32(b.First)
			batches = append(batches, &batch{core: id, first: first, from: b.Bodies})
		}
	}
	err := corewasm.InParallel(ctx, len(batches), func() func(int) error {
		var buf []byte
		return func(i int) (err error) {
			b := batches[i]
			if buf, err = b.rewrite(m.edits[b.core], buf[:0]); err != nil {
				return m.in(b.core, err)
			}
			b.out = corewasm.Coded{Count: len(b.from), Bytes: slices.Clone(buf)}
			return nil
		}
	})
	if err != nil {
		return err
	}
	var refs []uint32
	for _, b := range batches {
		refs = append(refs, b.refs...)
		m.out.Coded = append(m.out.Coded, b.out)
		if b.namesData && m.out.DataCount == nil {
			m.out.DataCount = new(uint32)
		}
	}
	for id := range m.deferred {
		for _, d := range m.deferred[id].inits {
			for r := op.NewReader(d.value, 0); r.Next(); {
				if r.In.Op == op.RefFunc {
					refs = append(refs, r.In.Index)
				}
			}
		}
	}
	for _, f := range m.u.Funcs {
		m.out.Code = append(m.out.Code, f.Encode(m))
	}
	m.names()
	m.declare(refs)
	return nil
}

// rewrite appends the batch's bodies, each preceded by its length, with the indices of shared.
func (b *batch) rewrite(shared *edit.Editor, buf []byte) ([]byte, error) {
	ed := *shared
	ed.OnRefFunc = func(now uint32) { b.refs = append(b.refs, now) }
	ed.OnData = func() { b.namesData = true }
	var err error
	for i := range b.from {
		body := &b.from[i]
		size := 0
		buf = leb128.AppendSized(buf, len(body.Code)+2*len(body.Locals)+1, func(buf []byte) []byte {
			start := len(buf)
			var locals []corewasm.LocalRun
			if locals, err = ed.Locals(body); err == nil {
				buf, err = ed.Body(encode.AppendLocals(buf, locals), body)
			}
			size = len(buf) - start
			return buf
		})
		if err == nil {
			err = limits.Body(size, len(body.Code), b.first+uint32(i))
		}
		if err != nil {
			break
		}
	}
	return buf, err
}

// declare ensures that every function in a ref.func of a body is declared outside bodies. Exports did so in the
// original modules, and they are gone.
func (m *merger) declare(refs []uint32) {
	if len(refs) == 0 {
		return
	}
	slices.Sort(refs)
	declared := make([]bool, m.startFn+1)
	for i := range m.out.Elems {
		e := &m.out.Elems[i]
		for k := range e.Funcs {
			declared[e.Func(k)] = true
		}
		for _, x := range m.out.Elems[i].Exprs {
			declaredIn(x, declared)
		}
	}
	for i := range m.out.NumGlobals() {
		declaredIn(m.out.GlobalAt(i).Init, declared)
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
}

func declaredIn(x corewasm.Expr, declared []bool) {
	for r := op.NewReader(x.Bytes, x.Offset); r.Next(); {
		if r.In.Op == op.RefFunc {
			declared[r.In.Index] = true
		}
	}
}
