// Package typing decides equality and subtyping of core types (core specification 3.0, "Validation / Types" and
// "Validation / Matching").
//
// Types are equal by structure, and the unit of equality is the recursion group: [Groups] numbers types so that equal
// ones have the same number, whichever modules they come from. Subtyping between defined types is declared; between all
// others it follows from their structure. The functions here decide it in any [Space] of types.
package typing

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
)

// Space is an index space of core types. Type indices within its types refer to the space itself.
type Space interface {
	// Def returns the type with an index.
	Def(i uint32) *corewasm.SubType
	// Canon returns a number that a type shares with exactly the types equal to it.
	Canon(i uint32) uint32
}

// Bot is the bottom value type, the type of an operand in unreachable code. It matches every type.
var Bot = corewasm.ValType{}

// BotHeap is the bottom heap type, the type of a reference whose operand comes from unreachable code.
const BotHeap corewasm.HeapType = -1 << 40

// Match reports whether value or storage type a is a subtype of b.
func Match(s Space, a, b corewasm.ValType) bool {
	switch {
	case a == b || a == Bot:
		return true
	case !a.IsRef() || !b.IsRef():
		return false
	case a.Code == corewasm.CodeRefNull && b.Code == corewasm.CodeRef:
		return false
	}
	return matchHeap(s, a.Heap, b.Heap)
}

// MatchAll reports whether two lists of types match one by one.
func MatchAll(s Space, a, b []corewasm.ValType) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !Match(s, a[i], b[i]) {
			return false
		}
	}
	return true
}

func matchHeap(s Space, a, b corewasm.HeapType) bool {
	switch {
	case a == b || a == BotHeap:
		return true
	case a >= 0 && b >= 0:
		return MatchDef(s, uint32(a), uint32(b))
	}
	switch a {
	case corewasm.HeapNone, corewasm.HeapNoFunc, corewasm.HeapNoExtern, corewasm.HeapNoExn:
		return Top(s, a) == Top(s, b)
	case corewasm.HeapEq:
		return b == corewasm.HeapAny
	case corewasm.HeapI31, corewasm.HeapStruct, corewasm.HeapArray:
		return b == corewasm.HeapEq || b == corewasm.HeapAny
	}
	if a < 0 {
		return false
	}
	super := abstract(s.Def(uint32(a)).Kind)
	return matchHeap(s, super, b)
}

// abstract returns the abstract heap type directly above types of a kind.
func abstract(k corewasm.CompKind) corewasm.HeapType {
	switch k {
	case corewasm.CompFunc:
		return corewasm.HeapFunc
	case corewasm.CompStruct:
		return corewasm.HeapStruct
	}
	return corewasm.HeapArray
}

// MatchDef reports whether type a is type b or has it among its supertypes.
func MatchDef(s Space, a, b uint32) bool {
	for a != b && s.Canon(a) != s.Canon(b) {
		supers := s.Def(a).Supers
		if len(supers) == 0 {
			return false
		}
		a = supers[0]
	}
	return true
}

// Top returns the highest heap type of h's hierarchy.
func Top(s Space, h corewasm.HeapType) corewasm.HeapType {
	switch h {
	case corewasm.HeapFunc, corewasm.HeapNoFunc:
		return corewasm.HeapFunc
	case corewasm.HeapExtern, corewasm.HeapNoExtern:
		return corewasm.HeapExtern
	case corewasm.HeapExn, corewasm.HeapNoExn:
		return corewasm.HeapExn
	}
	if h >= 0 && s.Def(uint32(h)).Kind == corewasm.CompFunc {
		return corewasm.HeapFunc
	}
	return corewasm.HeapAny
}

// matchComp reports whether a's composite type matches b's.
func matchComp(s Space, a, b *corewasm.SubType) bool {
	if a.Kind != b.Kind {
		return false
	}
	if a.Kind == corewasm.CompFunc {
		return MatchAll(s, b.Func.Params, a.Func.Params) && MatchAll(s, a.Func.Results, b.Func.Results)
	}
	if len(a.Fields) < len(b.Fields) {
		return false
	}
	for i, want := range b.Fields {
		got := a.Fields[i]
		if got.Mutable != want.Mutable || !Match(s, got.Storage, want.Storage) || got.Mutable && !Match(s, want.Storage, got.Storage) {
			return false
		}
	}
	return true
}

// CheckSupers checks the declared supertypes of a recursion group of s ("Sub Types"). Earlier groups must have been
// checked. An error is about the type with index bad in the group.
func CheckSupers(s Space, g corewasm.Group) (bad int, err error) {
	declared := false
	for k := range g.N {
		supers := g.At(k).Supers
		if len(supers) == 0 {
			continue
		}
		declared = true
		switch {
		case len(supers) > 1:
			return k, fmt.Errorf("%d supertypes: at most one is allowed", len(supers))
		case supers[0] >= g.First+uint32(k):
			return k, fmt.Errorf("the supertype is not defined before the type")
		}
	}
	if !declared {
		return 0, nil
	}
	for k := range g.N {
		t := g.At(k)
		if len(t.Supers) == 0 {
			continue
		}
		super := s.Def(t.Supers[0])
		switch {
		case super.Final:
			return k, fmt.Errorf("the supertype is final")
		case tooDeep(s, t):
			return k, fmt.Errorf("the subtype hierarchy is too deep: at most %d levels are supported", limits.SubtypeDepth)
		case !matchComp(s, t, super):
			return k, fmt.Errorf("the definition does not match its supertype")
		}
	}
	return 0, nil
}

// tooDeep reports whether a type has more supertypes than engines accept.
func tooDeep(s Space, t *corewasm.SubType) bool {
	for range limits.SubtypeDepth {
		if t = s.Def(t.Supers[0]); len(t.Supers) == 0 {
			return false
		}
	}
	return true
}
