// This file implements the checker of a function body and its stacks.

package validate

import (
	"fmt"
	"sort"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/constexpr"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/typing"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// operand is the type of a value on the stack: the code in the lowest byte and the heap type above it, so that a number is
// its code, and equal types are equal numbers.
type operand uint64

func operandOf(t corewasm.ValType) operand { return operand(t.Heap)<<8 | operand(t.Code) }

func (o operand) valType() corewasm.ValType {
	return corewasm.ValType{Code: byte(o), Heap: corewasm.HeapType(int64(o) >> 8)}
}

// bottom is the number of placeholders at the beginning of checker.vals.
const bottom = 2

// checker checks pieces of code with the algorithm in the specification's appendix: a stack of operand types and a
// stack of enclosing blocks. It reuses its buffers.
type checker struct {
	*env
	constExpr bool // the code is a constant expression: ref.func declares a function

	r     op.Reader
	vals  []operand // above bottom placeholders, so that quickly may look at two operands anywhere
	ctrls []frame
	refs  *scan.Lister // of the body; nil if they are not listed
	// sizes are those of the index spaces, if the code has not been decoded yet. See fits.
	sizes *[op.NumSpaces]uint32

	params  []corewasm.ValType
	runs    []corewasm.LocalRun // of locals after the parameters
	ends    []uint32            // the local index at the end of each run
	flat    []operand           // types of the first locals, see flatten
	ones    [128]operand        // the same for indices of one byte, and unknown where there is no local
	known   int                 // of ones
	tail    [16]byte            // see quickly
	results []corewasm.ValType
	set     map[uint32]bool // locals without a default that have been set
	setLog  []uint32        // the same in order, to be undone at the end of a block
}

func newChecker(e *env) *checker {
	c := &checker{env: e}
	for i := range c.ones {
		c.ones[i] = unknown
	}
	return c
}

// frame is a block: the types that enter and leave it, and the state of the stacks at its start.
type frame struct {
	op          op.Op
	sig         *corewasm.FuncType
	height      int  // of the operands
	sets        int  // length of setLog
	unreachable bool // the rest of the block is unreachable, so operands have any type
}

// label returns the types of a branch to the frame.
func (f *frame) label() []corewasm.ValType {
	if f.op == op.Loop {
		return f.sig.Params
	}
	return f.sig.Results
}

func (c *checker) fail(format string, args ...any) {
	if c.r.Err != nil {
		return
	}
	c.r.Fail(c.r.In.Start, format, args...)
	c.r.Err.(*diag.Error).Msg = c.r.In.Info.Name + ": " + c.r.Err.(*diag.Error).Msg
}

// function checks the i-th defined function.
func (c *checker) function(i int) error {
	b := &c.m.Code[i]
	t := &c.Def(c.m.Funcs[i]).Func
	c.params, c.runs, c.ends = t.Params, b.Locals, c.ends[:0]
	end := uint32(len(t.Params))
	for _, run := range b.Locals {
		end += run.Count
		c.ends = append(c.ends, end)
	}
	c.flatten()
	clear(c.set)
	c.setLog = c.setLog[:0]
	return c.run(b.Code, b.Offset, t.Results)
}

// constant checks a constant expression of an expected type, which belongs to the item i of a kind.
func (c *checker) constant(x corewasm.Expr, want corewasm.ValType, kind string, i int) error {
	if _, is64, ok := constexpr.Integer(x); ok && (is64 && want == corewasm.I64 || !is64 && want == corewasm.I32) {
		return nil
	}
	err := c.run(x.Bytes, x.Offset, []corewasm.ValType{want})
	if err, ok := err.(*diag.Error); ok {
		err.Item = fmt.Sprintf("%s %d", kind, i)
	}
	return err
}

func (c *checker) run(code []byte, base int64, results []corewasm.ValType) error {
	c.r.Cursor = op.Cursor{B: code, Base: base}
	c.vals, c.ctrls = append(c.vals[:0], make([]operand, bottom)...), c.ctrls[:0]
	c.results = results
	c.push(&corewasm.FuncType{Results: results}, op.Block)
	for c.next() {
		in := &c.r.In
		if c.sizes != nil && !c.fits(in) {
			return errUndecided
		}
		switch {
		case in.Info.Typed:
			c.typed(in)
		case in.Op.Prefix() == op.PrefixGC:
			c.gc(in)
		case in.Op.Prefix() == op.PrefixMisc:
			c.bulk(in)
		default:
			c.plain(in)
		}
	}
	if c.sizes != nil && (len(c.ctrls) != 0 || c.r.Pos != len(c.r.B)) {
		return errUndecided
	}
	return c.r.Err
}

// next decodes the next instruction that quickly does not check.
func (c *checker) next() bool {
	if !c.constExpr && !c.slow && len(c.ctrls) > 0 {
		c.quickly()
	}
	return (c.sizes == nil || len(c.ctrls) > 0) && c.r.Next()
}

// letters are the types for the letters of [op.Info] types.
var letters = [256]corewasm.ValType{
	'i': corewasm.I32, 'l': corewasm.I64, 'f': corewasm.F32, 'd': corewasm.F64, 'v': corewasm.V128,
}

// typed checks an instruction whose type is in the table.
func (c *checker) typed(in *op.Instr) {
	var addr corewasm.ValType
	switch in.Info.Imm {
	case op.None:
		if in.Op >= 0x100 && !c.allowed(in.Op) {
			c.fail("instruction is not enabled")
		}
	case op.Memarg, op.MemargLane:
		addr = c.access(in)
	case op.Mem:
		addr = address(c.mems[in.Index].Limits)
	case op.Table:
		addr = address(c.tables[in.Index].Limits)
	case op.Lane, op.Shuffle:
		c.lanes(in)
	case op.Reserved:
		if !c.allowed(in.Op) {
			c.fail("instruction is not enabled")
		}
	}
	for i := len(in.Info.Params) - 1; i >= 0; i-- {
		t := letters[in.Info.Params[i]]
		if t == typing.Bot {
			t = addr
		}
		c.pop(t)
	}
	for i := range len(in.Info.Results) {
		t := letters[in.Info.Results[i]]
		if t == typing.Bot {
			t = addr
		}
		c.pushVal(t)
	}
}

// access checks the immediates of a memory access and returns the memory's address type.
func (c *checker) access(in *op.Instr) corewasm.ValType {
	l := &c.mems[in.Index].Limits
	switch {
	case !c.allowed(in.Op):
		c.fail("instruction is not enabled")
	case in.Info.Exact && in.Align != uint32(in.Info.Align):
		c.fail("%s", diag.Differ("alignment must be %s, found %s", power(uint32(in.Info.Align)), power(in.Align)))
	case in.Align > uint32(in.Info.Align):
		c.fail("%s", diag.Differ("alignment must be %s, found %s", "at most "+power(uint32(in.Info.Align)), power(in.Align)))
	case !l.Is64 && in.Offset>>32 != 0:
		c.fail("offset %d does not fit the 32-bit memory %d", in.Offset, in.Index)
	}
	if in.Info.Imm == op.MemargLane {
		c.lanes(in)
	}
	return address(*l)
}

func (c *checker) lanes(in *op.Instr) {
	if in.Info.Imm != op.Shuffle {
		if in.Lane >= in.Info.Lanes {
			c.fail("lane %d is out of range: there are %d", in.Lane, in.Info.Lanes)
		}
		return
	}
	for _, l := range in.Raw {
		if l >= in.Info.Lanes {
			c.fail("lane %d is out of range: there are %d", l, in.Info.Lanes)
		}
	}
}

func (c *checker) pushVal(t corewasm.ValType) { c.vals = append(c.vals, operandOf(t)) }

func (c *checker) pushVals(ts []corewasm.ValType) {
	if len(c.vals)-bottom+len(ts) > maxOperands {
		c.fail("too many operands on the stack: at most %d are supported", maxOperands)
		return
	}
	for _, t := range ts {
		c.vals = append(c.vals, operandOf(t))
	}
}

// popAny pops the top operand, which is typing.Bot if the stack is empty in unreachable code.
func (c *checker) popAny() corewasm.ValType {
	f := &c.ctrls[len(c.ctrls)-1]
	if len(c.vals) == f.height {
		if !f.unreachable {
			c.fail("type mismatch: %s", diag.Differ("expected %s, but %s", "an operand", emptyStack))
		}
		return typing.Bot
	}
	t := c.vals[len(c.vals)-1]
	c.vals = c.vals[:len(c.vals)-1]
	return t.valType()
}

// pop pops the top operand, which must match a type.
func (c *checker) pop(want corewasm.ValType) corewasm.ValType {
	if n := len(c.vals); n > c.ctrls[len(c.ctrls)-1].height && c.vals[n-1] == operandOf(want) {
		c.vals = c.vals[:n-1]
		return want
	}
	f := &c.ctrls[len(c.ctrls)-1]
	if len(c.vals) == f.height && !f.unreachable {
		c.fail("type mismatch: %s", diag.Differ("expected %s, but %s", want, emptyStack))
		return typing.Bot
	}
	t := c.popAny()
	if !c.match(t, want) {
		c.fail("type mismatch: %s", diag.Differ("expected %s, found %s", want, name(t)))
	}
	return t
}

func (c *checker) popVals(ts []corewasm.ValType) {
	for i := len(ts) - 1; i >= 0; i-- {
		c.pop(ts[i])
	}
}

// popRef pops a reference of any type; typing.Bot becomes the bottom reference.
func (c *checker) popRef() corewasm.ValType {
	t := c.popAny()
	if t == typing.Bot {
		return refTo(typing.BotHeap)
	}
	if !t.IsRef() {
		c.fail("type mismatch: %s", diag.Differ("expected %s, found %s", "a reference", t))
		return refTo(typing.BotHeap)
	}
	return t
}

// emptyStack is what is found where an operand is missing.
const emptyStack = "the stack is empty"

// power returns an alignment as text.
func power(n uint32) string { return fmt.Sprintf("2^%d", n) }

func name(t corewasm.ValType) string {
	if t.IsRef() && t.Heap == typing.BotHeap {
		return "(ref bottom)"
	}
	return t.String()
}

// push enters a block whose parameters have been popped.
func (c *checker) push(sig *corewasm.FuncType, o op.Op) {
	c.ctrls = append(c.ctrls, frame{op: o, sig: sig, height: len(c.vals), sets: len(c.setLog)})
	c.pushVals(sig.Params)
}

// leave pops the results of the innermost block and the block.
func (c *checker) leave() frame {
	f := c.ctrls[len(c.ctrls)-1]
	c.popVals(f.sig.Results)
	if len(c.vals) != f.height {
		c.fail("type mismatch: %d operands are left at the end of the block", len(c.vals)-f.height)
		c.vals = c.vals[:f.height]
	}
	for _, l := range c.setLog[f.sets:] {
		delete(c.set, l)
	}
	c.setLog = c.setLog[:f.sets]
	c.ctrls = c.ctrls[:len(c.ctrls)-1]
	return f
}

// unreachable marks the rest of the block unreachable.
func (c *checker) unreachable() {
	f := &c.ctrls[len(c.ctrls)-1]
	f.unreachable = true
	c.vals = c.vals[:f.height]
}

// target returns the types of a label. Decoding has checked the depth.
func (c *checker) target(depth uint32) []corewasm.ValType {
	return c.ctrls[len(c.ctrls)-1-int(depth)].label()
}

// local returns the type of a local.
func (c *checker) local(i uint32) corewasm.ValType {
	if int64(i) < int64(len(c.params)) {
		return c.params[i]
	}
	return c.runs[sort.Search(len(c.ends), func(k int) bool { return i < c.ends[k] })].Type
}

// initialise marks a local as set.
func (c *checker) initialise(i uint32, t corewasm.ValType) {
	if defaultable(t) || int64(i) < int64(len(c.params)) || c.set[i] {
		return
	}
	if c.set == nil {
		c.set = map[uint32]bool{}
	}
	c.set[i] = true
	c.setLog = append(c.setLog, i)
}

func (c *checker) initialised(i uint32, t corewasm.ValType) bool {
	return defaultable(t) || int64(i) < int64(len(c.params)) || c.set[i]
}
