package fusecore_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/engine/preinit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/script"
	"github.com/wasmfuse/rules_wasm_fuse/internal/golden"
	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wazerun"
)

// preinitFile lists the graphs whose fused module cannot be initialised beforehand, with the reason.
const preinitFile = "testdata/preinit.txt"

// preinitComponentsFile lists the graphs that cannot be initialised beforehand in other forms, with the reason.
const preinitComponentsFile = "testdata/preinit-components.txt"

// initialised is an engine for core modules that are initialised before they are compiled.
type initialised struct {
	runner.Engine
	t *testing.T
}

// Load implements runner.Engine.
func (e initialised) Load(module []byte) (runner.Instance, error) {
	out, err := preinit.File(e.t.Context(), "module.wasm", module, preinit.Options{})
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

// preinitForms are forms of output in which TestPreinitComponents initialises graphs.
var preinitForms = map[string]fusecore.FuseOptions{
	"component":        {},
	"component-single": {Memory: fusecore.SingleMemory},
	"module":           {Emit: fusecore.EmitModule},
}

// TestPreinitComponents plays the scripts of cases, resources and examples in wasmtime with components that have been initialised
// beforehand, and with components that wit-component makes of modules with several memories that have been. Each answers like the
// one that the engine initialises.
func TestPreinitComponents(t *testing.T) {
	var refused strings.Builder
	played := map[string]int{}
	for _, c := range []collection{cases, resources, examples} {
		for _, s := range c.load(t) {
			if s.Part || s.Async || s.Refused+s.Kept != "" {
				continue
			}
			p := s.Player()
			for _, g := range s.Graphs {
				for _, name := range slices.Sorted(maps.Keys(preinitForms)) {
					r, err := fusecore.Fuse(t.Context(), c.inputs(t, g, s.Plugs), preinitForms[name])
					if err != nil {
						continue // TestForms lists what has no such form
					}
					before, after, err := bothInitialised(t, r.Bytes())
					if err != nil {
						if !strings.Contains(err.Error(), "there is no initialisation to run") {
							fmt.Fprintf(&refused, "%s/%s, %s: %s\n", c.name, g.Name, name, firstLine(err))
						}
						continue
					}
					for _, x := range s.Sections {
						want, failed := p.Play(before, x)
						got, err := p.Play(after, x)
						if failed != nil || err != nil {
							if fmt.Sprint(failed) != fmt.Sprint(err) {
								t.Errorf("%s/%s%s, %s: %v, without pre-initialisation %v", c.name, g.Name, strings.TrimPrefix(s.Key(x), s.Name), name, err, failed)
							}
							continue
						}
						played[name]++
						if d := differing(script.Lines(want, true), script.Lines(got, true)); d != "" {
							t.Errorf("%s/%s%s, %s:\n%s", c.name, g.Name, strings.TrimPrefix(s.Key(x), s.Name), name, d)
						}
					}
				}
			}
			p.Close()
		}
	}
	t.Logf("sections played: %v", played)
	golden.Check(t, preinitComponentsFile, refused.String())
}

// bothInitialised returns a file as a component, and what it is when it has been initialised. The error is that of the
// initialisation.
func bothInitialised(t *testing.T, wasm []byte) (before, after []byte, err error) {
	t.Helper()
	out, err := preinit.File(t.Context(), "fused.wasm", wasm, preinit.Options{})
	if err != nil {
		return nil, nil, err
	}
	if again, err := preinit.File(t.Context(), "fused.wasm", wasm, preinit.Options{}); err != nil || !bytes.Equal(again.Wasm, out.Wasm) {
		t.Error("the second time, the bytes are others", err)
	}
	before, after = wasm, out.Wasm
	if decode.Sniff(wasm) == decode.CoreModule {
		for _, b := range []*[]byte{&before, &after} {
			if *b, err = newComponent(*b); err != nil {
				t.Fatal(err)
			}
		}
	}
	return before, after, nil
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
