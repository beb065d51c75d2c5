// This file implements decisions about the boundary: what the fused module imports and exports.

package plan

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// Boundary is what the outside supplies to the fused module and uses of it, for any form of output.
type Boundary struct {
	// Imports are the host functions that the fused module imports, in the order of its imports.
	Imports []HostImport
	// Exports are the functions that the fused module exports for lifting.
	Exports []HostExport
	// Resources are the resource types of instances that the outside defines, because the host sees them or because it
	// keeps the instance's handles.
	Resources []*ctypes.Resource
	// Memory is the only memory that the outside accesses, if Options.OneMemory or Raw asks for one and there is any. If it
	// is the host memory, and functions of Options.Raw are imported, the host memory begins at the end of Within.
	Memory Memory
	Within graph.CoreRef
	// Realloc is the only realloc that the outside calls, if Options.OneMemory and Flags ask for one and there is any.
	Realloc Func
}

// HostImport is one host function as imported by the fused module: `canon lower` of Func with these options, or a
// built-in.
type HostImport struct {
	Func     graph.FuncID
	Type     corewasm.FuncType // core signature
	Memory   Memory
	Realloc  Func
	Encoding cabi.Encoding
	Async    bool
	Builtin  component.CanonOp // CanonLower, the resource built-in of Resource, or that of Of
	Resource *ctypes.Resource
	Of       *graph.Builtin // has the operands, but not the options
}

// HostExport is one function that the fused module exports and the outer component lifts.
type HostExport struct {
	Func       graph.FuncID
	Core       Func
	PostReturn Func
	Memory     Memory
	Realloc    Func
	Callback   Func
	Encoding   cabi.Encoding
	Async      bool
}

// boundary decides what the fused module imports and exports.
func (d *decider) boundary() error {
	b := &d.Boundary
	for id, c := range d.Live.Calls() {
		p := &d.Calls[id]
		if c.ToHost() {
			l, err := d.lower(c, p)
			if err != nil {
				return err
			}
			p.Import = d.imported(l)
		}
		if c.ByHost() {
			l, err := d.lift(id, c, p)
			if err != nil {
				return err
			}
			b.Exports = append(b.Exports, l)
		}
	}
	return nil
}

// lower decides how a call of the host leaves the fused module: with the caller's own options, or through the host
// memory.
func (d *decider) lower(c *graph.Call, p *Call) (l HostImport, err error) {
	o := c.Caller.Opts
	memory, realloc := memoryOf(o.Memory), Func{}
	if d.converted(c) {
		o.Ptr64, memory, o.Encoding = false, Memory{Host: p.HostMemory.Given()}, d.HostEncoding(o.Encoding)
		if p.HostMemory.Given() {
			realloc = d.hostRealloc(Func{Kind: HostAlloc})
		}
	} else if d.OneMemory && !d.inMemory(d.g.Funcs[c.Func].Type) {
		o.Ptr64, memory = false, Memory{}
	} else if d.Boundary.Realloc.Kind != NoFunc {
		realloc = d.Boundary.Realloc
	} else if realloc, err = d.realloc(c.Caller.Inst, o.Realloc, Guard{}); err != nil {
		return l, err
	}
	return HostImport{
		Func: c.Func, Type: d.abi.Lowered(d.g.Funcs[c.Func].Type, cabi.Options{Ptr64: o.Ptr64, Async: o.Async}), Memory: memory,
		Realloc: realloc, Encoding: o.Encoding, Async: o.Async, Builtin: component.CanonLower,
	}, nil
}

// lift decides how a call by the host enters the fused module. The realloc that lowers its arguments is part of the
// call, which must be allowed to begin. Its post-return function ends it.
func (d *decider) lift(id graph.CallID, c *graph.Call, p *Call) (l HostExport, err error) {
	o := c.Callee.Opts
	var first, last Guard
	if first.First = d.intern(Enter{Test: d.Enters[p.Enter].Test}); first.First != 0 {
		first.EnterReason = p.EnterReason
	}
	if last.Last = d.intern(Enter{Set: d.Enters[p.Enter].Set}); last.Last != 0 {
		last.EnterReason = p.EnterReason
	}
	l = HostExport{Func: c.Func, Encoding: o.Encoding, Async: o.Async}
	if d.converted(c) {
		l.Encoding = d.HostEncoding(o.Encoding)
		l.Core = Func{Kind: Adapter, Call: id}
		if p.HostMemory.Given() {
			l.Memory, l.Realloc = Memory{Host: true}, d.hostRealloc(Func{Kind: HostArgs, Guard: first})
		}
		if p.HostReturn.Given() {
			l.PostReturn = Func{Kind: HostReturn, Guard: last}
		}
		return l, nil
	}
	if l.Memory = memoryOf(o.Memory); d.OneMemory && !d.inMemory(d.g.Funcs[c.Func].Type) {
		l.Memory, o.Realloc = Memory{}, graph.CoreRef{}
	}
	if l.Realloc = d.Boundary.Realloc; l.Realloc.Kind == NoFunc || o.Realloc.IsZero() {
		if l.Realloc, err = d.realloc(c.Callee.Inst, o.Realloc, first); err != nil {
			return l, err
		}
	}
	if l.PostReturn, err = d.guarded(c.Callee.Inst, o.PostReturn, last); err != nil {
		return l, err
	}
	if !o.Callback.IsZero() {
		l.Callback = Func{Kind: Core, Ref: o.Callback}
	}
	l.Core = Func{Kind: Core, Ref: c.Target}
	if p.Enter != 0 || p.Catch.Given() || len(d.Contexts[c.Callee.Inst]) > 0 {
		l.Core = Func{Kind: Entry, Call: id}
	}
	return l, nil
}

// realloc returns a realloc function of an instance for calls by the outer component: it runs as a separate thread,
// with its own context slots (CanonicalABI.md, LiftLowerContext.reallocate). The realloc that lowers a result of the
// host's functions runs within a call; the one for arguments of a call by the host begins it, which g says.
func (d *decider) realloc(inst graph.InstID, ref graph.CoreRef, g Guard) (Func, error) {
	g.Context = because(KeepsContext, len(d.Contexts[inst]) > 0)
	return d.guarded(inst, ref, g)
}

// guarded returns a realloc or post-return function of an instance with a guard, and with the instance's may_leave flag
// cleared if calls within the fused module test the flag. For calls that leave the fused module, the runtime keeps its
// own flag.
func (d *decider) guarded(inst graph.InstID, ref graph.CoreRef, g Guard) (Func, error) {
	if ref.IsZero() {
		return Func{}, nil
	}
	g.Inst = inst
	if !d.unflagged(inst) {
		var err error
		if g.Leave, err = d.leaves(ref); err != nil {
			return Func{}, err
		}
	}
	if !g.Leave.Given() {
		g.Leave = g.Context
	}
	if !g.Any() {
		return Func{Kind: Core, Ref: ref}, nil
	}
	if _, ok := d.g.CoreType(d.abi, ref); !ok {
		return Func{}, diag.New("", "no core function has been found for a realloc or post-return option")
	}
	return Func{Kind: Core, Ref: ref, Guard: g}, nil
}
