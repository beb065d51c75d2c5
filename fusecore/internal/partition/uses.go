// This file finds what instances depend on.

package partition

import (
	"cmp"
	"iter"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// kind is the way in which one instance depends on another.
type kind uint8

const (
	calls    kind = iota // calls a function, or drops a resource, which may call its destructor
	names                // uses a resource type
	isGiven              // a kept instance is given an item
	starts               // is instantiated later, and both can tell
	encloses             // has the same ancestor, which must not be entered twice
)

// use is a dependency of one instance on another. Both are part of the output, and neither is the host.
type use struct {
	user, used graph.InstID
	kind       kind
}

// mixed is a caller of functions that take both owned and borrowed handles of a resource type.
type mixed struct {
	caller   graph.InstID
	resource int
}

// uses is what instances depend on.
type uses struct {
	g    *graph.Graph
	live *analyse.Live
	// runs has the instances of which something exists at run time.
	runs []bool
	list []use // sorted, without duplicates
	self []bool
	// names has the resource types that each instance uses, by their numbers, and namers the instances that use each
	// type, including the host and the implementing one.
	names  []map[int]bool
	namers [][]graph.InstID
	mixed  map[mixed]bool
	// awaits has the instances whose async functions an instance calls, awaited those that call its own.
	awaits, awaited map[graph.InstID][]graph.InstID
	callers         map[graph.InstID][]graph.InstID // including the host
	found           map[*ctypes.Func][]int          // see types
	next            map[graph.InstID][]graph.InstID // see incomplete
}

// newUses finds all dependencies. The graph must have a call by the host for every function that a kept instance is
// given (see given). order says whether the order of instantiations matters.
func newUses(g *graph.Graph, l *analyse.Live, order bool) *uses {
	u := &uses{
		g: g, live: l, runs: make([]bool, len(g.Insts)), self: make([]bool, len(g.Insts)), names: make([]map[int]bool, len(g.Insts)),
		namers: make([][]graph.InstID, len(g.Resources)), mixed: map[mixed]bool{}, found: map[*ctypes.Func][]int{},
		awaits: map[graph.InstID][]graph.InstID{}, awaited: map[graph.InstID][]graph.InstID{}, callers: map[graph.InstID][]graph.InstID{},
	}
	for _, ci := range l.Cores() {
		u.runs[ci.Owner] = true
	}
	for _, c := range l.Calls() {
		u.add(c.Caller.Inst, c.Callee.Inst, calls)
		u.callers[c.Callee.Inst] = append(u.callers[c.Callee.Inst], c.Caller.Inst)
		if g.Funcs[c.Func].Type.Async && !c.ByHost() && !c.ToHost() {
			u.awaits[c.Caller.Inst] = append(u.awaits[c.Caller.Inst], c.Callee.Inst)
			u.awaited[c.Callee.Inst] = append(u.awaited[c.Callee.Inst], c.Caller.Inst)
		}
		for _, r := range u.types(g.Funcs[c.Func].Type) {
			u.name(c.Caller.Inst, r)
			u.name(c.Callee.Inst, r)
			if mixes(g.Funcs[c.Func].Type, r) {
				u.mixed[mixed{c.Caller.Inst, r}] = true
			}
		}
	}
	for _, b := range l.Builtins() {
		u.runs[b.Inst] = true
		if b.Resource != nil {
			u.name(b.Inst, b.Resource.ID)
			if to := g.Resources[b.Resource.ID].Impl; to != b.Inst {
				u.add(b.Inst, to, calls)
			}
		}
		for _, t := range []*ctypes.Type{b.Type, b.Result} {
			for _, r := range resourcesIn(ctypes.Seen{}.Walk(t)) {
				u.name(b.Inst, r)
			}
		}
	}
	for i := range g.Insts {
		if k := g.Insts[i].Kept; k != nil {
			u.runs[i] = true
			u.items(graph.InstID(i), k.Args)
			u.items(graph.InstID(i), k.Exports)
		}
	}
	u.items(graph.Host, g.World.Exports)
	if order {
		u.order()
	}
	u.runs[graph.Host] = false
	slices.SortFunc(u.list, func(a, b use) int {
		return cmp.Or(cmp.Compare(a.user, b.user), cmp.Compare(a.used, b.used), cmp.Compare(a.kind, b.kind))
	})
	u.list = slices.Compact(u.list)
	return u
}

// yielding returns the instances that can be on the stack while a synchronous function of one that does so yields, with that
// one.
func (u *uses) yielding(does func(graph.InstID) bool) map[graph.InstID]graph.InstID {
	out := map[graph.InstID]graph.InstID{}
	var work []graph.InstID
	for i := graph.Root; int(i) < len(u.g.Insts); i++ {
		if does(i) {
			out[i] = i
			work = append(work, i)
		}
	}
	for at := 0; at < len(work); at++ {
		for _, by := range u.callers[work[at]] {
			if _, ok := out[by]; !ok && by != graph.Host {
				out[by] = out[work[at]]
				work = append(work, by)
			}
		}
	}
	return out
}

// given returns the graph with calls by the host of the functions that kept instances are given, which are roots of
// liveness like exports.
func given(g *graph.Graph) *graph.Graph {
	out := *g
	has := map[graph.FuncID]bool{}
	for i := range g.Calls {
		if g.Calls[i].ByHost() {
			has[g.Calls[i].Func] = true
		}
	}
	var visit func(items []world.Item)
	visit = func(items []world.Item) {
		for i := range items {
			it := &items[i]
			visit(it.Items)
			if it.Sort != component.SortFunc || has[it.Func] {
				continue
			}
			has[it.Func] = true
			if f := &g.Funcs[it.Func]; f.Lift != nil {
				out.Calls = append(out.Calls, graph.Call{Func: it.Func, Callee: graph.Side{Inst: f.Inst, Opts: f.Lift.Opts}, Target: f.Lift.Core})
			}
		}
	}
	out.Calls = slices.Clip(out.Calls)
	for i := range g.Insts {
		if k := g.Insts[i].Kept; k != nil {
			visit(k.Args)
		}
	}
	return &out
}

func (u *uses) add(user, used graph.InstID, k kind) {
	u.runs[user], u.runs[used] = true, true
	switch {
	case user == graph.Host || used == graph.Host:
	case user == used:
		u.self[user] = u.self[user] || k == calls
	default:
		u.list = append(u.list, use{user, used, k})
	}
}

// name records that an instance uses a resource type.
func (u *uses) name(inst graph.InstID, r int) {
	if u.names[inst] == nil {
		u.names[inst] = map[int]bool{}
	}
	if u.names[inst][r] {
		return
	}
	u.names[inst][r] = true
	u.namers[r] = append(u.namers[r], inst)
	u.add(inst, u.g.Resources[r].Impl, names)
}

// types returns the resource types in a function's type.
func (u *uses) types(f *ctypes.Func) []int {
	rs, ok := u.found[f]
	if !ok {
		rs = resourcesIn((ctypes.Seen{}).WalkFunc(f))
		u.found[f] = rs
	}
	return rs
}

// resourcesIn returns the resource types of handle types.
func resourcesIn(types iter.Seq[*ctypes.Type]) (rs []int) {
	for t := range types {
		if t.Kind == ctypes.Own || t.Kind == ctypes.Borrow {
			rs = append(rs, t.Resource.ID)
		}
	}
	slices.Sort(rs)
	return slices.Compact(rs)
}

// mixes reports whether a function takes both owned and borrowed handles of a resource type.
func mixes(f *ctypes.Func, r int) bool {
	takes := func(k ctypes.Kind) bool {
		return slices.ContainsFunc(f.Params, func(p ctypes.Field) bool {
			return p.Type.Any(func(t *ctypes.Type) bool { return t.Kind == k && t.Resource.ID == r })
		})
	}
	return takes(ctypes.Own) && takes(ctypes.Borrow)
}

// items records what an instance uses by items that it is given or exports.
func (u *uses) items(inst graph.InstID, items []world.Item) {
	for i := range items {
		it := &items[i]
		u.items(inst, it.Items)
		if it.Resource != nil {
			u.name(inst, it.Resource.ID)
		}
		if it.Sort != component.SortFunc {
			continue
		}
		f := &u.g.Funcs[it.Func]
		for _, r := range u.types(f.Type) {
			u.name(inst, r)
		}
		u.add(inst, f.Inst, isGiven)
	}
}

// order adds what keeps the order of instantiations whose effects can be observed. Each depends on the one before it.
func (u *uses) order() {
	var kept []graph.InstID
	for i := range u.g.Insts {
		if u.g.Insts[i].Kept != nil {
			kept = append(kept, graph.InstID(i))
		}
	}
	slices.SortStableFunc(kept, func(a, b graph.InstID) int {
		return cmp.Compare(u.g.Insts[a].Kept.Before, u.g.Insts[b].Kept.Before)
	})
	last := graph.Host
	first, end := map[graph.InstID]graph.CoreID{}, map[graph.InstID]graph.CoreID{} // the first effect, the last core instance
	var effects []graph.InstID
	next := func(inst graph.InstID, at graph.CoreID) {
		if last != graph.Host {
			u.add(inst, last, starts)
		}
		last = inst
		if _, again := first[inst]; !again {
			first[inst] = at
			effects = append(effects, inst)
		}
	}
	for id, ci := range u.live.Cores() {
		for ; len(kept) > 0 && u.g.Insts[kept[0]].Kept.Before <= id; kept = kept[1:] {
			next(kept[0], id-1)
		}
		if u.live.HasEffect(id) {
			next(ci.Owner, id)
		}
		end[ci.Owner] = id
	}
	for _, k := range kept {
		next(k, graph.CoreID(len(u.g.Cores)))
	}
	for _, inst := range effects {
		u.incomplete(inst, func(holder graph.InstID) bool { return end[holder] > first[inst] })
	}
}

// incomplete joins an instance whose instantiation has effects to the ancestors that it can call meanwhile and that then
// are incomplete, as a component never is when another one calls it. Everything else that an instance is given is
// complete.
func (u *uses) incomplete(inst graph.InstID, is func(graph.InstID) bool) {
	holders := map[graph.InstID]bool{}
	for h := u.g.Insts[inst].Parent; h != graph.Host; h = u.g.Insts[h].Parent {
		if is(h) {
			holders[h] = true
		}
	}
	if len(holders) == 0 {
		return
	}
	if u.next == nil {
		u.next = map[graph.InstID][]graph.InstID{}
		for _, x := range u.list {
			if x.kind == calls || x.kind == isGiven {
				u.next[x.user] = append(u.next[x.user], x.used)
			}
		}
	}
	seen, work := map[graph.InstID]bool{inst: true}, []graph.InstID{inst}
	for len(work) > 0 {
		at := work[len(work)-1]
		work = work[:len(work)-1]
		if holders[at] {
			u.add(at, inst, starts)
		}
		for _, to := range u.next[at] {
			if !seen[to] {
				seen[to] = true
				work = append(work, to)
			}
		}
	}
}
