// This file makes the details of a report.

package fusecore

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/partition"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/pieces"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// describer makes the details of the report about a graph that was fused as a partition says. modules are the facts about the
// domains that are not kept, in their order.
type describer struct {
	g       *graph.Graph
	p       *partition.Partition
	l       *linked
	modules []*facts

	abi     *cabi.Types
	domains []int                     // of each of the partition's domains: its position among those that are not kept, or -1
	named   map[*ctypes.Resource]bool // resource types that are in out.Imports
	out     *Details
}

// describe describes what was fused, but for what measure adds.
func describe(g *graph.Graph, p *partition.Partition, l *linked, modules []*facts) *Details {
	d := &describer{g: g, p: p, l: l, modules: modules}
	d.abi, d.named = cabi.New(), map[*ctypes.Resource]bool{}
	d.out = &Details{Instances: []Instance{}, Boundaries: []Boundary{}, Tables: []HandleTable{}, Memories: []Memory{}, Imports: []WorldImport{}, Helpers: []GeneratedFunc{}}
	n := 0
	for i := range d.p.Domains {
		if d.p.Domains[i].Kept {
			d.domains = append(d.domains, -1)
			continue
		}
		d.domains = append(d.domains, n)
		n++
	}
	d.instances()
	d.boundaries()
	for i, f := range d.modules {
		d.tables(f)
		d.helpers(f)
		for _, m := range f.memories {
			m.Domain = i
			d.out.Memories = append(d.out.Memories, m)
		}
	}
	d.imports("", d.g.World.Imports)
	d.sizes()
	return d.out
}

// measure adds what only the output tells.
func (d *Details) measure(ctx context.Context, wasm pieces.Pieces) (err error) {
	text := wasm.Join()
	d.Sizes.Output = len(text)
	d.Features, err = featuresOf(ctx, text)
	return err
}

// domain returns the position of an instance's domain in Report.Domains, or -1 for a kept instance, or one outside.
func (d *describer) domain(inst graph.InstID) int {
	if of := d.p.Of[inst]; inst != graph.Host && of != partition.None {
		return d.domains[of]
	}
	return -1
}

// facts returns the facts about the module that contains an instance, or nil.
func (d *describer) facts(inst graph.InstID) *facts {
	if at := d.domain(inst); at >= 0 {
		return d.modules[at]
	}
	return nil
}

func (d *describer) component(inst graph.InstID) ReportedComponent {
	if inst == graph.Host {
		return ReportedComponent{Name: HostPath, Path: HostPath}
	}
	return d.l.component(d.g, inst)
}

// instances describes the component instances, and the sizes of their modules.
func (d *describer) instances() {
	after := map[string]Size{} // by path
	for _, f := range d.modules {
		for i := range f.sources {
			if !f.sources[i].Generated {
				after[f.sources[i].Name] = f.after[i]
			}
		}
	}
	modules := map[graph.InstID][]CoreModule{}
	for i := range d.g.Cores {
		ci := &d.g.Cores[i]
		modules[ci.Owner] = append(modules[ci.Owner], CoreModule{Path: ci.Path, Before: sizeOf(ci.Module), After: after[ci.Path]})
	}
	for i := graph.Root; int(i) < len(d.g.Insts); i++ {
		if d.p.Of[i] == partition.None {
			continue
		}
		in := Instance{ReportedComponent: d.component(i), Domain: d.domain(i), Modules: modules[i]}
		if in.Modules == nil {
			in.Modules = []CoreModule{}
		}
		for _, m := range in.Modules {
			in.Before.add(m.Before)
			in.After.add(m.After)
		}
		if k := d.g.Insts[i].Kept; k != nil {
			in.Before = componentSize(k.Component)
			in.After = in.Before
		}
		d.out.Instances = append(d.out.Instances, in)
	}
}

// componentSize is the size of all core modules in a component.
func componentSize(c *component.Component) (s Size) {
	for _, def := range c.Defs {
		switch def := def.(type) {
		case *component.CoreModule:
			s.add(sizeOf(def.Module))
		case *component.NestedComponent:
			s.add(componentSize(def.Component))
		}
	}
	return s
}

