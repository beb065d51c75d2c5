// This file implements the sequence of steps from a composition to a component, and the last step, writing.

package compose

import (
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/worldtype"
)

// Write makes the component of a composition. If both sides of an argument, or several arguments that refer to one
// import, disagree about a type, the error is about the instance with the argument.
func Write(g *Graph) (*component.Component, error) {
	c := &composer{
		graph: g, resources: newUnionFind[*ctypes.Resource](), types: newUnionFind[*ctypes.Type](),
		canonical: map[*ctypes.Type]*ctypes.Type{}, byKey: map[string]*mergedImport{},
	}
	c.equal = ctypes.NewComparer(func(r, s *ctypes.Resource) bool { return c.resources.find(r) == c.resources.find(s) })
	if err := c.resolve(); err != nil {
		return nil, err
	}
	c.surface()
	if err := c.unify(); err != nil {
		return nil, err
	}
	if err := c.sortImports(); err != nil {
		return nil, err
	}
	return c.write()
}

// composer is the state of writing one composition.
type composer struct {
	graph     *Graph
	instances []*instance // as in the graph
	exports   []export    // as in the graph
	// resources and types join types that different instances name as the same.
	resources *unionFind[*ctypes.Resource]
	types     *unionFind[*ctypes.Type]
	equal     *ctypes.Comparer // with joined resource types equal
	canonical map[*ctypes.Type]*ctypes.Type
	// imports are those of the result, in the order of first need. sortImports moves each after those whose types it
	// uses.
	imports []*mergedImport
	byKey   map[string]*mergedImport
	namers  map[*ctypes.Resource][]*mergedImport // the imports of the result that name a resource type, in the order of first need
}

// writer writes the definitions of the result.
type writer struct {
	*composer
	w       *worldtype.Writer
	imports []world.Item
	// aliases has the indices of exports of instances, and bound the instances whose exported types are usable.
	aliases map[aliasKey]uint32
	bound   map[*instance]bool
	comps   map[ComponentID]uint32
}

type aliasKey struct {
	in   *instance
	path string
}

func (c *composer) write() (*component.Component, error) {
	out := &component.Component{Name: c.graph.Name}
	k := &writer{composer: c, w: worldtype.New(out), aliases: map[aliasKey]uint32{}, bound: map[*instance]bool{}, comps: map[ComponentID]uint32{}}
	for _, m := range c.imports {
		k.imports = append(k.imports, c.importItem(m))
	}
	if err := k.w.Imports(k.imports); err != nil {
		return nil, err
	}
	var comps, insts []component.NameAssoc
	for _, in := range c.instances {
		if in.Declares != nil {
			continue
		}
		args, err := k.args(in)
		if err != nil {
			return nil, err
		}
		comp, embedded := k.comps[in.Component]
		if !embedded {
			from := &c.graph.Components[in.Component]
			// The name is for paths of instances. The bytes are the component's.
			nested := *from.Comp
			nested.Name = from.Name
			comp = k.w.Add(&component.NestedComponent{Component: &nested})
			k.comps[in.Component] = comp
			comps = append(comps, component.NameAssoc{Index: comp, Name: from.Name})
		}
		in.index = k.w.Add(&component.Instance{Component: comp, Args: args})
		insts = append(insts, component.NameAssoc{Index: in.index, Name: in.Name})
	}
	if err := k.writeExports(); err != nil {
		return nil, err
	}
	out.Names = []component.SortNames{
		{Sort: component.SortComponent, Names: comps},
		{Sort: component.SortInstance, Names: insts},
	}
	return out, nil
}

// args writes the arguments of an instance.
func (k *writer) args(in *instance) ([]component.Arg, error) {
	var args []component.Arg
	for pos := range in.args {
		a, it := &in.args[pos], &in.world.Imports[pos]
		arg := component.Arg{Name: it.Name, Item: it.Sort.Item(0)}
		var err error
		switch {
		case a.from != nil:
			arg.Item.Index, err = k.index(a.from, a.path)
		case it.Sort == component.SortType:
			canon := k.canonItem(in, it)
			arg.Item, err = k.w.Item(&canon, nil)
		default:
			arg.Item, err = k.w.Item(it, []string{a.merged.name})
		}
		if err != nil {
			return nil, diag.In(err, in.label(), "", "import "+strconv.Quote(it.Name))
		}
		args = append(args, arg)
	}
	return args, nil
}

// index returns the index of an instance, of an export of it, or of what a declaration declares.
func (k *writer) index(in *instance, path []string) (uint32, error) {
	if in.Declares == nil {
		return k.alias(in, path), nil
	}
	it := in.item(path)
	canon := k.canonItem(in, it)
	at := path
	if x := world.Find(in.world.Exports, path[0]); x.Import != nil {
		for pos := range in.world.Imports {
			if in.world.Imports[pos].Name == x.Import[0] {
				at = append([]string{in.args[pos].merged.name}, path[1:]...)
			}
		}
	}
	x, err := k.w.Item(&canon, at)
	return x.Index, err
}

// alias returns the index of an instance or of an export of it, adding an alias definition if there is none yet. The
// path has been resolved.
func (k *writer) alias(in *instance, path []string) uint32 {
	if len(path) == 0 {
		if !k.bound[in] {
			k.bound[in] = true
			k.w.BindInstance(in.index, k.canonItem(in, in.item(nil)).Items)
		}
		return in.index
	}
	key := aliasKey{in, strings.Join(path, "\x00")}
	if i, ok := k.aliases[key]; ok {
		return i
	}
	parent := in.index
	if len(path) > 1 {
		parent = k.alias(in, path[:len(path)-1])
	}
	it := in.item(path)
	i := k.w.Add(component.ExportAlias(it.Sort, parent, it.Name))
	k.aliases[key] = i
	if it.Sort == component.SortInstance {
		k.w.BindInstance(i, k.canonItem(in, it).Items)
	}
	return i
}
