package fusecore_test

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/script"
)

// wirings are who supplies which import of whom in a graph that is linked by name, decided anew from README's rules.
type wirings struct {
	inputs []fusecore.Input // the root first
	faces  []iface.Surface
	by     []map[string]source // for each input, by import
}

// source is an export of an input.
type source struct {
	input  int
	export string
}

func wiringsOf(g fusecore.Graph) (*wirings, error) {
	w := &wirings{inputs: append([]fusecore.Input{g.Root}, g.Deps...)}
	for _, in := range w.inputs {
		face, err := iface.Read(in.Name, in.Bytes)
		if err != nil {
			return nil, err
		}
		w.faces = append(w.faces, face)
	}
	for i := range w.inputs {
		w.by = append(w.by, map[string]source{})
		for _, imp := range w.faces[i].Imports {
			if s, ok := w.plugged(g, i, imp.Name); ok {
				w.by[i][imp.Name] = s
			} else if s, ok := w.matched(i, imp); ok {
				w.by[i][imp.Name] = s
			}
		}
	}
	return w, nil
}

// named returns the input that a plug names, or -1.
func (w *wirings) named(name string) int {
	for _, of := range []func(string) string{
		func(s string) string { return s }, path.Base, func(s string) string { return strings.TrimSuffix(path.Base(s), path.Ext(s)) },
	} {
		if i := slices.IndexFunc(w.inputs, func(in fusecore.Input) bool { return of(in.Name) == name }); i >= 0 {
			return i
		}
	}
	return -1
}

func (w *wirings) plugged(g fusecore.Graph, importer int, name string) (source, bool) {
	for _, p := range g.Plugs {
		if p.Import == name && w.named(p.Importer) == importer {
			if p.Export == "" {
				p.Export = p.Import
			}
			return source{w.named(p.Provider), p.Export}, true
		}
	}
	return source{}, false
}

// matched returns the export with the name of an import, else the latest one on its compatibility track.
func (w *wirings) matched(importer int, imp iface.Extern) (found source, ok bool) {
	version := ""
	for i, face := range w.faces {
		for _, x := range face.Exports {
			switch {
			case i == importer || i == 0:
			case x.Name == imp.Name:
				return source{i, x.Name}, true
			case imp.ID == "" || x.ID != imp.ID || iface.VersionTrack(x.Version) != iface.VersionTrack(imp.Version):
			case iface.VersionOlder(x.Version, imp.Version) || ok && !iface.VersionOlder(version, x.Version):
			default:
				found, version, ok = source{i, x.Name}, x.Version, true
			}
		}
	}
	return found, ok
}

// document writes the graph as a document, which names all arguments, or spreads the instances that supply them. Dependencies
// are instantiated in their order, as far as imports allow.
func (w *wirings) document(spread bool) fusecore.Graph {
	g := fusecore.Graph{Deps: slices.Clone(w.inputs)}
	var text strings.Builder
	text.WriteString("package test:graph;\n\n")
	placed := map[int]bool{}
	place := func(i int) bool {
		var args []string
		for _, imp := range w.faces[i].Imports {
			s, ok := w.by[i][imp.Name]
			if !ok {
				continue
			}
			if !placed[s.input] {
				return false
			}
			if spread {
				args = append(args, fmt.Sprintf("...i%d", s.input))
			} else {
				args = append(args, fmt.Sprintf("%q: i%d[%q]", imp.Name, s.input, s.export))
			}
		}
		slices.Sort(args)
		fmt.Fprintf(&text, "let i%d = new test:c%d { %s };\n", i, i, strings.Join(append(slices.Compact(args), "..."), ", "))
		placed[i] = true
		return true
	}
	for again := true; again; {
		again = false
		for i := 1; i < len(w.inputs) && !again; i++ {
			again = !placed[i] && place(i)
		}
	}
	place(0)
	text.WriteString("export i0...;\n")
	for i := range g.Deps {
		g.Deps[i].Packages = []string{fmt.Sprintf("test:c%d", i)}
	}
	g.Document = &fusecore.Document{Name: "graph.wac", Text: []byte(text.String())}
	return g
}

// sameNames reports whether all imports are supplied by exports of the same name, which is all that a spread looks at.
func (w *wirings) sameNames() bool {
	for _, by := range w.by {
		for name, s := range by {
			if s.export != name {
				return false
			}
		}
	}
	return true
}

// TestGraphsAsDocuments writes each graph of the scripts as documents, which say explicitly what linking by name finds or what
// plugs say, and plays its script: composed and fused, they do what the graph does.
func TestGraphsAsDocuments(t *testing.T) {
	parties := map[int]int{}
	for _, c := range []collection{cases, resources, examples} {
		for _, s := range c.load(t) {
			if s.Part || s.Refused+s.Kept != "" || !s.Playable() {
				continue
			}
			for _, g := range s.Graphs {
				in := c.inputs(t, g, s.Plugs)
				if len(in.Deps) == 0 || g.Name == "link-module" { // iface does not read components that import modules
					continue
				}
				w, err := wiringsOf(in)
				if err != nil {
					t.Fatal(err)
				}
				parties[len(w.inputs)]++
				t.Run(c.name+"/"+g.Name, func(t *testing.T) { playDocument(t, s, w.document(false)) })
				if w.sameNames() {
					t.Run(c.name+"/"+g.Name+"-spread", func(t *testing.T) { playDocument(t, s, w.document(true)) })
				}
			}
		}
	}
	if parties[3] < 5 {
		t.Errorf("only %d graphs of three components", parties[3])
	}
}

// playDocument plays a script with both forms of a document.
func playDocument(t *testing.T, s *script.Script, g fusecore.Graph) {
	t.Helper()
	// As in TestDocuments, the form that FUSE_FORM names does not matter.
	fused := func(g fusecore.Graph) (*fusecore.Result, error) {
		return fusecore.Fuse(context.Background(), g, fusecore.FuseOptions{})
	}
	for _, form := range []form{compose, fused} {
		out, err := form(g)
		if err != nil {
			t.Fatalf("%v\n%s", err, g.Document.Text)
		}
		holdForm(t, s, out.Bytes())
	}
}
