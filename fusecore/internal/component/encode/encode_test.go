package encode_test

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/build"
)

const (
	preamble   = "\x00asm\x0d\x00\x01\x00"
	coreModule = "\x00asm\x01\x00\x00\x00"
)

func str() component.Def {
	return &component.Type{Def: &component.ValDef{Prim: component.PrimString}}
}

func TestSections(t *testing.T) {
	nested := &component.Component{Defs: []component.Def{str()}}
	kept := &component.Component{Bytes: []byte(preamble + "\x07\x83\x00\x01\x80\x00"), Defs: []component.Def{str()}}
	for _, c := range []struct {
		name string
		in   component.Component
		want string
	}{
		{"empty", component.Component{}, ""},
		{"its own bytes do not count", component.Component{Bytes: []byte("x")}, ""},
		{"merged", component.Component{Defs: []component.Def{str(), str()}}, "\x07\x03\x02\x73\x73"},
		{"split by another kind", component.Component{Defs: []component.Def{
			str(), &component.Custom{Name: "a", Bytes: []byte("b")}, str(),
		}}, "\x07\x02\x01\x73" + "\x00\x03\x01ab" + "\x07\x02\x01\x73"},
		{"single definitions", component.Component{Defs: []component.Def{
			&component.Start{Func: 1, Results: 2}, &component.Start{Func: 2, Args: []uint32{3}},
		}}, "\x09\x03\x01\x00\x02" + "\x09\x04\x02\x01\x03\x00"},
		{"nested component", component.Component{Defs: []component.Def{&component.NestedComponent{Component: nested}}},
			"\x04\x0c" + preamble + "\x07\x02\x01\x73"},
		{"nested component's bytes", component.Component{Defs: []component.Def{&component.NestedComponent{Component: kept}}},
			"\x04\x0e" + string(kept.Bytes)},
		{"core module's bytes", component.Component{Defs: []component.Def{&component.CoreModule{Bytes: []byte(coreModule + "\x01\x01\x00")}}},
			"\x01\x0b" + coreModule + "\x01\x01\x00"},
		{"core module", component.Component{Defs: []component.Def{&component.CoreModule{Module: &corewasm.Module{}}}},
			"\x01\x08" + coreModule},
		{"names come last", component.Component{Name: "n", Names: []component.SortNames{{
			Sort: component.SortFunc, Names: []component.NameAssoc{{Index: 1, Name: "f"}},
		}}, Defs: []component.Def{str()}}, "\x07\x02\x01\x73" + "\x00\x1a\x0ecomponent-name\x00\x02\x01n\x01\x05\x01\x01\x01\x01f"},
		{"type index beyond the one-byte codes", component.Component{Defs: []component.Def{
			&component.Type{Def: &component.ValDef{Kind: component.KindList, Elem: &component.ValType{Index: 0x73}}},
		}}, "\x07\x04\x01\x70\xf3\x00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := encode.Component(&c.in)
			if want := preamble + c.want; string(got) != want {
				t.Errorf("got  % x\nwant % x", got, want)
			}
		})
	}
}

func TestSectionLongerThan127Bytes(t *testing.T) {
	c := &component.Component{}
	for range 300 {
		c.Defs = append(c.Defs, str())
	}
	want := preamble + "\x07\xae\x02\xac\x02" + string(bytes.Repeat([]byte{0x73}, 300))
	if got := encode.Component(c); string(got) != want {
		t.Errorf("got % x, want % x", got, want)
	}
}

// wantIndex checks the index that a builder returned.
func wantIndex(t *testing.T, what string, got, want uint32) {
	t.Helper()
	if got != want {
		t.Errorf("%s has index %d, want %d", what, got, want)
	}
}

