package validate

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// comp builds a component by hand; definition i is at offset 10*(i+1).
func comp(defs ...component.Def) *component.Component {
	for i, d := range defs {
		at := component.At{Offset: int64(10 * (i + 1))}
		switch d := d.(type) {
		case *component.Type:
			d.At = at
		case *component.CoreType:
			d.At = at
		case *component.Canon:
			d.At = at
		case *component.Import:
			d.At = at
		case *component.Export:
			d.At = at
		case *component.Instance:
			d.At = at
		case *component.CoreInstance:
			d.At = at
		case *component.Alias:
			d.At = at
		case *component.NestedComponent:
			d.At = at
		case *component.Start:
			d.At = at
		}
	}
	return &component.Component{Defs: defs}
}

func typeOfDef(d component.TypeDef) *component.Type { return &component.Type{Def: d} }

func prim(p component.Prim) component.ValType { return component.ValType{Prim: p} }

func ref(i uint32) *component.ValType { return &component.ValType{Index: i} }

// core returns definitions of a core instance that exports functions f0, f1, ... of given types, memories m0 (32-bit)
// and m1 (64-bit) and tables t0 (funcref) and t1 (externref, 64-bit), each aliased in that order.
func core(funcs ...corewasm.FuncType) []component.Def {
	m := &corewasm.Module{}
	defs := []component.Def{&component.CoreModule{Module: m},
		&component.CoreInstance{}}
	export := func(name string, k corewasm.ExternKind, index int, sort component.CoreSort) {
		m.Exports = append(m.Exports, corewasm.Export{Name: name, Kind: k, Index: uint32(index)})
		defs = append(defs, &component.Alias{Sort: component.SortCore, Core: sort, Target: component.AliasCoreExport,
			Name: name})
	}
	for i, ft := range funcs {
		m.Types = append(m.Types, corewasm.RecGroup{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc, Func: ft}}})
		m.Funcs = append(m.Funcs, uint32(i))
		export(fmt.Sprintf("f%d", i), corewasm.ExternFunc, i, component.CoreFunc)
	}
	for i := range 2 {
		m.Mems = append(m.Mems, corewasm.MemType{Limits: corewasm.Limits{Min: 1, Is64: i == 1}, PageSizeLog2: 16})
		export(fmt.Sprintf("m%d", i), corewasm.ExternMem, i, component.CoreMemory)
	}
	for i, elem := range []corewasm.ValType{corewasm.FuncRef, corewasm.ExtRef} {
		tt := corewasm.TableType{Elem: elem, Limits: corewasm.Limits{Min: 1, Is64: i == 1}}
		m.Tables = append(m.Tables, corewasm.Table{Type: tt})
		export(fmt.Sprintf("t%d", i), corewasm.ExternTable, i, component.CoreTable)
	}
	m.Index()
	return defs
}

// wantsType adds a core instantiation that imports a core function by index as a function of a type. It is valid only
// if the function has that type.
func wantsType(index uint32, ft corewasm.FuncType) []component.Def {
	m := &corewasm.Module{
		Types:   []corewasm.RecGroup{{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc, Func: ft}}}},
		Imports: []corewasm.Import{{Module: "m", Name: "f"}},
	}
	m.Index()
	return []component.Def{
		&component.CoreModule{Module: m},
		&component.CoreInstance{Inline: true, Exports: []component.CoreInlineExport{{Name: "f",
			Item: component.CoreSortIdx{Sort: component.CoreFunc, Index: index}}}},
		&component.CoreInstance{Module: 1, Args: []component.CoreArg{{Name: "m", Instance: 1}}},
	}
}

var (
	i32, i64 = corewasm.I32, corewasm.I64
	realloc4 = corewasm.FuncType{Params: vals(i32, i32, i32, i32), Results: vals(i32)}
	realloc8 = corewasm.FuncType{Params: vals(i64, i64, i64, i64), Results: vals(i64)}
	memory32 = component.CanonOpt{Kind: component.OptMemory}
	memory64 = component.CanonOpt{Kind: component.OptMemory, Index: 1}
	realloc  = component.CanonOpt{Kind: component.OptRealloc}
	reallocQ = component.CanonOpt{Kind: component.OptRealloc, Index: 1}
	async    = component.CanonOpt{Kind: component.OptAsync}
	post     = component.CanonOpt{Kind: component.OptPostReturn}
)

