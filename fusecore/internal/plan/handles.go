// This file implements the decisions about resource handles.

package plan

import (
	"maps"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// handles decides who keeps handle tables, which resource types the outer component defines, and which of its built-ins
// the fused module needs.
func (d *decider) handles() error {
	d.Tables, d.TablesReason = d.tableMode()
	if err := d.runtimeBuiltins(); err != nil {
		return err
	}
	for id, b := range d.Live.Builtins() {
		if d.isAsync(b.Inst) {
			continue
		}
		switch b.Op {
		case component.CanonResourceNew, component.CanonResourceDrop, component.CanonResourceRep:
			d.resourceBuiltin(id, b)
		}
	}
	for _, r := range d.shown {
		d.define(r)
	}
	if d.Tables == OwnTables {
		return d.crossings()
	}
	return nil
}

// tableMode decides who keeps handle tables, depending on whether any instance holds resource handles, and whether
// several do. If only one does, the outer component's table is that instance's table, with the runtime's numbering and
// traps.
func (d *decider) tableMode() (mode TableMode, why Reason) {
	one := graph.Host
	use := func(i graph.InstID) {
		switch {
		case i == graph.Host, i == d.Async:
		case d.Async != graph.Host:
			mode, why = OwnTables, Because(OfTheRuntime)
		case one == graph.Host:
			one, mode, why = i, RuntimeTable, Because(OneHolder)
		case i != one:
			mode, why = OwnTables, Because(SeveralHolders)
		}
	}
	for id, b := range d.Live.Builtins() {
		switch {
		case d.Builtins[id].Entry:
			return OwnTables, Because(OtherElements) // which only a generated table can have
		case d.Named && b.Resource != nil && !d.ofHost(b.Resource) && !d.exported[b.Resource]:
			return OwnTables, Because(NotNamed)
		}
		if b.Resource != nil {
			use(b.Inst)
		}
	}
	for _, c := range d.Live.Calls() {
		if d.g.Funcs[c.Func].Type.Any(isHandle) {
			if c.Caller.Inst == c.Callee.Inst && !c.ByHost() {
				return OwnTables, Because(OneInstance) // the runtime's built-ins cannot move a handle within its table
			}
			use(c.Caller.Inst)
			use(c.Callee.Inst)
		}
	}
	return mode, why
}

// exports adds the resource types of items of the world's exports to shown.
func (d *decider) exports(items []world.Item) {
	for i := range items {
		if r := items[i].Resource; r != nil && !d.exported[r] {
			d.exported[r] = true
			d.shown = append(d.shown, r)
		}
		d.exports(items[i].Items)
	}
}

func isHandle(t *ctypes.Type) bool { return t.Kind == ctypes.Own || t.Kind == ctypes.Borrow }

// HoldsHandles lists the instances that can hold entries in handle tables, in order.
func (p *Plan) HoldsHandles() []graph.InstID {
	held := map[graph.InstID]bool{}
	for id, b := range p.Live.Builtins() {
		if b.Resource != nil || p.Builtins[id].Entry {
			held[b.Inst] = true
		}
	}
	for _, c := range p.Live.Calls() {
		if p.Graph.Funcs[c.Func].Type.Any(isHandle) {
			held[c.Caller.Inst], held[c.Callee.Inst] = true, true
		}
	}
	delete(held, graph.Host)
	delete(held, p.Async)
	return slices.Sorted(maps.Keys(held))
}

// resourceBuiltin decides how a built-in of a resource type is provided: by the outer component, or by a function on
// generated tables, which for an imported type still drops handles with the outer component's built-in.
func (d *decider) resourceBuiltin(id graph.BuiltinID, b *graph.Builtin) {
	r := &d.Resources[b.Resource.ID]
	if d.Tables == RuntimeTable {
		p := &d.Builtins[id]
		p.Import = d.lowerBuiltin(b.Op, b.Resource)
		p.Dropping = b.Op == component.CanonResourceDrop && r.HostEnter != 0
		return
	}
	if b.Op == component.CanonResourceDrop && d.ofHost(b.Resource) && !r.HostDrop.Ok() {
		r.HostDrop = d.lowerBuiltin(b.Op, b.Resource)
	}
}

// ofHost reports whether the host implements a resource type.
func (d *decider) ofHost(r *ctypes.Resource) bool { return d.g.Resources[r.ID].Impl == graph.Host }

// lowerBuiltin makes the fused module import a resource built-in.
func (d *decider) lowerBuiltin(op component.CanonOp, r *ctypes.Resource) Slot {
	d.define(r)
	t, _ := op.CoreType(corewasm.I32)
	return d.imported(HostImport{Type: t, Builtin: op, Resource: r})
}

// define makes the outer component define a resource type of an instance.
func (d *decider) define(r *ctypes.Resource) {
	if d.ofHost(r) || d.defined[r] {
		return
	}
	d.defined[r] = true
	d.Boundary.Resources = append(d.Boundary.Resources, r)
}

// crossings determines the resource types of instances that cross to or from the host, and makes the fused module
// import the built-ins that convert between its own handles and the outer component's.
func (d *decider) crossings() error {
	for _, c := range d.Live.Calls() {
		f := d.g.Funcs[c.Func].Type
		switch {
		case d.isAsync(c.Callee.Inst), d.isAsync(c.Caller.Inst) && c.ToHost():
			continue
		case d.isAsync(c.Caller.Inst):
			d.runtimeHandles(f)
			continue
		case !c.ByHost() && !c.ToHost():
			continue
		}
		if d.Async != graph.Host && f.Any(isHandle) {
			return d.refuse(d.Async, "handles pass between another instance and the host, by %s, and %s", d.g.Funcs[c.Func].Name, d.conc.Of(d.Async))
		}
		for _, p := range f.Params {
			d.crosses(p.Type, c.ToHost())
		}
		d.crosses(f.Result, c.ByHost())
	}
	return nil
}

// runtimeHandles makes the fused module import what converts between the representations that an instance passes, and
// the handles that the runtime keeps for its caller.
func (d *decider) runtimeHandles(f *ctypes.Func) {
	for _, p := range f.Params {
		d.crosses(p.Type, false)
		p.Type.Any(func(t *ctypes.Type) bool {
			if r := t.Resource; t.Kind == ctypes.Borrow && !d.Resources[r.ID].HostRep.Ok() {
				d.Resources[r.ID].HostRep = d.lowerBuiltin(component.CanonResourceRep, r)
			}
			return false
		})
	}
	d.crosses(f.Result, true)
}

// crosses decides what values of a type need when they cross to or from the host.
func (d *decider) crosses(t *ctypes.Type, toHost bool) {
	t.Any(func(t *ctypes.Type) bool {
		if !isHandle(t) || d.ofHost(t.Resource) {
			return false
		}
		d.define(t.Resource)
		r := &d.Resources[t.Resource.ID]
		switch {
		case t.Kind == ctypes.Borrow:
		case toHost && !r.HostNew.Ok():
			r.HostNew = d.lowerBuiltin(component.CanonResourceNew, t.Resource)
		case !toHost && !r.HostDrop.Ok():
			if !r.HostRep.Ok() {
				r.HostRep = d.lowerBuiltin(component.CanonResourceRep, t.Resource)
			}
			r.HostDrop = d.lowerBuiltin(component.CanonResourceDrop, t.Resource)
		}
		return false
	})
}

// guardHandles decides what a call must record about handles while it runs. Borrows that are passed to the callee's
// instance as handles must be dropped before it returns; a callee that implements the type is passed the representation
// instead (CanonicalABI.md, lower_borrow). A lend is observable if the same call also takes an owning handle of its
// type, or if the caller's instance can be re-entered in the meantime and remove such handles. Otherwise the caller
// runs no code until the call ends, except its realloc, which cannot drop.
func (d *decider) guardHandles(p *Call, c *graph.Call, f *ctypes.Func) {
	var borrowed []*ctypes.Resource
	for _, param := range f.Params {
		param.Type.Any(func(t *ctypes.Type) bool {
			if t.Kind == ctypes.Borrow {
				if !slices.Contains(borrowed, t.Resource) {
					borrowed = append(borrowed, t.Resource)
				}
				if !c.ToHost() && d.g.Resources[t.Resource.ID].Impl != c.Callee.Inst {
					p.Scope = Because(BorrowsPassed)
				}
			}
			return false
		})
	}
	if c.ByHost() {
		return // the runtime counts the host's lends
	}
	for _, param := range f.Params {
		if param.Type.Any(func(t *ctypes.Type) bool { return t.Kind == ctypes.Own && slices.Contains(borrowed, t.Resource) }) {
			p.Lends = Because(OwnsPassed)
		}
	}
	for _, r := range borrowed {
		if !p.Lends.Given() {
			p.Lends = because(OwnsTaken, d.entries.Takes(c, r))
		}
	}
}
