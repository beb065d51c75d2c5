package fusecore_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

// TestReportText checks the one line that says what was fused.
func TestReportText(t *testing.T) {
	named := func(name string) fusecore.ReportedComponent { return fusecore.ReportedComponent{Name: name} }
	edge := func(user, used, rule, reason string) fusecore.Edge {
		return fusecore.Edge{User: named(user), Used: named(used), Rule: rule, Reason: reason}
	}
	kept := func(name, reason string) fusecore.KeptComponent {
		return fusecore.KeptComponent{ReportedComponent: named(name), Reason: reason}
	}
	domains := func(n int) []fusecore.Domain { return make([]fusecore.Domain, n) }
	for _, c := range []struct {
		report fusecore.Report
		one    bool
		want   string
	}{
		{fusecore.Report{Components: 1, Fused: 1, Modules: 1, Domains: domains(1)}, true, "fused 1 of 1 component into 1 module"},
		{fusecore.Report{}, true, "fused nothing: no component has code"},
		{
			fusecore.Report{Components: 9, Fused: 9, Modules: 2, Domains: []fusecore.Domain{
				{}, {Async: &fusecore.AsyncComponent{ReportedComponent: named("a"), Reason: "x"}}}},
			false, "fused 9 of 9 components into 2 modules; a is async (x)",
		},
		{
			fusecore.Report{Components: 2, Fused: 2, Modules: 2, Domains: domains(2), Edges: []fusecore.Edge{edge("a", "b", "async", "it is async")}}, false,
			"fused 2 of 2 components into 2 modules; 1 edge async: a uses b (it is async)",
		},
		{
			fusecore.Report{Components: 9, Fused: 7, Modules: 2, Domains: domains(2),
				Edges: []fusecore.Edge{edge("a", "b", "r", "x"), edge("b", "c", "r", "y"), edge("c", "d", "q", "z"), edge("d", "k", "kept", "p")},
				Kept:  []fusecore.KeptComponent{kept("k", "p"), kept("l", "q")}}, false,
			`fused 7 of 9 components into 2 modules; 1 edge q, 2 edges r, 2 components kept: a uses b (x), b uses c (y), c uses d (z), k (p), l (q)`,
		},
		{
			fusecore.Report{Components: 5, Fused: 2, Modules: 1, Domains: domains(1), Kept: []fusecore.KeptComponent{
				kept("k", "p"), kept("l", strings.Repeat("q", 190)), kept("m", "r"), kept("n", strings.Repeat("s", 300))}},
			false, "fused 2 of 5 components into 1 module; 4 components kept: k (p), l (" + strings.Repeat("q", 190) + "), 2 more",
		},
		{
			fusecore.Report{Components: 2, Kept: []fusecore.KeptComponent{{ReportedComponent: fusecore.ReportedComponent{Name: "all", Path: "root"}, Reason: "p"}}},
			false, "fused none of 2 components; kept: all (p)",
		},
		{
			fusecore.Report{Components: 1, Kept: []fusecore.KeptComponent{kept("k", "p\n")}}, false,
			`fused none of 1 component; 1 component kept: k (p\n)`,
		},
	} {
		if got := c.report.String(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
		if got := c.report.OneModule(); got != c.one {
			t.Errorf("%s: one module is %v", c.want, got)
		}
	}
}

// TestReport checks the report of a whole fusion, and that JSON holds all of it.
func TestReport(t *testing.T) {
	in := benchInputs(t)
	in.Deps[0].Label = "//:callee"
	out, err := fuse(in)
	if err != nil {
		t.Fatal(err)
	}
	want := &fusecore.Report{Version: fusecore.ReportVersion, Components: 2, Fused: 2, Modules: 1, Edges: []fusecore.Edge{}, Kept: []fusecore.KeptComponent{}}
	want.Calls = out.Report.Calls
	want.Domains = []fusecore.Domain{{Members: []fusecore.ReportedComponent{
		{Name: "callee/Api", Path: "root/callee/Api", Input: "//:callee"},
		{Name: "caller.wasm", Path: "root/caller", Input: "caller.wasm"},
	}}}
	want.Names = []fusecore.CoreName{{Name: "Api", Path: "root/callee/Api/M"}, {Name: "caller", Path: "root/caller/M"}}
	for _, n := range want.Names {
		if !bytes.Contains(out.Bytes(), []byte(n.Name+"/")) {
			t.Errorf("no function of the output has a name that begins with %s/", n.Name)
		}
	}
	want.Removed = out.Report.Removed // see TestReportRemoved
	text := asJSON(t, out.Report)
	if !bytes.Equal(text, asJSON(t, want)) || want.Calls.Fused == 0 || want.Calls.Composed > 0 {
		t.Errorf("got %+v, want %+v", out.Report, want)
	}
	if stripped, err := fuseWith(fusecore.FuseOptions{Strip: fusecore.StripNames})(in); err != nil || stripped.Report.Names != nil ||
		bytes.Contains(stripped.Bytes(), []byte("caller/")) {
		t.Errorf("stripped of names: %v, %v", stripped.Report.Names, err)
	}
	var read fusecore.Report
	if err := json.Unmarshal(text, &read); err != nil || !bytes.Equal(asJSON(t, &read), asJSON(t, want)) {
		t.Errorf("%s, %v", text, err)
	}
}

func asJSON(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestReportRemoved checks what the report says of functions that nothing reaches, and of one that something does.
func TestReportRemoved(t *testing.T) {
	in := single("unreached", readFile(t, "testdata/cases/shake-unreached.wasm"))
	o := fusecore.FuseOptions{Optimize: fusecore.OptimizeNone}
	out, err := fuseWith(o)(in)
	if err != nil {
		t.Fatal(err)
	}
	want := []fusecore.Removed{{Path: "root/M", Functions: 2, Bytes: 6, Left: 3, LeftBytes: 25}}
	if !reflect.DeepEqual(out.Report.Removed, want) {
		t.Errorf("removed %+v, want %+v", out.Report.Removed, want)
	}
	for name, want := range map[string]string{
		"other": "[]", "used": "[[used run enter run is exported]]", "unused": "[]", "called": "[[called element segment 0 table 1 run enter run is exported]]",
	} {
		ways, known := out.Report.Why(name)
		if got := fmt.Sprint(ways); got != want || known != (name != "other") {
			t.Errorf("%s: %s (known: %v), want %s", name, got, known, want)
		}
	}
	o.NoShake = true
	if out, err = fuseWith(o)(in); err != nil || out.Report.Removed != nil {
		t.Errorf("not shaken: removed %+v (%v)", out.Report.Removed, err)
	}
}

// TestReports checks that the reports of all scripts' graphs are consistent, fit the schema, and are the same again.
func TestReports(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []collection{cases, async, examples} {
		for _, s := range c.load(t) {
			if s.Part || s.Refused != "" {
				continue
			}
			for _, g := range s.Graphs {
				in := c.inputs(t, g, s.Plugs)
				var texts [2]string
				for i := range texts {
					out, err := fusecore.Fuse(t.Context(), in, fusecore.FuseOptions{Details: true, Provenance: true})
					if err != nil {
						t.Fatalf("%s: %v", g.Name, err)
					}
					text := asJSON(t, out.Report)
					texts[i] = string(text)
					if err := consistent(out.Report); err != nil {
						t.Errorf("%s: %v: %s", g.Name, err, text)
					}
					if err := consistentDetails(out); err != nil {
						t.Errorf("%s: %v: %s", g.Name, err, text)
					}
					if value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text)); err != nil {
						t.Errorf("%s: %v", g.Name, err)
					} else if err := schema.Validate(value); err != nil {
						t.Errorf("%s: the report does not fit report.schema.json: %v", g.Name, err)
					}
				}
				if texts[0] != texts[1] {
					t.Errorf("%s: %s, and then %s", g.Name, texts[0], texts[1])
				}
			}
		}
	}
}

