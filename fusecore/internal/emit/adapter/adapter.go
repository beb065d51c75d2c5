// Package adapter generates adapters: functions between a caller and a callee in different component instances, each of
// which does what `canon lower` and `canon lift` do together (CanonicalABI.md, canon_lower and canon_lift). A value is
// lifted from the caller's core values or memory and lowered to the callee's in one recursive translation. Either side may
// be flat (core values in locals) or in memory, with its own memory, address width, string encoding and realloc.
//
//	;; a calls (func (param string)) of b; a has utf8 in memory 0, b has utf16 in memory 1
//	(func $adapter (param $ptr i32) (param $length i32)
//	  check that the string is in memory 0          ;; lift
//	  $to := (call $b/realloc ...)                  ;; lower
//	  transcode it from memory 0 to memory 1
//	  (call $b/f (local.get $to) (local.get $units))
//	  (call $b/post-return))
//
// The specification lifts all values before it lowers the first. Interleaving the two value by value is unobservable: a trap
// ends every instance involved, realloc cannot leave its instance, and the two sides share no memory and no table. Where
// they do, because an instance calls itself, all values are lifted first (stage.go).
package adapter

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/hostmem"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/state"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// Options control code generation.
type Options struct {
	SIMD bool // vector instructions may be used
	Size bool // small code is better than fast code
}

// Emit adds to u the adapters of all calls of p that need one, and provides them as the functions of the calls'
// symbols. h may be nil if no call's type has handles. Emit must be called only once for a unit.
func Emit(u *asm.Unit, p *plan.Plan, h ResourceOps, o Options) { emit(u, p, h, o, outlineBudget) }

func emit(u *asm.Unit, p *plan.Plan, h ResourceOps, o Options, budget int) {
	e := newEmitter(u, p, h, o, budget)
	for id, c := range p.Live.Calls() {
		if p.Calls[id].Class != plan.Direct {
			u.Provide(sym.Call(id), e.adapter(c, &p.Calls[id]))
		}
	}
}

// emitter is shared by all adapters of a unit.
type emitter struct {
	u         *asm.Unit
	p         *plan.Plan
	state     *state.State
	h         ResourceOps
	opts      Options
	budget    int // see outlineBudget
	types     *cabi.Types
	hasBorrow map[*ctypes.Type]bool // see borrows
}

func newEmitter(u *asm.Unit, p *plan.Plan, h ResourceOps, o Options, budget int) *emitter {
	return &emitter{
		u: u, p: p, state: state.New(u, p), h: h, opts: o, budget: budget, types: cabi.New(), hasBorrow: map[*ctypes.Type]bool{},
	}
}

// gen generates one function's body: the translation of values from src to dst.
type gen struct {
	*emitter
	f        *asm.Func
	src, dst *side
	frame    Frame
}

// side is everything about one side of a call that translation depends on. Equal sides have equal code.
type side struct {
	inst    graph.InstID
	mem     asm.Sym // or zero
	page    uint32  // log2 of the memory's page size
	ptr64   bool
	enc     cabi.Encoding
	realloc asm.Sym // or zero
	leave   bool    // realloc runs with the instance's may_leave flag cleared
	context bool    // realloc runs with its own context slots
	stage   bool    // the place of values between lifting and lowering, see call.stage
	host    bool    // the memory is the host memory
}

func (s *side) ptr() corewasm.ValType { return cabi.PtrType(s.ptr64) }

// side returns a side of a call with its options. leave means that its realloc must not leave its instance.
func (e *emitter) side(s *graph.Side, leave bool) *side {
	return &side{
		inst: s.Inst, mem: sym.Of(s.Opts.Memory), page: e.p.Graph.MemType(s.Opts.Memory).PageSizeLog2, ptr64: s.Opts.Ptr64,
		enc: s.Opts.Encoding, realloc: sym.Of(s.Opts.Realloc), leave: leave, context: e.state.HasContext(s.Inst),
	}
}

// hostSide returns a side whose values are in the host memory.
func (e *emitter) hostSide(inst graph.InstID, enc cabi.Encoding) *side {
	m := hostmem.In(e.u)
	return &side{inst: inst, mem: m.Mem, page: hostmem.PageSizeLog2, enc: enc, realloc: m.Realloc, host: true}
}

// borrows reports whether a type contains a borrow at any depth.
func (e *emitter) borrows(t *ctypes.Type) bool {
	has, ok := e.hasBorrow[t]
	if !ok {
		has = t.Kind == ctypes.Borrow
		for _, p := range e.types.Of(t, false).Parts {
			has = e.borrows(p) || has
		}
		e.hasBorrow[t] = has
	}
	return has
}

// name returns an instance's name, for names of functions.
func (e *emitter) name(i graph.InstID) string { return e.p.Names.Inst(i) }
