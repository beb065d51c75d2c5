package fusecore_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/donut"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// TestDonuts plays random calls on random trees of instances that call each other in all directions, with a host that
// calls back whenever it is called (in an engine that lets it), and compares the fused form with a model of the
// specification: results, traps, handle indices, calls of realloc and post-return, destructors. Where a runtime follows
// the specification, the composition must do the same. WASMFUSE_DONUT_STEPS sets the number of calls,
// WASMFUSE_DONUT_SEED the first world.
func TestDonuts(t *testing.T) {
	steps, seed := env(t, "WASMFUSE_DONUT_STEPS", 3000), env(t, "WASMFUSE_DONUT_SEED", 1)
	var d donuts
	for ; d.steps < steps; seed++ {
		d.world(t, uint64(seed), min(500, steps-d.steps))
		if d.steps%10000 == 0 {
			t.Logf("up to seed %d: %+v", seed, d)
		}
	}
	t.Logf("%+v", d)
	for what, n := range map[string]int{
		"trap": d.traps, "donut": d.related, "re-entrance that is refused": d.refused, "call of an instance by itself": d.own,
		"call by the host while an instance runs": d.again,
	} {
		if n < steps/200 && (n > 0 || letsHostIn) {
			t.Errorf("%d calls have a %s: too few", n, what)
		}
	}
}

// letsHostIn reports whether the engine lets a host function call back in, and its caller continue after that has
// trapped.
var letsHostIn = wasmtime.Name() == "wasmtime 42"

func env(t *testing.T, name string, n int) int {
	if s := os.Getenv(name); s != "" {
		v, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return v
	}
	return n
}

// donuts counts events.
type donuts struct{ steps, traps, related, refused, own, again, composed, longest int }

// donutPlayer is an instance of a world, fused or not.
type donutPlayer struct {
	e     *wasmtime.Engine
	in    *wasmtime.Instance
	again func(*wasmtime.Instance)
}

func newDonutPlayer() *donutPlayer {
	p := &donutPlayer{}
	p.e = wasmtime.New(wasmtime.Options{Funcs: map[string]wasmtime.HostFunc{"h": func(args []string) (string, error) {
		n, err := strconv.ParseUint(args[0], 10, 32)
		if err == nil && p.again != nil {
			p.again(p.in)
		}
		return fmt.Sprint(uint32(n + 1)), err
	}}})
	return p
}

func (p *donutPlayer) fresh(t *testing.T, wasm []byte) {
	t.Helper()
	if p.in != nil {
		p.in.Close()
	}
	var err error
	if p.in, err = p.e.Load(wasm); err != nil {
		t.Fatal(err)
	}
}

// call makes a call, and returns "trap" if it traps.
func call(in *wasmtime.Instance, c donut.Call) string {
	var result string
	var err error
	if c.Func == "" {
		err = in.DropResource(c.Drop)
	} else {
		result, err = in.Call(c.Func, c.Args...)
	}
	if wasmtime.IsTrap(err) {
		return "trap"
	}
	if err != nil {
		return err.Error()
	}
	return result
}

// world plays calls on one world.
func (d *donuts) world(t *testing.T, seed uint64, steps int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 0))
	w := donut.New(rng)
	w.Contexts, w.Tags = rng.IntN(2) == 0, rng.IntN(4) == 0
	wasm, err := wasmtime.Text(w.Text())
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	out, err := fuse(single("world", wasm))
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	fused, composed := newDonutPlayer(), newDonutPlayer()
	defer fused.close()
	defer composed.close()
	runs := composed.e.Compile(wasm) == nil // the runtime may lack context built-ins
	for n := 0; n < steps; {
		fused.fresh(t, out.Bytes())
		follows := runs
		if runs {
			composed.fresh(t, wasm)
		}
		m := donut.NewModel(w)
		var history []string
		for ; n < steps; n++ {
			c, again := likely(rng, m), donut.Random(rng, m)
			reenter := rng.IntN(2) == 0 && letsHostIn
			history = append(history, fmt.Sprintf("%v, calling back %v: %v", c, reenter, again))
			want, back := d.model(t, m, c, again)
			reenter = reenter && back
			refused := true
			if fused.again = nil; reenter {
				d.again++
				fused.again = func(in *wasmtime.Instance) { refused = call(in, again) == "trap" && refused }
			}
			got := call(fused.in, c)
			if logged := hostLog(fused.in); got != want || logged != fmt.Sprint(m.Log) || !refused {
				t.Fatalf("seed %d: fused, it returns %s and calls the host with %s, want %s and %v; calls back refused: %v; after\n%s", seed, got, logged,
					want, m.Log, refused, strings.Join(history, "\n"))
			}
			if follows = follows && !m.Own && !m.Refused && (!m.Related || wasmtime.Name() != "wasmtime 42"); follows {
				d.composed++
				if got := call(composed.in, c); got != want {
					t.Fatalf("seed %d: composed, it returns %s, want %s; after\n%s", seed, got, want, strings.Join(history, "\n"))
				}
			}
			d.longest = max(d.longest, len(history))
			// The runtime also lets no call into an instance after a trap, even after one that the host caught.
			if want == "trap" || reenter {
				n++
				break
			}
		}
	}
	d.steps += steps
}

// likely chooses a call that usually does not trap.
func likely(rng *rand.Rand, m *donut.Model) donut.Call {
	for {
		c := donut.Random(rng, m)
		if copied := m.Clone(); !copied.Try(func() { c.Model(copied) }) || rng.IntN(4) == 0 {
			return c
		}
	}
}

// model makes a call in the model, and reports whether it calls the host. Whatever the host does then must trap.
func (d *donuts) model(t *testing.T, m *donut.Model, c, again donut.Call) (result string, host bool) {
	m.Own, m.Related = false, false
	m.OnHost = func() {
		host = true
		before := m.Refused
		if !m.Try(func() { again.Model(m) }) {
			t.Fatalf("the model lets the host call %v in %v", again, c)
		}
		m.Refused = before
	}
	trapped := m.Try(func() { result = c.Model(m) })
	count := func(n *int, yes bool) {
		if yes {
			*n++
		}
	}
	count(&d.traps, trapped)
	count(&d.own, m.Own)
	count(&d.related, m.Related)
	count(&d.refused, m.Refused)
	if trapped {
		result = "trap"
	}
	return result, host
}

// hostLog returns the arguments of calls of the host.
func hostLog(in *wasmtime.Instance) string {
	var out []string
	for _, c := range in.Log() {
		out = append(out, c.Args...)
	}
	return fmt.Sprint(out)
}

func (p *donutPlayer) close() {
	if p.in != nil {
		p.in.Close()
	}
	p.e.Close()
}
