package fusecore_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

func benchInputs(b testing.TB) fusecore.Graph {
	read := func(name string) fusecore.Input {
		wasm, err := os.ReadFile("testdata/bench/" + name)
		if err != nil {
			b.Fatal(err)
		}
		return fusecore.Input{Name: name, Bytes: wasm}
	}
	return fusecore.Graph{Root: read("caller.wasm"), Deps: []fusecore.Input{read("callee.wasm")}}
}

// BenchmarkCalls measures calls between two components, composed and fused, alternately in one process, so that the
// ratio holds when the machine's speed drifts. Each figure is the fastest of all rounds; ns are per call.
func BenchmarkCalls(b *testing.B) {
	in := benchInputs(b)
	e := wasmtime.New(wasmtime.Options{Timeout: -1})
	defer e.Close()
	composed := loadForm(b, e, in, compose)
	defer composed.Close()
	fused := loadForm(b, e, in, fuse)
	defer fused.Close()
	scalar := loadForm(b, e, in, fuseWith(fusecore.FuseOptions{Features: fusecore.Baseline}))
	defer scalar.Close()
	cases := []struct {
		name    string
		calls   int
		size    int
		another *wasmtime.Instance // measured instead of fused
	}{
		{"add", 2_000_000, 0, nil},
		{"not", 2_000_000, 0, nil},
		{"method", 500_000, 0, nil},
		{"create", 500_000, 0, nil},
		{"text", 500_000, 0, nil},
		{"text", 500_000, 32, nil},
		{"text", 5_000, 65536, nil},
		{"text", 5_000, 65536, scalar},
		{"bytes", 500_000, 32, nil},
		{"bytes", 20_000, 65536, nil},
		{"words", 20_000, 16384, nil},
		{"pairs", 500, 8192, nil},
		{"flags", 500, 65536, nil},
	}
	for _, c := range cases {
		name, other := fmt.Sprintf("%s/%d", c.name, c.size), fused
		if c.another != nil {
			name, other = name+"/no-simd", c.another
		}
		b.Run(name, func(b *testing.B) { compareCalls(b, composed, other, c.name, c.calls, c.size) })
	}
}

// loadForm makes one of the forms of a graph and instantiates it.
func loadForm(t testing.TB, e *wasmtime.Engine, in fusecore.Graph, make form) *wasmtime.Instance {
	t.Helper()
	out, err := make(in)
	if err != nil {
		t.Fatal(err)
	}
	inst, err := e.Load(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return inst
}

// compareCalls measures run-NAME, which makes calls of a size, alternately in a composition and its fused form.
func compareCalls(b *testing.B, composed, fused *wasmtime.Instance, name string, calls, size int) {
	best := [2]time.Duration{1 << 62, 1 << 62}
	for range max(b.N, 5) {
		for i, inst := range []*wasmtime.Instance{composed, fused} {
			start := time.Now()
			if _, err := inst.Call("run-"+name, fmt.Sprint(calls), fmt.Sprint(size)); err != nil {
				b.Fatal(err)
			}
			best[i] = min(best[i], time.Since(start))
		}
	}
	perCall := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / float64(calls) }
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(perCall(best[0]), "composed-ns/call")
	b.ReportMetric(perCall(best[1]), "fused-ns/call")
	b.ReportMetric(float64(best[1])/float64(best[0]), "fused/composed")
}
