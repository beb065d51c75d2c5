// This file implements that the state is the same on all processors, which differ in the NaNs that they compute.

package preinit

import (
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// floats is a type of floating-point numbers, or of vectors of them.
type floats struct {
	name string // that instructions begin with
	typ  corewasm.ValType
	nan  corewasm.Expr // the positive canonical NaN, which every operation may return for NaN (core specification, "Numerics")
	// equal compares two values, and choose chooses between two by the outcome.
	equal, choose op.Op
}

const simd = op.Op(op.PrefixSIMD) << 16

const (
	nan32 = 0x7fc00000
	nan64 = 0x7ff8000000000000
)

var floatTypes = [...]floats{
	{"f32", corewasm.F32, f32Bits(nan32), 0x5b, op.Select},
	{"f64", corewasm.F64, f64Bits(nan64), 0x61, op.Select},
	{"f32x4", corewasm.V128, vector(nan32<<32 | nan32), simd | 0x41, simd | 0x52},
	{"f64x2", corewasm.V128, vector(nan64), simd | 0x47, simd | 0x52},
}

// vector returns a vector of two equal halves.
func vector(half uint64) corewasm.Expr {
	var v [16]byte
	putU64(v[:], half)
	putU64(v[8:], half)
	return encode.V128Const(v)
}

// nanMakers are the operations whose result can be a NaN of any sign and payload, without the type in the name.
var nanMakers = map[string]bool{
	"add": true, "sub": true, "mul": true, "div": true, "sqrt": true, "min": true, "max": true,
	"ceil": true, "floor": true, "trunc": true, "nearest": true,
	"demote_f64": true, "promote_f32": true, "demote_f64x2_zero": true, "promote_low_f32x4": true,
}

// makesNaN returns the type of an instruction's result if it can be such a NaN.
func makesNaN(o op.Op) (floats, bool) {
	name, what, _ := strings.Cut(o.String(), ".")
	if nanMakers[what] {
		for _, t := range floatTypes {
			if t.name == name {
				return t, true
			}
		}
	}
	return floats{}, false
}

// canonicalNaNs makes all NaNs that functions compute the positive canonical one.
func (b *builder) canonicalNaNs() {
	for i := range b.Code {
		body := &b.Code[i]
		next := uint32(len(b.SubTypeAt(b.Funcs[i]).Func.Params))
		for _, run := range body.Locals {
			next += run.Count
		}
		locals := map[string]uint32{}
		runs := body.Locals[:len(body.Locals):len(body.Locals)]
		var out []byte
		from := 0
		for r := op.NewReader(body.Code, 0); r.Next(); {
			t, ok := makesNaN(r.In.Op)
			if !ok {
				continue
			}
			local, ok := locals[t.name]
			if !ok {
				local = next
				next++
				locals[t.name] = local
				runs = append(runs, corewasm.LocalRun{Count: 1, Type: t.typ})
			}
			out = append(out, body.Code[from:r.Pos]...)
			from = r.Pos
			out = op.LocalTee.Append(out, local)
			out = append(out, t.nan.Bytes[:len(t.nan.Bytes)-1]...) // without the end
			out = op.LocalGet.Append(op.LocalGet.Append(out, local), local)
			out = t.choose.Append(t.equal.Append(out))
		}
		if from > 0 {
			body.Code, body.Locals = append(out, body.Code[from:]...), runs
		}
	}
}
