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

// domains is what partitions with as many domains as possible have in common.
type domains struct{ several, one, instances, together int }

// alone fuses a graph into as many domains as possible.
func (d *domains) alone(t testing.TB, in fusecore.Graph) []byte {
	t.Helper()
	return wasmOf(t, fuseWith(fusecore.FuseOptions{}.Alone(func(g *graph.Graph, p *partition.Partition) {
		if len(p.Domains) > 1 {
			d.several++
		} else {
			d.one++
		}
		for _, x := range p.Domains {
			d.instances += len(x.Insts)
			if len(x.Insts) > 1 {
				d.together += len(x.Insts)
				for _, i := range x.Insts {
					t.Logf("together: %s", g.Insts[i].Path)
				}
			}
		}
	})), in)
}

// TestDomains plays all scripts with outputs in which as many instances as possible are domains of their own. They must
// do what the output with one domain does, or what the composition does where the engine deviates from the
// specification.
func TestDomains(t *testing.T) {
	var d domains
	for _, c := range []collection{cases, resources, examples} {
		for _, s := range c.load(t) {
			if s.Part || s.Refused+s.Kept != "" {
				continue
			}
			for _, g := range s.Graphs {
				t.Run(fmt.Sprintf("%s/%s", c.name, g.Name), func(t *testing.T) {
					sub := &subject{g.Name, s, c.inputs(t, g, s.Plugs)}
					composed := sub.compose(t)
					alone := d.alone(t, sub.in)
					checkOutput(t, composed, alone)
					comparePlayed(t, s, composed, sub.fuse(t), alone)
				})
			}
		}
	}
	t.Logf("%+v", d)
}

// deviates has the sections of scripts in which engines do what neither form does.
var deviates = map[string]string{
	// The caller catches an exception that leaves two other components on its way, and so their calls do not end.
	"exc-no-tag-relay": "wasmtime 42",
}

// comparePlayed plays a script with an output, and compares what it does with the output of one domain, or with the
// composition.
func comparePlayed(t *testing.T, s *script.Script, composed, fused, alone []byte) {
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
		got, want := play(alone, x), play(fused, x)
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
