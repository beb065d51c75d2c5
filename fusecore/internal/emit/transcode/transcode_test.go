package transcode

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"unicode/utf16"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/asmtest"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

const page = 1 << 16

// boundaries are the code points at which an encoding or check changes, and their neighbours.
var boundaries = []rune{
	0, 1, 0x3f, 0x40, 0x7e, 0x7f, 0x80, 0x81, 0xbf, 0xc0, 0xfe, 0xff, 0x100, 0x101, 0x17f, 0x7fe, 0x7ff, 0x800, 0x801, 0xfff,
	0x1000, 0x20ac, 0xcfff, 0xd000, 0xd7fe, 0xd7ff, 0xe000, 0xe001, 0xfffd, 0xfffe, 0xffff, 0x10000, 0x10001, 0x1f600, 0x3ffff,
	0x40000, 0xfffff, 0x100000, 0x10fffe, 0x10ffff,
}

// source returns units of an encoding for a string. latin1 selects latin1 in Latin1UTF16.
func source(e cabi.Encoding, s []rune, latin1 bool) (b []byte, units uint64, tagged bool) {
	switch {
	case e == cabi.UTF8:
		b = []byte(string(s))
		return b, uint64(len(b)), false
	case e == cabi.UTF16 || !latin1:
		b = encode16(s)
		return b, uint64(len(b) / 2), e != cabi.UTF16
	default:
		b = encode1(s)
		return b, uint64(len(b)), false
	}
}

func length(units uint64, tagged, wide bool) uint64 {
	if tagged {
		return units | tagOf(wide)
	}
	return units
}

// bump returns a script of disjoint blocks that keep their content, for sources up to n bytes.
func bump(n int) []allocation {
	var out []allocation
	at := uint64(64)
	for i := range 3 {
		out = append(out, allocation{ptr: at, copy: i > 0})
		at += uint64(4*n+63) &^ 7
	}
	return out
}

// eachPair runs a test for all configurations and pairs.
func eachPair(t *testing.T, test func(t *testing.T, m *machine, from, to cabi.Encoding)) {
	for _, c := range configs {
		t.Run(c.String(), func(t *testing.T) {
			m := newMachine(t, c)
			for _, from := range encodings {
				for _, to := range encodings {
					test(t, m, from, to)
				}
			}
			t.Logf("%d cases", m.runs)
		})
	}
}

// TestCodePoints passes every boundary code point at every position of texts around the block sizes.
func TestCodePoints(t *testing.T) {
	eachPair(t, func(t *testing.T, m *machine, from, to cabi.Encoding) {
		for _, fill := range []rune{'a', 0xe9, 0x20ac} {
			for _, r := range boundaries {
				for _, n := range []int{1, 2, 3, 5, 8, 9, 15, 16, 17, 31, 33, 70} {
					s := make([]rune, n)
					for i := range s {
						s[i] = fill
					}
					for at := 0; at < n; at += max(1, n/5) {
						s[at] = r
						b, units, tagged := source(from, s, fill < 0x100 && r < 0x100)
						copy(m.mem(t, "src")[8:], b)
						if !m.check(t, input{from, to, 8, length(units, tagged, m.c.src64), bump(len(b))}) {
							t.Fatalf("valid text %q trapped", string(s))
						}
						s[at] = fill
					}
				}
			}
		}
	})
}

// TestEveryScalar passes every Unicode scalar value.
func TestEveryScalar(t *testing.T) {
	eachPair(t, func(t *testing.T, m *machine, from, to cabi.Encoding) {
		step := rune(1)
		if m.c.src64 || m.c.dst64 {
			step = 17
		}
		var s []rune
		for r := rune(0); r <= 0x10ffff; r += step {
			if !utf16.IsSurrogate(r) {
				s = append(s, r)
			}
			if len(s) == 1000 || r+step > 0x10ffff {
				b, units, tagged := source(from, s, false)
				copy(m.mem(t, "src")[8:], b)
				if !m.check(t, input{from, to, 8, length(units, tagged, m.c.src64), bump(len(b))}) {
					t.Fatalf("valid text up to %#x trapped", r)
				}
				s = s[:0]
			}
		}
	})
}

