package merge

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// maxInlined bounds the bytes of a constant expression that initial values are written into.
const maxInlined = 1 << 16

// expr rewrites a constant expression of a core instance. Reading an imported global, which the merged module defines
// itself, becomes that global's own initial value, so that engines need not allow constant expressions to read globals
// of the same module. Only globals whose values have an identity of their own are still read. Integer arithmetic is
// carried out, so that values of values stay small.
func (m *merger) expr(id plan.CoreID, e corewasm.Expr) (corewasm.Expr, error) {
	out, err := m.rewrite(id, e, false)
	if err == nil {
		out.Bytes = fold(out.Bytes)
	}
	return out, err
}

// rewrite is expr; with all, every global's initial value is written in its place, which makes new objects.
func (m *merger) rewrite(id plan.CoreID, e corewasm.Expr, all bool) (corewasm.Expr, error) {
	ci := &m.g.Cores[id]
	r := op.NewReader(e.Bytes, e.Offset)
	var out []byte
	from := 0
	for start := 0; r.Next(); start = r.Pos {
		if r.In.Op != op.GlobalGet {
			continue
		}
		ref := plan.CoreRef{Kind: plan.RefDef, Sort: corewasm.ExternGlobal, Core: id, Index: r.In.Index}
		pos, imported := ci.Module.ImportAt(corewasm.ExternGlobal, r.In.Index)
		switch {
		case imported:
			ref = ci.Args[pos]
		case !all:
			continue
		}
		value, ok, err := m.initial(ref, all)
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
		if len(out) > maxInlined {
			return e, diag.New("", "the constant expression at offset 0x%x unfolds to more than %d bytes", e.Offset, maxInlined)
		}
		from = r.Pos
	}
	if r.Err != nil {
		return e, r.Err
	}
	tail, err := m.maps[id].Expr(corewasm.Expr{Bytes: e.Bytes[from:], Offset: e.Offset + int64(from)})
	return corewasm.Expr{Bytes: append(out, tail.Bytes...), Offset: e.Offset}, err
}

// initial gives the initial value of a global in the output's indices, as instructions without the end. ok is false for
// a value with an identity of its own, which can only be read from the global, unless all values are asked for.
func (m *merger) initial(ref plan.CoreRef, all bool) (value []byte, ok bool, err error) {
	if value, ok := m.values[ref]; ok && !all {
		return value, value != nil, nil
	}
	mod := m.g.Cores[ref.Core].Module
	def := mod.DefinedGlobal(ref.Index)
	if all {
		x, err := m.rewrite(ref.Core, def.Init, true)
		return trimEnd(x.Bytes), true, err
	}
	if !def.Type.Mutable && plain(def.Init) {
		x, err := m.expr(ref.Core, def.Init)
		if err != nil {
			return nil, false, err
		}
		value = trimEnd(x.Bytes)
	}
	m.values[ref] = value
	return value, value != nil, nil
}

// plain says whether a constant expression makes no object.
func plain(x corewasm.Expr) bool {
	for r := op.NewReader(x.Bytes, x.Offset); r.Next(); {
		if r.In.Op.Prefix() == op.PrefixGC && r.In.Op != op.RefI31 {
			return false
		}
	}
	return true
}

// fold carries out a constant expression of integer instructions (core specification, "Constant Expressions"); any other
// stays as it is.
func fold(expr []byte) []byte {
	type number struct {
		v   int64
		i64 bool
	}
	var stack []number
	r := op.NewReader(expr, 0)
	for r.Next() {
		switch code := r.In.Op; code {
		case op.I32Const, op.I64Const:
			stack = append(stack, number{int64(r.In.Value), code == op.I64Const})
		case op.I32Add, op.I32Sub, op.I32Mul, op.I64Add, op.I64Sub, op.I64Mul:
			n := len(stack) - 2
			if n < 0 {
				return expr
			}
			a, b := &stack[n], stack[n+1].v
			switch code {
			case op.I32Add, op.I64Add:
				a.v += b
			case op.I32Sub, op.I64Sub:
				a.v -= b
			default:
				a.v *= b
			}
			if !a.i64 {
				a.v = int64(int32(a.v))
			}
			stack = stack[:n+1]
		case op.End:
		default:
			return expr
		}
	}
	switch {
	case r.Err != nil || len(stack) != 1:
		return expr
	case stack[0].i64:
		return encode.I64Const(stack[0].v).Bytes
	}
	return encode.I32Const(int32(stack[0].v)).Bytes
}

// filling is a table whose initial value is read from a global of the output. A table's own initialiser cannot read it,
// because tables come before globals, so the start function fills the table.
type filling struct {
	core  plan.CoreID
	table uint32 // in the output
	is64  bool
	size  uint64
	value []byte // constant expression without its end
}

// tableInit gives the initialiser of a core instance's table, which is the output's next. One that cannot read its
// global yet holds a value of the same making until the start function fills the table; null where that is allowed.
func (m *merger) tableInit(id plan.CoreID, t corewasm.TableType, x corewasm.Expr) (*corewasm.Expr, error) {
	init, err := m.expr(id, x)
	if err != nil || !reads(init) {
		return &init, err
	}
	f := filling{
		core: id, table: m.numImported(corewasm.ExternTable) + uint32(len(m.out.Tables)),
		is64: t.Limits.Is64, size: t.Limits.Min, value: trimEnd(init.Bytes),
	}
	m.fillings = append(m.fillings, f)
	m.filled[f.table] = true
	if t.Elem.Code == corewasm.CodeRefNull {
		return nil, nil
	}
	init, err = m.rewrite(id, x, true)
	return &init, err
}

// reads says whether a constant expression reads a global.
func reads(x corewasm.Expr) bool {
	for r := op.NewReader(x.Bytes, x.Offset); r.Next(); {
		if r.In.Op == op.GlobalGet {
			return true
		}
	}
	return false
}

// apply appends the instructions that fill the table.
func (f *filling) apply(code []byte) []byte {
	number := op.I32Const
	if f.is64 {
		number = op.I64Const
	}
	code = append(append(number.Append(code), 0), f.value...)
	size := int64(f.size)
	if !f.is64 {
		size = int64(int32(f.size))
	}
	code = leb128.AppendS64(number.Append(code), size)
	return op.TableFill.Append(code, f.table)
}
