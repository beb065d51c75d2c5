package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// unary is the type index, in every module of the tests, of [i32] -> []; nullary that of [] -> [].
const (
	unary = iota
	nullary
)

func newModule(bodies ...[]byte) *corewasm.Module {
	group := func(params ...corewasm.ValType) corewasm.RecGroup {
		return corewasm.RecGroup{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc, Func: corewasm.FuncType{Params: params}}}}
	}
	m := &corewasm.Module{Types: []corewasm.RecGroup{group(corewasm.I32), group()}}
	for _, b := range bodies {
		m.Funcs = append(m.Funcs, unary)
		m.Code = append(m.Code, corewasm.Body{Code: append(b, byte(op.End))})
	}
	return m
}

func importing(m *corewasm.Module, kinds ...corewasm.ExternKind) *corewasm.Module {
	for _, k := range kinds {
		m.Imports = append(m.Imports, corewasm.Import{Kind: k, Table: corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: 1}},
			Mem: corewasm.MemType{Limits: corewasm.Limits{Min: 1}, PageSizeLog2: 16}})
	}
	return m
}

func def(k corewasm.ExternKind, core CoreID, index uint32) CoreRef {
	return CoreRef{Kind: RefDef, Sort: k, Core: core, Index: index}
}

func fn(core CoreID, index uint32) CoreRef { return def(corewasm.ExternFunc, core, index) }

// addCore appends a core instance of component instance 0.
func addCore(g *Graph, m *corewasm.Module, args ...CoreRef) CoreID {
	m.Index()
	g.Cores = append(g.Cores, CoreInst{Module: m, Args: args})
	return CoreID(len(g.Cores) - 1)
}

// shim is a trampoline through slot 0 of the module's table.
func shim() *corewasm.Module {
	m := newModule([]byte{0x20, 0, 0x41, 0, 0x11, unary, 0})
	m.Tables = []corewasm.Table{{Type: corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: 1}}}}
	return m
}

// filling gives the module that fills the table a function.
func filling(filler *corewasm.Module, body []byte) {
	*filler = *importing(newModule(body), corewasm.ExternFunc, corewasm.ExternTable)
	filler.Elems = []corewasm.Elem{{Offset: encode.I32Const(0), Funcs: []uint32{0}}}
}

// initialising is filling with a start function.
func initialising(filler *corewasm.Module, body []byte) {
	filling(filler, body)
	filler.Funcs[0] = nullary
	filler.Start = new(uint32)
	*filler.Start = 1
}

