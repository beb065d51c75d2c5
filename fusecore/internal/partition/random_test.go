package partition

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// TestRandom checks partitions of random graphs against the rules, read off the graph without the package's own means.
func TestRandom(t *testing.T) {
	kept := 0
	for seed := range uint64(4000) {
		sentences := randomGraph(rand.New(rand.NewPCG(seed, 1)))
		g := build(sentences)
		p, err := Decide(g)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := Decide(g); !reflect.DeepEqual(p, again) {
			t.Fatalf("seed %d: %s: the second time it is %s", seed, sentences, text(g, again))
		}
		if p.Keep != nil {
			kept++
			continue
		}
		if msg := broken(g, p); msg != "" {
			t.Fatalf("seed %d: %s:\n%s\n%s", seed, sentences, text(g, p), msg)
		}
	}
	if kept > 1000 {
		t.Errorf("%d graphs have to be kept", kept)
	}
}

// TestWithout checks that TestRandom finds partitions that break a rule.
func TestWithout(t *testing.T) {
	for _, rule := range []Rule{HoldsHandles, LendsHandles, MixesHandles, StartsBetween} {
		found := false
		for seed := uint64(0); seed < 4000 && !found; seed++ {
			g := build(randomGraph(rand.New(rand.NewPCG(seed, 1))))
			p, err := Without(g, rule)
			if err != nil {
				t.Fatal(err)
			}
			found = p.Keep == nil && broken(g, p) != ""
		}
		if !found {
			t.Errorf("nothing breaks without the rule %q", rule)
		}
	}
}

// randomGraph returns sentences about up to 9 instances. Each uses instances that are complete before it begins, its
// ancestors, and what is inside it.
func randomGraph(r *rand.Rand) string {
	open := []string{"root"} // the instances that are not complete
	var done []string        // the others
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	resources := map[string]string{}
	use := func(p string, others []string) {
		if len(others) == 0 {
			return
		}
		to := pick(others)
		if r.IntN(8) == 0 {
			to = "host"
		}
		say("%s %s %s", p, []string{"calls", "calls", "awaits"}[r.IntN(3)], to)
		s := &out[len(out)-1]
		switch r.IntN(8) {
		case 0:
			*s += " string"
		case 1:
			*s += " own " + resources[pick(others)]
		case 2:
			*s += " borrow " + resources[pick(others)]
		case 3:
			*s += " both " + resources[pick(others)]
		case 4:
			say("%s drops %s", p, resources[pick(others)])
		}
	}
	close := func() {
		p := open[len(open)-1]
		var inside []string
		for _, d := range done {
			if strings.HasPrefix(d, p+"/") || p == "root" {
				inside = append(inside, d)
			}
		}
		for range r.IntN(2) {
			use(p, inside)
		}
		if len(inside) > 0 && r.IntN(5) == 0 {
			say("%s starts", p)
		}
		open, done = open[:len(open)-1], append(done, p)
	}
	resources["root"] = "r"
	say("root has r")
	for i := range 2 + r.IntN(8) {
		for len(open) > 1 && r.IntN(3) > 0 {
			close()
		}
		p := string(rune('a' + i))
		if parent := open[len(open)-1]; parent != "root" {
			p = parent + "/" + p
		}
		resources[p] = fmt.Sprint("r", i)
		say("%s has r%d", p, i)
		if r.IntN(4) == 0 {
			say("%s starts", p)
		}
		if r.IntN(12) == 0 {
			say("%s kept", p)
		}
		for range r.IntN(3) {
			others := done
			if r.IntN(20) == 0 {
				others = open
			}
			use(p, others)
		}
		open = append(open, p)
	}
	for len(open) > 0 {
		close()
	}
	for _, p := range done {
		if r.IntN(4) == 0 {
			say("host awaits %s", p)
		} else if r.IntN(2) == 0 {
			say("host calls %s", p)
		}
	}
	return strings.Join(out, "; ")
}

// facts are what matters about a graph, read off it.
type facts struct {
	g       *graph.Graph
	live    *analyse.Live
	calls   [][2]graph.InstID // and drops
	needs   [][2]graph.InstID // calls, and uses of types and items
	names   map[graph.InstID]map[*ctypes.Resource]bool
	effects []graph.InstID
	special map[graph.InstID]bool
	awaits  [][2]graph.InstID // calls of async functions
}

