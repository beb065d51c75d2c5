package link

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/worldtype"
)

// composer writes the result of linking.
type composer struct {
	*linker
	c *component.Component
	w *worldtype.Writer
	// exports are the exports of instances that have been aliased already.
	exports map[exportKey]uint32
}

type exportKey struct {
	input int
	name  string
}

// compose writes the component that contains the inputs.
func (l *linker) compose() (*component.Component, error) {
	c := &component.Component{Name: l.in[0].short}
	k := &composer{linker: l, c: c, w: worldtype.New(c), exports: map[exportKey]uint32{}}
	if err := k.w.Imports(l.imports); err != nil {
		return nil, err
	}
	var comps, insts []component.NameAssoc
	for _, i := range l.order {
		in := l.in[i]
		args, err := k.args(in)
		if err != nil {
			return nil, err
		}
		// The name is for paths of instances; the bytes stay the input's own.
		nested := *in.Comp
		nested.Name = in.short
		comp := k.w.Add(&component.NestedComponent{Component: &nested})
		in.instance = k.w.Add(&component.Instance{Component: comp, Args: args})
		comps = append(comps, component.NameAssoc{Index: comp, Name: in.short})
		insts = append(insts, component.NameAssoc{Index: in.instance, Name: in.short})
	}
	if err := k.rootExports(); err != nil {
		return nil, err
	}
	c.Names = []component.SortNames{
		{Sort: component.SortComponent, Names: comps},
		{Sort: component.SortInstance, Names: insts},
	}
	return c, nil
}

// args supplies an input's imports.
func (k *composer) args(in *input) ([]component.Arg, error) {
	var args []component.Arg
	for pos, w := range in.wires {
		it := &in.World.Imports[pos]
		var index uint32
		var err error
		switch {
		case w.provider >= 0:
			index = k.export(k.in[w.provider], w.export)
		case it.Sort == component.SortFunc:
			index, err = k.w.ImportFunc([]string{w.group.name})
		case it.Sort == component.SortInstance:
			index, err = k.w.ImportInstance([]string{w.group.name})
		case it.Resource != nil:
			index, err = k.w.Resource(k.resources.find(it.Resource), k.canonType(it.Ident))
		default:
			index, err = k.w.Type(k.canonType(it.Type))
		}
		if err != nil {
			return nil, diag.In(err, in.label(), "", "import "+strconv.Quote(it.Name))
		}
		args = append(args, component.Arg{Name: it.Name, Item: component.SortIdx{Sort: it.Sort, Index: index}})
	}
	return args, nil
}

// export gives the index of an export of an input's instance.
func (k *composer) export(in *input, it *world.Item) uint32 {
	key := exportKey{in.index, it.Name}
	if i, ok := k.exports[key]; ok {
		return i
	}
	i := k.w.Add(&component.Alias{Sort: it.Sort, Target: component.AliasExport, Instance: in.instance, Name: it.Name})
	k.exports[key] = i
	if it.Sort == component.SortInstance {
		k.w.BindInstance(i, k.canonItem(in, it).Items)
	}
	return i
}

// rootExports exports what the root exports. Where an item's type uses a type under a name that nobody outside sees any
// more, the export says the type in terms of the names that there are (Binary.md, "externdesc" of exports).
func (k *composer) rootExports() error {
	root := k.in[0]
	same, seen, inner := k.rootVisible(), newVisible(nil), k.rootSupplied()
	seen.add(k.imports)
	for i := range root.World.Exports {
		it := root.World.Exports[i]
		index := k.export(root, &root.World.Exports[i])
		canon := k.canonItem(root, &it)
		d := &component.Export{
			Name: component.ExternName{Name: it.Name, Attributes: it.Attributes, HasAttributes: len(it.Attributes) > 0},
			Item: component.SortIdx{Sort: it.Sort, Index: index},
		}
		it.Items = root.items(&it)
		hidden := same.missing(&it) != nil
		if hidden || inner.used(&it) {
			t := seen.missing(&canon)
			if hidden && t != nil {
				return k.hiddenType(root, &it, t)
			}
			if t == nil {
				t, err := k.w.ExternType(&canon)
				if err != nil {
					return diag.In(err, root.label(), "", "export "+strconv.Quote(it.Name))
				}
				d.Type = &t
			}
		}
		index = k.w.Add(d)
		k.w.Bind(&canon, index)
		if it.Sort == component.SortInstance && d.Type == nil { // otherwise what is exported are other types
			same.add([]world.Item{it})
		}
		seen.add([]world.Item{canon})
	}
	return nil
}

// hiddenType refuses an export whose type nobody outside could write down.
func (k *composer) hiddenType(root *input, it *world.Item, t *ctypes.Type) error {
	what, supplier, hint := t.String(), "a dependency supplies", "export the interface that has the type from the root too"
	for pos := range root.World.Imports {
		r := root.resourceAt(pos, func(r *ctypes.Resource) bool {
			return t.Any(func(t *ctypes.Type) bool {
				return t.Resource != nil && k.resources.find(r) == k.resources.find(t.Resource)
			})
		})
		if r == nil || root.wires[pos].provider < 0 {
			continue
		}
		name := root.World.Imports[pos].Name
		what = "the resource type " + strconv.Quote(root.resourceName(r))
		if t.Resource == nil {
			what = fmt.Sprintf("a %v with handles of %s", t.Kind, what)
		}
		supplier = fmt.Sprintf("%s supplies with %q", k.in[root.wires[pos].provider].label(), name)
		hint = fmt.Sprintf("export %q from the root too", name)
		break
	}
	return (&diag.Error{File: root.label(), Item: "export " + strconv.Quote(it.Name), Offset: diag.NoOffset,
		Msg: fmt.Sprintf("the %s uses %s, which %s: outside the result no import or export names the type", sortName(it.Sort), what, supplier),
	}).WithHint("%s", hint)
}

