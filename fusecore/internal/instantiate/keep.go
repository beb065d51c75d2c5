// This file implements kept instances: what is known of an instance without evaluating its component.
//
//	(component $C (import "log" (func $log (param string)))
//	  ... definitions that cannot be evaluated ...
//	  (export "run" (func $run)))
//	(instance $i (instantiate $C (with "log" (func $f))))
//
// The type of $C is known, because the component is valid. So the graph gets a function root/C#run without a lift, and
// $f as what the kept instance is given.

package instantiate

import (
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// child returns an instance of a nested component. If a part of the component cannot be evaluated, the instance is
// kept; if that is impossible too, the error is about that part.
func (ev *evaluator) child(c *compVal, parent *frame, args map[string]item) (*instVal, error) {
	inst := graph.Inst{Parent: parent.inst, Path: ev.path(parent.path(), c.name)}
	why, keep := ev.keep[inst.Path]
	var failed error
	if !keep {
		before := ev.mark()
		f, err := ev.instantiate(c, inst, args)
		if err == nil {
			return f.exports, nil
		}
		if ev.over {
			return nil, err
		}
		var e *diag.Error
		if !errors.As(err, &e) {
			return nil, err
		}
		ev.reset(before)
		failed, why = err, e.Reason(inst.Path)
	}
	inst.Kept = &graph.Kept{Why: why}
	v, err := ev.kept(c, inst, args)
	if failed != nil && err != nil {
		err = failed
	}
	return v, err
}

// mark is the extent of a graph at some point of its evaluation.
type mark struct{ insts, cores, resources, funcs, calls, builtins, opaques int }

func (ev *evaluator) mark() mark {
	g := ev.g
	return mark{len(g.Insts), len(g.Cores), len(g.Resources), len(g.Funcs), len(g.Calls), len(g.Builtins), len(g.Opaques)}
}

// reset removes what has been added to the graph since a mark.
func (ev *evaluator) reset(m mark) {
	g := ev.g
	for i := m.calls; i < len(g.Calls); i++ {
		c := &g.Calls[i]
		delete(ev.calls, callKey{fn: c.Func, caller: c.Caller})
	}
	g.Insts, g.Cores, g.Resources = g.Insts[:m.insts], g.Cores[:m.cores], g.Resources[:m.resources]
	g.Funcs, g.Calls, g.Builtins = g.Funcs[:m.funcs], g.Calls[:m.calls], g.Builtins[:m.builtins]
	g.Opaques = g.Opaques[:m.opaques]
	maps.DeleteFunc(ev.defined, func(_ any, id graph.OpaqueID) bool { return int(id) >= m.opaques })
}

// kept adds a kept instance to the graph.
func (ev *evaluator) kept(c *compVal, inst graph.Inst, args map[string]item) (*instVal, error) {
	k, err := ev.close(c)
	if err != nil {
		return nil, err
	}
	declared, err := k.declare()
	if err != nil {
		return nil, err
	}
	kp := &keeper{ev: ev, inst: graph.InstID(len(ev.g.Insts)), path: inst.Path, resources: map[*ctypes.Resource]*ctypes.Resource{}}
	for i := range declared.Imports {
		it := &declared.Imports[i]
		arg, ok := args[it.Name]
		if err := kp.supplied(it, arg, ok); err != nil {
			return nil, diag.In(err, "", inst.Path, "import "+strconv.Quote(it.Name))
		}
	}
	kp.defined(declared.Exports, nil)
	w := declared.Bound(kp.resources)
	for i := range w.Imports {
		if err := kp.argument(&w.Imports[i], args[w.Imports[i].Name]); err != nil {
			return nil, diag.In(err, "", inst.Path, "import "+strconv.Quote(w.Imports[i].Name))
		}
	}
	v := kp.exports(w.Exports, nil)
	inst.Kept.Component, inst.Kept.Args, inst.Kept.Exports = k.comp, w.Imports, w.Exports
	inst.Kept.Before = graph.CoreID(len(ev.g.Cores))
	ev.g.Insts = append(ev.g.Insts, inst)
	return v, nil
}

// keeper connects the type of a kept instance's component with the items of the graph.
type keeper struct {
	ev   *evaluator
	inst graph.InstID
	path string
	// resources has the graph's resource types by those of the component's type.
	resources map[*ctypes.Resource]*ctypes.Resource
}

// supplied notes the resource types that an argument supplies.
func (k *keeper) supplied(it *world.Item, arg item, ok bool) error {
	switch {
	case !ok || arg.sort != it.Sort:
		return diag.New("", "nothing of this sort supplies it")
	case it.Sort == component.SortInstance:
		for i := range it.Items {
			part, ok := arg.inst.items[it.Items[i].Name]
			if err := k.supplied(&it.Items[i], part, ok); err != nil {
				return diag.In(err, "", "", "export "+strconv.Quote(it.Items[i].Name))
			}
		}
	case it.Sort == component.SortType && it.Resource != nil:
		if arg.typ.res == nil {
			return diag.New("", "it is supplied with a type that is no resource type")
		}
		if k.resources[it.Resource] == nil {
			k.resources[it.Resource] = arg.typ.res
		}
	}
	return nil
}

// defined makes the resource types of the graph that the instance exports as new ones.
func (k *keeper) defined(items []world.Item, path []string) {
	for i := range items {
		it := &items[i]
		at := append(slices.Clone(path), it.Name)
		if it.Resource != nil && k.resources[it.Resource] == nil {
			k.resources[it.Resource] = k.ev.newResource(k.path+"/"+hostName(at), graph.Resource{Impl: k.inst})
		}
		k.defined(it.Items, at)
	}
}

// argument completes an import with what supplies it.
func (k *keeper) argument(it *world.Item, arg item) (err error) {
	switch it.Sort {
	case component.SortCore, component.SortComponent:
		it.Opaque, err = k.ev.opaqueOf(arg)
	case component.SortFunc:
		it.Func = arg.fn
	case component.SortInstance:
		if it.Import = arg.inst.imported; it.Import != nil {
			it.Items = nil
		}
		for i := range it.Items {
			if err := k.argument(&it.Items[i], arg.inst.items[it.Items[i].Name]); err != nil {
				return err
			}
		}
	}
	return err
}

// exports returns an instance with the items that the kept instance exports under a path, whose functions it adds to
// the graph.
func (k *keeper) exports(items []world.Item, path []string) *instVal {
	v, g := newInstVal(), k.ev.g
	for i := range items {
		w := &items[i]
		at := append(slices.Clone(path), w.Name)
		it := item{sort: w.Sort}
		switch w.Sort {
		case component.SortFunc:
			w.Func = graph.FuncID(len(g.Funcs))
			it.fn = w.Func
			g.Funcs = append(g.Funcs, graph.Func{Type: w.FuncType, Name: hostName(at), Inst: k.inst, Import: at})
		case component.SortCore, component.SortComponent:
			it, w.Opaque = k.ev.opaque(w.Sort, graph.Opaque{Inst: k.inst, Import: at})
		case component.SortType:
			it.typ = &typeVal{val: w.Type, res: w.Resource}
			if w.Def != nil {
				it.typ.fn = w.Def.Func
			}
		case component.SortInstance:
			it.inst = k.exports(w.Items, at)
		}
		v.add(w.Name, it)
	}
	return v
}

// opaque adds an opaque core module or component to the graph.
func (ev *evaluator) opaque(s component.Sort, o graph.Opaque) (item, graph.OpaqueID) {
	id := graph.OpaqueID(len(ev.g.Opaques))
	ev.g.Opaques = append(ev.g.Opaques, o)
	if s == component.SortCore {
		return item{sort: s, module: &moduleVal{opaque: id}}, id
	}
	return item{sort: s, comp: &compVal{opaque: id}}, id
}

// opaqueOf returns a core module or component as an entry of the graph.
func (ev *evaluator) opaqueOf(it item) (graph.OpaqueID, error) {
	var of any
	var def component.Def
	if it.sort == component.SortCore {
		if it.module.def == nil {
			return it.module.opaque, nil
		}
		of, def = it.module.def, it.module.def
	} else {
		if it.comp.c == nil {
			return it.comp.opaque, nil
		}
		k, err := ev.close(it.comp)
		if err != nil {
			return 0, err
		}
		of, def = k, &component.NestedComponent{Component: k.comp}
	}
	id, known := ev.defined[of]
	if !known {
		_, id = ev.opaque(it.sort, graph.Opaque{Def: def})
		ev.defined[of] = id
	}
	return id, nil
}
