package fusecore_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/wasmtools"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// A case is a component in text, testdata/cases/NAME.wat, with its binary NAME.wasm beside it (testdata/build.sh). Lines
// that begin with ";;!" say what to do with it:
//
//	;;! host NAME = RESULT       the host offers a function that gives RESULT (nothing after = for none)
//	;;! call NAME ARG ... => X   calls an export: X is its result in WAVE text, nothing for none, or "trap", or "trap: RULE"
//	                             where the fused component traps in the function of that rule (package trap)
//	;;! instantiate => trap      instantiation traps, or "trap: RULE" likewise; a log line after it is about the calls made
//	                             until then
//	;;! fresh                    the next call is made in a new instance, as it is after every trap
//	;;! log NAME(ARGS) -> RESULT ... "; "-separated: all calls of host functions since the last log line or the start
//	;;! refused: TEXT            Fuse gives an error with TEXT, and nothing is run
//	;;! fused has TEXT           the fused component's text has a line with TEXT
//	;;! fused lacks TEXT
//	;;! fused counts NAME N      the core modules of the fused component have N instructions of that name
//	;;! deps NAME ...            other cases that supply imports
//
// Arguments are separated by " | ". Every case is run un-fused as well and must do the same, unless differencesFile says
// otherwise. With UPDATE_GOLDEN=1 the texts' results become those of the un-fused components that are not listed there, and
// the rules those of the fused ones.
type testCase struct {
	name    string
	root    fusecore.Input
	deps    []string
	part    bool // only a dependency of others
	host    map[string]string
	steps   []step
	traps   string // how instantiation traps
	refused string
	has     []string
	lacks   []string
	counts  map[string]int
}

type step struct {
	line    string
	fresh   bool
	log     bool
	name    string
	args    []string
	want    string // of a call the result, of a log line the log
	wantLog []string
}

const casesDir = "testdata/cases"

// refusedByEngine stands for all that would follow when the engine refuses a component.
const refusedByEngine = "refused"

var callLine = regexp.MustCompile(`^(\S+)(?: (.*?))? =>(?: (.*))?$`)

func parseCase(name, wat string, wasm []byte) (_ *testCase, err error) {
	c := &testCase{name: name, root: fusecore.Input{Name: name + ".wasm", Bytes: wasm}, host: map[string]string{}, counts: map[string]int{}}
	for line := range strings.Lines(wat) {
		line = strings.TrimSpace(line)
		text, ok := strings.CutPrefix(line, ";;! ")
		if !ok {
			continue
		}
		verb, rest, _ := strings.Cut(text, " ")
		bad := fmt.Errorf("%s: cannot read %q", name, line)
		switch verb {
		case "host":
			fn, result, ok := strings.Cut(rest, " =")
			if !ok {
				return nil, bad
			}
			c.host[fn] = strings.TrimSpace(result)
		case "call":
			m := callLine.FindStringSubmatch(rest)
			if m == nil {
				return nil, bad
			}
			s := step{line: text, name: m[1], want: m[3]}
			if m[2] != "" {
				s.args = strings.Split(m[2], " | ")
			}
			c.steps = append(c.steps, s)
		case "instantiate":
			c.traps = strings.TrimPrefix(rest, "=> ")
		case "fresh":
			c.steps = append(c.steps, step{line: text, fresh: true})
		case "log":
			s := step{line: text, log: true}
			if rest != "" {
				s.wantLog = strings.Split(rest, "; ")
			}
			c.steps = append(c.steps, s)
		case "refused:":
			c.refused = rest
		case "part":
			c.part = true
		case "deps":
			c.deps = strings.Fields(rest)
		case "fused":
			what, s, _ := strings.Cut(rest, " ")
			switch what {
			case "has":
				c.has = append(c.has, s)
			case "lacks":
				c.lacks = append(c.lacks, s)
			case "counts":
				name, n, _ := strings.Cut(s, " ")
				if c.counts[name], err = strconv.Atoi(n); err != nil {
					return nil, bad
				}
			default:
				return nil, bad
			}
		default:
			return nil, bad
		}
	}
	if len(c.steps) == 0 && c.traps == "" && c.refused == "" && !c.part && len(c.has)+len(c.lacks)+len(c.counts) == 0 {
		return nil, fmt.Errorf("%s: nothing to do with it", name)
	}
	return c, nil
}