// TestInvalidUTF8 tries all prefixes of three bytes and many of four, alone and inside text.
func TestInvalidUTF8(t *testing.T) {
	for _, c := range configs[:2] {
		m := newMachine(t, c)
		passed, trapped := 0, 0
		try := func(b []byte) {
			for _, to := range encodings {
				for _, before := range []int{0, 20} {
					for _, after := range []int{0, 20} {
						src := m.mem(t, "src")[256:]
						for i := range before {
							src[i] = 'x'
						}
						n := before + copy(src[before:], b)
						for range after {
							src[n] = 'y'
							n++
						}
						if m.check(t, input{cabi.UTF8, to, 256, uint64(n), bump(n)}) {
							passed++
						} else {
							trapped++
						}
					}
				}
			}
		}
		edges := []byte{0, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff}
		for lead := 0x7f; lead < 0x100; lead++ {
			if lead > 0x80 && lead < 0xbf {
				continue
			}
			try([]byte{byte(lead)})
			for _, x := range edges {
				try([]byte{byte(lead), x})
				for _, y := range []byte{0x80, 0xc0} {
					try([]byte{byte(lead), x, y})
					try([]byte{byte(lead), x, y, y ^ 0x3f})
				}
			}
		}
		if passed == 0 || trapped == 0 {
			t.Errorf("%v: %d passed and %d trapped: want both", c, passed, trapped)
		}
		t.Logf("%v: %d passed, %d trapped", c, passed, trapped)
	}
}

// TestUTF8Ends puts texts at both ends of memory, where the vectors that validate them cannot begin or end with the text,
// between bytes that would complete the text's first and last character.
func TestUTF8Ends(t *testing.T) {
	for _, c := range configs {
		m := newMachine(t, c)
		src := m.mem(t, "src")
		passed, trapped := 0, 0
		for n := range 70 {
			for _, at := range []int{0, 1, 2, 13, 15, 16, 17, 31, page - n} {
				for _, ends := range []struct{ first, last string }{
					{"a", "a"}, {"é", "a"}, {"a", "é"}, {"a", "€"}, {"€", "😀"}, {"a", "\xc3"}, {"a", "\xe2\x82"}, {"é", "\xf0\x9f\x98"}, {"\xa9", "a"},
				} {
					if len(ends.first)+len(ends.last) > n {
						continue
					}
					for i := range src[:min(page, at+n+32)] {
						src[i] = 0xa9
					}
					if at > 0 {
						src[at-1] = 0xc3
					}
					for i := range n {
						src[at+i] = 'x'
					}
					copy(src[at:], ends.first)
					copy(src[at+n-len(ends.last):], ends.last)
					for _, to := range []cabi.Encoding{cabi.UTF8, cabi.UTF16} {
						if m.check(t, input{cabi.UTF8, to, uint64(at), uint64(n), bump(n)}) {
							passed++
						} else {
							trapped++
						}
					}
				}
			}
		}
		if passed == 0 || trapped == 0 {
			t.Errorf("%v: %d passed and %d trapped: want both", c, passed, trapped)
		}
	}
}

