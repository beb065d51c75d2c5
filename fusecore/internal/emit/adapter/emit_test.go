package adapter

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// TestMissingOptions checks that options that are not needed may be missing.
func TestMissingOptions(t *testing.T) {
	str, u8 := prim(ctypes.String), prim(ctypes.U8)
	for _, ft := range []*ctypes.Func{fn(str), fn(nil, times(17, u8)...)} {
		s := &callSpec{ft: ft, pages: 1}
		g := s.graph()
		none := &g.Calls[0].Callee.Opts.Realloc
		if ft.Result == nil {
			none = &g.Calls[0].Caller.Opts.Realloc
		}
		*none = graph.CoreRef{}
		Emit(asm.NewUnit(), s.decided(g), nil, Options{})
	}
}

func TestClasses(t *testing.T) {
	e := newEngine(t)
	s := &callSpec{ft: fn(prim(ctypes.U8), prim(ctypes.String)), pages: 1}
	// Forwarding passes the caller's values on unchecked, because the host's own lowering checks them.
	s.host = true
	s.plan.Class, s.plan.CheckLeave = plan.Forward, plan.Because(plan.MayNotLeave)
	b := newBench(t, e, s)
	b.target = func(a []uint64) []uint64 { return []uint64{a[0] + a[1]} }
	if got, err := b.call(1<<31, 5); err != nil || got[0] != 1<<31+5 {
		t.Errorf("forwarded: %v, %v", got, err)
	}
	if b.global("may_leave/2") != 1 {
		t.Error("the call has no flag to look at")
	}
	b.in.Close()

	u, direct := asm.NewUnit(), &callSpec{ft: s.ft, pages: 1, direct: true}
	g := direct.graph()
	g.Calls = append(g.Calls, g.Calls[0]) // not live
	p := direct.decided(g)
	p.Calls = append(p.Calls, plan.Call{Class: plan.Copy})
	if Emit(u, p, nil, Options{}); len(u.Funcs) != 0 || len(u.Provided) != 0 {
		t.Errorf("direct calls and those that nothing makes: %d functions", len(u.Funcs))
	}
}

// TestNames finds the functions of one call in the unit.
func TestNames(t *testing.T) {
	u := asm.NewUnit()
	s := &callSpec{ft: fn(nil, tupleOf(listOf(listOf(prim(ctypes.Bool))))), pages: 1}
	emit(u, s.decided(s.graph()), nil, Options{}, -1)
	var names []string
	for _, f := range u.Funcs {
		if !strings.HasPrefix(f.Name, trap.Prefix) {
			names = append(names, f.Name)
		}
	}
	want := "f a>b; tuple a>b; list a>b; pass list; check pointer; allocate; check block; list a>b; pass list"
	if got := strings.Join(names, "; "); got != want {
		t.Errorf("functions:\n%s\nwant\n%s", got, want)
	}
}

// TestCodeIsLinear doubles types repeatedly: code may only grow with the number of definitions.
func TestCodeIsLinear(t *testing.T) {
	double := map[string]func(*ctypes.Type) *ctypes.Type{
		"tuple": func(t *ctypes.Type) *ctypes.Type { return tupleOf(t, t) },
		"variant": func(t *ctypes.Type) *ctypes.Type {
			return &ctypes.Type{Kind: ctypes.Variant, Fields: []ctypes.Field{{Label: "a", Type: t}, {Label: "b", Type: tupleOf(t)}}}
		},
		"list": func(t *ctypes.Type) *ctypes.Type {
			return &ctypes.Type{Kind: ctypes.Result, Elem: listOf(t), Err: listOf(tupleOf(t))}
		},
	}
	for name, d := range double {
		size := func(depth int) int {
			typ := prim(ctypes.Char)
			for range depth {
				typ = d(typ)
			}
			u := asm.NewUnit()
			s := &callSpec{ft: fn(typ, typ), pages: 1}
			Emit(u, s.decided(s.graph()), nil, Options{})
			n := 0
			for _, f := range u.Funcs {
				n += f.Size()
			}
			return n
		}
		// Below 2^28 bytes there is room for 25 doublings of a 4-byte type.
		if a, b, c := size(12), size(18), size(24); c-b > (b-a)*3/2 || c > 1<<20 {
			t.Errorf("%s: %d bytes of code for 12 doublings, %d for 18, %d for 24", name, a, b, c)
		}
	}
}

// TestDeterminism generates the same code twice.
func TestDeterminism(t *testing.T) {
	for seed := range uint64(50) {
		code := func() []byte {
			s := randomSpec(rand.New(rand.NewPCG(seed, 1)))
			u := asm.NewUnit()
			g := s.graph()
			emit(u, s.decided(g), nil, Options{}, s.budget)
			return link(u, g, s)
		}
		if !bytes.Equal(code(), code()) {
			t.Errorf("seed %d: two different modules", seed)
		}
	}
}

// FuzzAgainstTheModel is TestAgainstTheModel with the fuzzer's seeds.
func FuzzAgainstTheModel(f *testing.F) {
	e := newEngine(f)
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 2))
		s := randomSpec(r)
		b := newBench(t, e, s)
		defer b.in.Close()
		for range 4 {
			tr := &trial{bench: b, spec: s, r: r, ts: cabi.New()}
			tr.run()
			if t.Failed() {
				t.Fatalf("%v, %+v", s.ft, *s)
			}
		}
	})
}

func ExampleEmit() {
	u := asm.NewUnit()
	s := &callSpec{ft: fn(nil, prim(ctypes.Bool)), pages: 1}
	Emit(u, s.decided(s.graph()), nil, Options{})
	f := u.Funcs[u.Provided[sym.Call(0)].Index]
	fmt.Println(f.Name, f.Type.Equal(corewasm.FuncType{Params: []corewasm.ValType{corewasm.I32}}))
	// Output: f a>b true
}
