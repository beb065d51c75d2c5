// This file implements the decisions about the instance that needs the runtime's tasks.
//
// A graph can have one such instance. The component around the fused module is then that instance's own: its handles,
// waitable sets and threads, their context slots, and the flags with which the runtime lets tasks begin and block are
// those of the runtime. What it lifts and lowers, the outer component lifts and lowers in the same way, with the options
// of the instance's own memory, and the instance's built-ins are the outer component's (CanonicalABI.md, "Canonical
// Definitions").
//
// The other instances do not see any of it. They only share the threads on which the instance calls them, which cannot
// block meanwhile.

package plan

import (
	"maps"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// tasks finds the instance that needs the runtime's tasks, and rejects graphs in which it cannot have them for itself.
func (d *decider) tasks() (err error) {
	if d.conc, err = analyse.NewConcurrency(d.Live, d.reach); err != nil {
		return err
	}
	for i := range d.g.Insts {
		inst := graph.InstID(i)
		switch why := d.conc.Of(inst); {
		case why == "":
		case d.Async == graph.Host:
			d.Async = inst
		default:
			return d.refuse(inst, "two instances need the runtime's tasks: of this one because %s, of %s because %s", why,
				d.g.Insts[d.Async].Path, d.conc.Of(d.Async))
		}
	}
	if d.Async == graph.Host {
		return nil
	}
	delete(d.Contexts, d.Async)
	for _, c := range d.Live.Calls() {
		if c.ByHost() || c.ToHost() {
			continue
		}
		f := &d.g.Funcs[c.Func]
		switch {
		case c.Callee.Inst == d.Async:
			return d.refuse(d.Async, "%s calls the function %s, and %s", d.g.Insts[c.Caller.Inst].Path, f.Name, d.conc.Of(d.Async))
		case c.Caller.Inst == d.Async:
			d.mirrored = true
			if err := d.passesHandles(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// passesHandles rejects a call by the instance that needs the runtime's tasks if the runtime's table is not enough for it:
// the representation of a handle must be that of the outer component's type, and lends must be unobservable (see
// guardHandles).
func (d *decider) passesHandles(f *graph.Func) error {
	owned, borrowed := map[*ctypes.Resource]bool{}, map[*ctypes.Resource]bool{}
	var err error
	for _, p := range f.Type.Params {
		p.Type.Any(func(t *ctypes.Type) bool {
			if t.Kind == ctypes.Own {
				owned[t.Resource] = true
			} else if t.Kind == ctypes.Borrow {
				borrowed[t.Resource] = true
			}
			return false
		})
	}
	f.Type.Any(func(t *ctypes.Type) bool {
		if !isHandle(t) || err != nil {
			return false
		}
		switch impl := d.g.Resources[t.Resource.ID].Impl; {
		case impl == graph.Host || impl == d.Async:
			err = d.refuse(d.Async, "its call of %s passes handles of %s, which the called instance's domain does not implement", f.Name, t.Resource.Name)
		case owned[t.Resource] && borrowed[t.Resource]:
			err = d.refuse(d.Async, "its call of %s passes both owned and borrowed handles of %s", f.Name, t.Resource.Name)
		}
		return false
	})
	return err
}

// refuse returns an error about an instance that cannot be fused with the others.
func (d *decider) refuse(inst graph.InstID, format string, args ...any) error {
	return diag.In(diag.New("", format, args...), "", d.g.Insts[inst].Path, "")
}

// isAsync reports whether an instance needs the runtime's tasks.
func (d *decider) isAsync(inst graph.InstID) bool { return inst == d.Async && inst != graph.Host }

// unflagged reports whether no code tests an instance's may_leave flag, because the runtime keeps it. The flag is
// mirrored if the instance calls others: the runtime does not see these calls, nor the reallocs that belong to them.
func (d *decider) unflagged(inst graph.InstID) bool { return d.isAsync(inst) && !d.mirrored }

// runtimeBuiltins makes the fused module import the built-ins of the instance that needs the runtime's tasks.
func (d *decider) runtimeBuiltins() error {
	for id, b := range d.Live.Builtins() {
		if !d.isAsync(b.Inst) {
			continue
		}
		p := &d.Builtins[id]
		if b.Resource != nil {
			p.Import = d.lowerBuiltin(b.Op, b.Resource)
			continue
		}
		l := HostImport{Builtin: b.Op, Of: b, Memory: memoryOf(b.Opts.Memory), Encoding: b.Opts.Encoding, Async: b.Opts.Async}
		var ok bool
		if l.Type, ok = d.conc.CoreType(d.abi, id); !ok {
			return d.refuse(b.Inst, "the type of its built-in %v refers to other types", b.Op)
		}
		if !b.Table.IsZero() && !d.movable(b.Table) {
			return d.refuse(b.Inst, "its built-in %v uses a table that cannot exist before the module that defines it", b.Op)
		}
		var err error
		if l.Realloc, err = d.realloc(b.Inst, b.Opts.Realloc, Guard{}); err != nil {
			return err
		}
		for _, t := range []*ctypes.Type{b.Type, b.Result} {
			if t != nil {
				d.defineAll(t)
			}
		}
		p.Import = At(len(d.Boundary.Imports))
		d.Boundary.Imports = append(d.Boundary.Imports, l)
	}
	return d.asyncContexts()
}

// movable reports whether the outer component can define a core instance's table: it refers to nothing in the core
// instance, which defines it in the fused module.
func (d *decider) movable(table graph.CoreRef) bool {
	m := d.g.Cores[table.Core].Module
	at := int(table.Index - m.NumImported(corewasm.ExternTable))
	return d.Live.Core(table.Core) && m.Tables[at].Init == nil && m.Tables[at].Type.Elem == corewasm.FuncRef
}

// asyncContexts finds the context slots that must be saved and zeroed around reallocs which adapters call, because a
// realloc has slots of its own (CanonicalABI.md, LiftLowerContext.reallocate). A slot that the instance only reads or
// only writes needs nothing.
func (d *decider) asyncContexts() error {
	var reallocs []graph.CoreRef
	for _, c := range d.Live.Calls() {
		if d.isAsync(c.Caller.Inst) && !c.ToHost() {
			reallocs = append(reallocs, c.Caller.Opts.Realloc)
		}
	}
	r, err := d.reach.From(reallocs...)
	if err != nil {
		return err
	}
	isContext := func(b *graph.Builtin) bool {
		return b.Op == component.CanonContextGet || b.Op == component.CanonContextSet
	}
	used, found := map[uint32]bool{}, map[uint32]*AsyncContext{}
	for _, id := range r.Builtins {
		if b := &d.g.Builtins[id]; isContext(b) {
			used[b.Slot] = true
		}
	}
	for id, b := range d.Live.Builtins() {
		if !d.isAsync(b.Inst) || !isContext(b) || !used[b.Slot] {
			continue
		}
		if found[b.Slot] == nil {
			found[b.Slot] = &AsyncContext{Type: b.ValType}
		}
		switch b.Op {
		case component.CanonContextGet:
			found[b.Slot].Get = d.Builtins[id].Import
		case component.CanonContextSet:
			found[b.Slot].Set = d.Builtins[id].Import
		}
	}
	for _, slot := range slices.Sorted(maps.Keys(found)) {
		if c := found[slot]; c.Get.Ok() && c.Set.Ok() {
			d.AsyncContexts = append(d.AsyncContexts, *c)
		}
	}
	return nil
}

// defineAll makes the outer component define the resource types in a type.
func (d *decider) defineAll(t *ctypes.Type) {
	t.Any(func(t *ctypes.Type) bool {
		if isHandle(t) {
			d.define(t.Resource)
		}
		return false
	})
}
