// This file implements the rewriting of a function body, instruction by instruction.

package onememory

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/origin"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// rewriter rewrites bodies, one after the other.
type rewriter struct {
	*rebuild
	out     []byte
	in      *op.Instr
	wrapped bool                         // whether the body is in the trap block
	checks  int                          // branches to the trap block
	depth   uint32                       // blocks that enclose the instruction in the original body
	nlocals uint32                       // parameters and locals of the original body
	scratch [numScratch]int64            // index of the scratch local of each type, or -1
	extra   []corewasm.LocalRun          // scratch locals
	version []uint32                     // of each local: the number of assignments up to here
	stack   []operand                    // what is known about the topmost operands
	known   []fact                       // checks that every way to this instruction has passed
	floor   int                          // the facts from here on hold; others do after the loop
	blocks  []struct{ known, floor int } // at the beginning of each open block
	loops   []loop                       // of the body
	loop    int                          // the number of loops so far
	copied  map[variable]uint32          // locals with values that do not change in the loop that encloses the instruction
	until   uint32                       // depth of that loop
	checked func(fact)                   // if set, called for every check of an address in a local
	copies  map[variable]uint32          // locals for copies
	trace   *origin.Trace                // of the original body, or nil
	marks   []origin.Mark                // where out comes from, if there is a trace
}

// variable is a value that only calls change: a global, less a number of bytes.
type variable struct {
	global uint32
	less   uint64
}

// operand is what is known about an operand on the stack.
type operand struct {
	kind    operandKind
	local   uint32
	version uint32 // of the local when it was pushed
	value   uint32
}

type operandKind uint8

const (
	unknown  operandKind = iota
	copied               // the value of a local
	constant             // i32.const
)

// fact says that a memory has had at least extent bytes from the address in a local on. Sizes never shrink, so it holds
// until the local is assigned.
type fact struct {
	local, version, memory uint32
	extent                 uint64
}

// maxFacts limits the facts that are searched.
const maxFacts = 32

// Scratch locals, by type.
const (
	scratchAddress = iota
	scratchRange
	scratchI32
	scratchI64
	scratchF32
	scratchF64
	scratchV128
	numScratch
)

var scratchTypes = [numScratch]corewasm.ValType{corewasm.I32, corewasm.I32, corewasm.I32, corewasm.I64, corewasm.F32, corewasm.F64, corewasm.V128}

// scratchOf are the scratch locals for the letters of [op.Info] types.
var scratchOf = [256]int{'i': scratchI32, 'l': scratchI64, 'f': scratchF32, 'd': scratchF64, 'v': scratchV128}

// body appends a body with its length. ft is the function's type.
func (w *rewriter) body(dst []byte, b *body, ft *corewasm.FuncType) ([]byte, error) {
	runs, code, err := scan.Locals(b.bytes)
	if err != nil {
		return dst, err
	}
	if w.loops, err = loopsIn(code); err != nil {
		return dst, err
	}
	if err := w.code(code, runs, ft, true); err != nil {
		return dst, err
	}
	if w.checks == 0 {
		if err := w.code(code, runs, ft, false); err != nil {
			return dst, err
		}
	}
	return leb128.AppendSized(dst, len(w.out)+16, func(dst []byte) []byte {
		return append(encode.AppendLocals(dst, append(runs[:len(runs):len(runs)], w.extra...)), w.out...)
	}), nil
}

// code rewrites instructions into w.out, inside the trap block if wrapped is set.
func (w *rewriter) code(code []byte, runs []corewasm.LocalRun, ft *corewasm.FuncType, wrapped bool) error {
	w.out, w.wrapped, w.checks, w.depth = w.out[:0], wrapped, 0, 0
	w.nlocals = uint32(len(ft.Params))
	for _, r := range runs {
		w.nlocals += r.Count
	}
	for i := range w.scratch {
		w.scratch[i] = -1
	}
	w.extra, w.loop, w.copied, w.copies = nil, 0, nil, nil
	if cap(w.version) < int(w.nlocals) {
		w.version = make([]uint32, w.nlocals)
	}
	w.version = w.version[:w.nlocals]
	clear(w.version)
	w.stack, w.known, w.floor, w.blocks = w.stack[:0], w.known[:0], 0, w.blocks[:0]
	w.marks = w.marks[:0]
	if wrapped {
		w.begin(op.Block)
	}
	r := op.NewReader(code, 0)
	for r.Next() {
		w.in = &r.In
		w.mark(r.In.Start)
		if r.Pos == len(code) && wrapped { // the body's end
			w.op(op.Return, op.End)
			w.markNowhere()
			w.trapOutside()
			w.op(op.Unreachable)
		}
		if err := w.instruction(r); err != nil {
			return err
		}
	}
	return r.Err
}

