package fusecore_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/script"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/wasmtools"
	"github.com/wasmfuse/rules_wasm_fuse/internal/golden"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// A collection is a folder of scripts (package script) and the folder of their components.
type collection struct {
	name    string
	scripts []string // patterns
	files   string
}

var (
	cases     = collection{"cases", []string{"testdata/cases/*.wat", "testdata/cases/*.calls"}, "testdata/cases"}
	async     = collection{"async", []string{"testdata/async/*.wat"}, "testdata/async"}
	resources = collection{"resources", []string{"testdata/resources/*.calls"}, "testdata/resources"}
	examples  = collection{"examples", []string{"testdata/examples/*.calls"}, "../examples"}

	asyncExamples = collection{"asynchronous examples", []string{"testdata/examples/async/*.calls"}, "../examples"}
)

func (c collection) load(t testing.TB) []*script.Script {
	t.Helper()
	all, err := script.LoadAll(c.scripts...)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A subject is a graph of a script that can be fused.
type subject struct {
	name string // of the graph
	s    *script.Script
	in   fusecore.Graph
}

// subjects reads the graphs of the collection's scripts, in order.
func (c collection) subjects(t testing.TB) (out []*subject) {
	t.Helper()
	for _, s := range c.load(t) {
		for _, g := range s.Graphs {
			if s.Refused+s.Kept != "" {
				continue // some are designed to take long
			}
			out = append(out, &subject{g.Name, s, c.inputs(t, g, s.Plugs)})
		}
	}
	return out
}

// subject reads the graph with a name.
func (c collection) subject(t testing.TB, name string) *subject {
	t.Helper()
	for _, s := range c.load(t) {
		for _, g := range s.Graphs {
			if g.Name == name {
				return &subject{g.Name, s, c.inputs(t, g, s.Plugs)}
			}
		}
	}
	t.Fatalf("%s have no %q", c.name, name)
	return nil
}

func (c collection) inputs(t testing.TB, g script.Graph, plugs []fusecore.Plug) fusecore.Graph {
	t.Helper()
	in, err := g.Inputs(c.files)
	if err != nil {
		t.Fatal(err)
	}
	in.Plugs = plugs
	return in
}

func (s *subject) compose(t testing.TB) []byte { return wasmOf(t, compose, s.in) }

// oneModule reports whether everything becomes one module, and not as for a part that needs the others of its graph.
func (s *subject) oneModule(t testing.TB) bool {
	t.Helper()
	r, err := fuseOrKeep(fusecore.FuseOptions{})(s.in)
	if err != nil {
		t.Fatal(err)
	}
	return r.Report.OneModule()
}

func (s *subject) fuse(t testing.TB) []byte {
	t.Helper()
	return wasmOf(t, fuse, s.in)
}

func wasmOf(t testing.TB, f form, in fusecore.Graph) []byte {
	t.Helper()
	out, err := f(in)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// play plays the collection's scripts with the fused form of each graph and with its composition. The fused form must
// do what the script says. So must the composition, except for rules of traps, and except where differencesFile lists
// this engine's deviation. UPDATE_GOLDEN=1 writes to the scripts what compositions do that are not listed there, and
// the rules of the fused forms.
func (c collection) play(t *testing.T) {
	composedWant := newComposedWant(t)
	for _, s := range c.load(t) {
		if s.Part {
			continue
		}
		update := map[*script.Section][]script.Step{}
		for _, g := range s.Graphs {
			t.Run(g.Name, func(t *testing.T) {
				sub := &subject{g.Name, s, c.inputs(t, g, s.Plugs)}
				if s.Refused != "" {
					if _, err := fuse(sub.in); err == nil || !strings.Contains(err.Error(), s.Refused) {
						t.Fatalf("Fuse: %v, want %q", err, s.Refused)
					}
					return
				}
				composed := sub.compose(t)
				if s.Kept != "" {
					if chosenForm() == nil { // TestForms knows which forms it has
						checkKept(t, sub, composed)
					}
					return
				}
				p := s.Player()
				defer p.Close()
				do := fuseWith
				if s.Async {
					do = fuseOrKeep
				}
				out, err := do(fusecore.FuseOptions{})(sub.in)
				if err != nil {
					t.Fatal(err)
				}
				for _, text := range s.Reports {
					if got := out.Report.String(); !strings.Contains(got, text) {
						t.Errorf("%q, want %q", got, text)
					}
				}
				fused, rules := out.Bytes(), chosenForm() == nil // holdForm compares the rules of others
				var plain []byte                                 // not optimised, if the rules of traps are compared
				if rules {
					checkText(t, s, fused)
					plain = wasmOf(t, do(fusecore.FuseOptions{Optimize: fusecore.OptimizeNone}), sub.in)
					checkCode(t, s, plain)
				}
				if !s.Playable() {
					return
				}
				for _, x := range s.Sections {
					key, want := c.name+"/"+s.Key(x), x.Steps
					seen, err := p.Play(composed, x)
					if err != nil {
						t.Logf("composed, in %s: %s: %v", wasmtime.Name(), x.Name, err)
					} else if golden.Update && composedWant.listed(key) == nil {
						want = seen
					}
					if err == nil || !tooLargeForPools(err) {
						composedWant.check(t, key, script.Lines(want, false), script.Lines(seen, false))
					}
					seen, err = p.Play(fused, x)
					if err != nil && unpooled[g.Name] != "" && tooLargeForPools(err) {
						continue
					}
					if err != nil {
						t.Errorf("fused, in %s: %s: %v", wasmtime.Name(), x.Name, err)
					}
					if d := cmp.Diff(script.Lines(script.Placed(want), rules), script.Lines(script.Placed(seen), rules)); d != "" {
						t.Errorf("fused, in %s: %s (-want +got):\n%s", wasmtime.Name(), x.Name, d)
					}
					if plain == nil {
						continue
					}
					seen, err = p.Play(plain, x)
					if golden.Update && slices.Equal(script.Lines(want, false), script.Lines(seen, false)) {
						want, update[x] = seen, seen
					}
					if d := cmp.Diff(script.Lines(want, true), script.Lines(seen, true)); err != nil || d != "" {
						t.Errorf("fused and not optimised, in %s: %s: %v (-want +got):\n%s", wasmtime.Name(), x.Name, err, d)
					}
				}
			})
		}
		if golden.Update {
			if err := s.Rewrite(update); err != nil {
				t.Error(err)
			}
		}
	}
}

// checkKept checks that fusing a subject results in its composition, for the script's reason.
func checkKept(t *testing.T, s *subject, composed []byte) {
	t.Helper()
	out, err := fuseOrKeep(fusecore.FuseOptions{})(s.in)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.Report.String(), s.s.Kept) {
		t.Errorf("%v, want %q", out.Report, s.s.Kept)
	}
	if !bytes.Equal(out.Bytes(), composed) {
		t.Error("the output is not the composition")
	}
}

// hold compares what a fused component does with a script, and returns it.
func hold(t *testing.T, s *script.Script, fused []byte) map[*script.Section][]script.Step {
	t.Helper()
	p := s.Player()
	defer p.Close()
	all := map[*script.Section][]script.Step{}
	for _, x := range s.Sections {
		seen, err := p.Play(fused, x)
		if d := cmp.Diff(script.Lines(script.Placed(x.Steps), true), script.Lines(script.Placed(seen), true)); err != nil || d != "" {
			t.Errorf("%s: %v (-want +got):\n%s", s.Key(x), err, d)
		}
		if err == nil {
			all[x] = seen
		}
	}
	return all
}

// TestCases plays small components, each about one rule or decision.
func TestCases(t *testing.T) { cases.play(t) }

// TestAsync plays components with asynchronous functions, each about one rule of domains or of the runtime's tasks.
func TestAsync(t *testing.T) { async.play(t) }

// TestResources plays components that share resources, with each other and with the host.
func TestResources(t *testing.T) { resources.play(t) }

// TestExamples plays the graphs of the examples.
func TestExamples(t *testing.T) {
	examples.play(t)
	asyncExamples.play(t)
}

// TestBuilt compares components with their texts: every text has its binaries, made from its current content, and there
// are no other binaries.
func TestBuilt(t *testing.T) {
	for _, c := range []struct {
		folder, build string
		files         []string
	}{
		{"testdata/cases", "testdata/build.sh", []string{"*.wat", "*.wasm"}},
		{"testdata/async", "testdata/build.sh", []string{"*.wat", "*.wasm"}},
		{"testdata/worlds", "testdata/build.sh", []string{"*.wit", "*.wasm"}},
		{"testdata/serve", "testdata/serve/build.sh", []string{"*.wat", "*.wasm", "*.wit"}},
		{"testdata/resources", "testdata/resources/build.sh", []string{"*.wat", "*.wasm", "refused/*.wat", "refused/*.wasm"}},
	} {
		var sums []string // of files, as sha256sum writes them
		for _, pattern := range c.files {
			files, err := filepath.Glob(filepath.Join(c.folder, pattern))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				name, err := filepath.Rel(c.folder, f)
				if err != nil {
					t.Fatal(err)
				}
				sums = append(sums, fmt.Sprintf("%x  %s", sha256.Sum256(readFile(t, f)), filepath.ToSlash(name)))
			}
		}
		want := lines(string(readFile(t, filepath.Join(c.folder, "SHA256SUMS"))))
		slices.Sort(want)
		slices.Sort(sums)
		if d := cmp.Diff(want, sums); d != "" {
			t.Errorf("%s: run %s (-built +found):\n%s", c.folder, c.build, d)
		}
	}
}

