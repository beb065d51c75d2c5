// This file implements the check of a component against a world in WIT.

package fusecore

import (
	"context"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/conform"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/instantiate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// CheckWorld validates a component, and returns an error if it does not have a world of a WIT package in binary form. It may
// import less than the world, and export more. Versions of interfaces need only be compatible.
func CheckWorld(ctx context.Context, in, pkg Input, name string) (err error) {
	defer diag.Settle(ctx, &err)
	item, full, err := worldOf(pkg, name)
	if err != nil {
		return diag.In(err, pkg.label(), "", "")
	}
	c, err := load(ctx, in, linkOptions{attributes: true}, nil)
	if err != nil {
		return err
	}
	w, err := instantiate.World(c.comp, c.surface)
	if err != nil {
		return diag.In(err, in.label(), "", "")
	}
	own := conform.Component{Label: in.label(), Comp: c.comp, World: w}
	return conform.Check(own, full, item.Def.Imports, item.Def.Exports, resolved)
}

// resolved returns the world of a component.
func resolved(c *component.Component) (*world.World, error) {
	s, err := validate.Options{}.Surface(c)
	if err != nil {
		return nil, err
	}
	return instantiate.World(c, s)
}

// worldOf returns a world of a package, NAME or ns:pkg/NAME@version, as a component that another one would import, and its
// full name.
func worldOf(pkg Input, name string) (it *world.Item, full string, err error) {
	c, err := decode.Component(pkg.Bytes)
	if err != nil {
		return nil, "", err
	}
	var names []string
	var found *component.Export
	short := name[strings.LastIndexByte(name, '/')+1:]
	short, _, _ = strings.Cut(short, "@")
	for _, d := range c.Defs {
		if e, ok := d.(*component.Export); ok && e.Item.Sort == component.SortType {
			names = append(names, e.Name.Name)
			if e.Name.Name == short {
				found = e
			}
		}
	}
	if found == nil {
		return nil, "", diag.New("", "the package has no world %q; it has %s", name, diag.List(names)).WithHint("correct the name of the world")
	}
	// Only imports of a type say what is in it: the export is a type that contains the world under its full name.
	const probe = "probe"
	c.Defs = append(c.Defs, &component.Import{Name: component.ExternName{Name: probe}, Type: component.ExternType{Kind: component.ExternComponent, Index: found.Item.Index}})
	w, err := resolved(c)
	if err != nil {
		return nil, "", err
	}
	outer := world.Find(w.Imports, probe)
	if outer == nil || outer.Def == nil || len(outer.Def.Exports) != 1 || outer.Def.Exports[0].Sort != component.SortComponent || outer.Def.Exports[0].Def == nil {
		return nil, "", diag.New(name, "it is not a world, but an interface").WithHint("name a world")
	}
	it = &outer.Def.Exports[0]
	if strings.Contains(name, "/") && name != it.Name && name != strings.Split(it.Name, "@")[0] {
		return nil, "", diag.New(name, "the package has %q instead", it.Name).WithHint("correct the name of the world")
	}
	return it, it.Name, nil
}
