// This file implements what has to be known about a function to inline it.

package inline

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/origin"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// callee is a function that is called.
type callee struct {
	refused bool // it cannot be inlined
	typ     uint32
	params  int
	results []corewasm.ValType
	vars    []corewasm.ValType // the types of parameters and locals
	code    []byte
	trace   origin.Trace // where code comes from, if the draft is traced
	gets    []uint32     // instructions that read each of vars
	sets    []uint32     // instructions that write them
	zero    []bool       // whether each of vars must be zero at the start, because it may be read before it is written
	leaves  bool         // by return, or by a branch to the body's label
	loops   bool         // it has a loop
}

// growth returns about how many bytes more than a call the body takes.
func (c *callee) growth() int {
	const call = 3
	n := len(c.code) - 1 - call
	for i := range c.vars {
		switch {
		case c.zero[i]:
			n += 4
		case i < c.params && c.gets[i]+c.sets[i] != 1:
			n += 2
		}
	}
	if c.leaves {
		n += 3
	}
	return n
}

// calleeOf returns a function as it is inlined, after calls in it have been.
func (in *inliner) calleeOf(f int32) (*callee, error) {
	if c := in.callees[f]; c != nil {
		return c, nil
	}
	c := &callee{refused: true}
	in.callees[f] = c
	t := in.d.FuncTypeOf(in.imported + uint32(f))
	if t == nil || in.d.Outlined(int(f)) || !in.o.Everything && in.sizeOf(f) > 2*single { // indices do not halve it
		return c, nil
	}
	runs, code, trace, err := in.bodyOf(f)
	if err != nil {
		return nil, err
	}
	c.trace = trace
	c.typ, _ = in.d.FuncTypeIndex(in.imported + uint32(f))
	c.params, c.results, c.code = len(t.Params), t.Results, code
	c.vars = append(c.vars, t.Params...)
	for _, r := range runs {
		if int(r.Count) > locals-len(c.vars) {
			return c, nil
		}
		for range r.Count {
			c.vars = append(c.vars, r.Type)
		}
	}
	c.gets, c.sets, c.zero = make([]uint32, len(c.vars)), make([]uint32, len(c.vars)), make([]bool, len(c.vars))
	return c, c.survey()
}

// survey reads the body.
func (c *callee) survey() error {
	if op.Op(c.code[0]) == op.Unreachable { // its purpose is its name
		return nil
	}
	var a assigned
	a.enter(op.Block)
	r := op.NewReader(c.code, 0)
	for r.Next() {
		in := &r.In
		if len(a.blocks) == 0 || in.Op == op.Else && a.blocks[len(a.blocks)-1].op != op.If { // in code that was not validated
			return diag.New("", "%s does not belong to the block around it", in.Info.Name)
		}
		switch in.Op {
		case op.ReturnCall, op.ReturnCallIndirect, op.ReturnCallRef,
			op.LegacyTry, op.LegacyCatch, op.LegacyCatchAll, op.LegacyDelegate, op.LegacyRethrow:
			return nil
		case op.LocalGet:
			if in.Index >= uint32(len(c.vars)) {
				return diag.New("", "no local %d", in.Index)
			}
			c.gets[in.Index]++
			if i := int(in.Index) - c.params; i >= 0 && !a.has(i) {
				c.zero[in.Index] = true
			}
		case op.LocalSet, op.LocalTee:
			if in.Index >= uint32(len(c.vars)) {
				return diag.New("", "no local %d", in.Index)
			}
			c.sets[in.Index]++
			a.add(int(in.Index) - c.params)
		case op.Return:
			c.leaves = true
		case op.Loop:
			c.loops = true
		}
		if in.Info.Imm == op.Label || in.Info.Imm == op.Labels || in.Info.Imm == op.TryTable || in.Info.Imm == op.CastLabel {
			c.leaves = c.leaves || branchesTo(in, uint32(len(a.blocks)-1))
		}
		a.step(in)
	}
	if r.Err != nil {
		return r.Err
	}
	for i, t := range c.vars {
		if c.zero[i] && t.Code == corewasm.CodeRef { // has no zero; validation excludes it
			return nil
		}
	}
	c.refused = false
	return nil
}

// branchesTo reports whether an instruction branches to a label.
func branchesTo(in *op.Instr, label uint32) (yes bool) {
	in.EachIndex(func(s op.Space, i uint32) { yes = yes || s == op.SpaceLabel && i == label })
	return yes
}

// assigned follows which of the first 64 declared locals have been written on every path to an instruction, one bit each.
type assigned struct {
	now    uint64 // all ones in unreachable code
	blocks []assignedBlock
}

type assignedBlock struct {
	op    op.Op
	entry uint64 // at its start
	out   uint64 // at all branches to its end
}

const unreachable = ^uint64(0)

func (a *assigned) has(local int) bool { return local < 64 && a.now>>local&1 != 0 }

func (a *assigned) add(local int) {
	if local >= 0 && local < 64 {
		a.now |= 1 << local
	}
}

func (a *assigned) enter(o op.Op) {
	a.blocks = append(a.blocks, assignedBlock{o, a.now, unreachable})
}

// branch accounts for a branch to a label, where some locals have been written.
func (a *assigned) branch(label uint32, now uint64) {
	if i := len(a.blocks) - 1 - int(label); i >= 0 {
		a.blocks[i].out &= now
	}
}

// step accounts for an instruction, except one that names a local.
func (a *assigned) step(in *op.Instr) {
	switch in.Op {
	case op.TryTableOp:
		// A handler is entered from anywhere inside, so it only knows what was written before.
		for _, c := range in.Catches {
			a.branch(c.Label, a.now)
		}
		a.enter(in.Op)
	case op.Block, op.Loop, op.If:
		a.enter(in.Op)
	case op.Else:
		b := &a.blocks[len(a.blocks)-1]
		b.out &= a.now
		a.now, b.op = b.entry, op.Else
	case op.End:
		b := &a.blocks[len(a.blocks)-1]
		a.blocks = a.blocks[:len(a.blocks)-1]
		if b.op != op.Loop { // branches to a loop go to its start, where only what precedes it has been written
			a.now &= b.out
		}
		if b.op == op.If {
			a.now &= b.entry
		}
	case op.Br, op.BrTable:
		a.branches(in)
		a.now = unreachable
	case op.BrIf, op.BrOnNull, op.BrOnNonNull, op.BrOnCast, op.BrOnCastFail:
		a.branches(in)
	case op.Return, op.Unreachable, op.Throw, op.ThrowRef:
		a.now = unreachable
	}
}

func (a *assigned) branches(in *op.Instr) {
	in.EachIndex(func(s op.Space, i uint32) {
		if s == op.SpaceLabel {
			a.branch(i, a.now)
		}
	})
}
