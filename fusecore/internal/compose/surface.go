// This file implements which imports of instances, and which of their types, become imports of the result.

package compose

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// surface finds types that the result must import, because its imports and exports use them (Explainer.md, "Import and
// Export Definitions": a record, variant, enum or flags type is used under an imported or exported name), although
// another instance supplies the import that names them. Imports of only types become imports of the result as a whole,
// other imports only with the needed types.
func (c *composer) surface() {
	for _, in := range c.instances {
		in.firsts()
		// The parts of a needed type are needed too.
		for c.require(in) {
		}
	}
}

// firsts records which import of an instance first names a type. That import defines it, later ones refer to it.
func (in *instance) firsts() {
	in.firstType, in.firstResource = map[*ctypes.Type]int{}, map[*ctypes.Resource]int{}
	var note func(pos int, items []world.Item)
	note = func(pos int, items []world.Item) {
		for i := range items {
			it := &items[i]
			if it.Sort == component.SortInstance {
				note(pos, it.Items)
			}
			for _, t := range []*ctypes.Type{it.Type, it.Ident} {
				if _, ok := in.firstType[t]; t != nil && !ok {
					in.firstType[t] = pos
				}
			}
			if _, ok := in.firstResource[it.Resource]; it.Resource != nil && !ok {
				in.firstResource[it.Resource] = pos
			}
		}
	}
	for pos := range in.world.Imports {
		note(pos, in.world.Imports[pos:pos+1])
	}
}

// outside reports whether an import of an instance is an import of the result.
func (in *instance) outside(pos int) bool {
	a, it := &in.args[pos], &in.world.Imports[pos]
	switch {
	case a.from != nil:
		return false
	case it.Sort != component.SortType || in.Args[pos].Import != "":
		return true
	case it.Resource != nil:
		first, ok := in.firstResource[it.Resource]
		return !ok || in.args[first].from == nil
	}
	return len(in.needed[pos]) > 0
}

// require adds the needs of those imports and exports of the result that come from an instance, and reports whether it
// found more.
func (c *composer) require(in *instance) (changed bool) {
	for pos := range in.world.Imports {
		if in.outside(pos) {
			changed = in.require(in.world.Imports[pos:pos+1]) || changed
		}
	}
	for i := range c.exports {
		if x := &c.exports[i]; x.from == in {
			it := *x.item
			it.Items = in.world.ItemsOf(&it)
			changed = in.require([]world.Item{it}) || changed
		}
	}
	return changed
}

// require marks types that items use and that are named by an import which is not an import of the result.
func (in *instance) require(items []world.Item) (changed bool) {
	visit := func(t *ctypes.Type) {
		if pos, ok := in.firstType[t]; ok && t.NeedsName() && in.need(pos, t) {
			changed = true
		}
	}
	seen := ctypes.Seen{}
	for i := range items {
		switch it := &items[i]; {
		case it.Sort == component.SortFunc:
			for t := range seen.WalkFunc(it.FuncType) {
				visit(t)
			}
		case it.Sort == component.SortInstance:
			changed = in.require(it.Items) || changed
		case it.Type != nil:
			for part := range it.Type.Parts() {
				for t := range seen.Walk(part) {
					visit(t)
				}
			}
		}
	}
	return changed
}

// need marks a type that an import names as needed, and reports whether it was not marked before.
func (in *instance) need(pos int, t *ctypes.Type) bool {
	a, it := &in.args[pos], &in.world.Imports[pos]
	if a.from == nil && it.Sort != component.SortType || in.needed[pos][t] || in.holdsInside(t) {
		return false
	}
	if in.needed[pos] == nil {
		in.needed[pos] = map[*ctypes.Type]bool{}
	}
	in.needed[pos][t] = true
	if it.TypesOnly() {
		a.from, a.item, a.path = nil, nil, nil
	}
	return true
}

// holdsInside reports whether a type contains handles of a resource type that another instance supplies, which no
// import from outside can name.
func (in *instance) holdsInside(t *ctypes.Type) bool {
	return t.Any(func(t *ctypes.Type) bool {
		if t.Resource == nil {
			return false
		}
		pos, ok := in.firstResource[t.Resource]
		return ok && in.args[pos].from != nil
	})
}

// resourceName returns the name of a resource type in an instance's imports.
func (in *instance) resourceName(r *ctypes.Resource) string {
	if path := in.world.Outside[r]; len(path) > 0 {
		return path[len(path)-1]
	}
	return r.Name
}

// kept returns the part of a supplied import that the result imports: the types it needs.
func (in *instance) kept(pos int) *world.Item {
	return keepTypes(&in.world.Imports[pos], in.needed[pos])
}

func keepTypes(it *world.Item, needed map[*ctypes.Type]bool) *world.Item {
	out := *it
	out.Items = nil
	for i := range it.Items {
		switch sub := &it.Items[i]; {
		case sub.Sort == component.SortInstance:
			if s := keepTypes(sub, needed); len(s.Items) > 0 {
				out.Items = append(out.Items, *s)
			}
		case sub.Sort == component.SortType && sub.Resource == nil && needed[sub.Type]:
			out.Items = append(out.Items, *sub)
		}
	}
	return &out
}
