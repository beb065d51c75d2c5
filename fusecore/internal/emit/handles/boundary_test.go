package handles

import (
	"fmt"
	"slices"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/state"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/asmtest"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// TestGrowth lets two tables grow alternately past 100 000 entries each.
func TestGrowth(t *testing.T) {
	m := start(t, 0)
	const n = 120_000
	for i := uint32(1); i <= n; i++ {
		if h := m.must("resource.new 1 0", i); h != i {
			t.Fatalf("handle %d in a, want %d", h, i)
		}
		if h := m.must("resource.new 2 1", ^i); h != i {
			t.Fatalf("handle %d in b, want %d", h, i)
		}
	}
	// Chunks double, so the memory is at most twice the size used, plus a page.
	if size, most := len(m.memory("handles")), 2*2*n*entrySize+2*pageSize; size > most {
		t.Errorf("memory of %d bytes, want at most %d", size, most)
	}
	for i := uint32(1); i <= n; i++ {
		if rep := m.must("lift borrow 1 0", i); rep != i {
			t.Fatalf("handle %d of a stands for %d", i, rep)
		}
		if rep := m.must("lift own 2 1", i); rep != ^i {
			t.Fatalf("handle %d of b stands for %d, want %d", i, rep, ^i)
		}
	}
	m.traps("lift borrow 1 0", n+1)
	m.traps("lift own 2 1", 1)
	if h := m.must("resource.new 2 1", 0); h != n {
		t.Errorf("handle %d, want %d, the last freed", h, n)
	}
}

// TestExhaustion checks that if the memory cannot grow, a new handle traps and nothing else changes.
func TestExhaustion(t *testing.T) {
	x := newFixture(t, 0)
	x.primitives(t)
	limits := &x.u.Mems[x.t.mem.Index].Type.Limits
	limits.HasMax, limits.Max = true, limits.Min+2
	m := x.start(t)
	n := uint32(0)
	for {
		h, ok := m.call("resource.new 1 0", n)
		if !ok {
			break
		}
		n = h
	}
	if n < 1024 || n&(n+1) != 0 {
		t.Errorf("%d handles fit, want all of a number of chunks", n)
	}
	m.breaks(trap.OutOfMemory, "resource.new 1 0", 7)
	m.must("lift own 1 0", n)
	if h := m.must("resource.new 1 0", 7); h != n {
		t.Errorf("handle %d, want %d", h, n)
	}
	if h := m.must("resource.new 2 1", 7); h != 1 {
		t.Errorf("handle %d in another table, want 1", h)
	}
}

// TestAllocate checks that a chunk that does not fit below 4 GiB is a trap, even if its end would wrap around.
func TestAllocate(t *testing.T) {
	x := newFixture(t, 0)
	x.primitives(t)
	x.exports["allocate"] = x.t.allocate()
	m := x.start(t)
	first := m.must("allocate", 48)
	if end := x.t.staticSize(len(guests)); first != uint32(end) {
		t.Errorf("first allocation at %d, want %d", first, end)
	}
	for _, size := range []uint32{-first - 48, -first - 47, 1<<32 - 1} {
		m.breaks(trap.TableFull, "allocate", uint64(size))
	}
	if next := m.must("allocate", 1<<31); next != first+48 { // the largest chunk that can be requested, once
		t.Errorf("second allocation at %d, want %d", next, first+48)
	}
	m.breaks(trap.TableFull, "allocate", 1<<31)
	if last := m.must("allocate", 16); last != first+48+1<<31 {
		t.Errorf("last allocation at %d, want %d", last, first+48+1<<31)
	}
}

// TestFrames opens more calls and lends more handles than the first segment holds. Later calls use the same memory.
func TestFrames(t *testing.T) {
	m := start(t, 0)
	for i := range uint32(100) {
		m.must("resource.new 1 0", i)
	}
	round := func() int {
		var frames []uint32
		for i := range uint32(10_000) {
			frames = append(frames, m.must("open"))
			m.must("lend 1 0", 1+i%100, frames[i])
			m.must("lend 1 0", 1+i*7%100, frames[i])
		}
		sorted := slices.Clone(frames)
		slices.Sort(sorted)
		if len(slices.Compact(sorted)) != len(frames) {
			t.Fatal("two open calls share a frame")
		}
		m.traps("lift own 1 0", 100)
		for _, fr := range slices.Backward(frames) {
			m.must("check", fr)
			m.must("close", fr)
		}
		return len(m.memory("handles"))
	}
	first := round()
	if again := round(); again != first {
		t.Errorf("memory grew from %d to %d bytes in the second round", first, again)
	}
	if top := m.global("handles frame top"); top != framesAt {
		t.Errorf("%d bytes of frames are left", top-framesAt)
	}
	for i := range uint32(100) {
		m.must("lift own 1 0", i+1) // traps if a lend remains
	}
}

// TestHostResource checks that a type of the host keeps the outer component's handle behind each instance's handle.
func TestHostResource(t *testing.T) {
	m := start(t, 0)
	var dropped []uint32
	m.host = func(fn int, arg uint32) uint32 {
		if fn != hostDropHost {
			t.Fatalf("unexpected call of %s", hostFuncNames[fn])
		}
		dropped = append(dropped, arg)
		return 0
	}
	host := func(op string) string { return fmt.Sprintf("%s %d %d", op, number(host), resHost) }
	if w := m.must(host("lift own"), 70); w != 70 {
		t.Errorf("the host's handle 70 became %d", w)
	}
	a, b := m.must("lower own 1 3", 70), m.must("lower own 2 3", 71)
	if a != 1 || b != 1 {
		t.Errorf("handles %d and %d, want 1 in each table", a, b)
	}
	if w := m.must(host("lower borrow"), m.must("lift borrow 1 3", a), 0); w != 70 {
		t.Errorf("the host is lent %d, want 70", w)
	}
	c := m.must("lower own 3 3", m.must("lift own 1 3", a))
	m.traps("resource.drop 1 3", a)
	m.must("resource.drop 3 3", c)
	m.must("resource.drop 2 3", b)
	if !slices.Equal(dropped, []uint32{70, 71}) {
		t.Errorf("dropped %v of the host's handles, want [70 71]", dropped)
	}
	// A borrow that the host passes in must be dropped by the component, once, however far it is lent.
	dropped = nil
	outer := m.must("open")
	h := m.must("lower borrow 1 3", m.must(host("lift borrow"), 90), outer)
	inner := m.must("open")
	lent := m.must("lower borrow 2 3", m.must("lift borrow 1 3", h), inner)
	if w := m.must(host("lower borrow"), m.must("lift borrow 2 3", lent), 0); w != 90 {
		t.Errorf("the host is lent %d, want 90", w)
	}
	m.must("resource.drop 2 3", lent)
	m.must("check", inner)
	m.must("close", inner)
	if dropped != nil {
		t.Errorf("dropping what was lent on dropped %v", dropped)
	}
	m.traps("check", outer)
	m.must("resource.drop 1 3", h)
	m.must("check", outer)
	m.must("close", outer)
	if !slices.Equal(dropped, []uint32{90}) {
		t.Errorf("dropped %v of the host's handles, want [90]", dropped)
	}
}

// TestToHost checks that a type of an instance is a type of the outer component at the boundary. Handles that come back
// are removed from the outer component's table without the destructor, which runs when the host drops them.
func TestToHost(t *testing.T) {
	x := newFixture(t, 0)
	// The outer component's resource.drop calls the destructor, as a runtime does, with the representation as handle.
	drop := x.u.Func("drop A", repType)
	x.primitives(t)
	drop.LocalGet(drop.Param(0)).Call(x.t.HostDtor(x.res[resA]))
	drop.Finish()
	x.u.Provided[asm.Sym{Kind: corewasm.ExternFunc, Origin: asm.OriginHost, Index: hostDropA}] = drop.Sym()
	m := x.start(t)
	var calls []string
	m.host = func(fn int, arg uint32) uint32 {
		calls = append(calls, fmt.Sprint(hostFuncNames[fn], " ", arg))
		return arg + 1000
	}
	name := func(op string) string { return fmt.Sprintf("%s %d %d", op, number(host), resA) }
	if w := m.must(name("lower own"), 7); w != 1007 {
		t.Errorf("the host is given %d, want 1007", w)
	}
	if rep := m.must(name("lift own"), 5); rep != 1005 {
		t.Errorf("the host's handle stands for %d, want 1005", rep)
	}
	if rep := m.must(name("lift borrow"), 5); rep != 5 {
		t.Errorf("the host lends %d, want the representation 5", rep)
	}
	if got := m.destroyed(); got != nil {
		t.Errorf("taking a handle from the host destroyed %v", got)
	}
	m.must("host dtor", 9)
	if got := fmt.Sprint(m.destroyed()); got != "[[0 9]]" {
		t.Errorf("the host's drop destroyed %s, want [[0 9]]", got)
	}
	if want := []string{"new A 7", "rep A 5"}; !slices.Equal(calls, want) {
		t.Errorf("calls %q, want %q", calls, want)
	}
	if s := x.t.HostDtor(x.res[resC]); !s.IsZero() {
		t.Error("a type without destructor has one for the host")
	}
}

// TestDestructor checks that the index is free when the destructor runs, which has its own context slots.
func TestDestructor(t *testing.T) {
	x := newFixture(t, 0)
	x.p.Contexts = map[graph.InstID][]analyse.ContextSlot{instA: {{Type: corewasm.I32}}}
	slot := state.New(x.u, x.p).Context(instA, 0, corewasm.I32)
	f := x.u.Func("dtor", repType)
	f.GlobalGet(slot)
	f.TrapIf(trap.Backpressure)
	f.I32Const(99).GlobalSet(slot)
	f.I32Const(0).LocalGet(f.Param(0)).I32Const(1).Op(op.I32Add)
	f.Call(sym.Builtin(0)).Mem(op.I32Store, x.log, 2, 0) // resource.new of a's type
	f.Finish()
	x.g.Resources[resA].Dtor = x.stands(f.Sym())
	x.fn("set context", 1, 0, func(f *asm.Func) { f.GlobalSet(slot) })
	x.primitives(t)
	m := x.start(t)
	m.must("set context", 5)
	h := m.must("resource.new 1 0", 7)
	m.must("resource.drop 1 0", h)
	if got := u32(m.memory("log"), 0); got != h {
		t.Errorf("the destructor was given the handle %d, want %d again", got, h)
	}
	if rep := m.must("resource.rep 1 0", h); rep != 8 {
		t.Errorf("rep %d, want 8", rep)
	}
	if got := m.global("context/2/0"); got != 5 {
		t.Errorf("context slot is %d after the drop, want 5", got)
	}
	b := m.must("lower own 2 0", 20)
	m.must("resource.drop 2 0", b)
	if rep := m.must("resource.rep 1 0", h+1); rep != 21 {
		t.Errorf("rep %d, want 21", rep)
	}
}

// TestThrowingDestructor checks that an exception that leaves a destructor is a trap.
func TestThrowingDestructor(t *testing.T) {
	for _, tags := range []int{0, 1} {
		x := newFixture(t, 0)
		f := x.u.Func("dtor", repType)
		f.Throw(asmtest.Tag)
		f.Finish()
		x.g.Resources[resA].Dtor = x.stands(f.Sym())
		x.p.Throws = map[graph.InstID]bool{instA: tags == 1}
		x.primitives(t)
		x.fn("guest", 1, 1, func(f *asm.Func) {
			f.Op(op.Drop)
			caught := f.Block()
			f.TryCatchAll(caught)
			f.LocalGet(f.Param(0)).Call(x.builtinSym(component.CanonResourceDrop, instB, resA))
			f.I32Const(0).Return()
			f.End()
			f.End()
			f.I32Const(1)
		})
		m := x.start(t)
		h := m.must("lower own 2 0", 7)
		out, ok := m.call("guest", h)
		if tags == 1 && ok {
			t.Errorf("a guest caught the exception of another's destructor: %d", out)
		}
		if tags == 0 && (!ok || out != 1) {
			t.Errorf("without a tag nothing is guarded: %d, %v, want 1 caught", out, ok)
		}
	}
}

// TestMayLeave checks that if the flag is observable, new and drop test it and rep does not.
func TestMayLeave(t *testing.T) {
	x := newFixture(t, 0)
	for i := range x.g.Builtins {
		if x.g.Builtins[i].Inst == instA {
			x.p.Builtins[i].CheckLeave = plan.Because(plan.MayNotLeave)
		}
	}
	x.primitives(t)
	x.fn("leave", 1, 0, func(f *asm.Func) { f.GlobalSet(state.New(x.u, x.p).MayLeave(instA)) })
	m := x.start(t)
	h := m.must("resource.new 1 0", 7)
	m.must("leave", 0)
	m.traps("resource.new 1 0", 7)
	m.traps("resource.drop 1 0", h)
	if rep := m.must("resource.rep 1 0", h); rep != 7 {
		t.Errorf("rep %d, want 7", rep)
	}
	m.must("resource.drop 2 0", m.must("lower own 2 0", 8)) // b may leave, and a's destructor may run
	m.must("leave", 1)
	m.must("resource.drop 1 0", h)
	if got := fmt.Sprint(m.destroyed()); got != "[[0 8] [0 7]]" {
		t.Errorf("destroyed %s, want [[0 8] [0 7]]", got)
	}
}

// TestPanics: tables serve only plans that count borrows and import what moving handles to and from the host takes.
func TestPanics(t *testing.T) {
	x := newFixture(t, 0)
	x.decide()
	f := x.u.Func("f", mapType)
	for name, emit := range map[string]func(){
		"borrow without scope":     func() { x.t.LowerBorrow(f, instB, x.res[resA], Frame{}) },
		"own to the host, no new":  func() { x.t.LowerOwn(f, host, x.res[resB]) },
		"own of the host, no drop": func() { x.t.LiftOwn(f, host, x.res[resB]) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: code is generated", name)
				}
			}()
			emit()
		}()
	}
}
