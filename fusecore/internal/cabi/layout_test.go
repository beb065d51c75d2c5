package cabi

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// expectations is the content of testdata/layouts.json, computed by the specification's definitions.py
// (testdata/generate.py).
type expectations struct {
	Types []struct {
		Type     any
		I32, I64 struct {
			Size  uint64
			Align uint32
			Flat  []string
		}
	}
	Funcs []struct {
		Params []any
		Result any
		Sigs   [][3][2][]string // i32 sync, i32 async, i64 sync, i64 async; lift, lift with callback, lower; params, results
	}
}

func load(t *testing.T) (e expectations) {
	t.Helper()
	b, err := os.ReadFile("testdata/layouts.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func build(j any) *ctypes.Type {
	if j == nil {
		return nil
	}
	if s, ok := j.(string); ok {
		for _, p := range ctypes.Prims {
			if p.Kind.String() == s {
				return p
			}
		}
		panic("no primitive type " + s)
	}
	args := j.([]any)
	kind := args[0].(string)
	args = args[1:]
	if kind == "flags" || kind == "enum" {
		t := &ctypes.Type{Kind: ctypes.Flags}
		if kind == "enum" {
			t.Kind = ctypes.Enum
		}
		for i := 0; i < int(args[0].(float64)); i++ {
			t.Labels = append(t.Labels, fmt.Sprint("l", i))
		}
		return t
	}
	if kind == "fixed" {
		return &ctypes.Type{Kind: ctypes.FixedList, Elem: build(args[0]), Len: uint32(args[1].(float64))}
	}
	var ts []*ctypes.Type
	var fields []ctypes.Field
	for i, a := range args {
		ts = append(ts, build(a))
		fields = append(fields, ctypes.Field{Label: fmt.Sprint("f", i), Type: build(a)})
	}
	switch kind {
	case "record":
		return &ctypes.Type{Kind: ctypes.Record, Fields: fields}
	case "variant":
		return &ctypes.Type{Kind: ctypes.Variant, Fields: fields}
	case "tuple":
		return &ctypes.Type{Kind: ctypes.Tuple, Types: ts}
	case "list":
		return &ctypes.Type{Kind: ctypes.List, Elem: ts[0]}
	case "map":
		return &ctypes.Type{Kind: ctypes.Map, Key: ts[0], Elem: ts[1]}
	case "option":
		return &ctypes.Type{Kind: ctypes.Option, Elem: ts[0]}
	case "result":
		return &ctypes.Type{Kind: ctypes.Result, Elem: ts[0], Err: ts[1]}
	case "own":
		return &ctypes.Type{Kind: ctypes.Own, Resource: &ctypes.Resource{}}
	case "stream":
		return &ctypes.Type{Kind: ctypes.Stream, Elem: ts[0]}
	}
	panic("no type constructor " + kind)
}

func names(ts []corewasm.ValType) []string {
	s := []string{}
	for _, t := range ts {
		s = append(s, t.String())
	}
	return s
}

func TestLayoutsAreTheSpecifications(t *testing.T) {
	e := load(t)
	for _, c := range e.Types {
		typ := build(c.Type)
		ts := New()
		for _, w := range []struct {
			ptr64 bool
			size  uint64
			align uint32
			flat  []string
		}{{false, c.I32.Size, c.I32.Align, c.I32.Flat}, {true, c.I64.Size, c.I64.Align, c.I64.Flat}} {
			l := ts.Of(typ, w.ptr64)
			if l.Size != w.size || l.Align != w.align {
				t.Errorf("%v, ptr64 %v: size %d align %d, want %d and %d", c.Type, w.ptr64, l.Size, l.Align, w.size, w.align)
			}
			if d := cmp.Diff(w.flat, names(l.Flat)); d != "" {
				t.Errorf("%v, ptr64 %v: flat (-want +got):\n%s", c.Type, w.ptr64, d)
			}
		}
	}
	if len(e.Types) < 300 {
		t.Errorf("only %d types in the table", len(e.Types))
	}
}

func TestSignaturesAreTheSpecifications(t *testing.T) {
	spilled := 0
	for _, c := range load(t).Funcs {
		ft := &ctypes.Func{Result: build(c.Result)}
		for _, p := range c.Params {
			ft.Params = append(ft.Params, ctypes.Field{Type: build(p)})
		}
		ts := New()
		if _, s := ts.Params(ft, false, MaxFlatParams); s {
			spilled++
		}
		for i, want := range c.Sigs {
			o := Options{Ptr64: i >= 2, Async: i%2 == 1}
			withCallback := o
			withCallback.Callback = o.Async
			for j, got := range []corewasm.FuncType{ts.Lifted(ft, o), ts.Lifted(ft, withCallback), ts.Lowered(ft, o)} {
				if d := cmp.Diff(want[j], [2][]string{names(got.Params), names(got.Results)}); d != "" {
					t.Errorf("%v with %+v, signature %d (-want +got):\n%s", ft, o, j, d)
				}
			}
		}
	}
	if spilled == 0 {
		t.Error("no function of the table passes its parameters through memory")
	}
}

func TestPlain(t *testing.T) {
	u8, u32, u64 := ctypes.Prims[ctypes.U8], ctypes.Prims[ctypes.U32], ctypes.Prims[ctypes.U64]
	tuple := func(ts ...*ctypes.Type) *ctypes.Type { return &ctypes.Type{Kind: ctypes.Tuple, Types: ts} }
	fixed := func(e *ctypes.Type) *ctypes.Type { return &ctypes.Type{Kind: ctypes.FixedList, Elem: e, Len: 3} }
	for _, c := range []struct {
		t    *ctypes.Type
		want bool
	}{
		{u8, true}, {ctypes.Prims[ctypes.S64], true}, {ctypes.Prims[ctypes.F32], true}, {ctypes.Prims[ctypes.F64], true},
		{ctypes.Prims[ctypes.Bool], false}, {ctypes.Prims[ctypes.Char], false}, {ctypes.Prims[ctypes.String], false},
		{&ctypes.Type{Kind: ctypes.Flags, Labels: make([]string, 8)}, false},
		{&ctypes.Type{Kind: ctypes.Enum, Labels: make([]string, 256)}, false},
		{&ctypes.Type{Kind: ctypes.Own}, false}, {&ctypes.Type{Kind: ctypes.Option, Elem: u8}, false},
		{&ctypes.Type{Kind: ctypes.List, Elem: u8}, false},
		{tuple(u32, u32), true}, {tuple(u64, u32, u32), true}, {tuple(u32, u64), false}, {tuple(u64, u8), false},
		{tuple(u8, u8, u8), true}, {fixed(u32), true}, {fixed(tuple(u32, u8)), false}, {tuple(fixed(u8), u8), true},
	} {
		if got := New().Of(c.t, false).Plain; got != c.want {
			t.Errorf("%v: plain is %v", c.t, got)
		}
	}
}

func TestSharedTypesStayLinear(t *testing.T) {
	typ := ctypes.Prims[ctypes.U64]
	for i := 0; i < 200; i++ {
		typ = &ctypes.Type{Kind: ctypes.Tuple, Types: []*ctypes.Type{typ, typ}}
	}
	l := New().Of(typ, false)
	if l.Size != math.MaxUint64 || !l.TooFlat() || len(l.Flat) != MaxFlatParams+1 {
		t.Errorf("size %d, %d flat types", l.Size, len(l.Flat))
	}
}
