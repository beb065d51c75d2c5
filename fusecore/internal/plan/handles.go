package plan

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// handles decides who keeps handle tables, which resource types the surrounding component defines, and which of its
// built-ins the fused module needs.
func (d *decider) handles() {
	d.g.Handles = d.handleMode()
	for i := range d.g.Resources {
		r := &d.g.Resources[i]
		r.HostNew, r.HostRep, r.HostDrop = -1, -1, -1
	}
	for i := range d.g.Builtins {
		b := &d.g.Builtins[i]
		b.Lower = -1
		if b.Dropped {
			continue
		}
		switch b.Op {
		case component.CanonResourceNew, component.CanonResourceDrop, component.CanonResourceRep:
			d.resourceBuiltin(b)
		}
	}
	d.worldResources(d.g.World.Exports)
	if d.g.Handles == HandlesTables {
		d.crossings()
	}
}

// handleMode says whether any instance holds resource handles, and whether more than one does. When only one does, the
// table of the surrounding component is that instance's own: numbers and traps are the runtime's.
func (d *decider) handleMode() Handles {
	one, mode := Host, HandlesNone
	use := func(i InstID) {
		switch {
		case i == Host:
		case one == Host:
			one, mode = i, HandlesRuntime
		case i != one:
			mode = HandlesTables
		}
	}
	for i := range d.g.Builtins {
		b := &d.g.Builtins[i]
		if b.Dropped {
			continue
		}
		if b.Entries() {
			return HandlesTables // resource handles share the numbers of entries that only a table of ours can have
		}
		if b.Resource != nil {
			use(b.Inst)
		}
	}
	for i := range d.g.Calls {
		if c := &d.g.Calls[i]; !c.Dropped && d.g.Funcs[c.Func].Type.Any(isHandle) {
			if c.Caller.Inst == c.Callee.Inst {
				return HandlesTables // the runtime's built-ins cannot move a handle within its table
			}
			use(c.Caller.Inst)
			use(c.Callee.Inst)
		}
	}
	return mode
}

func isHandle(t *ctypes.Type) bool { return t.Kind == ctypes.Own || t.Kind == ctypes.Borrow }

// resourceBuiltin decides what stands behind a built-in of a resource type: the surrounding component's own, or a
// function over our tables, which for an imported type still drops handles through the component's.
func (d *decider) resourceBuiltin(b *Builtin) {
	r := &d.g.Resources[b.Resource.ID]
	if d.g.Handles == HandlesRuntime {
		b.Lower = d.lowerBuiltin(b.Op, r)
		b.Dropping = b.Op == component.CanonResourceDrop && r.HostEnter.Any()
		return
	}
	if b.Op == component.CanonResourceDrop && r.Definer == Host && r.HostDrop < 0 {
		r.HostDrop = d.lowerBuiltin(b.Op, r)
	}
}

// lowerBuiltin makes the fused module import a resource built-in.
func (d *decider) lowerBuiltin(op component.CanonOp, r *Resource) int {
	d.define(r)
	d.g.Boundary.Lowers = append(d.g.Boundary.Lowers, Lower{
		Call: -1, Type: builtinType(op), Memory: -1, Realloc: -1, Builtin: op, Resource: r.Type,
	})
	return len(d.g.Boundary.Lowers) - 1
}

// define has the surrounding component define a resource type of an instance.
func (d *decider) define(r *Resource) {
	if r.Definer == Host {
		return
	}
	if d.defined[r.Type] {
		return
	}
	d.defined[r.Type] = true
	// With tables of ours the destructor is theirs, see handles.
	def := Defined{Resource: r.Type}
	if d.g.Handles != HandlesTables {
		def.Dtor = runtimeDestructor(d.u, d.g, r.Type)
	}
	d.g.Boundary.Resources = append(d.g.Boundary.Resources, def)
}

// worldResources defines the resource types that the world exports.
func (d *decider) worldResources(items []world.Item) {
	for i := range items {
		if r := items[i].Resource; r != nil {
			d.define(&d.g.Resources[r.ID])
		}
		d.worldResources(items[i].Items)
	}
}

// crossings finds the resource types of instances that cross to or from the host, and makes the fused module import the
// built-ins with which it turns its own handles into the component's and back.
func (d *decider) crossings() {
	for i := range d.g.Calls {
		c := &d.g.Calls[i]
		if c.Dropped || c.Caller.Inst != Host && c.Callee.Inst != Host {
			continue
		}
		f := d.g.Funcs[c.Func].Type
		cross := func(t *ctypes.Type, toHost bool) {
			t.Any(func(t *ctypes.Type) bool {
				if !isHandle(t) {
					return false
				}
				r := &d.g.Resources[t.Resource.ID]
				if r.Definer == Host {
					return false
				}
				d.define(r)
				switch {
				case t.Kind == ctypes.Borrow:
				case toHost && r.HostNew < 0:
					r.HostNew = d.lowerBuiltin(component.CanonResourceNew, r)
				case !toHost && r.HostRep < 0:
					r.HostRep = d.lowerBuiltin(component.CanonResourceRep, r)
					r.HostDrop = d.lowerBuiltin(component.CanonResourceDrop, r)
				}
				return false
			})
		}
		for _, p := range f.Params {
			cross(p.Type, c.Callee.Inst == Host)
		}
		cross(f.Result, c.Caller.Inst == Host)
	}
}

