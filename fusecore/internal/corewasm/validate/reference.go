// This file implements the check of reference and garbage collection instructions.

package validate

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/typing"
)

// reference checks the one-byte reference instructions.
func (c *checker) reference(in *op.Instr) {
	switch in.Op {
	case op.RefNull:
		c.pushVal(refNull(in.Heap))
	case op.RefIsNull:
		c.popRef()
		c.pushVal(corewasm.I32)
	case op.RefFunc:
		if c.constExpr {
			c.env.declared[in.Index] = true
		} else if !c.env.declared[in.Index] {
			c.fail("function %d is not declared: it must stand in an export, an element segment or a global", in.Index)
		}
		t, _ := c.m.FuncTypeIndex(in.Index)
		c.pushVal(refTo(corewasm.HeapType(t)))
	case op.RefEq:
		c.pop(refNull(corewasm.HeapEq))
		c.pop(refNull(corewasm.HeapEq))
		c.pushVal(corewasm.I32)
	case op.RefAsNonNull:
		c.pushVal(refTo(c.popRef().Heap))
	case op.BrOnNull:
		t := c.popRef()
		c.passLabel(c.target(in.Index))
		c.pushVal(refTo(t.Heap))
	case op.BrOnNonNull:
		t := c.popRef()
		label := c.target(in.Index)
		if n := len(label); n == 0 || !c.match(refTo(t.Heap), label[n-1]) {
			c.fail("type mismatch: label %d must take %s last, it takes %s", in.Index, name(refTo(t.Heap)), list(label))
			return
		}
		c.passLabel(label[:len(label)-1])
	}
}

// gc checks the instructions on structs, arrays, i31 and casts.
func (c *checker) gc(in *op.Instr) {
	switch in.Op {
	case op.StructNew, op.StructNewDefault, op.StructGet, op.StructGetS, op.StructGetU, op.StructSet:
		c.structs(in)
	case op.RefTest, op.RefTestNull, op.RefCast, op.RefCastNull:
		c.castTo(in)
	case op.BrOnCast, op.BrOnCastFail:
		c.branchOnCast(in)
	case op.AnyConvertExtern:
		c.convert(corewasm.HeapExtern, corewasm.HeapAny)
	case op.ExternConvertAny:
		c.convert(corewasm.HeapAny, corewasm.HeapExtern)
	case op.RefI31:
		c.pop(corewasm.I32)
		c.pushVal(refTo(corewasm.HeapI31))
	case op.I31GetS, op.I31GetU:
		c.pop(refNull(corewasm.HeapI31))
		c.pushVal(corewasm.I32)
	case op.ArrayLen:
		c.pop(refNull(corewasm.HeapArray))
		c.pushVal(corewasm.I32)
	default:
		c.arrays(in)
	}
}

func (c *checker) structs(in *op.Instr) {
	t := c.Def(in.Index)
	ref := corewasm.HeapType(in.Index)
	if t.Kind != corewasm.CompStruct {
		c.fail("type %d is not a struct", in.Index)
		return
	}
	switch in.Op {
	case op.StructNew:
		for i := len(t.Fields) - 1; i >= 0; i-- {
			c.pop(unpacked(t.Fields[i].Storage))
		}
		c.pushVal(refTo(ref))
		return
	case op.StructNewDefault:
		for i, f := range t.Fields {
			if !defaultable(f.Storage) {
				c.fail("field %d of %s has no default value", i, f.Storage)
			}
		}
		c.pushVal(refTo(ref))
		return
	}
	if int64(in.Index2) >= int64(len(t.Fields)) {
		c.fail("field index %d is out of range: there are %d", in.Index2, len(t.Fields))
		return
	}
	f := t.Fields[in.Index2]
	if in.Op == op.StructSet {
		if !f.Mutable {
			c.fail("field %d is immutable", in.Index2)
		}
		c.pop(unpacked(f.Storage))
		c.pop(refNull(ref))
		return
	}
	c.packing(f.Storage, in.Op != op.StructGet)
	c.pop(refNull(ref))
	c.pushVal(unpacked(f.Storage))
}

// packing checks that reads with a sign extension, and only those, are of packed types.
func (c *checker) packing(t corewasm.ValType, signed bool) {
	if signed != packed(t) {
		c.fail("wrong form of the instruction for storage type %s: _s and _u are for packed types", t)
	}
}

