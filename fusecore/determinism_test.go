package fusecore_test

import (
	"bytes"
	"runtime"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

// TestSameBytes fuses every case and example 20 times, and four times in every other form, with one processor and with eight,
// from another folder and with other folders in the inputs' names, and checks that the outputs are identical.
func TestSameBytes(t *testing.T) {
	all := map[string]fusecore.Graph{}
	for _, c := range []collection{cases, examples} {
		for _, s := range c.subjects(t) {
			all[c.name+"/"+s.name] = s.in
		}
	}
	fuse := func(do form, in fusecore.Graph, folder string) []byte {
		m := fusecore.Graph{Root: fusecore.Input{Name: folder + in.Root.Name, Bytes: bytes.Clone(in.Root.Bytes)}, Plugs: in.Plugs, Supplies: in.Supplies}
		for _, d := range in.Deps {
			m.Deps = append(m.Deps, fusecore.Input{Name: folder + d.Name, Bytes: bytes.Clone(d.Bytes)})
		}
		out, err := do(m)
		if err != nil {
			return []byte(strings.ReplaceAll(err.Error(), folder, ""))
		}
		return out.Bytes()
	}
	t.Chdir(t.TempDir())
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for name, in := range all {
		do := func(g fusecore.Graph) (*fusecore.Result, error) {
			r, err := fuseOrKeep(fusecore.FuseOptions{})(g)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return r, err
		}
		if same := repeat(20, func(folder string) []byte { return fuse(do, in, folder) }); !same {
			t.Errorf("%s: the outputs differ", name)
		}
		for _, f := range outputForms {
			do := func(g fusecore.Graph) (*fusecore.Result, error) {
				return fusecore.Fuse(t.Context(), g, f.options(fusecore.FuseOptions{}))
			}
			if same := repeat(4, func(folder string) []byte { return fuse(do, in, folder) }); !same {
				t.Errorf("%s: the outputs as %s differ", name, f.name)
			}
		}
	}
}

// repeat reports whether n more runs, in other folders, give the same bytes as the first.
func repeat(n int, run func(folder string) []byte) bool {
	first := run("")
	for i := range n {
		procs, folder := 1, "/elsewhere/"
		if i%2 == 1 {
			procs, folder = 8, "deep/er/"
		}
		runtime.GOMAXPROCS(procs)
		if !bytes.Equal(first, run(folder)) {
			return false
		}
	}
	return true
}
