package fusecore_test

import (
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/echogen"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/script"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/seeds"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// TestJunk calls functions of random types with arbitrary arguments, results and memories, composed and fused. Both
// must trap, or neither, and each side must observe the same arguments, results, calls of realloc and whole memories.
// If the fused form traps in generated code, it names the rule. FUSE_JUNK sets the seeds, as N or FROM:N.
func TestJunk(t *testing.T) {
	from, to := seeds.Of(t, "FUSE_JUNK", 40)
	e := wasmtime.New(wasmtime.Options{})
	calls, broken := 0, map[string]int{}
	for seed := from; seed < to; seed++ {
		if (seed-from)%100 == 99 { // compiled components stay in memory
			e.Close()
			e = wasmtime.New(wasmtime.Options{})
		}
		calls += junk(t, e, seed, broken)
	}
	e.Close()
	traps := 0
	for rule, n := range broken {
		traps += n
		t.Logf("%5d %s", n, rule)
	}
	t.Logf("%d calls, %d traps", calls, traps)
	if traps < calls/20 || traps > calls*19/20 {
		t.Errorf("%d of %d calls trapped: the junk is too good or too bad", traps, calls)
	}
}

// junk plays one pair and returns the number of calls. It counts the violated rules.
func junk(t *testing.T, e *wasmtime.Engine, seed uint64, broken map[string]int) (calls int) {
	t.Helper()
	j := echogen.GenerateJunk(seed)
	in := fusecore.Graph{Root: fusecore.Input{Name: "root.wasm", Bytes: j.Root}, Deps: []fusecore.Input{{Name: "dep.wasm", Bytes: j.Dep}}}
	composed, err := compose(in)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	o := fusecore.FuseOptions{Features: []fusecore.Features{fusecore.DefaultFeatures, fusecore.Baseline}[seed%2]}
	if seed%4 >= 2 {
		o.Optimize = fusecore.OptimizeNone
	}
	fused, err := fuseWith(o)(in)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	var forms [2]*wasmtime.Instance
	load := func() { renew(t, e, &forms, composed.Bytes(), fused.Bytes()) }
	load()
	for _, name := range j.Calls {
		for _, name := range []string{name, echogen.Digest} {
			calls++
			want, _ := outcome(forms[0], name)
			got, rule := outcome(forms[1], name)
			if want != got || rule == script.ByRuntime && o.Optimize == fusecore.OptimizeNone {
				t.Errorf("seed %d: %s: composed %s, fused %s %s", seed, name, want, got, rule)
				return calls
			}
			if got == trapped {
				broken[rule]++
				load()
				break
			}
		}
	}
	for _, in := range forms {
		in.Close()
	}
	return calls
}

// outcome calls an export and returns its result, or that it trapped, and the rule whose function it trapped in.
func outcome(in *wasmtime.Instance, name string, args ...string) (result, rule string) {
	result, err := in.Call(name, args...)
	if rule, ok := script.Rule(err); ok {
		return trapped, rule
	}
	if err != nil {
		return err.Error(), ""
	}
	return result, ""
}
