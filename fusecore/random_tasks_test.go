package fusecore_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/partition"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/seeds"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/taskgen"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// TestRandomTasks plays random calls of random graphs that mix synchronous libraries with instances that have tasks,
// composed and fused, in an engine with asynchronous functions. Results, traps, and everything that the instances observe
// must be the same in the same order, among it the number of every handle. FUSE_TASKS sets the seeds, as N or FROM:N.
func TestRandomTasks(t *testing.T) {
	if !wasmtime.Async() {
		return
	}
	from, to := seeds.Of(t, "FUSE_TASKS", 50)
	var s taskStats
	for seed := from; seed < to; seed++ {
		t.Run(fmt.Sprintf("seed-%d", seed), func(t *testing.T) { s.graph(t, seed) })
	}
	t.Logf("%+v", s)
	if os.Getenv("FUSE_TASKS") != "" {
		return
	}
	for _, tag := range taskgen.Tags {
		if s.tags[tag] == 0 {
			t.Errorf("no instance observed %d (see package taskgen)", tag)
		}
	}
	if s.traps > s.calls/10 || s.traps < s.graphs/10 || s.mixed < s.graphs/5 {
		t.Errorf("%+v: too few or too many traps, or domains of an asynchronous instance with others", s)
	}
}

// taskStats counts what was played.
type taskStats struct {
	graphs, calls, traps, logged int
	components, fused, modules   int
	reordered                    int         // differences that are choices of the engine
	mixed                        int         // domains of an asynchronous instance with others
	tags                         map[int]int // see taskgen.Tags
}

// graph plays one random graph.
func (s *taskStats) graph(t *testing.T, seed uint64) {
	g := newTaskGraph(t, seed)
	defer g.e.Close()
	out := g.fuse(t, fusecore.FuseOptions{})
	s.graphs++
	s.components += out.Report.Components
	s.fused += out.Report.Fused
	s.modules += out.Report.Modules
	for _, d := range out.Report.Domains {
		if d.Async != nil && len(d.Members) > 1 {
			s.mixed++
		}
	}
	options, forms := []fusecore.FuseOptions{{}}, []*fusecore.Result{out}
	switch seed % 8 {
	case 0: // with as many domains as possible
		options = append(options, fusecore.FuseOptions{}.Alone(func(*graph.Graph, *partition.Partition) {}))
	case 1: // with kept instances
		options = append(options, g.keeping(t, seed))
	case 2:
		options = append(options, fusecore.FuseOptions{Features: fusecore.Baseline})
	}
	for _, o := range options[1:] {
		forms = append(forms, g.fuse(t, o))
	}
	for _, calls := range g.calls {
		composed := g.play(t, g.wasm, calls, false)
		for _, out := range forms {
			differs := func(calls []taskgen.Call) bool {
				return !slices.Equal(g.play(t, g.wasm, calls, false), g.play(t, out.Bytes(), calls, false))
			}
			switch {
			case slices.Equal(composed, g.play(t, out.Bytes(), calls, false)):
			case g.reordered(t, out.Bytes(), calls):
				s.reordered++
			default:
				calls = taskgen.Shrink(calls, func(c []taskgen.Call) bool { return differs(c) && !g.reordered(t, out.Bytes(), c) })
				t.Fatalf("%v\n%s%v\n(-composed +fused):\n%s", calls, g.w, out.Report,
					cmp.Diff(g.play(t, g.wasm, calls, false), g.play(t, out.Bytes(), calls, false)))
			}
		}
		s.note(composed)
	}
}

// taskGraph is a random graph with calls of it.
type taskGraph struct {
	w       *taskgen.World
	wasm    []byte
	harness []byte
	calls   [][]taskgen.Call // each for a new instance
	e       *wasmtime.Engine
}

// newTaskGraph generates a graph. Its engine must be closed.
func newTaskGraph(t *testing.T, seed uint64) *taskGraph {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	g := &taskGraph{w: taskgen.New(rng), calls: make([][]taskgen.Call, 4)}
	var err error
	if g.wasm, err = wasmtime.Text(g.w.Text()); err != nil {
		t.Fatalf("%v\n%s", err, g.w.Text())
	}
	if g.harness, err = wasmtime.Text(g.w.Harness()); err != nil {
		t.Fatalf("%v\n%s", err, g.w.Harness())
	}
	for i := range g.calls {
		for range 6 {
			g.calls[i] = append(g.calls[i], g.w.Call(rng))
		}
	}
	g.e = wasmtime.New(wasmtime.Options{Async: true, Unoptimised: true, Resources: map[string]func(uint32){"r9": nil}, Funcs: map[string]wasmtime.HostFunc{
		"log":   func(args []string) (string, error) { return args[2], nil },
		"make9": func(args []string) (string, error) { return "host(" + args[0] + ")", nil },
		"get9":  func([]string) (string, error) { return "9", nil },
		"take9": func([]string) (string, error) { return "99", nil },
	}})
	return g
}

