package fusecore_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/echogen"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/script"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/seeds"
	"github.com/wasmfuse/rules_wasm_fuse/internal/golden"
	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wazerun"
)

// wazeroFile lists what wazero cannot run, with the reason, and where its behaviour is not that of the script.
const wazeroFile = "testdata/wazero.txt"

// TestWazero plays the scripts of cases, resources and examples in wazero, which runs each composition as a module with
// one memory.
func TestWazero(t *testing.T) {
	var b strings.Builder
	played := 0
	for _, c := range []collection{cases, resources, examples} {
		for _, s := range c.load(t) {
			if s.Part || s.Async || s.Refused+s.Kept != "" {
				continue
			}
			p := wazeroPlayer(t, s)
			for _, g := range s.Graphs {
				composed := (&subject{g.Name, s, c.inputs(t, g, s.Plugs)}).compose(t)
				for _, x := range s.Sections {
					seen, err := p.Play(composed, x)
					if err != nil {
						fmt.Fprintf(&b, "%s/%s: %s\n", c.name, g.Name, firstLine(err))
						break
					}
					played++
					for i := range min(len(seen), len(x.Steps)) { // what a host's engine checks for components, a module checks itself
						if x.Steps[i].Rule == "" {
							seen[i].Rule = ""
						}
					}
					if d := differing(script.Lines(x.Steps, true), script.Lines(seen, true)); d != "" {
						fmt.Fprintf(&b, "%s/%s%s:\n%s", c.name, g.Name, strings.TrimPrefix(s.Key(x), s.Name), d)
					}
				}
			}
			p.Close()
		}
	}
	if played < 330 {
		t.Errorf("only %d sections were played", played)
	}
	golden.Check(t, wazeroFile, b.String())
}

// TestWazeroRandomWorlds has the worlds of TestRandomWorlds, every other one with handles.
func TestWazeroRandomWorlds(t *testing.T) {
	from, to := seeds.Of(t, "FUSE_WORLDS", randomWorlds/2)
	for seed := from; seed < to; seed++ {
		t.Run(fmt.Sprintf("seed-%d", seed), func(t *testing.T) {
			c := echogen.Generate(seed, seed%2 == 1)
			checkWorldIn(t, "in wazero", c, wasmOf(t, compose, pairOf(c)), func(o runner.Options) (runner.Engine, error) {
				return wazerun.New(o, wazerun.Settings{})
			})
		})
	}
}

// wazeroPlayer returns a player in wazero.
func wazeroPlayer(t *testing.T, s *script.Script) *script.Player {
	t.Helper()
	p, err := s.PlayerIn(func(o wasmtime.Options) (runner.Engine, error) {
		return wazerun.New(runner.Options{WASI: o.WASI, Funcs: o.Funcs, Resources: o.Resources, Timeout: o.Timeout}, wazerun.Settings{})
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// differing returns the lines of a script that were observed differently, each followed by what was observed.
func differing(want, got []string) string {
	var b strings.Builder
	for i := range max(len(want), len(got)) {
		w, g := "", ""
		if i < len(want) {
			w = want[i]
		}
		if i < len(got) {
			g = got[i]
		}
		if w != g {
			fmt.Fprintf(&b, "  - %s\n  + %s\n", w, g)
		}
	}
	return b.String()
}
