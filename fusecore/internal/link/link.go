// Package link joins several components, a root and its dependencies, into one component that contains them: imports
// are matched to exports by name, checked against each other's types, and what nothing supplies becomes an import of
// the result.
package link

import (
	"path"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// Input is one component to link.
type Input struct {
	Name  string // by which wirings and paths of instances call it: a given name, or a file
	Label string // by which messages call it; Name where it is empty
	Comp  *component.Component
	World *world.World // of Comp
	// Private says that it serves only the inputs of which it is a supplier, and is left out when none of them needs it.
	Private bool
}

// Plug is a wiring that the user gave: an import of Importer is supplied by an export of Provider, whatever else would
// match. Importer and Provider are input names, their base names, or those without extension (see [ShortName]); an empty
// Export is named as Import.
type Plug struct{ Importer, Import, Provider, Export string }

// Supply names an input whose exports are looked at for imports of Importer before those of all dependencies are. Names
// are those of Plug.
type Supply struct{ Importer, Provider string }

// Options of linking.
type Options struct {
	Plug   []Plug
	Supply []Supply
	// Attributes says that hints speak of the attributes of Bazel's rules, deps and plugs, instead of the command line.
	Attributes bool
}

// Report says what was linked to what.
type Report struct {
	Order []string // instance names in the order of instantiation
	// Labels says what messages call the input behind an instance name.
	Labels map[string]string
	Wires  []Wire // by importer, then in the order of its imports
	// Warnings are imports of the result that a dependency nearly supplies.
	Warnings []*diag.Error
}

// Wire is how one import was supplied. Provider is empty when it is an import of the result, which Export names.
type Wire struct{ Importer, Import, Provider, Export string }

// ShortName is the name of an input's instance in paths: the file's base name without its extension.
func ShortName(file string) string {
	base := path.Base(strings.ReplaceAll(file, `\`, "/"))
	if short := strings.TrimSuffix(base, path.Ext(base)); short != "" {
		return short
	}
	return base
}

// Link joins inputs[0], the root, and the others, its dependencies. The result has the root's exports; each dependency
// is instantiated once, in an order that depends on the inputs' order only. Inputs are embedded as they are. A root
// without dependencies is returned unchanged.
func Link(inputs []Input, opts Options) (*component.Component, *Report, error) {
	if len(inputs) == 0 {
		return nil, nil, diag.New("", "there is no component to link")
	}
	l := newLinker(inputs, opts)
	if err := l.checkNames(); err != nil {
		return nil, nil, err
	}
	if err := l.wire(opts); err != nil {
		return nil, nil, err
	}
	if len(l.in) == 1 {
		l.order = []int{0}
		return inputs[0].Comp, l.report(), nil
	}
	for _, step := range []func() error{l.sort, l.unify, l.merge} {
		if err := step(); err != nil {
			return nil, nil, err
		}
	}
	c, err := l.compose()
	if err != nil {
		return nil, nil, err
	}
	return c, l.report(), nil
}

// linker holds one linking; positions of inputs identify them.
type linker struct {
	hints  hints
	in     []*input
	public []*input // dependencies that may serve any input
	order  []int    // instantiation order, the root last
	// resources and types join what different inputs call the same resource type or value type.
	resources *classes[*ctypes.Resource]
	types     *classes[*ctypes.Type]
	equal     map[typePair]bool
	canonical map[*ctypes.Type]*ctypes.Type
	groups    []*group // imports of the result, in the order of first need; sorted by merge
	byKey     map[string]*group
	imports   []world.Item
}

// input is one input with what linking finds out about it.
type input struct {
	Input
	index     int
	short     string
	suppliers []*input // the inputs that are looked at first for what this one imports
	// wires has one entry for each of World.Imports.
	wires []wire
	// first says which import first names a type or resource type: the position in World.Imports.
	firstType     map[*ctypes.Type]int
	firstResource map[*ctypes.Resource]int
	// needed are the types that the result must import from where the input imports them, by position of the import.
	needed   map[int]map[*ctypes.Type]bool
	instance uint32 // index of its instance in the result
}

// label is what messages call the input.
func (in *input) label() string {
	if in.Label != "" {
		return in.Label
	}
	return in.Name
}

// wire is what supplies one import: an export of another input, a group, or (for types) a definition in place.
type wire struct {
	provider int // input, or -1
	export   *world.Item
	group    *group
}

func newLinker(inputs []Input, opts Options) *linker {
	l := &linker{
		hints:     hints{opts.Attributes},
		resources: newClasses[*ctypes.Resource](), types: newClasses[*ctypes.Type](),
		equal: map[typePair]bool{}, canonical: map[*ctypes.Type]*ctypes.Type{}, byKey: map[string]*group{},
	}
	short := map[string]int{}
	for i, in := range inputs {
		n := ShortName(in.Name)
		short[n]++
		if k := short[n]; k > 1 {
			n += "-" + strconv.Itoa(k)
		}
		l.in = append(l.in, &input{Input: in, index: i, short: n})
	}
	return l
}

func (l *linker) checkNames() error {
	seen := map[string]bool{}
	for _, in := range l.in {
		if seen[in.Name] {
			return &diag.Error{File: in.label(), Offset: diag.NoOffset, Msg: "the component is given twice",
				Hint: l.hints.twice(in.Name)}
		}
		seen[in.Name] = true
	}
	return nil
}

func (l *linker) report() *Report {
	r := &Report{Warnings: l.warnings(), Labels: map[string]string{}}
	for _, i := range l.order {
		r.Order = append(r.Order, l.in[i].short)
		r.Labels[l.in[i].short] = l.in[i].label()
	}
	for _, in := range l.in {
		for i, w := range in.wires {
			out := Wire{Importer: in.Name, Import: in.World.Imports[i].Name}
			switch {
			case w.provider >= 0:
				out.Provider, out.Export = l.in[w.provider].Name, w.export.Name
			case w.group != nil:
				out.Export = w.group.name
			default:
				out.Export = out.Import
			}
			r.Wires = append(r.Wires, out)
		}
	}
	return r
}

// items gives the items of an exported or imported instance: those of the import where the export is nothing but one.
func (in *input) items(it *world.Item) []world.Item {
	if it.Import == nil {
		return it.Items
	}
	at := in.World.Imports
	for n, name := range it.Import {
		found := find(at, name)
		if found == nil {
			return nil
		}
		if n+1 == len(it.Import) {
			return found.Items
		}
		at = found.Items
	}
	return nil
}

func find(items []world.Item, name string) *world.Item {
	for i := range items {
		if items[i].Name == name {
			return &items[i]
		}
	}
	return nil
}