func TestBuilder(t *testing.T) {
	b := build.New()
	b.SetName("top")
	wantIndex(t, "first module", b.CoreModule([]byte(coreModule)), 0)
	wantIndex(t, "second module", b.CoreModule([]byte(coreModule)), 1)
	wantIndex(t, "core instance", b.CoreInstantiate(1), 0)
	f := b.AliasCoreExport(0, "f", component.CoreFunc)
	wantIndex(t, "core function", f, 0)
	mem := b.AliasCoreExport(0, "mem", component.CoreMemory)
	wantIndex(t, "core memory", mem, 0)
	wantIndex(t, "core instance of exports", b.CoreExports(component.CoreInlineExport{
		Name: "g", Item: component.CoreSortIdx{Sort: component.CoreFunc, Index: f},
	}), 1)
	wantIndex(t, "core instance with an argument", b.CoreInstantiate(0, component.CoreArg{Name: "a", Instance: 1}), 2)
	two := corewasm.RecGroup{Types: []corewasm.SubType{
		{Final: true, Kind: corewasm.CompFunc}, {Final: true, Kind: corewasm.CompFunc},
	}}
	wantIndex(t, "core types", b.CoreTypes(two), 0)
	wantIndex(t, "module type", b.ModuleType(&component.ModuleType{}), 2)
	ft := b.Type(&component.FuncDef{})
	wantIndex(t, "function type", ft, 0)
	lifted := b.CanonLift(f, ft, component.CanonOpt{Kind: component.OptMemory, Index: mem})
	wantIndex(t, "lifted function", lifted, 0)
	wantIndex(t, "lowered function", b.CanonLower(lifted), 1)
	wantIndex(t, "resource", b.Type(&component.ResourceDef{Rep: corewasm.I32}), 1)
	wantIndex(t, "resource.drop", b.CanonResource(component.CanonResourceDrop, 1), 2)
	wantIndex(t, "task.cancel", b.Canon(component.Canon{Op: component.CanonTaskCancel}), 3)
	b.Custom("c", []byte("x"))

	tb := build.NewType()
	wantIndex(t, "alias in a type", tb.AliasOuter(1, component.SortIdx{Sort: component.SortType, Index: ft}), 0)
	wantIndex(t, "type in a type", tb.Type(&component.ValDef{Prim: component.PrimU8}), 1)
	wantIndex(t, "exported type", tb.Export(component.ExternName{Name: "r"}, component.ExternType{
		Kind: component.ExternTypeBound, SubResource: true,
	}), 2)
	wantIndex(t, "exported function", tb.Export(component.ExternName{Name: "f"}, component.ExternType{Kind: component.ExternFunc}), 0)
	if n := tb.Len(component.SpaceType); n != 3 {
		t.Errorf("the type declares %d types, want 3", n)
	}
	it := b.Type(tb.Instance())
	wantIndex(t, "instance type", it, 2)
	wantIndex(t, "imported instance", b.Import("i", component.ExternType{Kind: component.ExternInstance, Index: it}), 0)
	wantIndex(t, "aliased type", b.AliasExport(0, "r", component.SortType), 3)
	wantIndex(t, "aliased module", b.AliasModule(0, "m"), 2)
	sub := build.New()
	wantIndex(t, "outer type in a nested component", sub.AliasOuter(1, component.SortIdx{Sort: component.SortType}), 0)
	wantIndex(t, "component", b.Component(sub.Finish()), 0)
	wantIndex(t, "instance", b.Instantiate(0, component.Arg{
		Name: "x", Item: component.SortIdx{Sort: component.SortFunc, Index: lifted},
	}), 1)
	wantIndex(t, "instance of exports", b.Exports(component.InlineExport{
		Name: component.ExternName{Name: "x"}, Item: component.SortIdx{Sort: component.SortFunc, Index: lifted},
	}), 2)
	wantIndex(t, "export", b.ExportFunc("f", lifted), 1)
	wantIndex(t, "exported instance", b.ExportInstance("x", 2), 3)

	fn := func(i uint32) component.SortIdx { return component.SortIdx{Sort: component.SortFunc, Index: i} }
	b.NameItem(fn(1), "one")
	b.NameItem(fn(0), "old")
	b.NameItem(component.SortIdx{Core: component.CoreFunc, Index: 0}, "core")
	b.NameItem(fn(0), "zero")
	made := b.Finish()
	if want := []component.SortNames{
		{Names: []component.NameAssoc{{Index: 0, Name: "core"}}},
		{Sort: component.SortFunc, Names: []component.NameAssoc{{Index: 0, Name: "zero"}, {Index: 1, Name: "one"}}},
	}; !reflect.DeepEqual(made.Names, want) {
		t.Errorf("got names %v, want %v", made.Names, want)
	}

	read, err := decode.Component(encode.Component(made))
	if err != nil {
		t.Fatal(err)
	}
	if read.Name != "top" || !reflect.DeepEqual(read.Names, made.Names) {
		t.Errorf("read back name %q and names %v, want top and %v", read.Name, read.Names, made.Names)
	}
	if got, want := read.IndexSpaces(), made.IndexSpaces(); got != want {
		t.Errorf("read back index spaces %v, want %v", got, want)
	}
	if len(read.Defs) != len(made.Defs) {
		t.Fatalf("read back %d definitions, want %d", len(read.Defs), len(made.Defs))
	}
	for i := range read.Defs {
		if got, want := reflect.TypeOf(read.Defs[i]), reflect.TypeOf(made.Defs[i]); got != want {
			t.Errorf("definition %d is a %v, want a %v", i, got, want)
		}
	}
}

func TestPanicsOnNonsense(t *testing.T) {
	for name, d := range map[string]component.Def{
		"definition": component.At{},
		"type":       &component.Type{},
		"value type": &component.Type{Def: &component.ValDef{Kind: 0x62}},
		"canon":      &component.Canon{Op: 0x07},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			encode.Component(&component.Component{Defs: []component.Def{d}})
		})
	}
}
