// This file implements types and the host's items.

package instantiate

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// typeDef evaluates a type definition of a component. A resource type definition creates a new identity each time.
func (f *frame) typeDef(d *component.Type) error {
	r, ok := d.Def.(*component.ResourceDef)
	if !ok {
		return evalType(f.scope, d)
	}
	if r.Rep != corewasm.I32 {
		return diag.New("", "a resource represented by %v cannot be fused", r.Rep).WithHint("use (rep i32)")
	}
	res := graph.Resource{Impl: f.inst}
	if r.Dtor != nil {
		ref, err := component.Pick(f.core[corewasm.ExternFunc], *r.Dtor, "core function")
		if err != nil {
			return err
		}
		res.Dtor = ref
	}
	t := f.ev.newResource(f.path()+"/resource"+strconv.Itoa(f.space.Len(component.SortType)), res)
	f.bind(item{sort: component.SortType, typ: &typeVal{res: t}})
	return nil
}

// evalType evaluates any other type definition, of a component or within a component or instance type.
func evalType(s *scope, d *component.Type) error {
	var t typeVal
	var err error
	switch def := d.Def.(type) {
	case *component.ValDef:
		t.val, err = ctypes.EvalVal(s, def)
	case *component.FuncDef:
		t.fn, err = ctypes.EvalFunc(s, def)
	case *component.ComponentDef:
		t.def = &typeClosure{comp: def, env: s}
	case *component.InstanceDef:
		t.def = &typeClosure{inst: def, env: s}
	default:
		err = diag.New("", "a type of this sort cannot be defined here")
	}
	if err != nil {
		return err
	}
	s.bind(item{sort: component.SortType, typ: &t})
	return nil
}

// hostImport binds an import of the root component to an item of the host: a function to call, a resource type with a
// new identity, or an instance of these.
func (f *frame) hostImport(d *component.Import) error {
	it, w, err := f.hostItem(f.scope, []string{d.Name.Name}, d.Name, &d.Type)
	if err != nil {
		return diag.In(err, "", "", "import "+strconv.Quote(d.Name.Name))
	}
	f.bind(it)
	f.ev.g.World.Imports = append(f.ev.g.World.Imports, w)
	return nil
}

// hostItem returns the item for an import, or for an export of an imported instance, with type t in scope s.
func (f *frame) hostItem(s *scope, path []string, name component.ExternName, t *component.ExternType) (item, world.Item, error) {
	it := item{}
	w := world.Item{Name: name.Name, Attributes: name.Attributes}
	g := f.ev.g
	switch t.Kind {
	case component.ExternFunc:
		ft, err := s.funcType(t.Index)
		if err != nil {
			return it, w, err
		}
		it.sort, it.fn = component.SortFunc, graph.FuncID(len(g.Funcs))
		g.Funcs = append(g.Funcs, graph.Func{Type: ft, Name: hostName(path), Inst: graph.Host, Import: path})
		w.Func, w.FuncType = it.fn, ft
	case component.ExternTypeBound:
		it.sort = component.SortType
		if t.SubResource {
			it.typ = &typeVal{res: f.ev.newResource(hostName(path), graph.Resource{Impl: graph.Host})}
			g.World.Outside[it.typ.res] = path
		} else {
			var err error
			if it.typ, err = s.typeAt(t.Index); err != nil {
				return it, w, err
			}
		}
		w.Type, w.Resource = it.typ.val, it.typ.res
	case component.ExternInstance:
		def, err := s.instanceType(t.Index)
		if err != nil {
			return it, w, err
		}
		it.sort = component.SortInstance
		if it.inst, w.Items, err = f.hostInstance(path, def); err != nil {
			return it, w, err
		}
	case component.ExternModule, component.ExternComponent:
		it, w.Opaque = f.ev.opaque(t.Kind.Sort(), graph.Opaque{Inst: graph.Host, Import: path})
	default:
		return it, w, errValues()
	}
	w.Sort = it.sort
	return it, w, nil
}

func hostName(path []string) string {
	if len(path) == 1 {
		return path[0]
	}
	out := path[0] + "#"
	for i, p := range path[1:] {
		if i > 0 {
			out += "/"
		}
		out += p
	}
	return out
}

// hostInstance returns an instance of the host for a type, following the declarators in order (Binary.md,
// "instancedecl").
func (f *frame) hostInstance(path []string, def *typeClosure) (*instVal, []world.Item, error) {
	s := &scope{outer: def.env}
	v := newInstVal()
	v.imported = path
	var items []world.Item
	for _, d := range def.inst.Decls {
		if err := f.ev.spend(weight(d)); err != nil {
			return nil, nil, err
		}
		switch d := d.(type) {
		case *component.CoreType:
			s.bindCoreTypes(d)
		case *component.Type:
			if err := evalType(s, d); err != nil {
				return nil, nil, err
			}
		case *component.Alias:
			err := error(nil)
			if d.Target == component.AliasExport {
				err = aliasExport(s, d)
			} else {
				err = aliasOuter(s, d)
			}
			if err != nil {
				return nil, nil, err
			}
		case *component.Export:
			if err := f.ev.worldItem(); err != nil {
				return nil, nil, err
			}
			it, w, err := f.hostItem(s, append(slices.Clone(path), d.Name.Name), d.Name, d.Type)
			if err != nil {
				return nil, nil, diag.In(err, "", "", "export "+strconv.Quote(d.Name.Name))
			}
			s.bind(it)
			v.add(d.Name.Name, it)
			items = append(items, w)
		default:
			return nil, nil, diag.New("", "an instance type cannot hold %T", d)
		}
	}
	return v, items, nil
}

// world records the root's exports.
func (ev *evaluator) world(root *frame) error {
	items, err := ev.worldItems(root.exports)
	if err != nil {
		return err
	}
	attrs := map[string]*component.Attributes{}
	for _, d := range root.c.Defs {
		if e, ok := d.(*component.Export); ok {
			attrs[e.Name.Name] = e.Name.Attributes
		}
	}
	for i := range items {
		items[i].Attributes = attrs[items[i].Name]
	}
	ev.g.World.Exports = items
	return nil
}

func (ev *evaluator) worldItems(v *instVal) ([]world.Item, error) {
	var out []world.Item
	for _, n := range v.names {
		if err := ev.worldItem(); err != nil {
			return nil, err
		}
		it := v.items[n]
		w := world.Item{Name: n, Sort: it.sort}
		switch it.sort {
		case component.SortFunc:
			fn := &ev.g.Funcs[it.fn]
			w.Func, w.FuncType = it.fn, cmp.Or(it.decl, fn.Type)
			if fn.Inst == graph.Host {
				w.Import = fn.Import
			} else {
				ev.exportCall(it.fn)
			}
		case component.SortInstance:
			w.Import = it.inst.imported
			if w.Import == nil {
				var err error
				if w.Items, err = ev.worldItems(it.inst); err != nil {
					return nil, diag.In(err, "", "", "export "+strconv.Quote(n))
				}
			}
		case component.SortType:
			w.Type, w.Resource = it.typ.val, it.typ.res
			if w.Resource != nil {
				w.Import = ev.g.World.Outside[w.Resource]
			}
		case component.SortCore, component.SortComponent:
			var err error
			if w.Opaque, err = ev.opaqueOf(it); err != nil {
				return nil, diag.In(err, "", "", "export "+strconv.Quote(n))
			}
			if o := &ev.g.Opaques[w.Opaque]; o.Inst == graph.Host && o.Def == nil {
				w.Import = o.Import
			}
		}
		out = append(out, w)
	}
	return out, nil
}
