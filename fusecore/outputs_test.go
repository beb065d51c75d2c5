package fusecore_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	coredecode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	corevalidate "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/echogen"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/script"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/seeds"
	"github.com/wasmfuse/rules_wasm_fuse/internal/componentnew"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// outputForm is a form of outputs beside the default one.
type outputForm struct {
	name   string
	emit   fusecore.Emit
	memory fusecore.MemoryMode
	abi    fusecore.ABI
}

var outputForms = []*outputForm{
	{"module", fusecore.EmitModule, fusecore.MultiMemory, fusecore.WITNames},
	{"cm32p2", fusecore.EmitModule, fusecore.MultiMemory, fusecore.CM32P2},
	{"module-single", fusecore.EmitModule, fusecore.SingleMemory, fusecore.WITNames},
	{"component-single", fusecore.EmitComponent, fusecore.SingleMemory, fusecore.WITNames},
}

// chosenForm returns the form that the environment variable FUSE_FORM names, or nil.
var chosenForm = sync.OnceValue(func() *outputForm {
	name := os.Getenv("FUSE_FORM")
	i := slices.IndexFunc(outputForms, func(f *outputForm) bool { return f.name == name })
	if i < 0 {
		if name != "" {
			panic("no form is FUSE_FORM=" + name)
		}
		return nil
	}
	return outputForms[i]
})

// options returns options with which this form is made.
func (f *outputForm) options(o fusecore.FuseOptions) fusecore.FuseOptions {
	o.Emit, o.Memory, o.ABI = f.emit, f.memory, f.abi
	return o
}

// with makes this form. A module is validated, and made a component by wit-component, as which it can be played.
func (f *outputForm) with(o fusecore.FuseOptions) form {
	return func(g fusecore.Graph) (*fusecore.Result, error) {
		out, err := fusecore.Fuse(context.Background(), g, f.options(o))
		if err != nil || f.emit != fusecore.EmitModule {
			return out, err
		}
		wasm, err := newComponent(out.Bytes())
		if err != nil {
			return nil, err
		}
		return out.Replaced(wasm), nil
	}
}

// encoder makes components of modules.
var encoder = sync.OnceValues(func() (*componentnew.Encoder, error) { return componentnew.Start(context.Background(), true) })

// newComponent makes the component of a module that must be valid.
func newComponent(module []byte) ([]byte, error) {
	if err := validModule(module); err != nil {
		return nil, fmt.Errorf("the module is invalid: %w", err)
	}
	e, err := encoder()
	if err != nil {
		return nil, err
	}
	wasm, err := e.New(context.Background(), module, nil)
	if err != nil {
		return nil, fmt.Errorf("component new: %w", err)
	}
	return wasm, nil
}

// validModule decodes and validates a core module, including its code.
func validModule(wasm []byte) error {
	m, err := coredecode.ModuleWith(context.Background(), wasm, 0, coredecode.Options{CustomPageSizes: true})
	if err != nil {
		return err
	}
	return corevalidate.Module(context.Background(), m, corevalidate.All)
}

// formsFile lists what has no other form than the default, and the tests that FUSE_FORM does not apply to.
const formsFile = "testdata/forms.expected"

// formException is a line of formsFile: a graph whose error in some forms contains a text, or a test that FUSE_FORM leaves out.
type formException struct {
	line   int
	forms  []string
	graph  string // COLLECTION/NAME
	error  string
	test   string // regular expression of names
	reason string
}

var formExceptions = sync.OnceValues(func() (out []formException, err error) {
	b, err := os.ReadFile(formsFile)
	if err != nil {
		return nil, err
	}
	for i, line := range strings.Split(string(b), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		x := formException{line: i + 1}
		subject, text, ok := strings.Cut(line, ": ")
		f := strings.Fields(subject)
		switch {
		case ok && len(f) == 3 && f[0] == "test":
			x.forms, x.test, x.reason = strings.Split(f[1], ","), f[2], text
		case ok && len(f) == 2:
			x.forms, x.graph, x.error = strings.Split(f[0], ","), strings.ReplaceAll(f[1], "_", " "), text
		default:
			return nil, fmt.Errorf("%s:%d: want FORM,... GRAPH: ERROR or test FORM,... NAME: WHY", formsFile, i+1)
		}
		out = append(out, x)
	}
	return out, nil
})

// lacking reports whether an error is one of those that are listed for a form.
func lacking(name string, err error) bool {
	all, listErr := formExceptions()
	if listErr != nil {
		panic(listErr)
	}
	return errors.As(err, new(*fusecore.Error)) && slices.ContainsFunc(all, func(x formException) bool {
		return x.graph != "" && slices.Contains(x.forms, name) && strings.Contains(err.Error(), x.error)
	})
}

