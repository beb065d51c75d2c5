package fusecore_test

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/internal/golden"
)

// consistentDetails returns an error if the details of a report contradict each other, the rest, or the output.
func consistentDetails(out *fusecore.Result) error {
	r := out.Report
	if r.Details == nil {
		if len(r.Kept) == 1 && r.Kept[0].Path == "root" {
			return nil
		}
		return fmt.Errorf("there are no details")
	}
	domain := map[string]int{fusecore.HostPath: -2}
	var after fusecore.Size
	for _, in := range r.Instances {
		domain[in.Path] = in.Domain
		after.Code += in.After.Code
		after.Data += in.After.Data
		after.Names += in.After.Names
		if in.Domain >= 0 && !slices.ContainsFunc(r.Domains[in.Domain].Members, func(m fusecore.ReportedComponent) bool { return m.Path == in.Path }) {
			return fmt.Errorf("%v is no member of domain %d", in, in.Domain)
		}
	}
	if n := len(r.Instances); n != r.Components {
		return fmt.Errorf("%d instances of %d", n, r.Components)
	}
	g := r.Sizes.Generated
	if s := r.Sizes.Guests; s.Code != after.Code || s.Data != after.Data || s.Code+s.Data+s.Names+g.Code+g.Data+g.Names > r.Sizes.Output {
		return fmt.Errorf("sizes %+v of parts that are %+v", r.Sizes, after)
	}
	if n := len(out.Bytes()); r.Sizes.Output != n {
		return fmt.Errorf("the output has %d bytes", n)
	}
	wasm := out.Bytes()
	composed := 0
	for _, b := range r.Boundaries {
		from, known := domain[b.Caller.Path]
		to, too := domain[b.Callee.Path]
		inside := from == to && from >= 0
		switch {
		case !known || !too:
			return fmt.Errorf("boundary between %s and %s", b.Caller.Path, b.Callee.Path)
		case from != -2 && to != -2 && inside == (b.Class == fusecore.ClassComposed):
			return fmt.Errorf("%s from domain %d to %d is %s", b.Function, from, to, b.Class)
		case b.Reason == "" || b.Type == "" || inside && b.Class != fusecore.ClassDirect && b.Adapter == nil:
			return fmt.Errorf("boundary %+v", b)
		case b.Adapter != nil && b.Adapter.Left && r.Names != nil && !bytes.Contains(wasm, []byte(b.Adapter.Name)):
			return fmt.Errorf("no function of the output has the name %s", b.Adapter.Name)
		}
		if b.Class == fusecore.ClassComposed && from != -2 && to != -2 && from != -1 {
			composed++
		}
	}
	if composed > r.Calls.Composed {
		return fmt.Errorf("%d composed calls of %d", composed, r.Calls.Composed)
	}
	if len(r.Features) == 0 || r.Memories == nil {
		return fmt.Errorf("features %v, memories %v", r.Features, r.Memories)
	}
	return nil
}

