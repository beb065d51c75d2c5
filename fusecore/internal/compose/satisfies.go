// This file implements the check that a component conforms to a world.

package compose

import (
	"errors"
	"slices"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// Satisfies returns an error if a component with world have, called name, does not conform to world want, called target: it
// may import what the world imports, and must export what the world exports.
func Satisfies(name string, have *world.World, target string, want *world.World) error {
	component := &instance{Instance: &Instance{Name: name}, world: have.Clone()}
	// To the component's imports the world is a supplier, and to its exports an importer.
	imports := want.Clone()
	host := &instance{Instance: &Instance{Name: target}, world: &world.World{Exports: imports.Imports, Imports: imports.Exports, Outside: map[*ctypes.Resource][]string{}}}
	for r, path := range imports.Outside {
		host.world.Outside[r] = path
	}
	var note func([]world.Item, []string)
	note = func(items []world.Item, path []string) {
		for i := range items {
			at := append(slices.Clone(path), items[i].Name)
			if r := items[i].Resource; r != nil && host.world.Outside[r] == nil {
				host.world.Outside[r] = at
			}
			note(items[i].Items, at)
		}
	}
	note(host.world.Imports, nil)
	c := &composer{resources: newUnionFind[*ctypes.Resource](), types: newUnionFind[*ctypes.Type](), canonical: map[*ctypes.Type]*ctypes.Type{}}
	c.equal = ctypes.NewComparer(func(r, s *ctypes.Resource) bool { return c.resources.find(r) == c.resources.find(s) })
	for range component.world.Imports {
		component.args = append(component.args, argument{})
	}
	for range host.world.Imports {
		host.args = append(host.args, argument{from: component})
	}
	component.firsts()
	host.firsts()
	u := &unifier{composer: c, origins: map[*ctypes.Resource]*origin{}}
	fail := func(err error, item string) error {
		var e *diag.Error
		if errors.As(err, &e) {
			e.Item = item
			e.File = ""
			e.Hint = ""
		}
		return err
	}
	for i := range component.world.Imports {
		it := &component.world.Imports[i]
		theirs := world.Find(host.world.Exports, it.Name)
		item := "import " + strconv.Quote(it.Name)
		if theirs == nil {
			return diag.New(item, "world %s does not have it, so the result must not import it", target).
				WithHint("the world imports %s", world.Names(host.world.Exports))
		}
		if err := u.supply(comparison{site{in: component, name: it.Name}, it, host, theirs, "has"}); err != nil {
			return fail(err, item)
		}
	}
	for i := range host.world.Imports {
		it := &host.world.Imports[i]
		theirs := world.Find(component.world.Exports, it.Name)
		item := "export " + strconv.Quote(it.Name)
		if theirs == nil {
			return diag.New(item, "world %s requires %s with this name", target, aSort(it.Sort)).
				WithHint("the result exports %s", world.Names(component.world.Exports))
		}
		if err := u.supply(comparison{site{in: host, name: it.Name}, it, component, theirs, "exports"}); err != nil {
			return fail(err, item)
		}
	}
	for i := range u.pairs {
		p := &u.pairs[i]
		if err := u.agree(p); err != nil {
			kind := "import "
			if p.site.in == host {
				kind = "export "
			}
			return fail(err, kind+strconv.Quote(p.site.name))
		}
	}
	return nil
}
