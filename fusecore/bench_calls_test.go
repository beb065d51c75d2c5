package fusecore_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// callMatrix are the calls between two components made by component tools, with their shims, which tools/bench measures:
// run-CASE makes n calls.
var callMatrix = []struct {
	name string
	size int
}{
	{"add", 0},
	{"many", 0},
	{"text", 8},
	{"text", 1000},
	{"echo", 8},
	{"echo", 1000},
	{"bytes", 32},
	{"bytes", 1000},
	{"words", 8},
	{"words", 1000},
	{"recs", 4},
	{"recs", 1000},
	{"vary", 0},
	{"res", 0},
	{"method", 0},
	{"create", 0},
	{"things", 4},
	{"things", 1000},
}

// callMatrixInputs returns the matrix with one of the two forms of shims.
func callMatrixInputs(t testing.TB, caller string) fusecore.Graph {
	read := func(name string) fusecore.Input {
		return fusecore.Input{Name: name, Bytes: readFile(t, "testdata/bench/calls/"+name)}
	}
	return fusecore.Graph{Root: read(caller), Deps: []fusecore.Input{read("callee.wasm")}}
}

// TestCallMatrix checks that the calls of the matrix return the same in both forms, and that no shim remains.
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
					r, err := inst.Call("run-"+c.name, "3", fmt.Sprint(c.size))
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

// TestGuestCode checks that the guest code that tools/bench measures returns the same in both forms.
func TestGuestCode(t *testing.T) {
	e := wasmtime.New(wasmtime.Options{})
	defer e.Close()
	read := func(name string) fusecore.Input {
		return fusecore.Input{Name: name, Bytes: readFile(t, "testdata/bench/guest/"+name+".wasm")}
	}
	for name, in := range map[string]fusecore.Graph{
		"alone": {Root: read("alone")},
		"host":  {Root: read("host")},
		"pair":  {Root: read("outer"), Deps: []fusecore.Input{read("inner")}},
	} {
		var got [2][]string
		for i, form := range []form{compose, fuse} {
			inst := loadForm(t, e, in, form)
			for _, fn := range []string{"run-sum", "run-chase", "run-sort"} {
				r, err := inst.Call(fn, "3", "1024")
				if err != nil {
					t.Fatalf("%s: %s: %v", name, fn, err)
				}
				got[i] = append(got[i], fn+" "+r)
			}
			inst.Close()
		}
		if !slices.Equal(got[0], got[1]) {
			t.Errorf("%s: composed answers %q, fused %q", name, got[0], got[1])
		}
	}
}
