// Package onememory rewrites a core module with several memories so that it has one. Each memory becomes a region of it,
// a run of bytes that begins at a base and that no other memory's accesses reach:
//
//	0            bases[0]        bases[1]                    size of the memory
//	| bottom     | memory 1 ...  | memory 2 ...  | slack    |
//
// An access traps exactly if it would have trapped: its address is compared with the size of its own memory, by the engine
// if the region ends where the engine's memory ends, and else by generated code. The base becomes a part of the
// instruction's offset if it is constant, and is otherwise added to the address:
//
//	(i32.load $m1 offset=8            local.get $a
//	  (local.get $a))                 local.get $a  global.get $size1  i32.const 12  i32.sub  i32.gt_u  br_if $T
//	                                  i32.load offset=BASE1+8
//
// The label $T is that of one block around the function's body, after which an access far outside the memory traps as the
// original one would have. The package knows nothing of components: guests' and generated code are alike. The section
// "One memory" of ARCHITECTURE.md states why each encoding is right.
package onememory

import (
	"context"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/origin"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// NoBottom is the Bottom of a module none of whose memories the host accesses.
const NoBottom = -1

const (
	pageLog2 = 16
	page     = uint64(1) << pageLog2
	// maxPages is the greatest size of the one memory: one page less than its addresses allow, so that every size in bytes
	// fits in 32 bits.
	maxPages = uint64(65535)
	// near is where accesses at constant offsets end that cost wasmtime nothing: the size of the guard region behind
	// a memory.
	near = uint64(32) << 20
)

// Options are the options of [Module].
type Options struct {
	// Bottom is the memory that lies at address 0 and never moves, because the host sees its addresses, or NoBottom.
	Bottom int
	// Reserve, if it is not zero, is the size in bytes to which every memory but the topmost can grow. Nothing moves then.
	Reserve uint64
	// Name returns the name of a memory's owner, for messages and the layout. It may be nil.
	Name func(mem uint32) string
	// Traces, if not nil, say where the code of each function that the module defines comes from.
	Traces []origin.Trace
}

// Result is a module with one memory.
type Result struct {
	Module *corewasm.Module
	// Memory is the type of the memory, which the module defines unless it imported memories before. It then imports the
	// memory as it imported the first of them.
	Memory corewasm.MemType
	// Data are the segments for an imported memory that can be applied when it is created.
	Data   []corewasm.Data
	Layout *Layout
	Traces []origin.Trace // of Module, if there are Options.Traces
}

// Module returns a module that behaves like m, which is indexed and has several memories, with one memory. data are the
// segments of imported memories that have been applied when the module is instantiated; their offsets are constant.
// Nothing is changed in m.
func Module(ctx context.Context, m *corewasm.Module, data []corewasm.Data, o Options) (*Result, error) {
	u, err := survey(ctx, m, o)
	if err != nil {
		return nil, err
	}
	l, err := choose(u.memories, o)
	if err != nil {
		return nil, err
	}
	r := &rebuild{in: m, layout: l, traces: slices.Clone(o.Traces)}
	out := *m
	r.out = &out
	r.memory()
	if err := r.globals(); err != nil {
		return nil, err
	}
	if err := r.segments(data, u.namesData); err != nil {
		return nil, err
	}
	if err := r.functions(ctx, u); err != nil {
		return nil, err
	}
	if err := r.exports(); err != nil {
		return nil, err
	}
	out.Refs = nil // they are those of the old bodies
	out.Index()
	return &Result{Module: &out, Memory: r.typ, Data: r.data, Layout: l, Traces: r.traces}, nil
}

// Seen returns the memory of a module that its surroundings access, because it imports or exports it, or NoBottom.
func Seen(m *corewasm.Module) (bottom int, err error) {
	bottom = NoBottom
	see := func(mem uint32) {
		if bottom != NoBottom && bottom != int(mem) {
			err = &diag.Internal{Msg: "a module for one memory shares several with its surroundings"}
		}
		bottom = int(mem)
	}
	for i := range m.NumImported(corewasm.ExternMem) {
		see(i)
	}
	for _, e := range m.Exports {
		if e.Kind == corewasm.ExternMem {
			see(e.Index)
		}
	}
	return bottom, err
}

// refuse returns the error for a memory that cannot be a region.
func refuse(o Options, mem uint32, what, hint string) error {
	e := diag.New("", "%s, which cannot be a part of one memory", what).WithHint("%s", hint)
	if o.Name != nil {
		e.Component = o.Name(mem)
	}
	return e
}
