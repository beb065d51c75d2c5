// Package stub writes worlds in tests, and makes components with them.
package stub

import (
	"fmt"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/stub"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// Component returns a component with a world, decoded as if read from a file. Its exported functions trap.
func Component(w world.World) (*component.Component, error) { return stub.Component(w) }

// Func returns a function item. params alternate labels (string) and types (*ctypes.Type); result may be nil.
func Func(name string, result *ctypes.Type, params ...any) world.Item {
	f := &ctypes.Func{Result: result}
	for i := 0; i < len(params); i += 2 {
		f.Params = append(f.Params, ctypes.Field{Label: params[i].(string), Type: params[i+1].(*ctypes.Type)})
	}
	return world.Item{Name: name, Sort: component.SortFunc, FuncType: f}
}

// Type returns a type item.
func Type(name string, t *ctypes.Type) world.Item {
	return world.Item{Name: name, Sort: component.SortType, Type: t}
}

// Resource returns a resource type item.
func Resource(name string, r *ctypes.Resource) world.Item {
	return world.Item{Name: name, Sort: component.SortType, Resource: r}
}

// Instance returns an instance item.
func Instance(name string, items ...world.Item) world.Item {
	return world.Item{Name: name, Sort: component.SortInstance, Items: items}
}

// Record returns a record type. fields alternate labels and types.
func Record(fields ...any) *ctypes.Type {
	t := &ctypes.Type{Kind: ctypes.Record}
	for i := 0; i < len(fields); i += 2 {
		t.Fields = append(t.Fields, ctypes.Field{Label: fields[i].(string), Type: fields[i+1].(*ctypes.Type)})
	}
	return t
}

// Enum returns an enum type.
func Enum(labels ...string) *ctypes.Type { return &ctypes.Type{Kind: ctypes.Enum, Labels: labels} }

// List returns a list type.
func List(t *ctypes.Type) *ctypes.Type { return &ctypes.Type{Kind: ctypes.List, Elem: t} }

// Prim returns the type of direct uses of a primitive type; Named returns a definition of one.
func Prim(k ctypes.Kind) *ctypes.Type  { return ctypes.Prims[k] }
func Named(k ctypes.Kind) *ctypes.Type { return &ctypes.Type{Kind: k} }

// Own and Borrow return handle types.
func Own(r *ctypes.Resource) *ctypes.Type    { return &ctypes.Type{Kind: ctypes.Own, Resource: r} }
func Borrow(r *ctypes.Resource) *ctypes.Type { return &ctypes.Type{Kind: ctypes.Borrow, Resource: r} }

// Print returns a world as text. Named types and resource types are written as name and number, with the same number
// for the same identity, so that equal texts mean worlds that share types in the same way.
func Print(w world.World) string {
	p := &printer{types: map[*ctypes.Type]string{}, resources: map[*ctypes.Resource]string{}}
	p.items("import ", "", w.Imports)
	p.items("export ", "", w.Exports)
	return p.String()
}

type printer struct {
	strings.Builder
	types     map[*ctypes.Type]string
	resources map[*ctypes.Resource]string
	n         int
}

func (p *printer) items(verb, indent string, items []world.Item) {
	for i := range items {
		it := &items[i]
		fmt.Fprintf(p, "%s%s%s", indent, verb, it.Name)
		for _, a := range it.Attributes.All() {
			fmt.Fprintf(p, " %d=%s", a.Kind, a.Value)
		}
		if it.Import != nil {
			fmt.Fprintf(p, " = import %s\n", strings.Join(it.Import, "/"))
			continue
		}
		switch {
		case it.Sort == component.SortInstance:
			p.WriteString(":\n")
			p.items("", indent+"  ", it.Items)
			continue
		case it.Sort == component.SortFunc:
			fmt.Fprintf(p, ": %s", p.function(it.FuncType))
		case it.Resource != nil:
			if name, ok := p.resources[it.Resource]; ok {
				fmt.Fprintf(p, " = %s", name)
				break
			}
			p.n++
			p.resources[it.Resource] = fmt.Sprintf("%s#%d", it.Name, p.n)
			fmt.Fprintf(p, ": resource %s", p.resources[it.Resource])
		default:
			if name, ok := p.types[it.Type]; ok {
				fmt.Fprintf(p, " = %s", name)
				break
			}
			def := p.definition(it.Type)
			p.n++
			p.types[it.Type] = fmt.Sprintf("%s#%d", it.Name, p.n)
			fmt.Fprintf(p, ": type %s = %s", p.types[it.Type], def)
		}
		p.WriteByte('\n')
	}
}

func (p *printer) function(f *ctypes.Func) string {
	s := "func(" + p.fields(f.Params) + ")"
	if f.Result != nil {
		s += " -> " + p.use(f.Result)
	}
	return s
}

func (p *printer) fields(fs []ctypes.Field) string {
	var out []string
	for _, f := range fs {
		out = append(out, f.Label+": "+p.use(f.Type))
	}
	return strings.Join(out, ", ")
}

func (p *printer) use(t *ctypes.Type) string {
	if name, ok := p.types[t]; ok {
		return name
	}
	return p.definition(t)
}

func (p *printer) definition(t *ctypes.Type) string {
	if t == nil {
		return "_"
	}
	out := t.Kind.String()
	if t.Resource != nil {
		name, ok := p.resources[t.Resource]
		if !ok {
			name = "unnamed"
		}
		return out + " " + name
	}
	if len(t.Fields) > 0 {
		out += "{" + p.fields(t.Fields) + "}"
	}
	if len(t.Labels) > 0 {
		out += "{" + strings.Join(t.Labels, ", ") + "}"
	}
	for _, u := range append([]*ctypes.Type{t.Elem, t.Err, t.Key}, t.Types...) {
		if u != nil {
			out += "<" + p.use(u) + ">"
		}
	}
	return out
}