// builtinType is the core signature of a resource built-in (CanonicalABI.md, canon resource.new, drop, rep).
func builtinType(op component.CanonOp) corewasm.FuncType {
	t := corewasm.FuncType{Params: []corewasm.ValType{corewasm.I32}}
	if op != component.CanonResourceDrop {
		t.Results = []corewasm.ValType{corewasm.I32}
	}
	return t
}

// handleGates sets what a call must keep about handles while it runs. Borrows that the callee's instance is given as
// handles must be dropped before it returns; a callee that defines the type is given the representation instead
// (CanonicalABI.md, lower_borrow). That a handle is lent can be seen when the same call also takes an owning handle of
// its type, and when the caller's instance can be entered again meanwhile and take such handles. Else the caller runs no
// code of its own until the call ends, but its realloc, which cannot drop.
func (d *decider) handleGates(c *Call, f *ctypes.Func) {
	var borrowed []*ctypes.Resource
	for _, p := range f.Params {
		p.Type.Any(func(t *ctypes.Type) bool {
			if t.Kind == ctypes.Borrow {
				if !slices.Contains(borrowed, t.Resource) {
					borrowed = append(borrowed, t.Resource)
				}
				if c.Callee.Inst != Host && d.g.Resources[t.Resource.ID].Definer != c.Callee.Inst {
					c.Gate.Scope = true
				}
			}
			return false
		})
	}
	if c.Caller.Inst == Host {
		return // the runtime counts what the host lends
	}
	for _, p := range f.Params {
		if p.Type.Any(func(t *ctypes.Type) bool { return t.Kind == ctypes.Own && slices.Contains(borrowed, t.Resource) }) {
			c.Gate.Lends = true
		}
	}
	for _, r := range borrowed {
		c.Gate.Lends = c.Gate.Lends || d.entries.takes(c, r)
	}
}

// hostCallee routes a call of the host through the boundary memory: the host's view of every value lies there, because
// handles in it differ from those that the caller's memory holds.
func (d *decider) hostCallee(c *Call, id CallID, f *Func) {
	b := &d.g.Boundary
	c.Callee.Opts = d.hostOptions(f.Type, c.Caller.Opts.Encoding)
	c.Lower = len(b.Lowers)
	b.Lowers = append(b.Lowers, Lower{
		Func: c.Func, Call: id, Type: d.abi.Lowered(f.Type, cabi.Options{}),
		Memory: d.place(&b.Memories, c.Callee.Opts.Memory.Sym()), Realloc: d.place(&b.Reallocs, c.Callee.Opts.Realloc.Sym()),
		Encoding: c.Callee.Opts.Encoding, Builtin: component.CanonLower,
	})
}

// hostCaller routes a call by the host through the boundary memory.
func (d *decider) hostCaller(c *Call, id CallID, f *Func) {
	b := &d.g.Boundary
	t := d.abi.Lifted(f.Type, cabi.Options{})
	c.Caller.Opts = d.hostOptions(f.Type, c.Callee.Opts.Encoding)
	c.Export = len(b.Lifts)
	l := Lift{Func: c.Func, Call: id, Type: t, Core: CallSym(id), Memory: c.Caller.Opts.Memory.Sym(), Encoding: c.Caller.Opts.Encoding}
	if !l.Memory.IsZero() {
		l.Realloc = d.boundaryArgs(c.Gate.Enter)
		if _, inMemory := d.abi.Results(f.Type, false); inMemory {
			c.Caller.Opts.PostReturn = d.boundaryReturn(c.Gate.Enter)
			l.PostReturn = c.Caller.Opts.PostReturn.Sym()
		}
	}
	b.Lifts = append(b.Lifts, l)
}

// hostOptions are the options of the host's side of a call: the boundary memory, if anything lies in memory.
func (d *decider) hostOptions(f *ctypes.Func, e cabi.Encoding) Options {
	o := Options{Encoding: e}
	if d.flat(f) && !f.Any(func(t *ctypes.Type) bool {
		return t.Kind == ctypes.String || t.Kind == ctypes.List || t.Kind == ctypes.Map
	}) {
		return o
	}
	o.Memory, o.Realloc, o.Top = BoundaryMemory(d.u)
	return o
}