// sizes sums up sizes.
func (d *describer) sizes() {
	s := Sizes{Inputs: d.l.files}
	for i := range d.out.Instances {
		s.Guests.add(d.out.Instances[i].After)
	}
	for _, f := range d.modules {
		s.Generated.add(f.after[len(f.after)-1])
	}
	d.out.Sizes = s
}

// boundaries describes the calls that can be made: those between components, then those with the host.
func (d *describer) boundaries() {
	var host []Boundary
	for i := range d.g.Calls {
		c, id := &d.g.Calls[i], graph.CallID(i)
		switch b := d.boundary(id, c); {
		case b == nil:
		case c.ByHost() || c.ToHost():
			host = append(host, *b)
		default:
			d.out.Boundaries = append(d.out.Boundaries, *b)
		}
	}
	for i := range d.g.Insts {
		if k := d.g.Insts[i].Kept; k != nil {
			d.keptCalls(graph.InstID(i), k.Args, &host)
		}
	}
	d.out.Boundaries = append(d.out.Boundaries, host...)
}

// boundary describes a call, or returns nil if it is never made.
func (d *describer) boundary(id graph.CallID, c *graph.Call) *Boundary {
	from, to := d.facts(c.Caller.Inst), d.facts(c.Callee.Inst)
	f := from
	if c.ByHost() {
		f = to
	}
	if f != nil && !f.plan.Live.Call(id) || c.ByHost() && c.ToHost() {
		return nil
	}
	b := d.newBoundary(c.Caller.Inst, c.Callee.Inst, c.Func)
	if f == nil || from != to && !c.ByHost() && !c.ToHost() {
		b.Class, b.Reason = ClassComposed, d.apart(c.Caller.Inst, c.Callee.Inst)
		return b
	}
	d.planned(b, f, id, c)
	return b
}

func (d *describer) newBoundary(caller, callee graph.InstID, id graph.FuncID) *Boundary {
	f := &d.g.Funcs[id]
	return &Boundary{Caller: d.component(caller), Callee: d.component(callee), Function: f.Name, Type: f.Type.Text(d.resource)}
}

// resource returns the name of a resource type in texts: the tail of the name under which its instance exports it.
func (d *describer) resource(r *ctypes.Resource) string {
	name := d.g.Resources[r.ID].Name
	if name == "" {
		name = r.Name
	}
	return name[strings.LastIndexAny(name, "#/")+1:]
}

// planned adds what the plan of a module has decided about a call.
func (d *describer) planned(b *Boundary, f *facts, id graph.CallID, c *graph.Call) {
	p, t := &f.plan.Calls[id], d.g.Funcs[c.Func].Type
	b.Class, b.Reason = p.Class.String(), p.Reason.Rule.String()
	for _, g := range f.plan.Guards(id) {
		guard := BoundaryGuard{Name: g.Name, Does: g.Does, Reason: g.Reason.Rule.String()}
		for _, step := range g.Reason.Steps() {
			guard.Steps = append(guard.Steps, f.plan.Names.Item(step))
		}
		b.Guards = append(b.Guards, guard)
	}
	s := sym.Call(id)
	if c.ByHost() {
		s = f.entry(id)
	}
	b.Adapter = f.adapter(s)
	switch {
	case b.Adapter != nil:
		b.Unused = !b.Adapter.Left && b.Adapter.Inlined == 0
	case c.ToHost():
		index, ok := f.function(s)
		b.Unused = ok && !f.stays(draft.Item{Space: op.SpaceFunc, Index: index})
	}
	if p.Class < plan.Copy { // nothing is in memory, or the engine copies
		return
	}
	_, all := d.abi.Params(t, false, cabi.MaxFlatParams)
	for _, param := range t.Params {
		if all || inMemory(param.Type) {
			b.Copies = append(b.Copies, param.Label)
		}
	}
	if _, result := d.abi.Results(t, false); result || inMemory(t.Result) {
		b.Copies = append(b.Copies, "result")
	}
	if from, to := c.Caller.Opts.Encoding, c.Callee.Opts.Encoding; t.Any(isString) && (from != cabi.UTF8 || to != cabi.UTF8) && !c.ByHost() && !c.ToHost() {
		b.Encodings = []string{from.String(), to.String()}
	}
}

