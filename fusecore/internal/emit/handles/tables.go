// Package handles emits the handle tables of component instances (CanonicalABI.md, "Table State" and "Resource State"):
// the resource built-ins, and the code with which adapters move handles from one instance to another.
//
// All tables are in one memory of the fused module that no guest can address. Entries with small indices have a fixed
// place, so that the usual case is one compare of the index, one load and compare of the entry's first word and one load
// of the representation, all inline. Later entries are in chunks, each as large as all before it, that are allocated one
// after the other from the end of the memory and never move; functions shared by all tables handle them. The fast path
// never resumes after calling such a function, so nothing is live across a call.
//
//	0      16                4096
//	| zero | frames of calls | table: header, first entries | table | ... | chunks and frames, as needed |
//
// A representation is the value that the implementing instance passed to resource.new. For a resource type that the host
// implements, it is the outer component's handle.
package handles

import (
	"math/bits"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/state"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/thunk"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// Layout of an entry. A free entry has the word 0, and its representation field has the next free index, relative to
// the entry's own index plus one, so that memory that was never written is a list of all indices in order. No entry has
// index 0.
const (
	entryShift = 4
	entrySize  = 1 << entryShift

	atWord  = 0 // kind and resource type
	atLends = 4 // number of calls that the handle is lent to
	atRep   = 8
	atScope = 12 // of a borrow: the frame of its call
)

// Kinds of entries: the low bits of an entry's word. Resource handles differ only in the lowest bit, which is set for
// other kinds, whose words are their kinds.
const (
	kindBits         = 3
	kindOwn          = 2
	kindBorrow       = 3
	kindWaitableSet  = 5
	kindErrorContext = 7
)

// A table begins with a header. Its word 0 is the first free index minus one. Word k belongs to chunk k, the indices
// whose highest bit is bit inlineBits+k-1, and is what must be added to index*entrySize for the entry's address, or 0
// if the chunk does not exist. There is a word for every i32, but all chunks up to the one that begins with index 2**27
// exceed the 4 GiB of the memory, so indices stay below Table.MAX_LENGTH = 2**28 - 1.
const (
	atFree      = 0
	tableHeader = 128
)

// Addresses in the memory.
const (
	framesAt = 16
	tablesAt = 4096
	pageSize = 1 << 16
	// joinedPages is the greatest size of the memory where it is a part of a single one, in pages: 8 MiB, for half a million
	// handles. Without a limit, all memories above it would have to move.
	joinedPages = 128
)

// hostBorrow marks the representation of a borrow that the host passed in: dropping it also drops the outer component's
// handle. Handles of a component are below 2**28.
const hostBorrow = -1 << 31

// Tables emits the code of all tables of a plan. Its methods that append code satisfy the adapters' interface.
type Tables struct {
	u      *asm.Unit
	p      *plan.Plan
	state  *state.State
	thunks *thunk.Thunks

	inlineBits int                    // log2 of the number of entries with a fixed place
	tables     map[graph.InstID]int32 // addresses
	mem        asm.Sym
	end        asm.Sym // global: where the next chunk goes
}

// New returns the tables of a plan with generated tables.
func New(u *asm.Unit, p *plan.Plan) *Tables {
	t := &Tables{u: u, p: p, state: state.New(u, p), thunks: thunk.New(u, p), tables: map[graph.InstID]int32{}}
	users := p.HoldsHandles()
	for t.inlineBits = 10; t.inlineBits > 4 && t.staticSize(len(users)) > pageSize; t.inlineBits-- {
	}
	for i, inst := range users {
		t.tables[inst] = int32(t.staticSize(i))
	}
	size := t.staticSize(len(users))
	limits := corewasm.Limits{Min: uint64((size + pageSize - 1) / pageSize)}
	if p.Joined {
		limits.Max, limits.HasMax = max(limits.Min, joinedPages), true
	}
	t.mem = u.Memory(asm.Memory{Name: "handles", Type: corewasm.MemType{Limits: limits, PageSizeLog2: 16}})
	t.end = u.Global(asm.Global{Name: "handles end", Type: corewasm.I32, Mutable: true, Init: int64(size)})
	return t
}

func (t *Tables) inline() int32 { return 1 << t.inlineBits }

func (t *Tables) tableSize() int { return tableHeader + entrySize<<t.inlineBits }

func (t *Tables) staticSize(tables int) int { return tablesAt + tables*t.tableSize() }

// table returns the address of an instance's table.
func (t *Tables) table(inst graph.InstID) int32 { return t.tables[inst] }

// impl returns the implementing instance of a resource type.
func (t *Tables) impl(r *ctypes.Resource) graph.InstID { return t.p.Graph.Resources[r.ID].Impl }

func (t *Tables) resource(r *ctypes.Resource) *plan.Resource { return &t.p.Resources[r.ID] }

// word returns the first word of an entry.
func word(r *ctypes.Resource, kind int32) int32 { return int32(uint32(r.ID)<<kindBits) | kind }

func (t *Tables) load(f *asm.Func, at int32)    { f.Mem(op.I32Load, t.mem, 2, uint64(at)) }
func (t *Tables) load64(f *asm.Func, at int32)  { f.Mem(op.I64Load, t.mem, 3, uint64(at)) }
func (t *Tables) store(f *asm.Func, at int32)   { f.Mem(op.I32Store, t.mem, 2, uint64(at)) }
func (t *Tables) store64(f *asm.Func, at int32) { f.Mem(op.I64Store, t.mem, 3, uint64(at)) }

// allocate returns the function [size] -> [address] that takes zeroed memory from the end, and traps if there is none.
func (t *Tables) allocate() asm.Sym {
	ft := corewasm.FuncType{Params: []corewasm.ValType{corewasm.I32}, Results: []corewasm.ValType{corewasm.I32}}
	return t.u.Helper("handles allocate", ft, func(f *asm.Func) {
		f.Outlined = true
		end, pages := f.Local(corewasm.I32), f.Local(corewasm.I32)
		f.GlobalGet(t.end).LocalGet(f.Param(0)).Op(op.I32Add).LocalTee(end)
		f.GlobalGet(t.end).Op(op.I32LtU).TrapIf(trap.TableFull)
		f.LocalGet(end).I32Const(1).Op(op.I32Sub).I32Const(int32(bits.TrailingZeros(pageSize))).Op(op.I32ShrU)
		f.I32Const(1).Op(op.I32Add).LocalTee(pages)
		f.MemorySize(t.mem).Op(op.I32GtU)
		f.If()
		f.LocalGet(pages).MemorySize(t.mem).Op(op.I32Sub).MemoryGrow(t.mem).I32Const(-1).Op(op.I32Eq).TrapIf(trap.OutOfMemory)
		f.End()
		f.GlobalGet(t.end)
		f.LocalGet(end).GlobalSet(t.end)
		f.Finish()
	})
}

// use is the key of a shared function that works on the handles of a resource type in an instance's table.
type use struct {
	what     string
	inst     graph.InstID
	resource *ctypes.Resource
	leave    bool // whether the function checks may_leave
	enter    plan.EnterID
}

// name returns a function's name for backtraces, from the type, and from the instance unless it implements the type.
func (t *Tables) name(what string, inst graph.InstID, r *ctypes.Resource) string {
	if t.impl(r) == inst {
		return what + " " + t.p.Names.Resource(r)
	}
	return what + " " + t.p.Names.Resource(r) + " " + t.p.Names.Inst(inst)
}
