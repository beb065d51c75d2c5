package fusecore_test

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

// TestSameBytes fuses every case and example 20 times, with one processor and with eight, from another folder and with
// other folders in the inputs' names, and checks that the outputs are identical.
func TestSameBytes(t *testing.T) {
	all := map[string]fusecore.Graph{}
	for _, c := range []collection{cases, examples} {
		for _, s := range c.subjects(t) {
			all[c.name+"/"+s.name] = s.in
		}
	}
	fuse := func(in fusecore.Graph, folder string) []byte {
		m := fusecore.Graph{Root: fusecore.Input{Name: folder + in.Root.Name, Bytes: bytes.Clone(in.Root.Bytes)}, Plugs: in.Plugs, Supplies: in.Supplies}
		for _, d := range in.Deps {
			m.Deps = append(m.Deps, fusecore.Input{Name: folder + d.Name, Bytes: bytes.Clone(d.Bytes)})
		}
		out, err := fuseOrKeep(fusecore.FuseOptions{})(m)
		if err != nil {
			t.Fatalf("%s: %v", in.Root.Name, err)
		}
		return out.Bytes()
	}
	t.Chdir(t.TempDir())
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for name, in := range all {
		first := fuse(in, "")
		for i := range 20 {
			procs, folder := 1, "/elsewhere/"
			if i%2 == 1 {
				procs, folder = 8, "deep/er/"
			}
			runtime.GOMAXPROCS(procs)
			if !bytes.Equal(first, fuse(in, folder)) {
				t.Errorf("%s: run %d with %d processors differs from the first", name, i, procs)
				break
			}
		}
	}
}
