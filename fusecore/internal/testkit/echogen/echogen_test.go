package echogen_test

import (
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/echogen"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/wasmtools"
)

func TestGeneratedIsValid(t *testing.T) {
	tool := wasmtools.Need(t)
	for seed := range uint64(40) {
		c, j := echogen.Generate(seed, seed%2 == 1), echogen.GenerateJunk(seed)
		for name, b := range map[string][]byte{"root": c.Root, "dep": c.Dep, "junk root": j.Root, "junk dep": j.Dep} {
			if err := tool.Validate(b); err != nil {
				t.Errorf("seed %d, %s: %v", seed, name, err)
			}
		}
	}
}
