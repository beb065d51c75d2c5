package link

import (
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/worldtype"
)

// composer writes the result of linking.
type composer struct {
	*linker
	c *component.Component
	w *worldtype.Writer
	// exports are the exports of instances that have been aliased already.
	exports map[exportKey]uint32
}

type exportKey struct {
	input int
	name  string
}

// compose writes the component that contains the inputs.
func (l *linker) compose() (*component.Component, error) {
	c := &component.Component{Name: l.in[0].short}
	k := &composer{linker: l, c: c, w: worldtype.New(c, nil), exports: map[exportKey]uint32{}}
	if err := k.w.Imports(l.imports); err != nil {
		return nil, err
	}
	var comps, insts []component.NameAssoc
	for _, i := range l.order {
		in := l.in[i]
		args, err := k.args(in)
		if err != nil {
			return nil, err
		}
		// The name is for paths of instances; the bytes stay the input's own.
		nested := *in.Comp
		nested.Name = in.short
		comp := k.w.Add(&component.NestedComponent{Component: &nested})
		in.instance = k.w.Add(&component.Instance{Component: comp, Args: args})
		comps = append(comps, component.NameAssoc{Index: comp, Name: in.short})
		insts = append(insts, component.NameAssoc{Index: in.instance, Name: in.short})
	}
	if err := k.rootExports(); err != nil {
		return nil, err
	}
	c.Names = []component.SortNames{
		{Sort: component.SortComponent, Names: comps},
		{Sort: component.SortInstance, Names: insts},
	}
	return c, nil
}

// args supplies an input's imports.
func (k *composer) args(in *input) ([]component.Arg, error) {
	var args []component.Arg
	for pos, w := range in.wires {
		it := &in.Graph.World.Imports[pos]
		var index uint32
		var err error
		switch {
		case w.provider >= 0:
			index = k.export(k.in[w.provider], w.export)
		case it.Sort == component.SortFunc:
			index, err = k.w.ImportFunc([]string{w.group.name})
		case it.Sort == component.SortInstance:
			index, err = k.w.ImportInstance([]string{w.group.name})
		case it.Resource != nil:
			index, err = k.w.Resource(k.resources.find(it.Resource))
		default:
			index, err = k.w.Type(k.canonType(it.Type))
		}
		if err != nil {
			return nil, diag.In(err, in.label(), "", "import "+strconv.Quote(it.Name))
		}
		args = append(args, component.Arg{Name: it.Name, Item: component.SortIdx{Sort: it.Sort, Index: index}})
	}
	return args, nil
}

// export gives the index of an export of an input's instance.
func (k *composer) export(in *input, it *plan.Item) uint32 {
	key := exportKey{in.index, it.Name}
	if i, ok := k.exports[key]; ok {
		return i
	}
	i := k.w.Add(&component.Alias{Sort: it.Sort, Target: component.AliasExport, Instance: in.instance, Name: it.Name})
	k.exports[key] = i
	if it.Sort == component.SortInstance {
		k.w.BindInstance(i, k.canonItem(in, it).Items)
	}
	return i
}

// rootExports exports what the root exports.
func (k *composer) rootExports() error {
	root := k.in[0]
	v := visible{l: k.linker, types: map[*ctypes.Type]bool{}, resources: map[*ctypes.Resource]bool{}}
	v.add(k.imports)
	ownTypes := false
	for i := range root.Graph.World.Exports {
		it := &root.Graph.World.Exports[i]
		index := k.export(root, it)
		canon := k.canonItem(root, it)
		d := &component.Export{
			Name: component.ExternName{Name: it.Name, Attributes: it.Attributes, HasAttributes: len(it.Attributes) > 0},
			Item: component.SortIdx{Sort: it.Sort, Index: index},
		}
		if it.Sort == component.SortFunc {
			if err := v.check(root, it, canon.FuncType); err != nil {
				return err
			}
			if ownTypes {
				t, err := k.w.FuncType(canon.FuncType)
				if err != nil {
					return diag.In(err, root.label(), "", "export "+strconv.Quote(it.Name))
				}
				d.Type = &component.ExternType{Kind: component.ExternFunc, Index: t}
			}
		}
		index = k.w.Add(d)
		v.add([]plan.Item{canon})
		if it.Sort == component.SortType {
			ownTypes = true
			k.w.Bind(&canon, index)
		}
	}
	return nil
}

// visible holds the types that the result imports or exports by a name.
type visible struct {
	l         *linker
	types     map[*ctypes.Type]bool
	order     []*ctypes.Type
	resources map[*ctypes.Resource]bool
}

func (v *visible) add(items []plan.Item) {
	for i := range items {
		it := &items[i]
		v.add(it.Items)
		if it.Type != nil && !v.types[it.Type] {
			v.types[it.Type] = true
			v.order = append(v.order, it.Type)
		}
		if it.Resource != nil {
			v.resources[it.Resource] = true
		}
	}
}

// check refuses a function whose type nobody outside could write down (Explainer.md, "Import and Export Definitions"):
// one that uses a type of an interface that is neither imported nor exported any more.
func (v *visible) check(root *input, it *plan.Item, f *ctypes.Func) error {
	var missing *ctypes.Type
	walkFunc(f, map[*ctypes.Type]bool{}, func(t *ctypes.Type) {
		if missing == nil && !v.has(t) {
			missing = t
		}
	})
	if missing == nil {
		return nil
	}
	return (&diag.Error{File: root.label(), Item: "export " + strconv.Quote(it.Name), Offset: diag.NoOffset,
		Msg: "the function uses " + missing.String() + ", which a dependency supplies: outside the result no import or export names the type",
	}).WithHint("export the interface that has the type from the root too")
}

func (v *visible) has(t *ctypes.Type) bool {
	switch t.Kind {
	case ctypes.Own, ctypes.Borrow:
		return v.resources[t.Resource]
	case ctypes.Record, ctypes.Variant, ctypes.Enum, ctypes.Flags:
		for _, u := range v.order {
			if t == u || v.l.equalTypes(t, u) {
				return true
			}
		}
		return false
	}
	return true
}
