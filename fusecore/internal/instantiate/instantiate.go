// Package instantiate evaluates a component's instantiation symbolically (component model, Explainer.md "Instance
// definitions" and "Canonical definitions"). It follows every definition, alias, argument and re-export, and returns a
// graph of what would exist at run time: core module instantiations in order, the items that their imports refer to,
// the functions that cross component boundaries, and resource types by identity. It only matches names where the
// specification does.
//
// The component must be valid (package validate). Indices and sorts are still checked, so that no input can cause a
// panic.
package instantiate

import (
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// Options of evaluation.
type Options struct {
	// Keep has the paths of instances to keep (graph.Kept), each with the reason.
	Keep map[string]string
}

// Component evaluates the instantiation of a root component whose imports are supplied by the host.
func Component(c *component.Component) (*graph.Graph, error) { return Options{}.component(c) }

func (o Options) component(c *component.Component) (*graph.Graph, error) {
	ev := &evaluator{
		keep: o.Keep, closed: map[*compVal]*closed{}, defined: map[any]graph.OpaqueID{},
		g:       &graph.Graph{Insts: []graph.Inst{graph.Outside}, World: world.World{Outside: map[*ctypes.Resource][]string{}}},
		calls:   map[callKey]graph.CallID{},
		exports: map[*corewasm.Module]map[string]corewasm.Export{},
		paths:   map[string]int{},
	}
	imports := 0
	for _, d := range c.Defs {
		if _, ok := d.(*component.Import); ok {
			imports++
		}
	}
	ev.g.Funcs, ev.g.World.Imports = make([]graph.Func, 0, imports), make([]world.Item, 0, imports)
	f, err := ev.instantiate(&compVal{c: c}, graph.Inst{Parent: graph.Host, Path: "root"}, nil)
	if err != nil {
		return nil, err
	}
	if err := ev.world(f); err != nil {
		return nil, diag.In(err, "", f.path(), "")
	}
	return ev.g, nil
}

// evaluator is the state of one evaluation.
type evaluator struct {
	g       *graph.Graph
	calls   map[callKey]graph.CallID
	exports map[*corewasm.Module]map[string]corewasm.Export
	paths   map[string]int
	keep    map[string]string
	closed  map[*compVal]*closed   // components of kept instances
	defined map[any]graph.OpaqueID // core modules and components that items of the graph are
	over    bool                   // a limit is exceeded
	work    int                    // see spend
	items   int                    // of the world so far
	size    int                    // bytes of all instantiated core modules
	depth   int
}

// callKey identifies a lowering: the same function with the same options by the same instance.
type callKey struct {
	fn     graph.FuncID
	caller graph.Side
}

// frame is the evaluation of one component instance.
type frame struct {
	*scope
	ev      *evaluator
	c       *component.Component
	inst    graph.InstID
	args    map[string]item // nil for the root
	exports *instVal
}

func (f *frame) path() string { return f.ev.g.Insts[f.inst].Path }

// instantiate evaluates a component's definitions in order. args is nil for the root.
func (ev *evaluator) instantiate(c *compVal, inst graph.Inst, args map[string]item) (*frame, error) {
	if len(ev.g.Insts) > maxInstances {
		return nil, ev.limit("more than %d component instances", maxInstances)
	}
	if ev.depth++; ev.depth > maxDepth {
		return nil, ev.limit("components are instantiated more than %d levels deep", maxDepth)
	}
	defer func() { ev.depth-- }()
	f := &frame{scope: &scope{outer: c.env}, ev: ev, c: c.c, inst: graph.InstID(len(ev.g.Insts)), args: args, exports: newInstVal()}
	ev.g.Insts = append(ev.g.Insts, inst)
	f.space.Reserve(c.c.IndexSpaces())
	for i, d := range c.c.Defs {
		err := ev.spend(weight(d))
		if err == nil {
			err = f.define(d)
		}
		if err != nil {
			return nil, f.locate(err, d, i)
		}
	}
	return f, nil
}

func (f *frame) locate(err error, d component.Def, i int) error {
	err = diag.In(err, "", f.path(), "definition "+strconv.Itoa(i))
	if e, ok := err.(*diag.Error); ok && e.Offset < 0 && d.Pos() > 0 {
		e.Offset = d.Pos()
	}
	return err
}

// define evaluates one definition.
func (f *frame) define(d component.Def) error {
	switch d := d.(type) {
	case *component.CoreModule:
		f.bind(item{sort: component.SortCore, module: &moduleVal{def: d}})
	case *component.CoreInstance:
		return f.coreInstance(d)
	case *component.CoreType:
		f.bindCoreTypes(d)
	case *component.NestedComponent:
		name := d.Component.Name
		if name == "" {
			name = "component" + strconv.Itoa(f.space.Len(component.SortComponent))
		}
		f.bind(item{sort: component.SortComponent, comp: &compVal{c: d.Component, env: f.scope, name: name}})
	case *component.Instance:
		return f.instance(d)
	case *component.Alias:
		return f.alias(d)
	case *component.Type:
		return f.typeDef(d)
	case *component.Canon:
		return f.canon(d)
	case *component.Import:
		return f.importDef(d)
	case *component.Export:
		return f.exportDef(d)
	case *component.Start, *component.Value:
		return errValues()
	case *component.Custom:
	default:
		return diag.New("", "unknown definition %T", d)
	}
	return nil
}

func (f *frame) instance(d *component.Instance) error {
	if d.Inline {
		v := newInstVal()
		for _, e := range d.Exports {
			it, err := f.lookup(e.Item)
			if err != nil {
				return err
			}
			v.add(e.Name.Name, it)
		}
		f.bind(item{sort: component.SortInstance, inst: v})
		return nil
	}
	c, err := f.space.At(component.SortComponent, d.Component)
	if err != nil {
		return err
	}
	if c.comp.c == nil {
		return diag.New("", "the component that it instantiates is supplied from outside")
	}
	args := map[string]item{}
	for _, a := range d.Args {
		if args[a.Name], err = f.lookup(a.Item); err != nil {
			return diag.In(err, "", "", "argument "+strconv.Quote(a.Name))
		}
	}
	v, err := f.ev.child(c.comp, f, args)
	if err != nil {
		return err
	}
	f.bind(item{sort: component.SortInstance, inst: v})
	return nil
}

func (f *frame) alias(d *component.Alias) error {
	switch d.Target {
	case component.AliasExport:
		return aliasExport(f.scope, d)
	case component.AliasOuter:
		return aliasOuter(f.scope, d)
	}
	v, err := component.Pick(f.coreInsts, d.Instance, "core instance")
	if err != nil {
		return err
	}
	k, ok := externKind(d.Core)
	ref, found := f.ev.coreExport(v, d.Name)
	if !ok || !found || ref.Kind != k {
		return diag.New("", "core instance %d has no %v export %q", d.Instance, k, d.Name)
	}
	f.core[k] = append(f.core[k], ref)
	return nil
}

// aliasExport binds an export of a component instance; it serves components and types.
func aliasExport(s *scope, d *component.Alias) error {
	from, err := s.space.At(component.SortInstance, d.Instance)
	if err != nil {
		return err
	}
	it, ok := from.inst.items[d.Name]
	if !ok || it.sort != d.Sort {
		return diag.New("", "instance %d has no such export %q", d.Instance, d.Name)
	}
	s.bind(it)
	return nil
}

// aliasOuter binds an item of an enclosing scope; it serves components and types.
func aliasOuter(s *scope, d *component.Alias) error {
	if d.Sort == component.SortCore && d.Core == component.CoreTypeSort {
		if from := s.at(d.Outer); from != nil && int64(d.Index) < int64(len(from.coreTypes)) {
			s.coreTypes = append(s.coreTypes, from.coreTypes[d.Index])
		}
		return nil
	}
	from := s.at(d.Outer)
	if from == nil {
		return diag.New("", "outer alias looks %d scopes out, beyond the outermost one", d.Outer)
	}
	it, err := from.lookup(component.SortIdx{Sort: d.Sort, Core: d.Core, Index: d.Index})
	if err != nil {
		return err
	}
	s.bind(it)
	return nil
}

func (f *frame) importDef(d *component.Import) error {
	if f.args == nil {
		return f.hostImport(d)
	}
	it, ok := f.args[d.Name.Name]
	if !ok {
		return diag.New("import "+strconv.Quote(d.Name.Name), "it has no argument")
	}
	if d.Type.Kind == component.ExternInstance && it.inst != nil {
		t, err := f.instanceType(d.Type.Index)
		if err != nil {
			return err
		}
		if it.inst, err = f.ev.narrow(it.inst, t); err != nil {
			return err
		}
	}
	f.bind(it)
	return nil
}

// narrow returns an instance with only the exports that a type declares, like an import with that type (Explainer.md,
// "Type checking": instance subtyping by width).
func (ev *evaluator) narrow(v *instVal, t *typeClosure) (*instVal, error) {
	if err := ev.spend(len(t.inst.Decls)); err != nil {
		return nil, err
	}
	declared := 0
	for _, d := range t.inst.Decls {
		if e, ok := d.(*component.Export); ok {
			if _, has := v.items[e.Name.Name]; has {
				declared++
			}
		}
	}
	if declared == len(v.names) {
		return v, nil
	}
	out := newInstVal()
	for _, d := range t.inst.Decls {
		if e, ok := d.(*component.Export); ok {
			if it, has := v.items[e.Name.Name]; has {
				out.add(e.Name.Name, it)
			}
		}
	}
	return out, nil
}

func (f *frame) exportDef(d *component.Export) error {
	it, err := f.lookup(d.Item)
	if err != nil {
		return err
	}
	if d.Type != nil && d.Type.Kind == component.ExternInstance && it.inst != nil {
		t, err := f.instanceType(d.Type.Index)
		if err != nil {
			return err
		}
		if it.inst, err = f.ev.narrow(it.inst, t); err != nil {
			return err
		}
	}
	if d.Type != nil && d.Type.Kind == component.ExternFunc && it.sort == component.SortFunc {
		if it.decl, err = f.funcType(d.Type.Index); err != nil {
			return err
		}
	}
	f.bind(it)
	f.exports.add(d.Name.Name, it)
	f.nameOwn(d.Name.Name, it)
	return nil
}

// nameOwn names functions that this instance lifts and resource types that it defines after their exports: `iface#name`
// inside an instance.
func (f *frame) nameOwn(name string, it item) {
	g := f.ev.g
	set := func(it item, name string) {
		switch {
		case it.sort == component.SortFunc:
			if fn := &g.Funcs[it.fn]; fn.Inst == f.inst && fn.Name == "" {
				fn.Name = name
			}
		case it.sort == component.SortType && it.typ.res != nil:
			if r := &g.Resources[it.typ.res.ID]; r.Impl == f.inst && r.Name == "" {
				r.Name = name
			}
		}
	}
	set(it, clip(name))
	if it.sort == component.SortInstance {
		for _, n := range it.inst.names {
			set(it.inst.items[n], clip(name)+"#"+clip(n))
		}
	}
}

// newResource returns a new resource type identity.
func (ev *evaluator) newResource(name string, r graph.Resource) *ctypes.Resource {
	r.Type = &ctypes.Resource{ID: len(ev.g.Resources), Name: name}
	ev.g.Resources = append(ev.g.Resources, r)
	return r.Type
}
