package link

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

type visitState uint8

const (
	unvisited visitState = iota
	visiting
	visited
)

// merge writes the result's imports, each after those whose types it uses.
func (l *linker) merge() error {
	groups := l.groups
	l.groups = nil
	for _, g := range groups {
		if err := l.visit(g); err != nil {
			return err
		}
	}
	for _, g := range l.groups {
		it := l.item(g.node)
		it.Name = g.name
		l.imports = append(l.imports, it)
	}
	return nil
}

func (l *linker) visit(g *group) error {
	switch g.state {
	case visited:
		return nil
	case visiting:
		return diag.New(fmt.Sprintf("import %q", g.name), "what the components import under this name and on its track refers to itself through other imports").
			WithHint("build the components against the same version of the interface")
	}
	g.state = visiting
	for _, m := range g.members {
		for _, dep := range l.uses(m) {
			if err := l.visit(dep); err != nil {
				return err
			}
		}
	}
	g.state = visited
	l.groups = append(l.groups, g)
	return nil
}

// uses gives the groups whose types an import refers to, in the order of the importer's imports.
func (l *linker) uses(m member) []*group {
	used := make([]bool, m.pos)
	seen := map[*ctypes.Type]bool{}
	note := func(pos int, ok bool) {
		if ok && pos < m.pos {
			used[pos] = true
		}
	}
	visit := func(t *ctypes.Type) {
		pos, ok := m.in.firstType[t]
		note(pos, ok)
		if t.Resource != nil {
			pos, ok = m.in.firstResource[t.Resource]
			note(pos, ok)
		}
	}
	var items func([]world.Item)
	items = func(list []world.Item) {
		for i := range list {
			it := &list[i]
			switch {
			case it.Sort == component.SortFunc:
				walkFunc(it.FuncType, seen, visit)
			case it.Sort == component.SortInstance:
				items(it.Items)
			case it.Resource != nil:
				pos, ok := m.in.firstResource[it.Resource]
				note(pos, ok)
				renamings(it.Ident, it.Of, visit)
			default:
				walk(it.Type, seen, visit)
				renamings(it.Type, it.Of, visit)
			}
		}
	}
	items(m.in.World.Imports[m.pos : m.pos+1])
	var out []*group
	for pos, u := range used {
		if g := m.in.wires[pos].group; u && g != nil && g != m.in.wires[m.pos].group {
			out = append(out, g)
		}
	}
	return out
}

// renamings calls visit for the types that a type item is a new name of.
func renamings(t, of *ctypes.Type, visit func(*ctypes.Type)) {
	if of == nil && t != nil {
		of = t.Of
	}
	for ; of != nil; of = of.Of {
		visit(of)
	}
}

// item is a node as an import of the result, its types canonical.
func (l *linker) item(n *node) world.Item {
	out := l.canonItem(n.in, n.item)
	out.Attributes = n.attr
	out.Items = nil
	for _, c := range n.children {
		out.Items = append(out.Items, l.item(c))
	}
	return out
}

// canonItem is an item of an input with canonical types.
func (l *linker) canonItem(in *input, it *world.Item) world.Item {
	out := world.Item{Name: it.Name, Attributes: it.Attributes, Sort: it.Sort}
	switch {
	case it.Sort == component.SortFunc:
		out.FuncType = l.canonFunc(it.FuncType)
	case it.Sort == component.SortInstance:
		for _, sub := range in.items(it) {
			out.Items = append(out.Items, l.canonItem(in, &sub))
		}
	case it.Resource != nil:
		out.Resource, out.Ident = l.resources.find(it.Resource), l.canonType(it.Ident)
	default:
		out.Type = l.canonType(it.Type)
	}
	out.Of = l.canonType(it.Of)
	return out
}
