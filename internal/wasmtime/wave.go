// This file implements WAVE, the text format of component values.

package wasmtime

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// kind is a value type's constructor.
type kind uint8

const (
	kBool kind = iota
	kS8
	kS16
	kS32
	kS64
	kU8
	kU16
	kU32
	kU64
	kF32
	kF64
	kChar
	kString
	kList
	kRecord
	kTuple
	kVariant
	kEnum
	kOption
	kResult
	kFlags
	kOwn
	kBorrow
)

// typ is a component value type. names are field, case or flag names. types are the element (list, option), field or
// payload types, nil for a case without payload. A result has types {ok, err}.
type typ struct {
	kind  kind
	names []string
	types []*typ
	// ofHost reports whether a handle's resource type is the host's, and host is its index among the engine's.
	ofHost bool
	host   int
}

// value is a component value. The type's kind determines the fields in use. n holds a bool, integer or char, the index
// of a case (option: 0 none, 1 some; result: 0 ok, 1 err), or the number of a handle. Flags use idx for those that are
// set.
type value struct {
	n     uint64
	f     float64
	s     string
	elems []*value // list, tuple, record in field order; a case's payload
	idx   []int    // flags that are set, ascending
}

var intBits = map[kind]int{kS8: 8, kS16: 16, kS32: 32, kS64: 64, kU8: 8, kU16: 16, kU32: 32, kU64: 64}

func (k kind) signed() bool { return k >= kS8 && k <= kS64 }

// format writes v as WAVE text.
func format(t *typ, v *value) string {
	var b strings.Builder
	formatTo(&b, t, v)
	return b.String()
}

func formatTo(b *strings.Builder, t *typ, v *value) {
	seq := func(open, end string, n int, elem func(i int)) {
		b.WriteString(open)
		for i := range n {
			if i > 0 {
				b.WriteString(", ")
			}
			elem(i)
		}
		b.WriteString(end)
	}
	payload := func(name string, pt *typ) {
		b.WriteString(name)
		if pt != nil {
			seq("(", ")", 1, func(int) { formatTo(b, pt, v.elems[0]) })
		}
	}
	switch t.kind {
	case kBool:
		b.WriteString(strconv.FormatBool(v.n != 0))
	case kF32:
		b.WriteString(formatFloat(v.f, 32))
	case kF64:
		b.WriteString(formatFloat(v.f, 64))
	case kChar:
		b.WriteString(Quote(string(rune(v.n)), '\''))
	case kString:
		b.WriteString(Quote(v.s, '"'))
	case kList:
		seq("[", "]", len(v.elems), func(i int) { formatTo(b, t.types[0], v.elems[i]) })
	case kTuple:
		seq("(", ")", len(v.elems), func(i int) { formatTo(b, t.types[i], v.elems[i]) })
	case kRecord:
		seq("{", "}", len(v.elems), func(i int) {
			b.WriteString(t.names[i] + ": ")
			formatTo(b, t.types[i], v.elems[i])
		})
	case kVariant:
		payload(t.names[v.n], t.types[v.n])
	case kEnum:
		b.WriteString(t.names[v.n])
	case kOption:
		if v.n == 0 {
			b.WriteString("none")
		} else {
			payload("some", t.types[0])
		}
	case kResult:
		payload([]string{"ok", "err"}[v.n], t.types[v.n])
	case kFlags:
		seq("{", "}", len(v.idx), func(i int) { b.WriteString(t.names[v.idx[i]]) })
	case kOwn, kBorrow:
		b.WriteString(handleWord(t) + "(" + strconv.FormatUint(v.n, 10) + ")")
	default:
		if t.kind.signed() {
			b.WriteString(strconv.FormatInt(int64(v.n), 10))
		} else {
			b.WriteString(strconv.FormatUint(v.n, 10))
		}
	}
}

// handleWord returns a handle as text: host(REP) for a resource of the host, res(N) for the Nth guest resource seen.
func handleWord(t *typ) string {
	if t.ofHost {
		return "host"
	}
	return "res"
}

