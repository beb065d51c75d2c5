// This file implements imports, expressions and exports.

package wac

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/compose"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/extname"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
	"github.com/wasmfuse/rules_wasm_fuse/internal/witsyntax"
)

// value is what an expression evaluates to.
type value struct {
	item  compose.Item
	sort  component.Sort
	world *world.World // of an instance, that items are of
	items []world.Item // the exports of an instance
	// id is the full name of an instance's interface, and name that of the import or export that the value is; either may
	// be empty.
	id, name string
	typ      *typ // of a type
}

// String describes a value for messages.
func (v *value) String() string {
	switch {
	case v.typ != nil:
		return v.typ.String()
	case v.sort == component.SortInstance:
		return "an instance"
	case v.sort == component.SortFunc:
		return "a function"
	case v.sort == component.SortCore:
		return "a core module"
	}
	return "a " + v.sort.String()
}

// importStatement declares an import of the composition.
func (d *document) importStatement(s *witsyntax.Import) error {
	it, deps, id, err := d.imported(s)
	if err != nil {
		return err
	}
	pos := s.Name.Pos
	switch {
	case s.As != nil:
		it.Name, pos = s.As.Text, s.As.Pos
	case it.Name == "":
		it.Name = s.Name.Text
	}
	if err := d.checkName(pos, it.Name); err != nil {
		return err
	}
	if was, ok := d.imports[extname.Canonical(it.Name)]; ok {
		return d.errf(pos, "`%s` would clash with an import at line %d", it.Name, was.Line).WithHint("import it under another name, with `as`")
	}
	if by, ok := d.implicit[extname.Canonical(it.Name)]; ok {
		return d.errConflict(pos, it.Name, by.instance)
	}
	d.imports[extname.Canonical(it.Name)] = pos
	export := it
	export.Items, export.Import = nil, []string{it.Name}
	w := declared(append(deps, it), []world.Item{export})
	in := d.graph.Declare("import "+it.Name, w)
	d.at["import "+it.Name] = pos
	own := &w.Imports[len(w.Imports)-1]
	v := value{item: compose.Alias(in, it.Name), sort: it.Sort, world: w, items: own.Items, id: id, name: it.Name}
	if it.Sort == component.SortType {
		v.typ = &typ{item: own}
	}
	return d.bind(s.Name.Pos, s.Name.Text, v)
}

// imported returns the item that an import imports, those that it uses, and the full name of its interface. The item has
// a name if its type gives it one.
func (d *document) imported(s *witsyntax.Import) (it world.Item, deps []world.Item, id string, err error) {
	t := &typ{}
	switch {
	case s.Func != nil:
		sc := d.scope()
		t.fn, err = sc.fn(s.Func, s.Pos)
		t.root = sc.root
	case s.Interface != nil:
		t.iface, err = d.iface(s.Interface, "")
	default:
		t, err = d.path(s.Path)
	}
	if err != nil {
		return it, nil, "", err
	}
	switch {
	case t.iface != nil:
		return t.iface.item(t.iface.id), slices.Concat(t.iface.root, t.iface.deps), t.iface.id, nil
	case t.fn != nil:
		return world.Item{Sort: component.SortFunc, FuncType: t.fn}, slices.Clone(t.root), "", nil
	case t.world != nil:
		return it, nil, "", d.errf(s.Path.Pos, "`%s` is a world: instances, functions and types can be imported", s.Path).
			WithHint("import the interfaces of the world")
	}
	it = renamed(t.item, "")
	return it, slices.Clone(t.root), "", nil
}

// checkName checks a name of an import or export.
func (d *document) checkName(pos witsyntax.Pos, name string) error {
	if _, err := extname.Parse(name); err != nil {
		return d.errf(pos, "%q is not a name of an import or export: %v", name, err).WithHint("names are as `some-name` or `namespace:package/interface`")
	}
	return nil
}

func (d *document) errConflict(pos witsyntax.Pos, name, by string) error {
	return d.errf(pos, "%q is imported explicitly, and implicitly by `...` of %s", name, by).
		WithHint("give it to the instance as an argument, or leave out the import statement")
}

// expr evaluates an expression. name is that of a let statement, or empty.
func (d *document) expr(e witsyntax.Expr, name string) (value, error) {
	switch e := e.(type) {
	case *witsyntax.Ref:
		v, err := d.lookup(e.Name)
		if err != nil {
			return value{}, err
		}
		return *v, nil
	case *witsyntax.New:
		return d.instantiate(e, name)
	case *witsyntax.Access:
		of, err := d.expr(e.Of, name)
		if err != nil {
			return value{}, err
		}
		return d.access(&of, e)
	}
	panic(fmt.Sprintf("wac: expression %T", e))
}