// mark notes that what is written next comes from an instruction of the original body.
func (w *rewriter) mark(at int) {
	if w.trace != nil {
		from := w.trace.At(uint32(at))
		from.At = uint32(len(w.out))
		w.marks = origin.Append(w.marks, from)
	}
}

// markNowhere notes that what is written next is no instruction's alone.
func (w *rewriter) markNowhere() {
	if w.trace != nil {
		w.marks = origin.Append(w.marks, origin.Mark{At: uint32(len(w.out)), Body: origin.Nowhere})
	}
}

// trapOutside appends an access that is outside every memory of at most maxPages, after which an instruction that does not
// push follows.
func (w *rewriter) trapOutside() {
	w.i32(-1)
	w.out = op.AppendMemarg(op.I32Load8U.Append(w.out), 0, 0, 0xffffffff)
	w.op(op.Drop)
}

// instruction rewrites the current instruction. If it begins a loop, r, which has read it, may be advanced to the loop's end; r
// is nil in a loop that contains no other.
func (w *rewriter) instruction(r *op.Reader) error {
	in := w.in
	switch imm := in.Info.Imm; {
	case imm.Names(op.SpaceMem):
		w.memory()
		return nil
	case imm.Names(op.SpaceLabel):
		w.branch()
		return nil
	case imm == op.BlockType:
		if in.Op == op.Loop && r != nil {
			if done, err := w.loopBegins(r); done || err != nil {
				return err
			}
		}
		w.emit()
		w.open(in.Op)
		return nil
	}
	switch in.Op {
	case op.Else, op.LegacyCatch, op.LegacyCatchAll:
		w.reset(false)
	case op.End:
		if w.depth > 0 {
			w.depth--
			w.reset(true)
		}
	case op.LocalGet:
		w.push(operand{kind: copied, local: in.Index, version: w.version[in.Index]})
	case op.LocalSet:
		w.pop(1)
		w.version[in.Index]++
	case op.LocalTee:
		w.pop(1)
		w.version[in.Index]++
		w.push(operand{kind: copied, local: in.Index, version: w.version[in.Index]})
	case op.I32Const:
		w.push(operand{kind: constant, value: uint32(in.Value)})
	default:
		w.effect()
	}
	w.emit()
	return nil
}

// loopBegins prepares for the loop that r has read the beginning of. It reports whether it has rewritten all of it.
func (w *rewriter) loopBegins(r *op.Reader) (done bool, err error) {
	w.enter(&w.loops[w.loop])
	w.loop++
	if r.In.Block.Form != op.BlockEmpty || w.loops[w.loop-1].calls {
		return false, nil
	}
	c := countedLoop(r.B[r.Pos:])
	if c == nil {
		return false, nil
	}
	c.start = r.Pos
	if done, err = w.counted(c); done {
		r.Pos += len(c.code)
	}
	w.in = &r.In
	return done, err
}

// effect applies an instruction's type to the stack.
func (w *rewriter) effect() {
	in := w.in
	switch {
	case in.Info.Typed:
		w.pop(len(in.Info.Params))
		w.unknown(len(in.Info.Results))
		return
	case in.Info.Imm == op.Func && in.Op == op.Call:
		if t := w.rebuild.in.FuncTypeOf(in.Index); t != nil {
			w.pop(len(t.Params))
			w.unknown(len(t.Results))
			return
		}
	case in.Op == op.CallIndirect:
		if t := w.rebuild.in.SubTypeAt(in.Index); t != nil {
			w.pop(len(t.Func.Params) + 1)
			w.unknown(len(t.Func.Results))
			return
		}
	case in.Op == op.GlobalGet:
		w.unknown(1)
		return
	case in.Op == op.GlobalSet, in.Op == op.Drop:
		w.pop(1)
		return
	case in.Op == op.Select, in.Op == op.SelectT:
		w.pop(3)
		w.unknown(1)
		return
	}
	w.stack = w.stack[:0]
}

func (w *rewriter) push(o operand) { w.stack = append(w.stack, o) }

func (w *rewriter) unknown(n int) {
	for range n {
		w.push(operand{})
	}
}

func (w *rewriter) pop(n int) { w.stack = w.stack[:max(0, len(w.stack)-n)] }

// operandAt returns what is known about the n-th operand from the top.
func (w *rewriter) operandAt(n int) operand {
	if n >= len(w.stack) {
		return operand{}
	}
	o := w.stack[len(w.stack)-1-n]
	if o.kind == copied && w.version[o.local] != o.version {
		return operand{}
	}
	return o
}

