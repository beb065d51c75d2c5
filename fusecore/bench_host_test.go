package fusecore_test

import (
	"slices"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// TestHostHandles checks that calls of WASI with handles, which tools/bench measures, return the same in both forms.
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
