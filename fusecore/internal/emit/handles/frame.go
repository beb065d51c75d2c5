// This file implements the records that calls keep about handles while they run.

package handles

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// Frame is the record of a call about handles while it runs: the borrows that the callee must drop and the handles of
// the caller that are lent (CanonicalABI.md, Task.num_borrows and Subtask.lenders). If Scope and Lends are false,
// neither is observable and the call keeps no record.
type Frame struct {
	Scope, Lends bool
	// Local is an i32 that is opaque to everything but this package. It is valid if Scope or Lends is true.
	Local asm.Local
}

// Open reports whether the call keeps a record.
func (fr Frame) Open() bool { return fr.Scope || fr.Lends }

// Layout of a call's frame. Calls nest, so frames and their records form a stack. It begins in the memory's first bytes
// and continues in segments allocated like chunks. A segment ends with the address and end of the next one.
const (
	frameBorrows = 0 // number of borrows that the callee holds
	frameLent    = 4 // the last lent handle's record, or 0
	frameTop     = 8 // top and end of the stack before the frame
	frameEnd     = 12
	frameSize    = 16

	// A record of a lent handle.
	lentEntry  = 0 // address of the handle's entry
	lentBefore = 4 // the previous record, or 0
	lentSize   = 8

	segmentNext = 0 // at the segment's end: address of the next segment, or 0
	segmentEnd  = 4 // and its end
	segmentTail = 8
	segmentSize = 1 << 15
)

func (t *Tables) stack() (top, end asm.Sym) {
	global := func(name string, init int64) asm.Sym {
		return t.u.SharedSym(name, func() asm.Sym {
			return t.u.Global(asm.Global{Name: name, Type: corewasm.I32, Mutable: true, Init: init})
		})
	}
	return global("handles frame top", framesAt), global("handles frame end", tablesAt-segmentTail)
}

// push ensures that the stack's segment has room for size more bytes.
func (t *Tables) push(f *asm.Func, size int32) {
	top, end := t.stack()
	f.GlobalGet(top).I32Const(size).Op(op.I32Add).GlobalGet(end).Op(op.I32GtU)
	f.If()
	f.Call(t.nextSegment())
	f.End()
}

// nextSegment returns the function that moves the stack's top to the next segment.
func (t *Tables) nextSegment() asm.Sym {
	top, end := t.stack()
	return t.u.Helper("handles frame segment", corewasm.FuncType{}, func(f *asm.Func) {
		next := f.Local(corewasm.I32)
		f.GlobalGet(end)
		t.load(f, segmentNext)
		f.LocalTee(next).Op(op.I32Eqz)
		f.If()
		f.I32Const(segmentSize).Call(t.allocate()).LocalSet(next)
		f.GlobalGet(end).LocalGet(next)
		t.store(f, segmentNext)
		f.GlobalGet(end).LocalGet(next).I32Const(segmentSize - segmentTail).Op(op.I32Add)
		t.store(f, segmentEnd)
		f.End()
		f.LocalGet(next).GlobalSet(top)
		f.GlobalGet(end)
		t.load(f, segmentEnd)
		f.GlobalSet(end)
		f.Finish()
	})
}

// OpenFrame begins a call that keeps a record about handles: [] -> [frame].
func (t *Tables) OpenFrame(f *asm.Func) {
	top, end := t.stack()
	f.Call(t.u.Helper("handles frame open", i32s(0, 1), func(f *asm.Func) {
		oldTop, oldEnd, frame := f.Local(corewasm.I32), f.Local(corewasm.I32), f.Local(corewasm.I32)
		f.GlobalGet(top).LocalSet(oldTop)
		f.GlobalGet(end).LocalSet(oldEnd)
		t.push(f, frameSize)
		f.GlobalGet(top).LocalTee(frame).I64Const(0)
		t.store64(f, frameBorrows) // and frameLent
		f.LocalGet(frame).LocalGet(oldTop)
		t.store(f, frameTop)
		f.LocalGet(frame).LocalGet(oldEnd)
		t.store(f, frameEnd)
		f.LocalGet(frame).I32Const(frameSize).Op(op.I32Add).GlobalSet(top)
		f.LocalGet(frame)
		f.Finish()
	}))
}

// lend returns the function [table index word frame] -> [rep] that looks up a handle and counts it as lent for the
// duration of a call (CanonicalABI.md, Subtask.add_lender). Between a frame's opening and the callee's start no other
// frame opens, so records are on top.
func (t *Tables) lend() asm.Sym {
	top, _ := t.stack()
	return t.u.Helper("handles lend", i32s(4, 1), func(f *asm.Func) {
		table, frame := f.Param(0), f.Param(3)
		entry, record := f.Local(corewasm.I32), f.Local(corewasm.I32)
		f.LocalGet(table).LocalGet(f.Param(1)).Call(t.find()).LocalSet(entry)
		word := func() { f.LocalGet(f.Param(2)) }
		t.orRefuse(f, entry, word, func(other asm.Label) {
			t.any(f, found(f, table, entry), word, other)
			t.push(f, lentSize)
			f.GlobalGet(top).LocalTee(record).LocalGet(entry)
			t.store(f, lentEntry)
			f.LocalGet(record).LocalGet(frame)
			t.load(f, frameLent)
			t.store(f, lentBefore)
			f.LocalGet(frame).LocalGet(record)
			t.store(f, frameLent)
			f.LocalGet(record).I32Const(lentSize).Op(op.I32Add).GlobalSet(top)
			t.addTo(f, func() { f.LocalGet(entry) }, atLends, 1)
		})
		f.Finish()
	})
}

// CheckReturn traps if the callee still holds borrows of the call (CanonicalABI.md, Task.return_): [] -> [].
func (t *Tables) CheckReturn(f *asm.Func, fr Frame) {
	f.LocalGet(fr.Local)
	t.load(f, frameBorrows)
	f.TrapIf(trap.BorrowsLeft)
}

// CloseFrame ends a call and its lends (CanonicalABI.md, Subtask.deliver_resolve): [] -> [].
func (t *Tables) CloseFrame(f *asm.Func, fr Frame) {
	if fr.Lends {
		f.LocalGet(fr.Local).Call(t.giveBack())
	}
	top, end := t.stack()
	f.LocalGet(fr.Local)
	t.load(f, frameTop)
	f.GlobalSet(top).LocalGet(fr.Local)
	t.load(f, frameEnd)
	f.GlobalSet(end)
}

// giveBack returns the function [frame] -> [] that ends the lends of a call.
func (t *Tables) giveBack() asm.Sym {
	return t.u.Helper("handles give back", i32s(1, 0), func(f *asm.Func) {
		record, entry := f.Local(corewasm.I32), f.Local(corewasm.I32)
		f.LocalGet(f.Param(0))
		t.load(f, frameLent)
		f.LocalSet(record)
		done := f.Block()
		again := f.Loop()
		f.LocalGet(record).Op(op.I32Eqz).BrIf(done)
		f.LocalGet(record)
		t.load(f, lentEntry)
		f.LocalSet(entry)
		t.addTo(f, func() { f.LocalGet(entry) }, atLends, -1)
		f.LocalGet(record)
		t.load(f, lentBefore)
		f.LocalSet(record).Br(again)
		f.End()
		f.End()
		f.Finish()
	})
}
