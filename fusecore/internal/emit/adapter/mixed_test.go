package adapter

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// TestMixed translates from memory to core values and back. No pair of synchronous conventions does that, because they
// agree on what is passed in memory.
func TestMixed(t *testing.T) {
	e := newEngine(t)
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 3))
		s := randomSpec(r)
		s.ft, s.host, s.hostCaller, s.context = fn(nil), false, false, false
		typ := randomType(r, 3)
		ts := cabi.New()
		if ts.Of(typ, false).TooFlat() {
			continue
		}
		s.prepare = func(u *asm.Unit, g *graph.Graph) {
			em := newEmitter(u, s.decided(g), nil, Options{}, s.budget)
			gen := &gen{emitter: em, src: em.side(&g.Calls[0].Caller, false), dst: em.side(&g.Calls[0].Callee, false)}
			lift := corewasm.FuncType{Params: []corewasm.ValType{gen.src.ptr()}, Results: ts.Of(typ, s.ptr64[1]).Flat}
			gen.f = u.Func("memory to flat", lift)
			var used []asm.Local
			for range cabi.MaxFlatParams { // temporaries have undefined values
				used = append(used, gen.f.I32Const(-1).SetTemp(corewasm.I32), gen.f.I64Const(-1).SetTemp(corewasm.I64),
					gen.f.F32Const(-1).SetTemp(corewasm.F32), gen.f.F64Const(-1).SetTemp(corewasm.F64))
			}
			gen.f.Release(used...)
			gen.translator(typ, lift, true, false)
			lower := corewasm.FuncType{Params: slices.Concat(ts.Of(typ, s.ptr64[0]).Flat, []corewasm.ValType{gen.dst.ptr()})}
			gen.f = u.Func("flat to memory", lower)
			gen.translator(typ, lower, false, true)
		}
		b := newBench(t, e, s)
		for i := range 8 {
			tr := &trial{bench: b, spec: s, r: r, ts: ts}
			mixed(tr, typ, i%2 == 0)
			if t.Failed() {
				t.Fatalf("seed %d: %v, %+v", seed, typ, *s)
			}
		}
		b.in.Close()
	}
}

// mixed runs one of the two functions and the model.
func mixed(tr *trial, typ *ctypes.Type, fromMemory bool) {
	t := tr.t
	tr.real[1], tr.want[1] = allocator{next: heapBase, bad: -1}, allocator{next: heapBase, bad: -1}
	tr.bench.realloc = func(side int, old, oldSize, align, size uint64) uint64 {
		return tr.real[side].realloc(tr.memory(side), old, oldSize, align, size)
	}
	const at, to = dataBase + 0x10000, 0x1000
	guest := tr.guest(0)
	v := randomValue(tr.r, tr.ts, typ, guest.enc)
	var flat []coreValue
	if fromMemory {
		guest.store(v, typ, at)
		if tr.r.IntN(4) == 0 {
			guest.mem[at+tr.r.Uint64N(guest.of(typ).Size)] ^= byte(1 << tr.r.IntN(8))
		}
	} else {
		flat = guest.lowerFlat(v, typ)
		tr.corrupt(guest, flat)
	}
	var want []uint64
	callee := tr.model(1, bytes.Clone(tr.memory(1)), &tr.want[1])
	tr.attempt(func() {
		caller := tr.model(0, bytes.Clone(guest.mem), nil)
		if fromMemory {
			want = raw(callee.lowerFlat(caller.load(at, typ), typ))
		} else {
			callee.store(caller.liftFlat(iterate(flat), typ), typ, to)
		}
	})
	var got []uint64
	var err error
	if fromMemory {
		got, err = tr.in.Call("memory to flat", at)
	} else {
		_, err = tr.in.Call("flat to memory", append(raw(flat), to)...)
	}
	switch {
	case tr.wantTrap != "":
		if !wasmtime.IsTrap(err) {
			t.Errorf("%v, want trap %q", err, tr.wantTrap)
		}
	case err != nil:
		t.Error(err)
	case fromMemory && !slices.Equal(got, want):
		t.Errorf("core values %x, want %x", got, want)
	case !bytes.Equal(tr.memory(1), callee.mem):
		t.Error("the memory is not as lowering leaves it")
	case fmt.Sprint(tr.real[1].log) != fmt.Sprint(tr.want[1].log):
		t.Errorf("realloc calls %v, want %v", tr.real[1].log, tr.want[1].log)
	}
}