// TestInvalidUTF16 puts lone and reversed surrogates at every position of texts around the block sizes.
func TestInvalidUTF16(t *testing.T) {
	eachPair(t, func(t *testing.T, m *machine, from, to cabi.Encoding) {
		if from == cabi.UTF8 {
			return
		}
		for _, fill := range []uint16{'a', 0xe9, 0x20ac} {
			for _, seq := range [][]uint16{{0xd800}, {0xdbff}, {0xdc00}, {0xdfff}, {0xdc00, 0xd800}, {0xd800, 0xd800, 0xdc00}, {0xd800, 0xdbff}} {
				for _, n := range []int{0, 1, 7, 15, 16, 17, 40} {
					for at := 0; at <= n; at++ {
						var b []byte
						for i := range n + 1 {
							if i == at {
								for _, u := range seq {
									b = binary.LittleEndian.AppendUint16(b, u)
								}
							}
							if i < n {
								b = binary.LittleEndian.AppendUint16(b, fill)
							}
						}
						copy(m.mem(t, "src")[4:], b)
						in := input{from, to, 4, length(uint64(len(b)/2), from != cabi.UTF16, m.c.src64), bump(len(b))}
						if m.check(t, in) {
							t.Fatalf("%v: %x passed", in, b)
						}
					}
				}
			}
		}
	})
}

// TestRanges tests pointers and lengths at the limits of memory, alignment and the maximum byte length, on both sides.
func TestRanges(t *testing.T) {
	eachPair(t, func(t *testing.T, m *machine, from, to cabi.Encoding) {
		clear(m.mem(t, "src"))
		ends := []uint64{0, 1, 2, page - 3, page - 2, page - 1, page, page + 1, page + 2, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff}
		far := []uint64{1 << 32, 1<<32 + 2, 1<<63 - 1, 1 << 63, 1<<63 + 2, 1<<64 - 16, 1<<64 - 2, 1<<64 - 1}
		ptrs, dsts := ends, ends
		if m.c.src64 {
			ptrs = append(append([]uint64{}, ends...), far...)
		}
		if m.c.dst64 {
			dsts = append(append([]uint64{}, ends...), far...)
		}
		units := append([]uint64{3, 4, 16, 17, 32, 40, 1<<27 - 1, 1 << 27, 1<<28 - 1, 1 << 28, 1<<30 + 1}, ptrs...)
		passed := 0
		for _, p := range ptrs {
			for _, n := range units {
				for _, tagged := range []bool{false, true} {
					if m.check(t, input{from, to, p, length(n, tagged, m.c.src64), bump(64)}) {
						passed++
					}
				}
			}
		}
		for _, d := range dsts {
			for _, n := range []uint64{0, 1, 2, 15, 16, 17, 31, 32} {
				for _, tagged := range []bool{false, true} {
					for bad := range 3 {
						// The text makes most pairs call realloc three times.
						b := m.mem(t, "src")[16:][:64]
						for i := range b {
							b[i] = 'a'
						}
						if n > 1 && from != cabi.UTF8 {
							b[0], b[1] = 0xe9, 0x01
						}
						if n > 3 && from == cabi.UTF8 {
							copy(b, "é€")
						}
						script := bump(64)
						script[bad] = allocation{ptr: d}
						if m.check(t, input{from, to, 16, length(n, tagged, m.c.src64), script}) {
							passed++
						}
					}
				}
			}
		}
		if passed == 0 {
			t.Errorf("%s: everything trapped", pairName(from, to))
		}
	})
}

// TestGrow lets realloc grow the destination and return a block in the new page.
func TestGrow(t *testing.T) {
	for _, c := range configs {
		m := newMachine(t, c)
		b := []byte("grow \u00e9\u20ac")
		copy(m.mem(t, "src")[8:], b)
		m.dst = append(m.dst, make([]byte, page)...)
		m.mem(t, "script")[scriptAt+16] = 1
		ok := m.check(t, input{cabi.UTF8, cabi.UTF8, 8, uint64(len(b)), []allocation{{ptr: 2*page - uint64(len(b))}}})
		if got := m.mem(t, "dst"); !ok || len(got) != 2*page || string(got[2*page-len(b):]) != string(b) {
			t.Errorf("%v: ok %v, %d bytes of memory", c, ok, len(got))
		}
	}
}

