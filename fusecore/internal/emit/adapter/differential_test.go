package adapter

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// allocator is a guest's realloc. It never frees, always moves reallocated blocks, and can be made to misbehave.
type allocator struct {
	next uint64
	bad  int // the call with this number returns a bad address; -1 for none
	skew uint64
	log  []string
}

func (a *allocator) realloc(mem []byte, old, oldSize, align, size uint64) uint64 {
	a.log = append(a.log, fmt.Sprint(old, oldSize, align, size))
	ptr := (a.next + align - 1) &^ (align - 1)
	if len(a.log)-1 == a.bad {
		return ptr + a.skew
	}
	a.next = ptr + size
	if n := min(oldSize, size); ptr+n <= uint64(len(mem)) {
		copy(mem[ptr:ptr+n], mem[old:])
	}
	return ptr
}

// A guest's own data begins at dataBase, blocks from realloc at heapBase.
const (
	heapBase = 0x2004
	dataBase = 0x20000
)

// trial is one call of an adapter, and of the model.
type trial struct {
	*bench
	spec *callSpec
	r    *rand.Rand
	ts   *cabi.Types
	real [2]allocator
	want [2]allocator

	wantTrap trapped
	wantArgs []uint64
	gotArgs  []uint64
	wantPost []uint64
	wantMem  [2][]byte
	results  []uint64
	retPtr   *uint64
	called   bool
}

func (tr *trial) model(side int, mem []byte, a *allocator) *model {
	m := &model{types: tr.ts, mem: mem, ptr64: tr.spec.ptr64[side], enc: tr.spec.enc[side]}
	m.realloc = func(old, oldSize, align, size uint64) uint64 { return a.realloc(m.mem, old, oldSize, align, size) }
	return m
}

// maxFlat returns how many core values the caller's function takes and returns flat (CanonicalABI.md, canon_lower).
func (tr *trial) maxFlat() (params, results int) {
	if tr.spec.async {
		return cabi.MaxFlatAsyncParams, 0
	}
	return cabi.MaxFlatParams, cabi.MaxFlatResults
}

// guest is a model that lowers as a guest does, in the real memory.
func (tr *trial) guest(side int) *model {
	m := tr.model(side, tr.memory(side), &allocator{next: dataBase + tr.r.Uint64N(8), bad: -1})
	m.raw = tr.r
	return m
}

func raw(vs []coreValue) []uint64 {
	out := []uint64{}
	for _, v := range vs {
		out = append(out, v.v)
	}
	return out
}

// corrupt changes some of what a guest lowered.
func (tr *trial) corrupt(m *model, vs []coreValue) {
	switch tr.r.IntN(8) {
	case 0:
		if len(vs) > 0 {
			v := &vs[tr.r.IntN(len(vs))]
			v.v = tr.r.Uint64() >> tr.r.IntN(64)
			if v.t == corewasm.I32 || v.t == corewasm.F32 {
				v.v &= 1<<32 - 1
			}
		}
	case 1:
		if len(vs) > 0 {
			vs[tr.r.IntN(len(vs))].v ^= 1 << tr.r.IntN(8)
		}
	case 2, 3:
		used := m.realloc(0, 0, 1, 0) - dataBase
		m.mem[dataBase+tr.r.Uint64N(used+1)] ^= byte(1 << tr.r.IntN(8))
	}
}

// attempt runs the definitions, which may trap.
func (tr *trial) attempt(f func()) (ok bool) {
	defer func() {
		if why, is := recover().(trapped); is {
			tr.wantTrap, ok = why, false
		} else if !ok {
			panic("the model failed")
		}
	}()
	f()
	return true
}

func (tr *trial) run() {
	for side := range 2 {
		mem := tr.memory(side)
		for i := range mem {
			mem[i] = byte(tr.r.Uint32())
		}
		a := allocator{next: heapBase + tr.r.Uint64N(16), bad: -1, skew: []uint64{1, 2, 4, 1 << 17, 1<<18 - heapBase - 1, 1 << 31}[tr.r.IntN(6)]}
		if tr.r.IntN(6) == 0 {
			a.bad = tr.r.IntN(4)
		}
		tr.real[side], tr.want[side] = a, a
	}
	tr.bench.realloc = func(side int, old, oldSize, align, size uint64) uint64 {
		return tr.real[side].realloc(tr.memory(side), old, oldSize, align, size)
	}
	params, result := tr.ts.Tuple(tr.spec.ft), tr.spec.ft.Result
	caller := tr.guest(0)
	maxParams, _ := tr.maxFlat()
	args := caller.lowerValues(maxParams, randomValue(tr.r, tr.ts, params, caller.enc), params, nil)
	tr.corrupt(caller, args)
	full := raw(args)
	_, spilled := tr.ts.Results(tr.spec.ft, tr.spec.ptr64[0])
	if (spilled || tr.spec.async && result != nil) && !tr.spec.hostCaller {
		area := uint64(dataBase + 0x10000)
		if tr.r.IntN(8) == 0 {
			area += []uint64{1, 4, 1<<18 - dataBase - 0x10000 - 8, 1<<32 - dataBase - 0x10000}[tr.r.IntN(4)]
			if !tr.spec.ptr64[0] {
				area &= 1<<32 - 1
			}
		}
		full = append(full, area)
		tr.retPtr = &area
	}
	before := tr.memory(0)
	ok := tr.attempt(func() {
		v := tr.model(0, bytes.Clone(before), nil).liftValues(maxParams, args, params)
		callee := tr.model(1, bytes.Clone(tr.memory(1)), &tr.want[1])
		tr.wantArgs = raw(callee.lowerValues(cabi.MaxFlatParams, v, params, nil))
		if _, s := tr.ts.Results(tr.spec.ft, tr.spec.ptr64[1]); s && tr.spec.host {
			l := callee.of(result)
			tr.wantArgs = append(tr.wantArgs, callee.alloc(0, 0, uint64(l.Align), l.Size))
		}
		tr.wantMem[1] = callee.mem
	})
	tr.bench.target = func(a []uint64) []uint64 {
		tr.called = true
		tr.gotArgs = slices.Clone(a)
		if !ok {
			return make([]uint64, len(tr.spec.targetType().Results))
		}
		return tr.target(a)
	}
	posted := [][]uint64{}
	tr.bench.post = func(a []uint64) { posted = append(posted, slices.Clone(a)) }
	got, err := tr.call(full...)
	tr.check(got, err, ok, posted)
}

