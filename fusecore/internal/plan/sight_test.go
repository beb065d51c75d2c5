package plan

import (
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

func TestSight(t *testing.T) {
	// Core 0 has a memory and a table, core 1 a function that uses both, core 2 a start function that makes one call, core 3
	// segments for both.
	user := fn(1, 0)
	for _, tc := range []struct {
		name string
		call func(g *Graph) CoreRef // what the start function calls
		want bool
	}{
		{"nothing of the kind", func(*Graph) CoreRef { return fn(1, 1) }, false},
		{"the function", func(*Graph) CoreRef { return user }, true},
		{"a function that calls it", func(*Graph) CoreRef { return fn(1, 2) }, true},
		{"an indirect call", func(g *Graph) CoreRef {
			g.Cores[1].Module.Exports = []corewasm.Export{{Kind: corewasm.ExternFunc, Index: 0}}
			return fn(1, 3)
		}, true},
		{"an indirect call where no reference exists", func(*Graph) CoreRef { return fn(1, 3) }, false},
		{"an adapter's target", func(g *Graph) CoreRef { return call(g, Call{Target: user}) }, true},
		{"the caller's realloc", func(g *Graph) CoreRef {
			return call(g, Call{Caller: Side{Opts: Options{Realloc: user}}})
		}, true},
		{"the callee's realloc", func(g *Graph) CoreRef {
			return call(g, Call{Callee: Side{Opts: Options{Realloc: user}}})
		}, true},
		{"the callee's post-return", func(g *Graph) CoreRef {
			return call(g, Call{Callee: Side{Opts: Options{PostReturn: user}}})
		}, true},
		{"a call between guests drops nothing", func(g *Graph) CoreRef {
			g.Resources = []Resource{{Dtor: user}}
			return call(g, Call{})
		}, false},
		{"the host drops a resource", func(g *Graph) CoreRef {
			g.Resources = []Resource{{Dtor: user}}
			return call(g, Call{Callee: Side{Inst: Host}})
		}, true},
		{"resource.drop", func(g *Graph) CoreRef {
			g.Resources = []Resource{{Dtor: user}}
			g.Builtins = []Builtin{{Op: component.CanonResourceDrop, Resource: &ctypes.Resource{}}}
			return CoreRef{Kind: RefBuiltin, Builtin: 0}
		}, true},
		{"a built-in's realloc", func(g *Graph) CoreRef {
			g.Builtins = []Builtin{{Op: component.CanonErrorContextMessage, Opts: Options{Realloc: user}}}
			return CoreRef{Kind: RefBuiltin, Builtin: 0}
		}, true},
		{"a later function", func(*Graph) CoreRef { return fn(3, 0) }, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := &Graph{Insts: []CompInst{{Parent: Host}}}
			mem, table := def(corewasm.ExternMem, 0, 0), def(corewasm.ExternTable, 0, 0)
			owner := newModule()
			owner.Mems = []corewasm.MemType{{PageSizeLog2: 16}}
			owner.Tables = []corewasm.Table{{Type: corewasm.TableType{Elem: corewasm.FuncRef}}}
			addCore(g, owner)
			use := []byte{0x3f, 0, 0x1a, 0xfc, 16, 0, 0x1a} // memory.size, table.size
			addCore(g, importing(newModule(use, nil, []byte{0x10, 0}, []byte{0x11, unary, 1}), corewasm.ExternMem, corewasm.ExternTable, corewasm.ExternTable),
				mem, table, def(corewasm.ExternTable, 1, 0))
			start := importing(newModule([]byte{0x10, 0}), corewasm.ExternFunc)
			start.Start = new(uint32)
			*start.Start = 1
			addCore(g, start, CoreRef{})
			last := addCore(g, importing(newModule(use), corewasm.ExternMem, corewasm.ExternTable), mem, table)
			g.Cores[2].Args[0] = tc.call(g)
			s := NewSight(g)
			for _, kind := range []corewasm.ExternKind{corewasm.ExternMem, corewasm.ExternTable} {
				if got, err := s.Exposed(1, kind, 0); err != nil || got {
					t.Errorf("%v before any start function: %v, %v", kind, got, err)
				}
				if got, err := s.Exposed(last, kind, 0); err != nil || got != tc.want {
					t.Errorf("%v: %v, %v; want %v", kind, got, err, tc.want)
				}
			}
		})
	}
}

func call(g *Graph, c Call) CoreRef {
	g.Calls = append(g.Calls, c)
	return CoreRef{Kind: RefCall, Sort: corewasm.ExternFunc, Call: CallID(len(g.Calls) - 1)}
}

// A start function sees no memory of a later instance, and functions that an earlier one could not call yet are followed
// when they exist.
func TestSightInOrder(t *testing.T) {
	g := &Graph{Insts: []CompInst{{Parent: Host}}}
	mem := def(corewasm.ExternMem, 0, 0)
	owner := newModule()
	owner.Mems = []corewasm.MemType{{PageSizeLog2: 16}}
	addCore(g, owner)
	indirect := func() *corewasm.Module {
		m := newModule([]byte{0x11, unary, 0})
		m.Tables = []corewasm.Table{{Type: corewasm.TableType{Elem: corewasm.FuncRef}}}
		m.Start = new(uint32)
		return m
	}
	addCore(g, indirect()) // 1
	user := importing(newModule([]byte{0x3f, 0, 0x1a}), corewasm.ExternMem)
	user.Exports = []corewasm.Export{{Kind: corewasm.ExternFunc, Index: 0}}
	addCore(g, user, mem)                                       // 2
	addCore(g, importing(newModule(), corewasm.ExternMem), mem) // 3
	addCore(g, indirect())                                      // 4
	addCore(g, importing(newModule(), corewasm.ExternMem), mem) // 5
	s := NewSight(g)
	for id, want := range map[CoreID]bool{3: false, 5: true} {
		if got, err := s.Exposed(id, corewasm.ExternMem, 0); err != nil || got != want {
			t.Errorf("before %d: %v, %v; want %v", id, got, err, want)
		}
	}
}
