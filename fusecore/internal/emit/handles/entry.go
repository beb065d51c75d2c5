// This file implements entries of handle tables.

package handles

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// spot is how code addresses a table and one of its entries: a local plus a constant each.
type spot struct {
	table    func() // pushes an address
	tableOff int32
	entry    asm.Local
	entryOff int32
}

// fixed addresses an entry with a fixed place; entry is index*entrySize.
func fixed(f *asm.Func, table int32, entry asm.Local) spot {
	return spot{table: func() { f.I32Const(0) }, tableOff: table, entry: entry, entryOff: table + tableHeader}
}

// found addresses an entry by the addresses of the table and of the entry.
func found(f *asm.Func, table, entry asm.Local) spot {
	return spot{table: func() { f.LocalGet(table) }, entry: entry}
}

// split emits one branch for an index with a fixed place, where entry is index*entrySize, and another for every other
// index, and for when the first branches to its label.
func (t *Tables) split(f *asm.Func, index, entry asm.Local, results []corewasm.ValType, fixed func(asm.Label), other func()) {
	done := f.Block(results...)
	slow := f.Block()
	f.LocalGet(index).I32Const(t.inline()).Op(op.I32GeU).BrIf(slow)
	f.LocalGet(index).I32Const(entryShift).Op(op.I32Shl).LocalSet(entry)
	fixed(slow)
	f.Br(done)
	f.End()
	other()
	f.End()
}

var oneI32 = []corewasm.ValType{corewasm.I32}

// own removes an owning handle that is not lent from a table, and branches to other if the entry is anything else: []
// -> [rep].
func (t *Tables) own(f *asm.Func, s spot, index asm.Local, word func(), other asm.Label) {
	f.LocalGet(s.entry)
	// The entry's first 8 bytes are the word and the count of lends, which is 0 if it is not lent.
	t.load64(f, s.entryOff+atWord)
	word()
	f.Op(op.I64Ne).BrIf(other)
	f.LocalGet(s.entry)
	t.load(f, s.entryOff+atRep)
	t.remove(f, s, index)
}

// remove frees an entry that is not lent.
func (t *Tables) remove(f *asm.Func, s spot, index asm.Local) {
	f.LocalGet(s.entry).I32Const(0)
	t.store(f, s.entryOff+atWord)
	f.LocalGet(s.entry)
	s.table()
	t.load(f, s.tableOff+atFree)
	f.LocalGet(index).Op(op.I32Sub)
	t.store(f, s.entryOff+atRep)
	s.table()
	f.LocalGet(index).I32Const(1).Op(op.I32Sub)
	t.store(f, s.tableOff+atFree)
}

// fill makes the first free entry, index, an entry for a handle.
func (t *Tables) fill(f *asm.Func, s spot, index, rep asm.Local, word, scope func()) {
	s.table()
	f.LocalGet(s.entry)
	t.load(f, s.entryOff+atRep)
	f.LocalGet(index).Op(op.I32Add)
	t.store(f, s.tableOff+atFree)
	f.LocalGet(s.entry)
	word()
	t.store64(f, s.entryOff+atWord)
	f.LocalGet(s.entry).LocalGet(rep)
	t.store(f, s.entryOff+atRep)
	if scope != nil {
		f.LocalGet(s.entry)
		scope()
		t.store(f, s.entryOff+atScope)
	}
}

// any pushes the representation of a handle, owning or borrowed, and branches to other if the entry does not have the
// word's type: [] -> [rep]. The word is that of a borrow.
func (t *Tables) any(f *asm.Func, s spot, word func(), other asm.Label) {
	f.LocalGet(s.entry)
	t.load(f, s.entryOff+atWord)
	f.I32Const(kindOwn ^ kindBorrow).Op(op.I32Or)
	word()
	f.Op(op.I32Ne).BrIf(other)
	f.LocalGet(s.entry)
	t.load(f, s.entryOff+atRep)
}

// orRefuse appends body, which pushes the result of the function f, an i32. If body branches to its label, f traps,
// because the entry is not the expected one, whose word is pushed by word.
func (t *Tables) orRefuse(f *asm.Func, entry asm.Local, word func(), body func(other asm.Label)) {
	other := f.Block()
	body(other)
	f.Return()
	f.End()
	f.LocalGet(entry)
	word()
	f.Call(t.refuse())
}

