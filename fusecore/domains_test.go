package fusecore_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/partition"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/script"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/wasmtools"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// Reasons why instances stay together.
const (
	mutual = "an instance and one inside it call each other"
	drops  = "an instance and one inside it drop each other's resources"
	early  = "a start function calls an ancestor that has core instances left to create"
)

// together has the graphs of scripts in which instances cannot be divided.
var together = map[string]string{
	"cases/donut": mutual, "cases/donut-start": mutual, "cases/donut-start-traps": mutual, "cases/donut-strings": mutual,
	"async/domain-donut": mutual,
	"cases/seg-donut":    early, "cases/shim-donut": early,
	"resources/ancestors": mutual, "resources/ancestors-both": mutual, "resources/ancestors-dtor": mutual,
	"resources/donut-dtor": drops,
}

// TestDomains plays all scripts with outputs in which as many instances as possible are domains of their own, and with
// outputs in which pairs of these are. They must do what the output with one domain does, or what the composition does
// where the engine deviates from the specification.
func TestDomains(t *testing.T) {
	all, ran, several, instances := 0, 0, 0, 0
	for _, c := range []collection{cases, async, resources, examples, asyncExamples} {
		for _, s := range c.load(t) {
			if s.Part || s.Refused+s.Kept != "" || !s.Playable() {
				continue
			}
			for _, g := range s.Graphs {
				name := fmt.Sprintf("%s/%s", c.name, g.Name)
				all++
				t.Run(name, func(t *testing.T) {
					ran++
					sub := &subject{g.Name, s, c.inputs(t, g, s.Plugs)}
					composed := sub.compose(t)
					n := playRuns(t, sub, composed, 1, func(p *partition.Partition) {
						joined := slices.ContainsFunc(p.Domains, func(d partition.Domain) bool { return len(d.Insts) > 1 })
						if _, listed := together[name]; joined != listed {
							t.Errorf("some instances are together: %v; listed: %v", joined, listed)
						}
					})
					if instances += n; n > 1 {
						several++
					}
					if n > 2 && c.name != async.name && c.name != asyncExamples.name { // pairs may have two async members
						playRuns(t, sub, composed, 2, func(*partition.Partition) {})
					}
				})
			}
		}
	}
	t.Logf("%d outputs with several domains; %d domains", several, instances)
	if ran == all && several < 90 {
		t.Errorf("only %d outputs have several domains", several)
	}
}

// playRuns plays a subject's script with an output in which each run of n instances is a domain, and returns the number of
// domains.
func playRuns(t *testing.T, s *subject, composed []byte, n int, check func(*partition.Partition)) (domains int) {
	t.Helper()
	output := wasmOf(t, fuseWith(fusecore.FuseOptions{}.Runs(n, func(_ *graph.Graph, p *partition.Partition) {
		domains = len(p.Domains)
		check(p)
	})), s.in)
	checkOutput(t, composed, output)
	comparePlayed(t, s.s, composed, s.fuse(t), output)
	return domains
}

// deviates has the sections of scripts in which engines do what neither form does.
var deviates = map[string]string{
	// The caller catches an exception that leaves two other components on its way, and so their calls do not end.
	"exc-no-tag-relay": "wasmtime 42",
}

// TestDomainsReentry plays testdata/reenter with as many domains as possible. The outer component's own flag refuses the
// host entry to one domain while another one calls the host, which engines without support for concurrency do not test.
func TestDomainsReentry(t *testing.T) {
	if !letsHostIn {
		t.Skipf("%s does not go on after a trap", wasmtime.Name())
	}
	all, err := script.LoadAll("testdata/reenter/*.wat")
	if err != nil {
		t.Fatal(err)
	}
	letIn := []string{"boundary", "records"} // the host enters another domain than the one that calls it
	for _, s := range all {
		if s.Part || slices.Contains(letIn, s.Name) {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			alone := fuseWith(fusecore.FuseOptions{}.Alone(func(*graph.Graph, *partition.Partition) {}))
			hold(t, s, wasmOf(t, alone, single(s.Name, reenterInput(t, s.Name))))
		})
	}
}

// comparePlayed plays a script with an output, and compares what it does with the output of one domain, or with the
// composition.
func comparePlayed(t *testing.T, s *script.Script, composed, fused, output []byte) {
	t.Helper()
	p := s.Player()
	defer p.Close()
	play := func(wasm []byte, x *script.Section) []string {
		seen, err := p.Play(wasm, x)
		if err != nil {
			t.Log(err)
		}
		return script.Lines(seen, false)
	}
	for _, x := range s.Sections {
		got, want := play(output, x), play(fused, x)
		if slices.Equal(got, want) || slices.Equal(got, play(composed, x)) || deviates[s.Key(x)] == wasmtime.Name() {
			continue
		}
		t.Errorf("%s, in %s (-one domain +several):\n%s", s.Key(x), wasmtime.Name(), cmp.Diff(want, got))
	}
}

// checkOutput has wasm-tools validate an output, and compare its world with that of the composition.
func checkOutput(t *testing.T, composed, output []byte) {
	t.Helper()
	tool, err := wasmtools.Find()
	if err != nil {
		t.Logf("not validated by another tool: %v", err)
		return
	}
	if err := tool.Validate(output); err != nil {
		if tool.Validate(composed) == nil {
			t.Error(err)
		}
		return
	}
	want, err := tool.WIT(composed)
	if err != nil {
		return // it cannot be written in WIT
	}
	got, err := tool.WIT(output)
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("WIT: %v (-composed +output):\n%s", err, d)
	}
}
