// Package match makes a composition of components from their names. An import is supplied by the export of another
// component with the same name, or with a newer version that is compatible. Users can also choose which export supplies
// an import (a plug), and which components to search first (supplies). Imports without a supplier become imports of the
// composition. Its exports are those of the first component, the root.
package match

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/compose"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// Input is one component to match.
type Input struct {
	Name  string // name in plugs, supplies and paths of instances: a given name, or a file name
	Label string // name in messages; Name if empty
	Comp  *component.Component
	World *world.World // of Comp
	// Private reports whether it serves only the inputs that name it as a supplier, and is omitted if none of them
	// needs it.
	Private bool
	// Last, if not nil, makes a private input serve all others, but only imports that no other input supplies and for
	// whose names Last is true. A version on the same compatibility track will do, whichever is newer: the types decide.
	Last func(name string) bool
}

// Plug is an argument that the user chose: an export of Provider supplies an import of Importer, whatever else would
// match. Importer and Provider are input names, their base names, or their base names without extension (see
// [ShortName]). Export defaults to Import.
type Plug struct{ Importer, Import, Provider, Export string }

// Supply names an input whose exports are searched for imports of Importer before those of all dependencies. Names are
// as in Plug.
type Supply struct{ Importer, Provider string }

// Options of matching.
type Options struct {
	Plugs    []Plug
	Supplies []Supply
	// Imports are patterns ([extname.Pattern]) of the imports that the composition may have. Nil allows all.
	Imports []string
	// Attributes reports whether hints name the attributes of Bazel's rules, deps and plugs, instead of command-line
	// flags.
	Attributes bool
}

// ShortName returns the name of an input's instance in paths: the file's base name without its extension.
func ShortName(file string) string {
	base := path.Base(strings.ReplaceAll(file, `\`, "/"))
	if short := strings.TrimSuffix(base, path.Ext(base)); short != "" {
		return short
	}
	return base
}

// Composition composes inputs[0], the root, with the others, its dependencies. Each is instantiated once, the root
// last, in an order that only depends on the order of the inputs. A private input that nothing imports from is omitted.
// The warnings are about imports of the composition that a dependency almost satisfies.
func Composition(inputs []Input, opts Options) (g *compose.Graph, warnings []*diag.Error, err error) {
	if len(inputs) == 0 {
		return nil, nil, diag.New("", "there is no component to link")
	}
	m := newMatcher(inputs, opts)
	if err := m.checkNames(); err != nil {
		return nil, nil, err
	}
	allowed, err := m.hints.patterns(opts.Imports)
	if err != nil {
		return nil, nil, err
	}
	all := slices.Clone(m.in)
	if err := m.findArguments(opts); err != nil {
		return nil, nil, err
	}
	if err := m.checkClosed(allowed, all); err != nil {
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

// input is one input with the results of matching.
type input struct {
	Input
	short     string
	suppliers []*input // the inputs that are searched first for its imports
	args      []argument
	needed    bool // needed by the root
	done      bool // placed in the order
	instance  compose.InstanceID
}

// argument is the supplier of one import: an export of another input, or nothing.
type argument struct {
	from   *input
	export *world.Item
}

// label returns the input's name in messages.
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
			return &diag.Error{File: in.label(), Offset: diag.NoOffset, Msg: "the component is listed twice",
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
