// Package conform checks whether a component has a world, as hosts and other components expect it: it imports only what the
// world imports, and exports all that the world exports, with types that fit (Explainer.md, "Instance and Component
// Definitions", on subtyping).
//
// The check links the component with two others that are made of the world: one exports what the world imports, the other
// imports what it exports. So it accepts what linking accepts, and its errors are those of linking.
package conform

import (
	"slices"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/compose"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/extname"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/stub"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// Component is a component to check.
type Component struct {
	Label string // name in messages
	Comp  *component.Component
	World *world.World
}

// Check returns an error if a component does not have a world, which messages call by the given name. resolve returns the
// world of a component that is made for the check.
func Check(c Component, name string, imports, exports []world.Item, resolve func(*component.Component) (*world.World, error)) error {
	k := &checker{Component: c, name: name, resolve: resolve}
	if err := k.check(imports, exports); err != nil {
		return diag.In(err, c.Label, "", "")
	}
	return nil
}

type checker struct {
	Component
	name    string // of the world
	resolve func(*component.Component) (*world.World, error)
	graph   compose.Graph
}

// check links the component between the other two. The user of the exports also imports what the world imports, under
// another name where the world exports that too, because types of exports may come from there.
func (k *checker) check(imports, exports []world.Item) error {
	k.graph.Name = "check"
	host, err := k.instantiate("host", world.World{Exports: imports})
	if err != nil {
		return err
	}
	own := k.graph.Instantiate("component", k.graph.Register(compose.Component{Name: "component", Comp: k.Comp, World: k.World}))
	k.graph.Instances[own].Label = k.Label
	if err := k.supply(own, host, imports); err != nil {
		return err
	}
	all, from := k.users(imports, exports, host, own)
	user, err := k.instantiate("user", world.World{Imports: all})
	if err != nil {
		return err
	}
	copy(k.graph.Instances[user].Args, from)
	if err := k.complete(exports); err != nil {
		return err
	}
	_, err = compose.Write(&k.graph)
	return err
}

// instantiate adds an instance of a component that is made for the check.
func (k *checker) instantiate(name string, w world.World) (compose.InstanceID, error) {
	c, err := stub.Component(w)
	if err != nil {
		return 0, &diag.Internal{Msg: "no component can be made of the world " + k.name, Err: err}
	}
	made, err := k.resolve(c)
	if err != nil {
		return 0, &diag.Internal{Msg: "the component that was made of the world " + k.name + " is invalid", Err: err}
	}
	in := k.graph.Instantiate(name, k.graph.Register(compose.Component{Name: name, Comp: c, World: made}))
	k.graph.Instances[in].Label = "a " + name + " of the world " + k.name
	return in, nil
}

// supply connects each import of the component with that of the world.
func (k *checker) supply(own, host compose.InstanceID, imports []world.Item) error {
	for i := range k.World.Imports {
		it := &k.World.Imports[i]
		if it.Sort == component.SortType && it.Resource == nil {
			continue // equal by structure
		}
		theirs := find(imports, it)
		switch {
		case theirs != nil:
			k.graph.Instances[own].Args[i] = compose.Alias(host, theirs.Name)
		case !it.TypesOnly() && it.Sort != component.SortType:
			return diag.New("import "+strconv.Quote(it.Name), "the world %s has no such import; it imports %s", k.name, nearest(it.Name, imports)).
				WithHint("name the world that the component is built for, or build it for this one")
		}
	}
	return nil
}

// complete returns an error if the component lacks exports of the world.
func (k *checker) complete(exports []world.Item) error {
	for i := range exports {
		it := &exports[i]
		if it.Sort == component.SortType && it.Resource == nil || find(k.World.Exports, it) != nil {
			continue
		}
		return diag.New("", "the world %s exports %q, which is missing; the component exports %s", k.name, it.Name, nearest(it.Name, k.World.Exports)).
			WithHint("name the world that the component is built for, or build it for this one")
	}
	return nil
}

// users returns the imports of the user of the component, and what supplies each.
func (k *checker) users(imports, exports []world.Item, host, own compose.InstanceID) (all []world.Item, from []compose.Item) {
	for i := range imports {
		it := imports[i]
		from = append(from, compose.Alias(host, it.Name))
		if world.Find(exports, it.Name) != nil {
			it.Name, it.Attributes = "imported-"+strconv.Itoa(i), nil
		}
		all = append(all, it)
	}
	for i := range exports {
		it := exports[i]
		theirs := find(k.World.Exports, &it)
		if theirs == nil {
			theirs = &it // complete reports it
		}
		from = append(from, compose.Alias(own, theirs.Name))
		all = append(all, it)
	}
	return all, from
}

// find returns the item that stands for another: that of its name, or a version of the same compatibility track.
func find(items []world.Item, like *world.Item) *world.Item {
	if it := world.Find(items, like.Name); it != nil {
		return it
	}
	want, err := extname.Parse(like.Name)
	if err != nil || want.Kind != extname.Interface || want.Version == "" {
		return nil
	}
	for i := range items {
		have, err := extname.Parse(items[i].Name)
		if err == nil && have.Kind == extname.Interface && have.ID() == want.ID() && have.Version != "" &&
			extname.Track(component.WithVersionSuffix(have.Version, items[i].Attributes)) == extname.Track(component.WithVersionSuffix(want.Version, like.Attributes)) {
			return &items[i]
		}
	}
	return nil
}

// nearest lists names of items, those first that have most in common with a name.
func nearest(name string, items []world.Item) string {
	items = slices.Clone(items)
	common := func(other string) (n int) {
		for n < min(len(name), len(other)) && name[n] == other[n] {
			n++
		}
		return n
	}
	slices.SortStableFunc(items, func(a, b world.Item) int { return common(b.Name) - common(a.Name) })
	return world.Names(items)
}
