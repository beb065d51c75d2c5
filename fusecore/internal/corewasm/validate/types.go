// This file implements the check of the type section.

package validate

import (
	"fmt"
	"sync"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/typing"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
)

// Limits that the specification's appendix on embedders allows and that engines share.
const (
	maxFixed    = limits.Fields // operands of array.new_fixed
	maxOperands = 1 << 20       // on the stack of a function; limits the memory for calls with many results
)

// types is the type section. Goroutines may share it.
type types struct {
	m     *corewasm.Module
	once  sync.Once
	canon []uint32 // see Canon
}

// Types checks the type section of a decoded module. [Module] includes it.
func Types(m *corewasm.Module) error {
	_, err := newTypes(m)
	return err
}

func newTypes(m *corewasm.Module) (*types, error) {
	ts := &types{m: m}
	return ts, ts.check()
}

// Def implements typing.Space.
func (ts *types) Def(i uint32) *corewasm.SubType { return ts.m.SubTypeAt(i) }

// Canon implements typing.Space. Only modules with references to their own types need it.
func (ts *types) Canon(i uint32) uint32 {
	ts.once.Do(func() {
		ts.canon = make([]uint32, 0, ts.m.NumTypes())
		groups := typing.NewGroups(ts.m.TypeBytes)
		number := func(i uint32) (uint32, error) { return ts.canon[i], nil }
		_ = ts.m.EachGroup(func(g corewasm.Group) error { // no index is out of range
			n, _, err := groups.Add(g, number)
			for i := range g.N {
				ts.canon = append(ts.canon, n+uint32(i))
			}
			return err
		})
	})
	return ts.canon[i]
}

// check checks the declared supertypes.
func (ts *types) check() error {
	return ts.m.EachGroup(func(g corewasm.Group) error {
		if bad, err := typing.CheckSupers(ts, g); err != nil {
			return diag.New(typeItem(g.First+uint32(bad)), "%v", err)
		}
		return nil
	})
}

func typeItem(i uint32) string { return fmt.Sprintf("type %d", i) }

// match is typing.Match with the common case inlined.
func (ts *types) match(a, b corewasm.ValType) bool { return a == b || typing.Match(ts, a, b) }

func (ts *types) matchAll(a, b []corewasm.ValType) bool { return typing.MatchAll(ts, a, b) }

// defaultable reports whether locals, fields and elements of a type have a default value.
func defaultable(t corewasm.ValType) bool { return t.Code != corewasm.CodeRef }

// unpacked returns the type of a storage type's values on the stack.
func unpacked(t corewasm.ValType) corewasm.ValType {
	if packed(t) {
		return corewasm.I32
	}
	return t
}

func packed(t corewasm.ValType) bool { return t.Code == corewasm.CodeI8 || t.Code == corewasm.CodeI16 }

func refTo(h corewasm.HeapType) corewasm.ValType {
	return corewasm.ValType{Code: corewasm.CodeRef, Heap: h}
}

func refNull(h corewasm.HeapType) corewasm.ValType {
	return corewasm.ValType{Code: corewasm.CodeRefNull, Heap: h}
}

// cast returns the reference types in the immediates of a cast.
func cast(h corewasm.HeapType, flags, nullable byte) corewasm.ValType {
	if flags&nullable != 0 {
		return refNull(h)
	}
	return refTo(h)
}

// casts returns source and target of a br_on_cast.
func casts(in *op.Instr) (from, to corewasm.ValType) {
	return cast(in.Heap, in.Flags, op.CastFromNull), cast(in.Heap2, in.Flags, op.CastToNull)
}
