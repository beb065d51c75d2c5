package fusecore_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// TestRandomHandles plays random operations on the players of tables.wasm and on their fused form, alone, within one
// another's calls and from the host, until one traps; then on new instances. Results, handle indices, traps and the
// destructors' log must be the same after each.
func TestRandomHandles(t *testing.T) { testRandomHandles(t, "tables") }

// TestRandomHostHandles does the same with the host as the implementing instance of the players' resources.
func TestRandomHostHandles(t *testing.T) { testRandomHandles(t, "tables-host") }

func testRandomHandles(t *testing.T, name string) {
	t.Helper()
	steps := 120_000
	if testing.Short() {
		steps = 10_000
	}
	s := resources.subject(t, name)
	fused := s.fuse(t)
	e := wasmtime.New(s.s.Options())
	defer e.Close()
	var forms [2]*wasmtime.Instance
	w := &randomHandles{rng: rand.New(rand.NewPCG(1, 2)), seen: map[string]int{}, hostType: name != "tables"}
	traps, longest := 0, 0
	for n := 0; n < steps; {
		renew(t, e, &forms, s.in.Root.Bytes, fused)
		w.reset()
		for n < steps {
			n++
			call := w.next()
			w.calls = append(w.calls, call)
			composed, fused := act(t, forms[0], call), act(t, forms[1], call)
			logged := [2]int{len(forms[0].Log()), len(forms[1].Log())}
			if composed != fused || logged[0] != logged[1] {
				t.Fatalf("composed %s and %v\nfused %s and %v\nafter %s", composed, forms[0].Log(), fused, forms[1].Log(), strings.Join(w.calls, "\n"))
			}
			op, _, _ := strings.Cut(call, "(")
			if composed == trapped {
				traps++
				w.seen["trap "+op]++
				break
			}
			w.seen[op]++
			w.note(call, composed)
		}
		longest = max(longest, len(w.calls))
		if a, b := fmt.Sprint(forms[0].Log()), fmt.Sprint(forms[1].Log()); a != b {
			t.Fatalf("composed logged %s\nfused logged %s\nafter %s", a, b, strings.Join(w.calls, "\n"))
		}
	}
	forms[0].Close()
	forms[1].Close()
	t.Logf("%d operations, %d traps, at most %d operations without a trap", steps, traps, longest)
	for _, op := range randomOps {
		if op.definer && w.hostType {
			continue
		}
		for _, inst := range instancesOf(op) {
			if name := inst + "#" + op.name; w.seen[name] == 0 {
				t.Errorf("%s never succeeded", name)
			}
		}
	}
	if longest < 1000 || traps < steps/1000 {
		t.Errorf("%d traps and at most %d operations without one: too much of a kind", traps, longest)
	}
}

// randomOp is an export of a player, or of the implementing instance. Kinds of arguments and results: r, s, w are
// indices in the instance's table, n one in the next instance's, c one in the implementing instance's; R and W are
// handles of the host; v is any value, p a program of play, - no result. An upper-case X after a kind of argument means
// that the call removes it.
type randomOp struct {
	name, args, result string
	definer            bool
}

var randomOps = []randomOp{
	{"make-r", "v", "r", false}, {"make-r", "v", "r", false}, {"make-s", "v", "s", false}, {"drop-r", "rX", "-", false}, {"drop-s", "sX", "-", false},
	{"get-r", "r", "v", false}, {"get-s", "s", "v", false}, {"take-r", "rX", "v", false}, {"both", "rrX", "v", false},
	{"both-back", "rXr", "v", false}, {"pair", "rr", "v", false}, {"to-c", "rX", "c", false}, {"from-c", "cX", "r", false},
	{"to-next", "rX", "n", false}, {"from-next", "nX", "r", false}, {"play-next", "rp", "v", false}, {"play-next", "rp", "v", false}, {"new-w", "rX", "w", false},
	{"rep-w", "w", "v", false}, {"drop-w", "wX", "-", false}, {"hold", "RX", "r", false}, {"fetch", "rX", "R", false}, {"peek", "R", "v", false},
	{"play", "Rp", "v", false}, {"wrap", "RX", "W", false}, {"unwrap", "WX", "R", false}, {"peek-w", "W", "v", false}, {"hold-w", "WX", "w", false},
	{"new-r", "v", "c", true}, {"rep-r", "c", "v", true}, {"drop-r", "cX", "-", true}, {"make-r", "v", "R", true}, {"get-r", "R", "v", true},
	{"take-r", "RX", "v", true}, {"both", "RRX", "v", true}, {"pair", "RR", "v", true}, {"hold", "RX", "c", true}, {"fetch", "cX", "R", true},
}

