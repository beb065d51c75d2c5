// Package graphtest builds small graphs for tests: a root instance with core modules of a few instructions.
package graphtest

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// Unary is the type index, in every module, of [i32] -> []; Nullary that of [] -> [].
const (
	Unary = iota
	Nullary
)

// New returns a graph of the host, a root called "root", and instances of the root with the given names.
func New(children ...string) *graph.Graph {
	g := &graph.Graph{Insts: []graph.Inst{graph.Outside, {Path: "root"}}}
	for _, name := range children {
		g.Insts = append(g.Insts, graph.Inst{Parent: graph.Root, Path: name})
	}
	return g
}

// Module returns a module of functions of type Unary with the given bodies, without their ends.
func Module(bodies ...[]byte) *corewasm.Module {
	group := func(params ...corewasm.ValType) corewasm.RecGroup {
		return corewasm.RecGroup{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc, Func: corewasm.FuncType{Params: params}}}}
	}
	m := &corewasm.Module{Types: []corewasm.RecGroup{group(corewasm.I32), group()}}
	for _, b := range bodies {
		m.Funcs = append(m.Funcs, Unary)
		m.Code = append(m.Code, corewasm.Body{Code: op.End.Append(b)})
	}
	return m
}

// Importing adds imports of the given kinds to a module.
func Importing(m *corewasm.Module, kinds ...corewasm.ExternKind) *corewasm.Module {
	for _, k := range kinds {
		m.Imports = append(m.Imports, corewasm.Import{Kind: k, Table: corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: 1}},
			Mem: corewasm.MemType{Limits: corewasm.Limits{Min: 1}, PageSizeLog2: 16}})
	}
	return m
}

// Def returns a reference to a definition of a core instance, Func to a function of it.
func Def(k corewasm.ExternKind, core graph.CoreID, index uint32) graph.CoreRef {
	return graph.CoreRef{Origin: graph.RefDef, Kind: k, Core: core, Index: index}
}

func Func(core graph.CoreID, index uint32) graph.CoreRef {
	return Def(corewasm.ExternFunc, core, index)
}

// AddCore appends a core instance of the root.
func AddCore(g *graph.Graph, m *corewasm.Module, args ...graph.CoreRef) graph.CoreID {
	m.Index()
	g.Cores = append(g.Cores, graph.CoreInst{Owner: graph.Root, Module: m, Args: args})
	return graph.CoreID(len(g.Cores) - 1)
}

// AddCall appends a call and returns its function.
func AddCall(g *graph.Graph, c graph.Call) graph.CoreRef {
	g.Calls = append(g.Calls, c)
	return graph.OfCall(graph.CallID(len(g.Calls) - 1))
}