// textKinds are ranges that random characters come from.
var textKinds = [][][2]rune{
	{{0x20, 0x7e}}, {{0x20, 0x7e}, {0x20, 0x7e}, {0x20, 0x7e}, {0xa0, 0xff}}, {{0x80, 0xff}}, {{0x20, 0x7e}, {0x100, 0x7ff}}, {{0x4e00, 0x9fff}},
	{{0x20, 0x7e}, {0x20, 0x7e}, {0x800, 0xd7ff}}, {{0x10000, 0x10ffff}}, {{0, 0x7f}, {0x80, 0x7ff}, {0x800, 0xd7ff}, {0xe000, 0xffff}, {0x10000, 0x10ffff}},
}

// randomInput writes a random string, valid or invalid, to the source memory.
func randomInput(t testing.TB, m *machine, r *rand.Rand) input {
	in := input{from: encodings[r.IntN(3)], to: encodings[r.IntN(3)]}
	kind := textKinds[r.IntN(len(textKinds))]
	n := r.IntN(24)
	switch r.IntN(4) {
	case 0:
		n = r.IntN(200)
	case 1:
		n = r.IntN(80)
	}
	latin1 := true
	s := make([]rune, n)
	prefix := r.IntN(n + 1)
	for i := range s {
		c := kind[r.IntN(len(kind))]
		s[i] = c[0] + r.Int32N(c[1]-c[0]+1)
		switch {
		case r.IntN(50) == 0:
			s[i] = boundaries[r.IntN(len(boundaries))]
		case i < prefix && r.IntN(2) == 0:
			s[i] = 'a' + r.Int32N(26)
		}
		latin1 = latin1 && s[i] < 0x100
	}
	b, units, tagged := source(in.from, s, latin1 && r.IntN(3) != 0)
	if len(b) > 0 && r.IntN(4) == 0 {
		for range 1 + r.IntN(3) {
			b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		}
	}
	if units > 0 && r.IntN(8) == 0 {
		units--
	}
	in.ptr = uint64(r.IntN(512)) &^ 1
	switch r.IntN(20) {
	case 0:
		in.ptr |= 1
	case 1:
		in.ptr = uint64(page-len(b)) - 1 + uint64(r.IntN(3))
	}
	src := m.mem(t, "src")
	copy(src[min(in.ptr, page):], b)
	in.length = length(units, tagged, m.c.src64)
	if r.IntN(60) == 0 {
		in.length ^= 1 << r.IntN(map[bool]int{false: 32, true: 64}[m.c.src64])
	}
	at := uint64(0)
	for i := range 3 {
		a := allocation{ptr: at + uint64(r.IntN(16))*2, copy: i > 0 && r.IntN(10) > 0}
		at = a.ptr + uint64(4*len(b)+8)
		if in.to == cabi.UTF8 && r.IntN(3) == 0 {
			a.ptr++
		}
		switch {
		case r.IntN(100) == 0:
			a = allocation{ptr: uint64(page - r.IntN(2*len(b)+2))}
		case r.IntN(200) == 0:
			a.ptr |= 1
		case i > 0 && in.script[i-1].ptr < page && r.IntN(4) == 0:
			a.ptr, a.copy = in.script[i-1].ptr, false // in place
		}
		in.script = append(in.script, a)
	}
	return in
}

// TestRandom compares with the model on random strings.
func TestRandom(t *testing.T) {
	for i, c := range configs {
		t.Run(c.String(), func(t *testing.T) {
			m := newMachine(t, c)
			r := rand.New(rand.NewPCG(uint64(i), 1))
			runs := 60_000
			if i >= 2 {
				runs = 20_000
			}
			if testing.Short() {
				runs /= 20
			}
			passed := 0
			for range runs {
				if m.check(t, randomInput(t, m, r)) {
					passed++
				}
			}
			if passed < runs/2 || passed > runs*19/20 {
				t.Errorf("%d of %d passed: the generator is lopsided", passed, runs)
			}
			t.Logf("%d of %d passed", passed, runs)
		})
	}
}

