package decode_test

import (
	"reflect"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

func ptr[T any](v T) *T { return &v }

func prim(p component.Prim) *component.ValType { return &component.ValType{Prim: p} }

func typ(def component.TypeDef) *component.Type { return &component.Type{Def: def} }

func rec(types ...corewasm.SubType) *component.CoreType {
	return &component.CoreType{Rec: &corewasm.RecGroup{Types: types}}
}

func outer(core component.CoreSort, sort component.Sort, count, index uint32) *component.Alias {
	return &component.Alias{Sort: sort, Core: core, Target: component.AliasOuter, Outer: count, Index: index}
}

var emptyFunc = corewasm.SubType{Final: true, Kind: corewasm.CompFunc}

type production struct {
	name    string
	id      byte
	content string
	want    []component.Def
}

var productions = append(append(definitions, types...), canons...)

var definitions = []production{
	{"no entries", 7, "\x00", nil},
	{"count in five bytes", 7, "\x81\x80\x80\x80\x00\x73", []component.Def{typ(&component.ValDef{Prim: component.PrimString})}},
	{"core instances", 2, "\x02\x00\x05\x01\x01a\x12\x07\x01\x02\x01f\x00\x03\x01t\x12\x04", []component.Def{
		&component.CoreInstance{Module: 5, Args: []component.CoreArg{{Name: "a", Instance: 7}}},
		&component.CoreInstance{Inline: true, Exports: []component.CoreInlineExport{
			{Name: "f", Item: component.CoreSortIdx{Sort: component.CoreFunc, Index: 3}},
			{Name: "t", Item: component.CoreSortIdx{Sort: component.CoreInstSort, Index: 4}},
		}},
	}},
	{"instances", 5, "\x02\x00\x05\x02\x01a\x01\x07\x01m\x00\x11\x80\x01\x01\x01\x00\x01x\x03\x02", []component.Def{
		&component.Instance{Component: 5, Args: []component.Arg{
			{Name: "a", Item: component.SortIdx{Sort: component.SortFunc, Index: 7}},
			{Name: "m", Item: component.SortIdx{Core: component.CoreModSort, Index: 128}},
		}},
		&component.Instance{Inline: true, Exports: []component.InlineExport{
			{Name: component.ExternName{Name: "x"}, Item: component.SortIdx{Sort: component.SortType, Index: 2}},
		}},
	}},
	{"aliases", 6, "\x06\x05\x00\x01\x01i\x00\x11\x00\x02\x01m\x00\x02\x01\x03\x03mem\x03\x02\x01\x04\x00\x11\x02\x00\x05\x00\x10\x02\x02\x06", []component.Def{
		&component.Alias{Sort: component.SortInstance, Instance: 1, Name: "i"},
		&component.Alias{Core: component.CoreModSort, Instance: 2, Name: "m"},
		&component.Alias{Core: component.CoreMemory, Target: component.AliasCoreExport, Instance: 3, Name: "mem"},
		outer(0, component.SortType, 1, 4),
		outer(component.CoreModSort, component.SortCore, 0, 5),
		outer(component.CoreTypeSort, component.SortCore, 2, 6),
	}},
	{"outer component", 6, "\x01\x04\x02\x01\x00", []component.Def{outer(0, component.SortComponent, 1, 0)}},
	{"start", 9, "\x03\x02\x01\x02\x04", []component.Def{
		&component.Start{Func: 3, Args: []uint32{1, 2}, Results: 4},
	}},
	{"values", 12, "\x02\x7d\x01\x2a\x05\x00", []component.Def{
		&component.Value{Type: component.ValType{Prim: component.PrimU8}, Bytes: []byte{42}},
		&component.Value{Type: component.ValType{Index: 5}, Bytes: []byte{}},
	}},
	{"imports", 10, "\x08\x00\x01a\x01\x00" + "\x01\x01b\x00\x11\x01" + "\x02\x01c\x00\x05\x02" + "\x00\x01d\x04\x03" +
		"\x00\x01e\x03\x00\x04" + "\x00\x01f\x03\x01" + "\x00\x01g\x02\x00\x05" + "\x00\x01h\x02\x01\x73", []component.Def{
		&component.Import{Name: component.ExternName{Name: "a"}, Type: component.ExternType{Kind: component.ExternFunc}},
		&component.Import{Name: component.ExternName{Name: "b"}, Type: component.ExternType{Index: 1}},
		&component.Import{
			Name: component.ExternName{Name: "c", Attributes: new(component.Attributes)},
			Type: component.ExternType{Kind: component.ExternInstance, Index: 2},
		},
		&component.Import{Name: component.ExternName{Name: "d"}, Type: component.ExternType{Kind: component.ExternComponent, Index: 3}},
		&component.Import{Name: component.ExternName{Name: "e"}, Type: component.ExternType{Kind: component.ExternTypeBound, Index: 4}},
		&component.Import{Name: component.ExternName{Name: "f"}, Type: component.ExternType{Kind: component.ExternTypeBound, SubResource: true}},
		&component.Import{Name: component.ExternName{Name: "g"}, Type: component.ExternType{Kind: component.ExternValue, Index: 5}},
		&component.Import{Name: component.ExternName{Name: "h"}, Type: component.ExternType{Kind: component.ExternValue, Value: prim(component.PrimString)}},
	}},
	{"attributes", 10, "\x01\x02\x01p\x03\x00\x05a:b/c\x01\x02.1\x02\x02id\x05\x00", []component.Def{
		&component.Import{
			Name: component.ExternName{Name: "p", Attributes: &component.Attributes{
				{Kind: component.AttrImplements, Value: "a:b/c"},
				{Kind: component.AttrVersionSuffix, Value: ".1"},
				{Kind: component.AttrExternalID, Value: "id"},
			}},
			Type: component.ExternType{Kind: component.ExternInstance},
		},
	}},
	{"exports", 11, "\x02\x00\x01f\x01\x09\x00" + "\x00\x01m\x00\x11\x02\x01\x00\x11\x03", []component.Def{
		&component.Export{Name: component.ExternName{Name: "f"}, Item: component.SortIdx{Sort: component.SortFunc, Index: 9}},
		&component.Export{
			Name: component.ExternName{Name: "m"}, Item: component.SortIdx{Core: component.CoreModSort, Index: 2},
			Type: &component.ExternType{Kind: component.ExternModule, Index: 3},
		},
	}},
}

var types = []production{
	{"primitive types", 7, "\x0e\x7f\x7e\x7d\x7c\x7b\x7a\x79\x78\x77\x76\x75\x74\x73\x64", prims()},
	{"records and variants", 7, "\x02\x72\x02\x01a\x7f\x01b\xc0\x00\x71\x02\x01x\x01\x7e\x00\x01y\x00\x00", []component.Def{
		typ(&component.ValDef{Kind: component.KindRecord, Fields: []component.Field{
			{Label: "a", Type: prim(component.PrimBool)}, {Label: "b", Type: &component.ValType{Index: 64}},
		}}),
		typ(&component.ValDef{Kind: component.KindVariant, Fields: []component.Field{
			{Label: "x", Type: prim(component.PrimS8)}, {Label: "y"},
		}}),
	}},
	{"lists and maps", 7, "\x05\x70\x7b\x67\x7d\x80\x02\x6f\x02\x7c\x03\x6b\x7a\x63\x73\x79", []component.Def{
		typ(&component.ValDef{Kind: component.KindList, Elem: prim(component.PrimU16)}),
		typ(&component.ValDef{Kind: component.KindFixedList, Elem: prim(component.PrimU8), Len: 256}),
		typ(&component.ValDef{Kind: component.KindTuple, Types: []component.ValType{{Prim: component.PrimS16}, {Index: 3}}}),
		typ(&component.ValDef{Kind: component.KindOption, Elem: prim(component.PrimS32)}),
		typ(&component.ValDef{Kind: component.KindMap, Key: prim(component.PrimString), Elem: prim(component.PrimU32)}),
	}},
	{"flags and enums", 7, "\x02\x6e\x02\x01a\x01b\x6d\x01\x01c", []component.Def{
		typ(&component.ValDef{Kind: component.KindFlags, Labels: []string{"a", "b"}}),
		typ(&component.ValDef{Kind: component.KindEnum, Labels: []string{"c"}}),
	}},
	{"empty ones are syntax", 7, "\x05\x72\x00\x71\x00\x6f\x00\x6e\x00\x6d\x00", []component.Def{
		typ(&component.ValDef{Kind: component.KindRecord}), typ(&component.ValDef{Kind: component.KindVariant}),
		typ(&component.ValDef{Kind: component.KindTuple}), typ(&component.ValDef{Kind: component.KindFlags}),
		typ(&component.ValDef{Kind: component.KindEnum}),
	}},
	{"results", 7, "\x04\x6a\x00\x00\x6a\x01\x77\x00\x6a\x00\x01\x78\x6a\x01\x76\x01\x75", []component.Def{
		typ(&component.ValDef{Kind: component.KindResult}),
		typ(&component.ValDef{Kind: component.KindResult, Elem: prim(component.PrimU64)}),
		typ(&component.ValDef{Kind: component.KindResult, Err: prim(component.PrimS64)}),
		typ(&component.ValDef{Kind: component.KindResult, Elem: prim(component.PrimF32), Err: prim(component.PrimF64)}),
	}},
	{"handles and streams", 7, "\x06\x69\x00\x68\xc0\x00\x66\x01\x7d\x66\x00\x65\x01\x73\x65\x00", []component.Def{
		typ(&component.ValDef{Kind: component.KindOwn}),
		typ(&component.ValDef{Kind: component.KindBorrow, Resource: 64}),
		typ(&component.ValDef{Kind: component.KindStream, Elem: prim(component.PrimU8)}),
		typ(&component.ValDef{Kind: component.KindStream}),
		typ(&component.ValDef{Kind: component.KindFuture, Elem: prim(component.PrimString)}),
		typ(&component.ValDef{Kind: component.KindFuture}),
	}},
	{"function types", 7, "\x03\x40\x00\x01\x00\x40\x01\x01p\x7f\x00\x79\x43\x00\x01\x00", []component.Def{
		typ(&component.FuncDef{}),
		typ(&component.FuncDef{
			Params: []component.Field{{Label: "p", Type: prim(component.PrimBool)}}, Result: prim(component.PrimU32),
		}),
		typ(&component.FuncDef{Async: true}),
	}},
	{"resources", 7, "\x02\x3f\x7f\x00\x3f\x7e\x01\x05", []component.Def{
		typ(&component.ResourceDef{Rep: corewasm.I32}),
		typ(&component.ResourceDef{Rep: corewasm.I64, Dtor: ptr(uint32(5))}),
	}},
	{"component type", 7, "\x01\x41\x05\x00\x60\x00\x00\x01\x73\x02\x03\x02\x01\x02\x03\x00\x01a\x03\x00\x00\x04\x00\x01b\x01\x02", []component.Def{
		typ(&component.ComponentDef{Decls: []component.Decl{
			rec(emptyFunc),
			typ(&component.ValDef{Prim: component.PrimString}),
			outer(0, component.SortType, 1, 2),
			&component.Import{Name: component.ExternName{Name: "a"}, Type: component.ExternType{Kind: component.ExternTypeBound}},
			&component.Export{Name: component.ExternName{Name: "b"}, Type: &component.ExternType{Kind: component.ExternFunc, Index: 2}},
		}}),
	}},
	{"instance type", 7, "\x01\x42\x01\x01\x42\x00", []component.Def{
		typ(&component.InstanceDef{Decls: []component.Decl{typ(&component.InstanceDef{})}}),
	}},
	{"core types", 3, "\x06\x60\x02\x7f\x70\x01\x64\x05" + "\x00\x50\x01\x02\x60\x00\x00" + "\x4f\x00\x5f\x02\x78\x00\x7b\x01" +
		"\x4e\x02\x50\x00\x5e\x77\x00\x60\x00\x00" + "\x4e\x00" + "\x4e\x01\x60\x00\x00", []component.Def{
		rec(corewasm.SubType{Final: true, Kind: corewasm.CompFunc, Func: corewasm.FuncType{
			Params:  []corewasm.ValType{corewasm.I32, corewasm.FuncRef},
			Results: []corewasm.ValType{{Code: corewasm.CodeRef, Heap: 5}},
		}}),
		rec(corewasm.SubType{Supers: []uint32{2}, Kind: corewasm.CompFunc}),
		rec(corewasm.SubType{Final: true, Kind: corewasm.CompStruct, Fields: []corewasm.FieldType{
			{Storage: corewasm.ValType{Code: corewasm.CodeI8}}, {Storage: corewasm.V128, Mutable: true},
		}}),
		rec(corewasm.SubType{Kind: corewasm.CompArray, Fields: []corewasm.FieldType{{Storage: corewasm.ValType{Code: corewasm.CodeI16}}}}, emptyFunc),
		rec(),
		rec(emptyFunc),
	}},
	{"module type", 3, "\x01\x50\x08\x01\x60\x00\x00" + "\x00\x01a\x01b\x00\x00" + "\x02\x10\x01\x01\x02" + "\x03\x01e\x01\x70\x05\x01\x02" +
		"\x03\x01m\x02\x0b\x01\x02\x00" + "\x03\x01n\x02\x00\x01" + "\x03\x01g\x03\x7e\x01" + "\x03\x01t\x04\x00\x03", []component.Def{
		&component.CoreType{Module: &component.ModuleType{Decls: []component.ModuleDecl{
			{Type: rec(emptyFunc)},
			{Import: &corewasm.Import{Module: "a", Name: "b"}},
			{Alias: outer(component.CoreTypeSort, component.SortCore, 1, 2)},
			export(corewasm.Import{Name: "e", Kind: corewasm.ExternTable, Table: corewasm.TableType{
				Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: 1, Max: 2, HasMax: true, Is64: true},
			}}),
			export(corewasm.Import{Name: "m", Kind: corewasm.ExternMem, Mem: corewasm.MemType{
				Limits: corewasm.Limits{Min: 1, Max: 2, HasMax: true, Shared: true}, PageSizeLog2: 0,
			}}),
			export(corewasm.Import{Name: "n", Kind: corewasm.ExternMem, Mem: corewasm.MemType{
				Limits: corewasm.Limits{Min: 1}, PageSizeLog2: 16,
			}}),
			export(corewasm.Import{Name: "g", Kind: corewasm.ExternGlobal, Global: corewasm.GlobalType{Type: corewasm.I64, Mutable: true}}),
			export(corewasm.Import{Name: "t", Kind: corewasm.ExternTag, Tag: 3}),
		}}},
	}},
}

