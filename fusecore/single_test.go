package fusecore_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// TestSingleIsolation checks that a guest cannot reach another's memory through the host: with a single memory, the host's
// own checks of addresses do not keep a guest's in its part.
func TestSingleIsolation(t *testing.T) {
	wasm, err := os.ReadFile("testdata/cases/mem-outside.wasm")
	if err != nil {
		t.Fatal(err)
	}
	out, err := fuseWith(fusecore.FuseOptions{Memory: fusecore.SingleMemory})(single("mem-outside", wasm))
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
