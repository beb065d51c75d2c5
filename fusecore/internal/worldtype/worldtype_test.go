package worldtype_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/instantiate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/stub"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/worldtype"
)

type items = []world.Item

var (
	u8, u32, u64, str = stub.Prim(ctypes.U8), stub.Prim(ctypes.U32), stub.Prim(ctypes.U64), stub.Prim(ctypes.String)
)

func stream(elem *ctypes.Type) *ctypes.Type { return &ctypes.Type{Kind: ctypes.Stream, Elem: elem} }

func async(f world.Item) world.Item {
	f.FuncType.Async = true
	return f
}

// worlds are worlds to write and read back.
func worlds() map[string]world.World {
	rec := stub.Record("x", u32, "y", stub.List(u8))
	res := &ctypes.Resource{Name: "res"}
	outer := stub.Record("in", rec, "h", stub.Own(res))
	color, size := stub.Enum("red", "green"), stub.Named(ctypes.U64)
	mine := stub.Record("x", u32, "y", stub.List(u8))
	own := &ctypes.Resource{Name: "own"}
	variant := &ctypes.Type{Kind: ctypes.Variant, Fields: []ctypes.Field{{Label: "none"}, {Label: "some", Type: mine}}}
	all := &ctypes.Type{Kind: ctypes.Tuple, Types: []*ctypes.Type{
		u8, {Kind: ctypes.Option, Elem: str}, {Kind: ctypes.Result}, {Kind: ctypes.Result, Elem: u8}, {Kind: ctypes.Result, Err: u8},
		stub.List(stub.List(str)), stub.Prim(ctypes.Bool), stub.Prim(ctypes.Char), stub.Prim(ctypes.F32), stub.Prim(ctypes.F64),
	}}
	flags := &ctypes.Type{Kind: ctypes.Flags, Labels: []string{"a", "b"}}
	fut := &ctypes.Type{Kind: ctypes.Future, Elem: &ctypes.Type{Kind: ctypes.Result, Elem: stub.Own(res)}}

	a := stub.Instance("t:w/a@1.2.0", stub.Type("rec", rec), stub.Resource("res", res), stub.Type("size", size), stub.Type("again", rec),
		stub.Func("[constructor]res", stub.Own(res), "r", rec), stub.Func("[method]res.len", size, "self", stub.Borrow(res)))
	b := stub.Instance("t:w/b@1.2.0", stub.Type("rec", rec), stub.Resource("res", res), stub.Type("outer", outer),
		stub.Func("f", stub.List(outer), "x", outer, "r", rec))
	ws := map[string]world.World{
		"functions": {Imports: items{stub.Func("in", u64, "s", str)}, Exports: items{stub.Func("out", nil), stub.Func("out2", str, "t", all)}},
		"use":       {Imports: items{a, b}},
		"types of the world": {
			Imports: items{a, stub.Type("rec", rec), stub.Resource("res", res), stub.Type("color", color), stub.Func("paint", color, "r", rec)},
			Exports: items{stub.Func("f", rec, "c", color, "h", stub.Borrow(res))},
		},
		"export what is imported": {Imports: items{a}, Exports: items{
			stub.Instance("t:w/c", stub.Type("rec", rec), stub.Resource("res", res), stub.Func("f", rec, "h", stub.Own(res))),
		}},
		"exports share": {Exports: items{
			stub.Instance("t:w/x", stub.Type("mine", mine), stub.Type("flags", flags), stub.Resource("own", own),
				stub.Func("[constructor]own", stub.Own(own)), stub.Func("[method]own.a-b", mine, "self", stub.Borrow(own)),
				stub.Func("[static]own.a-b-c", flags)),
			stub.Instance("t:w/y", stub.Type("mine", mine), stub.Resource("own", own), stub.Type("v", variant),
				stub.Func("g", variant, "o", stub.Own(own), "m", mine)),
			stub.Instance("z", stub.Type("v", variant), stub.Func("only", variant, "v", variant)),
		}},
		"tasks": {
			Imports: items{stub.Instance("t:w/a", stub.Type("rec", rec), stub.Resource("res", res),
				async(stub.Func("take", fut, "s", stream(rec), "t", stream(nil), "e", stub.Prim(ctypes.ErrorContext))))},
			Exports: items{async(stub.Func("run", stream(stub.Own(res)), "r", rec)), stub.Func("same", stream(stub.Own(res)), "r", rec)},
		},
		"types exported by the root": {Exports: items{
			stub.Type("mine", mine), stub.Resource("own", own), stub.Func("f", mine, "o", stub.Own(own)),
		}},
		"instances in instances": {
			Imports: items{stub.Instance("t:w/deep", stub.Instance("inner", stub.Type("rec", rec), stub.Func("f", rec)), stub.Func("g", rec)),
				stub.Instance("t:w/later", stub.Type("rec", rec), stub.Func("h", rec))},
			Exports: items{stub.Instance("t:w/out", stub.Instance("inner", stub.Type("mine", mine), stub.Func("f", mine)), stub.Func("g", mine))},
		},
		"equal but different": {Exports: items{
			stub.Instance("t:w/x", stub.Type("mine", mine), stub.Type("rec", rec), stub.Func("f", mine, "r", rec)),
		}},
		"imports exported": {Imports: items{a, stub.Func("in", u64)}, Exports: items{
			{Name: "t:w/a@1.2.0", Sort: component.SortInstance, Import: []string{"t:w/a@1.2.0"}},
			{Name: "again", Sort: component.SortFunc, Import: []string{"in"}, FuncType: &ctypes.Func{Result: u64}},
			stub.Instance("part", stub.Type("rec", rec), stub.Resource("res", res), world.Item{
				Name: "len", Sort: component.SortFunc, Import: []string{"t:w/a@1.2.0", "[method]res.len"},
				FuncType: &ctypes.Func{Params: []ctypes.Field{{Label: "self", Type: stub.Borrow(res)}}, Result: u64}}),
			stub.Instance("whole", world.Item{Name: "a", Sort: component.SortInstance, Import: []string{"t:w/a@1.2.0"}}, stub.Func("g", nil)),
		}},
	}
	versioned := stub.Instance("t:w/a@1", stub.Func("f", nil))
	versioned.Attributes = &component.Attributes{{Kind: component.AttrVersionSuffix, Value: ".2.0"}}
	ws["attributes"] = world.World{Imports: items{versioned}, Exports: items{versioned}}
	return ws
}

