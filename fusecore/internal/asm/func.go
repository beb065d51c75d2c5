// This file implements functions and their instructions.

package asm

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// Local is a parameter or local variable of a function.
type Local uint32

// Label is an enclosing block, identified by the number of blocks that were open when it was opened.
type Label int

// Func assembles one function. Its methods append instructions; operands are pushed in the order of the specification.
// Misuse, such as an unclosed block or a leaked temporary, is a bug in the generator and panics.
type Func struct {
	Name string
	Type corewasm.FuncType
	// Outlined says that the function is one of its own on purpose, not to be inlined: see draft.Source.
	Outlined bool

	unit   *Unit
	sym    Sym
	locals []corewasm.ValType // in addition to the parameters
	free   map[corewasm.ValType][]Local
	lent   int
	code   []byte
	relocs []reloc
	traps  []trapSite
	depth  int
	set    set
	done   bool
}

// set is the last local.set of a function.
type set struct {
	local    Local
	pos, end int // of the instruction
}

type relocKind uint8

const (
	relocSym    relocKind = iota // index of sym
	relocBlock                   // ft as a block type (signed)
	relocMemarg                  // memarg of sym with align and offset
)

type reloc struct {
	pos    int
	kind   relocKind
	sym    Sym
	ft     corewasm.FuncType
	align  uint32
	offset uint64
}

// Sym returns the function's symbol.
func (f *Func) Sym() Sym { return f.sym }

// Param returns the i-th parameter.
func (f *Func) Param(i int) Local { return Local(i) }

// Size estimates the number of code bytes so far, for outlining budgets.
func (f *Func) Size() int { return len(f.code) + trapSize*len(f.traps) }

// Local adds a local variable that is never released. It is zero at the function's entry.
func (f *Func) Local(t corewasm.ValType) Local {
	f.locals = append(f.locals, t)
	return Local(len(f.Type.Params) + len(f.locals) - 1)
}

// Temp returns a temporary local of a type with an undefined value. The caller must Release it.
func (f *Func) Temp(t corewasm.ValType) Local {
	f.lent++
	if l := f.free[t]; len(l) > 0 {
		f.free[t] = l[:len(l)-1]
		return l[len(l)-1]
	}
	return f.Local(t)
}

// Release releases a local returned by Temp.
func (f *Func) Release(ls ...Local) {
	for _, l := range ls {
		if f.free == nil {
			f.free = map[corewasm.ValType][]Local{}
		}
		t := f.locals[int(l)-len(f.Type.Params)]
		f.free[t] = append(f.free[t], l)
		f.lent--
	}
}

// SetTemp stores the top of the stack in a temporary local of a type, and returns it. The caller must Release it.
func (f *Func) SetTemp(t corewasm.ValType) Local {
	l := f.Temp(t)
	f.LocalSet(l)
	return l
}

// Op appends instructions without immediates that neither open nor close a block. It rejects unreachable, because traps
// have rules; see Trap.
func (f *Func) Op(ops ...op.Op) *Func {
	for _, o := range ops {
		if in := o.Get(); in == nil || in.Imm != op.None || o == op.Unreachable || o == op.Else || o == op.End {
			panic("asm: " + f.Name + ": " + o.String() + " is not a plain instruction")
		}
		f.code = o.Append(f.code)
	}
	return f
}

// Shuffle appends i8x16.shuffle.
func (f *Func) Shuffle(lanes [16]byte) *Func {
	f.code = append(op.I8x16Shuffle.Append(f.code), lanes[:]...)
	return f
}

// I32Const pushes a constant.
func (f *Func) I32Const(v int32) *Func {
	f.code = leb128.AppendS64(op.I32Const.Append(f.code), int64(v))
	return f
}

// I64Const pushes a constant.
func (f *Func) I64Const(v int64) *Func {
	f.code = leb128.AppendS64(op.I64Const.Append(f.code), v)
	return f
}

// F32Const pushes a constant.
func (f *Func) F32Const(v float32) *Func {
	f.code = binary.LittleEndian.AppendUint32(op.F32Const.Append(f.code), math.Float32bits(v))
	return f
}

// F64Const pushes a constant.
func (f *Func) F64Const(v float64) *Func {
	f.code = binary.LittleEndian.AppendUint64(op.F64Const.Append(f.code), math.Float64bits(v))
	return f
}

// V128Const pushes a constant of 16 bytes.
func (f *Func) V128Const(b [16]byte) *Func {
	f.code = append(op.V128Const.Append(f.code), b[:]...)
	return f
}