func formatFloat(f float64, bits int) string {
	switch {
	case math.IsNaN(f): // the Canonical ABI leaves a NaN's payload undetermined
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	return strconv.FormatFloat(f, 'g', -1, bits)
}

// Quote returns a quoted string, or a quoted character if q is a single quote.
func Quote(s string, q byte) string {
	b := []byte{q}
	for _, r := range s {
		switch {
		case r == rune(q) || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, '\\', 'n')
		case r == '\t':
			b = append(b, '\\', 't')
		case r == '\r':
			b = append(b, '\\', 'r')
		case r < 0x20 || r == 0x7f:
			b = fmt.Appendf(b, `\u{%x}`, r)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return string(append(b, q))
}

// parser reads one WAVE value.
type parser struct {
	s string
	i int
}

// parse parses text as a value of type t.
func parse(t *typ, text string) (*value, error) {
	p := &parser{s: text}
	v, err := p.value(t)
	if err == nil && p.peek() != 0 {
		err = p.errorf("nothing more")
	}
	return v, err
}

func (p *parser) errorf(want string) error {
	rest := p.s[p.i:]
	if len(rest) > 20 {
		rest = rest[:20] + "…"
	}
	return fmt.Errorf("value text %q, byte %d: want %s, got %q", p.s, p.i, want, rest)
}

// peek skips blanks and returns the next byte, or 0 at the end.
func (p *parser) peek() byte {
	for p.i < len(p.s) && strings.IndexByte(" \t\n\r", p.s[p.i]) >= 0 {
		p.i++
	}
	if p.i == len(p.s) {
		return 0
	}
	return p.s[p.i]
}

func (p *parser) take(c byte) bool {
	if p.peek() != c {
		return false
	}
	p.i++
	return true
}

// word parses a name or a number.
func (p *parser) word() string {
	p.peek()
	from := p.i
	for p.i < len(p.s) && strings.IndexByte(" \t\n\r,:()[]{}\"'", p.s[p.i]) < 0 {
		p.i++
	}
	return strings.TrimPrefix(p.s[from:p.i], "%")
}

// list parses elements between brackets; a comma may follow the last.
func (p *parser) list(open, end byte, elem func() error) error {
	if !p.take(open) {
		return p.errorf(strconv.Quote(string(open)))
	}
	for !p.take(end) {
		if err := elem(); err != nil {
			return err
		}
		if !p.take(',') && p.peek() != end {
			return p.errorf(fmt.Sprintf("%q or %q", ',', end))
		}
	}
	return nil
}

func (p *parser) value(t *typ) (*value, error) {
	v := &value{}
	switch t.kind {
	case kBool, kEnum:
		names := t.names
		if t.kind == kBool {
			names = []string{"false", "true"}
		}
		i, err := p.name(names)
		v.n = uint64(i)
		return v, err
	case kF32, kF64:
		bits := 64
		if t.kind == kF32 {
			bits = 32
		}
		f, err := strconv.ParseFloat(p.word(), bits)
		v.f = f
		return v, err
	case kChar:
		s, err := p.quoted('\'')
		if err == nil && utf8.RuneCountInString(s) != 1 {
			err = p.errorf("one character")
		}
		r, _ := utf8.DecodeRuneInString(s)
		v.n = uint64(r)
		return v, err
	case kString:
		s, err := p.quoted('"')
		v.s = s
		return v, err
	case kList, kTuple, kRecord:
		return v, p.aggregate(t, v)
	case kVariant, kOption, kResult:
		return v, p.oneOf(t, v)
	case kFlags:
		set := map[int]bool{}
		err := p.list('{', '}', func() error {
			i, err := p.name(t.names)
			set[i] = true
			return err
		})
		for i := range t.names {
			if set[i] {
				v.idx = append(v.idx, i)
			}
		}
		return v, err
	case kOwn, kBorrow:
		if _, err := p.name([]string{handleWord(t)}); err != nil {
			return nil, err
		}
		err := p.list('(', ')', func() (err error) { v.n, err = strconv.ParseUint(p.word(), 10, 32); return err })
		return v, err
	}
	var err error
	if t.kind.signed() {
		var n int64
		n, err = strconv.ParseInt(p.word(), 10, intBits[t.kind])
		v.n = uint64(n)
	} else {
		word, base := p.word(), 10
		if hex, ok := strings.CutPrefix(word, "0x"); ok {
			word, base = hex, 16
		}
		v.n, err = strconv.ParseUint(word, base, intBits[t.kind])
	}
	return v, err
}

func (p *parser) aggregate(t *typ, v *value) error {
	switch t.kind {
	case kList:
		return p.list('[', ']', func() error {
			e, err := p.value(t.types[0])
			v.elems = append(v.elems, e)
			return err
		})
	case kTuple:
		err := p.list('(', ')', func() error {
			if len(v.elems) == len(t.types) {
				return p.errorf(fmt.Sprintf("%d elements", len(t.types)))
			}
			e, err := p.value(t.types[len(v.elems)])
			v.elems = append(v.elems, e)
			return err
		})
		if err == nil && len(v.elems) != len(t.types) {
			err = p.errorf(fmt.Sprintf("%d elements", len(t.types)))
		}
		return err
	}
	v.elems = make([]*value, len(t.types))
	err := p.list('{', '}', func() error {
		i, err := p.name(t.names)
		if err == nil && !p.take(':') {
			err = p.errorf("':'")
		}
		if err == nil {
			v.elems[i], err = p.value(t.types[i])
		}
		return err
	})
	for i, e := range v.elems {
		if err == nil && e == nil {
			err = p.errorf("field " + t.names[i])
		}
	}
	return err
}

func (p *parser) oneOf(t *typ, v *value) error {
	names, types := t.names, t.types
	switch t.kind {
	case kOption:
		names, types = []string{"none", "some"}, []*typ{nil, t.types[0]}
	case kResult:
		names = []string{"ok", "err"}
	}
	i, err := p.name(names)
	v.n = uint64(i)
	if err != nil || types[i] == nil {
		return err
	}
	if !p.take('(') {
		return p.errorf("'('")
	}
	e, err := p.value(types[i])
	v.elems = []*value{e}
	if err == nil && !p.take(')') {
		err = p.errorf("')'")
	}
	return err
}

// name parses one of the names and returns its index.
func (p *parser) name(names []string) (int, error) {
	p.peek()
	from := p.i
	w := p.word()
	for i, n := range names {
		if n == w {
			return i, nil
		}
	}
	p.i = from
	return 0, p.errorf("one of " + strings.Join(names, ", "))
}

func (p *parser) quoted(q byte) (string, error) {
	if !p.take(q) {
		return "", p.errorf(string(q))
	}
	var b []byte
	for p.i < len(p.s) {
		c := p.s[p.i]
		p.i++
		switch c {
		case q:
			return string(b), nil
		case '\\':
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			b = utf8.AppendRune(b, r)
		default:
			b = append(b, c)
		}
	}
	return "", p.errorf(string(q))
}

func (p *parser) escape() (rune, error) {
	if p.i == len(p.s) {
		return 0, p.errorf("an escape")
	}
	c := p.s[p.i]
	p.i++
	switch c {
	case 'n':
		return '\n', nil
	case 't':
		return '\t', nil
	case 'r':
		return '\r', nil
	case '\\', '"', '\'':
		return rune(c), nil
	case 'u':
		end := strings.IndexByte(p.s[p.i:], '}')
		if end > 0 && p.s[p.i] == '{' {
			n, err := strconv.ParseUint(p.s[p.i+1:p.i+end], 16, 21)
			p.i += end + 1
			if err == nil && utf8.ValidRune(rune(n)) {
				return rune(n), nil
			}
		}
	}
	return 0, p.errorf(`an escape (\n \t \r \\ \" \' \u{hex})`)
}