// target is the callee: it checks its memory, makes a result and says what happens to it.
func (tr *trial) target(args []uint64) []uint64 {
	if !slices.Equal(args, tr.wantArgs) {
		tr.t.Errorf("core arguments %x, want %x", args, tr.wantArgs)
	}
	if !bytes.Equal(tr.memory(1), tr.wantMem[1]) {
		tr.t.Error("the callee's memory is not as lowering the arguments leaves it")
	}
	result := tr.spec.ft.Result
	callee := tr.guest(1)
	value := randomValue(tr.r, tr.ts, result, callee.enc)
	var out *uint64
	if len(args) > 0 {
		out = &args[len(args)-1]
	}
	if _, s := tr.ts.Results(tr.spec.ft, tr.spec.ptr64[1]); !s || !tr.spec.host {
		out = nil
	}
	flat := callee.lowerValues(cabi.MaxFlatResults, value, result, out)
	tr.corrupt(callee, flat)
	tr.wantPost = raw(flat)
	if out != nil {
		flat = append(flat, coreValue{callee.ptrType(), *out})
	}
	tr.attempt(func() {
		v := tr.model(1, bytes.Clone(tr.memory(1)), nil).liftValues(cabi.MaxFlatResults, flat, result)
		caller := tr.model(0, bytes.Clone(tr.memory(0)), &tr.want[0])
		_, maxResults := tr.maxFlat()
		tr.results = raw(caller.lowerValues(maxResults, v, result, tr.retPtr))
		if tr.spec.async {
			tr.results = append(tr.results, returned)
		}
		tr.wantMem[0] = caller.mem
	})
	return tr.wantPost
}

func (tr *trial) check(got []uint64, err error, ok bool, posted [][]uint64) {
	t := tr.t
	if ok != tr.called {
		t.Errorf("the callee was called: %v (%v)", tr.called, err)
	}
	if (err != nil) != (tr.wantTrap != "") {
		t.Errorf("error %v, want trap %q", err, tr.wantTrap)
		return
	}
	if err != nil {
		return
	}
	if !slices.Equal(got, tr.results) {
		t.Errorf("core results %x, want %x", got, tr.results)
	}
	if !bytes.Equal(tr.memory(0), tr.wantMem[0]) {
		t.Error("the caller's memory is not as lowering the result leaves it")
	}
	for side := range 2 {
		if !slices.Equal(tr.real[side].log, tr.want[side].log) {
			t.Errorf("realloc calls on side %d: %v, want %v", side, tr.real[side].log, tr.want[side].log)
		}
	}
	want := 0
	if tr.spec.post && !tr.spec.host {
		want = 1
	}
	if len(posted) != want || want == 1 && !slices.Equal(posted[0], tr.wantPost) {
		t.Errorf("post-return calls %x, want %d with %x", posted, want, tr.wantPost)
	}
}

// TestAgainstTheModel compares adapters of random functions with the definitions, value by value: the callee's
// arguments, both memories byte by byte, the calls of realloc and post-return, the results, and traps.
// WASMFUSE_ADAPTER_TYPES sets the number of functions, WASMFUSE_ADAPTER_SEED the first one's seed.
func TestAgainstTheModel(t *testing.T) {
	e := newEngine(t)
	functions, first := setting("WASMFUSE_ADAPTER_TYPES", 250), setting("WASMFUSE_ADAPTER_SEED", 1)
	calls, traps := 0, map[trapped]int{}
	for seed := first; seed < first+functions; seed++ {
		r := rand.New(rand.NewPCG(uint64(seed), 0))
		spec := randomSpec(r)
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			b := newBench(t, e, spec)
			defer b.in.Close()
			for range 12 {
				tr := &trial{bench: b, spec: spec, r: r, ts: cabi.New()}
				tr.run()
				calls++
				traps[tr.wantTrap]++
				if t.Failed() {
					t.Logf("%v, %+v", spec.ft, *spec)
					return
				}
			}
		})
	}
	t.Logf("%d calls of %d functions; traps by cause: %v", calls, functions, traps)
	if functions >= 250 && first == 1 {
		for _, why := range []trapped{"", "char", "discriminant", "list alignment", "list length", "bounds", "realloc alignment",
			"area alignment", "utf8", "utf16", "string length", "string alignment"} {
			if traps[why] == 0 {
				t.Errorf("no call for the outcome %q", why)
			}
		}
	}
}

func setting(name string, def int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return def
}
