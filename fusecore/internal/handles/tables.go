// Package handles emits the handle tables of component instances (CanonicalABI.md, "Table State" and "Resource State"):
// the resource built-ins, and the code with which adapters move handles from one instance to another.
//
// All tables lie in one memory of the fused module that no guest can address. A table's entries with small indices have
// a fixed place, so that the usual case is one compare of the index, one load and compare of the entry's first word and
// one load of the representation, all inline. Later entries come in chunks, each as large as all before it, that
// are allocated one after the other from the end of the memory and never move; functions shared by all tables find them.
//
//	0      16                4096
//	| zero | frames of calls | table: chunk places, first entries | table | ... | chunks and frames, as needed |
//
// A representation is what the definer passed to resource.new; for a resource type that the host defines, it is the handle
// that the surrounding component has for it.
package handles

import (
	"fmt"
	"math/bits"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// Layout of an entry. A free entry has the word 0; its representation field says where the next free index is, counted
// from the entry's own index plus one: memory that was never written is a list of all indices in order. No entry has
// index 0.
const (
	entryShift = 4
	entrySize  = 1 << entryShift

	atWord  = 0 // kind and resource type
	atLends = 4 // how many calls the handle is lent to
	atRep   = 8
	atScope = 12 // of a borrow: the frame of the call that it belongs to
)

// Kinds of entries: the low bits of an entry's word. Resource handles differ in the lowest bit only. Waitables and the
// like are kinds of the same table.
const (
	kindBits   = 3
	kindOwn    = 2
	kindBorrow = 3
)

// maxIndexBits is the width of the largest index, Table.MAX_LENGTH = 2**28 - 1.
const maxIndexBits = 28

// A table begins with the places of its chunks: word k belongs to chunk k, the indices whose highest bit is bit
// inlineBits+k-1, and holds what index*entrySize must be added to, relative to the first entry; 0 where the chunk
// does not exist.
const tableHeader = 128

// Places in the memory.
const (
	framesAt = 16
	tablesAt = 4096
	// gap keeps a chunk's relative place from being 0.
	gap = 16

	pageSize = 1 << 16
)

// hostBorrow marks the representation of a borrow that the host passed in: dropping it drops the surrounding component's
// handle too. Handles of a component are below 2**28.
const hostBorrow = -1 << 31

// Tables emits the code of all tables of a graph. Its methods that append code satisfy the adapters' interface.
type Tables struct {
	u *asm.Unit
	g *plan.Graph

	inlineBits int // log2 of the number of entries with a fixed place
	tables     map[plan.InstID]*table
	mem        asm.Sym
	end        asm.Sym // global: where the next chunk goes
	err        error
}

type table struct {
	head  asm.Sym // global: the first free index
	first int32   // address of entry 0
}

// New prepares the tables of a graph; they exist only if its handles are kept in tables.
func New(u *asm.Unit, g *plan.Graph) *Tables {
	t := &Tables{u: u, g: g, tables: map[plan.InstID]*table{}}
	users := t.users()
	if len(users) == 0 {
		return t
	}
	for t.inlineBits = 10; t.inlineBits > 4 && t.staticSize(len(users)) > pageSize; t.inlineBits-- {
	}
	t.memory()
	for _, inst := range users {
		t.table(inst)
	}
	return t
}

// Err gives the first problem that methods without a result found.
func (t *Tables) Err() error { return t.err }

func (t *Tables) fail(r *ctypes.Resource, format string, args ...any) {
	if t.err == nil {
		t.err = diag.New("resource "+r.Name, format, args...)
	}
}

// users lists the instances that can hold handles, in order.
func (t *Tables) users() []plan.InstID {
	if t.g.Handles != plan.HandlesTables {
		return nil
	}
	uses := make([]bool, len(t.g.Insts))
	use := func(i plan.InstID) {
		if i != plan.Host {
			uses[i] = true
		}
	}
	for i := range t.g.Builtins {
		if b := &t.g.Builtins[i]; !b.Dropped && b.Resource != nil {
			use(b.Inst)
		}
	}
	for i := range t.g.Calls {
		c := &t.g.Calls[i]
		if !c.Dropped && t.g.Funcs[c.Func].Type.Any(func(t *ctypes.Type) bool { return t.Kind == ctypes.Own || t.Kind == ctypes.Borrow }) {
			use(c.Caller.Inst)
			use(c.Callee.Inst)
		}
	}
	var out []plan.InstID
	for i, used := range uses {
		if used {
			out = append(out, plan.InstID(i))
		}
	}
	return out
}

func (t *Tables) inline() int32 { return 1 << t.inlineBits }

func (t *Tables) tableSize() int { return tableHeader + entrySize<<t.inlineBits }

func (t *Tables) staticSize(tables int) int { return tablesAt + tables*t.tableSize() + gap }

// memory makes the memory and the global with its end.
func (t *Tables) memory() asm.Sym {
	if t.mem.IsZero() {
		t.mem = t.u.Memory(asm.Memory{Name: "handles", Type: corewasm.MemType{PageSizeLog2: 16}})
		t.end = t.u.Global(asm.Global{Name: "handles end", Type: corewasm.I32, Mutable: true})
		t.resize()
	}
	return t.mem
}

// resize sets the memory's first size and end to what the tables so far take.
func (t *Tables) resize() {
	size := t.staticSize(len(t.tables))
	t.u.Mems[t.mem.Index].Type.Limits.Min = uint64((size + pageSize - 1) / pageSize)
	t.u.Globals[t.end.Index].Init = int64(size)
}

// table gives an instance's table; the first use places it.
func (t *Tables) table(inst plan.InstID) *table {
	if tb, ok := t.tables[inst]; ok {
		return tb
	}
	t.memory()
	tb := &table{
		first: int32(tablesAt + len(t.tables)*t.tableSize() + tableHeader),
		head: t.u.Global(asm.Global{
			Name: "handles free " + t.g.Insts[inst].Path, Type: corewasm.I32, Mutable: true, Init: 1,
		}),
	}
	t.tables[inst] = tb
	t.resize()
	return tb
}

func (t *Tables) resource(r *ctypes.Resource) *plan.Resource { return &t.g.Resources[r.ID] }

// word is the first word of an entry.
func word(r *ctypes.Resource, kind int32) int32 { return int32(uint32(r.ID)<<kindBits) | kind }

func (t *Tables) load(f *asm.Func, at int32)    { f.Mem(asm.I32Load, t.mem, 2, uint64(at)) }
func (t *Tables) load64(f *asm.Func, at int32)  { f.Mem(asm.I64Load, t.mem, 3, uint64(at)) }
func (t *Tables) store(f *asm.Func, at int32)   { f.Mem(asm.I32Store, t.mem, 2, uint64(at)) }
func (t *Tables) store64(f *asm.Func, at int32) { f.Mem(asm.I64Store, t.mem, 3, uint64(at)) }

// entry pushes the place of a handle's entry, relative to the table's first: [] -> [i32]. It traps for an index that the
// table never had room for; what is there is for the caller to check.
func (t *Tables) entry(f *asm.Func, tb *table, index asm.Local, slow asm.Sym) {
	f.LocalGet(index).I32Const(t.inline()).Op(asm.I32LtU)
	f.If(corewasm.I32)
	f.LocalGet(index).I32Const(entryShift).Op(asm.I32Shl)
	f.Else()
	f.I32Const(tb.first).LocalGet(index).Call(slow)
	f.End()
}

var placeType = corewasm.FuncType{Params: []corewasm.ValType{corewasm.I32, corewasm.I32}, Results: []corewasm.ValType{corewasm.I32}}

// chunk sets k to the address of the word for the chunk of an index, and traps for an index beyond the last.
func (t *Tables) chunk(f *asm.Func, first, index, k asm.Local) {
	f.LocalGet(index).I32Const(maxIndexBits).Op(asm.I32ShrU)
	f.TrapIf()
	f.LocalGet(first)
	f.I32Const(int32(32-t.inlineBits)).LocalGet(index).Op(asm.I32Clz, asm.I32Sub)
	f.I32Const(2).Op(asm.I32Shl, asm.I32Add)
	f.I32Const(tableHeader).Op(asm.I32Sub).LocalSet(k)
}

// find is the function [first index] -> [place] for indices without a fixed place.
func (t *Tables) find() asm.Sym {
	return t.u.Shared("handles find", placeType, func(f *asm.Func) {
		k := f.Local(corewasm.I32)
		t.chunk(f, f.Param(0), f.Param(1), k)
		f.LocalGet(k)
		t.load(f, 0)
		f.LocalTee(k).Op(asm.I32Eqz)
		f.TrapIf()
		f.LocalGet(k).LocalGet(f.Param(1)).I32Const(entryShift).Op(asm.I32Shl, asm.I32Add)
		f.Finish()
	})
}

// reserve is the function [first index] -> [place] that makes room for an index without a fixed place first. An index
// that begins a chunk is the first of the chunk to be used.
func (t *Tables) reserve() asm.Sym {
	return t.u.Shared("handles reserve", placeType, func(f *asm.Func) {
		first, index := f.Param(0), f.Param(1)
		k, size, place := f.Local(corewasm.I32), f.Local(corewasm.I32), f.Local(corewasm.I32)
		t.chunk(f, first, index, k)
		f.LocalGet(k)
		t.load(f, 0)
		f.LocalTee(place).Op(asm.I32Eqz)
		f.If()
		// The chunk begins at the index whose only bit is the highest, and has as many entries as there are before it.
		f.I32Const(-1<<31).LocalGet(index).Op(asm.I32Clz, asm.I32ShrU)
		f.I32Const(entryShift).Op(asm.I32Shl).LocalSet(size)
		f.LocalGet(size).Call(t.allocate()).LocalGet(size).Op(asm.I32Sub).LocalGet(first).Op(asm.I32Sub).LocalSet(place)
		f.LocalGet(k).LocalGet(place)
		t.store(f, 0)
		f.End()
		f.LocalGet(place).LocalGet(index).I32Const(entryShift).Op(asm.I32Shl, asm.I32Add)
		f.Finish()
	})
}

// allocate is the function [size] -> [address] that takes zeroed memory from the end, and traps when there is none.
func (t *Tables) allocate() asm.Sym {
	ft := corewasm.FuncType{Params: []corewasm.ValType{corewasm.I32}, Results: []corewasm.ValType{corewasm.I32}}
	return t.u.Shared("handles allocate", ft, func(f *asm.Func) {
		end, pages := f.Local(corewasm.I32), f.Local(corewasm.I32)
		f.GlobalGet(t.end).LocalGet(f.Param(0)).Op(asm.I32Add).LocalTee(end)
		f.GlobalGet(t.end).Op(asm.I32LtU)
		f.TrapIf()
		f.LocalGet(end).I32Const(1).Op(asm.I32Sub).I32Const(int32(bits.TrailingZeros(pageSize))).Op(asm.I32ShrU)
		f.I32Const(1).Op(asm.I32Add).LocalTee(pages)
		f.MemorySize(t.mem).Op(asm.I32GtU)
		f.If()
		f.LocalGet(pages).MemorySize(t.mem).Op(asm.I32Sub).MemoryGrow(t.mem).I32Const(-1).Op(asm.I32Eq)
		f.TrapIf()
		f.End()
		f.GlobalGet(t.end)
		f.LocalGet(end).GlobalSet(t.end)
		f.Finish()
	})
}

// add puts a handle into a table: [rep] -> [handle]. Of a borrow, scope is the frame of its call.
func (t *Tables) add(f *asm.Func, inst plan.InstID, w int32, scope func()) {
	tb := t.table(inst)
	rep := f.SetTemp(corewasm.I32)
	index, at := f.Temp(corewasm.I32), f.Temp(corewasm.I32)
	f.GlobalGet(tb.head).LocalSet(index)
	t.entry(f, tb, index, t.reserve())
	f.LocalTee(at)
	t.load(f, tb.first+atRep)
	f.LocalGet(index).Op(asm.I32Add).I32Const(1).Op(asm.I32Add).GlobalSet(tb.head)
	f.LocalGet(at).I64Const(int64(uint32(w)))
	t.store64(f, tb.first+atWord)
	f.LocalGet(at).LocalGet(rep)
	t.store(f, tb.first+atRep)
	if scope != nil {
		f.LocalGet(at)
		scope()
		t.store(f, tb.first+atScope)
	}
	f.LocalGet(index)
	f.Release(rep, index, at)
}

// remove frees the entry of an index; nothing of it may be lent.
func (t *Tables) remove(f *asm.Func, tb *table, index, at asm.Local) {
	f.LocalGet(at).I32Const(0)
	t.store(f, tb.first+atWord)
	f.LocalGet(at).GlobalGet(tb.head).LocalGet(index).Op(asm.I32Sub).I32Const(1).Op(asm.I32Sub)
	t.store(f, tb.first+atRep)
	f.LocalGet(index).GlobalSet(tb.head)
}

// lookup pushes the place of the entry of a handle, owning or borrowed, and traps if it is none of the resource type:
// [] -> [place].
func (t *Tables) lookup(f *asm.Func, tb *table, r *ctypes.Resource, handle asm.Local) {
	at := f.Temp(corewasm.I32)
	t.entry(f, tb, handle, t.find())
	f.LocalTee(at)
	t.load(f, tb.first+atWord)
	f.I32Const(kindOwn ^ kindBorrow).Op(asm.I32Or).I32Const(word(r, kindBorrow)).Op(asm.I32Ne)
	f.TrapIf()
	f.LocalGet(at)
	f.Release(at)
}

func (t *Tables) hostSym(r *ctypes.Resource, what string, lower int) (asm.Sym, bool) {
	if lower < 0 {
		t.fail(r, "the fused module does not import the %s of the surrounding component, but needs it", what)
		return asm.Sym{}, false
	}
	return asm.Sym{Kind: corewasm.ExternFunc, Origin: asm.OriginHost, Index: uint32(lower)}, true
}

func (t *Tables) name(what string, inst plan.InstID, r *ctypes.Resource) string {
	return fmt.Sprintf("%s %s %s/%d", what, t.g.Insts[inst].Path, r.Name, r.ID)
}