// TestMain leaves out the tests that FUSE_FORM does not apply to.
func TestMain(m *testing.M) {
	if f := chosenForm(); f != nil {
		all, err := formExceptions()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		var names []string
		for _, x := range all {
			if x.test != "" && (slices.Contains(x.forms, f.name) || slices.Contains(x.forms, "all")) {
				fmt.Printf("FUSE_FORM=%s: %s is not run: %s\n", f.name, x.test, x.reason)
				names = append(names, "^"+strings.ReplaceAll(x.test, "/", "$/^")+"$")
			}
		}
		flag.Parse()
		skip := flag.Lookup("test.skip").Value
		pattern := strings.Join(names, "|")
		if skip.String() != "" {
			pattern += "|" + skip.String()
		}
		if err := skip.Set(pattern); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	os.Exit(m.Run())
}

// TestForms plays all scripts with every form of output. Each must do what the script says, and the composition with it
// (see TestCases), unless formsFile lists the error of making it.
func TestForms(t *testing.T) {
	all, err := formExceptions()
	if err != nil {
		t.Fatal(err)
	}
	made, used := 0, map[int]bool{}
	for _, f := range outputForms {
		for _, c := range []collection{cases, async, resources, examples, asyncExamples} {
			for _, s := range c.load(t) {
				if s.Part || s.Refused != "" {
					continue
				}
				for _, g := range s.Graphs {
					name := c.name + "/" + g.Name
					t.Run(f.name+"/"+name, func(t *testing.T) {
						listed := -1
						for n, x := range all {
							if x.graph == name && slices.Contains(x.forms, f.name) {
								listed, used[n] = n, true
							}
						}
						sub := &subject{g.Name, s, c.inputs(t, g, s.Plugs)}
						out, err := f.with(fusecore.FuseOptions{})(sub.in)
						switch {
						case listed >= 0:
							if err == nil || !strings.Contains(err.Error(), all[listed].error) {
								t.Errorf("%v, want %q as %s:%d says", err, all[listed].error, formsFile, all[listed].line)
							}
						case err != nil:
							t.Error(err)
						default:
							made++
							holdForm(t, s, out.Bytes())
						}
					})
				}
			}
		}
	}
	t.Logf("%d outputs were played", made)
	for n, x := range all {
		if x.graph != "" && !used[n] && !filtered() {
			t.Errorf("%s:%d: there is no such graph or form", formsFile, x.line)
		}
	}
}

// filtered reports whether -run selects among subtests.
func filtered() bool { return strings.Contains(flag.Lookup("test.run").Value.String(), "/") }

// holdForm compares what an output does with a script. Rules of traps are only compared where both name one, because in
// another form the engine may find a violation that generated code finds in the default one, and the other way round.
func holdForm(t *testing.T, s *script.Script, wasm []byte) {
	t.Helper()
	if !s.Playable() {
		return
	}
	p := s.Player()
	defer p.Close()
	for _, x := range s.Sections {
		seen, err := p.Play(wasm, x)
		if d := cmp.Diff(script.Lines(x.Steps, false), script.Lines(seen, false)); err != nil || d != "" {
			t.Errorf("%s, in %s: %v (-want +got):\n%s", s.Key(x), wasmtime.Name(), err, d)
			continue
		}
		for i, got := range seen {
			if want := x.Steps[i].Rule; got.Rule != want && got.Rule != "" && want != "" && want != script.ByRuntime && got.Rule != script.ByRuntime {
				t.Errorf("%s, in %s: %s: rule %q, want %q", s.Key(x), wasmtime.Name(), got.Line, got.Rule, want)
			}
		}
	}
}

// formWorlds is the number of seeds that TestFormWorlds tries with every form; FUSE_WORLDS changes it, as N or FROM:N.
const formWorlds = 30

// TestFormWorlds makes every form of pairs with random worlds, every other time with handles (see TestRandomWorlds).
func TestFormWorlds(t *testing.T) {
	from, to := seeds.Of(t, "FUSE_WORLDS", formWorlds)
	for seed := from; seed < to; seed++ {
		t.Run(fmt.Sprintf("seed-%d", seed), func(t *testing.T) {
			handles := seed%2 == 1
			c := echogen.Generate(seed, handles)
			in := pairOf(c)
			features := []fusecore.Features{fusecore.DefaultFeatures, fusecore.Baseline}[seed/2%2]
			for _, f := range outputForms {
				out, err := f.with(fusecore.FuseOptions{Features: features})(in)
				if err != nil {
					t.Errorf("%s, handles %v: %v", f.name, handles, err)
					continue
				}
				checkWorld(t, fmt.Sprintf("%s, handles %v", f.name, handles), c, out.Bytes())
			}
		})
	}
}
