package wave

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

var (
	boolT, u8T, s8T, s32T = ctypes.Prims[ctypes.Bool], ctypes.Prims[ctypes.U8], ctypes.Prims[ctypes.S8], ctypes.Prims[ctypes.S32]
	u64T, f32T, f64T      = ctypes.Prims[ctypes.U64], ctypes.Prims[ctypes.F32], ctypes.Prims[ctypes.F64]
	charT, stringT        = ctypes.Prims[ctypes.Char], ctypes.Prims[ctypes.String]

	colour = &Type{Kind: ctypes.Enum, Labels: []string{"red", "none", "err"}}
	rights = &Type{Kind: ctypes.Flags, Labels: []string{"read", "write", "true"}}
	point  = &Type{Kind: ctypes.Record, Fields: []ctypes.Field{{Label: "x", Type: s32T}, {Label: "the-name", Type: option(stringT)}}}
	shape  = &Type{Kind: ctypes.Variant, Fields: []ctypes.Field{{Label: "empty"}, {Label: "circle", Type: f64T}, {Label: "some", Type: point}}}
	handle = &Type{Kind: ctypes.Own, Resource: &ctypes.Resource{Name: "r"}}
)

func list(t *Type) *Type   { return &Type{Kind: ctypes.List, Elem: t} }
func option(t *Type) *Type { return &Type{Kind: ctypes.Option, Elem: t} }
func tuple(t ...*Type) *Type {
	return &Type{Kind: ctypes.Tuple, Types: t}
}
func result(ok, err *Type) *Type { return &Type{Kind: ctypes.Result, Elem: ok, Err: err} }

func TestText(t *testing.T) {
	for _, c := range []struct {
		t     *Type
		texts string // the first is how it is written; others, after |, are read as the same
		want  any
	}{
		{boolT, "true", true},
		{u8T, "255|0xff| 255 // the most\n", uint8(255)},
		{s8T, "-128|-0x80", int8(-128)},
		{u64T, "18446744073709551615", uint64(math.MaxUint64)},
		{f32T, "1.5|15e-1|+1.5", float32(1.5)},
		{f64T, "-inf", math.Inf(-1)},
		{f64T, "1e+100|1E100", 1e100},
		{f64T, "-0|-0.0", math.Copysign(0, -1)},
		{charT, "'☃'|'\\u{2603}'", '☃'},
		{charT, `'\''|'\u{27}'`, '\''},
		{charT, `'"'|'\"'`, '"'},
		{stringT, `"a\n\t\r\\\"'\u{0}é"`, "a\n\t\r\\\"'\x00é"},
		{stringT, "\"one\\n two\"|\"\"\"\n  one\n   two\n  \"\"\"|\"\"\"\none\n two\n\"\"\"", "one\n two"},
		{stringT, "\"\"|\"\"\"\n\"\"\"", ""},
		{stringT, "\"a\\n\\nb\"|\"\"\"\n  a\n\n  b\n  \"\"\"", "a\n\nb"},
		{list(u8T), "[1, 2]|[1,2,]|[ 1 , 2 ]", []uint8{1, 2}},
		{list(list(stringT)), `[["a"], []]`, [][]string{{"a"}, {}}},
		{tuple(u8T, stringT), `(1, "a")|(1, "a",)`, []any{uint8(1), "a"}},
		{&Type{Kind: ctypes.FixedList, Elem: u8T, Len: 2}, "[1, 2]", []uint8{1, 2}},
		{&Type{Kind: ctypes.Map, Key: stringT, Elem: u8T}, `[("a", 1)]`, [][2]any{{"a", uint8(1)}}},
		{point, `{x: 1, the-name: some("n")}|{the-name: "n", x: 1}|{%x: 1, the-name: some("n"),}`, map[string]any{"x": int32(1), "the-name": Some("n")}},
		{point, `{x: 1, the-name: none}|{x: 1}`, map[string]any{"x": int32(1), "the-name": (*string)(nil)}},
		{&Type{Kind: ctypes.Record, Fields: []ctypes.Field{{Label: "o", Type: option(u8T)}}}, `{o: none}|{:}|{ : }|{}`, map[string]any{"o": (*uint8)(nil)}},
		{shape, "empty", Variant{Case: "empty"}},
		{shape, "circle(2)|circle( 2.0 )", Variant{"circle", 2.0}},
		{shape, "%some({x: 1, the-name: none})|some({x: 1})", Variant{"some", map[string]any{"x": int32(1), "the-name": (*string)(nil)}}},
		{colour, "red|%red", "red"},
		{colour, "%none|none", "none"},
		{rights, "{read, true}|{true, read}", []string{"read", "true"}},
		{rights, "{}", []string{}},
		{option(u8T), "some(1)|1", Some(uint8(1))},
		{option(colour), "none", (*string)(nil)},
		{option(colour), "some(%none)|%none", Some("none")},
		{option(option(u8T)), "some(none)", Some[*uint8](nil)},
		{option(option(u8T)), "some(some(1))|some(1)", Some(Some(uint8(1)))},
		{result(nil, nil), "ok", Result[any, any]{}},
		{result(nil, stringT), `err("e")`, Err[any, any]("e")},
		{result(u8T, nil), "ok(1)|1", Ok[any, any](uint8(1))},
		{result(u8T, nil), "err", Err[any, any](nil)},
		{result(colour, nil), "ok(%err)|%err|ok(err)", Ok[any, any]("err")},
	} {
		texts := strings.Split(c.texts, "|")
		for _, text := range texts {
			got, err := Parse(c.t, text)
			if err != nil {
				t.Errorf("%v: %s: %v", c.t, text, err)
			} else if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("%v: %s (-want +got):\n%s", c.t, text, d)
			}
		}
		if text, err := Format(c.t, c.want); err != nil || text != texts[0] {
			t.Errorf("%v is written %s (%v), not %s", c.want, text, err, texts[0])
		}
	}
	if v, err := Parse(f32T, "nan"); err != nil || !math.IsNaN(float64(v.(float32))) {
		t.Errorf("nan: %v, %v", v, err)
	}
}

