package fusecore_test

import (
	"slices"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	coredecode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// mainModule fuses and returns the module with the guests' code.
func mainModule(t *testing.T, in fusecore.Graph) *corewasm.Module {
	t.Helper()
	out, err := fuse(in)
	if err != nil {
		t.Fatal(err)
	}
	all := coreModules(t, out.Bytes())
	return slices.MaxFunc(all, func(a, b *corewasm.Module) int { return len(a.Code) - len(b.Code) })
}

// TestMemoryOrder checks that those of the fused module's memories come first that the guests' code accesses most.
func TestMemoryOrder(t *testing.T) {
	m := mainModule(t, cases.subject(t, "mem-order").in)
	var pages []uint64
	for i := range m.Count(corewasm.ExternMem) {
		mt, _ := m.MemTypeOf(i)
		pages = append(pages, mt.Limits.Min)
	}
	// Big has 5 uses in one memory and none in the other, which goes, Middle 3, Small 2 and Other 1.
	if want := []uint64{4, 5, 1, 2}; !slices.Equal(pages, want) {
		t.Errorf("memories by their first sizes %v, want %v", pages, want)
	}
}

// TestHotMemory checks that in the examples the guests' code accesses no memory of the fused module more often than the
// first.
func TestHotMemory(t *testing.T) {
	for _, g := range examples.subjects(t) {
		f := fuseModule(t, g.in, merged)
		uses := make([]int, f.m.Count(corewasm.ExternMem))
		first := int(f.m.NumImported(corewasm.ExternFunc))
		for i := range f.m.Code {
			if f.owners[corewasm.ExternFunc][first+i] == private {
				continue
			}
			r := op.NewReader(f.m.Code[i].Code, 0)
			for r.Next() {
				r.In.EachIndex(func(s op.Space, i uint32) {
					if s == op.SpaceMem {
						uses[i]++
					}
				})
			}
			if r.Err != nil {
				t.Fatal(r.Err)
			}
		}
		if slices.Max(uses) == 0 || !slices.IsSortedFunc(uses, func(a, b int) int { return b - a }) {
			t.Errorf("%s: uses of memories %v", g.name, uses)
		}
	}
}

// TestPreview1Memory checks that the memory that functions of preview1 access is the first, which is where some engines
// look for it, although guests' code accesses another one more often.
func TestPreview1Memory(t *testing.T) {
	m, err := coredecode.Module(wasmOf(t, overPreview1(fusecore.MultiMemory), examples.subject(t, "wasi-command").in), 0)
	if err != nil {
		t.Fatal(err)
	}
	m.Index()
	for _, x := range m.Exports {
		if x.Name == "memory" && (x.Kind != corewasm.ExternMem || x.Index != 0 || m.Count(corewasm.ExternMem) < 2) {
			t.Errorf("export %v of %d memories", x, m.Count(corewasm.ExternMem))
		}
	}
}