func isString(t *ctypes.Type) bool { return t.Kind == ctypes.String }

// inMemory reports whether a part of a value is always in memory.
func inMemory(t *ctypes.Type) bool {
	return t.Any(func(t *ctypes.Type) bool {
		return t.Kind == ctypes.String || t.Kind == ctypes.List || t.Kind == ctypes.Map
	})
}

// entry returns the symbol of the function that the surroundings call for a call by the host.
func (f *facts) entry(id graph.CallID) asm.Sym {
	n := 0
	for other, c := range f.plan.Live.Calls() {
		if other == id {
			return f.code.Exports[n].Core
		}
		if c.ByHost() {
			n++
		}
	}
	return asm.Sym{}
}

// apart returns why two instances are not in one module.
func (d *describer) apart(user, used graph.InstID) string {
	name := func(id graph.InstID) string { return d.component(id).Name }
	near := -1
	for i := range d.p.Edges {
		e := &d.p.Edges[i]
		switch {
		case e.User == user && e.Used == used:
			return e.Reason(name)
		case near < 0 && user != graph.Host && used != graph.Host && d.p.Of[e.User] == d.p.Of[user] && d.p.Of[e.Used] == d.p.Of[used]:
			near = i
		}
	}
	if near >= 0 {
		e := &d.p.Edges[near]
		return name(e.User) + " uses " + name(e.Used) + ", and " + e.Reason(name)
	}
	for _, id := range []graph.InstID{user, used} {
		if k := d.g.Insts[id].Kept; k != nil {
			return name(id) + " is kept: " + k.Why
		}
	}
	return "they are in different modules"
}

// keptCalls adds the functions that a kept instance is given.
func (d *describer) keptCalls(kept graph.InstID, items []world.Item, host *[]Boundary) {
	for i := range items {
		it := &items[i]
		d.keptCalls(kept, it.Items, host)
		if it.Sort != component.SortFunc {
			continue
		}
		callee := d.g.Funcs[it.Func].Inst
		b := d.newBoundary(kept, callee, it.Func)
		b.Class, b.Reason = ClassComposed, d.apart(kept, callee)
		if callee == graph.Host {
			*host = append(*host, *b)
		} else {
			d.out.Boundaries = append(d.out.Boundaries, *b)
		}
	}
}

// tables describes who keeps the handle tables of a module's instances.
func (d *describer) tables(f *facts) {
	add := func(inst graph.InstID, keeper string, why plan.Reason) {
		if resources := f.resources(inst); len(resources) > 0 {
			d.out.Tables = append(d.out.Tables, HandleTable{d.component(inst), keeper, why.Rule.String(), resources})
		}
	}
	keeper := map[plan.TableMode]string{plan.RuntimeTable: "engine", plan.OwnTables: "module"}[f.plan.Tables]
	if keeper != "" {
		for _, inst := range f.plan.HoldsHandles() {
			add(inst, keeper, f.plan.TablesReason)
		}
	}
	if f.plan.Async != graph.Host {
		add(f.plan.Async, "engine", plan.Because(plan.OfTheRuntime))
	}
}

// resources returns the names of the resource types of which an instance can hold handles.
func (f *facts) resources(inst graph.InstID) []string {
	names := map[string]bool{}
	for _, b := range f.plan.Live.Builtins() {
		if b.Inst == inst && b.Resource != nil {
			names[f.plan.Names.Resource(b.Resource)] = true
		}
	}
	for _, c := range f.plan.Live.Calls() {
		if c.Caller.Inst != inst && c.Callee.Inst != inst {
			continue
		}
		f.plan.Graph.Funcs[c.Func].Type.Any(func(t *ctypes.Type) bool {
			if t.Kind == ctypes.Own || t.Kind == ctypes.Borrow {
				names[f.plan.Names.Resource(t.Resource)] = true
			}
			return false
		})
	}
	return slices.Sorted(maps.Keys(names))
}

