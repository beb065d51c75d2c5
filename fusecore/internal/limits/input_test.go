package limits_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	coreencode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/build"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/wasmtools"
)

// funcGroup is the recursion group of one function type.
func funcGroup(params, results int) corewasm.RecGroup {
	i32s := func(n int) []corewasm.ValType { return bytesOf(n, corewasm.I32) }
	return corewasm.RecGroup{Types: []corewasm.SubType{{
		Final: true, Kind: corewasm.CompFunc, Func: corewasm.FuncType{Params: i32s(params), Results: i32s(results)},
	}}}
}

// bytesOf returns n copies of a byte.
func bytesOf[T any](n int, v T) []T {
	s := make([]T, n)
	for i := range s {
		s[i] = v
	}
	return s
}

// function returns a module with one function of type (i32) -> () with a body.
func function(locals int, code []byte) *corewasm.Module {
	m := &corewasm.Module{Types: []corewasm.RecGroup{funcGroup(1, 0)}, Funcs: []uint32{0}}
	b := corewasm.Body{Code: append(code, byte(op.End))}
	if locals > 0 {
		b.Locals = []corewasm.LocalRun{{Count: uint32(locals), Type: corewasm.I32}}
	}
	m.Code = []corewasm.Body{b}
	return m
}

func label(i int) string { return fmt.Sprintf("l%d", i) }

func fields(n int) []component.Field {
	u8 := component.ValType{Prim: component.PrimU8}
	fs := make([]component.Field, n)
	for i := range fs {
		fs[i] = component.Field{Label: label(i), Type: &u8}
	}
	return fs
}

