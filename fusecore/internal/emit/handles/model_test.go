package handles

import (
	"bytes"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// The model follows definitions.py: Table, ResourceHandle, Task.num_borrows and Subtask.lenders.
type modelHandle struct {
	res   int
	rep   uint32
	own   bool
	scope *modelFrame
	lends int
}

type modelTable struct {
	array []*modelHandle
	free  []uint32
}

type modelFrame struct {
	addr    uint32
	borrows int
	held    []held // the values of the borrows, including dropped ones
	lenders []*modelHandle
}

type held struct {
	inst  graph.InstID
	index uint32
}

func (t *modelTable) get(i uint32) *modelHandle {
	if uint64(i) >= uint64(len(t.array)) {
		return nil
	}
	return t.array[i]
}

func (t *modelTable) add(h *modelHandle) uint32 {
	if n := len(t.free); n > 0 {
		i := t.free[n-1]
		t.free = t.free[:n-1]
		t.array[i] = h
		return i
	}
	t.array = append(t.array, h)
	return uint32(len(t.array) - 1)
}

func (t *modelTable) remove(i uint32) {
	t.array[i] = nil
	t.free = append(t.free, i)
}

func (t *modelTable) live() int { return len(t.array) - 1 - len(t.free) }

// game plays random operations on a machine and on the model.
type game struct {
	*machine
	rng       *rand.Rand
	tables    map[graph.InstID]*modelTable
	frames    []*modelFrame
	destroys  [][2]uint32
	hostDrops []uint32 // of the machine
	wantDrops []uint32
	grow      bool
	before    []byte
	trapped   map[string]int
	done      map[string]int
}

func newGame(t *testing.T, more int, seed uint64) *game {
	g := &game{
		machine: start(t, more), rng: rand.New(rand.NewPCG(seed, 1)), tables: map[graph.InstID]*modelTable{},
		trapped: map[string]int{}, done: map[string]int{},
	}
	g.host = func(fn int, arg uint32) uint32 {
		if fn != hostDropHost {
			t.Fatalf("unexpected call of %s", hostFuncNames[fn])
		}
		g.hostDrops = append(g.hostDrops, arg)
		return 0
	}
	for _, i := range guests {
		g.tables[i] = &modelTable{array: []*modelHandle{nil}}
	}
	return g
}

// expect calls an export and compares with the model's answer.
func (g *game) expect(name string, ok bool, want uint32, args ...uint32) {
	g.tb.Helper()
	check := !ok && g.rng.IntN(8) == 0
	if check {
		g.before = append(g.before[:0], g.memory("handles")...)
	}
	op := name
	if len(op) > 4 && op[len(op)-4] == ' ' {
		op = op[:len(op)-4]
	}
	if ok {
		g.done[op]++
	} else {
		g.trapped[op]++
	}
	got, gotOK := g.call(name, args...)
	switch {
	case ok != gotOK:
		g.tb.Fatalf("%s%v: returned: %v, want %v", name, args, gotOK, ok)
	case ok && got != want:
		g.tb.Fatalf("%s%v gave %#x, want %#x", name, args, got, want)
	case check && !bytes.Equal(g.before, g.memory("handles")):
		g.tb.Fatalf("%s%v trapped, but changed the tables", name, args)
	}
}

// handle picks an argument: usually a live handle, often an invalid one.
func (g *game) handle(t *modelTable) uint32 {
	n := uint32(len(t.array))
	switch g.rng.IntN(16) {
	case 0:
		odd := []uint32{0, n, n + 1, 1<<32 - 1, 1 << 28, 1<<28 - 1, 1 << 31, 1<<31 | 1, 2 * n, 1<<28 | 1}
		return odd[g.rng.IntN(len(odd))]
	case 1:
		return g.rng.Uint32()
	case 2:
		if k := len(t.free); k > 0 {
			return t.free[g.rng.IntN(k)]
		}
	case 3, 4, 5:
		return n - 1 - uint32(g.rng.IntN(int(min(n, 4))))
	}
	for range 8 {
		if i := g.rng.Uint32N(n); t.array[i] != nil {
			return i
		}
	}
	return g.rng.Uint32N(n + 2)
}

func (g *game) impl(res int) graph.InstID { return g.g.Resources[res].Impl }

// step plays one operation.
func (g *game) step() {
	inst := guests[g.rng.IntN(len(guests))]
	t := g.tables[inst]
	h := g.handle(t)
	res := g.rng.IntN(len(g.res))
	e := t.get(h)
	if e != nil && g.rng.IntN(8) > 0 {
		res = e.res
	}
	right := e != nil && e.res == res
	name := func(op string) string { return fmt.Sprintf("%s %d %d", op, number(inst), res) }
	var top *modelFrame
	if n := len(g.frames); n > 0 {
		top = g.frames[n-1]
	}
	op := g.rng.IntN(20)
	if g.grow && op >= 9 && op < 14 {
		op = g.rng.IntN(4)
	}
	switch {
	case op < 2: // a new handle
		rep := g.rng.Uint32()
		if res == resHost {
			rep &= 1<<28 - 1
		}
		if g.impl(res) == inst && op == 0 {
			g.expect(name("resource.new"), true, t.add(&modelHandle{res: res, rep: rep, own: true}), rep)
		} else {
			g.expect(name("lower own"), true, t.add(&modelHandle{res: res, rep: rep, own: true}), rep)
		}
	case op < 4:
		g.lowerBorrow(inst, res)
	case op < 7:
		if g.impl(res) == inst && op == 4 {
			g.expect(name("resource.rep"), right, repOf(e), h)
		} else {
			g.expect(name("lift borrow"), right, repOf(e), h)
		}
	case op < 9:
		if top == nil {
			return
		}
		g.expect(name("lend"), right, repOf(e), h, top.addr)
		if right {
			e.lends++
			top.lenders = append(top.lenders, e)
		}
	case op < 13:
		g.drop(inst, res, h, right && e.lends == 0)
	case op < 16:
		ok := right && e.lends == 0 && e.own
		g.expect(name("lift own"), ok, repOf(e), h)
		if ok {
			t.remove(h)
		}
	case op < 18:
		if len(g.frames) < 3000 {
			g.frames = append(g.frames, &modelFrame{addr: g.must("open")})
		}
	default:
		g.closeFrame(top)
	}
}

func repOf(e *modelHandle) uint32 {
	if e == nil {
		return 0
	}
	if e.res == resHost {
		return e.rep &^ (1 << 31)
	}
	return e.rep
}

func (g *game) lowerBorrow(inst graph.InstID, res int) {
	rep := g.rng.Uint32()
	name := fmt.Sprintf("lower borrow %d %d", number(inst), res)
	if g.impl(res) == inst {
		g.expect(name, true, rep, rep, 0)
		return
	}
	if len(g.frames) == 0 {
		return
	}
	if res == resHost {
		rep &= 1<<28 - 1
		if g.rng.IntN(2) == 0 {
			g.expect(fmt.Sprintf("lift borrow %d %d", number(host), res), true, rep|1<<31, rep)
			rep |= 1 << 31
		}
	}
	fr := g.frames[len(g.frames)-1]
	if g.rng.IntN(8) == 0 {
		fr = g.frames[g.rng.IntN(len(g.frames))]
	}
	fr.borrows++
	h := g.tables[inst].add(&modelHandle{res: res, rep: rep, scope: fr})
	fr.held = append(fr.held, held{inst, h})
	g.expect(name, true, h, rep, fr.addr)
}

func (g *game) drop(inst graph.InstID, res int, h uint32, ok bool) {
	g.expect(fmt.Sprintf("resource.drop %d %d", number(inst), res), ok, 0, h)
	if !ok {
		return
	}
	t := g.tables[inst]
	e := t.array[h]
	t.remove(h)
	switch {
	case !e.own:
		e.scope.borrows--
		if e.res == resHost && e.rep>>31 == 1 {
			g.wantDrops = append(g.wantDrops, e.rep&^(1<<31))
		}
	case e.res == resHost:
		g.wantDrops = append(g.wantDrops, e.rep)
	case e.res != resC:
		g.destroys = append(g.destroys, [2]uint32{uint32(e.res), e.rep})
	}
}

func (g *game) closeFrame(top *modelFrame) {
	if top == nil {
		return
	}
	if g.rng.IntN(4) > 0 {
		g.giveBack(top)
	}
	g.expect("check", top.borrows == 0, 0, top.addr)
	if top.borrows > 0 {
		return
	}
	if len(top.lenders) == 0 && g.rng.IntN(2) == 0 {
		g.must("close scope", top.addr)
	} else {
		g.must("close", top.addr)
	}
	for _, h := range top.lenders {
		h.lends--
	}
	g.frames = g.frames[:len(g.frames)-1]
}

// giveBack drops the borrows of a frame that are not lent to a call around it.
func (g *game) giveBack(fr *modelFrame) {
	for _, b := range fr.held {
		if e := g.tables[b.inst].array[b.index]; e != nil && e.scope == fr && e.lends == 0 {
			g.drop(b.inst, e.res, b.index, true)
		}
	}
}

// compare compares everything that the machine keeps with the model.
func (g *game) compare() {
	g.tb.Helper()
	if got, want := fmt.Sprint(g.destroyed()), fmt.Sprint(g.destroys); got != want {
		g.tb.Fatalf("destructors ran for\n%s, want\n%s", got, want)
	}
	g.destroys = nil
	if got, want := fmt.Sprint(g.hostDrops), fmt.Sprint(g.wantDrops); got != want {
		g.tb.Fatalf("handles of the host dropped:\n%s, want\n%s", got, want)
	}
	g.hostDrops, g.wantDrops = nil, nil
	mem := g.memory("handles")
	for _, inst := range guests {
		t, table := g.tables[inst], uint32(g.t.tables[inst])
		place := func(i uint32) uint32 {
			if i < uint32(g.t.inline()) {
				return table + tableHeader + i<<entryShift
			}
			k := uint32(bits.Len32(i) - g.t.inlineBits)
			return u32(mem, table+4*k) + i<<entryShift
		}
		for i, e := range t.array {
			at := place(uint32(i))
			var w, lends, rep, scope uint32
			if e != nil {
				w, lends, rep, scope = uint32(e.res)<<kindBits|kindBorrow, uint32(e.lends), e.rep, 0
				if e.own {
					w ^= kindOwn ^ kindBorrow
				} else {
					scope = e.scope.addr
				}
				if u32(mem, at+atRep) != rep || e.scope != nil && u32(mem, at+atScope) != scope {
					g.tb.Fatalf("instance %d, index %d: wrong representation or scope", inst, i)
				}
			}
			if u32(mem, at+atWord) != w || u32(mem, at+atLends) != lends {
				g.tb.Fatalf("instance %d, index %d: word %#x lends %d, want %#x %d", inst, i, u32(mem, at), u32(mem, at+atLends), w, lends)
			}
		}
		head := u32(mem, table+atFree) + 1
		for n := len(t.free) - 1; n >= 0; n-- {
			if head != t.free[n] {
				g.tb.Fatalf("instance %d: free list has %d, want %d", inst, head, t.free[n])
			}
			head += 1 + u32(mem, place(head)+atRep)
		}
		if head != uint32(len(t.array)) {
			g.tb.Fatalf("instance %d: free list ends with %d, want %d", inst, head, len(t.array))
		}
	}
	for _, fr := range g.frames {
		if n := u32(mem, fr.addr+frameBorrows); n != uint32(fr.borrows) {
			g.tb.Fatalf("frame %#x holds %d borrows, want %d", fr.addr, n, fr.borrows)
		}
	}
}

// TestModel plays random operations, including failing ones, against the model: handle indices, representations, traps,
// destructors, drops of the host's handles, and sometimes all that is in the memory. A failing operation must change
// nothing.
func TestModel(t *testing.T) {
	steps := 400_000
	if testing.Short() {
		steps = 20_000
	}
	for _, more := range []int{0, 40, 400} {
		t.Run(fmt.Sprint(more+len(guests), " tables"), func(t *testing.T) {
			t.Parallel()
			g := newGame(t, more, uint64(more))
			most := 0
			for n := range steps {
				g.grow = n/5000%8 < 3
				g.step()
				if n%2000 == 1999 {
					g.compare()
				}
				for _, tb := range g.tables {
					most = max(most, tb.live())
				}
			}
			g.compare()
			t.Logf("%d entries with a fixed place; at most %d handles in a table; memory %d KiB; succeeded %v; trapped %v",
				g.t.inline(), most, len(g.memory("handles"))>>10, g.done, g.trapped)
			for _, op := range []string{"resource.rep", "resource.drop", "lift own", "lift borrow", "lend", "check"} {
				if g.trapped[op] < steps/1000 || g.done[op] < steps/1000 {
					t.Errorf("%s: succeeded %d and trapped %d times, too few to mean anything", op, g.done[op], g.trapped[op])
				}
			}
		})
	}
}
