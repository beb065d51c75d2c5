package analyse

import (
	"fmt"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/graphtest"
)

// shim is a trampoline through slot 0 of the module's table.
func shim() *corewasm.Module {
	m := graphtest.Module([]byte{0x20, 0, 0x41, 0, 0x11, graphtest.Unary, 0})
	m.Tables = []corewasm.Table{{Type: corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: 1}}}}
	return m
}

// filling returns a module that puts a function in the table.
func filling(filler *corewasm.Module, body []byte) {
	*filler = *graphtest.Importing(graphtest.Module(body), corewasm.ExternFunc, corewasm.ExternTable)
	filler.Elems = []corewasm.Elem{{Offset: encode.I32Const(0), Funcs: []uint32{0}}}
}

// initialising is filling by a start function.
func initialising(filler *corewasm.Module, body []byte) {
	filling(filler, body)
	filler.Funcs[0] = graphtest.Nullary
	filler.Start = new(uint32)
	*filler.Start = 1
}

func TestDevirtualise(t *testing.T) {
	// The target is core 0, the shim core 1, the instance that uses it core 2, and the one that fills the table the
	// last.
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
		{"shim calls by another type", func(shim, _, _, _ *corewasm.Module) { shim.Code[0].Code[5] = graphtest.Nullary }, false},
		{"target's type is open", func(_, _, _, target *corewasm.Module) { target.Types[graphtest.Unary].Types[0].Final = false }, false},
		{"target of a larger group", func(_, _, _, target *corewasm.Module) {
			target.Types[graphtest.Unary].Types = append(target.Types[graphtest.Unary].Types, target.Types[graphtest.Nullary].Types...)
		}, false},
		{"table has an initial value", func(shim, _, _, _ *corewasm.Module) {
			x := encode.RefNull(corewasm.HeapFunc)
			shim.Tables[0].Init = &x
		}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			target, sh := graphtest.Module(nil), shim()
			user := graphtest.Importing(graphtest.Module([]byte{0x10, 0}), corewasm.ExternFunc)
			filler := graphtest.Importing(graphtest.Module(), corewasm.ExternFunc, corewasm.ExternTable)
			filler.Elems = []corewasm.Elem{{Offset: encode.I32Const(0), Funcs: []uint32{0}}}
			tc.change(sh, user, filler, target)
			g := graphtest.New()
			graphtest.AddCore(g, target)
			graphtest.AddCore(g, sh)
			graphtest.AddCore(g, user, graphtest.Func(1, 0))
			graphtest.AddCore(g, filler, graphtest.Func(0, 0), graphtest.Def(corewasm.ExternTable, 1, 0))
			now := Devirtualise(g).Cores[2].Args[0]
			if got := now == graphtest.Func(0, 0); got != tc.want {
				t.Errorf("the user calls %+v, a plain call: %v, want %v", now, got, tc.want)
			}
			if g.Cores[2].Args[0] != graphtest.Func(1, 0) {
				t.Error("the graph is changed")
			}
		})
	}
}

func TestResolve(t *testing.T) {
	for _, tc := range []struct {
		name string
		to   []uint32 // by function
		want string
	}{
		{"chain", []uint32{1, 2, 9}, "[9 9 9]"},
		{"chain from its end", []uint32{9, 0, 1}, "[9 9 9]"},
		{"circle", []uint32{1, 2, 0}, "[0 0 0]"},
		{"into a circle", []uint32{1, 2, 1}, "[1 1 1]"},
		{"itself", []uint32{0}, "[0]"},
	} {
		to, order := map[graph.CoreRef]graph.CoreRef{}, []graph.CoreRef(nil)
		for i, n := range tc.to {
			to[graphtest.Func(0, uint32(i))] = graphtest.Func(0, n)
			order = append(order, graphtest.Func(0, uint32(i)))
		}
		resolve(to, order)
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
	to, order := map[graph.CoreRef]graph.CoreRef{}, make([]graph.CoreRef, n)
	for i := range order {
		order[i] = graphtest.Func(0, uint32(i))
		to[order[i]] = graphtest.Func(0, uint32(i+1))
	}
	resolve(to, order)
	if to[order[0]] != graphtest.Func(0, n) {
		t.Errorf("%+v", to[order[0]])
	}
}