// access returns an export of an instance.
func (d *document) access(of *value, e *witsyntax.Access) (value, error) {
	if of.sort != component.SortInstance {
		return value{}, d.errf(e.Name.Pos, "this is %s, and only an instance has exports", of).WithHint("leave out the access to `%s`", e.Name.Text)
	}
	name := e.Name.Text
	if !e.Name.Quoted {
		if full := interfaceNamed(of.items, name); full != "" {
			name = full
		}
	}
	v, ok := of.export(name)
	if !ok {
		return value{}, d.errf(e.Name.Pos, "the instance has no export `%s`", name).
			WithHint("%s", nearest(name, itemNames(of.items), choices("it has", itemNames(of.items))))
	}
	return v, nil
}

// export returns an export of an instance by its exact name.
func (v *value) export(name string) (value, bool) {
	it := world.Find(v.items, name)
	if it == nil {
		return value{}, false
	}
	out := value{item: v.item, sort: it.Sort, world: v.world, name: name}
	out.item.Path = append(slices.Clone(v.item.Path), name)
	switch it.Sort {
	case component.SortInstance:
		out.items = v.world.ItemsOf(it)
		if n, err := extname.Parse(name); err == nil && n.Kind == extname.Interface {
			out.id = name
		}
	case component.SortType:
		if it.Def == nil {
			out.typ = &typ{item: it}
		}
	}
	return out, true
}

// interfaceNamed returns the full name of the only item that is an interface with a short name, or "".
func interfaceNamed(items []world.Item, short string) (full string) {
	for i := range items {
		if n, err := extname.Parse(items[i].Name); err == nil && n.Kind == extname.Interface && n.Interface == short {
			if full != "" {
				return ""
			}
			full = items[i].Name
		}
	}
	return full
}

// exportStatement exports a value, or the exports of an instance.
func (d *document) exportStatement(s *witsyntax.Export) error {
	v, err := d.expr(s.Value, "")
	if err != nil {
		return err
	}
	pos := s.Value.Begin()
	if s.Spread != nil {
		return d.spreadExport(s, &v)
	}
	name := v.id
	if name == "" {
		name = v.name
	}
	if s.As != nil {
		name, pos = s.As.Text, s.As.Pos
	}
	if name == "" {
		return d.errf(pos, "the export has no name: this is %s without one", &v).WithHint("add a name, with `as`")
	}
	if err := d.checkName(pos, name); err != nil {
		return err
	}
	if was, ok := d.exports[extname.Canonical(name)]; ok {
		return d.errf(pos, "`%s` would clash with an export at line %d", name, was.Line).WithHint("export it under another name, with `as`")
	}
	d.exports[extname.Canonical(name)] = pos
	d.graph.Export(name, v.item)
	return nil
}

// spreadExport exports what an instance exports under names that are not taken.
func (d *document) spreadExport(s *witsyntax.Export, v *value) error {
	if v.sort != component.SortInstance {
		return d.errf(s.Value.Begin(), "this is %s, and only an instance has exports", v).WithHint("leave out `...`")
	}
	any := false
	for i := range v.items {
		name := v.items[i].Name
		if _, taken := d.exports[extname.Canonical(name)]; taken {
			continue
		}
		x, _ := v.export(name)
		d.exports[extname.Canonical(name)] = *s.Spread
		d.graph.Export(name, x.item)
		any = true
	}
	if !any {
		return d.errf(s.Value.Begin(), "the instance has no exports whose names are not exported yet").WithHint("remove the statement")
	}
	return nil
}

// instantiate evaluates `new`.
func (d *document) instantiate(n *witsyntax.New, name string) (value, error) {
	p, err := d.component(n)
	if err != nil {
		return value{}, err
	}
	if name == "" {
		name = n.Package.Names[0]
	}
	a := &arguments{document: d, n: n, imports: p.World.Imports, given: make([]*value, len(p.World.Imports)), at: make([]witsyntax.Pos, len(p.World.Imports))}
	if err := a.evaluate(); err != nil {
		return value{}, err
	}
	in := d.graph.Instantiate(d.unique(name), p.id)
	inst := &d.graph.Instances[in]
	inst.Label = fmt.Sprintf("%s (%s)", inst.Name, n.Package)
	d.at[inst.Label] = n.Pos
	for i, v := range a.given {
		argument := p.World.Imports[i].Name
		if v != nil {
			inst.Args[i] = v.item
			d.at[inst.Label+"\x00import "+strconv.Quote(argument)] = a.at[i]
			continue
		}
		if _, explicit := d.imports[extname.Canonical(argument)]; explicit {
			return value{}, d.errConflict(*n.Fill, argument, inst.Label)
		}
		if _, open := d.implicit[extname.Canonical(argument)]; !open {
			d.implicit[extname.Canonical(argument)] = opening{inst.Label, *n.Fill}
		}
	}
	return value{item: compose.Alias(in), sort: component.SortInstance, world: p.World, items: p.World.Exports}, nil
}