// TestBuiltins checks the core types of built-ins, for memories of either size, and their rules. The types 0 to 4 are
// (stream string), (stream), (future u8), a resource with an i64 representation, and string.
func TestBuiltins(t *testing.T) {
	str, u8 := prim(component.PrimString), prim(component.PrimU8)
	opts := func(o ...component.CanonOpt) []component.CanonOpt { return o }
	start := func(p corewasm.ValType) *component.CoreType {
		return &component.CoreType{Rec: &corewasm.RecGroup{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc,
			Func: corewasm.FuncType{Params: vals(p)}}}}}
	}
	for _, c := range []struct {
		canon component.Canon
		want  corewasm.FuncType
		err   string
	}{
		{component.Canon{Op: component.CanonResourceNew, Type: 3}, coreFunc(vals(i64), i32), ""},
		{component.Canon{Op: component.CanonResourceRep, Type: 3}, coreFunc(vals(i32), i64), ""},
		{component.Canon{Op: component.CanonResourceDrop, Type: 3}, coreFunc(vals(i32)), ""},
		{component.Canon{Op: component.CanonResourceDrop, Type: 4}, coreFunc(nil), "type index 4 is not a resource type"},
		{component.Canon{Op: component.CanonStreamRead, Opts: opts(memory32, realloc, async)}, coreFunc(vals(i32, i32, i32), i32), ""},
		{component.Canon{Op: component.CanonStreamRead, Opts: opts(memory64, reallocQ)}, coreFunc(vals(i32, i64, i64), i64), ""},
		{component.Canon{Op: component.CanonStreamRead, Opts: opts(memory32)}, coreFunc(nil), "`realloc` is required"},
		{component.Canon{Op: component.CanonStreamWrite, Opts: opts(memory64)}, coreFunc(vals(i32, i64, i64), i64), ""},
		{component.Canon{Op: component.CanonStreamWrite}, coreFunc(nil), "`memory` is required"},
		{component.Canon{Op: component.CanonStreamWrite, Type: 1}, coreFunc(vals(i32, i32, i32), i32), ""},
		{component.Canon{Op: component.CanonStreamWrite, Type: 1, Opts: opts(post)}, coreFunc(nil), "`post-return` cannot be"},
		{component.Canon{Op: component.CanonFutureRead, Type: 2, Opts: opts(memory64)}, coreFunc(vals(i32, i64), i32), ""},
		{component.Canon{Op: component.CanonFutureRead, Type: 1}, coreFunc(nil), "`future.read` requires a future type"},
		{component.Canon{Op: component.CanonFutureNew, Type: 2}, coreFunc(nil, i64), ""},
		{component.Canon{Op: component.CanonTaskReturn, Result: &str, Opts: opts(memory64)}, coreFunc(vals(i64, i64)), ""},
		{component.Canon{Op: component.CanonTaskReturn, Result: &str}, coreFunc(nil), "`memory` is required"},
		{component.Canon{Op: component.CanonTaskReturn, Result: &u8}, coreFunc(vals(i32)), ""},
		{component.Canon{Op: component.CanonTaskReturn, Result: &u8, Opts: opts(async)}, coreFunc(nil), "only the options"},
		{component.Canon{Op: component.CanonContextGet, ValType: i64, Index: 1}, coreFunc(nil, i64), ""},
		{component.Canon{Op: component.CanonContextSet, ValType: corewasm.F32}, coreFunc(nil), "only supports i32 or i64"},
		{component.Canon{Op: component.CanonErrorContextNew, Opts: opts(memory64)}, coreFunc(vals(i64, i64), i32), ""},
		{component.Canon{Op: component.CanonErrorContextNew}, coreFunc(nil), "`memory` is required"},
		{component.Canon{Op: component.CanonErrorContextMessage, Opts: opts(memory32, realloc)}, coreFunc(vals(i32, i32)), ""},
		{component.Canon{Op: component.CanonErrorContextMessage, Opts: opts(memory32)}, coreFunc(nil), "`realloc` is required"},
		{component.Canon{Op: component.CanonErrorContextMessage, Opts: opts(memory32, async)}, coreFunc(nil), "cannot specify `async`"},
		{component.Canon{Op: component.CanonWaitableSetWait, Memory: 1}, coreFunc(vals(i32, i64), i32), ""},
		{component.Canon{Op: component.CanonWaitableSetPoll, Memory: 2}, coreFunc(nil), "unknown memory 2"},
		{component.Canon{Op: component.CanonThreadNewIndirect, CoreType: 1}, coreFunc(vals(i32, i64), i32), ""},
		{component.Canon{Op: component.CanonThreadNewIndirect, CoreType: 2}, coreFunc(nil), "is not a start function type"},
		{component.Canon{Op: component.CanonThreadNewIndirect, Table: 1}, coreFunc(nil), "expected a table of funcref"},
		{component.Canon{Op: component.CanonThreadSpawnIndirect}, coreFunc(vals(i32, i32), i32), ""},
		{component.Canon{Op: component.CanonThreadSuspendPromote, Cancellable: true}, coreFunc(vals(i32), i32), ""},
		{component.Canon{Op: component.CanonWaitableSetNew, Opts: opts(memory64, realloc)}, coreFunc(nil, i32), ""},
		{component.Canon{Op: 0x3f}, coreFunc(nil), "unknown canonical definition 0x3f"},
	} {
		defs := append(core(realloc4, realloc8),
			start(i32), start(i64), start(corewasm.F32),
			typeOfDef(&component.ValDef{Kind: component.KindStream, Elem: &str}),
			typeOfDef(&component.ValDef{Kind: component.KindStream}),
			typeOfDef(&component.ValDef{Kind: component.KindFuture, Elem: &u8}),
			typeOfDef(&component.ResourceDef{Rep: i64}),
			typeOfDef(&component.ValDef{Kind: component.KindPrim, Prim: component.PrimString}))
		at := int64(10 * (len(defs) + 1))
		defs = append(defs, &c.canon)
		name := c.canon.Op.String()
		if c.err != "" {
			checkError(t, name, Component(comp(defs...)), at, "canon "+name+" 2", c.err)
			continue
		}
		if err := Component(comp(append(defs, wantsType(2, c.want)...)...)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// checkError checks the position and the message of an error.
func checkError(t *testing.T, name string, err error, offset int64, item, msg string) {
	t.Helper()
	var e *diag.Error
	switch {
	case !errors.As(err, &e):
		t.Errorf("%s: got %v, want an error with %q", name, err, msg)
	case e.Offset != offset || e.Item != item || e.Component != "$root":
		t.Errorf("%s: error is at %d of %q in %q, want %d of %q (%v)", name, e.Offset, e.Item, e.Component, offset, item, err)
	case !strings.Contains(e.Msg, msg):
		t.Errorf("%s: got %q, want %q", name, e.Msg, msg)
	}
}

func TestSharedSpawnRef(t *testing.T) {
	start := &component.CoreType{Rec: &corewasm.RecGroup{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc,
		Func: corewasm.FuncType{Params: vals(i32)}}}}}
	if err := Component(comp(start, &component.Canon{Op: component.CanonThreadSpawnRef})); err != nil {
		t.Error(err)
	}
}

