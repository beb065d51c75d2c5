// This file implements the reading of values.

package wave

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// SyntaxError is a text that is not what was expected at a position.
type SyntaxError struct {
	Text   string
	Offset int // in bytes
	Msg    string
	Err    error // what Msg says, of type *fusecore.Mismatch if that is what was expected; or nil
}

// Error returns the problem with its position as line and column, both from 1.
func (e *SyntaxError) Error() string {
	before := e.Text[:e.Offset]
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	if strings.Contains(e.Text, "\n") {
		return fmt.Sprintf("line %d, column %d: %s", line, column, e.Msg)
	}
	return fmt.Sprintf("column %d of %q: %s", column, e.Text, e.Msg)
}

// Unwrap returns Err.
func (e *SyntaxError) Unwrap() error { return e.Err }

// maxDepth limits how deep values are nested.
const maxDepth = 500

// Parse reads text as a value of a type. The result's Go type is that of [GoType]. Errors are of type *SyntaxError.
func Parse(t *Type, text string) (any, error) { return Options{}.Parse(t, text) }

// Parse is like the function [Parse], with options.
func (o Options) Parse(t *Type, text string) (any, error) {
	p := &parser{Options: o, s: text}
	v := reflect.New(GoType(t)).Elem()
	if err := p.value(t, v); err != nil {
		return nil, err
	}
	if p.peek() != 0 {
		return nil, p.errorf("nothing more")
	}
	return v.Interface(), nil
}

// CallName returns the name of the function that a call is of: the text before the first parenthesis.
func CallName(call string) (name string, ok bool) {
	name, _, ok = strings.Cut(call, "(")
	name = strings.TrimSpace(name)
	return name, ok && name != ""
}

// ParseCall reads a call, name(arg, arg), of a function of a type, and returns the arguments.
func ParseCall(f *Func, call string) (args []any, err error) { return Options{}.ParseCall(f, call) }

// ParseCall is like the function [ParseCall], with options.
func (o Options) ParseCall(f *Func, call string) (args []any, err error) {
	p := &parser{Options: o, s: call, i: max(strings.IndexByte(call, '('), 0)}
	err = p.list('(', ')', func() error {
		if len(args) == len(f.Params) {
			return p.errorf(fmt.Sprintf("')': the function takes %d arguments", len(args)))
		}
		t := f.Params[len(args)].Type
		v := reflect.New(GoType(t)).Elem()
		err := p.value(t, v)
		args = append(args, v.Interface())
		return err
	})
	if err == nil && len(args) < len(f.Params) {
		p.i-- // to before the parenthesis
		next := f.Params[len(args)]
		err = p.errorf(fmt.Sprintf("argument %d, %s: %v", len(args)+1, next.Label, next.Type))
	}
	if err == nil && p.peek() != 0 {
		err = p.errorf("nothing more")
	}
	return args, err
}

// parser reads values.
type parser struct {
	Options
	s     string
	i     int
	depth int
}

func (p *parser) errorf(want string) error {
	got := "the end"
	if rest := p.s[p.i:]; rest != "" {
		for i := range rest {
			if i >= 20 {
				rest = rest[:i] + "…"
				break
			}
		}
		got = strconv.Quote(rest)
	}
	m := diag.Differ("expected %s, found %s", want, got)
	return &SyntaxError{p.s, p.i, m.Text, m}
}

// peek skips blanks and comments and returns the next byte, or 0 at the end.
func (p *parser) peek() byte {
	for p.i < len(p.s) {
		switch {
		case strings.IndexByte(" \t\n\r", p.s[p.i]) >= 0:
			p.i++
		case strings.HasPrefix(p.s[p.i:], "//"):
			end := strings.IndexByte(p.s[p.i:], '\n')
			if end < 0 {
				p.i = len(p.s)
				return 0
			}
			p.i += end
		default:
			return p.s[p.i]
		}
	}
	return 0
}

func (p *parser) take(c byte) bool {
	if p.peek() != c || p.i == len(p.s) {
		return false
	}
	p.i++
	return true
}

// word reads a name or a number.
func (p *parser) word() string {
	p.peek()
	from := p.i
	for p.i < len(p.s) && strings.IndexByte(" \t\n\r,:()[]{}\"'/", p.s[p.i]) < 0 {
		p.i++
	}
	return p.s[from:p.i]
}

// number reads a word that convert understands.
func (p *parser) number(t *Type, convert func(word string) error) error {
	p.peek()
	from := p.i
	if err := convert(p.word()); err != nil {
		p.i = from
		return p.errorf(withArticle(t))
	}
	return nil
}

func withArticle(t *Type) string {
	text := t.String()
	if strings.IndexByte("aeio", text[0]) >= 0 || strings.HasPrefix(text, "s8") || strings.HasPrefix(text, "f") && t.Kind <= ctypes.F64 {
		return "an " + text
	}
	return "a " + text
}

