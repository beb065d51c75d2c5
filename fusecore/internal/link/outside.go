package link

import (
	"fmt"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// checkOutside refuses imports of the result that use a resource type which an input defines: whoever supplies them
// stands outside, where no import or export could give them that type (Explainer.md, "Type Checking").
func (l *linker) checkOutside(origins map[*ctypes.Resource]*origin) error {
	for _, g := range l.groups {
		for _, m := range g.members {
			if m.in.wires[m.pos].provider >= 0 {
				continue // only types of it, which need nobody
			}
			it := &m.in.World.Imports[m.pos]
			if err := l.checkItem(m.in, it, it, origins); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *linker) checkItem(in *input, imported, it *world.Item, origins map[*ctypes.Resource]*origin) error {
	var inside *ctypes.Resource
	note := func(r *ctypes.Resource) {
		if o := origins[l.resources.find(r)]; inside == nil && r != nil && o != nil && o.def != nil {
			inside = r
		}
	}
	switch {
	case it.Sort == component.SortFunc:
		walkFunc(it.FuncType, map[*ctypes.Type]bool{}, func(t *ctypes.Type) { note(t.Resource) })
	case it.Resource != nil:
		note(it.Resource)
	case it.Type != nil:
		walk(it.Type, map[*ctypes.Type]bool{}, func(t *ctypes.Type) { note(t.Resource) })
	}
	if inside != nil {
		return l.inside(in, imported, inside, origins[l.resources.find(inside)])
	}
	for i := range it.Items {
		if err := l.checkItem(in, imported, &it.Items[i], origins); err != nil {
			return err
		}
	}
	return nil
}

// inside words the error about an import that uses resource type r of origin o.
func (l *linker) inside(in *input, it *world.Item, r *ctypes.Resource, o *origin) error {
	from, name := "", r.Name
	if pos, ok := in.firstResource[r]; ok {
		from = in.World.Imports[pos].Name
		if own := ownName(&in.World.Imports[pos], r); own != "" {
			name = own
		}
	}
	of := ""
	if from != "" && from != it.Name {
		of = " of " + strconv.Quote(from)
	}
	e := &diag.Error{File: in.label(), Item: "import " + strconv.Quote(it.Name), Offset: diag.NoOffset,
		Msg: fmt.Sprintf("no dependency exports it, so it would be an import of the output; but it uses the resource type %q%s, which %s defines: "+
			"nobody outside can have that type", name, of, o.in.label())}
	if of == "" {
		return e.WithHint("add a component that exports %q and takes the type from %s", it.Name, o.in.label())
	}
	return e.WithHint("add a component that exports %q, or leave out %s, so that %q comes from outside too", it.Name, o.in.label(), from)
}

// ownName is what an import calls a resource type.
func ownName(it *world.Item, r *ctypes.Resource) string {
	if it.Resource == r {
		return it.Name
	}
	for i := range it.Items {
		if n := ownName(&it.Items[i], r); n != "" {
			return n
		}
	}
	return ""
}
