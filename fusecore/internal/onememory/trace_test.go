package onememory_test

import (
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/origin"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/onememory"
)

// TestTraces checks where the code of a loop comes from that is written twice, with checks and without: both copies come from all of
// the loop.
func TestTraces(t *testing.T) {
	for name, memory := range map[string]string{"the region at 0": "$a", "another region": "$b"} {
		m := parse(t, `(module (memory $a 1) (memory $b 1) (memory $c 1)
  (func (param $p i32) (param $n i32) (drop (memory.size $a)) (drop (memory.size $b)) (drop (memory.size $c))
    (loop $l (i32.store8 `+memory+` (local.get $p) (i32.const 1)) (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func (loop (loop `+strings.Repeat("(drop (i32.load $c (i32.const 0)))", 9)+`))))`)
		r, err := onememory.Module(t.Context(), m, nil, onememory.Options{Bottom: 0, Traces: []origin.Trace{origin.Of(origin.Body{}), origin.Of(origin.Body{Index: 1})}})
		if err != nil {
			t.Fatal(err)
		}
		bodies, err := scan.Encoded(r.Module)
		if err != nil {
			t.Fatal(err)
		}
		_, code, err := scan.Locals(bodies[0])
		if err != nil {
			t.Fatal(err)
		}
		// The bytes of the body that runs of code come from, and how often.
		was, trace := m.Code[0].Code, &r.Traces[0]
		times := make([]int, len(was))
		for i, mark := range trace.Marks {
			if mark.Body != origin.Nowhere {
				for of := mark.Of; of < min(trace.End(i, uint32(len(code))), uint32(len(was))); of++ {
					times[of]++
				}
			}
		}
		loop := false
		for r := op.NewReader(was, 0); r.Next(); {
			in := r.In
			if loop && in.Op != op.End && times[in.Start] != 2 {
				t.Errorf("%s: %v at %d is the origin of %d pieces of code", name, in.Op, in.Start, times[in.Start])
			}
			loop = loop || in.Op == op.Loop
		}
	}
}
