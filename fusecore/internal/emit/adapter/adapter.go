// Package adapter generates the functions that stand between a caller and a callee of different component instances: what
// `canon lower` and `canon lift` do together (CanonicalABI.md, canon_lower and canon_lift), as one core function. A value
// is lifted from the caller's core values or memory and lowered into the callee's in one recursive translation; each side
// of it may be flat (core values in locals) or in memory, with its own memory, address width, string encoding and realloc.
//
// The specification lifts all values before it lowers the first. Doing both value by value cannot be told apart: a trap
// ends every instance involved, realloc cannot leave its instance, and the two sides share no memory and no table. Where
// they do, because an instance calls itself, all values are lifted first (stage.go).
package adapter

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// Options are choices of code generation.
type Options struct {
	SIMD bool // vector instructions may be used
}

// Emit adds to u the adapters of all calls of g that need one, and provides them as the functions behind the calls'
// symbols. h may be nil when no call's type has handles. It is to be called once for a unit; on an error u is left in an
// undefined state.
func Emit(u *asm.Unit, g *plan.Graph, h Handles, o Options) error {
	return emit(u, g, h, o, outlineBudget)
}

func emit(u *asm.Unit, g *plan.Graph, h Handles, o Options, budget int) error {
	e := newEmitter(u, g, h, o, budget)
	for i := range g.Calls {
		c := &g.Calls[i]
		if c.Class == plan.ClassDirect || c.Dropped {
			continue
		}
		f, err := e.adapter(c)
		if err != nil {
			return err
		}
		u.Provide(plan.CallSym(plan.CallID(i)), f)
	}
	return nil
}

// emitter is what all adapters of a unit share.
type emitter struct {
	u        *asm.Unit
	g        *plan.Graph
	h        Handles
	opts     Options
	budget   int // see outlineBudget
	types    *cabi.Types
	traits   map[*ctypes.Type]trait
	contexts *plan.Contexts
}

func newEmitter(u *asm.Unit, g *plan.Graph, h Handles, o Options, budget int) *emitter {
	return &emitter{
		u: u, g: g, h: h, opts: o, budget: budget, contexts: plan.NewContexts(u, g),
		types:  cabi.New(),
		traits: map[*ctypes.Type]trait{},
	}
}

// gen generates one function's body: the translation of values from src to dst.
type gen struct {
	*emitter
	f        *asm.Func
	src, dst *side
	frame    Frame
}

// side is everything that translating needs to know about one side of a call. Equal sides have equal code.
type side struct {
	inst    plan.InstID
	mem     asm.Sym // or zero
	page    uint32  // exponent of two of the memory's page size
	ptr64   bool
	enc     cabi.Encoding
	realloc asm.Sym // or zero
	leave   bool    // realloc runs with the instance's may_leave flag cleared
	context bool    // realloc runs with context slots of its own
	stage   bool    // where values are between being lifted and being lowered, see call.stage
}

func (s *side) ptr() corewasm.ValType { return cabi.PtrType(s.ptr64) }

func (e *emitter) side(s *plan.Side, leave bool) *side {
	return &side{
		inst: s.Inst, mem: s.Opts.Memory.Sym(), page: e.pageSize(s.Opts.Memory), ptr64: s.Opts.Ptr64,
		enc: s.Opts.Encoding, realloc: s.Opts.Realloc.Sym(),
		leave: leave && s.Inst != plan.Host, context: len(e.contexts.Of(s.Inst)) > 0,
	}
}

// pageSize gives the exponent of two of a memory's page size.
func (e *emitter) pageSize(r plan.CoreRef) uint32 {
	switch r.Kind {
	case plan.RefDef:
		if t, ok := e.g.Cores[r.Core].Module.MemTypeOf(r.Index); ok {
			return t.PageSizeLog2
		}
	case plan.RefSynth:
		return e.u.Mems[r.Index].Type.PageSizeLog2
	}
	return 16
}

// trait is what a type contains anywhere inside it.
type trait uint8

const (
	hasPointers trait = 1 << iota // strings and lists: memory on both sides, realloc where they are lowered
	hasHandles                    // own or borrow
	hasBorrow
	hasAsync   // stream, future or error-context
	hasNothing // a type without any value representation, which validation refuses
)

// traitsOf gives the traits of a type; nil has none.
func (e *emitter) traitsOf(t *ctypes.Type) trait {
	if t == nil {
		return 0
	}
	if r, ok := e.traits[t]; ok {
		return r
	}
	var r trait
	l := e.types.Of(t, false)
	for _, p := range l.Parts {
		r |= e.traitsOf(p)
	}
	if l.Size == 0 || len(l.Flat) == 0 {
		r |= hasNothing
	}
	switch t.Kind {
	case ctypes.String, ctypes.List, ctypes.Map:
		r |= hasPointers
	case ctypes.Own:
		r |= hasHandles
	case ctypes.Borrow:
		r |= hasHandles | hasBorrow
	case ctypes.Stream, ctypes.Future, ctypes.ErrorContext:
		r |= hasAsync
	}
	e.traits[t] = r
	return r
}

// check refuses what adapters cannot do, and what a valid component cannot have.
func (e *emitter) check(c *plan.Call, ft *ctypes.Func) error {
	fail := func(format string, args ...any) *diag.Error {
		return diag.New("call of "+c.Name, "from %s to %s: %s", e.path(c.Caller.Inst), e.path(c.Callee.Inst), fmt.Sprintf(format, args...))
	}
	params, result := e.traitsOf(e.types.Tuple(ft)), e.traitsOf(ft.Result)
	both := params | result
	switch {
	case c.Caller.Opts.Async || c.Callee.Opts.Async:
		return fail("asynchronous lifting and lowering is not supported").WithHint("use synchronous canonical options")
	case ft.Async && (c.Caller.Inst == plan.Host || c.Callee.Inst == plan.Host):
		return fail("a function of an async type at the outer boundary is not supported")
	case both&hasAsync != 0:
		return fail("streams, futures and error contexts are not supported")
	case both&hasHandles != 0 && e.h == nil:
		return fail("resource handles are not supported here")
	case both&hasNothing != 0:
		return fail("%v has a type without values", ft)
	}
	_, spill := e.types.Params(ft, false, cabi.MaxFlatParams)
	_, ret := e.types.Results(ft, false)
	lowerHost := c.Callee.Inst == plan.Host && ret  // the result's area in the boundary memory
	returnHost := c.Caller.Inst == plan.Host && ret // likewise
	for _, s := range []struct {
		name          string
		side          *plan.Side
		mem, reallocs bool
	}{
		{"calling", &c.Caller, spill || ret || both&hasPointers != 0, result&hasPointers != 0 || returnHost},
		{"called", &c.Callee, spill || ret || both&hasPointers != 0, params&hasPointers != 0 || spill || lowerHost},
	} {
		if s.mem && s.side.Opts.Memory.Kind == plan.RefNone {
			return fail("%v needs the canonical option memory on the %s side", ft, s.name)
		}
		if s.reallocs && s.side.Opts.Realloc.Kind == plan.RefNone {
			return fail("%v needs the canonical option realloc on the %s side", ft, s.name)
		}
	}
	for _, t := range []*ctypes.Type{e.types.Tuple(ft), ft.Result} {
		if t != nil && e.types.Of(t, true).Size >= 1<<31 {
			return fail("values of %v can be 2 GiB or more", ft)
		}
	}
	return nil
}

// path names an instance for people.
func (e *emitter) path(i plan.InstID) string {
	if i == plan.Host {
		return "host"
	}
	return e.g.Insts[i].Path
}
