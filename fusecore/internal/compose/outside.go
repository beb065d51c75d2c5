// This file implements the check that the outside can supply the imports of the result.

package compose

import (
	"fmt"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// checkOutside rejects imports of the result that use a resource type which an instance defines: their supplier is
// outside, where no import or export could provide that type (Explainer.md, "Type Checking").
func (u *unifier) checkOutside() error {
	for _, m := range u.imports {
		for _, by := range m.contributors {
			if by.in.args[by.pos].from != nil {
				continue // the result imports only its value types, which are equal by structure
			}
			it := &by.in.world.Imports[by.pos]
			if err := u.checkItem(by.in, it, it); err != nil {
				return err
			}
		}
	}
	return nil
}

func (u *unifier) checkItem(in *instance, imported, it *world.Item) error {
	var inside *ctypes.Resource
	note := func(r *ctypes.Resource) {
		if o := u.origins[u.resources.find(r)]; inside == nil && r != nil && o != nil && o.def != nil {
			inside = r
		}
	}
	switch {
	case it.Sort == component.SortFunc:
		for t := range (ctypes.Seen{}).WalkFunc(it.FuncType) {
			note(t.Resource)
		}
	case it.Resource != nil:
		note(it.Resource)
	case it.Type != nil:
		for t := range (ctypes.Seen{}).Walk(it.Type) {
			note(t.Resource)
		}
	}
	if inside != nil {
		return in.errInside(imported, inside, u.origins[u.resources.find(inside)])
	}
	for i := range it.Items {
		if err := u.checkItem(in, imported, &it.Items[i]); err != nil {
			return err
		}
	}
	return nil
}

// errInside returns the error for an import that uses resource type r of origin o.
func (in *instance) errInside(it *world.Item, r *ctypes.Resource, o *origin) error {
	from, name := "", r.Name
	if pos, ok := in.firstResource[r]; ok {
		from = in.world.Imports[pos].Name
		if own := ownName(&in.world.Imports[pos], r); own != "" {
			name = own
		}
	}
	of := ""
	if from != "" && from != it.Name {
		of = " of " + strconv.Quote(from)
	}
	e := &diag.Error{File: in.label(), Item: "import " + strconv.Quote(it.Name), Offset: diag.NoOffset,
		Msg: fmt.Sprintf("no dependency exports it, so it would be an import of the output; but it uses the resource type %q%s, which %s defines: "+
			"the outside cannot provide that type", name, of, o.in.label())}
	if of == "" {
		return e.WithHint("add a component that exports %q and takes the type from %s", it.Name, o.in.label())
	}
	return e.WithHint("add a component that exports %q, or leave out %s, so that %q comes from outside too", it.Name, o.in.label(), from)
}

// ownName returns an import's name for a resource type.
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
