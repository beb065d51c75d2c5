// This file implements dense numbers for functions, so that searches need no maps.

package analyse

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// node is the number of something that can run, or be called: a function that a core instance defines, a lowered
// function, a built-in, the functions of an instance whose references exist (RefTaken), or nothing.
type node int32

// nodes numbers what can run in a graph: nothing, calls, built-ins, component instances, then the functions of core
// instances in order.
type nodes struct {
	g                       *graph.Graph
	calls, builtins, takens node // the first of each
	cores                   []core
	n                       node // number of all
	// owner is the core instance of each block of functions.
	owner []graph.CoreID
}

// core is the numbering of a core instance's functions.
type core struct {
	first    node // number of the first function that the core instance defines
	imported uint32
	count    uint32 // functions in its index space
	imports  []node // of its imported functions
}

// block is the number of functions in an entry of nodes.owner.
const block = 64

func newNodes(g *graph.Graph) nodes {
	x := nodes{g: g, calls: 1, cores: make([]core, len(g.Cores))}
	x.builtins = x.calls + node(len(g.Calls))
	x.takens = x.builtins + node(len(g.Builtins))
	x.n = x.takens + node(len(g.Insts))
	base := x.firstBlock()
	for id := range g.Cores {
		m := g.Cores[id].Module
		x.n = (x.n + block - 1) / block * block
		c := &x.cores[id]
		c.first, c.imported, c.count = x.n, m.NumImported(corewasm.ExternFunc), m.Count(corewasm.ExternFunc)
		x.n += node(c.count - c.imported)
		for len(x.owner) < int((x.n+block-1)/block)-base {
			x.owner = append(x.owner, graph.CoreID(id))
		}
	}
	for id := range g.Cores {
		c := &x.cores[id]
		c.imports = make([]node, c.imported)
		for i := range c.imports {
			c.imports[i] = x.of(g.Func(graph.CoreID(id), uint32(i)))
		}
	}
	return x
}

// firstBlock returns the number of the first block of functions.
func (x *nodes) firstBlock() int {
	return int((x.takens + node(len(x.g.Insts)) + block - 1) / block)
}

// of returns the number of a function, or zero for nothing.
func (x *nodes) of(f graph.CoreRef) node {
	switch f.Origin {
	case graph.RefDef:
		c := &x.cores[f.Core]
		return c.first + node(f.Index-c.imported)
	case graph.RefCall:
		return x.calls + node(f.Call)
	case graph.RefBuiltin:
		return x.builtins + node(f.Builtin)
	case RefTaken:
		return x.takens + node(f.Core)
	}
	return 0
}

// ref returns the function with a number.
func (x *nodes) ref(n node) graph.CoreRef {
	switch {
	case n == 0:
		return graph.CoreRef{}
	case n < x.builtins:
		return graph.OfCall(graph.CallID(n - x.calls))
	case n < x.takens:
		return graph.OfBuiltin(graph.BuiltinID(n - x.builtins))
	case n < x.takens+node(len(x.g.Insts)):
		return takenIn(graph.InstID(n - x.takens))
	}
	id := x.owner[int(n)/block-x.firstBlock()]
	c := &x.cores[id]
	return graph.CoreRef{Origin: graph.RefDef, Kind: corewasm.ExternFunc, Core: id, Index: uint32(n-c.first) + c.imported}
}

// function returns the number of the function with an index in a core instance's index space.
func (x *nodes) function(id graph.CoreID, index uint32) (node, error) {
	c := &x.cores[id]
	switch {
	case index < c.imported:
		return c.imports[index], nil
	case index < c.count:
		return c.first + node(index-c.imported), nil
	}
	return 0, diag.New(fmt.Sprintf("function %d", index), "there is no such function: the module has %d", c.count)
}