func (c *checker) arrays(in *op.Instr) {
	t := c.Def(in.Index)
	if t.Kind != corewasm.CompArray {
		c.fail("type %d is not an array", in.Index)
		return
	}
	elem := t.Fields[0]
	val, ref, i32 := unpacked(elem.Storage), refNull(corewasm.HeapType(in.Index)), corewasm.I32
	switch in.Op {
	case op.ArraySet, op.ArrayFill, op.ArrayCopy, op.ArrayInitData, op.ArrayInitElem:
		if !elem.Mutable {
			c.fail("array type %d is immutable", in.Index)
		}
	case op.ArrayGet, op.ArrayGetS, op.ArrayGetU:
		c.packing(elem.Storage, in.Op != op.ArrayGet)
	}
	switch in.Op {
	case op.ArrayNewData, op.ArrayInitData:
		if elem.Storage.IsRef() {
			c.fail("an array of %s cannot be filled from a data segment", elem.Storage)
		}
	case op.ArrayNewElem, op.ArrayInitElem:
		if s := c.m.Elems[in.Index2].Type; !c.match(s, elem.Storage) {
			c.fail("type mismatch: the segment holds %s, the array %s", s, elem.Storage)
		}
	}
	var params []corewasm.ValType
	result := refTo(corewasm.HeapType(in.Index))
	switch in.Op {
	case op.ArrayNew:
		params = []corewasm.ValType{val, i32}
	case op.ArrayNewDefault:
		if !defaultable(elem.Storage) {
			c.fail("elements of %s have no default value", elem.Storage)
		}
		params = []corewasm.ValType{i32}
	case op.ArrayNewFixed:
		if in.Index2 > maxFixed {
			c.fail("%d operands: at most %d are supported", in.Index2, maxFixed)
			return
		}
		for range in.Index2 {
			c.pop(val)
		}
	case op.ArrayNewData, op.ArrayNewElem:
		params = []corewasm.ValType{i32, i32}
	case op.ArrayGet, op.ArrayGetS, op.ArrayGetU:
		params, result = []corewasm.ValType{ref, i32}, val
	case op.ArraySet:
		params, result = []corewasm.ValType{ref, i32, val}, typing.Bot
	case op.ArrayFill:
		params, result = []corewasm.ValType{ref, i32, val, i32}, typing.Bot
	case op.ArrayCopy:
		params, result = c.arrayCopy(in, elem.Storage), typing.Bot
	case op.ArrayInitData, op.ArrayInitElem:
		params, result = []corewasm.ValType{ref, i32, i32, i32}, typing.Bot
	}
	c.popVals(params)
	if result != typing.Bot {
		c.pushVal(result)
	}
}

func (c *checker) arrayCopy(in *op.Instr, dst corewasm.ValType) []corewasm.ValType {
	src := c.Def(in.Index2)
	if src.Kind != corewasm.CompArray {
		c.fail("type %d is not an array", in.Index2)
		return nil
	}
	if s := src.Fields[0].Storage; !c.match(s, dst) {
		c.fail("type mismatch: the source holds %s, the destination %s", s, dst)
	}
	return []corewasm.ValType{
		refNull(corewasm.HeapType(in.Index)), corewasm.I32, refNull(corewasm.HeapType(in.Index2)), corewasm.I32, corewasm.I32,
	}
}

// castTo checks ref.test and ref.cast: the operand must be in the target's hierarchy.
func (c *checker) castTo(in *op.Instr) {
	c.pop(refNull(typing.Top(c.types, in.Heap)))
	switch in.Op {
	case op.RefCast:
		c.pushVal(refTo(in.Heap))
	case op.RefCastNull:
		c.pushVal(refNull(in.Heap))
	default:
		c.pushVal(corewasm.I32)
	}
}

func (c *checker) branchOnCast(in *op.Instr) {
	from, to := casts(in)
	if !c.match(to, from) {
		c.fail("type mismatch: %s does not match %s", to, from)
		return
	}
	rest := from // the type of a value when the cast fails
	if to.Code == corewasm.CodeRefNull {
		rest = refTo(from.Heap)
	}
	taken, falls := to, rest
	if in.Op == op.BrOnCastFail {
		taken, falls = rest, to
	}
	label := c.target(in.Index)
	if n := len(label); n == 0 || !c.match(taken, label[n-1]) {
		c.fail("type mismatch: label %d must take %s last, it takes %s", in.Index, taken, list(label))
		return
	}
	c.pop(from)
	c.passLabel(label[:len(label)-1])
	c.pushVal(falls)
}

// convert checks the conversions between internal and external references, which keep nullability.
func (c *checker) convert(from, to corewasm.HeapType) {
	if t := c.pop(refNull(from)); t.Code == corewasm.CodeRefNull {
		c.pushVal(refNull(to))
		return
	}
	c.pushVal(refTo(to))
}
