package fusecore_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/seeds"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/splice"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/wasmtools"
)

// seedFolders contain components to damage. The environment variable STRUCTURE_SEEDS adds more, as a list of folders.
var seedFolders = []string{"testdata/cases", "testdata/resources", "testdata/worlds", "../examples"}

// maxSeed is the maximum size of components to damage. Larger ones take long and contain nothing that smaller ones
// lack.
const maxSeed = 100_000

// structureSeeds parses the components to damage, in the order of their paths.
func structureSeeds(t testing.TB) (pool []*splice.Binary) {
	t.Helper()
	for _, dir := range append(seedFolders, filepath.SplitList(os.Getenv("STRUCTURE_SEEDS"))...) {
		var files []string
		err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() && filepath.Ext(p) == ".wasm" {
				files = append(files, p)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(files)
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if p := splice.Parse(b); p != nil && len(b) <= maxSeed && decode.Sniff(b) == decode.ComponentFile {
				pool = append(pool, p)
			}
		}
	}
	if len(pool) < 100 {
		t.Fatalf("only %d components to damage", len(pool))
	}
	return pool
}

// structureRun fuses and composes the inputs that a seed makes of the pool: one damaged component, or one with another,
// whole or damaged, as its dependency. What is fused must be so in one of the other forms too, or refused. It returns the
// inputs, for wasm-tools to judge, or nil if they were rejected.
func structureRun(pool []*splice.Binary, seed uint64) (in fusecore.Graph, out []byte, err error) {
	r := rand.New(rand.NewPCG(seed, 0x57))
	at := r.IntN(len(pool))
	in.Root = fusecore.Input{Name: "root.wasm", Bytes: pool[at].Mutate(r, pool).Bytes()}
	for r.IntN(3) == 0 && len(in.Deps) < 3 {
		// Neighbours are often made for each other.
		p := pool[(at+len(pool)+r.IntN(7)-3)%len(pool)]
		if r.IntN(3) == 0 {
			p = pool[r.IntN(len(pool))]
		}
		if r.IntN(2) == 0 {
			p = p.Mutate(r, pool)
		}
		in.Deps = append(in.Deps, fusecore.Input{Name: fmt.Sprintf("dep%d.wasm", len(in.Deps)), Bytes: p.Bytes()})
	}
	var o fusecore.FuseOptions
	if r.IntN(2) == 0 {
		o.Features = fusecore.Baseline
	}
	if _, err = attempt(compose, in, 2*time.Minute); err != nil {
		return in, nil, fmt.Errorf("Compose: %w", err)
	}
	if out, err = attempt(fuseOrKeep(o), in, 2*time.Minute); err != nil {
		return in, nil, fmt.Errorf("Fuse: %w", err)
	}
	if f := outputForms[seed%uint64(len(outputForms))]; out != nil {
		if _, err = attempt(f.with(o), in, 2*time.Minute); err != nil {
			return in, nil, fmt.Errorf("Fuse as %s: %w", f.name, err)
		}
	}
	return in, out, nil
}

// TestStructure fuses components of damaged structure, for the seeds in the environment variable STRUCTURE.
func TestStructure(t *testing.T) {
	from, to := seeds.Of(t, "STRUCTURE", 300)
	tool, toolErr := wasmtools.Find()
	pool := structureSeeds(t)
	accepted, judged := 0, 0
	for seed := from; seed < to; seed++ {
		in, out, err := structureRun(pool, seed)
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
			keep(t, "seed-"+strconv.FormatUint(seed, 10), in)
			continue
		}
		if out == nil {
			continue
		}
		if accepted++; toolErr == nil && accepted%200 == 1 {
			judged++
			if err := tool.Validate(out); err != nil && inputsValid(tool, in) {
				t.Errorf("seed %d: wasm-tools refuses the output: %v", seed, err)
				keep(t, "seed-"+strconv.FormatUint(seed, 10), in)
			}
		}
		if seed%10_000 == 9_999 {
			t.Logf("seed %d: %d accepted", seed, accepted)
		}
	}
	t.Logf("%d runs from seed %d on %d components: %d fused, %d outputs looked at by wasm-tools", to-from, from, len(pool), accepted, judged)
	if accepted == 0 {
		t.Error("nothing was fused")
	}
}

// inputsValid reports whether wasm-tools accepts all inputs.
func inputsValid(tool wasmtools.Tool, in fusecore.Graph) bool {
	for _, f := range append([]fusecore.Input{in.Root}, in.Deps...) {
		if tool.Validate(f.Bytes) != nil {
			return false
		}
	}
	return true
}

// FuzzFuseStructure is [TestStructure] with seeds chosen by the fuzzing engine.
func FuzzFuseStructure(f *testing.F) {
	pool := structureSeeds(f)
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		if _, _, err := structureRun(pool, seed); err != nil {
			t.Fatal(err)
		}
	})
}
