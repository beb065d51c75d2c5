// This file implements the core modules of echoing components.

package echogen

import "encoding/binary"

// The core modules are written byte by byte, so that the generator does not depend on the pipeline, except for the
// component encoder.

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
	code := map[byte]byte{'i': 0x7f, 'l': 0x7e, 'f': 0x7d, 'd': 0x7c}
	vals := func(s string) []byte {
		out := u(len(s))
		for i := range len(s) {
			out = append(out, code[s[i]])
		}
		return out
	}
	return cat([]byte{0x60}, vals(params), vals(results))
}

func body(locals []byte, code ...byte) []byte {
	b := cat(locals, code, []byte{0x0b})
	return append(u(len(b)), b...)
}

// libcModule returns a module with a memory and a realloc that never frees.
func libcModule() []byte {
	realloc := body(vec([]byte{1, 0x7f}), // old 0, old size 1, align 2, size 3; local p 4
		// A block that need not grow stays.
		0x20, 1, 0x20, 3, 0x4f, 0x20, 1, 0x45, 0x45, 0x71, // old size >= size && old size != 0
		0x04, 0x40, 0x20, 0, 0x0f, 0x0b,
		// p = (top + align - 1) & -align; top = p + size
		0x23, 0, 0x20, 2, 0x6a, 0x41, 1, 0x6b, 0x41, 0, 0x20, 2, 0x6b, 0x71, 0x22, 4, 0x20, 3, 0x6a, 0x24, 0,
		// if top > memory.size << 16: if memory.grow(((top - (memory.size << 16)) >> 16) + 1) == -1: unreachable
		0x23, 0, 0x3f, 0, 0x41, 16, 0x74, 0x4b,
		0x04, 0x40,
		0x23, 0, 0x3f, 0, 0x41, 16, 0x74, 0x6b, 0x41, 16, 0x76, 0x41, 1, 0x6a, 0x40, 0, 0x41, 0x7f, 0x46,
		0x04, 0x40, 0x00, 0x0b,
		0x0b,
		// memory.copy(p, old, old size)
		0x20, 4, 0x20, 0, 0x20, 1, 0xfc, 10, 0, 0,
		0x20, 4)
	return module(
		section(1, vec(functype("iiii", "i"))),
		section(3, vec(u(0))),
		section(5, vec([]byte{0, 1})),
		section(6, vec([]byte{0x7f, 1, 0x41, 16, 0x0b})), // top, from address 16
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
	var funcs, exports, code [][]byte
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
			get = cat(get, []byte{0x20}, u(j))
		}
		t := u(len(types))
		call := cat([]byte{0x10}, u(1+i))
		if len(result) > 1 {
			types = append(types, functype(params+"i", ""), functype(params, "i"))
			ret := u(len(params))
			fresh := cat([]byte{0x41, 0, 0x41, 0, 0x41, 8, 0x41, 0x80, 0xc0, 0, 0x10, 0, 0x22}, ret) // realloc(0, 0, 8, 8192)
			code = append(code, body(vec([]byte{1, 0x7f}), cat(get, fresh, call, []byte{0x20}, ret)...))
			funcs = append(funcs, u(len(types)-1))
		} else {
			types = append(types, functype(params, result))
			code = append(code, body(u(0), cat(get, call)...))
			funcs = append(funcs, t)
		}
		imports = append(imports, cat(str("to"), str(f.name), []byte{0}, t))
		exports = append(exports, cat(str(f.name), []byte{0}, u(1+len(fns)+i)))
	}
	return module(section(1, vec(types...)), section(2, vec(imports...)), section(3, vec(funcs...)), section(7, vec(exports...)), section(10, vec(code...)))
}
