package fusecore_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
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
	from, to := seeds(t, "FUSE_TASKS", 50)
	var s taskStats
	for seed := from; seed < to; seed++ {
		t.Run(fmt.Sprintf("seed-%d", seed), func(t *testing.T) { s.graph(t, seed) })
	}
	t.Logf("%+v", s)
	if s.graphs < 50 {
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
	mixed                        int         // domains of an asynchronous instance with others
	tags                         map[int]int // see taskgen.Tags
}

// graph plays one random graph.
func (s *taskStats) graph(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	w := taskgen.New(rng)
	wasm, err := wasmtime.Text(w.Text())
	if err != nil {
		t.Fatalf("%v\n%s", err, w.Text())
	}
	out, err := fuseOrKeep(fusecore.FuseOptions{})(single("root", wasm))
	if err != nil {
		t.Fatalf("%v\n%s", err, w)
	}
	s.graphs++
	s.components += out.Report.Components
	s.fused += out.Report.Fused
	s.modules += out.Report.Modules
	for _, d := range out.Report.Domains {
		if d.Async != nil && len(d.Members) > 1 {
			s.mixed++
		}
	}
	e := wasmtime.New(wasmtime.Options{Async: true, Resources: map[string]func(uint32){"r9": nil}, Funcs: map[string]wasmtime.HostFunc{
		"log":   func(args []string) (string, error) { return args[2], nil },
		"make9": func(args []string) (string, error) { return "host(" + args[0] + ")", nil },
		"get9":  func([]string) (string, error) { return "9", nil },
		"take9": func([]string) (string, error) { return "99", nil },
	}})
	defer e.Close()
	for range 4 {
		calls := make([]taskgen.Call, 6)
		for i := range calls {
			calls[i] = w.Call(rng)
		}
		composed, fused := s.play(t, e, wasm, calls), s.play(t, e, out.Bytes(), calls)
		if !slices.Equal(composed, fused) {
			t.Fatalf("%v\n%s%v\n(-composed +fused):\n%s", calls, w, out.Report, cmp.Diff(composed, fused))
		}
		s.note(composed)
	}
}

// play makes calls in a new instance, until one traps, and returns what was observed.
func (s *taskStats) play(t *testing.T, e *wasmtime.Engine, wasm []byte, calls []taskgen.Call) (seen []string) {
	t.Helper()
	in, err := e.Load(wasm)
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
