package adapter

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/state"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/asmtest"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/graphtest"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// text takes and returns a string, so that both sides' reallocs and the callee's post-return run.
func text() *callSpec {
	s := prim(ctypes.String)
	return &callSpec{ft: fn(s, s), pages: 1, budget: outlineBudget, post: true}
}

// TestMayLeave looks at both instances' flags wherever guest code runs.
func TestMayLeave(t *testing.T) {
	e := newEngine(t)
	s := text()
	s.plan = plan.Call{
		CheckLeave:  plan.Because(plan.MayNotLeave),
		CallerLeave: plan.Because(plan.ReallocLeaves),
		CalleeLeave: plan.Because(plan.ReallocLeaves),
	}
	b := newBench(t, e, s)
	defer b.in.Close()
	var log []string
	event := func(what string) {
		log = append(log, fmt.Sprint(what, " ", b.global("may_leave/2"), b.global("may_leave/3")))
	}
	b.realloc = func(side int, _, _, _, _ uint64) uint64 { event(fmt.Sprint("realloc ", side)); return 0 }
	b.target = func(a []uint64) []uint64 { event("target"); return []uint64{0} }
	b.post = func([]uint64) { event("post") }
	if _, err := b.call(0, 0, 8); err != nil {
		t.Fatal(err)
	}
	event("end")
	want := []string{"realloc 1 1 0", "target 1 1", "realloc 0 0 1", "post 1 0", "end 1 1"}
	if d := cmp.Diff(want, log); d != "" {
		t.Errorf("flags (-want +got):\n%s", d)
	}

	// A call from where the caller may not leave traps before anything else happens.
	log = nil
	b.realloc = func(side int, _, _, _, _ uint64) uint64 {
		if side == 0 {
			log = nil
			if _, err := b.call(0, 0, 8); !wasmtime.IsTrap(err) {
				t.Errorf("call out of realloc: %v", err)
			}
			event("called")
		}
		return 0
	}
	if _, err := b.call(0, 0, 8); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"called 0 1", "post 1 0"}, log); d != "" {
		t.Errorf("call out of realloc (-want +got):\n%s", d)
	}
}

// synth adds a function to the unit and returns a reference to a guest's function that stands for it.
func synth(u *asm.Unit, name string, t corewasm.FuncType, body func(f *asm.Func)) graph.CoreRef {
	f := u.Func(name, t)
	body(f)
	f.Finish()
	r := guestFunc(calleeCore, 100+f.Sym().Index)
	u.Provide(sym.Of(r), f)
	return r
}

func i32s(params, results int) corewasm.FuncType {
	ts := make([]corewasm.ValType, 4)
	for i := range ts {
		ts[i] = corewasm.I32
	}
	return corewasm.FuncType{Params: ts[:params], Results: ts[:results]}
}

// TestExceptions throws out of every kind of guest function that an adapter calls.
func TestExceptions(t *testing.T) {
	e := newEngine(t)
	for _, c := range []struct {
		name string
		sig  corewasm.FuncType
		at   func(c *graph.Call) *graph.CoreRef
	}{
		{"target", i32s(2, 1), func(c *graph.Call) *graph.CoreRef { return &c.Target }},
		{"callee's realloc", i32s(4, 1), func(c *graph.Call) *graph.CoreRef { return &c.Callee.Opts.Realloc }},
		{"caller's realloc", i32s(4, 1), func(c *graph.Call) *graph.CoreRef { return &c.Caller.Opts.Realloc }},
		{"post-return", i32s(1, 0), func(c *graph.Call) *graph.CoreRef { return &c.Callee.Opts.PostReturn }},
	} {
		for _, catch := range []bool{false, true} {
			s := text()
			if catch {
				s.plan.Catch = plan.Because(plan.MayThrow)
			}
			s.prepare = func(u *asm.Unit, g *graph.Graph) {
				*c.at(&g.Calls[0]) = synth(u, "throwing", c.sig, func(f *asm.Func) { f.Throw(asmtest.Tag) })
				synth(u, "caller", i32s(0, 1), func(f *asm.Func) {
					caught := f.Block()
					f.TryCatchAll(caught)
					f.I32Const(0).I32Const(0).I32Const(8).Call(sym.Call(0)).I32Const(0).Return()
					f.End()
					f.End()
					f.I32Const(1)
				})
			}
			b := newBench(t, e, s)
			b.realloc = func(int, uint64, uint64, uint64, uint64) uint64 { return 0 }
			b.target = func([]uint64) []uint64 { return []uint64{0} }
			b.post = func([]uint64) {}
			got, err := b.in.Call("caller")
			if catch && !wasmtime.IsTrap(err) {
				t.Errorf("%s: an exception leads to %v, %v", c.name, got, err)
			}
			if !catch && (err != nil || got[0] != 1) {
				t.Errorf("%s, not caught: %v, %v", c.name, got, err)
			}
			b.in.Close()
		}
	}
}

