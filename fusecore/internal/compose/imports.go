// This file implements the imports of the result: which arguments share one, and the order of their declaration.

package compose

import (
	"fmt"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/extname"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// mergedImport is an import of the result, which satisfies all arguments that refer to it.
type mergedImport struct {
	name         string // the name with the highest version
	version      string
	node         *node
	contributors []contributor
	state        visitState
}

// contributor is an import of an instance, by index in its world.Imports.
type contributor struct {
	in  *instance
	pos int
}

// node is the union of the items that contributors have at one path.
type node struct {
	name string
	attr *component.Attributes
	sort component.Sort
	// in and item are where the node was first needed.
	in       *instance
	item     *world.Item
	children []*node
}

func (n *node) child(name string) *node {
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// merged returns the import of the result for an argument, creating it if necessary.
func (c *composer) merged(in *instance, pos int) *mergedImport {
	it, name := &in.world.Imports[pos], in.args[pos].importName
	var attr *component.Attributes
	if name == it.Name {
		attr = it.Attributes
	}
	key, version := name, ""
	if n, err := extname.Parse(name); err == nil && n.Kind == extname.Interface && n.Version != "" {
		key, version = n.ID()+"@"+extname.Track(n.Version), component.WithVersionSuffix(n.Version, attr)
	}
	m := c.byKey[key]
	if m == nil {
		m = &mergedImport{name: name, version: version, node: &node{name: name, attr: attr, sort: it.Sort, in: in, item: it}}
		c.byKey[key] = m
		c.imports = append(c.imports, m)
	} else if extname.Older(m.version, version) {
		m.name, m.version, m.node.attr = name, version, attr
	}
	m.contributors = append(m.contributors, contributor{in, pos})
	return m
}

type visitState uint8

const (
	unvisited visitState = iota
	visiting
	visited
)

// sortImports moves each import of the result after those whose types it uses.
func (c *composer) sortImports() error {
	unsorted := c.imports
	c.imports = nil
	c.namers = map[*ctypes.Resource][]*mergedImport{}
	for _, m := range unsorted {
		c.nameResources(m, m.node)
	}
	for _, m := range unsorted {
		if err := c.visit(m); err != nil {
			return err
		}
	}
	return nil
}

// nameResources records an import as one that names the resource types at and below a node.
func (c *composer) nameResources(m *mergedImport, n *node) {
	if r := n.item.Resource; r != nil {
		r = c.resources.find(r)
		c.namers[r] = append(c.namers[r], m)
	}
	for _, child := range n.children {
		c.nameResources(m, child)
	}
}

func (c *composer) visit(m *mergedImport) error {
	switch m.state {
	case visited:
		return nil
	case visiting:
		return diag.New(fmt.Sprintf("import %q", m.name), "the imports of the components under this name and on its track form a cycle through other imports").
			WithHint("build the components against the same version of the interface")
	}
	m.state = visiting
	for _, by := range m.contributors {
		for _, dep := range c.uses(by) {
			if err := c.visit(dep); err != nil {
				return err
			}
		}
	}
	m.state = visited
	c.imports = append(c.imports, m)
	return nil
}

// uses returns the imports of the result whose types a contributor refers to: those of its instance's imports, in their
// order, and then those that name resource types with which other instances supply it.
func (c *composer) uses(by contributor) []*mergedImport {
	used := make([]bool, by.pos)
	own := by.in.args[by.pos].merged
	var supplied []*mergedImport
	seen := ctypes.Seen{}
	note := func(pos int, ok bool) {
		if ok && pos < by.pos {
			used[pos] = true
		}
	}
	resource := func(r *ctypes.Resource) {
		pos, ok := by.in.firstResource[r]
		note(pos, ok)
		namers := c.namers[c.resources.find(r)]
		if ok && pos < by.pos && len(namers) > 0 && !slices.Contains(namers, own) && !slices.Contains(namers, by.in.args[pos].merged) {
			supplied = append(supplied, namers[0])
		}
	}
	visit := func(t *ctypes.Type) {
		pos, ok := by.in.firstType[t]
		note(pos, ok)
		if t.Resource != nil {
			resource(t.Resource)
		}
	}
	var items func([]world.Item)
	items = func(list []world.Item) {
		for i := range list {
			it := &list[i]
			switch {
			case it.Sort == component.SortFunc:
				for t := range seen.WalkFunc(it.FuncType) {
					visit(t)
				}
			case it.Sort == component.SortInstance:
				items(it.Items)
			case it.Def != nil:
				if it.Def.Func != nil {
					for t := range seen.WalkFunc(it.Def.Func) {
						visit(t)
					}
				}
				items(it.Def.Imports)
				items(it.Def.Exports)
			case it.Resource != nil:
				resource(it.Resource)
				renamings(it.Ident, it.Of, visit)
			default:
				for t := range seen.Walk(it.Type) {
					visit(t)
				}
				renamings(it.Type, it.Of, visit)
			}
		}
	}
	items(by.in.world.Imports[by.pos : by.pos+1])
	var out []*mergedImport
	for pos, u := range used {
		if m := by.in.args[pos].merged; u && m != nil && m != own {
			out = append(out, m)
		}
	}
	return append(out, supplied...)
}

// renamings calls visit for the types that a type item renames.
func renamings(t, of *ctypes.Type, visit func(*ctypes.Type)) {
	if of == nil && t != nil {
		of = t.Of
	}
	for ; of != nil; of = of.Of {
		visit(of)
	}
}

// importItem returns an import of the result with canonical types.
func (c *composer) importItem(m *mergedImport) world.Item {
	it := c.nodeItem(m.node)
	it.Name = m.name
	return it
}

func (c *composer) nodeItem(n *node) world.Item {
	out := c.canonItem(n.in, n.item)
	out.Attributes = n.attr
	out.Items = nil
	for _, child := range n.children {
		out.Items = append(out.Items, c.nodeItem(child))
	}
	return out
}

// canonDef returns a type of functions, instances, components or core modules with canonical types.
func (c *composer) canonDef(in *instance, d *world.Def) *world.Def {
	out := &world.Def{Module: d.Module, Instance: d.Instance}
	if d.Func != nil {
		out.Func = c.canonFunc(d.Func)
	}
	for i := range d.Imports {
		out.Imports = append(out.Imports, c.canonItem(in, &d.Imports[i]))
	}
	for i := range d.Exports {
		out.Exports = append(out.Exports, c.canonItem(in, &d.Exports[i]))
	}
	return out
}

// canonItem returns an item of an instance with canonical types.
func (c *composer) canonItem(in *instance, it *world.Item) world.Item {
	out := world.Item{Name: it.Name, Attributes: it.Attributes, Sort: it.Sort}
	switch {
	case it.Sort == component.SortFunc:
		out.FuncType = c.canonFunc(it.FuncType)
	case it.Sort == component.SortInstance:
		for _, sub := range in.world.ItemsOf(it) {
			out.Items = append(out.Items, c.canonItem(in, &sub))
		}
	case it.Def != nil:
		out.Def = c.canonDef(in, it.Def)
	case it.Resource != nil:
		out.Resource, out.Ident = c.resources.find(it.Resource), c.canonType(it.Ident)
	default:
		out.Type = c.canonType(it.Type)
	}
	out.Of = c.canonType(it.Of)
	return out
}