// loadCases reads all cases. Orphans, and texts that are newer than their binaries, are errors.
func loadCases(t testing.TB) []*testCase {
	t.Helper()
	wats, err := filepath.Glob(filepath.Join(casesDir, "*.wat"))
	if err != nil || len(wats) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	var cases []*testCase
	for _, w := range wats {
		name := strings.TrimSuffix(filepath.Base(w), ".wat")
		text, err := os.ReadFile(w)
		if err != nil {
			t.Fatal(err)
		}
		wasm, err := os.ReadFile(strings.TrimSuffix(w, ".wat") + ".wasm")
		if err != nil {
			t.Fatalf("%v: run testdata/build.sh", err)
		}
		c, err := parseCase(name, string(text), wasm)
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	return cases
}

// TestCasesBuilt holds the binaries against the texts: every text has a binary made from it, and no binary is left over.
func TestCasesBuilt(t *testing.T) {
	for dir, texts := range map[string]string{casesDir: "*.wat", worldsDir: "*.wit"} {
		sums, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, pattern := range []string{texts, "*.wasm"} {
			files, err := filepath.Glob(filepath.Join(dir, pattern))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				b, err := os.ReadFile(f)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, fmt.Sprintf("%x  %s", sha256.Sum256(b), filepath.Base(f)))
			}
		}
		if d := cmp.Diff(sorted(strings.Split(strings.TrimSpace(string(sums)), "\n")), sorted(got)); d != "" {
			t.Errorf("%s: run testdata/build.sh (-built +found):\n%s", dir, d)
		}
	}
}

func sorted(s []string) []string {
	slices.Sort(s)
	return s
}

// inputs gives a case's inputs.
func (c *testCase) inputs(t testing.TB) fusecore.Inputs {
	t.Helper()
	in := fusecore.Inputs{Root: c.root}
	for _, d := range c.deps {
		b, err := os.ReadFile(filepath.Join(casesDir, d+".wasm"))
		if err != nil {
			t.Fatal(err)
		}
		in.Deps = append(in.Deps, fusecore.Input{Name: d + ".wasm", Bytes: b})
	}
	return in
}