// inputLimits are components with n items of a kind that engines limit.
var inputLimits = []struct {
	name  string
	limit int
	newer bool // engines have the limit, but wasm-tools may be too old for it
	slow  bool
	core  func(n int) *corewasm.Module // the component contains only this module
	comp  func(n int, b *build.Builder)
}{
	{name: "core types", limit: limits.Types, slow: true, core: func(n int) *corewasm.Module {
		return &corewasm.Module{Types: bytesOf(n, funcGroup(0, 0))}
	}},
	{name: "core types in a group", limit: limits.Types, slow: true, core: func(n int) *corewasm.Module {
		return &corewasm.Module{Types: []corewasm.RecGroup{{Types: bytesOf(n, funcGroup(0, 0).Types[0])}}}
	}},
	{name: "functions", limit: limits.Funcs, slow: true, core: func(n int) *corewasm.Module {
		return &corewasm.Module{Types: []corewasm.RecGroup{funcGroup(0, 0)}, Funcs: make([]uint32, n), Code: bytesOf(n, corewasm.Body{Code: []byte{byte(op.End)}})}
	}},
	{name: "globals", limit: limits.Globals, slow: true, core: func(n int) *corewasm.Module {
		return &corewasm.Module{Globals: bytesOf(n, corewasm.Global{Type: corewasm.GlobalType{Type: corewasm.I32}, Init: coreencode.I32Const(0)})}
	}},
	{name: "tags", limit: limits.Tags, slow: true, core: func(n int) *corewasm.Module {
		return &corewasm.Module{Types: []corewasm.RecGroup{funcGroup(0, 0)}, Tags: make([]uint32, n)}
	}},
	{name: "parts of imports", limit: limits.TypeSize - 1, slow: true, core: func(n int) *corewasm.Module {
		return importing(n, corewasm.Import{Kind: corewasm.ExternGlobal, Global: corewasm.GlobalType{Type: corewasm.I32}})
	}},
	{name: "parts of function imports", limit: (limits.TypeSize - 1) / 7, core: func(n int) *corewasm.Module {
		m := importing(n, corewasm.Import{Kind: corewasm.ExternFunc})
		m.Types = []corewasm.RecGroup{funcGroup(3, 2)}
		return m
	}},
	{name: "tables", limit: limits.Tables, core: func(n int) *corewasm.Module {
		return &corewasm.Module{Tables: bytesOf(n, corewasm.Table{Type: corewasm.TableType{Elem: corewasm.FuncRef}})}
	}},
	{name: "memories", limit: limits.Memories, core: func(n int) *corewasm.Module {
		return &corewasm.Module{Mems: bytesOf(n, corewasm.MemType{PageSizeLog2: 16})}
	}},
	{name: "element segments", limit: limits.Elems, core: func(n int) *corewasm.Module {
		return &corewasm.Module{Elems: bytesOf(n, corewasm.Elem{Mode: corewasm.SegPassive})}
	}},
	{name: "elements", limit: limits.ElemItems, slow: true, core: func(n int) *corewasm.Module {
		m := function(0, nil)
		m.Elems = []corewasm.Elem{{Mode: corewasm.SegPassive, Funcs: make([]uint32, n)}}
		return m
	}},
	{name: "data segments", limit: limits.Datas, core: func(n int) *corewasm.Module {
		return &corewasm.Module{Data: bytesOf(n, corewasm.Data{Mode: corewasm.SegPassive})}
	}},
	{name: "body", limit: limits.BodyBytes, newer: true, core: func(n int) *corewasm.Module {
		return function(0, bytes.Repeat([]byte{byte(op.Nop)}, n-2))
	}},
	{name: "locals", limit: limits.Locals, core: func(n int) *corewasm.Module { return function(n-1, nil) }},
	{name: "parameters", limit: limits.Params, core: func(n int) *corewasm.Module {
		return &corewasm.Module{Types: []corewasm.RecGroup{funcGroup(n, 0)}}
	}},
	{name: "results", limit: limits.Results, core: func(n int) *corewasm.Module {
		return &corewasm.Module{Types: []corewasm.RecGroup{funcGroup(0, n)}}
	}},
	{name: "fields", limit: limits.Fields, core: func(n int) *corewasm.Module {
		return &corewasm.Module{Types: []corewasm.RecGroup{{Types: []corewasm.SubType{{
			Final: true, Kind: corewasm.CompStruct, Fields: bytesOf(n, corewasm.FieldType{Storage: corewasm.I32}),
		}}}}}
	}},
	{name: "subtypes", limit: limits.SubtypeDepth, core: func(n int) *corewasm.Module {
		m := &corewasm.Module{Types: []corewasm.RecGroup{{Types: []corewasm.SubType{{Kind: corewasm.CompFunc}}}}}
		for i := range n {
			m.Types = append(m.Types, corewasm.RecGroup{Types: []corewasm.SubType{{Kind: corewasm.CompFunc, Supers: []uint32{uint32(i)}}}})
		}
		return m
	}},
	{name: "labels of a branch", limit: limits.BranchLabels, core: func(n int) *corewasm.Module {
		code := leb128.AppendU32([]byte{0x20, 0, 0x0e}, uint32(n)) // local.get, br_table
		return function(0, append(code, make([]byte, n+1)...))
	}},
	{name: "catch clauses", limit: limits.Catches, core: func(n int) *corewasm.Module {
		code := leb128.AppendU32([]byte{0x1f, 0x40}, uint32(n))                                  // try_table
		return function(0, append(append(code, bytes.Repeat([]byte{2, 0}, n)...), byte(op.End))) // catch_all
	}},
	{name: "name of an export", limit: limits.NameBytes, core: func(n int) *corewasm.Module {
		m := function(0, nil)
		m.Exports = []corewasm.Export{{Name: strings.Repeat("n", n)}}
		return m
	}},
	{name: "name of an import", limit: limits.NameBytes, core: func(n int) *corewasm.Module {
		m := importing(1, corewasm.Import{Kind: corewasm.ExternMem, Mem: corewasm.MemType{PageSizeLog2: 16}})
		m.Imports[0].Module = strings.Repeat("n", n)
		return m
	}},
	{name: "name of a core custom section", limit: limits.NameBytes, core: func(n int) *corewasm.Module {
		return &corewasm.Module{Customs: []corewasm.Custom{{Name: strings.Repeat("n", n)}}}
	}},
	{name: "name of a custom section", limit: limits.NameBytes, comp: func(n int, b *build.Builder) { b.Custom(strings.Repeat("n", n), nil) }},
	{name: "name of a component's import", limit: limits.NameBytes, comp: func(n int, b *build.Builder) {
		b.Import(strings.Repeat("n", n), component.ExternType{Kind: component.ExternFunc, Index: b.Type(&component.FuncDef{})})
	}},
	{name: "label", limit: limits.NameBytes, comp: func(n int, b *build.Builder) {
		b.Type(&component.ValDef{Kind: component.KindEnum, Labels: []string{strings.Repeat("n", n)}})
	}},
	{name: "core modules", limit: limits.Modules, comp: func(n int, b *build.Builder) {
		for range n {
			b.CoreModule(coreencode.Module(&corewasm.Module{}))
		}
	}},
	{name: "components", limit: limits.Components, comp: func(n int, b *build.Builder) {
		for range n {
			b.Component(&component.Component{})
		}
	}},
	{name: "instances", limit: limits.Instances, comp: func(n int, b *build.Builder) {
		for i := range n {
			if i%2 == 0 {
				b.CoreExports()
			} else {
				b.Exports()
			}
		}
	}},
	{name: "component types", limit: limits.ComponentTypes, slow: true, comp: func(n int, b *build.Builder) {
		t := &component.ValDef{Prim: component.PrimU8}
		for range n {
			b.Type(t)
		}
	}},
	{name: "core arguments", limit: limits.Args, comp: func(n int, b *build.Builder) {
		m, none := b.CoreModule(coreencode.Module(&corewasm.Module{})), b.CoreExports()
		args := make([]component.CoreArg, n)
		for i := range args {
			args[i] = component.CoreArg{Name: label(i), Instance: none}
		}
		b.CoreInstantiate(m, args...)
	}},
	{name: "arguments", limit: limits.Args, comp: func(n int, b *build.Builder) {
		none := component.SortIdx{Sort: component.SortInstance, Index: b.Exports()}
		args := make([]component.Arg, n)
		for i := range args {
			args[i] = component.Arg{Name: label(i), Item: none}
		}
		b.Instantiate(b.Component(&component.Component{}), args...)
	}},
	{name: "inline exports", limit: limits.InlineExports, comp: func(n int, b *build.Builder) {
		none := component.SortIdx{Sort: component.SortComponent, Index: b.Component(&component.Component{})}
		exports := make([]component.InlineExport, n)
		for i := range exports {
			exports[i] = component.InlineExport{Name: component.ExternName{Name: label(i)}, Item: none}
		}
		b.Exports(exports...)
	}},
	{name: "parameters of a component's function", limit: limits.ComponentParams, comp: func(n int, b *build.Builder) {
		b.Type(&component.FuncDef{Params: fields(n)})
	}},
	{name: "record fields", limit: limits.RecordFields, comp: func(n int, b *build.Builder) {
		b.Type(&component.ValDef{Kind: component.KindRecord, Fields: fields(n)})
	}},
	{name: "variant cases", limit: limits.VariantCases, comp: func(n int, b *build.Builder) {
		b.Type(&component.ValDef{Kind: component.KindVariant, Fields: fields(n)})
	}},
	{name: "tuple types", limit: limits.TupleTypes, comp: func(n int, b *build.Builder) {
		b.Type(&component.ValDef{Kind: component.KindTuple, Types: bytesOf(n, component.ValType{Prim: component.PrimU8})})
	}},
	{name: "enum cases", limit: limits.EnumCases, comp: func(n int, b *build.Builder) {
		d := &component.ValDef{Kind: component.KindEnum}
		for i := range n {
			d.Labels = append(d.Labels, label(i))
		}
		b.Type(d)
	}},
	{name: "flags", limit: 32, comp: func(n int, b *build.Builder) {
		d := &component.ValDef{Kind: component.KindFlags}
		for i := range n {
			d.Labels = append(d.Labels, label(i))
		}
		b.Type(d)
	}},
	// A tuple's size is 1 plus the sizes of its parts: 99 tuples of 10,000 parts, and n more.
	{name: "size of a type", limit: limits.TypeSize - 1 - 99*10_001, comp: func(n int, b *build.Builder) {
		u8 := component.ValType{Prim: component.PrimU8}
		big := component.ValType{Index: b.Type(&component.ValDef{Kind: component.KindTuple, Types: bytesOf(10_000, u8)})}
		types := append(bytesOf(99, big), bytesOf(n, u8)...)
		b.Type(&component.ValDef{Kind: component.KindTuple, Types: types})
	}},
	{name: "size of a component", limit: limits.TypeSize - 1 - 99*10_002 - 1, comp: func(n int, b *build.Builder) {
		u8 := component.ValType{Prim: component.PrimU8}
		big := component.ValType{Index: b.Type(&component.ValDef{Kind: component.KindTuple, Types: bytesOf(10_000, u8)})}
		one := func(label string, t component.ValType) component.ExternType {
			return component.ExternType{Kind: component.ExternFunc, Index: b.Type(&component.FuncDef{Params: []component.Field{{Label: label, Type: &t}}})}
		}
		for i := range 99 {
			b.Import(label(i), one("p", big))
		}
		rest := component.ValType{Index: b.Type(&component.ValDef{Kind: component.KindTuple, Types: bytesOf(n-1, u8)})}
		b.Import("rest", one("p", rest))
	}},
}

