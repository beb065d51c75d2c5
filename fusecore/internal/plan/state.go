package plan

import (
	"fmt"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// MayLeave is the global that holds an instance's may_leave flag: 1 or 0 (CanonicalABI.md, "Component Instance State").
func MayLeave(u *asm.Unit, inst InstID) asm.Sym {
	name := fmt.Sprintf("may_leave/%d", inst)
	return u.SharedSym(name, func() asm.Sym {
		return u.Global(asm.Global{Name: name, Type: corewasm.I32, Mutable: true, Init: 1})
	})
}

// ContextSlot is the global that holds a slot of the storage of an instance's running thread (CanonicalABI.md, canon
// context.get).
func ContextSlot(u *asm.Unit, inst InstID, slot uint32, t corewasm.ValType) asm.Sym {
	name := fmt.Sprintf("context/%d/%d", inst, slot)
	return u.SharedSym(name, func() asm.Sym {
		return u.Global(asm.Global{Name: name, Type: t, Mutable: true})
	})
}

// ContextGlobal is a context slot that an instance uses.
type ContextGlobal struct {
	Slot uint32
	Type corewasm.ValType
	Sym  asm.Sym
}

// ContextGlobals lists the context slots that an instance's built-ins use, by number.
func ContextGlobals(u *asm.Unit, g *Graph, inst InstID) []ContextGlobal {
	var out []ContextGlobal
	for i := range g.Builtins {
		b := &g.Builtins[i]
		if b.Dropped || b.Inst != inst || b.Op != component.CanonContextGet && b.Op != component.CanonContextSet {
			continue
		}
		at, found := slices.BinarySearchFunc(out, b.Slot, func(c ContextGlobal, slot uint32) int { return int(c.Slot) - int(slot) })
		if !found {
			out = slices.Insert(out, at, ContextGlobal{Slot: b.Slot, Type: b.ValType, Sym: ContextSlot(u, inst, b.Slot, b.ValType)})
		}
	}
	return out
}
