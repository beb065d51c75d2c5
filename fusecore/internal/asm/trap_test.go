package asm

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// positions resolves a synthetic symbol to its index in the unit.
type positions struct{}

func (positions) Sym(s Sym) uint32                  { return s.Index }
func (positions) FuncType(corewasm.FuncType) uint32 { return 0 }

// TestTraps checks that a single check of a rule calls the rule's function in place, and several branch to one call
// after the body.
func TestTraps(t *testing.T) {
	u := NewUnit()
	f := u.Func("checks", corewasm.FuncType{Params: []corewasm.ValType{corewasm.I32}, Results: []corewasm.ValType{corewasm.I32}})
	x := f.Param(0)
	check := func(r trap.Rule) { f.LocalGet(x).TrapIf(r) }
	check(trap.InvalidChar)
	check(trap.ListTooLong)
	f.LocalGet(x)
	f.If()
	check(trap.InvalidChar)
	f.Call(f.Sym()) // an index directly before a trap
	check(trap.UnknownHandle)
	f.Trap(trap.InvalidChar)
	f.End()
	f.LocalGet(x)
	f.Finish()
	want := []byte{
		0x02, 0x40, // block
		0x20, 0, 0x0d, 0, // br_if
		0x20, 0, 0x04, 0x40, 0x10, 2, 0x00, 0x0b, // if, call, unreachable, end
		0x20, 0, 0x04, 0x40, // if
		0x20, 0, 0x0d, 1, // br_if
		0x10, 0, // call
		0x20, 0, 0x04, 0x40, 0x10, 3, 0x00, 0x0b,
		0x0c, 1, // br
		0x0b, // end
		0x20, 0,
		0x0f,                // return
		0x0b, 0x10, 1, 0x00, // end, call, unreachable
		0x0b, // end
	}
	if d := cmp.Diff(want, f.Encode(positions{}).Code); d != "" {
		t.Errorf("code (-want +got):\n%s", d)
	}
	var names []string
	for _, f := range u.Funcs {
		names = append(names, f.Name)
	}
	if d := cmp.Diff([]string{"checks", "trap: invalid char", "trap: list too long", "trap: unknown handle index"}, names); d != "" {
		t.Errorf("functions (-want +got):\n%s", d)
	}
	var visited []Sym
	f.Syms(func(s Sym) { visited = append(visited, s) }, func(corewasm.FuncType) {})
	if len(visited) != 6 {
		t.Errorf("the code refers to %v", visited)
	}
}

// TestTee checks that a local.set and a local.get of the same local become a local.tee only without code in between, be it a
// trap that has no instructions yet.
func TestTee(t *testing.T) {
	u := NewUnit()
	f := u.Func("tee", corewasm.FuncType{Params: []corewasm.ValType{corewasm.I32, corewasm.I32}})
	x, y := f.Param(0), f.Param(1)
	f.LocalGet(y).LocalSet(x).LocalGet(x).LocalSet(y)
	f.Trap(trap.InvalidChar)
	f.LocalGet(y).LocalSet(x)
	f.Block()
	f.LocalGet(x).LocalSet(y).LocalGet(x).LocalSet(x)
	f.End()
	f.Finish()
	want := []byte{
		0x20, 1, 0x22, 0, 0x21, 1, // local.tee
		0x10, 1, 0x00, // call, unreachable
		0x20, 1, 0x21, 0, 0x02, 0x40, 0x20, 0, 0x21, 1, 0x20, 0, 0x21, 0,
		0x0b, 0x0b,
	}
	if d := cmp.Diff(want, f.Encode(positions{}).Code); d != "" {
		t.Errorf("code (-want +got):\n%s", d)
	}
}
