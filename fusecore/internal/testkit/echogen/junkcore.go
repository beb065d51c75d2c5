// This file implements the core modules of such pairs.

package echogen

import (
	"encoding/binary"
	"math"
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

func i32(v uint32) []byte { return append([]byte{0x41}, s(int64(int32(v)))...) }
func i64(v uint64) []byte { return append([]byte{0x42}, s(int64(v))...) }

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
		return binary.LittleEndian.AppendUint32([]byte{0x43}, g.Uint32())
	}
	return binary.LittleEndian.AppendUint64([]byte{0x44}, g.Uint64())
}

const prime = 1099511628211

// toI64 converts a core value on the stack to an i64 with its bits.
func toI64(t byte) []byte {
	switch t {
	case 'i':
		return []byte{0xad}
	case 'f':
		return []byte{0xbc, 0xad}
	case 'd':
		return []byte{0xbd}
	}
	return nil
}

// mix sets the i64 local h to h*prime + the value that get pushes.
func mix(h int, t byte, get []byte) []byte {
	return cat([]byte{0x20}, u(h), i64(prime), []byte{0x7e}, get, toI64(t), []byte{0x7c, 0x21}, u(h))
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
	get, set := func(i int) []byte { return append([]byte{0x20}, u(i)...) }, func(i int) []byte { return append([]byte{0x21}, u(i)...) }
	// old 0, old size 1, align 2, size 3; local p 4
	var note []byte
	for i := range 4 {
		arg := get(i)
		if i == 2 && compact {
			arg = cat(arg, i32(0), arg, i32(2), []byte{0x4b, 0x1b}) // align > 2 ? align : 0
		}
		note = cat(note, []byte{0x23, calls}, i64(prime), []byte{0x7e}, arg, []byte{0xad, 0x7c, 0x24, calls})
	}
	realloc := body(vec([]byte{1, 0x7f}), cat(note,
		// if count++ == bad and old size == 0: return junk. How much of a string is in a block that must grow differs
		// between wasmtime and the specification, so such a block must move with its content.
		[]byte{0x23, count}, i32(1), []byte{0x6a, 0x24, count},
		[]byte{0x23, count}, i32(bad+1), []byte{0x46}, get(1), []byte{0x45, 0x71, 0x04, 0x40}, i32(address), []byte{0x0f, 0x0b},
		// p = (top + 15) & -16; top = p + size + 3; if top > memEnd - 72: unreachable
		[]byte{0x23, top}, i32(15), []byte{0x6a}, i32(^uint32(15)), []byte{0x71}, set(4),
		get(4), get(3), []byte{0x6a}, i32(3), []byte{0x6a, 0x24, top},
		[]byte{0x23, top}, i32(memEnd-72), []byte{0x4b, 0x04, 0x40, 0x00, 0x0b},
		// The old block moves, and is zeroed.
		get(1), []byte{0x04, 0x40},
		get(4), get(0), get(1), get(3), get(1), get(3), []byte{0x49, 0x1b, 0xfc, 10, 0, 0},
		get(0), i32(0), get(1), []byte{0xfc, 11, 0, 0x0b},
		get(4))...)
	// h 0; local at 1
	hash := body(vec([]byte{1, 0x7f}), cat(
		mix(0, 'l', []byte{0x23, calls}),
		[]byte{0x03, 0x40},
		mix(0, 'l', cat(get(1), []byte{0x29, 0, 0})), // i64.load
		get(1), i32(8), []byte{0x6a, 0x22, 1}, i32(memEnd), []byte{0x49, 0x0d, 0, 0x0b},
		get(0))...)
	return module(
		section(1, vec(functype("iiii", "i"), functype("l", "l"))),
		section(3, vec(u(0), u(1))),
		section(5, vec([]byte{0, 2})),
		section(6, vec(cat([]byte{0x7f, 1}, i32(heapAt), []byte{0x0b}), []byte{0x7e, 1, 0x42, 0, 0x0b}, []byte{0x7f, 1, 0x41, 0, 0x0b})),
		section(7, vec(cat(str("memory"), []byte{2, 0}), cat(str("realloc"), []byte{0, 0}), cat(str("hash"), []byte{0, 1}))),
		section(10, vec(realloc, hash)),
		section(11, vec(cat([]byte{0}, i32(junkAt), []byte{0x0b}, u(len(data)), data))))
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
	var funcs, exports, code [][]byte
	add := func(name string, t int, b []byte) {
		exports = append(exports, cat(str(name), []byte{0}, u(1+len(funcs))))
		funcs = append(funcs, u(t))
		code = append(code, b)
	}
	note := func(params string) (out []byte) { // in the i64 local after the parameters
		h := len(params)
		out = cat([]byte{0x23, 0, 0x21}, u(h))
		for i := range len(params) {
			out = cat(out, mix(h, params[i], append([]byte{0x20}, u(i)...)))
		}
		return cat(out, []byte{0x20}, u(h), []byte{0x10, 0, 0x24, 0})
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
		add(f.name, len(types)-2, body(vec([]byte{1, 0x7e}), cat(note(params), value)...))
		add("post-"+f.name, len(types)-1, body(vec([]byte{1, 0x7e}), note(result)...))
	}
	add(Digest, 1, body(u(0), 0x23, 0, 0x10, 0))
	return module(
		section(1, vec(types...)),
		section(2, vec(cat(str("libc"), str("hash"), []byte{0}, u(0)))),
		section(3, vec(funcs...)),
		section(6, vec([]byte{0x7e, 1, 0x42, 0, 0x0b})),
		section(7, vec(exports...)),
		section(10, vec(code...)))
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
	var funcs, exports, code [][]byte
	add := func(name string, b []byte) {
		exports = append(exports, cat(str(name), []byte{0}, u(len(imports)+len(funcs))))
		funcs = append(funcs, u(1))
		code = append(code, b)
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
		call = cat(call, []byte{0x10}, u(1+n))
		if result != "" {
			call = mix(0, result[0], call)
		}
		add(goName(i), body(vec([]byte{1, 0x7e}), cat(call, []byte{0x20, 0, 0x10, 0})...))
	}
	add(Digest, body(u(0), cat([]byte{0x10}, u(len(imports)-1))...))
	return module(
		section(1, vec(types...)), section(2, vec(imports...)), section(3, vec(funcs...)), section(7, vec(exports...)), section(10, vec(code...)))
}