// refuse returns the function [entry word] -> [i32] that traps by the rule against an entry where a handle with a word
// is required. It never returns.
func (t *Tables) refuse() asm.Sym {
	return t.u.Helper("handles refuse", i32s(2, 1), func(f *asm.Func) {
		f.Outlined = true
		entry, want := f.Param(0), f.Param(1)
		f.LocalGet(entry)
		t.load(f, atWord)
		f.Op(op.I32Eqz).TrapIf(trap.UnknownHandle)
		f.LocalGet(entry)
		t.load(f, atWord)
		f.LocalGet(want).Op(op.I32Xor).I32Const(^(kindOwn ^ kindBorrow)).Op(op.I32And).TrapIf(trap.WrongHandleType)
		f.LocalGet(entry)
		t.load(f, atLends)
		f.TrapIf(trap.HandleLent)
		f.Trap(trap.NotOwned)
		f.Finish()
	})
}

func i32s(params, results int) (ft corewasm.FuncType) {
	for range params {
		ft.Params = append(ft.Params, corewasm.I32)
	}
	for range results {
		ft.Results = append(ft.Results, corewasm.I32)
	}
	return ft
}

// chunk pushes the address of the header's word for an index without a fixed place.
func (t *Tables) chunk(f *asm.Func, table, index asm.Local) {
	f.LocalGet(table)
	f.I32Const(int32(32-t.inlineBits)).LocalGet(index).Op(op.I32Clz, op.I32Sub)
	f.I32Const(2).Op(op.I32Shl, op.I32Add)
}

// find returns the function [table index] -> [entry] for every index. It traps if the table never had room for the
// index. The caller must check the entry.
func (t *Tables) find() asm.Sym {
	return t.u.Helper("handles find", i32s(2, 1), func(f *asm.Func) {
		f.Outlined = true
		table, index, place := f.Param(0), f.Param(1), f.Local(corewasm.I32)
		t.split(f, index, place, oneI32, func(asm.Label) {
			f.LocalGet(place).LocalGet(table).Op(op.I32Add).I32Const(tableHeader).Op(op.I32Add)
		}, func() {
			t.chunk(f, table, index)
			t.load(f, 0)
			f.LocalTee(place).Op(op.I32Eqz).TrapIf(trap.UnknownHandle)
			f.LocalGet(place).LocalGet(index).I32Const(entryShift).Op(op.I32Shl, op.I32Add)
		})
		f.Finish()
	})
}

// add returns the function [table rep word scope] -> [index] that adds a handle to a table.
func (t *Tables) add() asm.Sym {
	return t.u.Helper("handles add", i32s(4, 1), func(f *asm.Func) {
		f.Outlined = true
		table := f.Param(0)
		index, entry := f.Local(corewasm.I32), f.Local(corewasm.I32)
		f.LocalGet(table)
		t.load(f, atFree)
		f.I32Const(1).Op(op.I32Add).LocalTee(index)
		f.I32Const(t.inline()).Op(op.I32GeU)
		f.If()
		f.LocalGet(table).LocalGet(index).Call(t.reserve())
		f.End()
		f.LocalGet(table).LocalGet(index).Call(t.find()).LocalSet(entry)
		t.fill(f, found(f, table, entry), index, f.Param(1),
			func() { f.LocalGet(f.Param(2)).Op(op.I64ExtendI32U) }, func() { f.LocalGet(f.Param(3)) })
		f.LocalGet(index)
		f.Finish()
	})
}

// reserve returns the function [table index] -> [] that makes room for an index without a fixed place.
func (t *Tables) reserve() asm.Sym {
	return t.u.Helper("handles reserve", i32s(2, 0), func(f *asm.Func) {
		f.Outlined = true
		place, size := f.Local(corewasm.I32), f.Local(corewasm.I32)
		t.chunk(f, f.Param(0), f.Param(1))
		f.LocalTee(place)
		t.load(f, 0)
		f.If()
		f.Return()
		f.End()
		// The chunk has as many entries as there are indices before it, so it begins with the index's highest bit.
		f.I32Const(-1<<31).LocalGet(f.Param(1)).Op(op.I32Clz, op.I32ShrU)
		f.I32Const(entryShift).Op(op.I32Shl).LocalSet(size)
		f.LocalGet(place)
		f.LocalGet(size).Call(t.allocate()).LocalGet(size).Op(op.I32Sub)
		t.store(f, 0)
		f.Finish()
	})
}