// play does a case's steps with a component and gives what was seen, one line a step.
func (c *testCase) play(wasm []byte) (seen []string, err error) {
	funcs := map[string]wasmtime.HostFunc{}
	var calls []string
	for name, result := range c.host {
		funcs[name] = func(args []string) (string, error) {
			calls = append(calls, wasmtime.HostCall{Name: name, Args: args, Result: result}.String())
			return result, nil
		}
	}
	e := wasmtime.New(wasmtime.Options{Funcs: funcs, Timeout: 20 * time.Second})
	defer e.Close()
	in, err := e.Load(wasm)
	if c.traps != "" && wasmtime.IsTrap(err) {
		seen = []string{"instantiate => " + trapped(err)}
		if len(c.steps) > 0 {
			seen = append(seen, strings.TrimSpace("log "+strings.Join(calls, "; ")))
		}
		return seen, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { in.Close() }()
	logged := 0
	fresh := func() error {
		in.Close()
		logged = 0
		in, err = e.Load(wasm)
		return err
	}
	dead := false
	for _, s := range c.steps {
		switch {
		case s.log:
			var l []string
			for _, h := range in.Log()[logged:] {
				l = append(l, h.String())
			}
			logged = len(in.Log())
			seen = append(seen, strings.TrimSpace("log "+strings.Join(l, "; ")))
		case s.fresh || dead:
			if err := fresh(); err != nil {
				return seen, err
			}
			dead = false
			if s.fresh {
				seen = append(seen, "fresh")
				continue
			}
			fallthrough
		default:
			result, err := in.Call(s.name, s.args...)
			if err != nil && !wasmtime.IsTrap(err) {
				return seen, err
			}
			if err != nil {
				result, dead = trapped(err), true
			}
			seen = append(seen, strings.TrimSpace("call "+strings.TrimSpace(s.name+" "+strings.Join(s.args, " | "))+" => "+result))
		}
	}
	return seen, nil
}

// trapped says how a call trapped: in the function of a rule, in a function of a guest, or, which must not be, in another
// function of ours.
func trapped(err error) string {
	var t *wasmtime.Trap
	switch {
	case !errors.As(err, &t) || !generated(t.Frame()):
		return "trap"
	case strings.HasPrefix(t.Frame(), trap.Prefix):
		return t.Frame()
	}
	return "trap without a rule, in " + t.Frame()
}

// generated reports whether a fused module's function of this name is ours: those of guests have no name, or one that begins
// with the path of their instance. The start function is left out, which applies the guests' segments.
func generated(name string) bool {
	return name != "" && name != "start" && !strings.HasPrefix(name, "root")
}

var rule = regexp.MustCompile(`=> trap\b.*`)

// unruled leaves the rules of traps out, which un-fused components do not have.
func unruled(lines []string) (out []string) {
	for _, l := range lines {
		out = append(out, rule.ReplaceAllString(l, "=> trap"))
	}
	return out
}

func (c *testCase) want() (lines []string) {
	if c.traps != "" {
		lines = []string{"instantiate => " + c.traps}
	}
	for _, s := range c.steps {
		lines = append(lines, s.line)
	}
	return lines
}

// TestCases holds the fused form of every case, and its un-fused form in wasmtime, to what the case says.
func TestCases(t *testing.T) {
	composedWant := newComposedWant(t)
	for _, c := range loadCases(t) {
		t.Run(c.name, func(t *testing.T) {
			if c.part {
				return
			}
			in := c.inputs(t)
			out, err := fusecore.Fuse(in, fusecore.Options{})
			if c.refused != "" {
				if err == nil || !strings.Contains(err.Error(), c.refused) {
					t.Fatalf("Fuse: %v, want %q", err, c.refused)
				}
				return
			}
			if err != nil {
				t.Fatalf("Fuse: %v", err)
			}
			c.text(t, out.Wasm)
			c.code(t, out.Wasm)
			if len(c.want()) == 0 {
				return
			}
			composed, err := fusecore.Compose(in, fusecore.Options{})
			if err != nil {
				t.Fatal(err)
			}
			key := "cases/" + c.name
			seen, err := c.play(composed.Wasm)
			if err != nil {
				t.Logf("composed, in %s: %v", wasmtime.Name(), err)
				seen = append(seen, refusedByEngine)
			}
			seen = unruled(seen)
			if os.Getenv("UPDATE_GOLDEN") != "" && err == nil && c.traps == "" && composedWant.listed(key) == nil && !slices.Equal(unruled(c.want()), seen) {
				c.update(t, seen)
			}
			composedWant.check(t, key, unruled(c.want()), seen)
			seen, err = c.play(out.Wasm)
			if err != nil {
				t.Errorf("fused, in %s: %v", wasmtime.Name(), err)
			}
			if os.Getenv("UPDATE_GOLDEN") != "" && err == nil && slices.Equal(unruled(c.want()), unruled(seen)) {
				c.update(t, seen)
			}
			if d := cmp.Diff(c.want(), seen); d != "" {
				t.Errorf("fused, in %s (-want +got):\n%s", wasmtime.Name(), d)
			}
		})
	}
}

// update writes down what the un-fused component did, which the case is held to afterwards.
func (c *testCase) update(t *testing.T, seen []string) {
	file := filepath.Join(casesDir, c.name+".wat")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for i, line := range c.want() {
		text = strings.Replace(text, ";;! "+line+"\n", ";;! "+seen[i]+"\n", 1)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// text checks what a case says of the fused component's text.
func (c *testCase) text(t *testing.T, wasm []byte) {
	if len(c.has)+len(c.lacks) == 0 {
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
	for _, s := range c.has {
		if !strings.Contains(text, s) {
			t.Errorf("the fused component has no %q", s)
		}
	}
	for _, s := range c.lacks {
		if strings.Contains(text, s) {
			t.Errorf("the fused component has %q", s)
		}
	}
}

// code checks what a case says of the instructions in the fused component's core modules.
func (c *testCase) code(t *testing.T, wasm []byte) {
	if len(c.counts) == 0 {
		return
	}
	got := map[string]int{}
	for name := range c.counts {
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
	if d := cmp.Diff(c.counts, got); d != "" {
		t.Errorf("instructions (-want +got):\n%s", d)
	}
}

// coreModules gives the core modules of a component that has no component in it.
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