func TestSyntaxErrors(t *testing.T) {
	deep := u8T
	for range maxDepth {
		deep = list(deep)
	}
	for _, c := range []struct {
		t    *Type
		text string
		want string
	}{
		{u8T, "256", `column 1 of "256": expected a u8, found "256"`},
		{s8T, "x", "an s8"},
		{f32T, "1e99", "an f32"},
		{u8T, "1 2", `column 3 of "1 2": expected nothing more, found "2"`},
		{u8T, "", "found the end"},
		{boolT, "%true", "one of false, true"},
		{charT, "'ab'", "one character"},
		{charT, "''", "one character"},
		{stringT, `"a`, `expected a closing ", found the end`},
		{stringT, `"\x"`, "column 2 of \"\\\"\\\\x\\\"\": expected an escape"},
		{stringT, `"\u{d800}"`, "an escape"},
		{stringT, "\"\xff\"", "UTF-8"},
		{stringT, "a", "text between double quotes"},
		{stringT, "\"\"\"\n  a\n b\n  \"\"\"", "line 3, column 1: expected at least as many blanks"},
		{stringT, "\"\"\"\n", "on a line of its own"},
		{stringT, `"""a"""`, "the end of the line"},
		{list(u8T), "[1, 2", `',' or ']', found the end`},
		{list(u8T), "[1 2]", `',' or ']', found "2]"`},
		{tuple(u8T, u8T), "(1)", "column 3 of \"(1)\": expected 2 elements"},
		{tuple(u8T, u8T), "(1, 2, 3)", "2 elements"},
		{point, "{the-name: none}", "field x"},
		{point, "{x: 1, x: 2}", "another field than x again"},
		{point, "{y: 1}", "one of x, the-name"},
		{point, "{x 1}", "':'"},
		{rights, "{read, read}", "another flag than read again"},
		{shape, "circle", "'(' and a f64"},
		{shape, "circle(1", "')'"},
		{shape, "square", "one of empty, circle, some"},
		{option(u8T), "x", "a u8"},
		{option(option(u8T)), "1", "one of none, some"},
		{result(u8T, nil), "%ok(1)", "a u8"},
		{handle, "res(0)", "handles cannot be written here"},
		{deep, strings.Repeat("[", maxDepth+1), "nested no deeper"},
		{list(boolT), "[\n  true,\n  ☃", `line 3, column 3: expected one of false, true, found "☃"`},
	} {
		_, err := Parse(c.t, c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %q: %v, want %s", c.t, c.text, err, c.want)
		}
	}
}

