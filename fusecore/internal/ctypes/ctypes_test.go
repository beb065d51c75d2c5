package ctypes

import (
	"testing"
)

// doubled returns a type with 2^n nodes when written out, and n pointers.
func doubled(n int, leaf *Type) *Type {
	t := leaf
	for range n {
		t = &Type{Kind: Tuple, Types: []*Type{t, t}}
	}
	return t
}

func TestSharedTypesAreWalkedOnce(t *testing.T) {
	a, b := doubled(200, Prims[U8]), doubled(200, Prims[U8])
	visits := 0
	if a.Any(func(*Type) bool { visits++; return false }) || visits > 1000 {
		t.Errorf("Any visited %d types", visits)
	}
	if !Equal(a, b) {
		t.Error("equal types are not Equal")
	}
	if Equal(a, doubled(200, Prims[S8])) {
		t.Error("types with different leaves are Equal")
	}
	if !a.Any(func(t *Type) bool { return t.Kind == U8 }) {
		t.Error("Any does not find the leaf")
	}
}

func TestEqual(t *testing.T) {
	r, q := &Resource{ID: 0, Name: "r"}, &Resource{ID: 1, Name: "r"}
	types := []*Type{
		nil, Prims[Bool], Prims[U8], Prims[String],
		{Kind: List, Elem: Prims[U8]}, {Kind: Option, Elem: Prims[U8]}, {Kind: List, Elem: Prims[S8]},
		{Kind: FixedList, Elem: Prims[U8], Len: 3}, {Kind: FixedList, Elem: Prims[U8], Len: 4},
		{Kind: Flags, Labels: []string{"a", "b"}}, {Kind: Enum, Labels: []string{"a", "b"}}, {Kind: Enum, Labels: []string{"a", "c"}},
		{Kind: Record, Fields: []Field{{"a", Prims[U8]}}}, {Kind: Record, Fields: []Field{{"b", Prims[U8]}}},
		{Kind: Variant, Fields: []Field{{"a", nil}}}, {Kind: Variant, Fields: []Field{{"a", Prims[U8]}}},
		{Kind: Result}, {Kind: Result, Elem: Prims[U8]}, {Kind: Result, Err: Prims[U8]},
		{Kind: Tuple, Types: []*Type{Prims[U8]}}, {Kind: Tuple, Types: []*Type{Prims[U8], Prims[U8]}},
		{Kind: Map, Key: Prims[String], Elem: Prims[U8]}, {Kind: Map, Key: Prims[U8], Elem: Prims[U8]},
		{Kind: Own, Resource: r}, {Kind: Own, Resource: q}, {Kind: Borrow, Resource: r},
	}
	for i, a := range types {
		for j, b := range types {
			if got := Equal(a, b); got != (i == j) {
				t.Errorf("Equal(%v, %v) = %v", a, b, got)
			}
		}
		if a != nil {
			copied := *a
			if !Equal(a, &copied) {
				t.Errorf("%v is not Equal to a copy", a)
			}
		}
	}
}

func TestString(t *testing.T) {
	r := &Resource{Name: "res"}
	u8, str := Prims[U8], Prims[String]
	for _, c := range []struct {
		t    *Type
		want string
	}{
		{nil, "_"},
		{&Type{Kind: Record, Fields: []Field{{"a", u8}, {"b", str}}}, "record { a: u8, b: string }"},
		{&Type{Kind: Variant, Fields: []Field{{"a", nil}, {"b", str}}}, "variant { a, b(string) }"},
		{&Type{Kind: Flags, Labels: []string{"a", "b"}}, "flags { a, b }"},
		{&Type{Kind: FixedList, Elem: u8, Len: 4}, "list<u8, 4>"},
		{&Type{Kind: Tuple, Types: []*Type{u8, {Kind: List, Elem: str}}}, "tuple<u8, list<string>>"},
		{&Type{Kind: Result}, "result"},
		{&Type{Kind: Result, Elem: u8}, "result<u8>"},
		{&Type{Kind: Result, Err: u8}, "result<_, u8>"},
		{&Type{Kind: Stream}, "stream"},
		{&Type{Kind: Future, Elem: &Type{Kind: Own, Resource: r}}, "future<res>"},
		{&Type{Kind: Map, Key: str, Elem: &Type{Kind: Borrow, Resource: r}}, "map<string, borrow<res>>"},
	} {
		if got := c.t.String(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	f := &Func{Async: true, Params: []Field{{"x", u8}}, Result: str}
	if got := f.String(); got != "async func(x: u8) -> string" {
		t.Error(got)
	}
	if got := doubled(200, u8).String(); len(got) > 10_000 {
		t.Errorf("a description has %d bytes", len(got))
	}
	if got := (&Type{Kind: Enum, Labels: make([]string, 100_000)}).String(); len(got) > 10_000 {
		t.Errorf("a description has %d bytes", len(got))
	}
}
