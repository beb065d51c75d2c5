// This file implements the check of control, variable and bulk instructions.

package validate

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/typing"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// plain checks one-byte instructions whose type depends on the context.
func (c *checker) plain(in *op.Instr) {
	switch in.Op {
	case op.Unreachable:
		c.unreachable()
	case op.Block, op.Loop, op.If, op.TryTableOp, op.LegacyTry:
		c.block(in)
	case op.Else, op.End, op.LegacyCatch, op.LegacyCatchAll, op.LegacyDelegate:
		c.blockEnd(in)
	case op.Throw:
		c.popVals(c.tags[in.Index].Params)
		c.unreachable()
	case op.ThrowRef:
		c.pop(refNull(corewasm.HeapExn))
		c.unreachable()
	case op.LegacyRethrow:
		c.rethrow(in)
	case op.Br:
		c.popVals(c.target(in.Index))
		c.unreachable()
	case op.BrIf:
		c.pop(corewasm.I32)
		c.passLabel(c.target(in.Index))
	case op.BrTable:
		c.brTable(in)
	case op.Return:
		c.popVals(c.results)
		c.unreachable()
	case op.Call, op.ReturnCall, op.CallIndirect, op.ReturnCallIndirect, op.CallRef, op.ReturnCallRef:
		c.call(in)
	case op.Drop:
		c.popAny()
	case op.Select:
		c.sel()
	case op.SelectT:
		c.selectTyped(in)
	case op.LocalGet, op.LocalSet, op.LocalTee:
		c.localAccess(in)
	case op.GlobalGet, op.GlobalSet:
		c.globalAccess(in)
	case op.TableGet, op.TableSet:
		c.tableAccess(in)
	default:
		c.reference(in)
	}
}

// signature returns the type of a block.
func (c *checker) signature(b *op.BlockSig) *corewasm.FuncType {
	switch b.Form {
	case op.BlockValue:
		if b.Value.IsRef() {
			return &corewasm.FuncType{Results: []corewasm.ValType{b.Value}}
		}
		return &singles[b.Value.Code]
	case op.BlockIndex:
		t := c.Def(b.Index)
		if t.Kind != corewasm.CompFunc {
			c.fail("block type %d is not a function type", b.Index)
		}
		return &t.Func
	}
	return &empty
}

// empty is the type without parameters and results.
var empty corewasm.FuncType

// singles are the types with one result, of the types without a heap type.
var singles = func() (s [256]corewasm.FuncType) {
	for i := range s {
		s[i].Results = []corewasm.ValType{{Code: byte(i)}}
	}
	return s
}()

func (c *checker) block(in *op.Instr) {
	sig := c.signature(&in.Block)
	switch in.Op {
	case op.If:
		c.pop(corewasm.I32)
	case op.LegacyTry:
		if !c.allowed(in.Op) {
			c.fail("instruction is not enabled")
		}
	}
	c.popVals(sig.Params)
	if in.Op == op.TryTableOp {
		for _, k := range in.Catches {
			c.catch(k)
		}
	}
	c.push(sig, in.Op)
}

// catch checks that the values of a try_table's clause match its label, which is outside the try_table.
func (c *checker) catch(k op.Catch) {
	var given []corewasm.ValType
	if k.Kind <= op.CatchTagRef {
		given = c.tags[k.Tag].Params
	}
	if k.Kind == op.CatchTagRef || k.Kind == op.CatchAllRef {
		given = append(slices.Clip(given), refTo(corewasm.HeapExn))
	}
	if want := c.target(k.Label); !c.matchAll(given, want) {
		c.fail("type mismatch: the clause passes %s, its label expects %s", list(given), list(want))
	}
}

func list(ts []corewasm.ValType) string { return corewasm.FuncType{Results: ts}.String() }

// blockEnd checks the instructions that end a block or one of its parts.
func (c *checker) blockEnd(in *op.Instr) {
	f := c.leave()
	switch in.Op {
	case op.Else:
		c.push(f.sig, op.Else)
	case op.LegacyCatch:
		c.push(&corewasm.FuncType{Results: f.sig.Results}, in.Op)
		c.pushVals(c.tags[in.Index].Params)
	case op.LegacyCatchAll:
		c.push(&corewasm.FuncType{Results: f.sig.Results}, in.Op)
	case op.End:
		if f.op == op.If && !c.matchAll(f.sig.Params, f.sig.Results) {
			c.fail("type mismatch: without else, the parameters %s must match the results %s", list(f.sig.Params), list(f.sig.Results))
		}
		c.pushVals(f.sig.Results)
	case op.LegacyDelegate:
		c.pushVals(f.sig.Results)
	}
}

func (c *checker) rethrow(in *op.Instr) {
	if f := &c.ctrls[len(c.ctrls)-1-int(in.Index)]; f.op != op.LegacyCatch && f.op != op.LegacyCatchAll {
		c.fail("label %d is not a catch clause", in.Index)
	}
	c.unreachable()
}

// passLabel checks the operands of a branch that may not be taken. They take on the types of the label.
func (c *checker) passLabel(label []corewasm.ValType) {
	c.popVals(label)
	c.pushVals(label)
}

func (c *checker) brTable(in *op.Instr) {
	c.pop(corewasm.I32)
	last := in.Labels[len(in.Labels)-1]
	want := c.target(last)
	height := c.ctrls[len(c.ctrls)-1].height
	checked := last
	for _, l := range in.Labels[:len(in.Labels)-1] {
		if l == checked {
			continue
		}
		checked = l
		ts := c.target(l)
		if len(ts) != len(want) {
			c.fail("label %d takes %d operands, the default label %d", l, len(ts), len(want))
			return
		}
		for i := range ts {
			// Operands are checked in place and keep their types. Below the block's height they are unknown.
			at := len(c.vals) - len(ts) + i
			switch {
			case at >= height:
				if t := c.vals[at].valType(); !c.match(t, ts[i]) {
					c.fail("type mismatch: %s", diag.Differ("label %d takes %s, found %s", l, ts[i], name(t)))
				}
			case !c.ctrls[len(c.ctrls)-1].unreachable:
				c.fail("type mismatch: label %d takes %d operands, but the stack has fewer", l, len(ts))
			}
		}
	}
	c.popVals(want)
	c.unreachable()
}