// resourceAt gives the first resource type that an import names and that satisfies a condition.
func (in *input) resourceAt(pos int, ok func(*ctypes.Resource) bool) *ctypes.Resource {
	var find func([]world.Item) *ctypes.Resource
	find = func(items []world.Item) *ctypes.Resource {
		for i := range items {
			if r := items[i].Resource; r != nil && ok(r) {
				return r
			}
			if r := find(items[i].Items); r != nil {
				return r
			}
		}
		return nil
	}
	return find(in.World.Imports[pos : pos+1])
}

// rootVisible has the types of the root's imports that are the result's.
func (k *composer) rootVisible() *visible {
	root := k.in[0]
	v := newVisible(root)
	for pos := range root.wires {
		if w := root.wires[pos]; w.provider < 0 && w.group != nil {
			v.add(root.World.Imports[pos : pos+1])
		}
	}
	return v
}

// rootSupplied has the types of the root's imports that other inputs supply. What such a type is made of is a type of its
// supplier, even where the root's import says that it is one that comes from outside.
func (k *composer) rootSupplied() *visible {
	root := k.in[0]
	v := newVisible(root)
	for pos := range root.wires {
		if root.wires[pos].provider >= 0 {
			v.add(root.World.Imports[pos : pos+1])
		}
	}
	return v
}

// visible holds the types that the result imports or exports by a name. With exact set they are the root's own, each used
// under its name; without it a type may be used under any name that it has.
type visible struct {
	exact     *input
	types     map[*ctypes.Type]bool
	order     []*ctypes.Type
	resources map[*ctypes.Resource]bool
}

func newVisible(exact *input) *visible {
	return &visible{exact: exact, types: map[*ctypes.Type]bool{}, resources: map[*ctypes.Resource]bool{}}
}

func (v *visible) add(items []world.Item) {
	for i := range items {
		it := &items[i]
		v.add(it.Items)
		for _, t := range []*ctypes.Type{it.Type, it.Ident} {
			if t != nil && !v.types[t] {
				v.types[t] = true
				v.order = append(v.order, t)
			}
		}
		if it.Resource != nil {
			v.resources[it.Resource] = true
		}
	}
}

// missing gives a type that an item uses and that has no name, nil if there is none. What the item itself exports counts
// from there on.
func (v *visible) missing(it *world.Item) (t *ctypes.Type) {
	own := newVisible(v.exact)
	check := func(u *ctypes.Type) {
		if t == nil && !v.has(u) && !own.has(u) {
			t = u
		}
	}
	seen := map[*ctypes.Type]bool{}
	var each func(*world.Item)
	each = func(it *world.Item) {
		switch {
		case it.Sort == component.SortFunc:
			walkUses(it.FuncType, seen, check)
		case it.Sort == component.SortInstance:
			for i := range it.Items {
				each(&it.Items[i])
				own.add(it.Items[i : i+1])
			}
		case it.Type != nil:
			parts(it.Type, func(u *ctypes.Type) { uses(u, seen, check) })
		}
	}
	each(it)
	return t
}

// uses calls visit for the types that a use of a type needs a name for: those inside of a type that has one are its own
// affair.
func uses(t *ctypes.Type, seen map[*ctypes.Type]bool, visit func(*ctypes.Type)) {
	if seen[t] {
		return
	}
	seen[t] = true
	if needsName(t) || t.Resource != nil {
		visit(t)
		return
	}
	parts(t, func(u *ctypes.Type) { uses(u, seen, visit) })
}

func walkUses(f *ctypes.Func, seen map[*ctypes.Type]bool, visit func(*ctypes.Type)) {
	for _, p := range f.Params {
		uses(p.Type, seen, visit)
	}
	if f.Result != nil {
		uses(f.Result, seen, visit)
	}
}

// used reports whether an item's type uses one of the types, by that name or another.
func (v *visible) used(it *world.Item) (found bool) {
	seen := map[*ctypes.Type]bool{}
	check := func(t *ctypes.Type) {
		for ; t != nil && !found; t = t.Of {
			found = v.types[t]
		}
	}
	switch {
	case it.Sort == component.SortFunc:
		walkFunc(it.FuncType, seen, check)
	case it.Sort == component.SortInstance:
		for i := range it.Items {
			found = found || v.used(&it.Items[i])
		}
	case it.Type != nil:
		check(it.Of)
		walk(it.Type, seen, check)
	}
	return found
}

func (v *visible) has(t *ctypes.Type) bool {
	if t.Resource != nil {
		if v.exact != nil && t.Ident != nil {
			return v.types[t.Ident]
		}
		return v.resources[t.Resource]
	}
	if v.types[t] {
		return true
	}
	if v.exact != nil {
		return false
	}
	for of := t.Of; of != nil; of = of.Of {
		if v.types[of] {
			return true
		}
	}
	return slices.ContainsFunc(v.order, func(u *ctypes.Type) bool { return u.Kind == t.Kind && ctypes.Equal(t, u) })
}
