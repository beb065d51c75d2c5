package handles

import (
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

func (x *fixture) builtinSym(op component.CanonOp, inst graph.InstID, res int) asm.Sym {
	for i := range x.g.Builtins {
		if b := &x.g.Builtins[i]; b.Op == op && b.Inst == inst && b.Resource == x.res[res] {
			return sym.Builtin(graph.BuiltinID(i))
		}
	}
	panic("no such built-in")
}

// loops exports functions [n] -> [] that repeat n times what guests do. "cycle" creates a resource in a, its
// implementing instance, passes it to b, and drops it there. "method" calls a method of a from b with handle 1 of b.
// "scoped" lends that handle to c.
func (x *fixture) loops(tb testing.TB) {
	tb.Helper()
	x.primitives(tb)
	constructor := x.fn("constructor", 1, 1, func(f *asm.Func) { f.Call(x.builtinSym(component.CanonResourceNew, instA, resA)) })
	makeIt := x.fn("adapter make", 1, 1, func(f *asm.Func) {
		f.Call(constructor)
		x.t.LiftOwn(f, instA, x.res[resA])
		x.t.LowerOwn(f, instB, x.res[resA])
	})
	get := x.fn("get", 1, 1, func(f *asm.Func) { f.I32Const(1).Op(op.I32Add) })
	method := x.fn("adapter get", 1, 1, func(f *asm.Func) {
		x.t.LiftBorrow(f, instB, x.res[resA], Frame{})
		x.t.LowerBorrow(f, instA, x.res[resA], Frame{})
		f.Call(get)
	})
	take := x.fn("take", 1, 0, func(f *asm.Func) { f.Call(x.builtinSym(component.CanonResourceDrop, instC, resA)) })
	scoped := x.fn("adapter take", 1, 0, func(f *asm.Func) {
		fr := Frame{Scope: true, Local: f.Local(corewasm.I32)}
		x.t.OpenFrame(f)
		f.LocalSet(fr.Local)
		x.t.LiftBorrow(f, instB, x.res[resA], fr)
		x.t.LowerBorrow(f, instC, x.res[resA], fr)
		f.Call(take)
		x.t.CheckReturn(f, fr)
		x.t.CloseFrame(f, fr)
	})
	loop := func(name string, body func(f *asm.Func)) {
		x.fn(name, 1, 0, func(f *asm.Func) {
			f.Op(op.Drop)
			again := f.Loop()
			body(f)
			f.LocalGet(f.Param(0)).I32Const(1).Op(op.I32Sub).LocalTee(f.Param(0)).BrIf(again)
			f.End()
		})
	}
	loop("cycle", func(f *asm.Func) {
		f.LocalGet(f.Param(0)).Call(makeIt).Call(x.builtinSym(component.CanonResourceDrop, instB, resA))
	})
	loop("method", func(f *asm.Func) { f.I32Const(1).Call(method).Op(op.Drop) })
	loop("scoped", func(f *asm.Func) { f.I32Const(1).Call(scoped) })
}

// counting replaces the destructor of a's type, whose log is limited, by one that counts in the log's first word.
func (x *fixture) counting() {
	f := x.u.Func("count", repType)
	f.I32Const(0).I32Const(0).Mem(op.I32Load, x.log, 2, 0).I32Const(1).Op(op.I32Add).Mem(op.I32Store, x.log, 2, 0)
	f.Finish()
	x.g.Resources[resA].Dtor = x.stands(f.Sym())
}

func bench(b *testing.B, name string) {
	x := newFixture(b, 0)
	x.counting()
	x.loops(b)
	m := x.start(b)
	m.must("adapter make", 7)
	m.must(name, 1000)
	b.ResetTimer()
	for n := b.N; n > 0; n -= 1 << 30 {
		m.must(name, uint32(min(n, 1<<30)))
	}
}

func BenchmarkCreateDrop(b *testing.B)   { bench(b, "cycle") }
func BenchmarkBorrowMethod(b *testing.B) { bench(b, "method") }
func BenchmarkScopedBorrow(b *testing.B) { bench(b, "scoped") }

// TestCycles checks that creating and dropping ten million resources does not grow the memory.
func TestCycles(t *testing.T) {
	x := newFixture(t, 0)
	x.counting()
	x.loops(t)
	m := x.start(t)
	size := len(m.memory("handles"))
	n := uint32(10_000_000)
	m.must("cycle", n)
	if got := u32(m.memory("log"), 0); got != n {
		t.Errorf("the destructor ran %d times, want %d", got, n)
	}
	m.must("adapter make", 7)
	m.must("scoped", n/10)
	if got := len(m.memory("handles")); got != size || got != pageSize {
		t.Errorf("memory of %d bytes, want %d as at first", got, pageSize)
	}
}