func TestContextTypesAgree(t *testing.T) {
	err := Component(comp(&component.Canon{Op: component.CanonContextGet, ValType: i32},
		&component.Canon{Op: component.CanonContextSet, ValType: i64}))
	checkError(t, "context", err, 20, "canon context.set 1", "expected i32, found i64")
}

// TestAsyncSignatures checks lift and lower with async, for a function (param string) (result string).
func TestAsyncSignatures(t *testing.T) {
	str := prim(component.PrimString)
	ft := func(async bool) *component.Type {
		return typeOfDef(&component.FuncDef{Async: async, Params: []component.Field{{Label: "s", Type: &str}}, Result: &str})
	}
	imp := &component.Import{Name: component.ExternName{Name: "f"}, Type: component.ExternType{Kind: component.ExternFunc}}
	for _, c := range []struct {
		name string
		opts []component.CanonOpt
		want corewasm.FuncType
	}{
		{"sync", []component.CanonOpt{memory32, realloc}, coreFunc(vals(i32, i32, i32))},
		{"sync 64", []component.CanonOpt{memory64, reallocQ}, coreFunc(vals(i64, i64, i64))},
		{"async", []component.CanonOpt{memory32, realloc, async}, coreFunc(vals(i32, i32, i32), i32)},
		{"async 64", []component.CanonOpt{memory64, reallocQ, async}, coreFunc(vals(i64, i64, i64), i32)},
	} {
		defs := append(core(realloc4, realloc8), ft(true), imp, &component.Canon{Op: component.CanonLower, Opts: c.opts})
		if err := Component(comp(append(defs, wantsType(2, c.want)...)...)); err != nil {
			t.Errorf("lower %s: %v", c.name, err)
		}
	}
	for _, c := range []struct {
		name   string
		callee corewasm.FuncType
		cb     corewasm.FuncType
		opts   []component.CanonOpt
		err    string
	}{
		{"stackful", coreFunc(vals(i32, i32)), coreFunc(nil), []component.CanonOpt{memory32, realloc, async}, ""},
		{"callback", coreFunc(vals(i32, i32), i32), coreFunc(vals(i32, i32, i32), i32),
			[]component.CanonOpt{memory32, realloc, async, {Kind: component.OptCallback, Index: 3}}, ""},
		{"callback type", coreFunc(vals(i32, i32), i32), coreFunc(vals(i32), i32),
			[]component.CanonOpt{memory32, realloc, async, {Kind: component.OptCallback, Index: 3}},
			"`callback` uses a core function with an incorrect signature"},
		{"post-return", coreFunc(vals(i32, i32)), coreFunc(nil),
			[]component.CanonOpt{memory32, realloc, async, {Kind: component.OptPostReturn, Index: 3}},
			"cannot specify post-return function in async"},
	} {
		defs := append(core(realloc4, realloc8, c.callee, c.cb), ft(true),
			&component.Canon{Op: component.CanonLift, CoreFunc: 2, Opts: c.opts})
		err := Component(comp(defs...))
		if c.err == "" && err != nil {
			t.Errorf("lift %s: %v", c.name, err)
		} else if c.err != "" {
			checkError(t, c.name, err, int64(10*len(defs)), "canon lift 0", c.err)
		}
	}
}

