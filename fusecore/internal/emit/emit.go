// Package emit generates all code of a fused module that does not come from guests: it turns the decisions of a plan
// into functions, globals and memories of an [asm.Unit]. Each of its packages emits one kind of thing, and none makes
// decisions:
//
//	adapter    calls between instances       transcode  strings in them
//	handles    handle tables                 builtin    canonical built-ins
//	thunk      guards around one function    hostmem    the host memory
//	state      flags and context slots       sym        symbols
package emit

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/adapter"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/builtin"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/handles"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/hostmem"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/state"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/thunk"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// Options control code generation.
type Options struct {
	SIMD bool // vector instructions may be used
	Size bool // small code is better than fast code
}

// Code is the generated part of a fused module, and the symbols of items in its plan's boundary. Reallocs of host
// functions and destructors have plain function types, so that they can be called through a table.
type Code struct {
	*asm.Unit
	Imports []HostImport // of Boundary.Imports
	Exports []HostExport // of Boundary.Exports
	// Memory and Realloc are those of the boundary, or zero.
	Memory, Realloc asm.Sym
	// Begin and End are functions [] -> [] before and after the module's initialisation, if the module keeps the root's
	// may_enter flag.
	Begin, End asm.Sym
	// Dtors are the destructors of Boundary.Resources, [i32] -> [], zero if dropping the last handle does nothing.
	Dtors []asm.Sym
}

// HostImport has the symbols of the options of one host function, zero for missing options.
type HostImport struct{ Memory, Realloc asm.Sym }

// HostExport has the symbols of one lifted function, zero for missing options.
type HostExport struct{ Core, PostReturn, Realloc, Callback, Memory asm.Sym }

// Module generates the code that a plan asks for. Items get their indices in the order in which they are generated, so the
// order of the calls below is part of the output.
func Module(p *plan.Plan, o Options) *Code {
	u := asm.NewUnit()
	if r := p.Boundary.Within; !r.IsZero() {
		t := p.Graph.MemType(r)
		hostmem.Within(u, sym.Of(r), t.Limits.Min<<t.PageSizeLog2)
	}
	e := &emitter{p: p, c: &Code{Unit: u}, state: state.New(u, p), thunks: thunk.New(u, p)}
	e.reallocs()
	if p.Tables != plan.OwnTables {
		e.destructors(e.thunks.RuntimeDestructor)
	}
	e.contexts()
	e.boundary()
	if p.Tables == plan.OwnTables {
		e.tables = handles.New(u, p)
		e.tables.Builtins()
		e.destructors(e.tables.HostDtor)
	}
	e.plain()
	e.adapters(o)
	builtin.Emit(u, p)
	e.provide()
	return e.c
}

type emitter struct {
	p      *plan.Plan
	c      *Code
	state  *state.State
	thunks *thunk.Thunks
	tables *handles.Tables // nil if the runtime keeps handles
}

// reallocs emits the reallocs that built-ins call.
func (e *emitter) reallocs() {
	for id := range e.p.Live.Builtins() {
		e.thunks.Func(e.p.Builtins[id].Realloc)
	}
}

// destructors emits the destructors of the types that the outer component defines, in a way that depends on who keeps
// the handles.
func (e *emitter) destructors(of func(*ctypes.Resource) asm.Sym) {
	for _, r := range e.p.Boundary.Resources {
		e.c.Dtors = append(e.c.Dtors, of(r))
	}
}

// contexts emits the context slots that calls save, and the host memory in which they stage values.
func (e *emitter) contexts() {
	for id, c := range e.p.Live.Calls() {
		p := &e.p.Calls[id]
		if p.SaveContext.Given() {
			e.state.Declare(c.Callee.Inst)
		}
		if p.Staged.Given() && p.HostMemory.Given() {
			hostmem.In(e.c.Unit)
		}
	}
}

// boundary emits the functions that the outer component calls, in the order of the calls.
func (e *emitter) boundary() {
	b := &e.p.Boundary
	e.c.Imports = make([]HostImport, len(b.Imports))
	for id, c := range e.p.Live.Calls() {
		if at := e.p.Calls[id].Import; at.Ok() {
			l := &b.Imports[at.Index()]
			e.c.Imports[at.Index()] = HostImport{Memory: e.thunks.Memory(l.Memory), Realloc: e.thunks.Func(l.Realloc)}
		}
		if c.ByHost() {
			l := &b.Exports[len(e.c.Exports)]
			e.c.Exports = append(e.c.Exports, HostExport{
				Memory: e.thunks.Memory(l.Memory), Realloc: e.thunks.Func(l.Realloc), PostReturn: e.thunks.Func(l.PostReturn), Core: e.thunks.Func(l.Core),
				Callback: e.thunks.Func(l.Callback),
			})
		}
	}
	for id := range e.p.Live.Builtins() {
		if at := e.p.Builtins[id].Import; at.Ok() {
			l := &b.Imports[at.Index()]
			e.c.Imports[at.Index()] = HostImport{Memory: e.thunks.Memory(l.Memory), Realloc: e.thunks.Func(l.Realloc)}
		}
	}
	e.c.Memory, e.c.Realloc = e.thunks.Memory(b.Memory), e.thunks.Func(b.Realloc)
	if e.p.Flags {
		e.c.Begin = e.c.Helper("begin", corewasm.FuncType{}, func(f *asm.Func) { e.state.BeginInitialise(f); f.Finish() })
		e.c.End = e.c.Helper("end", corewasm.FuncType{}, func(f *asm.Func) { e.state.EndInitialise(f); f.Finish() })
	}
}

// plain replaces the reallocs of host functions and the destructors by wrappers of plain function types, where their
// own types are not plain.
func (e *emitter) plain() {
	for i := range e.c.Imports {
		l := &e.c.Imports[i]
		l.Realloc = e.thunks.Plain(l.Realloc)
	}
	for i, d := range e.c.Dtors {
		e.c.Dtors[i] = e.thunks.Plain(d)
	}
}

// adapters emits the adapters of calls.
func (e *emitter) adapters(o Options) {
	var h adapter.ResourceOps = handles.Unchanged{}
	if e.tables != nil {
		h = e.tables
	}
	adapter.Emit(e.c.Unit, e.p, h, adapter.Options(o))
}

// provide sets the items for calls and built-ins without a generated function: the callee itself, or a function of the
// outside.
func (e *emitter) provide() {
	direct := func(s, to asm.Sym) {
		if _, ok := e.c.Provided[s]; !ok {
			e.c.Provided[s] = to
		}
	}
	for id, c := range e.p.Live.Calls() {
		if at := e.p.Calls[id].Import; at.Ok() {
			direct(sym.Call(id), sym.Import(at.Index()))
		} else {
			direct(sym.Call(id), sym.Of(c.Target))
		}
	}
	for id := range e.p.Live.Builtins() {
		if at := e.p.Builtins[id].Import; at.Ok() {
			direct(sym.Builtin(id), sym.Import(at.Index()))
		}
	}
}
