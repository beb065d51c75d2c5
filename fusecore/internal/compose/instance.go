// This file implements the first step: each instance gets its own copy of its component's world, and references become
// pointers.

package compose

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// instance is an instance of the composition, with the results of the steps.
type instance struct {
	*Instance
	// world is the component's world, cloned for this instance: no other instance shares its resource types or type
	// identities.
	world *world.World
	args  []argument
	// firstType and firstResource have the import that first names a type or resource type, by index in world.Imports.
	firstType     map[*ctypes.Type]int
	firstResource map[*ctypes.Resource]int
	// needed has the types that the result must import from where the instance imports them, by index of the import.
	needed map[int]map[*ctypes.Type]bool
	index  uint32 // in the result
}

// argument is what supplies one import of an instance: an item of an earlier instance, or an import of the result. Both
// are set if the result needs types of an import that an instance supplies. An import of a type has neither: an equal
// type replaces it.
type argument struct {
	from   *instance
	item   *world.Item // of from
	path   []string
	merged *mergedImport
	// importName is the name of the import of the result, if the argument becomes one.
	importName string
}

// export is an export of the result: an item of an instance, or an import.
type export struct {
	*Export
	from       *instance
	item       *world.Item
	importName string
}

// resolve creates the instances and resolves the references of their arguments and of the exports.
func (c *composer) resolve() error {
	instantiated := make([]bool, len(c.graph.Components))
	for i := range c.graph.Instances {
		in := &instance{Instance: &c.graph.Instances[i], needed: map[int]map[*ctypes.Type]bool{}}
		switch {
		case in.Declares != nil:
			in.world = in.Declares
		case int(in.Component) >= len(c.graph.Components):
			return diag.New("instance "+strconv.Quote(in.Name), "there is no component %d", in.Component)
		default:
			in.world = c.graph.Components[in.Component].World
			if instantiated[in.Component] {
				in.world = in.world.Clone()
			}
			instantiated[in.Component] = true
		}
		if len(in.Args) != len(in.world.Imports) {
			return diag.New("instance "+strconv.Quote(in.Name), "%d arguments for %d imports", len(in.Args), len(in.world.Imports))
		}
		for pos, a := range in.Args {
			name := in.world.Imports[pos].Name
			from, item, err := c.find(a, "argument "+strconv.Quote(name)+" of "+in.label())
			if err != nil {
				return err
			}
			if a.Import != "" {
				name = a.Import
			}
			in.args = append(in.args, argument{from: from, item: item, path: a.Path, importName: name})
		}
		c.instances = append(c.instances, in)
	}
	for i := range c.graph.Exports {
		x := &c.graph.Exports[i]
		from, item, err := c.find(x.Item, "export "+strconv.Quote(x.Name))
		if err != nil {
			return err
		}
		c.exports = append(c.exports, export{Export: x, from: from, item: item, importName: x.Item.Import})
	}
	return nil
}

// find returns the instance and the item that an Item refers to, or nil for an import.
func (c *composer) find(x Item, user string) (*instance, *world.Item, error) {
	if x.Kind == FromImport {
		return nil, nil, nil
	}
	if int(x.Instance) >= len(c.instances) {
		return nil, nil, diag.New(user, "instance %d is not made before it", x.Instance)
	}
	from := c.instances[x.Instance]
	item := from.item(x.Path)
	if item == nil {
		return nil, nil, diag.New(user, "%s does not export %q", from.label(), strings.Join(x.Path, "/")).
			WithHint("it exports %s", world.Names(from.world.Exports))
	}
	return from, item, nil
}

// item returns the export of an instance under a path, or nil. An empty path is the instance itself.
func (in *instance) item(path []string) *world.Item {
	if len(path) == 0 {
		whole := &world.Item{Name: in.Name, Sort: component.SortInstance}
		for _, it := range in.world.Exports {
			it.Items, it.Import = in.world.ItemsOf(&it), nil
			whole.Items = append(whole.Items, it)
		}
		return whole
	}
	items := in.world.Exports
	for _, name := range path[:len(path)-1] {
		it := world.Find(items, name)
		if it == nil {
			return nil
		}
		items = in.world.ItemsOf(it)
	}
	return world.Find(items, path[len(path)-1])
}

// site is an import whose type is being checked, for messages.
type site struct {
	in   *instance
	name string   // of the import
	path []string // inside
}

func (s site) down(name string) site {
	s.path = append(s.path[:len(s.path):len(s.path)], name)
	return s
}

// where returns the item's name, or "" for the import itself.
func (s site) where(what string) string {
	if len(s.path) == 0 {
		return ""
	}
	return what + " " + strconv.Quote(strings.Join(s.path, "/")) + ": "
}

func (s site) err(format string, args ...any) *diag.Error {
	e := diag.New("import "+strconv.Quote(s.name), format, args...)
	e.File = s.in.label()
	return e.WithHint("build the components against the same version of the interface")
}

// differ is like err, and says what this component expects and what the other has.
func (s site) differ(expected, found, format string, args ...any) *diag.Error {
	return s.err("%s", &diag.Mismatch{Expected: expected, Found: found, Text: fmt.Sprintf(format, args...)})
}
