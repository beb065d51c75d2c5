// Package big generates core modules of any size, of which components can be made.
//
// Code is about two thirds of one, in functions of four kilobytes with a typical mix of instructions, each of which calls the next, or
// one through a table; the rest is data without patterns, and names.
package big

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// WIT has the worlds of the two kinds of modules.
const WIT = `package bench:big@1.0.0;
interface work { step: func(x: u32) -> u32; }
world exporter { export work; }
world importer { import work; export run: func(x: u32) -> u32; }
`

// mixture is code with parameter and locals 0 to 2, and global 0.
var mixture = []byte{
	0x20, 0x00, 0x41, 0xe4, 0x00, 0x6a, 0x21, 0x01, 0x20, 0x01, 0x28, 0x02, 0x10, 0x22, 0x02, 0x45, 0x04, 0x40, 0x20, 0x02,
	0x20, 0x01, 0x36, 0x02, 0x08, 0x0b, 0x02, 0x40, 0x03, 0x40, 0x20, 0x02, 0x41, 0x01, 0x6b, 0x22, 0x02, 0x0d, 0x00, 0x0b,
	0x0b, 0x23, 0x00, 0x41, 0x10, 0x6b, 0x24, 0x00, 0x42, 0x80, 0x80, 0x04, 0xa7, 0x1a,
	0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x1a,
}

// Module returns a core module of about so many bytes, which imports step from work, or exports it.
func Module(size int, imports bool, rng *rand.Rand) []byte {
	const perBody = 66
	body := len(mixture)*perBody + 30
	n := max(4, size*6/10/body)
	data := size * 3 / 10
	first := 0
	if imports {
		first = 1
	}
	out := []byte("\x00asm\x01\x00\x00\x00")
	section := func(id byte, content []byte) {
		out = append(u(append(out, id), len(content)), content...)
	}
	section(1, []byte{1, 0x60, 1, 0x7f, 1, 0x7f})
	if imports {
		section(2, append(name(name([]byte{1}, "bench:big/work@1.0.0"), "step"), 0, 0))
	}
	section(3, append(u(nil, n), make([]byte, n)...))
	all := first + n
	section(4, u(u([]byte{1, 0x70, 1}, all), all))
	section(5, u([]byte{1, 0}, data>>16+1))
	section(6, []byte{1, 0x7f, 1, 0x41, 0, 0x0b})
	export := "bench:big/work@1.0.0#step"
	if imports {
		export = "run"
	}
	section(7, append(name(u(append(name([]byte{2}, export), 0), first), "memory"), 2, 0))
	elems := u([]byte{1, 0, 0x41, 0, 0x0b}, all)
	for f := range all {
		elems = u(elems, f)
	}
	section(9, elems)
	code := u(nil, n)
	for i := range n {
		one := []byte{1, 2, 0x7f}
		for range perBody {
			one = append(one, mixture...)
		}
		one = append(one, 0x20, 0x00)
		if i%16 == 0 {
			one = append(one, 0x20, 0x02, 0x11, 0, 0)
		} else {
			one = u(append(one, 0x10), (first+i+1)%all)
		}
		one = append(one, 0x0b)
		code = append(u(code, len(one)), one...)
	}
	section(10, code)
	bytes := make([]byte, data)
	for i := 0; i+8 <= data; i += 8 {
		binary.LittleEndian.PutUint64(bytes[i:], rng.Uint64())
	}
	section(11, append(u([]byte{1, 0, 0x41, 0, 0x0b}, data), bytes...))
	names := u(nil, n)
	for i := range n {
		names = name(u(names, first+i), fmt.Sprintf("namespace::a_type<of_another>::function_%d", i))
	}
	section(0, append(u(append(name(nil, "name"), 1), len(names)), names...))
	return out
}

func u(b []byte, n int) []byte { return binary.AppendUvarint(b, uint64(n)) }

func name(b []byte, s string) []byte { return append(u(b, len(s)), s...) }
