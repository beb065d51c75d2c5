package link

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// surface finds the types that the result must import because its imports and exports use them (Explainer.md, "Import
// and Export Definitions": a record, variant, enum or flags type is used under an imported or exported name), although
// the import that names them is supplied by another input. Imports of types alone become imports of the result, of
// others the types that are needed do.
func (l *linker) surface() {
	for _, in := range l.in {
		l.firsts(in)
		in.needed = map[int]map[*ctypes.Type]bool{}
	}
	// What a needed type is made of is needed too.
	for more := true; more; {
		more = false
		for _, in := range l.in {
			more = l.require(in) || more
		}
	}
}

// outside reports whether an import is an import of the result.
func (l *linker) outside(in *input, pos int) bool {
	it := &in.World.Imports[pos]
	switch {
	case in.wires[pos].provider >= 0:
		return false
	case it.Sort != component.SortType:
		return true
	case it.Resource != nil:
		first, ok := in.firstResource[it.Resource]
		return !ok || in.wires[first].provider < 0
	}
	return len(in.needed[pos]) > 0
}

// require adds what the imports and exports of the result that come from an input need, and reports whether it found more.
func (l *linker) require(in *input) (changed bool) {
	for pos := range in.World.Imports {
		if l.outside(in, pos) {
			changed = in.require(in.World.Imports[pos:pos+1]) || changed
		}
	}
	if in.index == 0 {
		for i := range in.World.Exports {
			it := in.World.Exports[i]
			it.Items = in.items(&it)
			changed = in.require([]world.Item{it}) || changed
		}
	}
	return changed
}

// require marks the types that items use and that an import names which is no import of the result.
func (in *input) require(items []world.Item) (changed bool) {
	visit := func(t *ctypes.Type) {
		if pos, ok := in.firstType[t]; ok && needsName(t) && in.need(pos, t) {
			changed = true
		}
	}
	seen := map[*ctypes.Type]bool{}
	for i := range items {
		switch it := &items[i]; {
		case it.Sort == component.SortFunc:
			walkFunc(it.FuncType, seen, visit)
		case it.Sort == component.SortInstance:
			changed = in.require(it.Items) || changed
		case it.Type != nil:
			parts(it.Type, func(t *ctypes.Type) { walk(t, seen, visit) })
		}
	}
	return changed
}

// need marks a type that an import names as needed, and reports whether that is news.
func (in *input) need(pos int, t *ctypes.Type) bool {
	it, w := &in.World.Imports[pos], &in.wires[pos]
	if w.provider < 0 && it.Sort != component.SortType || in.needed[pos][t] || in.holdsInside(t) {
		return false
	}
	if in.needed[pos] == nil {
		in.needed[pos] = map[*ctypes.Type]bool{}
	}
	in.needed[pos][t] = true
	if it.TypesOnly() {
		w.provider, w.export = -1, nil
	}
	return true
}

// holdsInside reports whether a type has handles of a resource type that another input supplies, so that no import from
// outside can name it.
func (in *input) holdsInside(t *ctypes.Type) bool {
	return t.Any(func(t *ctypes.Type) bool {
		if t.Resource == nil {
			return false
		}
		pos, ok := in.firstResource[t.Resource]
		return ok && in.wires[pos].provider >= 0
	})
}

// resourceName is how an input's import calls a resource type.
func (in *input) resourceName(r *ctypes.Resource) string {
	if path := in.World.Outside[r]; len(path) > 0 {
		return path[len(path)-1]
	}
	return r.Name
}

// needsName reports whether values of the type can only be used in imports and exports under a name.
func needsName(t *ctypes.Type) bool {
	switch t.Kind {
	case ctypes.Record, ctypes.Variant, ctypes.Enum, ctypes.Flags:
		return true
	}
	return false
}

// kept is an import that is supplied, as far as the result imports its types.
func (in *input) kept(pos int) *world.Item {
	return keepTypes(&in.World.Imports[pos], in.needed[pos])
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