// Zero pushes the zero of a number type.
func (f *Func) Zero(t corewasm.ValType) *Func {
	switch t {
	case corewasm.I32:
		return f.I32Const(0)
	case corewasm.I64:
		return f.I64Const(0)
	case corewasm.F32:
		return f.F32Const(0)
	case corewasm.F64:
		return f.F64Const(0)
	}
	panic("asm: " + f.Name + ": no zero of type " + t.String())
}

func (f *Func) local(o op.Op, l Local) *Func {
	f.code = o.Append(f.code, uint32(l))
	return f
}

// LocalGet pushes a local. Directly after its LocalSet, both become a local.tee.
func (f *Func) LocalGet(l Local) *Func {
	if f.set.local == l && f.set.end == len(f.code) && f.set.end > 0 && !f.trapsHere() {
		f.code = f.code[:f.set.pos]
		f.set = set{}
		return f.LocalTee(l)
	}
	return f.local(op.LocalGet, l)
}

// trapsHere reports whether the code so far ends with a trap, whose instructions are not there yet.
func (f *Func) trapsHere() bool {
	return len(f.traps) > 0 && f.traps[len(f.traps)-1].pos == len(f.code)
}

// LocalSet pops into a local.
func (f *Func) LocalSet(l Local) *Func {
	pos := len(f.code)
	f.local(op.LocalSet, l)
	f.set = set{l, pos, len(f.code)}
	return f
}

// LocalTee copies the top of the stack into a local.
func (f *Func) LocalTee(l Local) *Func { return f.local(op.LocalTee, l) }

func (f *Func) symOp(o op.Op, s Sym, kind corewasm.ExternKind) *Func {
	if s.Kind != kind || s.IsZero() {
		panic(fmt.Sprintf("asm: %s: %v needs a %v, not %v", f.Name, o, kind, s))
	}
	f.code = o.Append(f.code)
	return f.ref(s)
}

func (f *Func) ref(s Sym) *Func {
	f.relocs = append(f.relocs, reloc{pos: len(f.code), kind: relocSym, sym: s})
	return f
}

// GlobalGet pushes a global.
func (f *Func) GlobalGet(s Sym) *Func { return f.symOp(op.GlobalGet, s, corewasm.ExternGlobal) }

// GlobalSet pops into a global.
func (f *Func) GlobalSet(s Sym) *Func { return f.symOp(op.GlobalSet, s, corewasm.ExternGlobal) }

// Call calls a function.
func (f *Func) Call(s Sym) *Func { return f.symOp(op.Call, s, corewasm.ExternFunc) }

// Forward calls a function with the parameters of this one.
func (f *Func) Forward(s Sym) *Func {
	for i := range f.Type.Params {
		f.LocalGet(f.Param(i))
	}
	return f.Call(s)
}

// Throw throws an exception of a tag.
func (f *Func) Throw(tag Sym) *Func { return f.symOp(op.Throw, tag, corewasm.ExternTag) }

// Mem appends a load or store of a whole value. align is the log2 of the access's alignment.
func (f *Func) Mem(o op.Op, mem Sym, align uint32, offset uint64) *Func {
	f.code = o.Append(f.code)
	f.relocs = append(f.relocs, reloc{pos: len(f.code), kind: relocMemarg, sym: mem, align: align, offset: offset})
	return f
}

// MemorySize pushes a memory's size in pages.
func (f *Func) MemorySize(mem Sym) *Func { return f.symOp(op.MemorySize, mem, corewasm.ExternMem) }

// MemoryGrow grows a memory by the popped number of pages.
func (f *Func) MemoryGrow(mem Sym) *Func { return f.symOp(op.MemoryGrow, mem, corewasm.ExternMem) }

// MemoryCopy copies between memories: [dst src len].
func (f *Func) MemoryCopy(dst, src Sym) *Func {
	return f.symOp(op.MemoryCopy, dst, corewasm.ExternMem).ref(src)
}

// Block opens a block with results and returns its label.
func (f *Func) Block(results ...corewasm.ValType) Label { return f.open(op.Block, nil, results) }

// Loop opens a loop with results.
func (f *Func) Loop(results ...corewasm.ValType) Label { return f.open(op.Loop, nil, results) }

// If opens an if with results.
func (f *Func) If(results ...corewasm.ValType) Label { return f.open(op.If, nil, results) }

func (f *Func) open(o op.Op, params, results []corewasm.ValType) Label {
	f.code = o.Append(f.code)
	f.blockType(params, results)
	f.depth++
	return Label(f.depth)
}

func (f *Func) blockType(params, results []corewasm.ValType) {
	switch {
	case len(params) == 0 && len(results) == 0:
		f.code = append(f.code, op.EmptyBlock)
	case len(params) == 0 && len(results) == 1 && !results[0].IsRef():
		f.code = append(f.code, results[0].Code)
	default:
		f.relocs = append(f.relocs, reloc{pos: len(f.code), kind: relocBlock, ft: corewasm.FuncType{Params: params, Results: results}})
	}
}

