package fusecore_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/output/strip"
)

// TestStrip checks that stripped outputs of all scripts are the others without sections, also where components are kept.
func TestStrip(t *testing.T) {
	smaller := 0
	for _, c := range []collection{cases, async, resources, examples, asyncExamples} {
		for _, s := range c.load(t) {
			if s.Part || s.Refused != "" {
				continue
			}
			for _, g := range s.Graphs {
				in := c.inputs(t, g, s.Plugs)
				plain, err := fusecore.Fuse(context.Background(), in, fusecore.FuseOptions{})
				if err != nil {
					t.Fatalf("%s: %v", g.Name, err)
				}
				for option, what := range map[fusecore.Strip]strip.What{fusecore.StripNames: strip.Names, fusecore.StripAll: strip.Customs} {
					out, err := fusecore.Fuse(context.Background(), in, fusecore.FuseOptions{Strip: option})
					if err != nil {
						t.Fatalf("%s: %v", g.Name, err)
					}
					if want := strip.Bytes(plain.Bytes(), what); !bytes.Equal(out.Bytes(), want) {
						t.Errorf("%s/%s: %d bytes, want %d as the output without these sections has", c.name, g.Name, len(out.Bytes()), len(want))
					}
					if len(out.Bytes()) < len(plain.Bytes()) {
						smaller++
					}
				}
			}
		}
	}
	if smaller < 200 {
		t.Errorf("only %d outputs have become smaller", smaller)
	}
}

// TestStripWorld checks that a bare module keeps its world, and nothing else of its custom sections.
func TestStripWorld(t *testing.T) {
	o := fusecore.FuseOptions{Emit: fusecore.EmitModule, Strip: fusecore.StripAll}
	out, err := fusecore.Fuse(context.Background(), benchInputs(t), o)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{"component-type": 1, "producers": 0, "caller/": 0} {
		if n := bytes.Count(out.Bytes(), []byte(text)); n != want {
			t.Errorf("%q is there %d times, want %d", text, n, want)
		}
	}
	if _, err := newComponent(out.Bytes()); err != nil {
		t.Error(err)
	}
}