func TestDevirtualise(t *testing.T) {
	// The target is core 0, the shim core 1, the instance that uses it core 2, the one that fills the table the last.
	for _, tc := range []struct {
		name   string
		change func(shim, user, filler, target *corewasm.Module)
		want   bool
	}{
		{"as tools write it", func(_, _, _, _ *corewasm.Module) {}, true},
		{"start before the table is filled", func(_, user, _, _ *corewasm.Module) { user.Start = new(uint32) }, false},
		{"filler with code", func(_, _, filler, _ *corewasm.Module) { filling(filler, nil) }, true},
		{"filler with code that writes the table", func(_, _, filler, _ *corewasm.Module) {
			filling(filler, []byte{0x41, 0, 0xd0, 0x70, 0x26, 0})
		}, false},
		{"filler with code that grows the table", func(_, _, filler, _ *corewasm.Module) {
			filling(filler, []byte{0xd0, 0x70, 0x41, 1, 0xfc, 15, 0, 0x1a})
		}, false},
		{"a start function that writes the slot", func(_, _, filler, _ *corewasm.Module) {
			initialising(filler, []byte{0x41, 0, 0xd2, 0, 0x26, 0})
			filler.Elems = nil
		}, true},
		{"a start function that clears the slot", func(_, _, filler, _ *corewasm.Module) {
			initialising(filler, []byte{0x41, 0, 0xd0, 0x70, 0x26, 0})
		}, false},
		{"a start function that can trap", func(_, _, filler, _ *corewasm.Module) {
			initialising(filler, []byte{0x41, 0, 0xd2, 0, 0x26, 0, 0x41, 1, 0xd2, 0, 0x26, 0})
		}, false},
		{"a start function that can run again", func(_, _, filler, _ *corewasm.Module) {
			initialising(filler, []byte{0x41, 0, 0xd2, 0, 0x26, 0})
			filler.Exports = []corewasm.Export{{Kind: corewasm.ExternFunc, Index: 1}}
		}, false},
		{"slot beyond the segment", func(_, _, filler, _ *corewasm.Module) { filler.Elems[0].Funcs = nil }, false},
		{"segment beyond the table", func(_, _, filler, _ *corewasm.Module) { filler.Elems[0].Offset = encode.I32Const(1) }, false},
		{"passive segment", func(_, _, filler, _ *corewasm.Module) { filler.Elems[0].Mode = corewasm.SegPassive }, false},
		{"shim does something else", func(shim, _, _, _ *corewasm.Module) { shim.Code[0].Code[1] = 1 }, false},
		{"shim calls by another type", func(shim, _, _, _ *corewasm.Module) { shim.Code[0].Code[5] = nullary }, false},
		{"target's type is open", func(_, _, _, target *corewasm.Module) { target.Types[unary].Types[0].Final = false }, false},
		{"target of a larger group", func(_, _, _, target *corewasm.Module) {
			target.Types[unary].Types = append(target.Types[unary].Types, target.Types[nullary].Types...)
		}, false},
		{"table has an initial value", func(shim, _, _, _ *corewasm.Module) {
			x := encode.RefNull(corewasm.HeapFunc)
			shim.Tables[0].Init = &x
		}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			target, sh := newModule(nil), shim()
			user := importing(newModule([]byte{0x10, 0}), corewasm.ExternFunc)
			filler := importing(newModule(), corewasm.ExternFunc, corewasm.ExternTable)
			filler.Elems = []corewasm.Elem{{Offset: encode.I32Const(0), Funcs: []uint32{0}}}
			tc.change(sh, user, filler, target)
			g := &Graph{Insts: []CompInst{{Parent: Host}}}
			addCore(g, target)
			addCore(g, sh)
			addCore(g, user, fn(1, 0))
			addCore(g, filler, fn(0, 0), def(corewasm.ExternTable, 1, 0))
			devirtualise(g, cabi.New())
			if got := g.Cores[2].Args[0] == fn(0, 0); got != tc.want {
				t.Errorf("the user calls %+v, a plain call: %v, want %v", g.Cores[2].Args[0], got, tc.want)
			}
		})
	}
}

func TestSettle(t *testing.T) {
	for _, tc := range []struct {
		name string
		to   []uint32 // of functions 0, 1, 2 ...
		want string
	}{
		{"chain", []uint32{1, 2, 9}, "[9 9 9]"},
		{"chain from its end", []uint32{9, 0, 1}, "[9 9 9]"},
		{"circle", []uint32{1, 2, 0}, "[0 0 0]"},
		{"into a circle", []uint32{1, 2, 1}, "[1 1 1]"},
		{"itself", []uint32{0}, "[0]"},
	} {
		to, order := map[CoreRef]CoreRef{}, []CoreRef(nil)
		for i, n := range tc.to {
			to[fn(0, uint32(i))] = fn(0, n)
			order = append(order, fn(0, uint32(i)))
		}
		settle(to, order)
		var got []uint32
		for _, r := range order {
			got = append(got, to[r].Index)
		}
		if fmt.Sprint(got) != tc.want {
			t.Errorf("%s: %v, want %s", tc.name, got, tc.want)
		}
	}
}

func TestLongChainsOfShimsAreLinear(t *testing.T) {
	const n = 200_000 // quadratic work would take minutes
	to, order := map[CoreRef]CoreRef{}, make([]CoreRef, n)
	for i := range order {
		order[i] = fn(0, uint32(i))
		to[order[i]] = fn(0, uint32(i+1))
	}
	settle(to, order)
	if to[order[0]] != fn(0, n) {
		t.Errorf("%+v", to[order[0]])
	}
}

