package fusecore_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// BenchmarkHostHandles measures calls of WASI with handles, composed and fused alternately as BenchmarkCalls does. Two
// instances hold handles, so the fused form has tables.
func BenchmarkHostHandles(b *testing.B) {
	wasm := readFile(b, "testdata/bench/host.wasm")
	out, err := fuse(single("host", wasm))
	if err != nil {
		b.Fatal(err)
	}
	e := wasmtime.New(wasmtime.Options{Timeout: -1, WASI: &wasmtime.WASI{}})
	defer e.Close()
	for _, c := range []struct {
		name        string
		calls, size int
	}{
		{"ready", 100_000, 0},
		{"subscribe", 100_000, 0},
		{"poll", 20_000, 1},
		{"poll", 20_000, 16},
		{"check", 100_000, 0},
		{"write", 2_000, 32},
		{"write", 2_000, 4000},
	} {
		b.Run(fmt.Sprintf("%s/%d", c.name, c.size), func(b *testing.B) {
			best := [2]time.Duration{1 << 62, 1 << 62}
			for range max(b.N, 7) {
				for i, wasm := range [][]byte{wasm, out.Bytes()} {
					in, err := e.Load(wasm)
					if err != nil {
						b.Fatal(err)
					}
					start := time.Now()
					if _, err := in.Call("run-"+c.name, fmt.Sprint(c.calls), fmt.Sprint(c.size)); err != nil {
						b.Fatal(err)
					}
					best[i] = min(best[i], time.Since(start))
					in.Close()
				}
			}
			perCall := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / float64(c.calls) }
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(perCall(best[0]), "composed-ns/call")
			b.ReportMetric(perCall(best[1]), "fused-ns/call")
			b.ReportMetric(float64(best[1])/float64(best[0]), "fused/composed")
		})
	}
}

// TestHostHandles checks that the calls of BenchmarkHostHandles return the same in both forms.
func TestHostHandles(t *testing.T) {
	wasm := readFile(t, "testdata/bench/host.wasm")
	out, err := fuse(single("host", wasm))
	if err != nil {
		t.Fatal(err)
	}
	e := wasmtime.New(wasmtime.Options{WASI: &wasmtime.WASI{}})
	defer e.Close()
	run := func(wasm []byte) (results []string, stdout string) {
		in, err := e.Load(wasm)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		for _, c := range []struct{ fn, size string }{
			{"subscribe", "0"}, {"ready", "0"}, {"poll", "1"}, {"poll", "16"}, {"poll", "500"}, {"check", "0"}, {"write", "32"}, {"write", "4000"},
		} {
			got, err := in.Call("run-"+c.fn, "3", c.size)
			if err != nil {
				t.Fatal(err)
			}
			results = append(results, got)
		}
		if _, err := in.Call("other#drop", "1"); !wasmtime.IsTrap(err) {
			t.Errorf("a handle of another instance is dropped: %v", err)
		}
		return results, in.Stdout()
	}
	want, wantOut := run(wasm)
	got, gotOut := run(out.Bytes())
	if !slices.Equal(want, got) || wantOut != gotOut {
		t.Errorf("fused answered %q and wrote %d bytes, want %q and %d", got, len(gotOut), want, len(wantOut))
	}
	// Every poll finds all ready, and the stream is written three times in each call.
	if got[2] != "1" || got[3] != "16" || got[4] != "500" || len(gotOut) != 3*(32+4000) {
		t.Errorf("results %q and %d bytes", got, len(gotOut))
	}
}
