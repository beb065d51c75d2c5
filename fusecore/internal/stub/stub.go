// Package stub makes components with a given world, to link others with. Their exported functions trap, and their imports
// are unused.
package stub

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/worldtype"
)

// Component returns a component with a world, decoded as if read from a file.
func Component(w world.World) (*component.Component, error) {
	c := &component.Component{}
	s := &source{w: worldtype.New(c), abi: cabi.New(), resources: map[*ctypes.Resource]uint32{}}
	if err := s.w.Imports(w.Imports); err != nil {
		return nil, err
	}
	if err := s.w.Exports(w.Exports, s); err != nil {
		return nil, err
	}
	return decode.Component(encode.Component(c))
}

type source struct {
	w         *worldtype.Writer
	abi       *cabi.Types
	resources map[*ctypes.Resource]uint32
}

// Resource implements worldtype.Source.
func (s *source) Resource(r *ctypes.Resource) (uint32, error) {
	i, ok := s.resources[r]
	if !ok {
		i = s.w.Add(&component.Type{Def: &component.ResourceDef{Rep: corewasm.I32}})
		s.resources[r] = i
	}
	return i, nil
}

// Opaque implements worldtype.Source: core modules and components are empty.
func (s *source) Opaque(it *world.Item) (uint32, error) {
	if it.Sort == component.SortCore {
		m := &corewasm.Module{}
		m.Index()
		return s.w.Add(&component.CoreModule{Module: m}), nil
	}
	return s.w.Add(&component.NestedComponent{Component: &component.Component{}}), nil
}

// Func implements worldtype.Source: each function has its own core module.
func (s *source) Func(_ []string, it *world.Item, typ func() uint32) (uint32, error) {
	index, i32 := typ(), corewasm.I32
	unreachable := corewasm.Body{Code: []byte{0x00, 0x0b}}
	m := &corewasm.Module{
		Types: []corewasm.RecGroup{
			function(s.abi.Lifted(it.FuncType, cabi.Options{})),
			function(corewasm.FuncType{Params: []corewasm.ValType{i32, i32, i32, i32}, Results: []corewasm.ValType{i32}}),
		},
		Funcs: []uint32{0, 1},
		Mems:  []corewasm.MemType{{PageSizeLog2: 16}},
		Exports: []corewasm.Export{
			{Name: "f"}, {Name: "realloc", Index: 1}, {Name: "memory", Kind: corewasm.ExternMem},
		},
		Code: []corewasm.Body{unreachable, unreachable},
	}
	m.Index()
	inst := s.w.Add(&component.CoreInstance{Module: s.w.Add(&component.CoreModule{Module: m})})
	alias := func(sort component.CoreSort, name string) uint32 {
		return s.w.Add(&component.Alias{Sort: component.SortCore, Core: sort, Target: component.AliasCoreExport, Instance: inst, Name: name})
	}
	return s.w.Add(&component.Canon{
		Op: component.CanonLift, CoreFunc: alias(component.CoreFunc, "f"), Type: index,
		Opts: []component.CanonOpt{
			{Kind: component.OptMemory, Index: alias(component.CoreMemory, "memory")},
			{Kind: component.OptRealloc, Index: alias(component.CoreFunc, "realloc")},
		},
	}), nil
}

func function(t corewasm.FuncType) corewasm.RecGroup {
	return corewasm.RecGroup{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc, Func: t}}}
}