// TestContext writes the first context slot wherever guest code runs, and looks at its previous value.
func TestContext(t *testing.T) {
	e := newEngine(t)
	s := text()
	s.context = true
	s.plan.SaveContext = plan.Because(plan.KeepsContext)
	var at [2]int32 // next byte of the log in each memory
	s.prepare = func(u *asm.Unit, g *graph.Graph) {
		c := &g.Calls[0]
		slots := state.New(u, s.decided(g))
		slot := func(side int) asm.Sym { return slots.Context(guest(side), 0, corewasm.I32) }
		// visit logs a side's slot, in the order of the code below, and then changes it.
		visit := func(f *asm.Func, side int, set int32) {
			f.I32Const(at[side]).GlobalGet(slot(side)).Mem(op.I32Store, sym.Of(g.Calls[0].Caller.Opts.Memory), 2, 256*uint64(side))
			f.I32Const(set).GlobalSet(slot(side))
			at[side] += 4
		}
		body := func(side int, set int32, results int) func(f *asm.Func) {
			return func(f *asm.Func) {
				visit(f, side, set)
				for range results {
					f.I32Const(0)
				}
			}
		}
		c.Callee.Opts.Realloc = synth(u, "realloc 1", i32s(4, 1), body(1, 5, 1))
		c.Target = synth(u, "target", i32s(2, 1), body(1, 7, 1))
		c.Callee.Opts.PostReturn = synth(u, "post", i32s(1, 0), body(1, 9, 0))
		c.Caller.Opts.Realloc = synth(u, "realloc 0", i32s(4, 1), body(0, 11, 1))
		synth(u, "caller", i32s(0, 0), func(f *asm.Func) {
			f.I32Const(21).GlobalSet(slot(0)).I32Const(22).GlobalSet(slot(1))
			f.I32Const(0).I32Const(0).I32Const(512).Call(sym.Call(0))
			visit(f, 0, 0)
			visit(f, 1, 0)
		})
	}
	b := newBench(t, e, s)
	defer b.in.Close()
	if _, err := b.in.Call("caller"); err != nil {
		t.Fatal(err)
	}
	var got [2][]uint32
	for side := range 2 {
		for i := int32(0); i < at[side]; i += 4 {
			got[side] = append(got[side], binary.LittleEndian.Uint32(b.memory(0)[int32(256*side)+i:]))
		}
	}
	// Caller: realloc sees a separate thread, the caller its own value. Callee: realloc and the function see zero,
	// post-return the function's value; at the end the slot is restored.
	if d := cmp.Diff([2][]uint32{{0, 21}, {0, 0, 7, 22}}, got); d != "" {
		t.Errorf("slots (-want +got):\n%s", d)
	}
}

// TestReallocGrows checks an address against the memory's size after realloc, not before.
func TestReallocGrows(t *testing.T) {
	e := newEngine(t)
	for _, grow := range []int32{0, 1} {
		s := &callSpec{ft: fn(nil, listOf(prim(ctypes.U8))), pages: 1, budget: outlineBudget}
		s.prepare = func(u *asm.Unit, g *graph.Graph) {
			o := &g.Calls[0].Callee.Opts
			o.Realloc = synth(u, "grow", i32s(4, 1), func(f *asm.Func) {
				f.I32Const(grow).MemoryGrow(sym.Of(o.Memory)).Op(op.Drop).I32Const(page)
			})
		}
		b := newBench(t, e, s)
		b.target = func([]uint64) []uint64 { return nil }
		copy(b.memory(0), "hello")
		_, err := b.call(0, 5)
		if grow == 0 && !wasmtime.IsTrap(err) || grow == 1 && (err != nil || string(b.memory(1)[page:page+5]) != "hello") {
			t.Errorf("memory grown by %d pages: %v", grow, err)
		}
		b.in.Close()
	}
}

// TestHostMemory calls the host and checks that the call's allocations in the host memory are freed.
func TestHostMemory(t *testing.T) {
	e := newEngine(t)
	s := text()
	s.host, s.plan.HostMemory = true, plan.Because(plan.InMemory)
	b := newBench(t, e, s)
	defer b.in.Close()
	b.realloc = func(int, uint64, uint64, uint64, uint64) uint64 { return 64 }
	b.target = func(a []uint64) []uint64 {
		if d := cmp.Diff([]uint64{16, 5, 24}, a); d != "" {
			t.Errorf("arguments of the host (-want +got):\n%s", d)
		}
		if got := b.global("host top"); got != 32 {
			t.Errorf("top of the host memory during the call: %d", got)
		}
		mem, err := b.in.Memory("host memory")
		if err != nil || string(mem[16:21]) != "hello" {
			t.Errorf("the host reads %q (%v)", mem[16:21], err)
		}
		copy(mem[200:], "world")
		binary.LittleEndian.PutUint32(mem[a[2]:], 200)
		binary.LittleEndian.PutUint32(mem[a[2]+4:], 5)
		return nil
	}
	copy(b.memory(0), "hello")
	if _, err := b.call(0, 5, 8); err != nil {
		t.Fatal(err)
	}
	if got := string(b.memory(0)[64:69]); got != "world" || b.global("host top") != 16 {
		t.Errorf("result %q, top %d", got, b.global("host top"))
	}
}

// TestPageSize checks the page sizes of memories, which bounds are computed from.
func TestPageSize(t *testing.T) {
	s := &callSpec{ft: fn(nil)}
	g := s.graph()
	g.Cores[calleeCore].Module.Mems[0].PageSizeLog2 = 0
	e := newEmitter(asm.NewUnit(), s.decided(g), nil, Options{}, 0)
	of := func(c graph.CoreID) uint32 {
		return e.p.Graph.MemType(graphtest.Def(corewasm.ExternMem, c, 0)).PageSizeLog2
	}
	if d := cmp.Diff([]uint32{16, 0, 16}, []uint32{of(callerCore), of(calleeCore), e.p.Graph.MemType(graph.CoreRef{}).PageSizeLog2}); d != "" {
		t.Errorf("page sizes (-want +got):\n%s", d)
	}
}
