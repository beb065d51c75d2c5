package fusecore_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// TestSingleIsolation checks that a guest cannot reach another's memory through the host: with a single memory, the host's
// own checks of addresses do not keep a guest's in its part.
func TestSingleIsolation(t *testing.T) {
	out, err := fuseWith(fusecore.FuseOptions{Memory: fusecore.SingleMemory})(cases.subject(t, "mem-outside").in)
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	e := wasmtime.New(wasmtime.Options{Funcs: map[string]wasmtime.HostFunc{
		"log": func(args []string) (string, error) { seen = append(seen, args...); return "", nil },
		"get": func([]string) (string, error) { return `"from the host"`, nil },
	}})
	defer e.Close()
	for _, call := range []string{"argument", "inside", "result", "block"} {
		in, err := e.Load(out.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if res, err := in.Call(call); !wasmtime.IsTrap(err) {
			t.Errorf("%s: %s, %v, expected a trap", call, res, err)
		}
		in.Close()
	}
	if len(seen) > 0 {
		t.Errorf("the host was given %v", seen)
	}
	if m := out.Report.Memory; m == nil || m.Regions[0].Owner != "host memory" || !slices.ContainsFunc(m.Regions, func(r fusecore.Region) bool { return strings.HasPrefix(r.Owner, "root/Secret") }) {
		t.Errorf("the memory is %+v", m)
	}
}

// BenchmarkSingle measures calls between two components that are fused with their memories and with a single one,
// alternately, by CPU time: the median of the ratios.
func BenchmarkSingle(b *testing.B) {
	in := benchInputs(b)
	e := wasmtime.New(wasmtime.Options{Timeout: -1})
	defer e.Close()
	several := loadForm(b, e, in, fuse)
	defer several.Close()
	one := loadForm(b, e, in, fuseWith(fusecore.FuseOptions{Memory: fusecore.SingleMemory}))
	defer one.Close()
	for _, c := range []struct {
		name        string
		calls, size int
	}{{"add", 2_000_000, 0}, {"text", 500_000, 32}, {"text", 5_000, 65536}, {"bytes", 500_000, 32}, {"bytes", 20_000, 65536}, {"words", 20_000, 16384}, {"pairs", 500, 8192}} {
		b.Run(fmt.Sprintf("%s/%d", c.name, c.size), func(b *testing.B) {
			times := func(in *wasmtime.Instance) float64 {
				start := cpuTime(b)
				if _, err := in.Call("run-"+c.name, fmt.Sprint(c.calls), fmt.Sprint(c.size)); err != nil {
					b.Fatal(err)
				}
				return float64(cpuTime(b) - start)
			}
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			var ratios, ns []float64
			for range 15 {
				base := times(several)
				ratios = append(ratios, times(one)/base)
				ns = append(ns, base/float64(c.calls))
			}
			slices.Sort(ratios)
			slices.Sort(ns)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(ns[len(ns)/2], "several-ns/call")
			b.ReportMetric(ratios[len(ratios)/2], "one/several")
		})
	}
}
