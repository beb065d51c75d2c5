// Package asm is the assembler of generated code: functions, globals, memories and tables that do not have their final
// indices yet. Every index into a module's index spaces is a symbol. Merging assigns numbers to symbols and encodes the
// code (see [Func.Encode]).
package asm

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// Origin is the meaning of a symbol's Index.
type Origin uint8

const (
	// OriginNone is that of the zero symbol, which names nothing.
	OriginNone Origin = iota
	// OriginGuest is a definition in a guest's core instance: Owner is the core instance, Index the item's index in its
	// module's index space. It never names an import.
	OriginGuest
	// OriginCall is the function behind a call of the graph; Index is the call. Unit.Provided resolves it.
	OriginCall
	// OriginBuiltin is the function of a canonical built-in of the graph; Index is the built-in. Unit.Provided resolves
	// it.
	OriginBuiltin
	// OriginHost is a function that the fused module imports; Index is an import of the plan's boundary.
	OriginHost
	// OriginSynth is a generated item of the unit; Index is its index there.
	OriginSynth
)

// Sym names an item of a core index space of the fused module before it has an index. It is comparable.
type Sym struct {
	Kind   corewasm.ExternKind
	Origin Origin
	Owner  int32
	Index  uint32
}

// IsZero reports whether s names nothing.
func (s Sym) IsZero() bool { return s.Origin == OriginNone }

// String returns the symbol for messages.
func (s Sym) String() string {
	return fmt.Sprintf("%v %d/%d/%d", s.Kind, s.Origin, s.Owner, s.Index)
}

// Global is a generated global with a constant initial value.
type Global struct {
	Name    string
	Type    corewasm.ValType
	Mutable bool
	Init    int64 // i32 and i64 globals; others start at zero or null
}

// Memory is a generated memory, which no guest can address.
type Memory struct {
	Name string
	Type corewasm.MemType
}

// Unit is the generated part of the fused module. Its slices only grow, and their order, the order of creation,
// determines the output's order.
type Unit struct {
	Funcs   []*Func
	Globals []Global
	Mems    []Memory
	// Provided has the item for a symbol of OriginCall or OriginBuiltin, generated or not.
	Provided map[Sym]Sym

	once map[any]Sym
}

// NewUnit returns an empty unit.
func NewUnit() *Unit { return &Unit{Provided: map[Sym]Sym{}, once: map[any]Sym{}} }

// Func adds a function with a name (for the name section) and a type, and returns its assembler.
func (u *Unit) Func(name string, t corewasm.FuncType) *Func {
	f := &Func{Name: name, Type: t, unit: u, sym: Sym{Kind: corewasm.ExternFunc, Origin: OriginSynth, Index: uint32(len(u.Funcs))}}
	u.Funcs = append(u.Funcs, f)
	return f
}

// Shared returns the function with a key. The first use creates it, by running build on a new function with a name. The
// key is a comparable value, of a type in the package that creates the function, and contains everything that build
// depends on. Build may use other shared functions, and its own.
func (u *Unit) Shared(key any, name string, t corewasm.FuncType, build func(*Func)) Sym {
	if s, ok := u.once[key]; ok {
		return s
	}
	f := u.Func(name, t)
	u.once[key] = f.sym
	build(f)
	return f.sym
}

// Helper is [Unit.Shared] for a function that is unique in the unit: its name is its key.
func (u *Unit) Helper(name string, t corewasm.FuncType, build func(*Func)) Sym {
	return u.Shared(name, name, t, build)
}

// SharedSym returns the item with a key. The first use creates it. Keys are as for [Unit.Shared].
func (u *Unit) SharedSym(key any, make func() Sym) Sym {
	if s, ok := u.once[key]; ok {
		return s
	}
	s := make()
	u.once[key] = s
	return s
}

// Provide sets the item for s to f.
func (u *Unit) Provide(s Sym, f *Func) { u.Provided[s] = f.sym }

// Global adds a global.
func (u *Unit) Global(g Global) Sym {
	u.Globals = append(u.Globals, g)
	return Sym{Kind: corewasm.ExternGlobal, Origin: OriginSynth, Index: uint32(len(u.Globals) - 1)}
}

// Memory adds a memory.
func (u *Unit) Memory(m Memory) Sym {
	u.Mems = append(u.Mems, m)
	return Sym{Kind: corewasm.ExternMem, Origin: OriginSynth, Index: uint32(len(u.Mems) - 1)}
}