// TestBoundaries compares what the report says about the boundaries of some graphs, and who needs their imports, with a file.
func TestBoundaries(t *testing.T) {
	var b strings.Builder
	for _, g := range []struct {
		name, root string
		deps       []string
	}{
		{"copies and conversions", "../examples/three/root.wasm", []string{"../examples/three/words.wasm", "../examples/three/stats.wasm"}},
		{"handles", "../examples/diamond/c.wasm", []string{"../examples/diamond/p.wasm", "../examples/diamond/q.wasm"}},
		{"async functions", "../examples/web/gate.wasm", []string{"../examples/web/app.wasm", "../examples/web/pages.wasm", "../examples/web/markup.wasm"}},
		{"imports", "../examples/wasi-command/command.wasm", []string{"../examples/wasi-command/formatter.wasm"}},
		{"a realloc that leaves", "testdata/cases/calls-realloc-leaves.wasm", nil},
	} {
		in := single(g.root, readFile(t, g.root))
		for _, dep := range g.deps {
			in.Deps = append(in.Deps, fusecore.Input{Name: dep, Bytes: readFile(t, dep)})
		}
		out, err := fusecore.Fuse(t.Context(), in, fusecore.FuseOptions{Details: true})
		if err != nil {
			t.Fatal(err)
		}
		r := out.Report
		fmt.Fprintf(&b, "# %s\n", g.name)
		for _, x := range r.Boundaries {
			fmt.Fprintf(&b, "%s > %s: %s: %s\n  %s: %s\n", x.Caller.Path, x.Callee.Path, x.Function, x.Type, x.Class, x.Reason)
			if len(x.Copies) > 0 {
				fmt.Fprintf(&b, "  copies %q, encodings %q\n", x.Copies, x.Encodings)
			}
			if x.Unused {
				b.WriteString("  unused\n")
			}
			for _, guard := range x.Guards {
				fmt.Fprintf(&b, "  %s: %s: %s %q\n", guard.Name, guard.Does, guard.Reason, guard.Steps)
			}
			if a := x.Adapter; a != nil {
				fmt.Fprintf(&b, "  adapter %q, inlined %d, left %v\n", a.Name, a.Inlined, a.Left)
			}
		}
		for _, table := range r.Tables {
			fmt.Fprintf(&b, "table of %s: %s: %s: %v\n", table.Path, table.Keeper, table.Reason, table.Resources)
		}
		for _, im := range r.Imports {
			fmt.Fprintf(&b, "import %s %s\n", im.Kind, im.Name)
			for _, u := range im.Users {
				fmt.Fprintf(&b, "  %s %q\n", u.Path, u.Way)
			}
		}
		for _, f := range r.Features {
			fmt.Fprintf(&b, "feature %s %q\n", f.Name, f.In)
		}
	}
	golden.Check(t, "testdata/boundaries.txt", b.String())
}

// TestSizes checks sizes against those that are known otherwise: the same module before and after, without any change, and the
// functions that shaking has counted.
func TestSizes(t *testing.T) {
	for _, o := range []fusecore.FuseOptions{
		{Optimize: fusecore.OptimizeNone, NoShake: true}, {}, {Strip: fusecore.StripNames}, {Memory: fusecore.SingleMemory},
		{Emit: fusecore.EmitModule},
	} {
		o.Details = true
		out, err := fuseWith(o)(benchInputs(t))
		if err != nil {
			t.Fatal(err)
		}
		left := map[string]int{}
		for _, x := range out.Report.Removed {
			left[x.Path] = x.Left
		}
		for _, in := range out.Report.Instances {
			for _, m := range in.Modules {
				if m.After == (fusecore.Size{}) { // nothing needs the instance
					continue
				}
				if n, some := left[m.Path]; some && n != m.After.Functions || !some && m.After.Functions != m.Before.Functions {
					t.Errorf("%+v: %s has %d functions of %d, %d are left", o, m.Path, m.After.Functions, m.Before.Functions, n)
				}
				if o.NoShake && (m.After.Code < m.Before.Code || m.After.Data != m.Before.Data) {
					t.Errorf("not shaken, %s has %+v of %+v", m.Path, m.After, m.Before)
				}
				if o.Strip != fusecore.StripNothing && m.After.Names > 0 {
					t.Errorf("stripped, %s has names", m.Path)
				}
			}
		}
		size := 0
		for _, h := range out.Report.Helpers {
			size += h.Bytes
		}
		for _, b := range out.Report.Boundaries {
			if b.Adapter != nil && b.Adapter.Left {
				size += cmp.Compare(b.Adapter.Bytes, 0)
			}
		}
		if g := out.Report.Sizes.Generated; size > g.Code || g.Code == 0 {
			t.Errorf("%+v: helpers have %d bytes of %+v", o, size, g)
		}
	}
}

// TestNoDetails checks that a report only has details if they are asked for.
func TestNoDetails(t *testing.T) {
	out, err := fuse(benchInputs(t))
	if err != nil || out.Report.Details != nil {
		t.Errorf("details %v (%v)", out.Report.Details, err)
	}
	if text := asJSON(t, out.Report); bytes.Contains(text, []byte("boundaries")) {
		t.Errorf("%s", text)
	}
}

// TestSchemaStrict checks that the schema refuses what a report does not have.
func TestSchemaStrict(t *testing.T) {
	text, err := os.ReadFile("report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if objects, closed := bytes.Count(text, []byte(`"type": "object"`)), bytes.Count(text, []byte(`"additionalProperties": false`)); objects != closed || objects < 20 {
		t.Errorf("%d objects, of which %d admit no other fields", objects, closed)
	}
}
