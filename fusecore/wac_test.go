package fusecore_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
	"github.com/wasmfuse/rules_wasm_fuse/internal/golden"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// document is a document of testdata/wac/docs. Comments at its begin say what it is about: the inputs, the functions of the
// host, which all return 7, and calls with their results, or the imports of an output that only is to be valid.
type document struct {
	graph   fusecore.Graph
	funcs   map[string]wasmtime.HostFunc
	calls   [][2]string
	imports []string
	valid   bool // instead of calls
	// foreign reports whether engines do not implement what the output has.
	foreign bool
}

func readDocument(t *testing.T, name string) *document {
	t.Helper()
	d := &document{funcs: map[string]wasmtime.HostFunc{}}
	text := readFile(t, filepath.Join("testdata/wac/docs", name))
	d.graph.Document = &fusecore.Document{Name: name, Text: text}
	for line := range strings.Lines(string(text)) {
		line, ok := strings.CutPrefix(strings.TrimSpace(line), "// ")
		if !ok {
			break
		}
		if call, result, ok := strings.Cut(line, " -> "); ok {
			d.calls = append(d.calls, [2]string{call, result})
		}
		key, rest, _ := strings.Cut(line, ":")
		switch key {
		case "inputs":
			d.input(t, strings.Fields(rest))
		case "host":
			d.funcs[strings.TrimSpace(rest)] = func([]string) (string, error) { return "7", nil }
		case "engines":
			d.foreign = true
		case "imports":
			d.valid, d.imports = true, strings.Fields(rest)
		}
	}
	return d
}

// input adds inputs, each NAME or PACKAGE=NAME.
func (d *document) input(t *testing.T, inputs []string) {
	for _, in := range inputs {
		pkg, file, named := strings.Cut(in, "=")
		if !named {
			pkg, file = "", in
		}
		file += ".wasm"
		at := slices.IndexFunc(d.graph.Deps, func(in fusecore.Input) bool { return in.Name == file })
		if at < 0 {
			at = len(d.graph.Deps)
			d.graph.Deps = append(d.graph.Deps, fusecore.Input{Name: file, Bytes: readFile(t, filepath.Join("testdata/wac", file))})
		}
		if named {
			d.graph.Deps[at].Packages = append(d.graph.Deps[at].Packages, pkg)
		}
	}
}

// TestDocuments composes and fuses all documents. Outputs do what the documents say; errors are golden files.
func TestDocuments(t *testing.T) {
	files, err := filepath.Glob("testdata/wac/docs/*.wac")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d documents, %v", len(files), err)
	}
	goldens, err := filepath.Glob("testdata/wac/docs/*.error")
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range goldens {
		if _, err := os.Stat(strings.TrimSuffix(g, ".error") + ".wac"); err != nil {
			t.Errorf("%s belongs to no document", g)
		}
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(strings.TrimSuffix(name, ".wac"), func(t *testing.T) {
			d := readDocument(t, name)
			var outputs [][]byte
			// Worlds of documents have no other form in general, so the default one is made whatever FUSE_FORM names.
			fused := func(g fusecore.Graph) (*fusecore.Result, error) {
				return fusecore.Fuse(context.Background(), g, fusecore.FuseOptions{})
			}
			for _, form := range []form{compose, fused} {
				r, err := form(d.graph)
				if len(d.calls) == 0 && !d.valid {
					if err == nil {
						t.Fatal("no error")
					}
					golden.Check(t, strings.TrimSuffix(file, ".wac")+".error", err.Error()+"\n")
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				if len(r.Warnings) > 0 {
					t.Error(r.Warnings)
				}
				outputs = append(outputs, r.Bytes())
			}
			for _, wasm := range outputs {
				d.play(t, wasm)
			}
		})
	}
}

func (d *document) play(t *testing.T, wasm []byte) {
	t.Helper()
	if d.valid {
		s, err := iface.Read("output", wasm)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, x := range s.Imports {
			got = append(got, x.Name)
		}
		if !slices.Equal(got, d.imports) {
			t.Errorf("it imports %q, want %q", got, d.imports)
		}
		if err := valid(wasm); err != nil {
			t.Error(err)
		}
		if err := compiles(wasm); (err != nil) != d.foreign {
			t.Errorf("compiling it: %v", err)
		}
		return
	}
	in := start(t, wasmtime.Options{Funcs: d.funcs}, wasm)
	for _, c := range d.calls {
		got, err := in.Invoke(c[0])
		if err != nil {
			t.Fatalf("%s: %v", c[0], err)
		}
		if got != c[1] {
			t.Errorf("%s -> %s, want %s", c[0], got, c[1])
		}
	}
}

// TestDocumentUnused checks the warning about an input that a document does not name.
func TestDocumentUnused(t *testing.T) {
	d := readDocument(t, "export-as.wac")
	d.input(t, []string{"store"})
	r, err := compose(d.graph)
	if err != nil {
		t.Fatal(err)
	}
	const want = "store.wasm: the document export-as.wac does not name this input (remove it, or instantiate it with `new`)"
	if len(r.Warnings) != 1 || r.Warnings[0].Error() != want {
		t.Errorf("warnings %v, want %s", r.Warnings, want)
	}
}

// TestDocumentWASI checks that what a document leaves open is supplied by the implementation of WASI.
func TestDocumentWASI(t *testing.T) {
	in := file("wasi-command/command.wasm")
	in.Packages = []string{"demo:command"}
	g := fusecore.Graph{Deps: []fusecore.Input{in}, Document: &fusecore.Document{Name: "a.wac", Text: []byte("package demo:a;\nexport new demo:command { ... }...;\n")}}
	r, err := fuseWith(fusecore.FuseOptions{Emit: fusecore.EmitModule, WASI: fusecore.Preview1})(g)
	if err != nil {
		t.Fatal(err)
	}
	if err := validModule(r.Bytes()); err != nil {
		t.Fatal(err)
	}
}

// TestDocumentImports checks that what a document leaves open must be among the imports that are allowed.
func TestDocumentImports(t *testing.T) {
	in := file("wasi-command/command.wasm")
	in.Packages = []string{"demo:command"}
	g := fusecore.Graph{Deps: []fusecore.Input{in}, Document: &fusecore.Document{Name: "a.wac", Text: []byte("package demo:a;\nexport new demo:command { ... }...;\n")}}
	if _, err := fuseWith(fusecore.FuseOptions{Imports: []string{"wasi:*", "demo:format"}})(g); err != nil {
		t.Error(err)
	}
	for _, imports := range [][]string{{"demo:*"}, {"demo:*", "wasi:cli"}} {
		const want = `a.wac imports "wasi:io/`
		if _, err := fuseWith(fusecore.FuseOptions{Imports: imports})(g); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q allowed: %v, want %s", imports, err, want)
		}
	}
}
