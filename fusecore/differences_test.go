package fusecore_test

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/internal/golden"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// differencesFile lists all deviations of a runtime's answers for a composition from the specification. The case itself
// checks the fused form against the specification, and this list the composition: if a runtime is fixed, the test fails
// until its entry is removed.
const differencesFile = "testdata/differences.json"

// difference is one rule that a runtime does not follow.
type difference struct {
	// Difference is the heading of the item in ARCHITECTURE.md, "Differences from runtimes".
	Difference string `json:"difference"`
	// Specification is the deciding place, and what it says.
	Specification string `json:"specification"`
	// Seen has, by case, the composition's behaviour in engines that deviate from the specification. A case is a
	// section of a script: "COLLECTION/SCRIPT", with the section's name or number (script.Key).
	Seen map[string][]*answers `json:"seen"`
}

// answers are those of the engines with these names.
type answers struct {
	Engines []string `json:"engines"`
	Answers []string `json:"answers"`
}

// loadDifferences reads the list.
func loadDifferences(t testing.TB) []*difference {
	t.Helper()
	var list []*difference
	if err := json.Unmarshal(readFile(t, differencesFile), &list); err != nil {
		t.Fatalf("%s: %v", differencesFile, err)
	}
	return list
}

// composedWant checks the compositions of a test.
type composedWant struct {
	list    []*difference
	changed bool
}

// newComposedWant reads the list of differences, and with UPDATE_GOLDEN=1 rewrites it when the test ends.
func newComposedWant(t *testing.T) *composedWant {
	w := &composedWant{list: loadDifferences(t)}
	t.Cleanup(func() {
		if !w.changed {
			return
		}
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(w.list); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(differencesFile, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	})
	return w
}

// listed returns the difference that a case shows, or nil.
func (w *composedWant) listed(key string) *difference {
	for _, d := range w.list {
		if _, ok := d.Seen[key]; ok {
			return d
		}
	}
	return nil
}

// update records this engine's answers; nil means those of the specification.
func (d *difference) update(key string, got []string) {
	var groups []*answers
	for _, a := range d.Seen[key] {
		a.Engines = slices.DeleteFunc(a.Engines, func(name string) bool { return name == wasmtime.Name() })
		if got != nil && slices.Equal(a.Answers, got) {
			a.Engines, got = append(a.Engines, wasmtime.Name()), nil
		}
		if len(a.Engines) > 0 {
			groups = append(groups, a)
		}
	}
	if got != nil {
		groups = append(groups, &answers{[]string{wasmtime.Name()}, got})
	}
	for _, a := range groups {
		slices.Sort(a.Engines)
	}
	slices.SortFunc(groups, func(a, b *answers) int { return strings.Compare(a.Engines[0], b.Engines[0]) })
	d.Seen[key] = groups
}

// check compares a composition's answers with those of the specification, or with those that the list has for this
// engine.
func (w *composedWant) check(t *testing.T, key string, want, got []string) {
	t.Helper()
	d := w.listed(key)
	if d != nil && golden.Update {
		w.changed = true
		if slices.Equal(want, got) {
			got = nil
		}
		d.update(key, got)
		return
	}
	if d != nil {
		for _, a := range d.Seen[key] {
			if !slices.Contains(a.Engines, wasmtime.Name()) {
				continue
			}
			if slices.Equal(want, a.Answers) {
				t.Errorf("%s: %q in %s is what the specification says", differencesFile, key, wasmtime.Name())
			}
			want = a.Answers
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("composed, in %s (-want +got):\n%s", wasmtime.Name(), d)
	}
}

// TestDifferences compares the list with the existing cases, and with the documentation.
func TestDifferences(t *testing.T) {
	known := map[string]bool{}
	for _, c := range []collection{cases, async, resources, examples, asyncExamples} {
		for _, s := range c.load(t) {
			for _, x := range s.Sections {
				known[c.name+"/"+s.Key(x)] = true
			}
		}
	}
	text := string(readFile(t, "ARCHITECTURE.md"))
	_, section, ok := strings.Cut(text, "\n## Differences from runtimes\n")
	if !ok {
		t.Fatal("ARCHITECTURE.md has no section on the differences from runtimes")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^- \*\*(.*)\.\*\*`).FindAllStringSubmatch(section, -1) {
		documented[m[1]] = true
	}
	for _, d := range loadDifferences(t) {
		if !documented[d.Difference] {
			t.Errorf("ARCHITECTURE.md does not say: %s", d.Difference)
		}
		delete(documented, d.Difference)
		if d.Specification == "" {
			t.Errorf("%s: nothing decides", d.Difference)
		}
		for key, seen := range d.Seen {
			if !known[key] {
				t.Errorf("%s: there is no case %q", d.Difference, key)
			}
			if len(seen) == 0 {
				t.Errorf("%s: every engine agrees on %q", d.Difference, key)
			}
		}
	}
	for name := range documented {
		t.Errorf("ARCHITECTURE.md has a difference that no case shows: %s", name)
	}
}
