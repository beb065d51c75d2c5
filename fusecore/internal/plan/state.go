package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// Keys of the globals.
type (
	mayLeave    InstID
	contextSlot struct {
		inst InstID
		slot uint32
	}
)

// MayLeave is the global that holds an instance's may_leave flag: 1 or 0 (CanonicalABI.md, "Component Instance State").
func MayLeave(u *asm.Unit, inst InstID) asm.Sym {
	return u.SharedSym(mayLeave(inst), func() asm.Sym {
		return u.Global(asm.Global{Name: fmt.Sprintf("may_leave/%d", inst), Type: corewasm.I32, Mutable: true, Init: 1})
	})
}

// TrapUnlessMayLeave appends the check that every way out of an instance begins with: "trap_if(not inst.may_leave)".
func TrapUnlessMayLeave(u *asm.Unit, f *asm.Func, inst InstID) {
	f.GlobalGet(MayLeave(u, inst)).Op(op.I32Eqz).TrapIf(trap.CannotLeave)
}

// ContextSlot is the global that holds a slot of the storage of an instance's running thread (CanonicalABI.md, canon
// context.get).
func ContextSlot(u *asm.Unit, inst InstID, slot uint32, t corewasm.ValType) asm.Sym {
	return u.SharedSym(contextSlot{inst, slot}, func() asm.Sym {
		return u.Global(asm.Global{Name: fmt.Sprintf("context/%d/%d", inst, slot), Type: t, Mutable: true})
	})
}

// ContextGlobal is a context slot that an instance uses.
type ContextGlobal struct {
	Slot uint32
	Type corewasm.ValType
	Sym  asm.Sym
}

// Contexts are the context slots that instances use.
type Contexts struct {
	u     *asm.Unit
	slots map[InstID]map[uint32]corewasm.ValType
	of    map[InstID][]ContextGlobal
}

// NewContexts finds the context slots that the built-ins of a graph use.
func NewContexts(u *asm.Unit, g *Graph) *Contexts {
	c := &Contexts{u: u, slots: map[InstID]map[uint32]corewasm.ValType{}, of: map[InstID][]ContextGlobal{}}
	for i := range g.Builtins {
		b := &g.Builtins[i]
		if b.Dropped || b.Op != component.CanonContextGet && b.Op != component.CanonContextSet {
			continue
		}
		if c.slots[b.Inst] == nil {
			c.slots[b.Inst] = map[uint32]corewasm.ValType{}
		}
		c.slots[b.Inst][b.Slot] = b.ValType
	}
	return c
}

// Of lists the context slots of an instance, by number.
func (c *Contexts) Of(inst InstID) []ContextGlobal {
	used := c.slots[inst]
	if len(used) > 0 && c.of[inst] == nil {
		for _, n := range slices.Sorted(maps.Keys(used)) {
			c.of[inst] = append(c.of[inst], ContextGlobal{Slot: n, Type: used[n], Sym: ContextSlot(c.u, inst, n, used[n])})
		}
	}
	return c.of[inst]
}
