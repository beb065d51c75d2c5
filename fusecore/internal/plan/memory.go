// This file implements the decisions about the memory that the host accesses, if it may only access one.
//
// Values of calls by and to the host are converted between that memory and the guests' by adapters, as those with handles
// are between generated tables and the host. If all calls that pass anything in memory have one memory, UTF-8, and one
// realloc, as in a composition with one component that talks to the host, that memory does, and no adapter is needed.

package plan

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// memory decides which memory the host accesses, and its realloc.
func (d *decider) memory() {
	if !d.OneMemory {
		return
	}
	b := &d.Boundary
	one, suits, any := graph.Options{}, !d.Joined || d.onlyMemory(), false
	inst := graph.Host
	for _, c := range d.Live.Calls() {
		t := d.g.Funcs[c.Func].Type
		if !c.ByHost() && !c.ToHost() || !d.inMemory(t) {
			continue
		}
		if c.ByHost() && c.ToHost() {
			suits, any = false, true
			continue
		}
		side := &c.Caller
		if c.ByHost() {
			side = &c.Callee
		}
		o := side.Opts
		mt := d.g.MemType(o.Memory)
		suits = suits && !d.translated(c) && !o.Ptr64 && mt.PageSizeLog2 == pageSizeLog2 && !mt.Limits.Shared &&
			(o.Encoding == cabi.UTF8 || !t.Any(func(t *ctypes.Type) bool { return t.Kind == ctypes.String })) &&
			(!any || o.Memory == one.Memory) && (o.Realloc.IsZero() || one.Realloc.IsZero() || o.Realloc == one.Realloc)
		if one.Memory = o.Memory; !o.Realloc.IsZero() {
			one.Realloc = o.Realloc
		}
		inst, any = side.Inst, true
	}
	raw := d.rawMemory()
	switch {
	case !any && d.Raw == "":
	case !any && raw.IsZero():
		b.Memory = Memory{Host: true} // that Options.Raw asks for
	case !any:
		b.Memory = memoryOf(raw)
	case !suits || !raw.IsZero() && raw != one.Memory:
		d.hosted = true
		b.Memory, b.Within = Memory{Host: true}, raw
		if d.Flags {
			b.Realloc = Func{Kind: HostRealloc}
		}
	default:
		b.Memory = memoryOf(one.Memory)
		if d.Flags && !one.Realloc.IsZero() {
			g := Guard{Inst: inst, Lowers: Because(HostAllocates), Context: because(KeepsContext, len(d.Contexts[inst]) > 0)}
			g.Leave, _ = d.leaves(one.Realloc) // leaving has reported the error
			b.Realloc = Func{Kind: Core, Ref: one.Realloc, Guard: g}
		}
	}
}

// onlyMemory reports whether the fused module has at most one memory, if the host accesses a guest's.
func (d *decider) onlyMemory() bool {
	n := uint32(0)
	for _, ci := range d.Live.Cores() {
		n += ci.Module.Count(corewasm.ExternMem) - ci.Module.NumImported(corewasm.ExternMem)
	}
	for _, c := range d.Live.Calls() {
		if c.Caller.Inst == c.Callee.Inst && d.inMemory(d.g.Funcs[c.Func].Type) { // staged in the host memory
			return false
		}
	}
	return n < 2 && d.Tables != OwnTables
}

// rawMemory returns the memory of the core instance that imports functions of Options.Raw, or zero.
func (d *decider) rawMemory() graph.CoreRef {
	for id, ci := range d.Live.Cores() {
		for _, a := range ci.Args {
			if a.Origin != graph.RefCall || d.Raw == "" {
				continue
			}
			if c := &d.g.Calls[a.Call]; c.ToHost() && d.g.Funcs[c.Func].Import[0] == d.Raw {
				return d.g.Item(id, corewasm.ExternMem, 0)
			}
		}
	}
	return graph.CoreRef{}
}

// pageSizeLog2 is the log2 of the page size of a memory that the host accesses.
const pageSizeLog2 = 16

// translated reports whether a call by or to the host translates handles between a generated table and the host.
func (d *decider) translated(c *graph.Call) bool {
	return c.ByHost() != c.ToHost() && !d.isAsync(c.Caller.Inst) && !d.isAsync(c.Callee.Inst) && d.Tables == OwnTables &&
		d.g.Funcs[c.Func].Type.Any(isHandle)
}

// converted reports whether a call by or to the host has an adapter, because it is translated, because its values pass
// through the host memory, or because it is both by and to the host.
func (d *decider) converted(c *graph.Call) bool {
	return d.translated(c) || c.ByHost() && c.ToHost() || d.hosted && (c.ByHost() || c.ToHost()) && d.inMemory(d.g.Funcs[c.Func].Type)
}

// HostEncoding returns the encoding of strings in the host memory, for calls of a guest with an encoding.
func (p *Plan) HostEncoding(guest cabi.Encoding) cabi.Encoding {
	if p.OneMemory {
		return cabi.UTF8
	}
	return guest
}

// hostResults returns why a call of the host must tell that the host may call the guest's realloc meanwhile.
func (d *decider) hostResults(c *graph.Call) Reason {
	lowers := d.Boundary.Realloc.Guard.Lowers
	return because(lowers.Rule, lowers.Given() && !c.Caller.Opts.Realloc.IsZero() && d.inMemory(d.g.Funcs[c.Func].Type))
}

// hostRealloc returns the realloc of the host memory: the only one that the host calls, or else a given one.
func (d *decider) hostRealloc(f Func) Func {
	if d.Boundary.Realloc.Kind != NoFunc {
		return d.Boundary.Realloc
	}
	return f
}

// importKey is what the outside knows an imported function or built-in by, if it has names.
type importKey struct {
	op       component.CanonOp
	fn       graph.FuncID
	resource *ctypes.Resource
}

// imported makes the fused module import a function. With Options.Named it has one import for equal functions.
func (d *decider) imported(l HostImport) Slot {
	key := importKey{l.Builtin, l.Func, l.Resource}
	if at := d.imports[key]; d.Named && l.Of == nil && at.Ok() {
		return at
	}
	d.Boundary.Imports = append(d.Boundary.Imports, l)
	at := At(len(d.Boundary.Imports) - 1)
	d.imports[key] = at
	return at
}