func factsOf(g *graph.Graph) *facts {
	g = given(g)
	f := &facts{g: g, live: analyse.NewLive(g), names: map[graph.InstID]map[*ctypes.Resource]bool{}, special: map[graph.InstID]bool{}}
	call := func(from, to graph.InstID) {
		if from != to && from != graph.Host && to != graph.Host {
			f.calls, f.needs = append(f.calls, [2]graph.InstID{from, to}), append(f.needs, [2]graph.InstID{from, to})
		}
	}
	name := func(i graph.InstID, r *ctypes.Resource) {
		if f.names[i] == nil {
			f.names[i] = map[*ctypes.Resource]bool{}
		}
		f.names[i][r] = true
		if impl := g.Resources[r.ID].Impl; impl != i && impl != graph.Host && i != graph.Host {
			f.needs = append(f.needs, [2]graph.InstID{i, impl})
		}
	}
	for _, c := range f.live.Calls() {
		call(c.Caller.Inst, c.Callee.Inst)
		t := g.Funcs[c.Func].Type
		if t.Async {
			f.awaits = append(f.awaits, [2]graph.InstID{c.Caller.Inst, c.Callee.Inst})
		}
		for _, i := range []graph.InstID{c.Caller.Inst, c.Callee.Inst} {
			for _, p := range t.Params {
				name(i, p.Type.Resource)
			}
		}
	}
	for _, b := range f.live.Builtins() {
		if b.Op == component.CanonResourceDrop {
			call(b.Inst, g.Resources[b.Resource.ID].Impl)
			name(b.Inst, b.Resource)
		}
	}
	for i := range g.Insts {
		if k := g.Insts[i].Kept; k != nil {
			f.special[graph.InstID(i)] = true
			f.needs = append(f.needs, f.items(graph.InstID(i), k.Args)...)
		}
	}
	for at := 0; at <= len(g.Cores); at++ {
		for i := range g.Insts {
			if k := g.Insts[i].Kept; k != nil && k.Before == graph.CoreID(at) {
				f.effects = append(f.effects, graph.InstID(i))
			}
		}
		if at < len(g.Cores) && g.Cores[at].Module.Start != nil {
			f.effects = append(f.effects, g.Cores[at].Owner)
		}
	}
	f.blocks()
	delete(f.special, graph.Host)
	return f
}

// blocks adds the instances with async functions that cannot be plain calls: the host calls them, they could block or
// be entered again, or they call ones that could.
func (f *facts) blocks() {
	again := false
	for _, c := range f.live.Calls() {
		again = again || c.Caller.Inst != graph.Host && c.Callee.Inst != graph.Host && f.g.Within(c.Caller.Inst, c.Callee.Inst)
	}
	for _, c := range f.calls {
		again = again || f.g.Within(c[0], c[1])
	}
	blocks := map[graph.InstID]bool{graph.Host: true}
	for i := range f.g.Insts {
		id := graph.InstID(i)
		blocks[id] = blocks[id] || again || f.g.Insts[i].Kept != nil
	}
	for range f.g.Insts {
		for _, a := range f.awaits {
			blocks[a[0]] = blocks[a[0]] || blocks[a[1]]
		}
	}
	for _, a := range f.awaits {
		f.special[a[0]] = f.special[a[0]] || blocks[a[0]]
		f.special[a[1]] = f.special[a[1]] || blocks[a[1]] || a[0] == graph.Host
	}
}

func (f *facts) items(i graph.InstID, items []world.Item) (out [][2]graph.InstID) {
	for _, it := range items {
		out = append(out, [2]graph.InstID{i, f.g.Funcs[it.Func].Inst})
	}
	return out
}