// list reads elements between brackets; a comma may follow the last.
func (p *parser) list(open, end byte, elem func() error) error {
	if !p.take(open) {
		return p.errorf(fmt.Sprintf("%q", open))
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

// value reads a value into v, whose type is that of GoType.
func (p *parser) value(t *Type, v reflect.Value) error {
	if p.depth++; p.depth > maxDepth {
		return p.errorf(fmt.Sprintf("a value that is nested no deeper than %d", maxDepth))
	}
	defer func() { p.depth-- }()
	switch t.Kind {
	case ctypes.Bool:
		i, err := p.keyword([]string{"false", "true"})
		v.SetBool(i == 1)
		return err
	case ctypes.S8, ctypes.S16, ctypes.S32, ctypes.S64:
		return p.number(t, func(word string) error {
			n, err := strconv.ParseInt(word, base(word), v.Type().Bits())
			v.SetInt(n)
			return err
		})
	case ctypes.U8, ctypes.U16, ctypes.U32, ctypes.U64:
		return p.number(t, func(word string) error {
			n, err := strconv.ParseUint(word, base(word), v.Type().Bits())
			v.SetUint(n)
			return err
		})
	case ctypes.F32, ctypes.F64:
		return p.number(t, func(word string) error {
			f, err := strconv.ParseFloat(word, v.Type().Bits())
			v.SetFloat(f)
			return err
		})
	case ctypes.Char:
		from := p.i
		s, err := p.quoted('\'')
		if r, n := utf8.DecodeRuneInString(s); err == nil && n == len(s) && n > 0 {
			v.SetInt(int64(r))
		} else if err == nil {
			p.i = from
			err = p.errorf("one character between single quotes")
		}
		return err
	case ctypes.String:
		s, err := p.text()
		v.SetString(s)
		return err
	case ctypes.List, ctypes.FixedList:
		return p.elements(t, v)
	case ctypes.Map:
		return p.entries(t, v)
	case ctypes.Tuple:
		return p.tuple(t.Types, v)
	case ctypes.Record:
		return p.record(t, v)
	case ctypes.Flags:
		return p.flags(t, v)
	case ctypes.Variant, ctypes.Enum, ctypes.Option, ctypes.Result:
		return p.oneOf(t, v)
	case ctypes.Own, ctypes.Borrow:
		return p.handle(t, v)
	}
	return p.errorf("something else: a " + t.String() + " has no text")
}

// base returns the base of an integer, whose prefix strconv understands.
func base(word string) int {
	if strings.HasPrefix(strings.TrimPrefix(word, "-"), "0x") {
		return 0
	}
	return 10
}

// into reads a value of a type and stores it.
func (p *parser) into(t *Type, store func(reflect.Value)) error {
	v := reflect.New(GoType(t)).Elem()
	err := p.value(t, v)
	store(v)
	return err
}

func (p *parser) elements(t *Type, v reflect.Value) error {
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	err := p.list('[', ']', func() error {
		return p.into(t.Elem, func(e reflect.Value) { v.Set(reflect.Append(v, e)) })
	})
	if err == nil && t.Kind == ctypes.FixedList && v.Len() != int(t.Len) {
		err = p.errorf(fmt.Sprintf("%d elements before", t.Len))
	}
	return err
}

func (p *parser) entries(t *Type, v reflect.Value) error {
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	return p.list('[', ']', func() error {
		var pair []any
		err := p.tuple([]*Type{t.Key, t.Elem}, reflect.ValueOf(&pair).Elem())
		if err == nil {
			v.Set(reflect.Append(v, reflect.ValueOf([2]any(pair))))
		}
		return err
	})
}

// tuple reads into v, a []any.
func (p *parser) tuple(types []*Type, v reflect.Value) error {
	out := make([]any, 0, len(types))
	want := func() error { return p.errorf(fmt.Sprintf("%d elements", len(types))) }
	err := p.list('(', ')', func() error {
		if len(out) == len(types) {
			return want()
		}
		return p.into(types[len(out)], func(e reflect.Value) { out = append(out, e.Interface()) })
	})
	if err == nil && len(out) != len(types) {
		p.i--
		err = want()
	}
	v.Set(reflect.ValueOf(out))
	return err
}

func (p *parser) record(t *Type, v reflect.Value) error {
	labels := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		labels[i] = f.Label
	}
	out := map[string]any{}
	v.Set(reflect.ValueOf(out))
	start := p.i
	empty := p.take('{') && p.take(':')
	if !empty {
		p.i = start
	}
	var err error
	if empty && !p.take('}') {
		err = p.errorf("'}'")
	}
	if !empty {
		err = p.list('{', '}', func() error {
			at := p.i
			i, err := p.name(labels)
			if _, twice := out[labels[i]]; err == nil && twice {
				p.i = at
				err = p.errorf("another field than " + labels[i] + " again")
			}
			if err == nil && !p.take(':') {
				err = p.errorf("':'")
			}
			if err != nil {
				return err
			}
			return p.into(t.Fields[i].Type, func(e reflect.Value) { out[labels[i]] = e.Interface() })
		})
	}
	for i, f := range t.Fields {
		if _, ok := out[f.Label]; err != nil || ok {
			continue
		}
		if f.Type.Kind != ctypes.Option {
			p.i--
			return p.errorf("field " + labels[i])
		}
		out[f.Label] = reflect.Zero(GoType(f.Type)).Interface()
	}
	return err
}

func (p *parser) flags(t *Type, v reflect.Value) error {
	set := make([]bool, len(t.Labels))
	err := p.list('{', '}', func() error {
		at := p.i
		i, err := p.name(t.Labels)
		if err == nil && set[i] {
			p.i = at
			err = p.errorf("another flag than " + t.Labels[i] + " again")
		}
		if err == nil {
			set[i] = true
		}
		return err
	})
	out := []string{}
	for i, label := range t.Labels {
		if set[i] {
			out = append(out, label)
		}
	}
	v.Set(reflect.ValueOf(out))
	return err
}

// oneOf reads a value that is one of several cases.
func (p *parser) oneOf(t *Type, v reflect.Value) error {
	cases := cases(t)
	labels := make([]string, len(cases))
	for i, c := range cases {
		labels[i] = c.Label
	}
	read := p.keyword
	if t.Kind == ctypes.Variant || t.Kind == ctypes.Enum {
		read = p.name
	}
	p.peek()
	start := p.i
	i, err := read(labels)
	if err != nil && t.Kind == ctypes.Option && flat(t.Elem) {
		i, err = 1, nil
	} else if err != nil && t.Kind == ctypes.Result && flat(t.Elem) {
		i, err = 0, nil
	}
	if err != nil {
		return err
	}
	bare := p.i == start // the payload alone
	payload := reflect.Value{}
	if of := cases[i].Type; of != nil {
		if !bare && !p.take('(') {
			return p.errorf("'(' and a " + of.String())
		}
		if err := p.into(of, func(e reflect.Value) { payload = e }); err != nil {
			return err
		}
		if !bare && !p.take(')') {
			return p.errorf("')'")
		}
	}
	store(t, v, i, cases[i].Label, payload)
	return nil
}

// store stores a case with its payload.
func store(t *Type, v reflect.Value, i int, name string, payload reflect.Value) {
	var value any
	if payload.IsValid() {
		value = payload.Interface()
	}
	switch t.Kind {
	case ctypes.Enum:
		v.SetString(name)
	case ctypes.Variant:
		v.Set(reflect.ValueOf(Variant{name, value}))
	case ctypes.Option:
		if i == 1 {
			v.Set(reflect.New(v.Type().Elem()))
			v.Elem().Set(payload)
		}
	case ctypes.Result:
		r := anyResult{IsErr: i == 1, Ok: value}
		if r.IsErr {
			r = anyResult{IsErr: true, Err: value}
		}
		v.Set(reflect.ValueOf(r))
	}
}

func (p *parser) handle(t *Type, v reflect.Value) error {
	p.peek()
	from := p.i
	if p.Handles == nil {
		return p.errorf("something else: handles cannot be written here")
	}
	word := p.word()
	var n uint64
	number := func() (err error) {
		p.peek()
		at := p.i
		if n, err = strconv.ParseUint(p.word(), 10, 32); err != nil {
			p.i = at
			return p.errorf("a handle's number")
		}
		return nil
	}
	if err := p.list('(', ')', number); err != nil {
		return err
	}
	h, err := p.Handles.Handle(t, word, uint32(n))
	if err != nil {
		return &SyntaxError{p.s, from, err.Error(), err}
	}
	if h != nil {
		v.Set(reflect.ValueOf(h))
	}
	return nil
}

// name reads one of several names, which may begin with %, and returns its index.
func (p *parser) name(names []string) (int, error) {
	return p.which(names, func(word string) string { return strings.TrimPrefix(word, "%") })
}

// keyword is like name, for words of the notation.
func (p *parser) keyword(names []string) (int, error) {
	return p.which(names, func(word string) string { return word })
}

func (p *parser) which(names []string, plain func(word string) string) (int, error) {
	p.peek()
	from := p.i
	i := slices.Index(names, plain(p.word()))
	if i < 0 {
		p.i = from
		return 0, p.errorf("one of " + strings.Join(names, ", "))
	}
	return i, nil
}
