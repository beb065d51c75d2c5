package fusecore_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// asyncCosts are the runs of testdata/async/costs.wat, with numbers of calls or copies that take about a millisecond.
var asyncCosts = []struct {
	name    string
	n, size int
}{
	{"core", 500_000, 0},
	{"sync", 200_000, 0},
	{"async-lower-sync-lift", 500, 0},
	{"sync-lower-exit", 500, 0},
	{"async-lower-exit", 500, 0},
	{"sync-lower-yield", 500, 0},
	{"async-lower-yield", 500, 0},
	{"copy", 500, 65536},
	{"stream", 500, 65536},
	{"copy", 200_000, 64},
	{"stream", 1_000, 64},
}

// BenchmarkAsyncCosts measures composed calls of each kind, and streams of bytes, in an engine with asynchronous
// functions. All are measured alternately in one process, and each figure is the fastest of all rounds. The ratios are to
// a synchronous call between the same components, and to a copy of as many bytes in one memory.
func BenchmarkAsyncCosts(b *testing.B) {
	if !wasmtime.Async() {
		b.Skip("this engine has no asynchronous functions: run it with tools/engines/with50")
	}
	e := wasmtime.New(wasmtime.Options{Timeout: -1})
	defer e.Close()
	in := fusecore.Graph{Root: fusecore.Input{Name: "costs", Bytes: readFile(b, "testdata/async/costs.wasm")}}
	best := make([]float64, len(asyncCosts)) // ns per call
	for i := range best {
		best[i] = math.Inf(1)
	}
	for range max(b.N, 5) {
		inst := loadForm(b, e, in, compose) // which lasts for a million calls that return at once
		for range 20 {
			for i, c := range asyncCosts {
				start := time.Now()
				if _, err := inst.Call("run-"+c.name, fmt.Sprint(c.n), fmt.Sprint(c.size)); err != nil {
					b.Fatalf("%s: %v", c.name, err)
				}
				best[i] = min(best[i], float64(time.Since(start).Nanoseconds())/float64(c.n))
			}
		}
		inst.Close()
	}
	b.ReportMetric(0, "ns/op")
	for i, c := range asyncCosts {
		to := best[1] // a synchronous call
		if c.size > 0 {
			to = best[i-(i-1)%2] // the copy before it
		}
		b.Logf("%-24s %6d bytes: %8.1f ns, %8.1f times", c.name, c.size, best[i], best[i]/to)
	}
}

// BenchmarkAsyncAtOnce measures calls of an async function that returns at once, composed and fused, as BenchmarkCalls
// does, but with more calls of the fused form in a round: a composition lasts for a million.
func BenchmarkAsyncAtOnce(b *testing.B) {
	if !wasmtime.Async() {
		b.Skip("this engine has no asynchronous functions: run it with tools/engines/with50")
	}
	e := wasmtime.New(wasmtime.Options{Timeout: -1})
	defer e.Close()
	in := fusecore.Graph{Root: fusecore.Input{Name: "costs", Bytes: readFile(b, "testdata/async/costs-at-once.wasm")}}
	insts := [2]*wasmtime.Instance{loadForm(b, e, in, compose), loadForm(b, e, in, fuse)}
	calls := [2]int{1_000, 500_000}
	for _, name := range []string{"sync-lower", "async-lower"} {
		b.Run(name, func(b *testing.B) {
			best := [2]float64{math.Inf(1), math.Inf(1)}
			for range max(b.N, 100) {
				for i, inst := range insts {
					start := time.Now()
					if _, err := inst.Call("run-"+name, fmt.Sprint(calls[i]), "0"); err != nil {
						b.Fatal(err)
					}
					best[i] = min(best[i], float64(time.Since(start).Nanoseconds())/float64(calls[i]))
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(best[0], "composed-ns/call")
			b.ReportMetric(best[1], "fused-ns/call")
			b.ReportMetric(best[1]/best[0], "fused/composed")
		})
	}
	for _, inst := range insts {
		inst.Close()
	}
}

// BenchmarkAsyncExample measures a request to the server in examples/web, composed and fused, alternately in one process.
// Each figure is the fastest of all rounds.
func BenchmarkAsyncExample(b *testing.B) {
	if !wasmtime.Async() {
		b.Skip("this engine has no asynchronous functions: run it with tools/engines/with50")
	}
	note := func([]string) (string, error) { return "", nil }
	e := wasmtime.New(wasmtime.Options{Timeout: -1, Funcs: map[string]wasmtime.HostFunc{"demo:web/log@0.3.0#note": note}})
	defer e.Close()
	in := asyncExamples.subject(b, "web").in
	insts := [2]*wasmtime.Instance{loadForm(b, e, in, compose), loadForm(b, e, in, fuse)}
	for _, size := range []int{0, 64, 4096} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			args := []string{`"/about"`, `"` + strings.Repeat("x", size) + `"`}
			best := [2]float64{math.Inf(1), math.Inf(1)}
			for range max(b.N, 2000) {
				for i, inst := range insts {
					start := time.Now()
					if _, err := inst.Call("serve", args...); err != nil {
						b.Fatal(err)
					}
					best[i] = min(best[i], float64(time.Since(start).Nanoseconds()))
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(best[0], "composed-ns/request")
			b.ReportMetric(best[1], "fused-ns/request")
			b.ReportMetric(best[1]/best[0], "fused/composed")
		})
	}
	for _, inst := range insts {
		inst.Close()
	}
}