func TestReach(t *testing.T) {
	call := CoreRef{Kind: RefCall, Sort: corewasm.ExternFunc}
	build := func(elem bool) *Graph {
		// 0 is imported; 1 calls it, 2 calls 1, 3 and 4 call each other, 5 calls through the table, 6 calls 5.
		m := importing(newModule([]byte{0x10, 0}, []byte{0x10, 1}, []byte{0x10, 4}, []byte{0x10, 3},
			[]byte{0x20, 0, 0x41, 0, 0x11, unary, 0}, []byte{0x10, 5}), corewasm.ExternFunc)
		m.Tables = []corewasm.Table{{Type: corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: 1}}}}
		if elem {
			m.Elems = []corewasm.Elem{{Mode: corewasm.SegDeclarative, Funcs: []uint32{2}}}
		}
		g := &Graph{Insts: []CompInst{{Parent: Host}}, Calls: make([]Call, 1)}
		addCore(g, m, call)
		return g
	}
	for _, tc := range []struct {
		elem bool
		want string // by function from 1 on
	}{
		{false, "[true true false false false false]"},
		{true, "[true true false false true true]"},
	} {
		for _, order := range [][]uint32{{1, 2, 3, 4, 5, 6}, {6, 5, 4, 3, 2, 1}} {
			r := newReach(build(tc.elem))
			got := make([]bool, 6)
			for _, f := range order {
				leaves, err := r.leaves(fn(0, f))
				if err != nil {
					t.Fatal(err)
				}
				out, err := r.walk(fn(0, f))
				if err != nil || (len(out.calls) > 0) != leaves {
					t.Errorf("function %d leaves: %v, but reaches %v (%v)", f, leaves, out.calls, err)
				}
				got[f-1] = leaves
			}
			if fmt.Sprint(got) != tc.want {
				t.Errorf("element segment: %v: %v, want %s", tc.elem, got, tc.want)
			}
		}
	}
}

func TestDropUnneeded(t *testing.T) {
	memory := func() *corewasm.Module {
		m := newModule(nil)
		m.Mems = []corewasm.MemType{{Limits: corewasm.Limits{Min: 1}, PageSizeLog2: 16}}
		return m
	}
	data := func(at int32) []corewasm.Data {
		return []corewasm.Data{{Offset: encode.I32Const(at), Bytes: []byte("x")}}
	}
	for _, tc := range []struct {
		name  string
		build func(g *Graph)
		want  string // dropped, by core instance; the first holds the exported function
	}{
		{"nothing refers to it", func(g *Graph) { addCore(g, memory()) }, "[false true]"},
		{"start", func(g *Graph) {
			m := memory()
			m.Start = new(uint32)
			m.Code[0].Code = []byte{0x10, 0, byte(op.End)}
			addCore(g, m)
		}, "[false false]"},
		{"start that does nothing", func(g *Graph) {
			m := memory()
			m.Start = new(uint32)
			addCore(g, m)
		}, "[false true]"},
		{"data in bounds", func(g *Graph) {
			m := memory()
			m.Data = data(65535)
			addCore(g, m)
		}, "[false true]"},
		{"data out of bounds traps", func(g *Graph) {
			m := memory()
			m.Data = data(65536)
			addCore(g, m)
		}, "[false false]"},
		{"data for a needed memory", func(g *Graph) {
			m := importing(newModule(), corewasm.ExternMem)
			m.Data = data(0)
			addCore(g, m, def(corewasm.ExternMem, 0, 0))
		}, "[false false]"},
		{"data for a memory that is not needed", func(g *Graph) {
			owner := addCore(g, memory())
			m := importing(newModule(), corewasm.ExternMem)
			m.Data = data(0)
			addCore(g, m, def(corewasm.ExternMem, owner, 0))
		}, "[false true true]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := &Graph{Insts: []CompInst{{Parent: Host}}, Calls: []Call{{Caller: Side{Inst: Host}, Target: fn(0, 0)}}}
			addCore(g, memory())
			tc.build(g)
			dropUnneeded(g)
			var got []bool
			for i := range g.Cores {
				got = append(got, g.Cores[i].Dropped)
			}
			if fmt.Sprint(got) != tc.want {
				t.Errorf("dropped %v, want %s", got, tc.want)
			}
		})
	}
}

