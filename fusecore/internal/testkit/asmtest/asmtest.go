// Package asmtest links a unit of generated code into a module of its own, without the merging of a whole graph: what the
// unit takes from guests or the host is imported or defined as the test says, and everything in the module is exported, so
// that a test can run any generated function and look at any generated memory or global.
//
//	u := asm.NewUnit()
//	f := u.Func("twice", i32ToI32)
//	...
//	wasm := asmtest.Module(u, asmtest.Imports{})      // (module (func $twice (export "twice") ...))
package asmtest

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// Imports says what the symbols that a unit does not define resolve to, and what else is exported.
type Imports struct {
	// Funcs become imports of the module, in this order.
	Funcs []Func
	// Mems become memories of the module, before those of the unit, in this order.
	Mems []Mem
	// Exports are additional names for items of the unit.
	Exports map[string]asm.Sym
}

// Func is a function that the module imports.
type Func struct {
	Sym          asm.Sym
	Module, Name string
	Type         corewasm.FuncType
}

// Mem is the memory of a guest.
type Mem struct {
	Sym  asm.Sym
	Name string // of its export
	Type corewasm.MemType
}

// Tag is the tag in every module, for exceptions without values.
var Tag = asm.Sym{Kind: corewasm.ExternTag, Origin: asm.OriginSynth}

// linker implements asm.Resolver.
type linker struct {
	u       *asm.Unit
	types   []corewasm.FuncType
	outside map[asm.Sym]uint32 // indices of the items that the unit does not define
	before  map[corewasm.ExternKind]uint32
}

func (l *linker) Sym(s asm.Sym) uint32 {
	if p, ok := l.u.Provided[s]; ok {
		s = p
	}
	if s.Origin == asm.OriginSynth {
		return l.before[s.Kind] + s.Index
	}
	i, ok := l.outside[s]
	if !ok {
		panic(fmt.Sprintf("asmtest: %v is not defined", s))
	}
	return i
}

func (l *linker) FuncType(t corewasm.FuncType) uint32 {
	i := slices.IndexFunc(l.types, t.Equal)
	if i < 0 {
		i = len(l.types)
		l.types = append(l.types, t)
	}
	return uint32(i)
}

// Module returns a module of the unit, with the tag Tag. If two items of a kind have the same name, it exports the
// first; names in Exports take precedence.
func Module(u *asm.Unit, im Imports) []byte { return encode.Module(link(u, im)) }

func link(u *asm.Unit, im Imports) *corewasm.Module {
	l := &linker{u: u, outside: map[asm.Sym]uint32{}, before: map[corewasm.ExternKind]uint32{
		corewasm.ExternFunc: uint32(len(im.Funcs)), corewasm.ExternMem: uint32(len(im.Mems))}}
	m := &corewasm.Module{Tags: []uint32{l.FuncType(corewasm.FuncType{})}}
	exported := map[string]bool{}
	export := func(name string, kind corewasm.ExternKind, index int) {
		if !exported[name] {
			exported[name] = true
			m.Exports = append(m.Exports, corewasm.Export{Name: name, Kind: kind, Index: uint32(index)})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(im.Exports)) {
		s := im.Exports[name]
		export(name, s.Kind, int(l.Sym(s)))
	}
	for i, f := range im.Funcs {
		l.outside[f.Sym] = uint32(i)
		m.Imports = append(m.Imports, corewasm.Import{Module: f.Module, Name: f.Name, Kind: corewasm.ExternFunc, Func: l.FuncType(f.Type)})
		m.Names.SetFunc(uint32(i), f.Name)
	}
	for i, mem := range im.Mems {
		l.outside[mem.Sym] = uint32(i)
		m.Mems = append(m.Mems, mem.Type)
		export(mem.Name, corewasm.ExternMem, i)
	}
	for _, mem := range u.Mems {
		export(mem.Name, corewasm.ExternMem, len(m.Mems))
		m.Mems = append(m.Mems, mem.Type)
	}
	for i, g := range u.Globals {
		init := encode.I32Const(int32(g.Init))
		if g.Type == corewasm.I64 {
			init = encode.I64Const(g.Init)
		}
		m.Globals = append(m.Globals, corewasm.Global{Type: corewasm.GlobalType{Type: g.Type, Mutable: g.Mutable}, Init: init})
		export(g.Name, corewasm.ExternGlobal, i)
	}
	for i, f := range u.Funcs {
		m.Names.SetFunc(uint32(len(im.Funcs)+i), f.Name)
		m.Funcs = append(m.Funcs, l.FuncType(f.Type))
		m.Code = append(m.Code, f.Encode(l))
		export(f.Name, corewasm.ExternFunc, len(im.Funcs)+i)
	}
	for _, t := range l.types {
		m.Types = append(m.Types, corewasm.RecGroup{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc, Func: t}}})
	}
	m.Index()
	return m
}

// Start instantiates a module in a new engine, without a time limit, until the test ends. imports are by "module#name".
func Start(t testing.TB, module []byte, imports map[string]wasmtime.CoreFunc) *wasmtime.CoreInstance {
	t.Helper()
	e := wasmtime.New(wasmtime.Options{Timeout: -1})
	t.Cleanup(e.Close)
	in, err := e.LoadCore(module, imports)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(in.Close)
	return in
}
