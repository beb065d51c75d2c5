package adapter

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

func prim(k ctypes.Kind) *ctypes.Type { return ctypes.Prims[k] }

func listOf(t *ctypes.Type) *ctypes.Type { return &ctypes.Type{Kind: ctypes.List, Elem: t} }

func tupleOf(ts ...*ctypes.Type) *ctypes.Type { return &ctypes.Type{Kind: ctypes.Tuple, Types: ts} }

func times(n int, t *ctypes.Type) []*ctypes.Type { return slices.Repeat([]*ctypes.Type{t}, n) }

func fn(result *ctypes.Type, params ...*ctypes.Type) *ctypes.Func {
	f := &ctypes.Func{Result: result}
	for i, p := range params {
		f.Params = append(f.Params, ctypes.Field{Label: fmt.Sprint("p", i), Type: p})
	}
	return f
}

const page = 1 << 16

// widths runs a test for every pair of address widths.
func widths(t *testing.T, f func(t *testing.T, ptr64 [2]bool)) {
	for i := range 4 {
		w := [2]bool{i&1 != 0, i&2 != 0}
		t.Run(fmt.Sprintf("ptr64=%v", w), func(t *testing.T) { f(t, w) })
	}
}

// TestAreas moves the areas of spilled parameters and results around the end of the memory: 17 u32, at 68 bytes.
func TestAreas(t *testing.T) {
	e := newEngine(t)
	big := tupleOf(times(17, prim(ctypes.U32))...)
	widths(t, func(t *testing.T, ptr64 [2]bool) {
		for _, ptr := range []uint64{0, 1, 2, 4, 1000, page - 72, page - 70, page - 68, page - 67, page - 64, page, 1<<31 - 68, 1<<32 - 68, 1<<32 - 4,
			math.MaxUint64 - 67, math.MaxUint64 - 3} {
			for _, c := range []struct {
				name   string
				result bool
				side   int // owner of the area
				run    func(b *bench) ([]uint64, error)
			}{
				{"parameters of the caller", false, 0, func(b *bench) ([]uint64, error) { return b.call(ptr) }},
				{"parameters for the callee", false, 1, func(b *bench) ([]uint64, error) {
					b.realloc = func(side int, old, oldSize, align, size uint64) uint64 {
						if side != 1 || old != 0 || oldSize != 0 || align != 4 || size != 68 {
							t.Errorf("realloc(%d, %d, %d, %d) on side %d", old, oldSize, align, size, side)
						}
						return ptr
					}
					return b.call(0)
				}},
				{"result of the callee", true, 1, func(b *bench) ([]uint64, error) {
					b.target = func([]uint64) []uint64 { return []uint64{ptr} }
					return b.call(0)
				}},
				{"result for the caller", true, 0, func(b *bench) ([]uint64, error) { return b.call(ptr) }},
			} {
				if !ptr64[c.side] && ptr > math.MaxUint32 {
					continue
				}
				spec := &callSpec{ft: fn(nil, big), ptr64: ptr64, pages: 1, budget: outlineBudget}
				if c.result {
					spec.ft = fn(big)
				}
				b := newBench(t, e, spec)
				called := false
				b.realloc = func(int, uint64, uint64, uint64, uint64) uint64 { return 0 }
				b.target = func([]uint64) []uint64 {
					called = true
					return make([]uint64, len(spec.targetType().Results))
				}
				_, err := c.run(b)
				if want := ptr%4 != 0 || ptr > page-68; wasmtime.IsTrap(err) != want || !want && err != nil {
					t.Errorf("%s at %#x: %v", c.name, ptr, err)
				}
				if !c.result && err != nil && called {
					t.Errorf("%s at %#x: the callee was called", c.name, ptr)
				}
				b.in.Close()
			}
		}
	})
}

