// This file implements the component around several domains.

package component

import (
	"slices"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/partition"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/worldtype"
)

// Part is the component of one domain, with its world.
type Part struct {
	Component *component.Component
	World     *world.World
}

// Nest writes the component that instantiates the domains of a partition and connects them, with the world of the whole
// graph. parts has the parts by domain, nothing for kept instances.
//
//	(component
//	  (import "log" (func $log (param "s" string)))
//	  (component $domain0 (import "f3" (func (param "s" string))) ... (export "f7" ...))
//	  (instance $domain0 (instantiate $domain0 (with "f3" (func $log))))
//	  (export "run" (func $domain0 "f7")))
func Nest(g *graph.Graph, p *partition.Partition, parts []Part) (*component.Component, error) {
	c := &component.Component{Name: "fused"}
	n := &nester{g: g, p: p, world: worldtype.New(c), insts: make([]uint32, len(parts)), aliases: map[nestedAlias]uint32{}}
	if err := n.world.Imports(g.World.Imports); err != nil {
		return nil, err
	}
	for i := range parts {
		d := partition.DomainID(i)
		var err error
		if p.Domains[i].Kept {
			err = n.kept(d, p.Domains[i].Insts[0])
		} else {
			err = n.part(d, &parts[i])
		}
		if err != nil {
			return nil, err
		}
	}
	if err := n.world.Exports(g.World.Exports, n); err != nil {
		return nil, err
	}
	c.Names = []component.SortNames{{Sort: component.SortComponent, Names: n.comps}, {Sort: component.SortInstance, Names: n.names}}
	return c, nil
}

// nester is the state of writing one outer component. It is the worldtype.Source of its exports.
type nester struct {
	g            *graph.Graph
	p            *partition.Partition
	world        *worldtype.Writer
	insts        []uint32 // instances by domain
	aliases      map[nestedAlias]uint32
	comps, names []component.NameAssoc
}

// nestedAlias is an export of an instance, by its path.
type nestedAlias struct {
	domain partition.DomainID
	path   string
}

// instantiate embeds a component and instantiates it.
func (n *nester) instantiate(d partition.DomainID, c *component.Component, name string, args []component.Arg, exports []world.Item) {
	named := *c // the name is for readers; the bytes are the component's
	named.Name = name
	comp := n.world.Add(&component.NestedComponent{Component: &named})
	n.insts[d] = n.world.Add(&component.Instance{Component: comp, Args: args})
	n.world.BindInstance(n.insts[d], exports)
	n.comps = append(n.comps, component.NameAssoc{Index: comp, Name: name})
	n.names = append(n.names, component.NameAssoc{Index: n.insts[d], Name: name})
}

// part instantiates the component of a domain.
func (n *nester) part(d partition.DomainID, p *Part) error {
	name := "domain" + strconv.Itoa(int(d))
	args, err := n.args(p.World.Imports)
	if err == nil {
		n.instantiate(d, p.Component, name, args, p.World.Exports)
	}
	return diag.In(err, "", name, "")
}

// kept instantiates the component of a kept instance.
func (n *nester) kept(d partition.DomainID, inst graph.InstID) error {
	k, name := n.g.Insts[inst].Kept, n.g.Insts[inst].Path
	args, err := n.args(k.Args)
	if err == nil {
		n.instantiate(d, k.Component, name, args, k.Exports)
	}
	return diag.In(err, "", name, "")
}

func (n *nester) args(items []world.Item) (out []component.Arg, err error) {
	for i := range items {
		arg := component.Arg{Name: items[i].Name}
		if arg.Item, err = n.item(&items[i]); err != nil {
			return nil, diag.In(err, "", "", "import "+strconv.Quote(arg.Name))
		}
		out = append(out, arg)
	}
	return out, nil
}

// item returns an item that exists before the domain that it is for.
func (n *nester) item(it *world.Item) (component.SortIdx, error) {
	x := it.Sort.Item(0)
	var err error
	switch {
	case it.Sort == component.SortCore || it.Sort == component.SortComponent:
		x.Index, err = n.Opaque(it)
	case it.Sort == component.SortFunc:
		x.Index, err = n.function(it.Func)
	case it.Sort == component.SortInstance && it.Import == nil:
		x.Index, err = n.instance(it.Items)
	default:
		return n.world.Item(it, it.Import)
	}
	return x, err
}

// instance makes an instance of items.
func (n *nester) instance(items []world.Item) (uint32, error) {
	if slices.ContainsFunc(items, func(it world.Item) bool { return strings.HasPrefix(it.Name, "[") }) {
		return n.world.Instance(items, n)
	}
	d := &component.Instance{Inline: true}
	for i := range items {
		x, err := n.item(&items[i])
		if err != nil {
			return 0, err
		}
		d.Exports = append(d.Exports, component.InlineExport{Name: component.ExternName{Name: items[i].Name}, Item: x})
	}
	return n.world.Add(d), nil
}

// function returns a function of the host, of a domain or of a kept instance.
func (n *nester) function(id graph.FuncID) (uint32, error) {
	f := &n.g.Funcs[id]
	if f.Inst == graph.Host {
		return n.world.ImportFunc(f.Import)
	}
	path := f.Import
	if f.Lift != nil {
		path = []string{partition.FuncName(id)}
	}
	return n.alias(n.p.Of[f.Inst], path, component.SortFunc), nil
}

// alias returns the export of a domain's instance with a path, which has been resolved.
func (n *nester) alias(d partition.DomainID, path []string, sort component.Sort) uint32 {
	key := nestedAlias{d, strings.Join(path, "\x00")}
	if i, ok := n.aliases[key]; ok {
		return i
	}
	inst, last := n.insts[d], len(path)-1
	if last > 0 {
		inst = n.alias(d, path[:last], component.SortInstance)
	}
	i := n.world.Add(component.ExportAlias(sort, inst, path[last]))
	n.aliases[key] = i
	return i
}

// Func implements worldtype.Source.
func (n *nester) Func(_ []string, it *world.Item, _ func() uint32) (uint32, error) {
	return n.function(it.Func)
}

// Opaque implements worldtype.Source.
func (n *nester) Opaque(it *world.Item) (uint32, error) {
	o := &n.g.Opaques[it.Opaque]
	switch {
	case o.Def != nil:
		return n.world.Define(o.Def), nil
	case o.Inst == graph.Host:
		return n.world.Import(it.Sort, o.Import)
	}
	return n.alias(n.p.Of[o.Inst], o.Import, it.Sort), nil
}

// Resource implements worldtype.Source.
func (n *nester) Resource(r *ctypes.Resource) (uint32, error) { return n.world.HiddenResource(r) }
