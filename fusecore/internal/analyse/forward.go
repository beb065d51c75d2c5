// This file implements functions that only forward a call, and start functions that only write constants.

package analyse

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// forwarder is a function that only forwards its parameters to a function of its own type: the one with an index, or
// the content of a global or of a table slot.
type forwarder struct {
	index uint32              // in the module's index space
	kind  corewasm.ExternKind // of the destination
	place uint32              // the index of that function, global or table
	slot  uint64
}

// findForwarders lists the functions of a module that only forward their parameters.
func findForwarders(m *corewasm.Module) (out []forwarder) {
	base := m.NumImported(corewasm.ExternFunc)
	for i := range m.Code {
		if f, ok := forwards(m, base+uint32(i), &m.Code[i]); ok {
			out = append(out, f)
		}
	}
	return out
}

// forwards matches the body `local.get 0 ... local.get n-1, CALL, end`, where CALL is one of
//
//	call f
//	ref.func f, call_ref own-type
//	global.get g, call_ref own-type
//	const slot, call_indirect own-type table
//	const slot, table.get table, call_ref own-type
//
// or the tail call in its place. A reference may be cast before it is called, and the call may be returned from.
func forwards(m *corewasm.Module, index uint32, body *corewasm.Body) (f forwarder, ok bool) {
	ft := m.FuncTypeOf(index)
	if ft == nil || len(body.Locals) != 0 || len(body.Code) < 2*len(ft.Params)+3 {
		return f, false
	}
	r := op.NewReader(body.Code, body.Offset)
	for i := range ft.Params {
		if !r.Next() || r.In.Op != op.LocalGet || r.In.Index != uint32(i) {
			return f, false
		}
	}
	own := func(t uint32) bool { return sameFuncType(m, t, m.Funcs[index-m.NumImported(corewasm.ExternFunc)]) }
	f.index = index
	const nothing, number, reference, called = 0, 1, 2, 3
	for state := nothing; r.Next(); {
		in := &r.In
		switch {
		case state == nothing && (in.Op == op.Call || in.Op == op.ReturnCall):
			f.kind, f.place, state = corewasm.ExternFunc, in.Index, called
		case state == nothing && in.Op == op.RefFunc:
			f.kind, f.place, state = corewasm.ExternFunc, in.Index, reference
		case state == nothing && in.Op == op.GlobalGet:
			f.kind, f.place, state = corewasm.ExternGlobal, in.Index, reference
		case state == nothing && in.Op == op.I32Const:
			f.slot, state = uint64(uint32(in.Value)), number
		case state == nothing && in.Op == op.I64Const:
			f.slot, state = in.Value, number
		case state == number && (in.Op == op.CallIndirect || in.Op == op.ReturnCallIndirect) && own(in.Index):
			f.kind, f.place, state = corewasm.ExternTable, in.Index2, called
		case state == number && in.Op == op.TableGet:
			f.kind, f.place, state = corewasm.ExternTable, in.Index, reference
		case state == reference && in.Op == op.RefAsNonNull:
		case state == reference && (in.Op == op.RefCast || in.Op == op.RefCastNull) && in.Heap >= 0 && own(uint32(in.Heap)):
		case state == reference && (in.Op == op.CallRef || in.Op == op.ReturnCallRef) && own(in.Index):
			state = called
		case state == called && in.Op == op.Return:
		case state == called && in.Op == op.End:
			return f, r.Pos == len(body.Code) && f.place < m.Count(f.kind) // false only for code that was not validated
		default:
			return f, false
		}
	}
	return f, false
}

// sameFuncType reports whether two type indices of a module are the same function type: equal types that are both final
// and alone in their recursion groups, or the same index.
func sameFuncType(m *corewasm.Module, a, b uint32) bool {
	if a == b {
		return true
	}
	x, y := m.SubTypeAt(a), m.SubTypeAt(b)
	return x != nil && y != nil && x.Kind == corewasm.CompFunc && y.Kind == corewasm.CompFunc && x.Func.Equal(y.Func) &&
		m.PlainType(a) && m.PlainType(b)
}

// write is one write of an initialiser.
type write struct {
	kind  corewasm.ExternKind // ExternGlobal or ExternTable
	place uint32              // its index
	slot  uint64              // of a table
	value operand
}

// operand is a constant on the stack of an initialiser: a function, an integer, or something else.
type operand struct {
	isFunc bool
	fn     uint32
	bits   uint64
}

// initialisers returns the writes of each module whose start function only writes constants to globals and tables, and
// cannot trap.
func initialisers(g *graph.Graph) map[*corewasm.Module][]write {
	out := map[*corewasm.Module][]write{}
	for id := range g.Cores {
		m := g.Cores[id].Module
		if writes, ok := initialiser(m); ok {
			out[m] = writes
		}
	}
	return out
}

// places are the kinds of items that instructions of initialisers write.
var places = map[op.Op]corewasm.ExternKind{
	op.RefFunc: corewasm.ExternFunc, op.GlobalSet: corewasm.ExternGlobal, op.TableSet: corewasm.ExternTable,
}

// initialiser is initialisers for one module. ok is false for any other start function, and for modules without one.
func initialiser(m *corewasm.Module) (writes []write, ok bool) {
	writes = []write{}
	if m.Start == nil {
		return nil, false
	}
	defined := int64(*m.Start) - int64(m.NumImported(corewasm.ExternFunc))
	if defined < 0 || defined >= int64(len(m.Code)) {
		return nil, false
	}
	var stack []operand
	pop := func() (o operand) {
		if n := len(stack); n > 0 {
			o, stack = stack[n-1], stack[:n-1]
		}
		return o
	}
	r := op.NewReader(m.Code[defined].Code, m.Code[defined].Offset)
	for r.Next() {
		in := &r.In
		if kind, named := places[in.Op]; named && in.Index >= m.Count(kind) {
			return nil, false // only for code that was not validated
		}
		switch in.Op {
		case op.RefFunc:
			stack = append(stack, operand{isFunc: true, fn: in.Index})
		case op.RefNull, op.F32Const, op.F64Const, op.V128Const:
			stack = append(stack, operand{})
		case op.I32Const:
			stack = append(stack, operand{bits: uint64(uint32(in.Value))})
		case op.I64Const:
			stack = append(stack, operand{bits: in.Value})
		case op.GlobalSet:
			writes = append(writes, write{kind: corewasm.ExternGlobal, place: in.Index, value: pop()})
		case op.TableSet:
			w := write{kind: corewasm.ExternTable, place: in.Index, value: pop()}
			w.slot = pop().bits
			if t, _ := m.TableTypeOf(in.Index); w.slot >= t.Limits.Min {
				return nil, false // may trap
			}
			writes = append(writes, w)
		case op.End:
			return writes, r.Pos == len(r.B) && len(stack) == 0
		default:
			return nil, false
		}
	}
	return nil, false
}
