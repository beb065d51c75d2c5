// Package inline replaces calls between components, and between components and generated code, by the bodies of the
// functions that are called:
//
//	(func $run (param i32) (result i32)              (func $run (param i32) (result i32)
//	  (call $add (local.get 0) (i32.const 1)))   =>    (i32.add (local.get 0) (i32.const 1)))
//	(func $add (param i32 i32) (result i32)
//	  (i32.add (local.get 0) (local.get 1)))
//
// Fusing has made these calls direct, and engines do not inline by default. Calls inside a guest's module are left alone,
// because the guest's compiler has decided about them. A callee is finished before its callers, and calls in cycles stay.
//
// # What stays the same
//
// A callee's parameters and locals become locals of the caller, which nothing else in the caller uses. Each copy begins as
// a call does: with the arguments in the parameters, and zeros in the locals that may be read before they are written. A
// branch out of the body, or a return, leaves a block that has the results. So the same instructions are executed in the
// same order with the same operands, and results, effects, traps and their kinds are the same. An exception is caught by
// the same try_table. Functions that only trap are never inlined, because their name is what a backtrace shows first; other
// functions that are inlined are missing in backtraces. The depth of the stack can only be observed when it is exhausted;
// recursion still exhausts it, because calls in cycles stay.
//
// Constant arguments are put in the place of parameters that are never written, and what then is constant is folded:
// numeric instructions that cannot trap, of integers, whose operands have no effects, and branches.
//
// # What is inlined
//
// Small bodies, and those with a single call, which vanish; see Options. For speed, bodies of guests with loops are not:
// a call costs little beside them, and engines compile a loop better in a small function. Code that changes is written in the draft's index
// spaces into a new source. All other bodies stay bytes of the inputs.
package inline

import (
	"context"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/edit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/origin"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
)

// Options say what is inlined. The zero Options optimise for speed.
type Options struct {
	// Size inlines only where that makes the module smaller.
	Size bool
	// Everything inlines all calls that can be, regardless of size and of where they come from. For tests.
	Everything bool
}

// Limits of sizes in bytes of code.
const (
	// small is the size of a body that is inlined wherever it is called. smallLibrary is that of a guest's function in
	// another guest's: often libraries of one component, between which calls are many and not more frequent than others.
	small        = 320
	smallLibrary = 32
	// single is the size of a body that is inlined at its only call.
	single = 1000
	// most limits bodies that change. Engines compile large functions slowly.
	most = 1 << 20
	// locals limits the locals that a body gets, far below the limit of engines.
	locals = 5000
	// share is the part of all code by which the module may grow: 1/share, and at least free.
	share = 400
	free  = 800
	// overhead is about what a function takes beside its code: its type index, the length of its body, and its name.
	overhead = 12
)

// Module inlines calls in a draft, which must be indexed. Existing indices stay valid. Draft.Scan need not be repeated. It returns
// how many calls the body of each function that the draft defines has taken the place of.
func Module(ctx context.Context, d *draft.Module, o Options) (map[int32]int, error) {
	if err := d.Scan(ctx); err != nil {
		return nil, err
	}
	in := &inliner{d: d, o: o, imported: d.NumImported(corewasm.ExternFunc), callees: map[int32]*callee{}, copies: map[int32]int{}}
	if err := in.reach(); err != nil {
		return nil, err
	}
	in.budget = max(in.bytes/share, free)
	for _, group := range in.groups() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := in.group(group); err != nil {
			return nil, err
		}
	}
	if in.code == nil {
		return nil, nil
	}
	return in.copies, d.Scan(ctx)
}

// inliner is the state of inlining in one draft. Functions have their numbers in Draft.Bodies.
type inliner struct {
	d        *draft.Module
	o        Options
	imported uint32
	bytes    int // of all reachable code
	uses     []use
	edges    []edge // by caller, in the order of reach
	first    []span // edges of each function
	budget   int    // bytes by which the code may still grow
	callees  map[int32]*callee
	copies   map[int32]int    // calls that each callee's body has taken the place of
	code     *corewasm.Module // has the bodies that have been written; nil if none
	source   int32            // of code
}

// use is how a function is used by reachable code.
type use struct {
	calls     int32
	reachable bool
	generated bool
	other     bool // in another way than by calls: the function cannot vanish
}

// edge is a number of calls that may be inlined.
type edge struct {
	callee int32
	sites  int32
}

type span struct{ from, to int32 }

