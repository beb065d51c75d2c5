package fusecore_test

import (
	"fmt"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/echogen"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/seeds"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// TestHostsThatCallBack has the host call every export of a random world while its own functions run. The root is
// running, so each of these calls traps (CanonicalABI.md, Store.lift), and the interrupted call continues with the same
// result as otherwise.
func TestHostsThatCallBack(t *testing.T) {
	if !letsHostIn {
		t.Skipf("%s does not go on after a trap", wasmtime.Name())
	}
	from, to := seeds.Of(t, "FUSE_WORLDS", 40)
	tries := 0
	for seed := from; seed < to; seed++ {
		for _, handles := range []bool{false, true} {
			c := echogen.Generate(seed, handles)
			fused := wasmOf(t, fuse, pairOf(c))
			t.Run(fmt.Sprintf("seed-%d-%v", seed, handles), func(t *testing.T) { tries += callBack(t, c, fused) })
		}
	}
	if tries == 0 {
		t.Error("nothing was called back")
	}
	t.Logf("%d calls back", tries)
}

// callBack makes each call of a case in a new instance, because the runtime lets no call into an instance after a trap,
// and counts the calls back, one of another export during each call.
func callBack(t *testing.T, c echogen.Case, fused []byte) (tries int) {
	var in *wasmtime.Instance
	var call, back echogen.Call
	host := func([]string) (string, error) {
		tries++
		if got, err := in.Call(echogen.Out+"#"+back.Func, back.Args...); !wasmtime.IsTrap(err) {
			t.Errorf("%s while %s runs: %q, %v, want a trap", back.Func, call.Func, got, err)
		}
		return call.Result, nil
	}
	funcs := map[string]wasmtime.HostFunc{}
	for _, call := range c.Calls {
		funcs[echogen.Host+"#"+call.Func] = host
	}
	e := wasmtime.New(wasmtime.Options{Funcs: funcs, Resources: map[string]func(uint32){echogen.Resource: nil}})
	defer e.Close()
	for i := range c.Calls {
		call, back = c.Calls[i], c.Calls[(i*5+1)%len(c.Calls)]
		var err error
		if in, err = e.Load(fused); err != nil {
			t.Fatal(err)
		}
		if got, err := in.Call(echogen.Out+"#"+call.Func, call.Args...); err != nil || got != call.Result {
			t.Errorf("%s%q returns %s, %v, want %s", call.Func, call.Args, got, err, call.Result)
		}
		in.Close()
	}
	return tries
}