// open enters the block that an instruction has begun. A loop is also entered from inside, where the facts before it may no
// longer hold.
func (w *rewriter) open(o op.Op) {
	w.depth++
	w.blocks = append(w.blocks, struct{ known, floor int }{len(w.known), w.floor})
	if o == op.Loop {
		w.floor = len(w.known)
	}
	w.stack = w.stack[:0]
}

// reset forgets what was only known in the part of a block that ends here, and leaves the block if closes is set.
func (w *rewriter) reset(closes bool) {
	b := w.blocks[len(w.blocks)-1]
	w.known, w.stack = w.known[:b.known], w.stack[:0]
	if !closes {
		return
	}
	w.floor, w.blocks = b.floor, w.blocks[:len(w.blocks)-1]
	if w.depth == w.until {
		w.copied = nil
	}
}

// enter copies the limits and bases of the memories that a loop accesses to locals before the loop, unless it calls
// functions: only these change them. Engines do not do that themselves.
func (w *rewriter) enter(l *loop) {
	if l.calls || w.copied != nil {
		return
	}
	w.copied, w.until = map[variable]uint32{}, w.depth
	for _, x := range l.accesses {
		r := w.layout.at(x.memory)
		if r.Check != Engine && r.Grows && x.bytes <= r.Size && len(w.copied) < maxCopies {
			w.copy(variable{w.sizes[x.memory], x.bytes})
		}
		if r.Check == Moving {
			w.copy(variable{w.bases[x.memory], 0})
		}
	}
}

// maxCopies limits the copied limits of a loop, since locals occupy registers.
const maxCopies = 4

// copy copies a variable to a local.
func (w *rewriter) copy(v variable) {
	if _, again := w.copied[v]; again {
		return
	}
	local, ok := w.copies[v]
	if !ok {
		local = w.local(corewasm.I32)
		if w.copies == nil {
			w.copies = map[variable]uint32{}
		}
		w.copies[v] = local
	}
	w.value(v)
	w.set(local)
	w.copied[v] = local
}

// value pushes a variable, or its copy.
func (w *rewriter) value(v variable) {
	if local, ok := w.copied[v]; ok {
		w.get(local)
		return
	}
	w.global(v.global)
	if v.less > 0 {
		w.i32(int32(uint32(v.less)))
		w.op(op.I32Sub)
	}
}

// branch rewrites an instruction with labels: the label of the body becomes that of the function, outside the trap block.
func (w *rewriter) branch() {
	in := w.in
	closes := in.Op == op.LegacyDelegate
	if closes { // its label is relative to the outside of its block
		w.depth--
		w.reset(true)
	}
	in.MapIndices(func(s op.Space, i uint32) uint32 {
		if s == op.SpaceLabel && i == w.depth && w.wrapped {
			return i + 1
		}
		return i
	})
	w.emit()
	switch {
	case in.Info.Imm == op.TryTable:
		w.open(in.Op)
	case in.Op == op.BrIf:
		w.pop(1)
	default:
		w.stack = w.stack[:0]
	}
}

// emit appends the current instruction.
func (w *rewriter) emit() { w.out = w.in.Append(w.out) }

// op appends instructions without immediates, or the opcode of one.
func (w *rewriter) op(ops ...op.Op) *rewriter {
	for _, o := range ops {
		w.out = o.Append(w.out)
	}
	return w
}

// begin appends the beginning of a block without parameters and results.
func (w *rewriter) begin(o op.Op) { w.out = append(o.Append(w.out), op.EmptyBlock) }

func (w *rewriter) get(l uint32)    { w.out = op.LocalGet.Append(w.out, l) }
func (w *rewriter) set(l uint32)    { w.out = op.LocalSet.Append(w.out, l) }
func (w *rewriter) tee(l uint32)    { w.out = op.LocalTee.Append(w.out, l) }
func (w *rewriter) global(g uint32) { w.out = op.GlobalGet.Append(w.out, g) }
func (w *rewriter) i32(v int32)     { w.out = leb128.AppendS64(w.op(op.I32Const).out, int64(v)) }
func (w *rewriter) i64(v int64)     { w.out = leb128.AppendS64(w.op(op.I64Const).out, v) }

// trapIf pops a condition and traps if it holds.
func (w *rewriter) trapIf() {
	w.checks++
	w.out = op.BrIf.Append(w.out, w.depth)
}

// temp returns the scratch local of a kind.
func (w *rewriter) temp(kind int) uint32 {
	if w.scratch[kind] < 0 {
		w.scratch[kind] = int64(w.local(scratchTypes[kind]))
	}
	return uint32(w.scratch[kind])
}

// local adds a local.
func (w *rewriter) local(t corewasm.ValType) uint32 {
	w.extra = append(w.extra, corewasm.LocalRun{Count: 1, Type: t})
	return w.nlocals + uint32(len(w.extra)) - 1
}