// group inlines calls in the functions of a cycle, or in a single one. Those of a cycle stay functions.
func (in *inliner) group(fs []int32) error {
	for _, f := range fs {
		if len(fs) > 1 {
			in.callees[f] = &callee{refused: true}
		}
		chosen, room := map[uint32]*callee{}, in.room(f)
		for _, e := range in.edgesOf(f) {
			if slices.Contains(fs, e.callee) {
				in.callees[f] = &callee{refused: true}
				continue
			}
			c, err := in.calleeOf(e.callee)
			if err != nil {
				return err
			}
			if len(c.vars) <= room && in.choose(f, e, c) {
				chosen[in.imported+uint32(e.callee)] = c
				room -= len(c.vars)
			}
		}
		if len(chosen) == 0 {
			continue
		}
		if err := in.rewrite(f, chosen); err != nil {
			return err
		}
	}
	return nil
}

// choose decides about the calls of an edge, and accounts for them.
func (in *inliner) choose(f int32, e edge, c *callee) bool {
	if c.refused {
		return false
	}
	u := &in.uses[e.callee]
	vanishes := !u.other && u.calls == e.sites
	loops := c.loops && !u.generated && !in.o.Size
	growth := int(e.sites) * c.growth()
	if vanishes {
		growth -= len(c.code) + overhead
	}
	switch {
	case in.o.Everything:
	case growth <= 0 && len(c.code) <= single && !loops:
	case in.o.Size || loops:
		return false
	case len(c.code) > in.small(f, e.callee) || growth > in.budget:
		return false
	}
	if in.sizeOf(f)+int(e.sites)*len(c.code) > most {
		return false
	}
	in.budget -= growth
	u.calls -= e.sites
	in.copies[e.callee] += int(e.sites)
	return true
}

// small returns the size of a callee that may be inlined wherever a function calls it.
func (in *inliner) small(f, callee int32) int {
	if !in.uses[f].generated && !in.uses[callee].generated {
		return smallLibrary
	}
	return small
}

// sizeOf returns the size of a function's code.
func (in *inliner) sizeOf(f int32) int {
	b, _ := in.d.Body(int(f))
	return len(b.Code)
}

// room returns the number of locals that a function may get.
func (in *inliner) room(f int32) int {
	n := 0
	if t := in.d.FuncTypeOf(in.imported + uint32(f)); t != nil {
		n = len(t.Params)
	}
	b, _ := in.d.Body(int(f))
	for _, r := range b.Locals {
		n += int(r.Count)
	}
	return min(limits.Locals-n, locals)
}

// rewrite writes the body of a function with calls of chosen functions, by their index, inlined.
func (in *inliner) rewrite(f int32, chosen map[uint32]*callee) error {
	runs, code, trace, err := in.bodyOf(f)
	if err != nil {
		return err
	}
	w := newWriter(in.d.FuncTypeOf(in.imported+uint32(f)), runs, in.d.Traced)
	if err := w.function(code, &trace, chosen); err != nil {
		return err
	}
	if in.code == nil {
		in.code, in.source = new(corewasm.Module), int32(len(in.d.Sources))
		in.d.Sources = append(in.d.Sources, draft.Source{Name: "inlined", Code: in.code, Generated: true, Edit: new(edit.Editor)})
	}
	s := &in.d.Sources[in.source]
	s.Outlined = append(s.Outlined, in.d.Outlined(int(f)))
	in.d.Bodies[f] = draft.Body{Source: in.source, Index: int32(len(in.code.Code))}
	in.code.Code = append(in.code.Code, corewasm.Body{Locals: w.runs(), Code: w.out})
	if in.d.Traced {
		s.Traces = append(s.Traces, origin.Trace{Body: trace.Body, Marks: w.marks})
	}
	return nil
}

// bodyOf returns the body of a function with the indices of the draft, and, if the draft is traced, where its code comes from.
func (in *inliner) bodyOf(f int32) (locals []corewasm.LocalRun, code []byte, trace origin.Trace, err error) {
	b, s := in.d.Body(int(f))
	if locals, err = s.Edit.Locals(b); err != nil {
		return nil, nil, trace, err
	}
	if !in.d.Traced {
		code, err = s.Edit.Body(nil, b)
		return locals, code, trace, err
	}
	var moves []origin.Move
	code, err = draft.Traced(s.Edit, &moves).Body(nil, b)
	trace = in.d.Trace(int(f))
	return locals, code, trace.Moved(moves), err
}
