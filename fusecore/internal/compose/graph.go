// Package compose turns a composition of components into one component.
//
// A composition is data: which components there are, how often each is instantiated and with which arguments, and what
// the result exports. It corresponds to the definitions of the component that it becomes:
//
//	(component
//	  (import "log" (instance $log ...))                                ;; imports: what arguments ask for
//	  (component $store ...)                                            ;; Graph.Components
//	  (instance $kv (instantiate $store (with "log" (instance $log))))  ;; Graph.Instances, with Instance.Args
//	  (alias export $kv "get" (func $get))                              ;; an Item
//	  (export "fetch" (func $get)))                                     ;; Graph.Exports
//
// Arguments refer to earlier instances only, so there are no cycles. Front ends make compositions, as package match does
// from the names and versions of imports and exports; [Write] checks the types of a composition and writes it.
package compose

import (
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// ComponentID and InstanceID are positions in a graph's slices.
type (
	ComponentID uint32
	InstanceID  uint32
)

// Graph is a composition. The zero value is empty.
type Graph struct {
	Name       string // of the resulting component
	Components []Component
	Instances  []Instance // in order of instantiation
	Exports    []Export   // in order
}

// Component is a component that a composition can instantiate any number of times. It is embedded unchanged, where its
// first instance is created.
type Component struct {
	Name  string // name in the result, and in paths of its instances
	Comp  *component.Component
	World *world.World // of Comp
}

// Instance is an instantiation of a component.
type Instance struct {
	Name      string // name in the result
	Label     string // name in messages; Name if empty
	Component ComponentID
	Args      []Item // one for each of the component's World.Imports
	// Declares, if not nil, makes this a list of declarations instead of an instance of Component: imports of the result
	// with fixed types, which are also its Exports, and types of the result, which are Exports only. Nothing else has this
	// world.
	Declares *world.World
}

// Export is an export of the result.
type Export struct {
	Name       string
	Attributes *component.Attributes
	Item       Item
}

// Kind is the kind of reference of an [Item].
type Kind uint8

const (
	// FromImport is an import of the result, or an item inside one. Imports are not declared: the type of an import is
	// what all arguments that refer to it need. Interface names on one compatibility track are one import, under the
	// name with the highest version.
	FromImport Kind = iota
	// FromInstance is an instance of the composition, or an alias of one of its exports.
	FromInstance
)

// Item is a reference of an argument or export. The zero value, as an argument, is an import with the argument's name.
type Item struct {
	Kind     Kind
	Import   string     // FromImport: the import's name; empty for the argument's
	Instance InstanceID // FromInstance
	// Path, for FromInstance, leads from the instance to the item by names of exports. It is empty for the instance
	// itself, and longer than one for an export of an exported instance.
	Path []string
}

// Import refers to an import of the result.
func Import(name string) Item { return Item{Import: name} }

// Alias refers to an export of an instance; see Item.Path.
func Alias(in InstanceID, path ...string) Item {
	return Item{Kind: FromInstance, Instance: in, Path: path}
}

// Register adds a component.
func (g *Graph) Register(c Component) ComponentID {
	g.Components = append(g.Components, c)
	return ComponentID(len(g.Components) - 1)
}

// Instantiate adds an instance. All its arguments are imports of the result until [Graph.SetArgument] sets them.
func (g *Graph) Instantiate(name string, c ComponentID) InstanceID {
	g.Instances = append(g.Instances, Instance{Name: name, Component: c, Args: make([]Item, len(g.Components[c].World.Imports))})
	return InstanceID(len(g.Instances) - 1)
}

// Declare adds declarations, under a name for messages; see Instance.Declares. An export of the world refers to an import
// by world.Item.Import, a path of one name.
func (g *Graph) Declare(name string, w *world.World) InstanceID {
	in := Instance{Name: name, Declares: w}
	for i := range w.Imports {
		in.Args = append(in.Args, Import(w.Imports[i].Name))
	}
	g.Instances = append(g.Instances, in)
	return InstanceID(len(g.Instances) - 1)
}

// SetArgument supplies an import of an instance.
func (g *Graph) SetArgument(in InstanceID, name string, it Item) error {
	inst := &g.Instances[in]
	imports := g.Components[inst.Component].World.Imports
	for i := range imports {
		if imports[i].Name == name {
			inst.Args[i] = it
			return nil
		}
	}
	return (&diag.Error{File: inst.label(), Item: "import " + strconv.Quote(name), Offset: diag.NoOffset, Msg: "the component does not import it"}).
		WithHint("it imports %s", world.Names(imports))
}

// Export adds an export of the result.
func (g *Graph) Export(name string, it Item) {
	g.Exports = append(g.Exports, Export{Name: name, Item: it})
}

func (in *Instance) label() string {
	if in.Label != "" {
		return in.Label
	}
	return in.Name
}