// TestListLengths goes around MAX_LIST_BYTE_LENGTH, and through lengths whose sizes in bytes wrap around.
func TestListLengths(t *testing.T) {
	e := newEngine(t)
	const limit = 1<<28 - 1
	for _, c := range []struct {
		elem  *ctypes.Type
		size  uint64
		align uint64
	}{
		{prim(ctypes.U8), 1, 1}, {prim(ctypes.Bool), 1, 1}, {prim(ctypes.U16), 2, 2}, {prim(ctypes.U64), 8, 8},
		{tupleOf(prim(ctypes.U64), prim(ctypes.U32)), 16, 8},
		{&ctypes.Type{Kind: ctypes.FixedList, Elem: prim(ctypes.U64), Len: 1 << 13}, 1 << 16, 8},
	} {
		widths(t, func(t *testing.T, ptr64 [2]bool) {
			b := newBench(t, e, &callSpec{ft: fn(nil, listOf(c.elem)), ptr64: ptr64, pages: 1<<28/page + 1, budget: outlineBudget})
			defer b.in.Close()
			for _, n := range []uint64{0, 1, limit / c.size, limit/c.size + 1, 1 << 31, 1<<31 + 1, 1 << 32 / c.size, 1<<32/c.size + 1,
				math.MaxUint32, 1 << 63, math.MaxUint64/c.size + 1, math.MaxUint64} {
				if !ptr64[0] && n > math.MaxUint32 {
					continue
				}
				var sizes []uint64
				b.realloc = func(_ int, _, _, align, size uint64) uint64 {
					if align != c.align {
						t.Errorf("alignment %d, want %d", align, c.align)
					}
					sizes = append(sizes, size)
					return 1 << 31 // outside, so nothing is copied
				}
				if _, err := b.call(0, n); !wasmtime.IsTrap(err) {
					t.Errorf("%d elements: %v", n, err)
				}
				if n > limit/c.size {
					if len(sizes) != 0 {
						t.Errorf("%d elements: realloc is called", n)
					}
				} else if !slices.Equal(sizes, []uint64{n * c.size}) {
					t.Errorf("%d elements: realloc is called for %v", n, sizes)
				}
			}
		})
	}
}

// TestRanges moves a list of three u16 around the end of both memories, and an empty one.
func TestRanges(t *testing.T) {
	e := newEngine(t)
	widths(t, func(t *testing.T, ptr64 [2]bool) {
		b := newBench(t, e, &callSpec{ft: fn(nil, listOf(prim(ctypes.U16))), ptr64: ptr64, pages: 1, budget: outlineBudget})
		defer b.in.Close()
		at := uint64(0)
		b.realloc = func(int, uint64, uint64, uint64, uint64) uint64 { return at }
		var got [][]uint64
		b.target = func(a []uint64) []uint64 { got = append(got, slices.Clone(a)); return nil }
		for _, n := range []uint64{0, 3} {
			for _, ptr := range []uint64{0, 1, 2, page - 6, page - 5, page - 4, page - 2, page, page + 2, 1<<32 - 6, 1<<32 - 2,
				math.MaxUint64 - 5, math.MaxUint64 - 1} {
				for side := range 2 {
					if !ptr64[side] && ptr > math.MaxUint32 {
						continue
					}
					src := uint64(page - 6)
					if side == 0 {
						src, at = ptr, 100
					} else {
						at = ptr
					}
					copy(b.memory(0)[page-6:], "abcdef")
					got = nil
					_, err := b.call(src, n)
					if ptr%2 != 0 || ptr > page-2*n {
						if !wasmtime.IsTrap(err) || got != nil {
							t.Errorf("%d elements at %#x on side %d: %v", n, ptr, side, err)
						}
						continue
					}
					if err != nil || len(got) != 1 || !slices.Equal(got[0], []uint64{at, n}) {
						t.Errorf("%d elements at %#x on side %d: %v, called with %x", n, ptr, side, err, got)
						continue
					}
					if !bytes.Equal(b.memory(1)[at:at+2*n], b.memory(0)[src:src+2*n]) {
						t.Errorf("%d elements at %#x on side %d are not copied", n, ptr, side)
					}
				}
			}
		}
	})
}