func instancesOf(op randomOp) []string {
	if op.definer {
		return []string{"c"}
	}
	return []string{"p1", "p2", "p3"}
}

// randomHandles chooses calls. It guesses which handles exist, usually correctly, so that there are long runs.
type randomHandles struct {
	rng    *rand.Rand
	live   map[string][]string // by instance and kind
	calls  []string
	seen   map[string]int
	result string // destination of the last call's result
	// hostType reports whether the host implements "r" and "s".
	hostType bool
}

func (w *randomHandles) reset() { w.live, w.calls = map[string][]string{}, nil }

// table returns where indices of a kind belong, as seen from an instance.
func table(inst string, kind byte) string {
	switch {
	case kind == 'R':
		return "host r"
	case kind == 'W':
		return "host w of " + inst
	case kind == 'c' || kind == 'n' && inst == "p1":
		return "c r"
	case kind == 'n':
		return fmt.Sprintf("p%c r", inst[1]-1)
	}
	return inst + " " + string(kind)
}

// next chooses a call.
func (w *randomHandles) next() string {
	for {
		op := randomOps[w.rng.IntN(len(randomOps))]
		if op.definer && w.hostType {
			continue
		}
		insts := instancesOf(op)
		inst := insts[w.rng.IntN(len(insts))]
		var args []string
		var taken [][2]string
		for i := 0; i < len(op.args); i++ {
			kind := op.args[i]
			switch kind {
			case 'v':
				args = append(args, fmt.Sprint(w.rng.Uint32()))
				continue
			case 'p':
				args = append(args, fmt.Sprint(w.program()))
				continue
			}
			tb := table(inst, kind)
			h := w.handle(tb, kind, args)
			if h == "" {
				break
			}
			args = append(args, h)
			if i+1 < len(op.args) && op.args[i+1] == 'X' {
				i++
				taken = append(taken, [2]string{tb, h})
			}
		}
		if len(args) != len(strings.ReplaceAll(op.args, "X", "")) {
			continue
		}
		for _, x := range taken {
			w.live[x[0]] = slices.DeleteFunc(w.live[x[0]], func(h string) bool { return h == x[1] })
		}
		w.result = table(inst, op.result[0])
		if op.name == "drop-r" && !op.definer && w.rng.IntN(8) == 0 && len(w.live["host r"]) > 0 {
			h := w.live["host r"][0]
			w.live["host r"] = w.live["host r"][1:]
			w.live[taken[0][0]] = append(w.live[taken[0][0]], taken[0][1])
			return "drop " + h
		}
		return fmt.Sprintf("%s#%s(%s)", inst, op.name, strings.Join(args, ", "))
	}
}

// handle chooses a handle that other arguments of the call do not have, or rarely any number. It returns "" if there is
// none.
func (w *randomHandles) handle(tb string, kind byte, not []string) string {
	if w.hostType && kind == 'R' {
		return fmt.Sprintf("host(%d)", w.rng.Uint32())
	}
	if w.hostType && kind == 'c' {
		return fmt.Sprint(w.rng.Uint32())
	}
	upper := kind == 'R' || kind == 'W'
	if !upper && w.rng.IntN(1500) == 0 {
		odd := []uint32{0, 1, 2, 3, 5, 1023, 1024, 1<<28 - 1, 1 << 28, 1<<32 - 1}
		return fmt.Sprint(odd[w.rng.IntN(len(odd))])
	}
	for range 4 {
		if l := w.live[tb]; len(l) > 0 {
			if h := l[w.rng.IntN(len(l))]; !slices.Contains(not, h) || w.rng.IntN(50) == 0 {
				return h
			}
		}
	}
	return ""
}

// program returns up to seven operations for play, most of which succeed.
func (w *randomHandles) program() (prog uint64) {
	for i := range w.rng.IntN(8) {
		b := []uint64{0xe, 0xf1, 0x9, 0x59, 0xf8, 0xf8, 0x1e, 0x2f, 0x7f}[w.rng.IntN(9)]
		if w.rng.IntN(400) == 0 {
			b = w.rng.Uint64() & 0xff
		}
		prog |= b << (8 * i)
	}
	return prog
}

// note records the result of a call.
func (w *randomHandles) note(call, result string) {
	if strings.HasSuffix(w.result, " v") || strings.HasSuffix(w.result, " -") || strings.HasPrefix(call, "drop") || result == "" {
		return
	}
	if _, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(result, "res("), ")")); err == nil {
		w.live[w.result] = append(w.live[w.result], result)
	}
}