// unique returns a name for an instance that no other has.
func (d *document) unique(name string) string {
	out := name
	for k := 2; d.names[out]; k++ {
		out = name + "-" + strconv.Itoa(k)
	}
	d.names[out] = true
	return out
}

// arguments are those of one instantiation.
type arguments struct {
	*document
	n       *witsyntax.New
	imports []world.Item
	given   []*value // one for each import, or nil
	at      []witsyntax.Pos
}

// evaluate evaluates the arguments: first those by name, then the instances whose exports are spread, in order.
func (a *arguments) evaluate() error {
	for i := range a.n.Args {
		if arg := &a.n.Args[i]; !arg.Spread {
			if err := a.named(arg); err != nil {
				return err
			}
		}
	}
	for i := range a.n.Args {
		if arg := &a.n.Args[i]; arg.Spread {
			if err := a.spread(arg); err != nil {
				return err
			}
		}
	}
	if a.n.Fill != nil {
		return nil
	}
	var missing []string
	for i := range a.given {
		if a.given[i] == nil {
			missing = append(missing, strconv.Quote(a.imports[i].Name))
		}
	}
	if len(missing) > 0 {
		return a.errf(a.n.Pos, "%s also needs the arguments %s", a.n.Package, diag.List(missing)).
			WithHint("add them, or end the arguments with `...` to import what is not given")
	}
	return nil
}

// named evaluates an argument with a name, or one whose name follows from its value.
func (a *arguments) named(arg *witsyntax.Arg) error {
	var v value
	name := arg.Name.Text
	if arg.Value != nil {
		var err error
		if v, err = a.expr(arg.Value, ""); err != nil {
			return err
		}
		if full := interfaceNamed(a.imports, name); !arg.Name.Quoted && full != "" {
			name = full
		}
	} else {
		found, err := a.lookup(arg.Name)
		if err != nil {
			return err
		}
		v, name = *found, a.inferred(found, name)
	}
	at := slices.IndexFunc(a.imports, func(it world.Item) bool { return it.Name == name })
	if at < 0 {
		names := itemNames(a.imports)
		return a.errf(arg.Name.Pos, "%s has no import `%s`", a.n.Package, name).WithHint("%s", nearest(name, names, choices("it imports", names)))
	}
	if a.given[at] != nil {
		return a.errf(arg.Name.Pos, "argument `%s` is already given, at line %d", name, a.at[at].Line).WithHint("remove one of the two")
	}
	a.given[at], a.at[at] = &v, arg.Name.Pos
	return nil
}

// inferred returns the name of an argument that is given as a local name.
func (a *arguments) inferred(v *value, local string) string {
	for _, name := range []string{v.id, v.name} {
		if name != "" && world.Find(a.imports, name) != nil {
			return name
		}
	}
	if full := interfaceNamed(a.imports, local); full != "" {
		return full
	}
	return local
}

// spread gives the exports of an instance to the imports with the same names that are left.
func (a *arguments) spread(arg *witsyntax.Arg) error {
	v, err := a.lookup(arg.Name)
	if err != nil {
		return err
	}
	if v.sort != component.SortInstance {
		return a.errf(arg.Name.Pos, "`%s` is %s, and only an instance has exports", arg.Name.Text, v).WithHint("leave out `...`")
	}
	any := false
	for i := range a.imports {
		if a.given[i] != nil {
			continue
		}
		if x, ok := v.export(a.imports[i].Name); ok {
			a.given[i], a.at[i], any = &x, arg.Name.Pos, true
		}
	}
	if !any {
		var left []string
		for i := range a.imports {
			if a.given[i] == nil {
				left = append(left, a.imports[i].Name)
			}
		}
		return a.errf(arg.Name.Pos, "`%s` exports nothing that %s still needs", arg.Name.Text, a.n.Package).
			WithHint("%s; %s", choices("it exports", itemNames(v.items)), choices("what is needed is", left))
	}
	return nil
}
