package reporting

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/internal/golden"
)

const examples = "../../../../examples/"

// fused returns the report about a graph of examples.
func fused(t *testing.T, o fusecore.FuseOptions, root string, deps ...string) *fusecore.Report {
	t.Helper()
	read := func(name string) fusecore.Input {
		b, err := os.ReadFile(examples + name)
		if err != nil {
			t.Fatal(err)
		}
		return fusecore.Input{Name: name, Bytes: b}
	}
	g := fusecore.Graph{Root: read(root)}
	for _, dep := range deps {
		g.Deps = append(g.Deps, read(dep))
	}
	o.Details = true
	r, err := fusecore.Fuse(t.Context(), g, o)
	if err != nil {
		t.Fatal(err)
	}
	return r.Report
}

func web(t *testing.T) *fusecore.Report {
	return fused(t, fusecore.FuseOptions{}, "web/gate.wasm", "web/app.wasm", "web/pages.wasm", "web/markup.wasm")
}

func TestFormatOf(t *testing.T) {
	for file, want := range map[string]Format{"-": JSON, "r.json": JSON, "a.b/r.HTML": Page, "r.txt": Text} {
		if got, err := FormatOf(file); err != nil || got != want {
			t.Errorf("%s: %v (%v)", file, got, err)
		}
	}
	for _, file := range []string{"report", "r.htm", "json", ""} {
		if _, err := FormatOf(file); err == nil {
			t.Errorf("%q has a format", file)
		}
	}
}

func TestText(t *testing.T) {
	for name, r := range map[string]*fusecore.Report{
		"web":    web(t),
		"single": fused(t, fusecore.FuseOptions{Memory: fusecore.SingleMemory}, "three/root.wasm", "three/words.wasm", "three/stats.wasm"),
	} {
		text, err := Write(r, Text)
		if err != nil {
			t.Fatal(err)
		}
		golden.Check(t, "testdata/"+name+".txt", string(text))
	}
}

// TestRead checks that a report that was written as JSON can be read, and that other files are refused.
func TestRead(t *testing.T) {
	r := web(t)
	text, err := Write(r, JSON)
	if err != nil {
		t.Fatal(err)
	}
	read, err := Read(text)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Write(read, JSON); err != nil || !bytes.Equal(again, text) {
		t.Errorf("read and written, it is %s (%v)", again, err)
	}
	for _, bad := range []string{"", "{}", "[]", `{"version": 99}`, "\x00asm"} {
		if _, err := Read([]byte(bad)); err == nil {
			t.Errorf("%q is read as a report", bad)
		}
	}
}

// TestExplain asks about everything in a report, in several ways, and compares some answers with a file.
func TestExplain(t *testing.T) {
	r := web(t)
	var b strings.Builder
	for _, name := range []string{"", "gate", "web/app.wasm", "demo:web/log", "demo:web/log@0.3.0#note", "demo:web/markup#render", "app/page", "root/app"} {
		text, err := Explain(r, name)
		fmt.Fprintf(&b, "# %s\n%s", name, text)
		if err != nil {
			fmt.Fprintf(&b, "%v\n", err)
		}
	}
	golden.Check(t, "testdata/explain.txt", b.String())
	for _, in := range r.Instances {
		for _, name := range []string{in.Name, in.Path, in.Input} {
			if text, err := Explain(r, name); err != nil || !strings.Contains(string(text), in.Path) {
				t.Errorf("%s: %s (%v)", name, text, err)
			}
		}
	}
	for _, x := range r.Boundaries {
		if text, err := Explain(r, x.Function); err != nil || !strings.Contains(string(text), x.Reason) {
			t.Errorf("%s: %s (%v)", x.Function, text, err)
		}
	}
	for _, name := range []string{"demo:web/log", "nothing"} {
		if text, err := Explain(&fusecore.Report{}, name); err == nil {
			t.Errorf("a report without details explains %s: %s", name, text)
		}
	}
	if text, err := Explain(&fusecore.Report{}, ""); err != nil || len(text) == 0 {
		t.Errorf("a report without details: %s (%v)", text, err)
	}
}

