package fusecore_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/echogen"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/script"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/seeds"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// TestHostileWorlds embeds bare modules with random worlds (see TestRandomWorlds) in a host that calls any export with any
// arguments at any time, answers anything, and writes anywhere in the memory that it sees. A call returns or traps. If it traps
// in generated code, it does so by a rule (which only shows if the output is not optimised), and nothing runs afterwards. FUSE_WORLDS sets the seeds, as N or FROM:N.
func TestHostileWorlds(t *testing.T) {
	from, to := seeds.Of(t, "FUSE_WORLDS", 25)
	var all hostileGraphs
	for seed := from; seed < to; seed++ {
		c := echogen.Generate(seed, seed%2 == 1)
		all.play(t, fmt.Sprintf("seed-%d", seed), pairOf(c), seed, 80)
	}
	all.check(t, int(to-from))
}

// TestHostileResources does the same with modules whose components share resources with each other and with the host.
func TestHostileResources(t *testing.T) {
	var all hostileGraphs
	names := []string{"tables", "tables-host", "dtors", "self", "throw"}
	for i, name := range names {
		all.play(t, name, resources.subject(t, name).in, uint64(i), 500)
	}
	all.check(t, 50*len(names))
}

// hostileGraphs plays graphs in random hosts, and counts what happens.
type hostileGraphs struct {
	returned, trapped, nested int
	rules                     map[string]int
}

func (a *hostileGraphs) play(t *testing.T, name string, in fusecore.Graph, seed uint64, steps int) {
	if a.rules == nil {
		a.rules = map[string]int{}
	}
	for _, f := range bareForms() {
		t.Run(name+"/"+f.name, func(t *testing.T) {
			o := []fusecore.Optimize{fusecore.OptimizeSpeed, fusecore.OptimizeNone}[seed/2%2]
			h := &randomHost{Rand: rand.New(rand.NewPCG(seed, 0x405)), t: t, m: f.bareWith(t, in, fusecore.FuseOptions{Optimize: o}), rules: a.rules,
				placed: o == fusecore.OptimizeNone}
			h.play(steps)
			a.returned, a.trapped, a.nested = a.returned+h.returned, a.trapped+h.trapped, a.nested+h.nested
		})
	}
}

// check prints the counts, each of which must be at least n.
func (a *hostileGraphs) check(t *testing.T, n int) {
	t.Helper()
	for _, rule := range sortedKeys(a.rules) {
		t.Logf("%6d %s", a.rules[rule], rule)
	}
	t.Logf("%d calls returned, %d trapped; %d calls during calls of the host", a.returned, a.trapped, a.nested)
	if a.returned < n || a.trapped < n || a.nested < n {
		t.Error("too few of a kind")
	}
}

// randomHost is a host that does anything.
type randomHost struct {
	*rand.Rand
	t                         *testing.T
	m                         *bareModule
	b                         *bare
	exports                   []string
	placed                    bool // whether traps are in the functions whose code traps
	calls                     int  // of the host's functions
	inside                    bool
	returned, trapped, nested int
	rules                     map[string]int
}

func (h *randomHost) play(steps int) {
	e := wasmtime.New(wasmtime.Options{Timeout: 10 * time.Second})
	h.t.Cleanup(e.Close)
	h.m.compile(h.t, e)
	host := map[coreabi.Import]bareFunc{}
	for im, ft := range h.m.imports {
		host[im] = func(_ *bare, args []uint64) ([]uint64, error) { return h.called(ft, args) }
	}
	h.exports = sortedKeys(h.m.exports)
	for steps > 0 {
		h.b = h.m.start(h.t, host)
		for alive := true; alive && steps > 0; steps-- {
			name := h.exports[h.IntN(len(h.exports))]
			alive = h.call(name)
		}
		h.b.in.Close()
	}
}

// call makes a call and reports whether others can follow: it returned, or could not begin.
func (h *randomHost) call(name string) bool {
	args := h.values(h.m.exports[name].Params, nil)
	if name == h.m.abi.Realloc {
		args[3] %= 1 << 18 // so that long lists, which take long, are out of bounds
	}
	_, err := h.b.in.Call(name, args...)
	if err == nil {
		h.returned++
		return true
	}
	h.trapped++
	rule, ok := script.Rule(err)
	failed := strings.Contains(err.Error(), errHost.Error())
	// Only realloc and the post-return functions of the host memory access it as the host says without a check.
	unchecked := name == h.m.abi.Realloc || strings.Contains(err.Error(), "!host return")
	if h.rules[rule]++; !ok || rule == script.ByRuntime && h.placed && !failed && !unchecked {
		h.t.Errorf("%s: %v", name, err)
	}
	if !failed && (name == h.m.abi.Realloc || rule == trap.CannotEnter.Info().Name) {
		return true
	}
	if !h.inside {
		h.dead(name, err)
	}
	return false
}

// dead checks that nothing can be called after a trap. If the host fails in [resource-drop] the module cannot know that this
// is over, and lets the host call the destructor.
func (h *randomHost) dead(what string, err error) {
	calls := h.calls
	h.inside = true
	defer func() { h.inside = false }()
	for _, name := range h.exports {
		dtor := strings.Contains(name, "[dtor]") || strings.HasSuffix(name, "_dtor")
		if name == h.m.abi.Realloc || dtor && strings.Contains(err.Error(), errHost.Error()) {
			continue
		}
		if _, again := h.b.in.Call(name, make([]uint64, len(h.m.exports[name].Params))...); again == nil || h.calls != calls {
			h.t.Errorf("%s is called after %s: %v", name, what, err)
			return
		}
	}
}

// errHost is the error of the host's functions.
var errHost = errors.New("the host fails")

// called is a call of a host function.
func (h *randomHost) called(ft *corewasm.FuncType, args []uint64) ([]uint64, error) {
	h.calls++
	if !h.inside && h.IntN(3) == 0 {
		h.inside = true
		h.nested++
		h.call(h.exports[h.IntN(len(h.exports))])
		h.inside = false
	}
	for _, a := range args {
		if h.IntN(2) == 0 {
			h.scribble(a)
		}
	}
	if h.IntN(20) == 0 {
		return nil, errHost
	}
	return h.values(ft.Results, args), nil
}

// scribble writes numbers at an address.
func (h *randomHost) scribble(at uint64) {
	mem := h.b.memory()
	for range 1 + h.IntN(16) {
		if len(mem) < 4 || at > uint64(len(mem)-4) {
			return
		}
		h.b.put(at, uint32(h.number([]uint64{at, uint64(h.IntN(6))})))
		at += 4
	}
}

// values returns values of these types.
func (h *randomHost) values(types []corewasm.ValType, more []uint64) (out []uint64) {
	for range types {
		out = append(out, h.number(more))
	}
	return out
}

// number returns any number: often small, an address, or one of others.
func (h *randomHost) number(others []uint64) uint64 {
	size := uint64(len(h.b.memory()))
	switch h.IntN(8) {
	case 0, 1, 2:
		return uint64(h.IntN(6))
	case 3:
		return 8 * h.Uint64N(size/8+1)
	case 4:
		return size - h.Uint64N(16)
	case 5:
		if len(others) > 0 {
			return others[h.IntN(len(others))]
		}
		if h.m.exports[h.m.abi.Realloc] == nil {
			return 0
		}
		at, err := h.b.in.Call(h.m.abi.Realloc, 0, 0, 8, 256)
		if err != nil {
			return 16
		}
		h.scribble(at[0])
		return at[0]
	case 6:
		return h.Uint64()
	}
	return slices.Max([]uint64{h.Uint64N(1 << 16), 1})
}
