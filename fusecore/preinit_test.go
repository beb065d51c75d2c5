package fusecore_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/engine/preinit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/script"
	"github.com/wasmfuse/rules_wasm_fuse/internal/golden"
	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wazerun"
)

// preinitFile lists the graphs whose fused module cannot be initialised beforehand, with the reason.
const preinitFile = "testdata/preinit.txt"

// initialised is an engine for core modules that are initialised before they are compiled.
type initialised struct {
	runner.Engine
	t *testing.T
}

// Load implements runner.Engine.
func (e initialised) Load(module []byte) (runner.Instance, error) {
	out, err := preinit.Module(e.t.Context(), "module.wasm", module, preinit.Options{})
	if err != nil {
		return nil, err
	}
	return e.Engine.Load(out.Wasm)
}

// TestPreinit plays the scripts of cases, resources and examples with fused modules that have been initialised beforehand. Each
// answers like the one that its host initialises.
func TestPreinit(t *testing.T) {
	var refused strings.Builder
	played := 0
	for _, c := range []collection{cases, resources, examples} {
		for _, s := range c.load(t) {
			if s.Part || s.Async || s.Refused+s.Kept != "" {
				continue
			}
			plain, before := modulePlayer(t, s, false), modulePlayer(t, s, true)
			for _, g := range s.Graphs {
				r, err := fusecore.Fuse(t.Context(), c.inputs(t, g, s.Plugs), fusecore.FuseOptions{Emit: fusecore.EmitModule, Memory: fusecore.SingleMemory,
					WASI: fusecore.Preview1, NoNetwork: true})
				if err != nil {
					continue // TestForms lists what has no such form
				}
				for _, x := range s.Sections {
					want, failed := plain.Play(r.Bytes(), x)
					if failed != nil {
						break // TestWazero lists these
					}
					got, err := before.Play(r.Bytes(), x)
					if err != nil {
						fmt.Fprintf(&refused, "%s/%s: %s\n", c.name, g.Name, firstLine(err))
						break
					}
					played++
					if d := differing(script.Lines(want, true), script.Lines(got, true)); d != "" {
						t.Errorf("%s/%s%s:\n%s", c.name, g.Name, strings.TrimPrefix(s.Key(x), s.Name), d)
					}
				}
			}
			plain.Close()
			before.Close()
		}
	}
	t.Logf("%d sections were played", played)
	golden.Check(t, preinitFile, refused.String())
}

// modulePlayer returns a player of core modules in wazero.
func modulePlayer(t *testing.T, s *script.Script, before bool) *script.Player {
	t.Helper()
	p, err := s.PlayerIn(func(o wasmtime.Options) (runner.Engine, error) {
		e, err := wazerun.New(runner.Options{WASI: o.WASI, Funcs: o.Funcs, Resources: o.Resources, Timeout: o.Timeout}, wazerun.Settings{})
		if err != nil || !before {
			return e, err
		}
		return initialised{e, t}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}
