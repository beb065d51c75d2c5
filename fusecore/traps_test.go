package fusecore_test

import (
	"os"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
	"github.com/wasmfuse/rules_wasm_fuse/internal/golden"
)

// TestTrapRules checks that some case violates every rule, and that the fused component traps in the rule's function
// (see TestCases). Rules that the text format cannot violate, or only with gigabytes, are tested elsewhere.
func TestTrapRules(t *testing.T) {
	broken := map[string]bool{}
	for _, s := range cases.subjects(t) {
		for _, x := range s.s.Sections {
			for _, step := range x.Steps {
				if step.Rule != "" {
					broken[trap.Prefix+step.Rule] = true
				}
			}
		}
	}
	elsewhere := map[trap.Rule]string{
		trap.NoOtherThread: "TestThreadArguments",
		trap.TableFull:     "handles, TestAllocate",
		trap.OutOfMemory:   "handles, TestExhaustion",
	}
	names := map[string]bool{}
	for _, r := range trap.Rules() {
		i := r.Info()
		if i.Name == "" || i.Advice == "" || names[i.Name] {
			t.Errorf("rule %d: no name of its own, or no advice: %+v", r, i)
		}
		names[i.Name] = true
		if broken[r.Function()] == (elsewhere[r] != "") {
			t.Errorf("%q: broken by a case: %v, tested elsewhere: %q", r.Function(), broken[r.Function()], elsewhere[r])
		}
		delete(broken, r.Function())
	}
	for name := range broken {
		t.Errorf("a case breaks %q, which is no rule", name)
	}
}

// TestTrapSites checks that the generated code of all examples and cases has `unreachable` only in the functions of
// rules and directly after calls of them, and that those functions exist only if they are called.
func TestTrapSites(t *testing.T) {
	sites := 0
	check := func(name string, in fusecore.Graph) {
		for _, o := range []fusecore.FuseOptions{{}, {Features: fusecore.Baseline}} {
			o.Optimize, o.NoShake = fusecore.OptimizeNone, true
			sites += trapSites(t, name, fuseModule(t, in, fuseWith(o)))
		}
	}
	for _, s := range append(examples.subjects(t), cases.subjects(t)...) {
		if s.oneModule(t) {
			check(s.name, s.in)
		}
	}
	if sites < 1000 {
		t.Errorf("only %d calls of rules' functions were found", sites)
	}
}

// trapSites counts the calls of rules' functions in a fused module.
func trapSites(t *testing.T, name string, fused *fusedModule) (sites int) {
	m := fused.m
	first := m.NumImported(corewasm.ExternFunc)
	rules, called := map[uint32]string{}, map[uint32]bool{}
	for i := range m.Code {
		f := first + uint32(i)
		if n := m.Names.Func(f); strings.HasPrefix(n, trap.Prefix) {
			rules[f] = n
		}
	}
	for i := range m.Code {
		f := first + uint32(i)
		n := m.Names.Func(f)
		if fused.owners[corewasm.ExternFunc][f] != private || rules[f] != "" {
			continue
		}
		var before op.Instr
		r := op.NewReader(m.Code[i].Code, 0)
		for r.Next() {
			switch {
			case r.In.Op == op.Call && rules[r.In.Index] != "":
				called[r.In.Index] = true
				sites++
			case r.In.Op == op.Unreachable && (before.Op != op.Call || rules[before.Index] == ""):
				t.Errorf("%s: %s: a trap without a rule", name, n)
			case before.Op == op.Call && rules[before.Index] != "" && r.In.Op != op.Unreachable:
				t.Errorf("%s: %s: code goes on where %q trapped", name, n, rules[before.Index])
			}
			before = r.In
		}
		if r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	seen := map[string]bool{}
	for f, n := range rules {
		if !called[f] || seen[n] {
			t.Errorf("%s: %q is not called, or there twice", name, n)
		}
		seen[n] = true
	}
	return sites
}

// TestTrapDocs compares TRAPS.md with the rules.
func TestTrapDocs(t *testing.T) {
	const file, begin, end = "TRAPS.md", "<!-- rules -->\n", "<!-- end of rules -->\n"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(b), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("%s has no place for the rules", file)
	}
	var rows strings.Builder
	rows.WriteString("| innermost frame | rule | where to look |\n|---|---|---|\n")
	for _, r := range trap.Rules() {
		i := r.Info()
		section := "limit of the fused module"
		if i.Section != "" {
			section = "CanonicalABI.md, \"" + i.Section + "\""
		}
		rows.WriteString("| `" + r.Function() + "` | " + section + " | " + i.Advice + " |\n")
	}
	golden.Check(t, file, before+begin+rows.String()+end+after)
}