func TestUnversioned(t *testing.T) {
	for name, want := range map[string]string{"a:b/c@1.0.0#f": "a:b/c#f", "a:b/c@0.2": "a:b/c", "a:b/c#f": "a:b/c#f", "run": "run"} {
		if got := unversioned(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// TestPage checks that a page is well-formed, has every component, boundary and reason, refers to nothing outside it, and is the
// same again.
func TestPage(t *testing.T) {
	for name, r := range map[string]*fusecore.Report{
		"web":    web(t),
		"made":   fused(t, fusecore.FuseOptions{Provenance: true}, "three/root.wasm", "three/words.wasm", "three/stats.wasm"),
		"wasi":   fused(t, fusecore.FuseOptions{}, "wasi-command/command.wasm", "wasi-command/formatter.wasm"),
		"single": fused(t, fusecore.FuseOptions{Memory: fusecore.SingleMemory}, "three/root.wasm", "three/words.wasm", "three/stats.wasm"),
		"empty":  {Version: fusecore.ReportVersion},
		"hostile": {Version: fusecore.ReportVersion, Components: 1, Kept: []fusecore.KeptComponent{
			{ReportedComponent: fusecore.ReportedComponent{Name: "</script><script>alert(1)</script>", Path: "root"}, Reason: `"><img src=x onerror=alert(1)>`}}},
	} {
		page, err := Write(r, Page)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := Write(r, Page); !bytes.Equal(page, again) {
			t.Errorf("%s: the page is different the second time", name)
		}
		text, refs := content(t, name, page)
		if r.Details != nil {
			for _, in := range r.Instances {
				if !strings.Contains(text, in.String()) {
					t.Errorf("%s: no component %s", name, in)
				}
			}
			for _, b := range r.Boundaries {
				for _, want := range []string{b.Function, b.Type, b.Reason, b.Class} {
					if !strings.Contains(text, want) {
						t.Errorf("%s: no %q", name, want)
					}
				}
			}
			if p := r.Provenance; p != nil && (!strings.Contains(text, p.Tool) || !strings.Contains(text, p.Inputs[2].SHA256)) {
				t.Errorf("%s: no provenance", name)
			}
			for _, im := range r.Imports {
				if !strings.Contains(text, im.Name) {
					t.Errorf("%s: no import %s", name, im.Name)
				}
			}
		}
		for _, k := range r.Kept {
			if !strings.Contains(text, k.Reason) || bytes.Contains(page, []byte("<img")) || bytes.Count(page, []byte("<script>")) != 1 {
				t.Errorf("%s: %s", name, page)
			}
		}
		for _, ref := range refs {
			if id, inside := strings.CutPrefix(ref, "#"); !inside || !bytes.Contains(page, []byte(`id="`+id+`"`)) {
				t.Errorf("%s: the page refers to %q", name, ref)
			}
		}
	}
}

// content returns the text of a page, and what its elements refer to. Elements must be closed as XML asks.
func content(t *testing.T, name string, page []byte) (text string, refs []string) {
	t.Helper()
	var b strings.Builder
	_, body, _ := bytes.Cut(page, []byte("<body>"))
	body, _, _ = bytes.Cut(body, []byte("<script>"))
	d := xml.NewDecoder(io.MultiReader(strings.NewReader("<body>"), bytes.NewReader(body), strings.NewReader("</body>")))
	d.Strict, d.Entity, d.AutoClose = false, xml.HTMLEntity, []string{"input"}
	for {
		token, err := d.Token()
		if err == io.EOF {
			return html.UnescapeString(b.String()), refs
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		switch token := token.(type) {
		case xml.CharData:
			b.Write(token)
		case xml.StartElement:
			for _, a := range token.Attr {
				if a.Name.Local == "href" || a.Name.Local == "src" {
					refs = append(refs, a.Value)
				}
			}
		}
	}
}

// TestLayout checks that nodes of a layer do not overlap, and that edges lead down, in graphs of many shapes.
func TestLayout(t *testing.T) {
	next := generator()
	for n := range 60 {
		acyclic := n%3 > 0
		d := random(n, acyclic, next)
		d.layout()
		for i, a := range d.nodes {
			if left, top := a.x-a.width/2, a.y-a.height/2; left < 0 || top < 0 || left+a.width > d.width+.1 || top+a.height > d.height+.1 {
				t.Fatalf("%d nodes: node %d is outside: %+v of %v x %v", n, i, a, d.width, d.height)
			}
			for _, b := range d.nodes[:i] {
				if a.y == b.y && math.Abs(a.x-b.x) < (a.width+b.width)/2+nodeGap-.1 {
					t.Fatalf("%d nodes: %+v and %+v overlap", n, a, b)
				}
			}
		}
		for _, e := range d.edges {
			if len(e.points) < 2 || acyclic && e.from != e.to && d.nodes[e.from].y >= d.nodes[e.to].y {
				t.Fatalf("%d nodes: edge %+v", n, e)
			}
		}
	}
}

// TestSameEverywhere checks that places are the same on every platform: processors differ in how they round a product in a sum.
func TestSameEverywhere(t *testing.T) {
	const want = "af16d95ad8b5998fd56ad3ecccb4a8b1946be0fef5097c2049109bd113763c5e"
	next, h := generator(), sha256.New()
	for n := range 200 {
		d := random(n%60, true, next)
		d.layout()
		for _, e := range d.edges {
			path, x, y := curve(e.points)
			fmt.Fprintf(h, "%s %v %v %v\n", path, x, y, e.points)
		}
		var sizes []float64
		for range n {
			sizes = append(sizes, float64(1+next(100000)))
		}
		slices.SortFunc(sizes, func(a, b float64) int { return cmp.Compare(b, a) })
		fmt.Fprintln(h, squarify(sizes, rect{0, 0, 100, 100}, 2.3))
	}
	if got := fmt.Sprintf("%x", h.Sum(nil)); got != want {
		t.Errorf("the places have the digest %s, want %s; with another layout, change it for all platforms", got, want)
	}
}

// generator returns a source of numbers below n, always the same ones.
func generator() (next func(n int) int) {
	seed := uint32(1)
	return func(n int) int {
		seed = seed*1664525 + 1013904223
		return int(seed>>8) % n
	}
}

// random returns a drawing of n nodes and twice as many edges.
func random(n int, acyclic bool, next func(n int) int) *drawing {
	d := &drawing{}
	for range n {
		d.nodes = append(d.nodes, node{width: sumOfProduct(28, glyph, 4+next(20)), height: 40})
	}
	for range n * 2 {
		a, b := next(n), next(n)
		if acyclic && a > b {
			a, b = b, a
		}
		d.edges = append(d.edges, edge{from: a, to: b})
	}
	return d
}

func TestSquarify(t *testing.T) {
	for _, sizes := range [][]float64{nil, {1}, {6, 6, 4, 3, 2, 2, 1}, {1e9, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1}} {
		total, area := 0.0, 0.0
		for _, s := range sizes {
			total += s
		}
		parts := squarify(sizes, rect{0, 0, 100, 100}, 2)
		for i, p := range parts {
			area += p.W * p.H
			if want := sizes[i] / total * 1e4; math.Abs(p.W*p.H-want) > 1e-6*want+1e-9 {
				t.Errorf("%v: part %d is %+v", sizes, i, p)
			}
			if p.X < -1e-9 || p.Y < -1e-9 || p.X+p.W > 100+1e-6 || p.Y+p.H > 100+1e-6 {
				t.Errorf("%v: part %d is outside: %+v", sizes, i, p)
			}
		}
		if len(parts) != len(sizes) || len(sizes) > 0 && math.Abs(area-1e4) > 1e-3 {
			t.Errorf("%v: %d parts with an area of %v", sizes, len(parts), area)
		}
	}
	want := []rect{{0, 0, 50, 100}, {50, 0, 50, 50}, {50, 50, 50, 50}}
	if got := squarify([]float64{2, 1, 1}, rect{0, 0, 100, 100}, 2); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