func TestCalls(t *testing.T) {
	f := &Func{Params: []ctypes.Field{{Label: "a", Type: u8T}, {Label: "b", Type: stringT}}}
	for _, c := range []struct{ text, want string }{
		{`a:b/c@1.0.0#f(1, "x, (y)")`, ""},
		{`f ( 1 , "" ) // end`, ""},
		{`f(1)`, `column 4 of "f(1)": expected argument 2, b: string, found ")"`},
		{`f(1, "", 2)`, "the function takes 2 arguments"},
		{`f(1, 2)`, "text between double quotes"},
		{`f(1, "") x`, "nothing more"},
		{`f`, "'('"},
	} {
		args, err := ParseCall(f, c.text)
		if c.want == "" && (err != nil || len(args) != 2) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, %v, want %s", c.text, args, err, c.want)
		}
	}
	if name, ok := CallName("a:b/c#[method]r.m (1)"); !ok || name != "a:b/c#[method]r.m" {
		t.Errorf("name %q, %v", name, ok)
	}
	if _, ok := CallName("f"); ok {
		t.Error("f is no call")
	}
}

// numbered reads and writes handles as their numbers.
type numbered struct{}

func (numbered) Handle(_ *Type, word string, n uint32) (any, error) { return word + "!", nil }
func (numbered) Text(*Type, any) (string, uint32, error)            { return "res", 7, nil }

func TestHandles(t *testing.T) {
	o := Options{Handles: numbered{}}
	v, err := o.Parse(list(handle), "[res(7)]")
	if d := cmp.Diff([]any{"res!"}, v); err != nil || d != "" {
		t.Error(err, d)
	}
	if text, err := o.Format(list(handle), v); err != nil || text != "[res(7)]" {
		t.Error(text, err)
	}
	if _, err := Format(handle, v); err == nil {
		t.Error("a handle was written without options")
	}
}

func TestFormatErrors(t *testing.T) {
	for _, c := range []struct {
		t    *Type
		v    any
		want string
	}{
		{u8T, 1, "the Go type int is not that of a u8, which is uint8"},
		{u8T, nil, "the Go type nil"},
		{charT, rune(0xd800), "no char"},
		{point, map[string]any{"x": int32(1)}, "no field the-name"},
		{rights, []string{"run"}, `no flag "run"`},
		{colour, "blue", `no case "blue"`},
		{tuple(u8T), []any{}, "0 elements"},
	} {
		if text, err := Format(c.t, c.v); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %q, %v, want %s", c.t, text, err, c.want)
		}
	}
}

// FuzzRoundTrip checks that what can be read is written, and read again as the same.
func FuzzRoundTrip(f *testing.F) {
	for i, text := range []string{"true", "some(1)", `"a\u{1}"`, "{x: 1}", "[circle(nan)]", `ok("é")`, "{read}", "'x'", "\"\"\"\n a\n \"\"\""} {
		f.Add(uint64(i), text)
	}
	f.Fuzz(func(t *testing.T, seed uint64, text string) {
		r := rand.New(rand.NewPCG(seed, 0))
		typ := randomType(r, 3)
		v, err := Parse(typ, text)
		if err != nil {
			v = randomValue(r, typ)
		}
		written, err := Format(typ, v)
		if err != nil {
			t.Fatalf("%v: %v", typ, err)
		}
		again, err := Parse(typ, written)
		if err != nil {
			t.Fatalf("%v: %s: %v", typ, written, err)
		}
		nan := cmp.Comparer(func(a, b float64) bool { return a == b || a != a && b != b })
		nan32 := cmp.Comparer(func(a, b float32) bool { return a == b || a != a && b != b })
		if d := cmp.Diff(v, again, nan, nan32); d != "" {
			t.Fatalf("%v: %s (-want +got):\n%s", typ, written, d)
		}
	})
}

func TestRandomRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		typ := randomType(r, 4)
		v := randomValue(r, typ)
		text, err := Format(typ, v)
		if err != nil {
			t.Fatalf("%v: %v", typ, err)
		}
		got, err := Parse(typ, text)
		if d := cmp.Diff(v, got); err != nil || d != "" {
			t.Fatalf("%v: %s: %v (-want +got):\n%s", typ, text, err, d)
		}
	}
}