// TestGatedTypes checks types and attributes that text tools do not support yet.
func TestGatedTypes(t *testing.T) {
	str, f32 := prim(component.PrimString), prim(component.PrimF32)
	inst := typeOfDef(&component.InstanceDef{})
	imp := func(name string, attrs ...component.Attribute) *component.Import {
		return &component.Import{Name: component.ExternName{Name: name, Attributes: (*component.Attributes)(&attrs)},
			Type: component.ExternType{Kind: component.ExternInstance}}
	}
	for _, c := range []struct {
		name string
		defs []component.Def
		err  string
	}{
		{"map", []component.Def{typeOfDef(&component.ValDef{Kind: component.KindMap, Key: &str, Elem: &f32})}, ""},
		{"map key", []component.Def{typeOfDef(&component.ValDef{Kind: component.KindMap, Key: &f32, Elem: &str})},
			"expected a map key of type bool, an integer, char or string, found f32"},
		{"fixed list", []component.Def{typeOfDef(&component.ValDef{Kind: component.KindFixedList, Elem: &f32, Len: 1<<26 - 1})}, ""},
		{"fixed list of none", []component.Def{typeOfDef(&component.ValDef{Kind: component.KindFixedList, Elem: &f32})},
			"more than zero elements"},
		{"fixed list bytes", []component.Def{typeOfDef(&component.ValDef{Kind: component.KindFixedList, Elem: &f32, Len: 1 << 26})},
			"exceeds maximum byte size"},
		{"implements", []component.Def{inst, imp("a", component.Attribute{Kind: component.AttrImplements, Value: "a:b/c@1"},
			component.Attribute{Kind: component.AttrExternalID, Value: ""})}, ""},
		{"implements twice", []component.Def{inst, imp("a", component.Attribute{Value: "a:b/c"},
			component.Attribute{Value: "a:b/c"})}, "duplicate 'implements' option"},
		{"implements label", []component.Def{inst, imp("a", component.Attribute{Value: "c"})}, "must be an interface name"},
		{"versionsuffix", []component.Def{inst, imp("a:b/c@0.2", component.Attribute{Kind: component.AttrVersionSuffix,
			Value: ".1-rc"})}, ""},
		{"versionsuffix on full version", []component.Def{inst, imp("a:b/c@0.2.1",
			component.Attribute{Kind: component.AttrVersionSuffix, Value: "-rc"})}, "canonical version"},
		{"start", []component.Def{inst, &component.Start{}}, "component-level values are not supported"},
	} {
		err := Component(comp(c.defs...))
		if c.err == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.err)
		}
	}
}

