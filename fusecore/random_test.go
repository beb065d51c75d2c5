package fusecore_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/echogen"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/seeds"
	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// randomWorlds is the number of seeds that TestRandomWorlds tries; FUSE_WORLDS changes it, as N or FROM:N.
const randomWorlds = 60

// TestRandomWorlds fuses pairs with random worlds. All values pass unchanged from the host through both components to
// the host and back, so the composition and its fused form must return the same.
func TestRandomWorlds(t *testing.T) {
	testWorlds(t, func(seed uint64) echogen.Case { return echogen.Generate(seed, false) })
}

// TestRandomWorldsWithHandles has owned handles of a host's resource in the values. A component that passes a handle on
// no longer has it, and no destructor runs.
func TestRandomWorldsWithHandles(t *testing.T) {
	testWorlds(t, func(seed uint64) echogen.Case { return echogen.Generate(seed, true) })
}

// TestRandomAsyncWorlds has asynchronous functions, and values in streams and futures, every other time with handles.
func TestRandomAsyncWorlds(t *testing.T) {
	if !wasmtime.Async() {
		return
	}
	testWorlds(t, func(seed uint64) echogen.Case { return echogen.GenerateAsync(seed, seed%2 == 1) })
}

func testWorlds(t *testing.T, generate func(seed uint64) echogen.Case) {
	t.Helper()
	from, to := seeds.Of(t, "FUSE_WORLDS", randomWorlds)
	for seed := from; seed < to; seed++ {
		t.Run(fmt.Sprintf("seed-%d", seed), func(t *testing.T) {
			c := generate(seed)
			in := pairOf(c)
			composed, err := compose(in)
			if err != nil {
				t.Fatal(err)
			}
			checkWorld(t, "composed", c, composed.Bytes())
			for _, o := range []fusecore.FuseOptions{{}, {Features: fusecore.Baseline}} {
				fused, err := fuseWith(o)(in)
				if err != nil {
					t.Fatal(err)
				}
				checkWorld(t, fmt.Sprintf("fused, %+v", o), c, fused.Bytes())
			}
		})
	}
}

// pairOf returns the graph of a case.
func pairOf(c echogen.Case) fusecore.Graph {
	return fusecore.Graph{Root: fusecore.Input{Name: "root.wasm", Bytes: c.Root}, Deps: []fusecore.Input{{Name: "dep.wasm", Bytes: c.Dep}}}
}

// checkWorld makes the calls of a case in wasmtime. The host must receive each call's arguments unchanged, and the caller
// the host's result.
func checkWorld(t *testing.T, what string, c echogen.Case, wasm []byte) {
	t.Helper()
	checkWorldIn(t, what, c, wasm, func(o runner.Options) (runner.Engine, error) {
		return wasmtime.Runner(wasmtime.Options{Funcs: o.Funcs, Resources: o.Resources}), nil
	})
}

// checkWorldIn is checkWorld in an engine.
func checkWorldIn(t *testing.T, what string, c echogen.Case, wasm []byte, engine func(runner.Options) (runner.Engine, error)) {
	t.Helper()
	next := 0
	funcs := map[string]wasmtime.HostFunc{}
	for _, call := range c.Calls {
		funcs[echogen.Host+"#"+call.Func] = func([]string) (string, error) { return c.Calls[next].Result, nil }
	}
	e, err := engine(runner.Options{Funcs: funcs, Resources: map[string]func(uint32){echogen.Resource: nil}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	in, err := e.Load(wasm)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer in.Close()
	for ; next < len(c.Calls); next++ {
		call := c.Calls[next]
		got, err := in.Call(echogen.Out+"#"+call.Func, call.Args...)
		if err != nil {
			t.Fatalf("%s: %s%q: %v", what, call.Func, call.Args, err)
		}
		if got != call.Result {
			t.Errorf("%s: %s%q\n gave %s\n want %s", what, call.Func, call.Args, got, call.Result)
		}
		log := in.Log()
		if len(log) != next+1 {
			t.Fatalf("%s: %s: the host saw %d calls, want %d", what, call.Func, len(log), next+1)
		}
		if d := cmp.Diff(wasmtime.HostCall{Name: echogen.Host + "#" + call.Func, Args: call.Args, Result: call.Result}, log[next]); d != "" {
			t.Errorf("%s: what the host saw of %s (-want +got):\n%s", what, call.Func, d)
		}
	}
}
