// This file implements the exports of the result, whose types need names outside.

package compose

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// exporter has the types that exports of an instance can use. own are the types of its imports that are imports of the
// result, and of its items exported so far. supplied are those that other instances supply; the parts of such a type
// belong to its supplier, even if the instance's import names them as coming from outside.
type exporter struct{ own, supplied *visible }

func newExporter(in *instance) *exporter {
	x := &exporter{newVisible(true), newVisible(true)}
	for pos := range in.args {
		switch it := in.world.Imports[pos : pos+1]; {
		case in.args[pos].from != nil:
			x.supplied.add(it)
		case in.args[pos].merged != nil:
			x.own.add(it)
		}
	}
	return x
}

// writeExports writes the exports. If an item's type uses a type under a name that is no longer visible outside, the
// export states its type in terms of visible names (Binary.md, "externdesc" of exports).
func (k *writer) writeExports() error {
	seen := newVisible(false)
	seen.add(k.imports)
	exporters := map[*instance]*exporter{}
	for i := range k.exports {
		x := &k.exports[i]
		d := &component.Export{Name: component.ExternName{Name: x.Name, Attributes: component.NewAttributes(x.Attributes.All())}}
		var canon world.Item
		var err error
		if x.from == nil {
			canon, err = k.exportImport(x, d)
		} else {
			from := exporters[x.from]
			if from == nil {
				from = newExporter(x.from)
				exporters[x.from] = from
			}
			canon, err = k.exportItem(x, d, from, seen)
		}
		if err != nil {
			return diag.In(err, "", "", "export "+strconv.Quote(x.Name))
		}
		index := k.w.Add(d)
		k.w.Bind(&canon, index)
		seen.add([]world.Item{canon})
	}
	return nil
}

// exportItem completes the export of an item of an instance. It returns the item with canonical types.
func (k *writer) exportItem(x *export, d *component.Export, from *exporter, seen *visible) (world.Item, error) {
	it := *x.item
	index, err := k.index(x.from, x.Item.Path)
	if err != nil {
		return world.Item{}, err
	}
	d.Item = it.Sort.Item(index)
	canon := k.canonItem(x.from, &it)
	it.Items = x.from.world.ItemsOf(&it)
	hidden := from.own.missing(&it) != nil
	if hidden || from.supplied.used(&it) {
		t := seen.missing(&canon)
		if hidden && t != nil {
			return canon, k.errHidden(x, t)
		}
		if t == nil {
			t, err := k.w.ExternType(&canon)
			if err != nil {
				return canon, diag.In(err, x.from.label(), "", "")
			}
			d.Type = &t
		}
	}
	if it.Sort == component.SortInstance && d.Type == nil { // otherwise the export creates new types
		from.own.add([]world.Item{it})
	}
	return canon, nil
}

// exportImport completes the export of an import of the result. It returns the import with canonical types.
func (k *writer) exportImport(x *export, d *component.Export) (world.Item, error) {
	at := slices.IndexFunc(k.imports, func(it world.Item) bool { return it.Name == x.importName })
	if at < 0 {
		return world.Item{}, diag.New("", "the composition does not import %q", x.importName).WithHint("it imports %s", world.Names(k.imports))
	}
	it := k.imports[at]
	var err error
	d.Item, err = k.w.Item(&it, []string{it.Name})
	return it, err
}

// errHidden returns the error for an export that uses a type without a name outside.
func (k *writer) errHidden(x *export, t *ctypes.Type) error {
	root := x.from
	what, supplier, hint := t.String(), "a dependency supplies", "export the interface that has the type from the root too"
	for pos := range root.args {
		r := resourceIn(root.world.Imports[pos:pos+1], func(r *ctypes.Resource) bool {
			return t.Any(func(t *ctypes.Type) bool {
				return t.Resource != nil && k.resources.find(r) == k.resources.find(t.Resource)
			})
		})
		if r == nil || root.args[pos].from == nil {
			continue
		}
		name := root.world.Imports[pos].Name
		what = "the resource type " + strconv.Quote(root.resourceName(r))
		if t.Resource == nil {
			what = fmt.Sprintf("a %v with handles of %s", t.Kind, what)
		}
		supplier = fmt.Sprintf("%s supplies with %q", root.args[pos].from.label(), name)
		hint = fmt.Sprintf("export %q from the root too", name)
		break
	}
	return (&diag.Error{File: root.label(), Offset: diag.NoOffset,
		Msg: fmt.Sprintf("the %s uses %s, which %s: outside the result no import or export names the type", sortName(x.item.Sort), what, supplier),
	}).WithHint("%s", hint)
}

// resourceIn returns the first resource type in items that satisfies a condition.
func resourceIn(items []world.Item, ok func(*ctypes.Resource) bool) *ctypes.Resource {
	for i := range items {
		if r := items[i].Resource; r != nil && ok(r) {
			return r
		}
		if r := resourceIn(items[i].Items, ok); r != nil {
			return r
		}
	}
	return nil
}

// visible is a set of named types. If exact is set, they are types of one instance, each used under its own name;
// otherwise a type may be used under any name that it has.
type visible struct {
	exact     bool
	types     map[*ctypes.Type]bool
	order     []*ctypes.Type
	resources map[*ctypes.Resource]bool
}

func newVisible(exact bool) *visible {
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

// missing returns a type that an item uses and that has no name, or nil. Exports of the item itself count as soon as
// they are visited.
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
			if it.Type.Resource != nil { // own or borrow: a name of its own names no resource type
				check(it.Type)
			}
			for u := range it.Type.Parts() {
				uses(u, seen, check)
			}
		}
	}
	each(it)
	return t
}

// uses calls visit for the types that need a name for a use of a type. Types within a named type do not.
func uses(t *ctypes.Type, seen map[*ctypes.Type]bool, visit func(*ctypes.Type)) {
	if seen[t] {
		return
	}
	seen[t] = true
	if t.NeedsName() || t.Resource != nil {
		visit(t)
		return
	}
	for u := range t.Parts() {
		uses(u, seen, visit)
	}
}

func walkUses(f *ctypes.Func, seen map[*ctypes.Type]bool, visit func(*ctypes.Type)) {
	for _, p := range f.Params {
		uses(p.Type, seen, visit)
	}
	if f.Result != nil {
		uses(f.Result, seen, visit)
	}
}

// used reports whether an item's type uses one of the types, under that name or another.
func (v *visible) used(it *world.Item) (found bool) {
	seen := ctypes.Seen{}
	check := func(t *ctypes.Type) {
		for ; t != nil && !found; t = t.Of {
			found = v.types[t]
		}
	}
	switch {
	case it.Sort == component.SortFunc:
		for t := range seen.WalkFunc(it.FuncType) {
			check(t)
		}
	case it.Sort == component.SortInstance:
		for i := range it.Items {
			found = found || v.used(&it.Items[i])
		}
	case it.Type != nil:
		check(it.Of)
		for t := range seen.Walk(it.Type) {
			check(t)
		}
	}
	return found
}

func (v *visible) has(t *ctypes.Type) bool {
	if t.Resource != nil {
		if v.exact && t.Ident != nil {
			return v.types[t.Ident]
		}
		return v.resources[t.Resource]
	}
	if v.types[t] {
		return true
	}
	if v.exact {
		return false
	}
	for of := t.Of; of != nil; of = of.Of {
		if v.types[of] {
			return true
		}
	}
	return slices.ContainsFunc(v.order, func(u *ctypes.Type) bool { return u.Kind == t.Kind && ctypes.Equal(t, u) })
}