func TestWorldsComeBack(t *testing.T) {
	for name, w := range worlds() {
		t.Run(name, func(t *testing.T) {
			c, err := stub.Component(w)
			if err != nil {
				t.Fatal(err)
			}
			if err := validate.Component(c); err != nil {
				t.Fatal(err)
			}
			g, err := instantiate.Component(c)
			if err != nil {
				t.Fatal(err)
			}
			// An exported imported resource type is read back as a part of the import.
			want, got := stub.Print(w), stub.Print(g.World)
			if got = strings.ReplaceAll(got, "res = import t:w/a@1.2.0/res", "res = res#2"); got != want {
				t.Errorf("the world came back as\n%s\nexpected\n%s", got, want)
			}
		})
	}
}

func TestSameWorldSameBytes(t *testing.T) {
	for name, w := range worlds() {
		one, err := stub.Component(w)
		if err != nil {
			t.Fatal(err)
		}
		two, _ := stub.Component(worlds()[name])
		if string(one.Bytes) != string(two.Bytes) {
			t.Errorf("%s: two writings differ", name)
		}
	}
}

// TestSharedTypesAreWrittenOnce uses a type that doubles at every level: it has 2^n parts, but n definitions.
func TestSharedTypesAreWrittenOnce(t *testing.T) {
	d := str
	for range 40 {
		d = &ctypes.Type{Kind: ctypes.Tuple, Types: []*ctypes.Type{d, d}}
	}
	c := &component.Component{}
	w := worldtype.New(c)
	if err := w.Imports(items{stub.Instance("t:w/a", stub.Func("f", stub.List(d)))}); err != nil {
		t.Fatal(err)
	}
	if n := len(encode.Component(c)); n > 600 {
		t.Errorf("%d bytes", n)
	}
}

type noSource struct{}

func (noSource) Opaque(*world.Item) (uint32, error) { return 0, errors.New("there is none") }

func (noSource) Func([]string, *world.Item, func() uint32) (uint32, error) { return 0, nil }
func (noSource) Resource(r *ctypes.Resource) (uint32, error) {
	return 0, fmt.Errorf("%s is not defined", r.Name)
}

func TestErrors(t *testing.T) {
	r := &ctypes.Resource{Name: "lost"}
	for _, tc := range []struct {
		name  string
		world world.World
		bug   bool // not about an input
		want  string
	}{
		{"resource without a name", world.World{Imports: items{stub.Func("f", stub.Own(r))}}, false,
			`import "f": the resource type "lost" is used before`},
		{"unknown import", world.World{Exports: items{{Name: "f", Sort: component.SortFunc, Import: []string{"a", "b"}}}}, true,
			`there is no imported func "a/b"`},
		{"unknown imported instance", world.World{Exports: items{{Name: "i", Sort: component.SortInstance, Import: []string{"a"}}}}, true,
			`there is no imported instance "a"`},
		{"undefined resource", world.World{Exports: items{stub.Instance("i", stub.Resource("lost", r))}}, false,
			`lost is not defined`},
		{"sort that cannot be written", world.World{Imports: items{{Name: "m", Sort: component.SortComponent}}}, true,
			`a component, "m", cannot be imported or exported`},
		{"sort that cannot be exported", world.World{Exports: items{{Name: "v", Sort: component.SortValue}}}, true,
			`a value, "v", cannot be imported or exported`},
	} {
		w := worldtype.New(&component.Component{})
		err := w.Imports(tc.world.Imports)
		if err == nil {
			err = w.Exports(tc.world.Exports, noSource{})
		}
		if err == nil || !strings.Contains(err.Error(), tc.want) || errors.As(err, new(*diag.Internal)) != tc.bug {
			t.Errorf("%s: error %v, expected %q in it, internal: %v", tc.name, err, tc.want, tc.bug)
		}
	}
}
