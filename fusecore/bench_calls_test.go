package fusecore_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// callMatrix are the calls between two components made by component tools, with their shims: run-CASE makes n calls.
var callMatrix = []struct {
	name    string
	n, size int
}{
	{"add", 2_000_000, 0},
	{"many", 1_000_000, 0},
	{"text", 500_000, 8},
	{"text", 100_000, 1000},
	{"text", 5_000, 100_000},
	{"echo", 300_000, 8},
	{"echo", 5_000, 100_000},
	{"bytes", 500_000, 32},
	{"bytes", 5_000, 100_000},
	{"words", 500_000, 8},
	{"words", 20_000, 10_000},
	{"recs", 200_000, 4},
	{"recs", 2_000, 1000},
	{"vary", 1_000_000, 0},
	{"res", 500_000, 0},
	{"method", 500_000, 0},
	{"create", 500_000, 0},
	{"things", 50_000, 4},
	{"things", 500, 1000},
}

// callMatrixInputs returns the matrix with one of the two forms of shims.
func callMatrixInputs(t testing.TB, caller string) fusecore.Graph {
	read := func(name string) fusecore.Input {
		return fusecore.Input{Name: name, Bytes: readFile(t, "testdata/bench/calls/"+name)}
	}
	return fusecore.Graph{Root: read(caller), Deps: []fusecore.Input{read("callee.wasm")}}
}

// BenchmarkCallMatrix measures composed and fused alternately, as BenchmarkCalls does.
func BenchmarkCallMatrix(b *testing.B) {
	e := wasmtime.New(wasmtime.Options{Timeout: -1})
	defer e.Close()
	for _, caller := range []string{"caller.wasm", "caller-return-call-ref.wasm"} {
		in := callMatrixInputs(b, caller)
		composed := loadForm(b, e, in, compose)
		fused := loadForm(b, e, in, fuse)
		for _, c := range callMatrix {
			b.Run(fmt.Sprintf("%s/%s/%d", caller, c.name, c.size), func(b *testing.B) { compareCalls(b, composed, fused, c.name, c.n, c.size) })
		}
		composed.Close()
		fused.Close()
	}
}

// TestCallMatrix checks that the calls of BenchmarkCallMatrix return the same in both forms, and that no shim remains.
func TestCallMatrix(t *testing.T) {
	e := wasmtime.New(wasmtime.Options{})
	defer e.Close()
	for _, caller := range []string{"caller.wasm", "caller-return-call-ref.wasm"} {
		t.Run(caller, func(t *testing.T) {
			in := callMatrixInputs(t, caller)
			var got [2][]string
			for i, form := range []form{compose, fuse} {
				inst := loadForm(t, e, in, form)
				for _, c := range callMatrix {
					r, err := inst.Call("run-"+c.name, "3", fmt.Sprint(min(c.size, 1000)))
					if err != nil {
						t.Fatalf("%s: %v", c.name, err)
					}
					got[i] = append(got[i], c.name+" "+r)
				}
				inst.Close()
			}
			if !slices.Equal(got[0], got[1]) {
				t.Errorf("composed answers %q, fused %q", got[0], got[1])
			}
			m := mainModule(t, in)
			for i := range m.Code {
				for r := op.NewReader(m.Code[i].Code, 0); r.Next(); {
					switch r.In.Op {
					case op.CallIndirect, op.ReturnCallIndirect, op.CallRef, op.ReturnCallRef:
						t.Errorf("function %d has a %v", i, r.In.Op)
					}
				}
			}
			if m.Start != nil || len(m.Tables) > 0 {
				t.Errorf("there is a start function (%v), or tables: %d", m.Start != nil, len(m.Tables))
			}
		})
	}
}