func (g *taskGraph) fuse(t *testing.T, o fusecore.FuseOptions) *fusecore.Result {
	t.Helper()
	out, err := fuseOrKeep(o)(single("root", g.wasm))
	if err != nil {
		t.Fatalf("%v\n%s", err, g.w)
	}
	return out
}

// keeping returns options with which some instances are kept.
func (g *taskGraph) keeping(t *testing.T, seed uint64) fusecore.FuseOptions {
	t.Helper()
	paths, err := fusecore.Insts(t.Context(), single("root", g.wasm))
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 2))
	return fusecore.Keeping(slices.DeleteFunc(paths, func(string) bool { return rng.IntN(3) > 0 })...)
}

// reordered reports whether two forms do the same if the engine numbers tasks in other ways and the host waits for tasks
// that have returned (see taskgen.Harness). A fused component has fewer tasks, and fewer calls in which the engine turns to
// the host.
func (g *taskGraph) reordered(t *testing.T, fused []byte, calls []taskgen.Call) bool {
	t.Helper()
	var forms [2][]byte
	for i, wasm := range [][]byte{g.wasm, fused} {
		out, err := compose(fusecore.Graph{Root: fusecore.Input{Name: "harness.wasm", Bytes: g.harness}, Deps: []fusecore.Input{{Name: "graph.wasm", Bytes: wasm}}})
		if err != nil {
			t.Fatal(err)
		}
		forms[i] = out.Bytes()
	}
	rng := rand.New(rand.NewPCG(1, 1))
	seen := [2]map[string]bool{{}, {}}
	for range 100 {
		var with []taskgen.Call
		full, settled := rng.IntN(2) == 0, rng.IntN(2) == 0
		for _, c := range calls {
			bits, n := []uint32{0, ^uint32(0), rng.Uint32()}[rng.IntN(3)], rng.IntN(1+rng.IntN(33))
			if full { // no number is free
				bits, n = ^uint32(0), 32
			}
			with = append(with, taskgen.Call{Func: "salt", Args: []string{fmt.Sprint(bits), fmt.Sprint(n)}}, c)
		}
		for i, wasm := range forms {
			trace := strings.Join(g.play(t, wasm, with, settled), "\n")
			if seen[1-i][trace] {
				return true
			}
			seen[i][trace] = true
		}
	}
	return false
}

// play makes calls in a new instance, until one traps, and returns what was observed. If settled, the harness's function of
// that name follows each call, and the call's result follows what happens meanwhile.
func (g *taskGraph) play(t *testing.T, wasm []byte, calls []taskgen.Call, settled bool) (seen []string) {
	t.Helper()
	in, err := g.e.Load(wasm)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	logged := 0
	news := func() {
		for _, c := range in.Log()[logged:] {
			seen = append(seen, c.String())
		}
		logged = len(in.Log())
	}
	news()
	for _, c := range calls {
		result, err := in.Call(c.Func, c.Args...)
		if settled && err == nil {
			_, err = in.Call("settle")
		}
		news()
		if wasmtime.IsTrap(err) {
			return append(seen, "trap")
		}
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, result)
	}
	return seen
}

// note counts what was observed.
func (s *taskStats) note(seen []string) {
	s.logged += len(seen)
	if seen[len(seen)-1] == "trap" {
		s.traps++
	}
	if s.tags == nil {
		s.tags = map[int]int{}
	}
	for _, line := range seen {
		var i, tag, v int
		if _, err := fmt.Sscanf(line, "log(%d, %d, %d)", &i, &tag, &v); err == nil {
			s.tags[tag]++
		} else {
			s.calls++
		}
	}
}

// TestTasksTell ignores one rule of domains at a time, except those that no random graph needs. Then some random graph tells the output from the composition, or is
// kept because the plan rejects a domain.
func TestTasksTell(t *testing.T) {
	if !wasmtime.Async() {
		return
	}
	for _, rule := range []partition.Rule{
		partition.HoldsHandles, partition.LendsHandles, partition.StartsBetween,
	} {
		t.Run(rule.String(), func(t *testing.T) {
			for seed := uint64(0); ; seed++ {
				if seed == 300 {
					t.Fatal("no graph tells")
				}
				if why := told(t, seed, rule); why != "" {
					t.Logf("seed %d: %s", seed, why)
					return
				}
			}
		})
	}
}

// told returns how a random graph tells that a rule was ignored.
func told(t *testing.T, seed uint64, rule partition.Rule) string {
	g := newTaskGraph(t, seed)
	defer g.e.Close()
	right, out := g.fuse(t, fusecore.FuseOptions{}), g.fuse(t, fusecore.Without(rule))
	switch {
	case bytes.Equal(right.Bytes(), out.Bytes()):
		return ""
	case len(out.Report.Kept) > 0:
		return out.Report.Kept[0].Reason
	}
	for _, calls := range g.calls {
		same := slices.Equal(g.play(t, g.wasm, calls, false), g.play(t, out.Bytes(), calls, false))
		if !same && !g.reordered(t, out.Bytes(), calls) {
			return fmt.Sprint(out.Report)
		}
	}
	return ""
}
