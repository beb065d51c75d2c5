// Package constexpr evaluates constant expressions as far as possible without the values of the globals that they read
// (core specification, "Constant Expressions").
package constexpr

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// Number returns the value of an expression that is a single integer constant. i32 is unsigned, as in addresses.
func Number(x corewasm.Expr) (v uint64, ok bool) {
	v, is64, ok := Integer(x)
	if !is64 {
		v = uint64(uint32(v))
	}
	return v, ok
}

// Integer returns the value of an expression that is a single integer constant, with its sign extended, and whether that
// is an i64. Anything else, well formed or not, is not ok.
func Integer(x corewasm.Expr) (v uint64, is64, ok bool) {
	last := len(x.Bytes) - 1
	if last < 2 || x.Bytes[last] != byte(op.End) {
		return 0, false, false
	}
	var s int64
	var n int
	var err error
	switch op.Op(x.Bytes[0]) {
	case op.I32Const:
		var narrow int32
		narrow, n, err = leb128.S32(x.Bytes[1:last])
		s = int64(narrow)
	case op.I64Const:
		is64 = true
		s, n, err = leb128.S64(x.Bytes[1:last])
	default:
		return 0, false, false
	}
	if err != nil || 1+n != last {
		return 0, false, false
	}
	return uint64(s), is64, true
}

// IsShort reports whether a valid expression is a single integer constant in its shortest encoding.
func IsShort(x corewasm.Expr) bool {
	last := len(x.Bytes) - 2 // of the integer
	if last < 1 || x.Bytes[0] != byte(op.I32Const) && x.Bytes[0] != byte(op.I64Const) {
		return false
	}
	for _, b := range x.Bytes[1:last] {
		if b < 0x80 {
			return false
		}
	}
	switch top := x.Bytes[last]; {
	case top >= 0x80:
		return false
	case last > 1 && (top == 0 || top == 0x7f): // the byte may only repeat the sign
		return x.Bytes[last-1]>>6&1 != top&1
	}
	return true
}

// ReadsGlobal reports whether an expression reads a global.
func ReadsGlobal(x corewasm.Expr) bool {
	return has(x, func(o op.Op) bool { return o == op.GlobalGet })
}

// Allocates reports whether an expression allocates an object, so that evaluating it twice yields two.
func Allocates(x corewasm.Expr) bool {
	return has(x, func(o op.Op) bool { return o.Prefix() == op.PrefixGC && o != op.RefI31 })
}

// AllocatesMany reports whether an expression allocates an array with a number of elements that an engine may refuse.
func AllocatesMany(x corewasm.Expr) bool {
	return has(x, func(o op.Op) bool { return o == op.ArrayNew || o == op.ArrayNewDefault })
}

// EachFunc calls a function for each reference to a function in an expression.
func EachFunc(x corewasm.Expr, visit func(f uint32)) {
	for r := op.NewReader(x.Bytes, x.Offset); r.Next(); {
		if r.In.Op == op.RefFunc {
			visit(r.In.Index)
		}
	}
}

// EachElem calls a function for each reference to a function among the elements of a segment.
func EachElem(e *corewasm.Elem, visit func(f uint32)) {
	for k := range e.Funcs {
		visit(e.Func(k))
	}
	for _, x := range e.Exprs {
		EachFunc(x, visit)
	}
}

func has(x corewasm.Expr, is func(op.Op) bool) bool {
	for r := op.NewReader(x.Bytes, x.Offset); r.Next(); {
		if is(r.In.Op) {
			return true
		}
	}
	return false
}

// Fold evaluates an expression of integer instructions. It returns any other expression unchanged.
func Fold(x corewasm.Expr) corewasm.Expr {
	type number struct {
		v   int64
		i64 bool
	}
	var stack []number
	r := op.NewReader(x.Bytes, x.Offset)
	for r.Next() {
		switch code := r.In.Op; code {
		case op.I32Const, op.I64Const:
			stack = append(stack, number{int64(r.In.Value), code == op.I64Const})
		case op.I32Add, op.I32Sub, op.I32Mul, op.I64Add, op.I64Sub, op.I64Mul:
			n := len(stack) - 2
			if n < 0 {
				return x
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
			return x
		}
	}
	if r.Err != nil || len(stack) != 1 {
		return x
	}
	c := encode.I32Const(int32(stack[0].v))
	if stack[0].i64 {
		c = encode.I64Const(stack[0].v)
	}
	return corewasm.Expr{Bytes: c.Bytes, Offset: x.Offset}
}
