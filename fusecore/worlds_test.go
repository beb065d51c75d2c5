package fusecore_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/jco"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/seeds"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/wasmtools"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/witgen"
)

const worldsDir = "testdata/worlds"

// worldGraph is a root with dependencies whose worlds, all of one WIT package, are compared.
type worldGraph struct {
	name  string
	wit   string // file
	roots []string
}

// worldGraphs reads the graphs in testdata/worlds: lines "// graph ROOT DEP..." in NAME.wit name worlds of the package,
// whose components are NAME.WORLD.wasm.
func worldGraphs(t testing.TB) (out []worldGraph) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(worldsDir, "*.wit"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no worlds: %v", err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			if rest, ok := strings.CutPrefix(line, "// graph "); ok {
				name := strings.TrimSuffix(filepath.Base(f), ".wit")
				worlds := strings.Fields(rest)
				out = append(out, worldGraph{name + ":" + strings.Join(worlds, "+"), f, worlds})
			}
		}
	}
	return out
}

func (g worldGraph) inputs(t testing.TB) (in fusecore.Graph) {
	t.Helper()
	for i, w := range g.roots {
		b, err := os.ReadFile(strings.TrimSuffix(g.wit, ".wit") + "." + w + ".wasm")
		if err != nil {
			t.Fatalf("%v: run testdata/build.sh", err)
		}
		if f := (fusecore.Input{Name: w + ".wasm", Bytes: b}); i == 0 {
			in.Root = f
		} else {
			in.Deps = append(in.Deps, f)
		}
	}
	return in
}

// TestWorldGraphs fuses and composes graphs whose roots expose types of their dependencies.
func TestWorldGraphs(t *testing.T) {
	for _, g := range worldGraphs(t) {
		t.Run(g.name, func(t *testing.T) {
			composed, fused := bothWays(t, g.inputs(t))
			for form, wasm := range map[string][]byte{"composed": composed, "fused": fused} {
				if err := valid(wasm); err != nil {
					t.Errorf("%s: %v", form, err)
				}
				if err := compiles(wasm); err != nil {
					t.Errorf("%s: wasmtime: %v", form, err)
				}
			}
		})
	}
}

func bothWays(t testing.TB, in fusecore.Graph) (composed, fused []byte) {
	t.Helper()
	c, err := compose(in)
	if err != nil {
		t.Fatalf("Compose: %v", err)
	}
	f, err := fuse(in)
	if err != nil {
		t.Fatalf("Fuse: %v", err)
	}
	return c.Bytes(), f.Bytes()
}

// worldSubjects are all graphs of the tests that can be fused: cases, resources, examples and worlds.
func worldSubjects(t testing.TB) map[string]fusecore.Graph {
	out := map[string]fusecore.Graph{}
	for _, s := range cases.subjects(t) {
		out["cases/"+s.name] = s.in
	}
	for _, g := range worldGraphs(t) {
		out["worlds/"+g.name] = g.inputs(t)
	}
	files, err := filepath.Glob("testdata/resources/*.wasm")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out["resources/"+filepath.Base(f)] = fusecore.Graph{Root: fusecore.Input{Name: filepath.Base(f), Bytes: b}}
	}
	if !testing.Short() {
		for _, s := range examples.subjects(t) {
			out["examples/"+s.name] = s.in
		}
	}
	return out
}

// TestWorldText compares the world of every output, as wasm-tools prints it in WIT, with the composition's.
func TestWorldText(t *testing.T) {
	tool := wasmtools.Need(t)
	subjects := worldSubjects(t)
	compared := 0
	for _, name := range sortedKeys(subjects) {
		t.Run(name, func(t *testing.T) {
			in := subjects[name]
			f, err := fuse(in)
			if err != nil {
				return // some resource components are only parts of others
			}
			c, err := compose(in)
			if err != nil {
				t.Fatal(err)
			}
			if sameWorld(t, tool, c.Bytes(), f.Bytes()) {
				compared++
			}
		})
	}
	t.Logf("%d worlds of %d compared; the others cannot be said in WIT", compared, len(subjects))
	if compared < 60 {
		t.Errorf("only %d worlds were compared", compared)
	}
}