func tupleOf(a, b uint32) *component.Type {
	return typeOfDef(&component.ValDef{Kind: component.KindTuple, Types: []component.ValType{{Index: a}, {Index: b}}})
}

// TestBlowUp checks that types that grow exponentially, and expensive work on large ones, are rejected quickly.
func TestBlowUp(t *testing.T) {
	u8 := prim(component.PrimU8)
	double := []component.Def{typeOfDef(&component.ValDef{Kind: component.KindOption, Elem: &u8})}
	deep := []component.Def{double[0]}
	for i := range uint32(2000) {
		double = append(double, tupleOf(i, i))
		deep = append(deep, typeOfDef(&component.ValDef{Kind: component.KindOption, Elem: ref(i)}))
	}
	for _, c := range []struct {
		name, err string
		comp      *component.Component
	}{
		{"doubling tuple", "effective type size exceeds the limit", comp(double...)},
		{"deep options", "type nesting is too deep", comp(deep...)},
		{"doubling instances", "too large", doublingInstances(40)},
		{"nested components", "nested too deeply", nestedComponents(1000)},
		{"many arguments", "too large", manyArguments(20_000)},
	} {
		start := time.Now()
		err := Component(c.comp)
		if err == nil || !strings.Contains(err.Error(), c.err) {
			// Doubling exceeds one cap or the other first.
			if err == nil || !strings.Contains(err.Error(), "exceeds the limit") {
				t.Errorf("%s: got %v, want %q", c.name, err, c.err)
			}
		}
		if d := time.Since(start); d > time.Minute {
			t.Errorf("%s: took %v", c.name, d)
		}
	}
}

// doublingInstances nests components that each instantiate the previous one twice and export both instances, with a
// resource at the bottom so that every instance has its own types.
func doublingInstances(n int) *component.Component {
	defs := []component.Def{&component.NestedComponent{Component: comp(
		typeOfDef(&component.ResourceDef{Rep: i32}),
		&component.Export{Name: component.ExternName{Name: "r"}, Item: component.SortIdx{Sort: component.SortType}})}}
	for i := range uint32(n) {
		defs = append(defs, &component.NestedComponent{Component: comp(
			&component.Alias{Sort: component.SortComponent, Target: component.AliasOuter, Outer: 1, Index: i},
			&component.Instance{}, &component.Instance{},
			&component.Export{Name: component.ExternName{Name: "a"}, Item: component.SortIdx{Sort: component.SortInstance}},
			&component.Export{Name: component.ExternName{Name: "b"}, Item: component.SortIdx{Sort: component.SortInstance, Index: 1}},
		)})
	}
	return comp(defs...)
}

func nestedComponents(n int) *component.Component {
	c := comp()
	for range n {
		c = comp(&component.NestedComponent{Component: c})
	}
	return c
}

// manyArguments instantiates a module with n imports n times.
func manyArguments(n int) *component.Component {
	m := &corewasm.Module{}
	m.Mems = []corewasm.MemType{{PageSizeLog2: 16}}
	user := &corewasm.Module{}
	for i := range n {
		name := fmt.Sprint(i)
		m.Exports = append(m.Exports, corewasm.Export{Name: name, Kind: corewasm.ExternMem})
		user.Imports = append(user.Imports, corewasm.Import{Module: "m", Name: name, Kind: corewasm.ExternMem,
			Mem: corewasm.MemType{PageSizeLog2: 16}})
	}
	m.Index()
	user.Index()
	defs := []component.Def{&component.CoreModule{Module: m}, &component.CoreModule{Module: user}, &component.CoreInstance{}}
	for range n {
		defs = append(defs, &component.CoreInstance{Module: 1, Args: []component.CoreArg{{Name: "m"}}})
	}
	return comp(defs...)
}