// helpers lists the generated functions of a module that are not adapters.
func (d *describer) helpers(f *facts) {
	adapters := map[string]bool{}
	for i := range d.out.Boundaries {
		if a := d.out.Boundaries[i].Adapter; a != nil {
			adapters[a.Name] = true
		}
	}
	for i, bytes := range f.bytes {
		name := "start" // merging adds the start function, and parts of it
		if i < len(f.code.Funcs) {
			name = f.code.Funcs[i].Name
		}
		if bytes > 0 && !adapters[name] {
			d.out.Helpers = append(d.out.Helpers, GeneratedFunc{name, bytes})
		}
	}
}

// imports describes functions and resource types that the output imports. in is the name of the instance that they are in.
func (d *describer) imports(in string, items []world.Item) {
	for i := range items {
		it := &items[i]
		name := it.Name
		if in != "" {
			name = in + "#" + it.Name
		}
		switch {
		case it.Sort == component.SortInstance:
			d.imports(name, it.Items)
		case it.Sort == component.SortFunc:
			d.out.Imports = append(d.out.Imports, WorldImport{name, "func", d.users(it)})
		case it.Resource != nil && !d.named[it.Resource]: // others are uses of it
			d.named[it.Resource] = true
			d.out.Imports = append(d.out.Imports, WorldImport{name, "resource", d.users(it)})
		}
	}
}

// users lists the components that need an imported item, each once, with why.
func (d *describer) users(it *world.Item) []Needer {
	out, seen := []Needer{}, map[graph.InstID]bool{}
	use := func(inst graph.InstID, f *facts, s asm.Sym) {
		index, ok := f.function(s)
		if !ok || seen[inst] {
			return
		}
		if way := f.done.Shake.Explain(draft.Item{Space: op.SpaceFunc, Index: f.same(index)}); way != nil {
			seen[inst] = true
			if len(way) > 2 { // without the import itself
				way = way[1:]
			}
			out = append(out, Needer{d.component(inst), way})
		}
	}
	for i := range d.g.Calls {
		if c := &d.g.Calls[i]; it.Resource == nil && c.ToHost() && c.Func == it.Func {
			if f := d.facts(c.Caller.Inst); f != nil && f.plan.Live.Call(graph.CallID(i)) {
				use(c.Caller.Inst, f, f.importOf(graph.CallID(i)))
			}
		}
	}
	for i := range d.g.Builtins {
		b, s := &d.g.Builtins[i], sym.Builtin(graph.BuiltinID(i))
		f := d.facts(b.Inst)
		if it.Resource == nil || b.Resource != it.Resource || f == nil || !f.plan.Live.Builtin(graph.BuiltinID(i)) {
			continue
		}
		// A generated drop calls that of the runtime.
		if drop := f.plan.Resources[b.Resource.ID].HostDrop; drop.Ok() {
			switch a := f.adapter(s); {
			case a == nil || !a.Left && a.Inlined == 0:
				continue
			case !a.Left: // it is a part of its callers now
				s = sym.Import(drop.Index())
			}
		}
		use(b.Inst, f, s)
	}
	for i := range d.g.Insts {
		if k := d.g.Insts[i].Kept; k != nil && given(k.Args, it) {
			out = append(out, Needer{ReportedComponent: d.component(graph.InstID(i))})
		}
	}
	return out
}

// importOf returns the symbol of the function of the host that a call calls.
func (f *facts) importOf(id graph.CallID) asm.Sym {
	if at := f.plan.Calls[id].Import; at.Ok() {
		return sym.Import(at.Index())
	}
	return sym.Call(id)
}

// given reports whether a function or resource type is among the items that an instance is given.
func given(items []world.Item, it *world.Item) bool {
	return slices.ContainsFunc(items, func(x world.Item) bool {
		return given(x.Items, it) || x.Sort == it.Sort && x.Resource == it.Resource && (it.Resource != nil || x.Sort == component.SortFunc && x.Func == it.Func)
	})
}