// TryCatchAll opens a try_table whose only handler is catch_all to an enclosing block without results.
func (f *Func) TryCatchAll(to Label, results ...corewasm.ValType) Label {
	f.code = op.TryTableOp.Append(f.code)
	f.blockType(nil, results)
	// The labels of handlers are relative to the outside of the try_table.
	f.code = leb128.AppendU32(append(f.code, 1, op.CatchAll), uint32(f.depth-int(to)))
	f.depth++
	return Label(f.depth)
}

// Else begins the other branch of the innermost if.
func (f *Func) Else() *Func {
	f.code = op.Else.Append(f.code)
	return f
}

// End closes the innermost block.
func (f *Func) End() *Func {
	if f.depth--; f.depth < 0 {
		panic("asm: " + f.Name + ": end without a block")
	}
	f.code = op.End.Append(f.code)
	return f
}

func (f *Func) rel(l Label) uint32 {
	if int(l) > f.depth || l < 1 {
		panic("asm: " + f.Name + ": branch to a block that is not open")
	}
	return uint32(f.depth - int(l))
}

// Br branches to an open block.
func (f *Func) Br(l Label) *Func {
	f.code = op.Br.Append(f.code, f.rel(l))
	return f
}

// BrIf branches to an open block if the popped i32 is not zero.
func (f *Func) BrIf(l Label) *Func {
	f.code = op.BrIf.Append(f.code, f.rel(l))
	return f
}

// BrTable branches by the popped i32; last is the default.
func (f *Func) BrTable(ls []Label, last Label) *Func {
	f.code = op.BrTable.Append(f.code, uint32(len(ls)))
	for _, l := range ls {
		f.code = leb128.AppendU32(f.code, f.rel(l))
	}
	f.code = leb128.AppendU32(f.code, f.rel(last))
	return f
}

// Return returns from the function.
func (f *Func) Return() *Func { return f.Op(op.Return) }

// Finish ends the body. Every block must be closed and every temporary released.
func (f *Func) Finish() {
	if f.depth != 0 || f.lent != 0 || f.done {
		panic(fmt.Sprintf("asm: %s: finished with %d open blocks and %d temporaries (done: %v)", f.Name, f.depth, f.lent, f.done))
	}
	f.code = op.End.Append(f.code)
	f.done = true
}

// Resolver maps symbols and function types to their final indices.
type Resolver interface {
	Sym(Sym) uint32
	FuncType(corewasm.FuncType) uint32
}

// Encode returns the finished function's body with final indices.
func (f *Func) Encode(r Resolver) corewasm.Body {
	if !f.done {
		panic("asm: " + f.Name + ": encoded before it is finished")
	}
	var b corewasm.Body
	for _, t := range f.locals {
		if n := len(b.Locals); n > 0 && b.Locals[n-1].Type == t {
			b.Locals[n-1].Count++
		} else {
			b.Locals = append(b.Locals, corewasm.LocalRun{Count: 1, Type: t})
		}
	}
	exits := f.newTrapExits()
	out := exits.open(make([]byte, 0, len(f.code)+4*len(f.relocs)+8*len(f.traps)))
	from, traps := 0, f.traps
	for _, rel := range f.relocs {
		for ; len(traps) > 0 && traps[0].pos < rel.pos; traps = traps[1:] {
			out = append(out, f.code[from:traps[0].pos]...)
			from = traps[0].pos
			out = exits.site(out, &traps[0], r)
		}
		out = append(out, f.code[from:rel.pos]...)
		from = rel.pos
		switch rel.kind {
		case relocSym:
			out = leb128.AppendU32(out, r.Sym(rel.sym))
		case relocBlock:
			out = leb128.AppendS64(out, int64(r.FuncType(rel.ft)))
		case relocMemarg:
			out = op.AppendMemarg(out, rel.align, r.Sym(rel.sym), rel.offset)
		}
	}
	for i := range traps {
		out = append(out, f.code[from:traps[i].pos]...)
		from = traps[i].pos
		out = exits.site(out, &traps[i], r)
	}
	b.Code = exits.close(append(out, f.code[from:]...), r)
	return b
}

// Syms calls visit for every symbol in the code, and ftype for every function type that it needs.
func (f *Func) Syms(visit func(Sym), ftype func(corewasm.FuncType)) {
	for _, rel := range f.relocs {
		switch rel.kind {
		case relocSym, relocMemarg:
			visit(rel.sym)
		default:
			ftype(rel.ft)
		}
	}
	for i := range f.traps {
		visit(f.traps[i].sym)
	}
}