// importing returns a module that imports an item n times.
func importing(n int, im corewasm.Import) *corewasm.Module {
	m := &corewasm.Module{Imports: bytesOf(n, im)}
	for i := range m.Imports {
		m.Imports[i].Name = label(i)
	}
	return m
}

// TestInputLimits checks both sides of every limit of engines on inputs, and also asks wasm-tools.
func TestInputLimits(t *testing.T) {
	tool := wasmtools.Need(t)
	for _, tc := range inputLimits {
		t.Run(tc.name, func(t *testing.T) {
			if tc.slow && testing.Short() {
				t.Skip("takes seconds")
			}
			for _, over := range []int{0, 1} {
				b := build.New()
				if tc.core != nil {
					m := tc.core(tc.limit + over)
					m.Index()
					b.CoreModule(coreencode.Module(m))
				} else {
					tc.comp(tc.limit+over, b)
				}
				wasm := encode.Component(b.Finish())
				_, err := fusecore.Fuse(t.Context(), fusecore.Graph{Root: fusecore.Input{Name: "in.wasm", Bytes: wasm}}, fusecore.FuseOptions{})
				if (err != nil) != (over > 0) {
					t.Errorf("%d over the limit of %d: %v", over, tc.limit, err)
				}
				var located *fusecore.Error
				if err != nil && (!errors.As(err, &located) || located.File != "in.wasm" || strings.Contains(err.Error(), "internal error")) {
					t.Errorf("the error is not about the input: %v", err)
				}
				if theirs := tool.Validate(wasm); (theirs != nil) != (over > 0) && !tc.newer {
					t.Errorf("%d over the limit of %d, wasm-tools says: %v", over, tc.limit, theirs)
				}
			}
		})
	}
}