// consistent returns an error if parts of a report contradict each other.
func consistent(r *fusecore.Report) error {
	parts := map[string]int{} // the number of a component's domain, or of kept components
	for i, d := range r.Domains {
		members := map[string]bool{}
		for _, m := range d.Members {
			members[m.Path], parts[m.Path] = true, i
		}
		if d.Async != nil && !members[d.Async.Path] {
			return fmt.Errorf("%v is not a member", d.Async)
		}
	}
	if r.Fused != len(parts) || r.Modules != len(r.Domains) {
		return errors.New("numbers of components or modules")
	}
	for i, k := range r.Kept {
		parts[k.Path] = len(r.Domains) + i
	}
	if whole := len(r.Kept) == 1 && r.Kept[0].Path == "root"; !whole && r.Components != len(parts) {
		return errors.New("number of components")
	}
	for _, e := range r.Edges {
		from, known := parts[e.User.Path]
		to, too := parts[e.Used.Path]
		if !known || !too || from == to {
			return fmt.Errorf("edge %v", e)
		}
	}
	if text := r.String(); len(text) > 500 || strings.Contains(text, "\n") || strings.Contains(text, "%!") {
		return fmt.Errorf("text %q", text)
	}
	if r.OneModule() != (len(r.Reasons()) == 0) {
		return errors.New("reasons")
	}
	return nil
}