// wholeMachine has memories that fill the 32-bit address space, too large for the model.
func wholeMachine(t *testing.T, c config) *machine {
	u, _ := build(c, scriptedRealloc)
	u.Mems[0].Type.Limits.Min, u.Mems[1].Type.Limits.Min = page, page
	return &machine{c: c, in: asmtest.Start(t, asmtest.Module(u, asmtest.Imports{}), nil)}
}

// call passes a string, with realloc always returning dptr.
func (m *machine) call(t *testing.T, from, to cabi.Encoding, ptr, dptr, n uint64) error {
	script := m.mem(t, "script")
	clear(script[:callsAt])
	for i := range 3 {
		binary.LittleEndian.PutUint64(script[scriptAt+i*scriptSize:], dptr)
	}
	_, err := m.in.Call(pairName(from, to), ptr, n)
	if err != nil && !wasmtime.IsTrap(err) {
		t.Fatal(err)
	}
	return err
}

// TestMaximum tests strings of the maximum byte length, and of one unit more, in memory with room for both.
func TestMaximum(t *testing.T) {
	if testing.Short() {
		t.Skip("uses half a gigabyte")
	}
	for _, c := range []config{{simd: true}, {src64: true, dst64: true, simd: true}} {
		m := wholeMachine(t, c)
		for _, s := range []struct {
			from   cabi.Encoding
			units  uint64
			tagged bool
		}{{cabi.UTF8, 1<<28 - 1, false}, {cabi.UTF16, 1<<27 - 1, false}, {cabi.Latin1UTF16, 1<<28 - 1, false}, {cabi.Latin1UTF16, 1<<27 - 1, true}} {
			for _, to := range encodings {
				if err := m.call(t, s.from, to, 1024, 1024, length(s.units+1, s.tagged, c.src64)); err == nil {
					t.Errorf("%v: %s: %#x units passed", c, pairName(s.from, to), s.units+1)
				}
			}
			if err := m.call(t, s.from, cabi.UTF8, 1024, 1024, length(s.units, s.tagged, c.src64)); err != nil {
				t.Errorf("%v: %s: %#x units: %v", c, pairName(s.from, cabi.UTF8), s.units, err)
			}
		}
	}
}

// TestWholeAddressSpace tests strings at the end of memories that fill the 32-bit address space, where an address that
// is too high wraps around.
func TestWholeAddressSpace(t *testing.T) {
	const end = 1 << 32
	for _, c := range configs[:2] {
		m := wholeMachine(t, c)
		src := m.mem(t, "src")
		try := func(from, to cabi.Encoding, ptr, dptr, n uint64) error {
			for i := range n * 2 {
				if p := ptr + i; p < end {
					src[p] = byte('a' * (1 - i*uint64(from&1)%2)) // utf16 is ASCII too
				}
			}
			return m.call(t, from, to, ptr, dptr, n)
		}
		for _, from := range encodings {
			for _, to := range encodings {
				for _, n := range []uint64{2, 8, 12, 16, 20, 24, 32, 40, 64} {
					bytes, room := n, n
					if from == cabi.UTF16 {
						bytes *= 2
					}
					if to == cabi.UTF16 {
						room *= 2
					}
					for _, over := range []uint64{0, 2, n / 2 &^ 1, n - 2, n} {
						ok := over == 0
						if err := try(from, to, end-bytes+over, 1024, n); over < bytes && (err == nil) != ok {
							t.Errorf("%v: %s: %d units, %d bytes over the source's end: %v", c, pairName(from, to), n, over, err)
						}
						if err := try(from, to, 1024, end-room+over, n); over < room && (err == nil) != ok {
							t.Errorf("%v: %s: %d units, %d bytes over the destination's end: %v", c, pairName(from, to), n, over, err)
						}
					}
				}
			}
		}
	}
}
