// Package wac makes compositions of WAC documents (LANGUAGE.md of bytecodealliance/wac). It is a front end of package
// compose, as package match is: a document says which components are instantiated, with which arguments, and what is
// exported.
//
// Statements have effect in their order, so everything is declared before it is used:
//
//	package example:app;                          // compose.Graph.Name
//	import log: wasi:logging/logging;             // compose.Graph.Declare
//	let db = new example:db { ... };              // compose.Graph.Instantiate; "..." leaves arguments to the outside
//	let web = new example:web { log, ...db };     // compose.Graph.SetArgument
//	export web.handler;                           // compose.Graph.Export
//
// Packages are among those that the caller has read; nothing is looked up elsewhere.
package wac

import (
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/compose"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/extname"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
	"github.com/wasmfuse/rules_wasm_fuse/internal/witsyntax"
)

// Package is an input that documents can name: a component, or a WIT package in binary form.
type Package struct {
	// Names are those by which documents name it, as ns:name or ns:name@version. A WIT package has its own name, too.
	Names []string
	File  string // its path; without names, ns:name is the component in a file name.wasm, or ns/name.wasm if there are several
	Label string // name in messages
	Comp  *component.Component
	World *world.World // of Comp
}

// Composition is what a document says.
type Composition struct {
	Graph *compose.Graph
	// Target is the world that the result must conform to, or nil.
	Target *world.World
	// Unused are the packages that the document does not name.
	Unused []*Package

	doc *document
	// at are the positions of instances and, after a NUL, their arguments, by label. exports are those of exports.
	at, exports map[string]witsyntax.Pos
}

// document is the state of resolving one document.
type document struct {
	*witsyntax.Document
	source   string
	packages []*pkg
	types    *library
	graph    *compose.Graph
	root     map[string]*binding
	order    []string // the names in root
	names    map[string]bool
	imports  map[string]witsyntax.Pos // explicit imports, by canonical name, as the next two
	implicit map[string]opening       // names of imports that instances leave to the outside
	at       map[string]witsyntax.Pos
	exports  map[string]witsyntax.Pos
}

// opening is a `...` that leaves an import to the outside, of the first instance that does.
type opening struct {
	instance string // its label
	pos      witsyntax.Pos
}

// binding is a local name.
type binding struct {
	pos   witsyntax.Pos
	value value
}

// Compose resolves a document. name is its name in messages.
func Compose(name string, source []byte, packages []*Package) (*Composition, error) {
	tree, errs := witsyntax.ParseDocument(name, source)
	d := &document{
		Document: tree, source: strings.TrimPrefix(string(source), "\ufeff"), graph: &compose.Graph{}, root: map[string]*binding{},
		names: map[string]bool{}, imports: map[string]witsyntax.Pos{}, implicit: map[string]opening{},
		at: map[string]witsyntax.Pos{}, exports: map[string]witsyntax.Pos{},
	}
	if len(errs) > 0 {
		return nil, d.syntaxError(errs)
	}
	last := tree.Package.Name.Names[0]
	d.graph.Name = last
	if err := d.register(packages); err != nil {
		return nil, err
	}
	for _, s := range tree.Statements {
		if err := d.statement(s); err != nil {
			return nil, err
		}
	}
	c := &Composition{Graph: d.graph, doc: d, at: d.at, exports: d.exports}
	if tree.Targets != nil {
		t, err := d.target(tree.Targets)
		if err != nil {
			return nil, err
		}
		c.Target = t
	}
	for _, p := range d.packages {
		if !p.used {
			c.Unused = append(c.Unused, p.Package)
		}
	}
	return c, nil
}

func (d *document) statement(s witsyntax.Statement) error {
	switch s := s.(type) {
	case *witsyntax.Import:
		return d.importStatement(s)
	case *witsyntax.Let:
		v, err := d.expr(s.Value, s.Name.Text)
		if err != nil {
			return err
		}
		return d.bind(s.Name.Pos, s.Name.Text, v)
	case *witsyntax.Export:
		return d.exportStatement(s)
	}
	return d.typeStatement(s)
}

// bind declares a local name.
func (d *document) bind(pos witsyntax.Pos, name string, v value) error {
	if was := d.root[name]; was != nil {
		return d.errf(pos, "`%s` is already declared at line %d", name, was.pos.Line).WithHint("names cannot be assigned again: choose another one")
	}
	d.root[name] = &binding{pos, v}
	d.order = append(d.order, name)
	return nil
}

// lookup returns what a local name is bound to.
func (d *document) lookup(n witsyntax.Name) (*value, error) {
	if b := d.root[n.Text]; b != nil {
		return &b.value, nil
	}
	return nil, d.errf(n.Pos, "undefined name `%s`", n.Text).WithHint("%s", nearest(n.Text, d.order, "declare it before its use, with `import` or `let`"))
}

// Located adds the position in the document to an error about the types of an argument or export.
func (c *Composition) Located(err error) error {
	return c.doc.located(err, c.at, c.exports)
}

// CheckTarget checks that a component conforms to the document's target, if it has one. w is its world.
func (c *Composition) CheckTarget(w *world.World) error {
	if c.Target == nil {
		return nil
	}
	err := compose.Satisfies(c.Graph.Name, w, c.doc.Targets.String(), c.Target)
	if err == nil {
		return nil
	}
	at := c.doc.Targets.Pos
	if e, ok := err.(*diag.Error); ok {
		at = c.place(e.Item)
		e.File = ""
	}
	return c.doc.wrap(at, err)
}

// place returns the position of what makes an import or export of the composition: of a statement, or of the `...` that leaves
// the import open; else that of the target. item is as errors name it.
func (c *Composition) place(item string) witsyntax.Pos {
	way, quoted, _ := strings.Cut(item, " ")
	name, err := strconv.Unquote(quoted)
	if err == nil {
		name = extname.Canonical(name)
		pos, known := c.exports[name]
		if way == "import" {
			if pos, known = c.doc.imports[name]; !known {
				var open opening
				open, known = c.doc.implicit[name]
				pos = open.pos
			}
		}
		if known {
			return pos
		}
	}
	return c.doc.Targets.Pos
}