// checkText checks a script's assertions about the fused component's text.
func checkText(t *testing.T, s *script.Script, wasm []byte) {
	if len(s.Has)+len(s.Lacks) == 0 {
		return
	}
	tool, err := wasmtools.Find()
	if err != nil {
		t.Logf("the fused text was not looked at: %v", err)
		return
	}
	text, err := tool.Print(wasm)
	if err != nil {
		t.Fatal(err)
	}
	for _, has := range s.Has {
		if !strings.Contains(text, has) {
			t.Errorf("the fused component has no %q", has)
		}
	}
	for _, lacks := range s.Lacks {
		if strings.Contains(text, lacks) {
			t.Errorf("the fused component has %q", lacks)
		}
	}
}

// checkCode checks a script's assertions about the instructions in the fused component's core modules.
func checkCode(t *testing.T, s *script.Script, wasm []byte) {
	if len(s.Counts) == 0 {
		return
	}
	got := map[string]int{}
	for name := range s.Counts {
		got[name] = 0
	}
	for _, m := range coreModules(t, wasm) {
		for i := range m.Code {
			r := op.NewReader(m.Code[i].Code, 0)
			for r.Next() {
				if _, ok := got[r.In.Info.Name]; ok {
					got[r.In.Info.Name]++
				}
			}
			if r.Err != nil {
				t.Fatal(r.Err)
			}
		}
	}
	if d := cmp.Diff(s.Counts, got); d != "" {
		t.Errorf("instructions (-want +got):\n%s", d)
	}
}