func TestClasses(t *testing.T) {
	of := func(k ctypes.Kind) *ctypes.Type { return ctypes.Prims[k] }
	list := &ctypes.Type{Kind: ctypes.List, Elem: of(ctypes.U8)}
	many := &ctypes.Type{Kind: ctypes.Tuple}
	for range cabi.MaxFlatParams + 1 {
		many.Types = append(many.Types, of(ctypes.U32))
	}
	for _, tc := range []struct {
		name   string
		param  *ctypes.Type
		change func(g *Graph, c *Call)
		want   Class
		reason string
	}{
		{"plain", of(ctypes.U32), nil, ClassDirect, "nothing to guard"},
		{"float", of(ctypes.F64), nil, ClassDirect, "nothing to guard"},
		{"bool", of(ctypes.Bool), nil, ClassScalar, "normalised"},
		{"char", of(ctypes.Char), nil, ClassScalar, "normalised"},
		{"list", list, nil, ClassCopy, "memory"},
		{"too many", many, nil, ClassCopy, "memory"},
		{"string", of(ctypes.String), nil, ClassCopy, "memory"},
		{"encodings", of(ctypes.String), func(_ *Graph, c *Call) { c.Callee.Opts.Encoding = cabi.UTF16 }, ClassTranscode, "encode"},
		{"post-return", of(ctypes.U32), func(_ *Graph, c *Call) { c.Callee.Opts.PostReturn = fn(0, 0) }, ClassScalar, "post-return"},
		{"realloc that calls it", of(ctypes.U32), func(g *Graph, c *Call) {
			m := importing(newModule([]byte{0x10, 0}), corewasm.ExternFunc)
			c.Caller.Opts.Realloc = fn(addCore(g, m, CoreRef{Kind: RefCall, Sort: corewasm.ExternFunc}), 1)
			g.Cores[1].Owner = 1
		}, ClassScalar, "could reach the call"},
		{"tag", of(ctypes.U32), func(g *Graph, _ *Call) { g.Cores[0].Module.Tags = []uint32{nullary} }, ClassScalar, "exception"},
		{"tag of the caller", of(ctypes.U32), func(g *Graph, _ *Call) { g.Cores[0].Module.Tags, g.Cores[0].Owner = []uint32{nullary}, 1 },
			ClassDirect, "nothing to guard"},
		{"child", of(ctypes.U32), func(g *Graph, _ *Call) { g.Insts[2].Parent = 1 }, ClassDirect, "nothing to guard"},
		{"entered again", of(ctypes.U32), func(_ *Graph, c *Call) { c.Gate.Enter.Test = []InstID{2} }, ClassScalar, "second time"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := &Graph{Insts: []CompInst{{Parent: Host, Path: "root"}, {Path: "caller"}, {Path: "callee"}}}
			g.Funcs = []Func{{Type: &ctypes.Func{Params: []ctypes.Field{{Type: tc.param}}}, Inst: 2}}
			g.Calls = []Call{{Caller: Side{Inst: 1}, Callee: Side{Inst: 2}, Target: fn(0, 0), Export: -1, Lower: -1}}
			addCore(g, newModule(nil))
			g.Cores[0].Owner = 2
			if tc.change != nil {
				tc.change(g, &g.Calls[0])
			}
			u := asm.NewUnit()
			d := newDecider(g, u, cabi.New())
			if err := d.guards(); err != nil {
				t.Fatal(err)
			}
			if err := d.call(&g.Calls[0]); err != nil {
				t.Fatal(err)
			}
			if c := g.Calls[0]; c.Class != tc.want || !strings.Contains(c.Reason, tc.reason) {
				t.Errorf("%v because %q, want %v because of %q", c.Class, c.Reason, tc.want, tc.reason)
			}
		})
	}
}
