// Package splice damages components in ways that keep their structure: it removes, repeats, exchanges and transplants
// sections at any depth, and changes bytes in them. Much that is damaged in this way stays valid.
package splice

import (
	"bytes"
	"math/rand/v2"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// Binary is a component or core module as a tree of sections.
type Binary struct {
	head     []byte
	sections []section
}

// section is one section. nested is set instead of body if the body is a module or component.
type section struct {
	id     byte
	body   []byte
	nested *Binary
}

const (
	headSize        = 8
	moduleSection   = 1 // in a component
	componentNested = 4
	maxDepth        = 8
)

// Parse parses a binary. It returns nil if the binary is not a sequence of sections.
func Parse(b []byte) *Binary { return parse(b, 0) }

func parse(b []byte, depth int) *Binary {
	if len(b) < headSize || !bytes.HasPrefix(b, []byte("\x00asm")) {
		return nil
	}
	c := &Binary{head: b[:headSize]}
	for b = b[headSize:]; len(b) > 0; {
		size, n := uleb(b[1:])
		if n == 0 || size > uint64(len(b)-1-n) {
			return nil
		}
		s := section{id: b[0], body: b[1+n : 1+n+int(size)]}
		if c.component() && (s.id == moduleSection || s.id == componentNested) && depth < maxDepth {
			s.nested = parse(s.body, depth+1)
		}
		c.sections = append(c.sections, s)
		b = b[1+n+int(size):]
	}
	return c
}

// uleb decodes an unsigned number of at most 32 bits and returns its length in bytes, or 0 if there is none.
func uleb(b []byte) (v uint64, n int) {
	for n < len(b) && n < 5 {
		v |= uint64(b[n]&0x7f) << (7 * n)
		if n++; b[n-1] < 0x80 {
			return v, n
		}
	}
	return 0, 0
}

func (c *Binary) component() bool { return c.head[6] == 1 }

// Bytes writes the binary.
func (c *Binary) Bytes() []byte {
	out := bytes.Clone(c.head)
	for _, s := range c.sections {
		body := s.body
		if s.nested != nil {
			body = s.nested.Bytes()
		}
		out = append(out, s.id)
		out = append(leb128.AppendU32(out, uint32(len(body))), body...)
	}
	return out
}

func (c *Binary) clone() *Binary {
	out := &Binary{head: c.head}
	for _, s := range c.sections {
		if s.nested != nil {
			s.nested = s.nested.clone()
		}
		out.sections = append(out.sections, s)
	}
	return out
}

// all returns the binary and everything nested in it that has sections.
func (c *Binary) all() (out []*Binary) {
	if len(c.sections) > 0 {
		out = append(out, c)
	}
	for _, s := range c.sections {
		if s.nested != nil {
			out = append(out, s.nested.all()...)
		}
	}
	return out
}

// pick returns a random one of them, a component unless modules is set.
func (c *Binary) pick(r *rand.Rand, modules bool) *Binary {
	var from []*Binary
	for _, d := range c.all() {
		if modules || d.component() {
			from = append(from, d)
		}
	}
	if len(from) == 0 {
		return nil
	}
	return from[r.IntN(len(from))]
}

// Mutate returns a damaged copy that may contain sections of the pool's binaries. It is determined by the numbers of r.
func (c *Binary) Mutate(r *rand.Rand, pool []*Binary) *Binary {
	out := c.clone()
	for range 1 + r.IntN(3) {
		d := out.pick(r, r.IntN(3) > 0)
		if d == nil {
			continue
		}
		i := r.IntN(len(d.sections))
		switch r.IntN(12) {
		case 0:
			d.sections = append(d.sections[:i:i], d.sections[i+1:]...)
		case 1:
			d.insert(i, d.sections[i])
		case 2:
			j := r.IntN(len(d.sections))
			d.sections[i], d.sections[j] = d.sections[j], d.sections[i]
		case 3, 4:
			d.graft(r, i, pool[r.IntN(len(pool))])
		default:
			if s := &d.sections[i]; s.nested == nil && len(s.body) > 0 {
				s.body = edit(r, s.body)
			}
		}
	}
	return out
}

func (c *Binary) insert(i int, s section) {
	c.sections = append(c.sections[:i:i], append([]section{s}, c.sections[i:]...)...)
}

// graft inserts a section of another binary, instead of one with the same id or beside it.
func (c *Binary) graft(r *rand.Rand, i int, from *Binary) {
	from = from.clone()
	e := from.pick(r, !c.component())
	if e == nil || e.component() != c.component() {
		return
	}
	if r.IntN(2) == 0 {
		c.insert(i, e.sections[r.IntN(len(e.sections))])
		return
	}
	for _, s := range e.sections {
		if s.id == c.sections[i].id {
			c.sections[i] = s
		}
	}
}

// odd are bytes with a meaning in many places.
var odd = []byte{0, 1, 2, 3, 4, 0x0f, 0x10, 0x3f, 0x40, 0x41, 0x60, 0x64, 0x68, 0x69, 0x6d, 0x70, 0x71, 0x72, 0x73, 0x7e, 0x7f, 0x80, 0x81, 0xfe, 0xff}

// edit changes a body in one place.
func edit(r *rand.Rand, body []byte) []byte {
	b := bytes.Clone(body)
	k := r.IntN(len(b))
	insert := func(more ...byte) []byte { return append(b[:k:k], append(more, b[k:]...)...) }
	switch r.IntN(7) {
	case 0:
		b[k] ^= 1 << r.IntN(8)
	case 1:
		b[k] = odd[r.IntN(len(odd))]
	case 2:
		b[k] += byte(r.IntN(5)) - 2
	case 3:
		return append(b[:k:k], b[k+1:]...)
	case 4:
		return insert(odd[r.IntN(len(odd))])
	case 5:
		return insert(0xff, 0xff, 0xff, 0xff, 0x0f) // the largest 32-bit number
	case 6:
		b[0] += byte(r.IntN(3)) - 1 // the number of items that follow
	}
	return b
}