// take returns the function [table index word] -> [rep] that removes an owning handle.
func (t *Tables) take() asm.Sym {
	return t.u.Helper("handles take", i32s(3, 1), func(f *asm.Func) {
		f.Outlined = true
		table, index, entry := f.Param(0), f.Param(1), f.Local(corewasm.I32)
		f.LocalGet(table).LocalGet(index).Call(t.find()).LocalSet(entry)
		word := func() { f.LocalGet(f.Param(2)) }
		t.orRefuse(f, entry, word, func(other asm.Label) {
			t.own(f, found(f, table, entry), index, func() { f.LocalGet(f.Param(2)).Op(op.I64ExtendI32U) }, other)
		})
		f.Finish()
	})
}

// look returns the function [table index word] -> [rep] that looks a handle up.
func (t *Tables) look() asm.Sym {
	return t.u.Helper("handles look", i32s(3, 1), func(f *asm.Func) {
		f.Outlined = true
		table, entry := f.Param(0), f.Local(corewasm.I32)
		f.LocalGet(table).LocalGet(f.Param(1)).Call(t.find()).LocalSet(entry)
		word := func() { f.LocalGet(f.Param(2)) }
		t.orRefuse(f, entry, word, func(other asm.Label) { t.any(f, found(f, table, entry), word, other) })
		f.Finish()
	})
}

// fast is the key of a shared function with the fast path of one operation on a table, for an entry with a word.
type fast struct {
	what        string
	table, word int32
	scoped      bool
}

// fast calls the function of an operation: [x] -> [y], or [x scope] -> [y]. Body emits it; entry is a local for it. A fast
// path takes about 90 bytes, so calls share it. The optimiser puts it in place where that is worth it.
func (t *Tables) fast(f *asm.Func, k fast, body func(f *asm.Func, x, entry asm.Local)) {
	params := 1
	if k.scoped {
		params = 2
	}
	f.Call(t.u.Shared(k, "handles fast "+k.what, i32s(params, 1), func(f *asm.Func) {
		body(f, f.Param(0), f.Local(corewasm.I32))
		f.Finish()
	}))
}

// addHandle adds a handle to a table: [rep] -> [index]. For a borrow, scope pushes the frame of its call.
func (t *Tables) addHandle(f *asm.Func, table, word int32, scope func()) {
	if scope != nil {
		scope()
	}
	t.fast(f, fast{"add", table, word, scope != nil}, func(f *asm.Func, rep, entry asm.Local) {
		index := f.Local(corewasm.I32)
		var inScope func()
		if scope != nil {
			inScope = func() { f.LocalGet(f.Param(1)) }
		}
		f.I32Const(0)
		t.load(f, table+atFree)
		f.I32Const(1).Op(op.I32Add).LocalSet(index)
		t.split(f, index, entry, oneI32, func(asm.Label) {
			t.fill(f, fixed(f, table, entry), index, rep, func() { f.I64Const(int64(uint32(word))) }, inScope)
			f.LocalGet(index)
		}, func() {
			f.I32Const(table).LocalGet(rep).I32Const(word)
			if inScope != nil {
				inScope()
			} else {
				f.I32Const(0)
			}
			f.Call(t.add())
		})
	})
}

// takeHandle removes an owning handle from a table: [index] -> [rep].
func (t *Tables) takeHandle(f *asm.Func, table int32, r *ctypes.Resource) {
	t.takeWord(f, table, word(r, kindOwn))
}

// takeWord removes an entry with a word from a table: [index] -> [rep].
func (t *Tables) takeWord(f *asm.Func, table, w int32) {
	t.fast(f, fast{"take", table, w, false}, func(f *asm.Func, index, entry asm.Local) {
		t.split(f, index, entry, oneI32,
			func(slow asm.Label) {
				t.own(f, fixed(f, table, entry), index, func() { f.I64Const(int64(uint32(w))) }, slow)
			},
			func() { f.I32Const(table).LocalGet(index).I32Const(w).Call(t.take()) })
	})
}

// lookHandle looks up a handle, owning or borrowed: [index] -> [rep].
func (t *Tables) lookHandle(f *asm.Func, table int32, r *ctypes.Resource) {
	t.lookWord(f, table, word(r, kindBorrow))
}

// lookWord looks up an entry whose word, with its lowest bit set, is w: [index] -> [rep].
func (t *Tables) lookWord(f *asm.Func, table, w int32) {
	t.fast(f, fast{"look", table, w, false}, func(f *asm.Func, index, entry asm.Local) {
		t.split(f, index, entry, oneI32,
			func(slow asm.Label) { t.any(f, fixed(f, table, entry), func() { f.I32Const(w) }, slow) },
			func() { f.I32Const(table).LocalGet(index).I32Const(w).Call(t.look()) })
	})
}
