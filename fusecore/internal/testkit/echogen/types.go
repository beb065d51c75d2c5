// This file implements random types and values.

package echogen

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
)

// typ is a random value type.
type typ struct {
	kind  component.ValKind // KindPrim, or a constructor
	prim  component.Prim
	parts []*typ // elements, fields, payloads (or nil); a result's ok and err
	n     int    // number of labels of an enum or flags
	name  string // for a type that must be named: record, variant, enum, flags
}

var prims = []component.Prim{
	component.PrimBool, component.PrimS8, component.PrimU8, component.PrimS16, component.PrimU16, component.PrimS32, component.PrimU32,
	component.PrimS64, component.PrimU64, component.PrimF32, component.PrimF64, component.PrimChar, component.PrimString, component.PrimString,
}

// gen generates types and values.
type gen struct {
	*rand.Rand
	named   []*typ // in order of definition: a type after those it uses
	handles bool   // whether types contain handles
}

// typ returns a type of at most depth levels. It may return a named one again.
func (g *gen) typ(depth int) *typ {
	if g.handles && g.IntN(4) == 0 {
		return &typ{kind: component.KindOwn}
	}
	if depth == 0 || g.IntN(3) == 0 {
		return &typ{kind: component.KindPrim, prim: prims[g.IntN(len(prims))]}
	}
	if len(g.named) > 0 && g.IntN(6) == 0 {
		return g.named[g.IntN(len(g.named))]
	}
	t := &typ{}
	parts := func(n int, optional bool) {
		for range n {
			if optional && g.IntN(3) == 0 {
				t.parts = append(t.parts, nil)
			} else {
				t.parts = append(t.parts, g.typ(depth-1))
			}
		}
	}
	switch g.IntN(9) {
	case 0, 1:
		t.kind = component.KindList
		parts(1, false)
	case 2:
		t.kind = component.KindTuple
		parts(1+g.IntN(4), false)
	case 3:
		t.kind = component.KindOption
		parts(1, false)
	case 4:
		t.kind = component.KindResult
		parts(2, true)
	case 5:
		t.kind = component.KindRecord
		parts(1+g.IntN(5), false)
	case 6:
		t.kind = component.KindVariant
		n := 1 + g.IntN(5)
		if g.IntN(20) == 0 {
			n = 300 // a discriminant of two bytes
		}
		parts(n, true)
		for i := 5; i < n; i++ {
			t.parts[i] = nil
		}
	case 7:
		t.kind, t.n = component.KindEnum, 1+g.IntN(5)
		if g.IntN(10) == 0 {
			t.n = 257
		}
	case 8:
		t.kind, t.n = component.KindFlags, 1+g.IntN(32)
	}
	switch t.kind {
	case component.KindRecord, component.KindVariant, component.KindEnum, component.KindFlags:
		t.name = fmt.Sprintf("t%d", len(g.named))
		g.named = append(g.named, t)
	}
	return t
}

// flat returns the core types of a value (CanonicalABI.md, Flattening): "i" i32, "l" i64, "f" f32, "d" f64. It shares
// no code with package cabi.
func (t *typ) flat() string {
	switch t.kind {
	case component.KindPrim:
		switch t.prim {
		case component.PrimS64, component.PrimU64:
			return "l"
		case component.PrimF32:
			return "f"
		case component.PrimF64:
			return "d"
		case component.PrimString:
			return "ii"
		}
		return "i"
	case component.KindList:
		return "ii"
	case component.KindRecord, component.KindTuple:
		s := ""
		for _, p := range t.parts {
			s += p.flat()
		}
		return s
	case component.KindVariant, component.KindOption, component.KindResult:
		var join []byte
		for _, p := range t.parts {
			if p == nil {
				continue
			}
			for i, c := range []byte(p.flat()) {
				switch {
				case i == len(join):
					join = append(join, c)
				case join[i] == c:
				case join[i]+c == 'i'+'f':
					join[i] = 'i'
				default:
					join[i] = 'l'
				}
			}
		}
		return "i" + string(join)
	}
	return "i" // enum, flags, own
}

var texts = []string{"", "a", "plain ASCII text", "é", "Grüße, señor ÿ", "λx.x", "日本語", "𐍈", "a𐍈b", "\x00", "tab\tnew\nline", "quote\" back\\slash",
	"ÿĀ", "Latin1 é then beyond Ā", "\ud7ff\ue000\U0010ffff"}