func prims() (defs []component.Def) {
	for _, p := range []component.Prim{
		component.PrimBool, component.PrimS8, component.PrimU8, component.PrimS16, component.PrimU16, component.PrimS32,
		component.PrimU32, component.PrimS64, component.PrimU64, component.PrimF32, component.PrimF64,
		component.PrimChar, component.PrimString, component.PrimErrorContext,
	} {
		defs = append(defs, typ(&component.ValDef{Prim: p}))
	}
	return defs
}

func export(i corewasm.Import) component.ModuleDecl {
	return component.ModuleDecl{Export: &component.CoreExtern{Import: i}}
}

func TestProductions(t *testing.T) {
	for _, p := range productions {
		t.Run(p.name, func(t *testing.T) {
			c, err := decode.Component(file(section(p.id, p.content)))
			if err != nil {
				t.Fatal(err)
			}
			forget(c)
			if len(c.Defs) != len(p.want) {
				t.Fatalf("got %d definitions, want %d", len(c.Defs), len(p.want))
			}
			for i := range p.want {
				if !reflect.DeepEqual(c.Defs[i], p.want[i]) {
					t.Errorf("definition %d: got %+v, want %+v", i, c.Defs[i], p.want[i])
				}
			}
			checkRoundTrip(t, c)
		})
	}
}

// TestTruncated checks that a section that is truncated anywhere is an error at or before its end.
func TestTruncated(t *testing.T) {
	for _, p := range productions {
		if p.id == 12 || p.content == "\x00" {
			continue
		}
		for n := range len(p.content) {
			if _, err := decode.Component(file(section(p.id, p.content[:n]))); err == nil {
				t.Errorf("%s: no error for the first %d bytes", p.name, n)
			}
		}
		if _, err := decode.Component(file(section(p.id, p.content+"\x00"))); err == nil {
			t.Errorf("%s: no error for a byte too many", p.name)
		}
	}
}
