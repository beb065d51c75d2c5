package merge

import (
	"bytes"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// expr rewrites a constant expression of a core instance. Reading an imported global, which the merged module defines
// itself, becomes that global's own initial value, so that engines need not allow constant expressions to read globals
// of the same module.
func (m *merger) expr(id plan.CoreID, e corewasm.Expr) (corewasm.Expr, error) {
	ci := &m.g.Cores[id]
	r := op.NewReader(e.Bytes, e.Offset)
	var out []byte
	from := 0
	for start := 0; r.Next(); start = r.Pos {
		if r.In.Op != op.GlobalGet {
			continue
		}
		pos, imported := ci.Module.ImportAt(corewasm.ExternGlobal, r.In.Index)
		if !imported {
			continue
		}
		value, ok, err := m.initial(ci.Args[pos])
		if err != nil {
			return e, err
		}
		if !ok {
			continue
		}
		head, err := m.maps[id].Expr(corewasm.Expr{Bytes: e.Bytes[from:start:start], Offset: e.Offset + int64(from)})
		if err != nil {
			return e, err
		}
		out = append(append(out, head.Bytes...), value...)
		from = r.Pos
	}
	if r.Err != nil {
		return e, r.Err
	}
	tail, err := m.maps[id].Expr(corewasm.Expr{Bytes: e.Bytes[from:], Offset: e.Offset + int64(from)})
	return corewasm.Expr{Bytes: append(out, tail.Bytes...), Offset: e.Offset}, err
}

// initial gives the initial value of a global in the output's indices, as instructions without the end. ok is false for
// a value with an identity of its own, which can only be read from the global.
func (m *merger) initial(ref plan.CoreRef) (value []byte, ok bool, err error) {
	mod := m.g.Cores[ref.Core].Module
	def := &mod.Globals[ref.Index-mod.NumImported(corewasm.ExternGlobal)]
	if def.Type.Mutable {
		return nil, false, nil
	}
	for r := op.NewReader(def.Init.Bytes, def.Init.Offset); r.Next(); {
		if r.In.Op.Prefix() == 0xfb && r.In.Op != op.RefI31 {
			return nil, false, nil
		}
	}
	x, err := m.expr(ref.Core, def.Init)
	if err != nil {
		return nil, false, err
	}
	return bytes.TrimSuffix(x.Bytes, []byte{byte(op.End)}), true, nil
}
