// This file implements the check that WIT can express a world.
//
// Types pass from one interface to another, or to functions outside of interfaces, by `use` (WIT.md). A component type can do
// more: whatever has a type's index can use it. So the world's type is looked through for uses that have no WIT:
//
//	(import "i" (instance $i (export "t" (type ...)) ...))   ;; import i: interface { type t = ...; }
//	(alias export $i "t" (type $t))
//	(import "f" (func (param "x" $t)))                       ;; use i.{t}: i is no path

package coreabi

import (
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// Unsayable returns an error about a world that WIT or a core-module ABI cannot express.
func Unsayable(format string, args ...any) error {
	return diag.New("", format, args...).WithHint("emit a component: its world may be one that WIT and core modules cannot express")
}

// check rejects a world that WIT cannot express, apart from where types are used.
func check(w *world.World) error {
	imported := map[string]*world.Item{}
	for i := range w.Imports {
		imported[Name(&w.Imports[i])] = &w.Imports[i]
		if err := checkItem(w, &w.Imports[i], false); err != nil {
			return diag.In(err, "", "", "import "+strconv.Quote(w.Imports[i].Name))
		}
	}
	for i := range w.Exports {
		it := &w.Exports[i]
		err := checkItem(w, it, true)
		if err == nil {
			err = checkBoth(w, imported[Name(it)], it)
		}
		if err != nil {
			return diag.In(err, "", "", "export "+strconv.Quote(it.Name))
		}
	}
	return nil
}

func checkItem(w *world.World, it *world.Item, exported bool) error {
	switch {
	case it.Sort != component.SortInstance && isPath(it.Name):
		return Unsayable("it has the name of an interface, but is a %s", kind(it))
	case it.Sort == component.SortFunc:
		return nil
	case it.Sort == component.SortType && it.Def == nil && !exported:
		return nil
	case it.Sort == component.SortType && it.Def == nil:
		return Unsayable("WIT has no exports of types outside of interfaces")
	case it.Sort != component.SortInstance:
		return Unsayable("WIT has no imports or exports of this kind: it is a %s", kind(it))
	}
	for _, in := range w.ItemsOf(it) {
		if in.Sort != component.SortFunc && in.Sort != component.SortType || in.Def != nil {
			return Unsayable("the interface contains %q, a %s: in WIT it has only functions, value types and resource types", in.Name, kind(&in))
		}
	}
	return nil
}

// kind returns what an item is, for messages.
func kind(it *world.Item) string {
	switch it.Sort {
	case component.SortCore:
		return "core module"
	case component.SortInstance:
		return "nested interface"
	case component.SortFunc:
		return "function"
	case component.SortType:
		if it.Def == nil {
			return "type"
		}
		return "type of functions, interfaces or components"
	}
	return it.Sort.String()
}

// checkBoth compares an exported interface with the imported one of that name: WIT has one definition of both.
func checkBoth(w *world.World, imported, it *world.Item) error {
	if it.Sort != component.SortInstance || !isPath(it.Name) || imported == nil {
		return nil
	}
	exported, items := map[string]*world.Item{}, w.ItemsOf(it)
	for i := range items {
		exported[items[i].Name] = &items[i]
	}
	for _, im := range imported.Items {
		x := exported[im.Name]
		switch {
		case x == nil && im.Sort == component.SortFunc:
			return Unsayable("the world imports the interface with the function %q, and exports it without: in WIT it has one definition", im.Name)
		case x != nil && x.Resource != nil && w.Outside[x.Resource] != nil:
			return Unsayable("the world exports the imported resource type %q: in WIT the exported one is another type", im.Name)
		case x != nil && !sameType(&im, x):
			return Unsayable("the world imports and exports the interface with different types of %q: in WIT it has one definition", im.Name)
		}
	}
	return nil
}

func sameType(a, b *world.Item) bool {
	switch {
	case a.Sort != b.Sort || (a.Resource == nil) != (b.Resource == nil):
		return false
	case a.Sort == component.SortFunc:
		return a.FuncType.String() == b.FuncType.String()
	case a.Resource != nil:
		return true
	}
	return a.Type.String() == b.Type.String()
}

// isPath reports whether the name of an interface can be used in WIT.
func isPath(name string) bool { return strings.Contains(name, ":") }

// typeOf is where a type of the world's component type comes from: an instance with a name, or, without, an import or
// export of the world itself. The zero typeOf is a type that WIT can spell out.
type typeOf struct{ instance, name string }

func (t typeOf) String() string {
	if t.instance == "" {
		return strconv.Quote(t.name) + " of the world itself"
	}
	return strconv.Quote(t.name) + " of " + strconv.Quote(t.instance)
}

// uses looks through the type of a world.
type uses struct {
	types     []typeOf
	instances []string // names
}

// checkUses rejects the type of a world if WIT cannot express where it uses types.
func checkUses(world *component.ComponentDef) error {
	u := &uses{}
	for _, d := range world.Decls {
		var err error
		switch d := d.(type) {
		case *component.Alias:
			u.types = append(u.types, typeOf{u.instances[d.Instance], d.Name})
		case *component.Type:
			u.types = append(u.types, u.definition(d.Def))
		case *component.Import:
			err = u.extern(d.Name.Name, &d.Type)
		case *component.Export:
			err = u.extern(d.Name.Name, d.Type)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// extern checks an import or export of the world.
func (u *uses) extern(name string, t *component.ExternType) error {
	of := typeOf{}
	if !t.SubResource {
		of = u.types[t.Index]
	}
	switch {
	case t.Kind == component.ExternFunc && of.instance != "":
		return Unsayable("the function %q uses the type %v, which the world has not imported under a name of its own", name, of)
	case t.Kind == component.ExternInstance && of.name != "":
		return Unsayable("the interface %q uses the type %v, which WIT can only use inside it", name, of)
	case t.Kind == component.ExternTypeBound && of.instance != "" && !isPath(of.instance):
		return Unsayable("the type %q is the type %v, which WIT can only use inside it", name, of)
	}
	switch t.Kind {
	case component.ExternInstance:
		u.instances = append(u.instances, name)
	case component.ExternTypeBound:
		u.types = append(u.types, typeOf{"", name})
	}
	return nil
}

// definition returns a type that a definition uses: for an instance type one that no interface can use, for any other the
// type of an instance.
func (u *uses) definition(d component.TypeDef) (of typeOf) {
	if in, ok := d.(*component.InstanceDef); ok {
		return u.inside(in)
	}
	eachIndex(d, func(i *uint32) {
		if t := u.types[*i]; t.instance != "" {
			of = t
		}
	})
	return of
}

// inside returns a type that an instance type uses and no interface can use: one of the world itself, or one of an instance
// whose name is no path, under another name. wit-component reads a world with another use of the latter, although no WIT has it.
func (u *uses) inside(d *component.InstanceDef) (of typeOf) {
	var local []typeOf
	for _, in := range d.Decls {
		switch in := in.(type) {
		case *component.Alias:
			t := u.types[in.Index]
			if local = append(local, t); t.name != "" && t.instance == "" {
				of = t
			}
		case *component.Type:
			local = append(local, typeOf{})
		case *component.Export:
			if in.Type.Kind != component.ExternTypeBound {
				break
			}
			if t := in.Type; !t.SubResource && local[t.Index].name != "" && !isPath(local[t.Index].instance) {
				of = local[t.Index]
			}
			local = append(local, typeOf{})
		}
	}
	return of
}