// broken returns a rule that a partition breaks.
func broken(g *graph.Graph, p *Partition) string {
	f := factsOf(g)
	path := func(i graph.InstID) string { return g.Insts[i].Path }
	for id, dom := range p.Domains {
		special := 0
		for _, i := range dom.Insts {
			if p.Of[i] != DomainID(id) {
				return path(i) + " is in another domain"
			}
			if f.special[i] {
				special++
			}
		}
		if special > 1 || dom.Kept && len(dom.Insts) > 1 || special == 1 && !dom.Kept && !f.special[dom.Async] {
			return fmt.Sprintf("domain %d has %d async and kept instances", id, special)
		}
		if dom.Async != graph.Host {
			if msg := f.brokenAsync(p, &dom, DomainID(id)); msg != "" {
				return msg
			}
		}
	}
	for _, n := range f.needs {
		if p.Of[n[0]] == None || p.Of[n[1]] == None || p.Of[n[0]] < p.Of[n[1]] {
			return fmt.Sprintf("%s needs %s, which is instantiated later", path(n[0]), path(n[1]))
		}
	}
	for i := 1; i < len(f.effects); i++ {
		if p.Of[f.effects[i]] < p.Of[f.effects[i-1]] {
			return fmt.Sprintf("%s is no longer instantiated before %s", path(f.effects[i-1]), path(f.effects[i]))
		}
	}
	for _, a := range f.awaits {
		for k, i := range a {
			if i != graph.Host && !f.special[i] && p.Domains[p.Of[i]].Async != i && (a[1-k] == graph.Host || p.Of[a[0]] != p.Of[a[1]]) {
				return "an async function of or for " + path(i) + " leads out of the domain"
			}
		}
	}
	if msg := f.reentered(p); msg != "" {
		return msg
	}
	return f.needless(p)
}

// brokenAsync checks the rules for the members of an async instance's domain.
func (f *facts) brokenAsync(p *Partition, dom *Domain, id DomainID) string {
	member := func(i graph.InstID) bool { return i != graph.Host && i != dom.Async && p.Of[i] == id }
	for _, c := range f.calls {
		if c[1] == dom.Async && p.Of[c[0]] == id {
			return "a member calls the async instance"
		}
	}
	for i, rs := range f.names {
		for r := range rs {
			impl := f.g.Resources[r.ID].Impl
			if member(i) && !member(impl) {
				return fmt.Sprintf("%s holds handles of %s", f.g.Insts[i].Path, r.Name)
			}
			if member(impl) && !member(i) && i != dom.Async {
				return fmt.Sprintf("handles of %s leave the domain", r.Name)
			}
		}
	}
	for _, c := range f.live.Calls() {
		if f := &f.g.Funcs[c.Func]; c.Caller.Inst == dom.Async && member(c.Callee.Inst) && len(f.Type.Params) == 2 {
			return fmt.Sprintf("%s is called with owned and borrowed handles", f.Name)
		}
	}
	return ""
}

// reentered looks for an instance that can be left and entered again, by instances in different domains. Its flag must
// be tested, which only generated code of one domain does.
func (f *facts) reentered(p *Partition) string {
	for x := graph.Root + 1; int(x) < len(f.g.Insts); x++ {
		inside := func(i graph.InstID) bool { return f.g.Within(i, x) }
		from, to := map[graph.InstID]bool{}, map[graph.InstID]bool{} // outside: reached from x, and reaching it
		for range f.g.Insts {
			for _, c := range f.calls {
				from[c[1]] = from[c[1]] || !inside(c[1]) && (inside(c[0]) || from[c[0]])
				to[c[0]] = to[c[0]] || !inside(c[0]) && (inside(c[1]) || to[c[1]])
			}
		}
		domains := map[DomainID]bool{}
		for _, c := range f.calls {
			if inside(c[0]) && from[c[1]] && to[c[1]] || inside(c[1]) && from[c[0]] && to[c[0]] {
				domains[p.Of[c[0]]], domains[p.Of[c[1]]] = true, true
			}
		}
		if len(domains) > 1 {
			return f.g.Insts[x].Path + " can be entered again"
		}
	}
	return ""
}

// needless looks for two synchronous domains that could be one.
func (f *facts) needless(p *Partition) string {
	var next [][2]DomainID
	for _, n := range f.needs {
		next = append(next, [2]DomainID{p.Of[n[0]], p.Of[n[1]]})
	}
	for i := 1; i < len(f.effects); i++ {
		next = append(next, [2]DomainID{p.Of[f.effects[i]], p.Of[f.effects[i-1]]})
	}
	sync := func(d DomainID) bool { return !p.Domains[d].Kept && p.Domains[d].Async == graph.Host }
	for a := range p.Domains {
		for b := range a {
			a, b := DomainID(a), DomainID(b)
			if !sync(a) || !sync(b) {
				continue
			}
			// Domains that a way leads to from a, not through b itself at once.
			reached := []DomainID{a}
			for at := 0; at < len(reached); at++ {
				for _, n := range next {
					if n[0] == reached[at] && (n[0] != a || n[1] != b) && !slices.Contains(reached, n[1]) {
						reached = append(reached, n[1])
					}
				}
			}
			if !slices.Contains(reached, b) {
				return fmt.Sprintf("domains %d and %d could be one", a, b)
			}
		}
	}
	return ""
}
