package fusecore_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

const threeFolder = "../examples/three/"

// three returns inputs of examples/three, by the ends of their paths, in a folder.
func three(t *testing.T, folder string, names ...string) (out []fusecore.Input) {
	for _, name := range names {
		out = append(out, fusecore.Input{Name: folder + name, Bytes: readFile(t, threeFolder+name)})
	}
	return out
}

// TestVerify makes outputs with every kind of option and of wiring, and verifies them with the same and with other files.
func TestVerify(t *testing.T) {
	const version = "1.2.3"
	document := &fusecore.Document{Name: "any/three.wac", Text: readFile(t, threeFolder+"three.wac")}
	for _, c := range []struct {
		name     string
		options  fusecore.FuseOptions
		document *fusecore.Document
		plugs    []fusecore.Plug
		supplies []fusecore.Supply
		recorded string // part of the section
	}{
		{name: "plain", recorded: `"options":{}`},
		{name: "size", options: fusecore.FuseOptions{Optimize: fusecore.OptimizeSize, NoShake: true, Features: fusecore.Baseline},
			recorded: `"options":{"noSIMD":true,"optimize":"size","noShake":true}`},
		{name: "module", options: fusecore.FuseOptions{Emit: fusecore.EmitModule, Memory: fusecore.SingleMemory, Reserve: 16 << 20, Strip: fusecore.StripAll},
			recorded: `"options":{"emit":"module","memory":"single","reserve":16777216,"strip":"all"}`},
		{name: "closed", options: fusecore.FuseOptions{Imports: []string{}}, recorded: `"options":{"imports":[]}`},
		{name: "document", document: document, recorded: `"document":{"name":"three.wac","sha256":"`},
		{name: "plugs", plugs: []fusecore.Plug{{Importer: "in/root.wasm", Import: "demo:three/words@0.1.0", Provider: "words", Export: "demo:three/words@0.1.0"}},
			recorded: `"plugs":[{"importer":"root.wasm","import":"demo:three/words@0.1.0","provider":"words","export":"demo:three/words@0.1.0"}]`},
		{name: "supplies", supplies: []fusecore.Supply{{Importer: "in/stats.wasm", Provider: "in/words.wasm"}},
			recorded: `"supplies":[{"importer":"stats.wasm","provider":"words.wasm"}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := three(t, "in/", "root.wasm", "words.wasm", "stats.wasm")
			g := fusecore.Graph{Root: files[0], Deps: files[1:], Document: c.document, Plugs: c.plugs, Supplies: c.supplies}
			if g.Document != nil {
				g.Root, g.Deps = fusecore.Input{}, files
			}
			c.options.Version = version
			plain, err := fusecore.Fuse(t.Context(), g, c.options)
			if err != nil {
				t.Fatal(err)
			}
			c.options.Provenance = true
			r, err := fusecore.Fuse(t.Context(), g, c.options)
			if err != nil {
				t.Fatal(err)
			}
			out := fusecore.Input{Name: "out.wasm", Bytes: r.Bytes()}
			section, ok := bytes.CutPrefix(out.Bytes, plain.Bytes())
			if !ok || !strings.Contains(string(section), c.recorded) {
				t.Fatalf("the section of %d bytes is %.1000q, want %s in it", len(section), section, c.recorded)
			}
			p, err := fusecore.ReadProvenance(out)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := asJSON(t, p), asJSON(t, r.Report.Provenance); !bytes.Equal(got, want) {
				t.Errorf("the section says\n%s\nthe report says\n%s", got, want)
			}
			elsewhere := three(t, "/else/where/", "stats.wasm", "words.wasm", "root.wasm")
			v, err := fusecore.Verify(t.Context(), out, elsewhere, c.document, version)
			if err != nil || !v.Remade {
				t.Fatalf("%+v, %v", v, err)
			}
			if v, err = fusecore.Verify(t.Context(), out, elsewhere, c.document, "1.2.4"); err != nil || v.Remade {
				t.Errorf("with another version: %+v, %v", v, err)
			}
			for i := range elsewhere {
				changed := append([]fusecore.Input(nil), elsewhere...)
				changed[i].Bytes = bytes.Clone(changed[i].Bytes)
				changed[i].Bytes[len(changed[i].Bytes)/2] ^= 1
				if _, err := fusecore.Verify(t.Context(), out, changed, c.document, version); err == nil || !strings.Contains(err.Error(), changed[i].Name+": it is not the file that out.wasm was made of") {
					t.Errorf("with a change of %s: %v", changed[i].Name, err)
				}
			}
			later := out
			later.Bytes = bytes.Clone(out.Bytes)
			later.Bytes[len(plain.Bytes())-1] ^= 1 // in the section of producers, or the world's
			if _, err := fusecore.Verify(t.Context(), later, elsewhere, c.document, version); err == nil || !strings.Contains(err.Error(), "it was changed afterwards") {
				t.Errorf("with a change of the output: %v", err)
			}
		})
	}
}

// TestVerifySameContent verifies outputs of two inputs with the same content, which are two files, or one with two names.
func TestVerifySameContent(t *testing.T) {
	const provided = "demo:clock/api@1.2.0"
	app, err := wasmtime.Text(`(component
		(import "demo:clock/api@1.2.0" (instance $a (export "now" (func (result u32)))))
		(import "demo:clock/api@2.1.0" (instance (export "now" (func (result u32)))))
		(export "now" (func $a "now")))`)
	if err != nil {
		t.Fatal(err)
	}
	clock, err := wasmtime.Text(`(component
		(core module $m (func (export "now") (result i32) (i32.const 7)))
		(core instance $i (instantiate $m))
		(func $now (result u32) (canon lift (core func $i "now")))
		(instance $api (export "now" (func $now)))
		(export "demo:clock/api@1.2.0" (instance $api)))`)
	if err != nil {
		t.Fatal(err)
	}
	g := fusecore.Graph{Root: fusecore.Input{Name: "app", Bytes: app}, Deps: []fusecore.Input{{Name: "one", Bytes: clock}, {Name: "two", Bytes: bytes.Clone(clock)}},
		Plugs: []fusecore.Plug{
			{Importer: "app", Import: provided, Provider: "one", Export: provided},
			{Importer: "app", Import: "demo:clock/api@2.1.0", Provider: "two", Export: provided},
		}}
	r, err := fusecore.Fuse(t.Context(), g, fusecore.FuseOptions{Provenance: true})
	if err != nil {
		t.Fatal(err)
	}
	out := fusecore.Input{Name: "out.wasm", Bytes: r.Bytes()}
	for n := 1; n <= 3; n++ {
		files := append([]fusecore.Input{g.Root}, slices.Repeat(g.Deps[:1], n)...)
		_, err := fusecore.Verify(t.Context(), out, files, nil, "")
		if n <= 2 && err != nil || n > 2 && (err == nil || !strings.Contains(err.Error(), "one: out.wasm was made of fewer files with this content")) {
			t.Errorf("with %d files: %v", n, err)
		}
	}
}

// TestProvenanceNames checks that names are the same in every folder, and tell inputs apart.
func TestProvenanceNames(t *testing.T) {
	for _, c := range []struct{ paths, want []string }{
		{[]string{"/home/me/app.wasm", "lib.wasm"}, []string{"app.wasm", "lib.wasm"}},
		{[]string{"/home/me/one/x.wasm", "/home/me/two/x.wasm", "y"}, []string{"one/x.wasm", "two/x.wasm", "y"}},
		{[]string{"x.wasm", "two/x.wasm"}, []string{"x.wasm", "two/x.wasm"}},
		{[]string{`c:\in\app.wasm`, `c:\in\lib.wasm`}, []string{"app.wasm", "lib.wasm"}},
		{[]string{"in/x.wasm", "in/x.wasm"}, []string{"x.wasm", "x.wasm"}},
	} {
		var g fusecore.Graph
		for i, path := range c.paths {
			in := fusecore.Input{Name: path}
			if i == 0 {
				g.Root = in
			} else {
				g.Deps = append(g.Deps, in)
			}
		}
		var got []string
		for _, in := range fusecore.NewProvenance(g, fusecore.FuseOptions{}).Inputs {
			got = append(got, in.Name)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: got %q, want %q", c.paths, got, c.want)
		}
	}
}

// FuzzVerify verifies outputs with arbitrary provenances.
func FuzzVerify(f *testing.F) {
	const head = "\x00asm\x01\x00\x00\x00"
	sum := `"sha256":"93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476"` // of head
	for _, s := range []string{
		`{"format":1,"tool":"wasmfuse","inputs":[{"name":"a",` + sum + `}],"options":{}}`,
		`{"format":1,"tool":"wasmfuse","inputs":[],"options":{}}`,
		`{"format":1,"tool":"wasmfuse","document":{"name":"d",` + sum + `},"inputs":[{"name":"a",` + sum + `}]}`,
		`{"format":1,"tool":"wasmfuse","inputs":[{"name":"a",` + sum + `}],"plugs":[{}],"supplies":[{}],"options":{"emit":"other"}}`,
		`{"format":2}`, `null`, `[]`, `{"format":1}`,
	} {
		f.Add([]byte(s))
	}
	in := []fusecore.Input{{Name: "a", Bytes: []byte(head)}}
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) > 1000 {
			return
		}
		name := "\x13" + fusecore.ProvenanceSection
		size := len(name) + len(content)
		out := append([]byte(head), 0, byte(size)|0x80, byte(size>>7))
		out = append(append(out, name...), content...)
		_, err := fusecore.Verify(t.Context(), fusecore.Input{Name: "out", Bytes: out}, in, nil, "")
		if err != nil && strings.Contains(err.Error(), "internal error") {
			t.Error(err)
		}
	})
}