func (c *checker) call(in *op.Instr) {
	var t *corewasm.SubType
	switch in.Op {
	case op.Call, op.ReturnCall:
		i, _ := c.m.FuncTypeIndex(in.Index)
		t = c.Def(i)
	case op.CallIndirect, op.ReturnCallIndirect:
		t = c.Def(in.Index)
		table := &c.tables[in.Index2]
		if !c.match(table.Elem, corewasm.FuncRef) {
			c.fail("table %d holds %s, not functions", in.Index2, table.Elem)
		}
		c.pop(address(table.Limits))
	default:
		t = c.Def(in.Index)
		c.pop(refNull(corewasm.HeapType(in.Index)))
	}
	if t.Kind != corewasm.CompFunc {
		c.fail("type %d is not a function type", in.Index)
		return
	}
	c.popVals(t.Func.Params)
	switch in.Op {
	case op.ReturnCall, op.ReturnCallIndirect, op.ReturnCallRef:
		if !c.matchAll(t.Func.Results, c.results) {
			c.fail("type mismatch: the callee returns %s, the function %s", list(t.Func.Results), list(c.results))
		}
		c.unreachable()
	default:
		c.pushVals(t.Func.Results)
	}
}

// sel checks select without a type: its operands have the same number or vector type.
func (c *checker) sel() {
	c.pop(corewasm.I32)
	a, b := c.popAny(), c.popAny()
	switch {
	case a.IsRef() || b.IsRef():
		c.fail("type mismatch: %s", diag.Differ("select without a type takes %s, found %s", "numbers or vectors", "a reference"))
	case a != b && a != typing.Bot && b != typing.Bot:
		c.fail("type mismatch: operands must be of one type, found %s and %s", b, a)
	case a == typing.Bot:
		c.pushVal(b)
	default:
		c.pushVal(a)
	}
}

func (c *checker) selectTyped(in *op.Instr) {
	if len(in.Types) != 1 {
		c.fail("%d types are given: expected one", len(in.Types))
		return
	}
	c.pop(corewasm.I32)
	c.pop(in.Types[0])
	c.pop(in.Types[0])
	c.pushVal(in.Types[0])
}

func (c *checker) localAccess(in *op.Instr) {
	t := c.local(in.Index)
	switch in.Op {
	case op.LocalGet:
		if !c.initialised(in.Index, t) {
			c.fail("local %d of %s is read before it is set", in.Index, t)
		}
		c.pushVal(t)
	case op.LocalSet:
		c.pop(t)
		c.initialise(in.Index, t)
	case op.LocalTee:
		c.pop(t)
		c.pushVal(t)
		c.initialise(in.Index, t)
	}
}

func (c *checker) globalAccess(in *op.Instr) {
	g := &c.globals.types[c.globals.of[in.Index]]
	if in.Op == op.GlobalGet {
		if c.constExpr && g.Mutable {
			c.fail("global %d is mutable: a constant expression may read immutable globals only", in.Index)
		}
		c.pushVal(g.Type)
		return
	}
	if !g.Mutable {
		c.fail("global %d is immutable", in.Index)
	}
	c.pop(g.Type)
}

func (c *checker) tableAccess(in *op.Instr) {
	t := &c.tables[in.Index]
	if in.Op == op.TableGet {
		c.pop(address(t.Limits))
		c.pushVal(t.Elem)
		return
	}
	c.pop(t.Elem)
	c.pop(address(t.Limits))
}

// bulk checks operations on whole ranges of memories and tables.
func (c *checker) bulk(in *op.Instr) {
	i32 := corewasm.I32
	switch in.Op {
	case op.MemoryInit:
		c.popVals([]corewasm.ValType{address(c.mems[in.Index2].Limits), i32, i32})
	case op.MemoryCopy:
		c.copyRange(c.mems[in.Index].Limits, c.mems[in.Index2].Limits)
	case op.TableInit:
		t, e := &c.tables[in.Index2], c.m.Elems[in.Index].Type
		if !c.match(e, t.Elem) {
			c.fail("type mismatch: the segment holds %s, the table %s", e, t.Elem)
		}
		c.popVals([]corewasm.ValType{address(t.Limits), i32, i32})
	case op.TableCopy:
		dst, src := &c.tables[in.Index], &c.tables[in.Index2]
		if !c.match(src.Elem, dst.Elem) {
			c.fail("type mismatch: the source holds %s, the destination %s", src.Elem, dst.Elem)
		}
		c.copyRange(dst.Limits, src.Limits)
	case op.TableGrow:
		t := &c.tables[in.Index]
		c.pop(address(t.Limits))
		c.pop(t.Elem)
		c.pushVal(address(t.Limits))
	case op.TableFill:
		t := &c.tables[in.Index]
		c.pop(address(t.Limits))
		c.pop(t.Elem)
		c.pop(address(t.Limits))
	}
}

// copyRange pops destination, source and length; the length has the smaller address type.
func (c *checker) copyRange(dst, src corewasm.Limits) {
	length := corewasm.I32
	if dst.Is64 && src.Is64 {
		length = corewasm.I64
	}
	c.pop(length)
	c.pop(address(src))
	c.pop(address(dst))
}
