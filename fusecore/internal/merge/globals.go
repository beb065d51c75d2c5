// This file implements the rewriting of constant expressions, which may read globals of other core instances.

package merge

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/constexpr"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// maxUnfolded limits the bytes of a constant expression in which initial values are substituted.
const maxUnfolded = 1 << 16

// expr rewrites a constant expression of a core instance. Reads of imported globals that the merged module defines are
// replaced by the globals' initial values, so that engines need not support constant expressions that read globals of
// the same module. Only globals whose values have an identity are still read. Integer arithmetic is evaluated, so that
// nested initial values do not grow exponentially.
func (m *merger) expr(id graph.CoreID, x corewasm.Expr) (corewasm.Expr, error) {
	if constexpr.IsShort(x) {
		return x, nil
	}
	out, err := m.unfold(id, x, func(global graph.CoreRef) ([]byte, error) {
		if global.Core == id {
			return nil, nil
		}
		return m.initial(global)
	})
	return constexpr.Fold(out), err
}

// unfold rewrites a constant expression of a core instance for the output's indices. value returns the replacement for
// reading a global, as instructions without the end, or nil if the global is to be read.
func (m *merger) unfold(id graph.CoreID, x corewasm.Expr, value func(graph.CoreRef) ([]byte, error)) (corewasm.Expr, error) {
	out := corewasm.Expr{Offset: x.Offset}
	from := 0 // x up to here is in out
	keep := func(to int) error {
		part, err := m.edits[id].Expr(corewasm.Expr{Bytes: x.Bytes[from:to:to], Offset: x.Offset + int64(from)})
		out.Bytes = append(out.Bytes, part.Bytes...)
		return err
	}
	r := op.NewReader(x.Bytes, x.Offset)
	for start := 0; r.Next(); start = r.Pos {
		if r.In.Op != op.GlobalGet {
			continue
		}
		v, err := value(m.g.Item(id, corewasm.ExternGlobal, r.In.Index))
		if v == nil && err == nil {
			continue
		}
		if err == nil {
			err = keep(start)
		}
		if err != nil {
			return x, err
		}
		out.Bytes = append(out.Bytes, v...)
		if len(out.Bytes) > maxUnfolded {
			return x, diag.New("", "the constant expression at offset 0x%x unfolds to more than %d bytes", x.Offset, maxUnfolded)
		}
		from = r.Pos
	}
	if r.Err != nil {
		return x, r.Err
	}
	return out, keep(len(x.Bytes))
}

// initial returns the initial value of a global, or nil for one that must be read because its value has an identity.
func (m *merger) initial(global graph.CoreRef) ([]byte, error) {
	if value, ok := m.values[global]; ok {
		return value, nil
	}
	var value []byte
	if def := m.definedGlobal(global); !def.Type.Mutable && !constexpr.Allocates(def.Init) {
		x, err := m.expr(global.Core, def.Init)
		if err != nil {
			return nil, err
		}
		value = trimEnd(x)
	}
	m.values[global] = value
	return value, nil
}

// fresh returns a value with the shape of a global's initial value, with new objects.
func (m *merger) fresh(global graph.CoreRef) ([]byte, error) {
	x, err := m.unfold(global.Core, m.definedGlobal(global).Init, m.fresh)
	if err != nil {
		return nil, err
	}
	return trimEnd(x), nil
}

func (m *merger) definedGlobal(global graph.CoreRef) corewasm.Global {
	return m.g.Cores[global.Core].Module.DefinedGlobal(global.Index)
}

// trimEnd returns an expression's instructions without the end.
func trimEnd(x corewasm.Expr) []byte { return x.Bytes[:len(x.Bytes)-1] }

// tableInit returns the initializer of a core instance's table, whose index in the output is given. A table cannot read a
// global of the output, because tables come before globals. If its initializer does, or if the output imports it, the table
// is initially null, or is given a fresh value of the same shape if null is not allowed, until the start function fills it.
func (m *merger) tableInit(id graph.CoreID, index uint32, t corewasm.TableType, x corewasm.Expr) (*corewasm.Expr, error) {
	init, err := m.expr(id, x)
	if err != nil || !constexpr.ReadsGlobal(init) && index >= m.imported[corewasm.ExternTable] {
		return &init, err
	}
	d := deferredInit{table: index, limits: t.Limits, value: trimEnd(init)}
	m.deferred[id].inits = append(m.deferred[id].inits, d)
	m.initDeferred[d.table] = true
	if t.Elem.Code == corewasm.CodeRefNull {
		return nil, nil
	}
	init, err = m.unfold(id, x, m.fresh)
	return &init, err
}
