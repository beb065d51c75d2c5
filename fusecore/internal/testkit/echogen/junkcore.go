// This file implements the core modules of such pairs.

package echogen

import (
	"encoding/binary"
	"math"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// Addresses in the memory of a junk component, of two pages. Junk begins at junkAt, and lists, strings and areas in it
// contain pointers into it. realloc returns blocks from heapAt on.
const (
	junkAt    = 4096
	junkWords = 3000
	heapAt    = 32768
	memEnd    = 2 << 16
)

// word returns a word of junk: often a small number, for discriminants, lengths and flags; often an address of junk,
// aligned or not; else text in some encoding, valid or not, or anything.
func (g *junkGen) word() uint32 {
	switch x := g.IntN(100); {
	case x < 45:
		return uint32(g.IntN(g.small))
	case x < 75:
		return junkAt + 8*uint32(g.IntN(junkWords/2))
	case x < 80:
		return junkAt + uint32(g.IntN(4*junkWords))
	case x < 92:
		t := []string{"abcd", "h\xc3\xa9l", "\xe2\x82\xacx", "\xf0\x9f\x98\x80", "\x00\xd8\x00\xdc", "a\x00b\x00", "\xff\x00\x01\x01", "\xed\xa0\x80 "}[g.IntN(8)]
		return binary.LittleEndian.Uint32([]byte(t))
	case x < 95:
		return uint32(g.IntN(40))
	case x < 96:
		return memEnd - uint32(g.IntN(40))
	case x < 98:
		return 1<<31 | uint32(g.IntN(8))
	}
	return g.Uint32()
}

// s encodes a signed LEB128.
func s(v int64) (out []byte) {
	for {
		b := byte(v & 0x7f)
		v >>= 7
		if v == 0 && b&0x40 == 0 || v == -1 && b&0x40 != 0 {
			return append(out, b)
		}
		out = append(out, b|0x80)
	}
}

func i32(v uint32) []byte { return code(op.I32Const, s(int64(int32(v)))) }
func i64(v uint64) []byte { return code(op.I64Const, s(int64(v))) }

// junk pushes a constant of a core type.
func (g *junkGen) junk(t byte) []byte {
	switch t {
	case 'i':
		return i32(g.word())
	case 'l':
		v := uint64(g.word())
		if g.IntN(2) == 0 {
			v |= uint64(g.word()) << 32
		}
		return i64(v)
	case 'f':
		return binary.LittleEndian.AppendUint32(code(op.F32Const), g.Uint32())
	}
	return binary.LittleEndian.AppendUint64(code(op.F64Const), g.Uint64())
}

const prime = 1099511628211

// toI64 converts a core value on the stack to an i64 with its bits.
func toI64(t byte) []byte {
	switch t {
	case 'i':
		return code(op.I64ExtendI32U)
	case 'f':
		return code(op.I32ReinterpretF32, op.I64ExtendI32U)
	case 'd':
		return code(op.I64ReinterpretF64)
	}
	return nil
}

// mix sets the i64 local h to h*prime + the value that get pushes.
func mix(h int, t byte, get []byte) []byte {
	return code(op.LocalGet, h, i64(prime), op.I64Mul, get, toI64(t), op.I64Add, op.LocalSet, h)
}

// junkLibc returns a module with a memory of junk, a realloc, and hash, which digests an i64, the memory and the calls
// of realloc.
//
// For latin1+utf16, latin1 is allocated with alignment 2, and a string that turns out to be latin1 is shrunk with
// alignment 1 (CanonicalABI.md, store_string_copy and store_probably_utf16_to_latin1_or_utf16); wasmtime does the
// reverse. With compact, realloc hides the difference.
func (g *junkGen) junkLibc(compact bool) []byte {
	var data []byte
	for range junkWords {
		data = binary.LittleEndian.AppendUint32(data, g.word())
	}
	bad := uint32(math.MaxUint32) // which call of realloc returns junk
	if g.IntN(8) == 0 {
		bad = uint32(g.IntN(4))
	}
	address := g.word()
	if compact {
		address &^= 1
	}
	const top, calls, count = 0, 1, 2 // globals
	get := func(i int) []byte { return code(op.LocalGet, i) }
	// old 0, old size 1, align 2, size 3; local p 4
	var note []byte
	for i := range 4 {
		arg := get(i)
		if i == 2 && compact {
			arg = code(arg, i32(0), arg, i32(2), op.I32GtU, op.Select) // align > 2 ? align : 0
		}
		note = code(note, op.GlobalGet, calls, i64(prime), op.I64Mul, arg, op.I64ExtendI32U, op.I64Add, op.GlobalSet, calls)
	}
	realloc := body(vec([]byte{1, 0x7f}), note,
		// if count++ == bad and old size == 0: return junk. How much of a string is in a block that must grow differs
		// between wasmtime and the specification, so such a block must move with its content.
		op.GlobalGet, count, i32(1), op.I32Add, op.GlobalSet, count,
		op.GlobalGet, count, i32(bad+1), op.I32Eq, get(1), op.I32Eqz, op.I32And, op.If, empty, i32(address), op.Return, op.End,
		// p = (top + 15) & -16; top = p + size + 3; if top > memEnd - 72: unreachable
		op.GlobalGet, top, i32(15), op.I32Add, i32(^uint32(15)), op.I32And, op.LocalSet, 4,
		get(4), get(3), op.I32Add, i32(3), op.I32Add, op.GlobalSet, top,
		op.GlobalGet, top, i32(memEnd-72), op.I32GtU, op.If, empty, op.Unreachable, op.End,
		// The old block moves, and is zeroed.
		get(1), op.If, empty,
		get(4), get(0), get(1), get(3), get(1), get(3), op.I32LtU, op.Select, op.MemoryCopy, 0, 0,
		get(0), i32(0), get(1), op.MemoryFill, 0, op.End,
		get(4))
	// h 0; local at 1
	hash := body(vec([]byte{1, 0x7f}),
		mix(0, 'l', code(op.GlobalGet, calls)),
		op.Loop, empty,
		mix(0, 'l', code(get(1), op.I64Load, 0, 0)),
		get(1), i32(8), op.I32Add, op.LocalTee, 1, i32(memEnd), op.I32LtU, op.BrIf, 0, op.End,
		get(0))
	return module(
		section(1, vec(functype("iiii", "i"), functype("l", "l"))),
		section(3, vec(u(0), u(1))),
		section(5, vec([]byte{0, 2})),
		section(6, vec(code(0x7f, 1, i32(heapAt), op.End), code(0x7e, 1, i64(0), op.End), code(0x7f, 1, i32(0), op.End))),
		section(7, vec(cat(str("memory"), []byte{2, 0}), cat(str("realloc"), []byte{0, 0}), cat(str("hash"), []byte{0, 1}))),
		section(10, vec(realloc, hash)),
		section(11, vec(code(0, i32(junkAt), op.End, len(data), data))))
}

// core returns the flat parameters and result of a function, and whether they are passed in memory.
func (f *fn) core() (params, result string, spilled, returned bool) {
	for _, p := range f.params {
		params += p.flat()
	}
	if f.result != nil {
		result = f.result.flat()
	}
	return params, result, len(params) > maxFlatParams, len(result) > 1
}

// area returns the address of a value in memory, usually one where it fits.
func (g *junkGen) area() []byte {
	if g.IntN(10) == 0 {
		return i32(g.word())
	}
	return i32(junkAt + 8*uint32(g.IntN(junkWords/2-100)))
}

// calleeModule returns the dependency's module: each function digests its arguments and the memory at that time, and
// returns junk; its post-return function digests too.
func (g *junkGen) calleeModule() []byte {
	types := [][]byte{functype("l", "l"), functype("", "l")}
	var funcs, exports, bodies [][]byte
	add := func(name string, t int, b []byte) {
		exports = append(exports, cat(str(name), []byte{0}, u(1+len(funcs))))
		funcs = append(funcs, u(t))
		bodies = append(bodies, b)
	}
	note := func(params string) (out []byte) { // in the i64 local after the parameters
		h := len(params)
		out = code(op.GlobalGet, 0, op.LocalSet, h)
		for i := range len(params) {
			out = append(out, mix(h, params[i], code(op.LocalGet, i))...)
		}
		return code(out, op.LocalGet, h, op.Call, 0, op.GlobalSet, 0)
	}
	for _, f := range g.fns {
		params, result, spilled, returned := f.core()
		if spilled {
			params = "i"
		}
		var value []byte
		switch {
		case returned:
			result, value = "i", g.area()
		case result != "":
			value = g.junk(result[0])
		}
		types = append(types, functype(params, result), functype(result, ""))
		add(f.name, len(types)-2, body(vec([]byte{1, 0x7e}), note(params), value))
		add("post-"+f.name, len(types)-1, body(vec([]byte{1, 0x7e}), note(result)))
	}
	add(Digest, 1, body(u(0), op.GlobalGet, 0, op.Call, 0))
	return module(
		section(1, vec(types...)),
		section(2, vec(cat(str("libc"), str("hash"), []byte{0}, u(0)))),
		section(3, vec(funcs...)),
		section(6, vec(code(0x7e, 1, i64(0), op.End))),
		section(7, vec(exports...)),
		section(10, vec(bodies...)))
}

// callerModule returns the root's module: functions that call the dependency's with junk and digest the result, and one
// that returns the dependency's digest.
func (g *junkGen) callerModule() []byte {
	types := [][]byte{functype("l", "l"), functype("", "l")}
	imports := [][]byte{cat(str("libc"), str("hash"), []byte{0}, u(0))}
	for _, f := range g.fns {
		params, result, spilled, returned := f.core()
		if spilled {
			params = "i"
		}
		if returned {
			params, result = params+"i", ""
		}
		types = append(types, functype(params, result))
		imports = append(imports, cat(str("to"), str(f.name), []byte{0}, u(len(types)-1)))
	}
	imports = append(imports, cat(str("to"), str(Digest), []byte{0}, u(1)))
	var funcs, exports, bodies [][]byte
	add := func(name string, b []byte) {
		exports = append(exports, cat(str(name), []byte{0}, u(len(imports)+len(funcs))))
		funcs = append(funcs, u(1))
		bodies = append(bodies, b)
	}
	for i := range junkCalls {
		n := g.IntN(len(g.fns))
		params, result, spilled, returned := g.fns[n].core()
		var call []byte
		if spilled {
			call = g.area()
		} else {
			for _, t := range []byte(params) {
				call = cat(call, g.junk(t))
			}
		}
		if returned {
			call, result = cat(call, g.area()), ""
		}
		call = code(call, op.Call, 1+n)
		if result != "" {
			call = mix(0, result[0], call)
		}
		add(goName(i), body(vec([]byte{1, 0x7e}), call, op.LocalGet, 0, op.Call, 0))
	}
	add(Digest, body(u(0), op.Call, len(imports)-1))
	return module(
		section(1, vec(types...)), section(2, vec(imports...)), section(3, vec(funcs...)), section(7, vec(exports...)), section(10, vec(bodies...)))
}
