// This file implements the core modules of echoing components.

package echogen

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// The core modules are written piece by piece, so that the generator does not depend on the pipeline, except for the
// names of opcodes and the component encoder.

func u(n int) []byte { return binary.AppendUvarint(nil, uint64(n)) }

func cat(parts ...[]byte) []byte {
	var out []byte
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func vec(items ...[]byte) []byte { return append(u(len(items)), cat(items...)...) }

func str(s string) []byte { return append(u(len(s)), s...) }

func section(id byte, content []byte) []byte { return cat([]byte{id}, u(len(content)), content) }

func module(sections ...[]byte) []byte {
	return append([]byte("\x00asm\x01\x00\x00\x00"), cat(sections...)...)
}

func functype(params, results string) []byte {
	types := map[byte]byte{'i': 0x7f, 'l': 0x7e, 'f': 0x7d, 'd': 0x7c}
	vals := func(s string) []byte {
		out := u(len(s))
		for i := range len(s) {
			out = append(out, types[s[i]])
		}
		return out
	}
	return cat([]byte{0x60}, vals(params), vals(results))
}

// empty is the type of a block without results.
const empty = 0x40

// code encodes instructions: each part is an opcode, an int in unsigned LEB128, or encoded already.
func code(parts ...any) (out []byte) {
	for _, p := range parts {
		switch p := p.(type) {
		case op.Op:
			out = p.Append(out)
		case int:
			out = append(out, u(p)...)
		case []byte:
			out = append(out, p...)
		default:
			panic(fmt.Sprintf("part of type %T", p))
		}
	}
	return out
}

// body encodes a function's body from its locals and the parts of its code.
func body(locals []byte, parts ...any) []byte {
	b := cat(locals, code(parts...), code(op.End))
	return append(u(len(b)), b...)
}

// libcModule returns a module with a memory and a realloc that never frees.
func libcModule() []byte {
	realloc := body(vec([]byte{1, 0x7f}), // old 0, old size 1, align 2, size 3; local p 4
		// A block that need not grow stays.
		op.LocalGet, 1, op.LocalGet, 3, op.I32GeU, op.LocalGet, 1, op.I32Eqz, op.I32Eqz, op.I32And, // old size >= size && old size != 0
		op.If, empty, op.LocalGet, 0, op.Return, op.End,
		// p = (top + align - 1) & -align; top = p + size
		op.GlobalGet, 0, op.LocalGet, 2, op.I32Add, i32(1), op.I32Sub, i32(0), op.LocalGet, 2, op.I32Sub, op.I32And,
		op.LocalTee, 4, op.LocalGet, 3, op.I32Add, op.GlobalSet, 0,
		// if top > memory.size << 16: if memory.grow(((top - (memory.size << 16)) >> 16) + 1) == -1: unreachable
		op.GlobalGet, 0, op.MemorySize, 0, i32(16), op.I32Shl, op.I32GtU,
		op.If, empty,
		op.GlobalGet, 0, op.MemorySize, 0, i32(16), op.I32Shl, op.I32Sub, i32(16), op.I32ShrU, i32(1), op.I32Add,
		op.MemoryGrow, 0, i32(math.MaxUint32), op.I32Eq,
		op.If, empty, op.Unreachable, op.End,
		op.End,
		// memory.copy(p, old, old size)
		op.LocalGet, 4, op.LocalGet, 0, op.LocalGet, 1, op.MemoryCopy, 0, 0,
		op.LocalGet, 4)
	return module(
		section(1, vec(functype("iiii", "i"))),
		section(3, vec(u(0))),
		section(5, vec([]byte{0, 1})),
		section(6, vec(code(0x7f, 1, i32(16), op.End))), // top, from address 16
		section(7, vec(cat(str("memory"), []byte{2, 0}), cat(str("realloc"), []byte{0, 0}))),
		section(10, vec(realloc)))
}

// maxFlatParams is the number of core parameters above which parameters are passed in memory.
const maxFlatParams = 16

// A result's block has 8192 bytes, more than any generated result needs.

// forwardModule returns a module with a function for each imported one, which calls it with the same parameters. A
// result of more than one core value is written to a fresh block, which the exported function returns.
func forwardModule(fns []fn) []byte {
	types := [][]byte{functype("iiii", "i")}
	imports := [][]byte{cat(str("libc"), str("realloc"), []byte{0, 0})}
	var funcs, exports, bodies [][]byte
	for i, f := range fns {
		params, result := "", ""
		for _, p := range f.params {
			params += p.flat()
		}
		if len(params) > maxFlatParams {
			params = "i"
		}
		if f.result != nil {
			result = f.result.flat()
		}
		var get []byte
		for j := range len(params) {
			get = append(get, code(op.LocalGet, j)...)
		}
		t := u(len(types))
		call := code(op.Call, 1+i)
		if len(result) > 1 {
			types = append(types, functype(params+"i", ""), functype(params, "i"))
			ret := len(params)
			fresh := code(i32(0), i32(0), i32(8), i32(8192), op.Call, 0, op.LocalTee, ret) // realloc(0, 0, 8, 8192)
			bodies = append(bodies, body(vec([]byte{1, 0x7f}), get, fresh, call, op.LocalGet, ret))
			funcs = append(funcs, u(len(types)-1))
		} else {
			types = append(types, functype(params, result))
			bodies = append(bodies, body(u(0), get, call))
			funcs = append(funcs, t)
		}
		imports = append(imports, cat(str("to"), str(f.name), []byte{0}, t))
		exports = append(exports, cat(str(f.name), []byte{0}, u(1+len(fns)+i)))
	}
	return module(section(1, vec(types...)), section(2, vec(imports...)), section(3, vec(funcs...)), section(7, vec(exports...)), section(10, vec(bodies...)))
}
