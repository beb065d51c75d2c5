// This file implements the writing of values.

package wave

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// Format returns a value of a type as text. The value's Go type must be that of [GoType].
func Format(t *Type, v any) (string, error) { return Options{}.Format(t, v) }

// Format is like the function [Format], with options.
func (o Options) Format(t *Type, v any) (string, error) {
	f := formatter{Options: o}
	f.value(t, reflect.ValueOf(v))
	if f.err != nil {
		return "", f.err
	}
	return f.String(), nil
}

// formatter writes a value, and keeps the first error.
type formatter struct {
	Options
	strings.Builder
	err error
}

func (f *formatter) fail(t *Type, v reflect.Value) {
	if f.err == nil {
		got := "nil"
		if v.IsValid() {
			got = v.Type().String()
		}
		f.err = fmt.Errorf("the Go type %s is not that of a %v, which is %v", got, t, GoType(t))
	}
}

// value writes a value of a type.
func (f *formatter) value(t *Type, v reflect.Value) {
	for v.IsValid() && v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if t.Kind == ctypes.Own || t.Kind == ctypes.Borrow {
		f.handle(t, v)
		return
	}
	if !v.IsValid() || v.Type() != GoType(t) {
		f.fail(t, v)
		return
	}
	switch t.Kind {
	case ctypes.Bool:
		f.WriteString(strconv.FormatBool(v.Bool()))
	case ctypes.S8, ctypes.S16, ctypes.S32, ctypes.S64:
		f.WriteString(strconv.FormatInt(v.Int(), 10))
	case ctypes.U8, ctypes.U16, ctypes.U32, ctypes.U64:
		f.WriteString(strconv.FormatUint(v.Uint(), 10))
	case ctypes.F32:
		f.WriteString(formatFloat(v.Float(), 32))
	case ctypes.F64:
		f.WriteString(formatFloat(v.Float(), 64))
	case ctypes.Char:
		if r := rune(v.Int()); utf8.ValidRune(r) {
			f.WriteString(Quote(string(r), '\''))
		} else {
			f.failValue("%#x is no char", v.Int())
		}
	case ctypes.String:
		f.WriteString(Quote(v.String(), '"'))
	case ctypes.List, ctypes.FixedList:
		f.list("[", "]", v.Len(), func(i int) { f.value(t.Elem, v.Index(i)) })
	case ctypes.Map:
		f.list("[", "]", v.Len(), func(i int) {
			f.list("(", ")", 2, func(j int) { f.value([]*Type{t.Key, t.Elem}[j], v.Index(i).Index(j)) })
		})
	case ctypes.Tuple:
		if v.Len() != len(t.Types) {
			f.failValue("%d elements of a %v", v.Len(), t)
			return
		}
		f.list("(", ")", len(t.Types), func(i int) { f.value(t.Types[i], v.Index(i)) })
	case ctypes.Record:
		f.record(t, v.Interface().(map[string]any))
	case ctypes.Flags:
		f.flags(t, v.Interface().([]string))
	default:
		f.oneOf(t, v)
	}
}

func (f *formatter) failValue(format string, args ...any) {
	if f.err == nil {
		f.err = fmt.Errorf(format, args...)
	}
}

// list writes n parts with commas between them.
func (f *formatter) list(begin, end string, n int, part func(i int)) {
	f.WriteString(begin)
	for i := range n {
		if i > 0 {
			f.WriteString(", ")
		}
		part(i)
	}
	f.WriteString(end)
}

func (f *formatter) record(t *Type, v map[string]any) {
	f.list("{", "}", len(t.Fields), func(i int) {
		field, ok := v[t.Fields[i].Label]
		if !ok {
			f.failValue("the record has no field %s", t.Fields[i].Label)
		}
		f.WriteString(t.Fields[i].Label + ": ")
		f.value(t.Fields[i].Type, reflect.ValueOf(field))
	})
	if len(v) > len(t.Fields) {
		f.failValue("the record has fields that a %v lacks", t)
	}
}

// flags writes those that are set in the order of the type.
func (f *formatter) flags(t *Type, set []string) {
	var in []string
	for _, label := range t.Labels {
		if slices.Contains(set, label) {
			in = append(in, label)
		}
	}
	for _, label := range set {
		if !slices.Contains(t.Labels, label) {
			f.failValue("a %v has no flag %q", t, label)
		}
	}
	f.list("{", "}", len(in), func(i int) { f.WriteString(in[i]) })
}

// oneOf writes a value that is one of several cases.
func (f *formatter) oneOf(t *Type, v reflect.Value) {
	name, payload := "", reflect.Value{}
	cases := cases(t)
	switch t.Kind {
	case ctypes.Enum:
		name = v.String()
	case ctypes.Option:
		if name = "none"; !v.IsNil() {
			name, payload = "some", v.Elem()
		}
	case ctypes.Result:
		r := v.Interface().(anyResult)
		if name, payload = "ok", reflect.ValueOf(r.Ok); r.IsErr {
			name, payload = "err", reflect.ValueOf(r.Err)
		}
	case ctypes.Variant:
		x := v.Interface().(Variant)
		name, payload = x.Case, reflect.ValueOf(x.Value)
	default:
		f.failValue("a %v cannot be written", t)
		return
	}
	i := slices.IndexFunc(cases, func(c ctypes.Field) bool { return c.Label == name })
	if i < 0 {
		f.failValue("a %v has no case %q", t, name)
		return
	}
	if (t.Kind == ctypes.Variant || t.Kind == ctypes.Enum) && words[name] {
		f.WriteByte('%')
	}
	f.WriteString(name)
	if of := cases[i].Type; of != nil {
		f.list("(", ")", 1, func(int) { f.value(of, payload) })
	}
}

func (f *formatter) handle(t *Type, v reflect.Value) {
	if f.Handles == nil || !v.IsValid() {
		f.failValue("a handle of %v cannot be written", t)
		return
	}
	word, n, err := f.Handles.Text(t, v.Interface())
	if err != nil && f.err == nil {
		f.err = err
	}
	f.WriteString(word + "(" + strconv.FormatUint(uint64(n), 10) + ")")
}

// cases returns the cases of a type that is one of several.
func cases(t *Type) []ctypes.Field {
	switch t.Kind {
	case ctypes.Option:
		return []ctypes.Field{{Label: "none"}, {Label: "some", Type: t.Elem}}
	case ctypes.Result:
		return []ctypes.Field{{Label: "ok", Type: t.Elem}, {Label: "err", Type: t.Err}}
	case ctypes.Enum:
		out := make([]ctypes.Field, len(t.Labels))
		for i, label := range t.Labels {
			out[i].Label = label
		}
		return out
	}
	return t.Fields
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