// coreModules returns the core modules of a component without nested components.
func coreModules(t testing.TB, wasm []byte) (out []*corewasm.Module) {
	t.Helper()
	c, err := decode.Component(wasm)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range c.Defs {
		if m, ok := d.(*component.CoreModule); ok {
			out = append(out, m.Module)
		}
	}
	return out
}

// TestOutputValid has wasm-tools check every composed and every fused example, in every form.
func TestOutputValid(t *testing.T) {
	tool := wasmtools.Need(t)
	for _, s := range examples.subjects(t) {
		t.Run(s.name, func(t *testing.T) {
			all := map[string][]byte{"composed": s.compose(t), "fused": s.fuse(t)}
			for _, f := range outputForms {
				out, err := fusecore.Fuse(t.Context(), s.in, f.options(fusecore.FuseOptions{}))
				if err != nil {
					t.Errorf("%s: %v", f.name, err)
					continue
				}
				all[f.name] = out.Bytes()
			}
			for form, wasm := range all {
				if err := tool.Validate(wasm); err != nil {
					t.Errorf("%s: %v", form, err)
				}
			}
		})
	}
}

// start instantiates a component until the test ends.
func start(t testing.TB, o wasmtime.Options, wasm []byte) *wasmtime.Instance {
	t.Helper()
	e := wasmtime.New(o)
	t.Cleanup(e.Close)
	in, err := e.Load(wasm)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(in.Close)
	return in
}

// renew replaces the instances of a composition and of its fused form by new ones.
func renew(t testing.TB, e *wasmtime.Engine, forms *[2]*wasmtime.Instance, composed, fused []byte) {
	t.Helper()
	for i, wasm := range [][]byte{composed, fused} {
		in, err := e.Load(wasm)
		if err != nil {
			t.Fatal(err)
		}
		if forms[i] != nil {
			forms[i].Close()
		}
		forms[i] = in
	}
}

// trapped is the result of an action that traps.
const trapped = "trap"

// act takes an action and returns its result.
func act(t testing.TB, in *wasmtime.Instance, action string) string {
	t.Helper()
	result, err := script.Act(in, action)
	switch {
	case wasmtime.IsTrap(err):
		return trapped
	case err != nil:
		t.Fatal(err)
	}
	return result
}

func lines(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") }

func single(name string, wasm []byte) fusecore.Graph {
	return fusecore.Graph{Root: fusecore.Input{Name: name + ".wasm", Bytes: wasm}}
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
