package handles

import (
	"math/rand/v2"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// kindOps creates and drops entries of one kind in c's table.
type kindOps struct {
	name, make, drop, look string
	params                 int // of make
}

// kindFixture also returns c's built-ins of waitable sets and error contexts.
func kindFixture(t *testing.T) (*machine, []kindOps) {
	x := newFixture(t, 0)
	page := x.stands(x.log)
	add := func(op component.CanonOp, params, results int) string {
		p := x.builtin(graph.Builtin{Op: op, Inst: instC, Opts: graph.Options{Memory: page}})
		p.Core, p.Entry = i32s(params, results), true
		return op.String()
	}
	kinds := []kindOps{{name: "resource", make: "resource.new 3 2", drop: "resource.drop 3 2", look: "resource.rep 3 2", params: 1}, {
		name: "set", make: add(component.CanonWaitableSetNew, 0, 1), drop: add(component.CanonWaitableSetDrop, 1, 0),
		look: add(component.CanonWaitableSetPoll, 2, 1),
	}, {
		name: "error", make: add(component.CanonErrorContextNew, 2, 1), drop: add(component.CanonErrorContextDrop, 1, 0), params: 2,
	}}
	x.primitives(t)
	for i := range x.g.Builtins {
		if b := &x.g.Builtins[i]; b.Resource == nil {
			x.exports[b.Op.String()] = sym.Builtin(graph.BuiltinID(i))
		}
	}
	return x.start(t), kinds
}

// TestKinds plays random operations on entries of all kinds against a model of the table, far beyond the entries with a
// fixed place. Kinds share indices, and every entry can only be used as its own kind.
func TestKinds(t *testing.T) {
	m, kinds := kindFixture(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	array, free := []int{-1}, []uint32(nil) // the kind of every index, or -1
	largest, wrong := 0, 0
	for step := range 40_000 {
		k := kinds[rnd.IntN(len(kinds))]
		// Grow to thousands of entries and shrink again.
		if growing := step%20_000 < 10_000; rnd.IntN(4) == 0 != growing {
			want := uint32(len(array))
			if n := len(free); n > 0 {
				want, free = free[n-1], free[:n-1]
			} else {
				array = append(array, -1)
			}
			if got := m.must(k.make, []uint32{7, 8}[:k.params]...); got != want {
				t.Fatalf("step %d: %s gave %d, want %d", step, k.make, got, want)
			}
			for i := range kinds {
				if kinds[i].name == k.name {
					array[want] = i
				}
			}
			largest = max(largest, len(array))
			continue
		}
		index := uint32(rnd.IntN(len(array) + 2))
		if int(index) >= len(array) || array[index] < 0 || kinds[array[index]].name != k.name {
			wrong++
			m.traps(k.drop, index)
			if k.look != "" {
				m.traps(k.look, []uint32{index, 8}[:lookParams(k)]...)
			}
			continue
		}
		if k.look != "" {
			m.must(k.look, []uint32{index, 8}[:lookParams(k)]...)
		}
		m.must(k.drop, index)
		array[index], free = -1, append(free, index)
	}
	if largest < 2000 || wrong < 1000 {
		t.Errorf("only %d entries and %d wrong uses were tried", largest, wrong)
	}
}

func lookParams(k kindOps) int {
	if k.name == "set" {
		return 2
	}
	return 1
}
