// Package match makes a composition of components from their names: an import is supplied by the export of the same
// name, or of a newer version that is compatible, of another component. Whoever composes can say more: which export
// supplies an import (a plug), and which components to look at first (supplies). Imports that no component supplies
// become imports of the composition; its exports are those of the first component, the root.
package match

import (
	"path"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/compose"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// Input is one component to match.
type Input struct {
	Name  string // what plugs, supplies and paths of instances call it: a given name, or a file
	Label string // what messages call it; Name where it is empty
	Comp  *component.Component
	World *world.World // of Comp
	// Private says that it serves only the inputs of which it is a supplier, and is left out when none of them needs it.
	Private bool
}

// Plug is an argument that the user chose: an import of Importer is supplied by an export of Provider, whatever else would
// match. Importer and Provider are input names, their base names, or those without extension (see [ShortName]); an empty
// Export is named as Import.
type Plug struct{ Importer, Import, Provider, Export string }

// Supply names an input whose exports are looked at for imports of Importer before those of all dependencies are. Names
// are those of Plug.
type Supply struct{ Importer, Provider string }

// Options of matching.
type Options struct {
	Plugs    []Plug
	Supplies []Supply
	// Attributes says that hints speak of the attributes of Bazel's rules, deps and plugs, instead of the command line.
	Attributes bool
}

// ShortName is the name of an input's instance in paths: the file's base name without its extension.
func ShortName(file string) string {
	base := path.Base(strings.ReplaceAll(file, `\`, "/"))
	if short := strings.TrimSuffix(base, path.Ext(base)); short != "" {
		return short
	}
	return base
}

// Composition composes inputs[0], the root, with the others, its dependencies. Each is instantiated once, the root last,
// in an order that depends on the inputs' order only; a private one that nothing imports from is left out. The warnings
// are about imports of the composition that a dependency nearly supplies.
func Composition(inputs []Input, opts Options) (g *compose.Graph, warnings []*diag.Error, err error) {
	if len(inputs) == 0 {
		return nil, nil, diag.New("", "there is no component to link")
	}
	m := newMatcher(inputs, opts)
	if err := m.checkNames(); err != nil {
		return nil, nil, err
	}
	if err := m.findArguments(opts); err != nil {
		return nil, nil, err
	}
	order, err := m.sort()
	if err != nil {
		return nil, nil, err
	}
	return m.composition(order), m.warnings(), nil
}

// matcher is the state of making one composition.
type matcher struct {
	hints  hints
	in     []*input
	public []*input // dependencies that may serve any input
}

// input is one input with what matching finds out about it.
type input struct {
	Input
	short     string
	suppliers []*input // the inputs that are looked at first for what this one imports
	args      []argument
	needed    bool // by the root
	done      bool // has its place in the order
	instance  compose.InstanceID
}

// argument is what supplies one import: an export of another input, or nothing.
type argument struct {
	from   *input
	export *world.Item
}

// label is what messages call the input.
func (in *input) label() string {
	if in.Label != "" {
		return in.Label
	}
	return in.Name
}

func newMatcher(inputs []Input, opts Options) *matcher {
	m := &matcher{hints: hints{opts.Attributes}}
	short := map[string]int{}
	for i, in := range inputs {
		n := ShortName(in.Name)
		short[n]++
		if k := short[n]; k > 1 {
			n += "-" + strconv.Itoa(k)
		}
		m.in = append(m.in, &input{Input: in, short: n})
		if i > 0 && !in.Private {
			m.public = append(m.public, m.in[i])
		}
	}
	return m
}

func (m *matcher) checkNames() error {
	seen := map[string]bool{}
	for _, in := range m.in {
		if seen[in.Name] {
			return &diag.Error{File: in.label(), Offset: diag.NoOffset, Msg: "the component is given twice",
				Hint: m.hints.twice(in.Name)}
		}
		seen[in.Name] = true
	}
	return nil
}

// composition makes the composition of inputs in the order of their instances.
func (m *matcher) composition(order []*input) *compose.Graph {
	root := m.in[0]
	g := &compose.Graph{Name: root.short}
	for _, in := range order {
		in.instance = g.Instantiate(in.short, g.Register(compose.Component{Name: in.short, Comp: in.Comp, World: in.World}))
		inst := &g.Instances[in.instance]
		inst.Label = in.label()
		for pos, a := range in.args {
			if a.from != nil {
				inst.Args[pos] = compose.Alias(a.from.instance, a.export.Name)
			}
		}
	}
	for i := range root.World.Exports {
		it := &root.World.Exports[i]
		g.Exports = append(g.Exports, compose.Export{Name: it.Name, Attributes: it.Attributes, Item: compose.Alias(root.instance, it.Name)})
	}
	return g
}