func (g *gen) text() string {
	s := texts[g.IntN(len(texts))]
	switch g.IntN(4) {
	case 0:
		s += texts[g.IntN(len(texts))]
	case 1:
		s = strings.Repeat(s, g.IntN(40))
	}
	return s
}

func quote(s string, q rune) string {
	var b strings.Builder
	b.WriteRune(q)
	for _, r := range s {
		switch {
		case r == q || r == '\\':
			b.WriteString("\\" + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u{%x}`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteRune(q)
	return b.String()
}

// value returns a value of the type, in the engine's notation.
func (g *gen) value(t *typ) string {
	list := func(n int, elem func(i int) string) string {
		var out []string
		for i := range n {
			out = append(out, elem(i))
		}
		return strings.Join(out, ", ")
	}
	payload := func(word string, p *typ) string {
		if p == nil {
			return word
		}
		return word + "(" + g.value(p) + ")"
	}
	part := func(i int) string { return g.value(t.parts[i]) }
	switch t.kind {
	case component.KindPrim:
		return g.primValue(t.prim)
	case component.KindList:
		n := g.IntN(4)
		if g.IntN(10) == 0 && t.parts[0].kind == component.KindPrim {
			n = 500
		}
		return "[" + list(n, func(int) string { return part(0) }) + "]"
	case component.KindTuple:
		return "(" + list(len(t.parts), part) + ")"
	case component.KindRecord:
		return "{" + list(len(t.parts), func(i int) string { return fmt.Sprintf("f%d: ", i) + part(i) }) + "}"
	case component.KindOption:
		if g.IntN(2) == 0 {
			return "none"
		}
		return payload("some", t.parts[0])
	case component.KindResult:
		i := g.IntN(2)
		return payload([]string{"ok", "err"}[i], t.parts[i])
	case component.KindVariant:
		i := g.IntN(len(t.parts))
		return payload(fmt.Sprintf("c%d", i), t.parts[i])
	case component.KindEnum:
		return fmt.Sprintf("e%d", g.IntN(t.n))
	case component.KindOwn:
		return fmt.Sprintf("host(%d)", []uint32{0, 1, g.Uint32(), math.MaxUint32}[g.IntN(4)])
	}
	var set []string
	for i := range t.n {
		if g.IntN(2) == 0 {
			set = append(set, fmt.Sprintf("b%d", i))
		}
	}
	return "{" + strings.Join(set, ", ") + "}"
}

func (g *gen) primValue(p component.Prim) string {
	signed := func(bits int) string {
		n := int64(g.Uint64()) >> (64 - bits)
		return strconv.FormatInt([]int64{0, -1, -1 << (bits - 1), 1<<(bits-1) - 1, n}[g.IntN(5)], 10)
	}
	unsigned := func(bits int) string {
		max := uint64(math.MaxUint64) >> (64 - bits)
		return strconv.FormatUint([]uint64{0, max, max / 2, max/2 + 1, g.Uint64() & max}[g.IntN(5)], 10)
	}
	float := func(bits int) string {
		s := []string{"0", "-0", "1.5", "-0.1", "nan", "inf", "-inf"}[g.IntN(7)]
		if s == "nan" || strings.HasSuffix(s, "inf") {
			return s
		}
		f, _ := strconv.ParseFloat(s, bits)
		return strconv.FormatFloat(f, 'g', -1, bits)
	}
	switch p {
	case component.PrimBool:
		return strconv.FormatBool(g.IntN(2) == 0)
	case component.PrimS8:
		return signed(8)
	case component.PrimU8:
		return unsigned(8)
	case component.PrimS16:
		return signed(16)
	case component.PrimU16:
		return unsigned(16)
	case component.PrimS32:
		return signed(32)
	case component.PrimU32:
		return unsigned(32)
	case component.PrimS64:
		return signed(64)
	case component.PrimU64:
		return unsigned(64)
	case component.PrimF32:
		return float(32)
	case component.PrimF64:
		return float(64)
	case component.PrimChar:
		rs := []rune{0, 'a', '\'', '\\', 0xff, 0x100, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff}
		return quote(string(rs[g.IntN(len(rs))]), '\'')
	}
	return quote(g.text(), '"')
}