// TestWorldTypes compares the type declarations that jco generates for every output, including those of random WIT
// packages, with the composition's.
func TestWorldTypes(t *testing.T) {
	tool := jco.Need(t)
	subjects := worldSubjects(t)
	var names []string
	var wasms [][]byte
	for _, name := range sortedKeys(subjects) {
		f, err := fuse(subjects[name])
		if err != nil || testing.Short() && !strings.HasPrefix(name, "worlds/") {
			continue
		}
		c, err := compose(subjects[name])
		if err != nil {
			t.Fatal(err)
		}
		names, wasms = append(names, name), append(wasms, c.Bytes(), f.Bytes())
	}
	if tool, err := wasmtools.Find(); err == nil {
		for _, p := range linkPackages(t, tool) {
			names, wasms = append(names, p.name), append(wasms, p.composed, p.fused)
		}
	}
	types, err := tool.Types(wasms...)
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for i, name := range names {
		want, got := types[2*i], types[2*i+1]
		if want.Error != "" {
			continue
		}
		compared++
		if got.Error != "" {
			t.Errorf("%s: jco takes the composition and not the output: %.600s", name, got.Error)
		} else if d := cmp.Diff(want.Types, got.Types); d != "" {
			t.Errorf("%s: types (-composed +fused):\n%s", name, d)
		}
	}
	t.Logf("%d of %d outputs compared; jco does not take the others' compositions", compared, len(names))
	if compared < 10 {
		t.Errorf("only %d outputs were compared", compared)
	}
}

func sortedKeys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// sameWorld compares two components' worlds and reports whether the composition's can be written in WIT at all.
func sameWorld(t testing.TB, tool wasmtools.Tool, composed, fused []byte) bool {
	t.Helper()
	want, err := tool.WIT(composed)
	if err != nil {
		return false
	}
	got, err := tool.WIT(fused)
	if err != nil {
		t.Errorf("the composition's world can be said in WIT, the output's cannot: %v\n%s", err, want)
		return true
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("worlds (-composed +fused):\n%s", d)
	}
	return true
}

// linkedPackage is a random WIT package whose components were made and linked.
type linkedPackage struct {
	name            string
	text            string
	composed, fused []byte
}

// linkPackages makes the components of random WIT packages and links them, for the seeds in the environment variable
// WORLDS. A failure to link for any reason other than resource types is an error.
func linkPackages(t *testing.T, tool wasmtools.Tool) (out []linkedPackage) {
	t.Helper()
	from, to := seeds.Of(t, "WORLDS", 12)
	count := to - from
	refused, skipped := 0, 0
	for seed := from; seed < to; seed++ {
		p := witgen.Generate(seed)
		in, err := dummies(tool, p)
		if err != nil {
			skipped++ // WIT has rules that the generator does not know
			continue
		}
		f, err := fuseUsed(&in)
		if err != nil {
			refused++
			if !p.Resources || !insideResource(err) {
				t.Errorf("seed %d: %v\n%s", seed, err, p.Text)
			}
			continue
		}
		c, err := compose(in)
		if err != nil {
			t.Errorf("seed %d: Compose: %v\n%s", seed, err, p.Text)
			continue
		}
		out = append(out, linkedPackage{fmt.Sprintf("seed %d", seed), p.Text, c.Bytes(), f.Bytes()})
	}
	t.Logf("%d packages: %d linked, %d refused for their resources, %d no WIT", count, len(out), refused, skipped)
	if uint64(len(out)) < count/4 {
		t.Errorf("only %d of %d were linked", len(out), count)
	}
	return out
}

// fuseUsed fuses without the dependencies that nothing imports from, because wit-component omits imports of unused
// types.
func fuseUsed(in *fusecore.Graph) (*fusecore.Result, error) {
	for {
		f, err := fuse(*in)
		if err == nil || !strings.Contains(err.Error(), "nothing imports from this dependency") {
			return f, err
		}
		var e *fusecore.Error
		errors.As(err, &e)
		in.Deps = slices.DeleteFunc(in.Deps, func(d fusecore.Input) bool { return d.Name == e.File })
	}
}

// TestWorldsOfPackages compares outputs of random WIT packages with their compositions: both must be valid and have the
// same world in WIT.
func TestWorldsOfPackages(t *testing.T) {
	tool := wasmtools.Need(t)
	for _, p := range linkPackages(t, tool) {
		t.Run(p.name, func(t *testing.T) {
			for _, b := range [][]byte{p.composed, p.fused} {
				if err := tool.Validate(b); err != nil {
					t.Error(err)
				}
			}
			if !t.Failed() && !sameWorld(t, tool, p.composed, p.fused) {
				t.Error("the composition's world cannot be said in WIT")
			}
			if t.Failed() {
				t.Logf("%s", p.text)
			}
		})
	}
}

// insideResource reports whether an error is about a resource type that the world would have to expose and cannot.
func insideResource(err error) bool {
	for _, s := range []string{"outside the result no import or export names the type", "the outside cannot provide that type"} {
		if strings.Contains(err.Error(), s) {
			return true
		}
	}
	return false
}

// dummies makes the components of a package.
func dummies(tool wasmtools.Tool, p *witgen.Package) (in fusecore.Graph, err error) {
	for i, w := range append([]string{p.Root}, p.Deps...) {
		b, err := tool.Dummy([]byte(p.Text), w)
		if err != nil {
			return in, err
		}
		if f := (fusecore.Input{Name: w + ".wasm", Bytes: b}); i == 0 {
			in.Root = f
		} else {
			in.Deps = append(in.Deps, f)
		}
	}
	return in, nil
}
