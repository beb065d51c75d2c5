package fusecore_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// TestRandomNestedHandles passes random values with handles through the components of nested-*.wat and their fused
// forms. Results, including the indices of handles on the way, traps and logs must be the same.
func TestRandomNestedHandles(t *testing.T) {
	calls := 4000
	if testing.Short() {
		calls = 400
	}
	for _, name := range []string{"nested", "nested-long", "nested-host-type", "nested-host"} {
		t.Run(name, func(t *testing.T) {
			s := resources.subject(t, name)
			composed, fused := s.compose(t), s.fuse(t)
			e := wasmtime.New(s.s.Options())
			defer e.Close()
			var forms [2]*wasmtime.Instance
			v := &randomValues{rng: rand.New(rand.NewPCG(3, 4)), host: strings.HasPrefix(name, "nested-host")}
			traps := 0
			for n := 0; n < calls; {
				renew(t, e, &forms, composed, fused)
				v.live = nil
				// The guests never free memory.
				for range 400 {
					n++
					call := v.next()
					a, b := act(t, forms[0], call), act(t, forms[1], call)
					la, lb := fmt.Sprint(forms[0].Log()), fmt.Sprint(forms[1].Log())
					if a != b || la != lb {
						t.Fatalf("call %d, %s\ncomposed %s\nfused %s\nlogs\n%.2000s\n%.2000s", n, call, a, b, la, lb)
					}
					if a == trapped {
						traps++
						break
					}
					v.note(call, a)
				}
			}
			forms[0].Close()
			forms[1].Close()
			t.Logf("%d calls, %d traps", calls, traps)
			if traps > calls/20 || !v.host && traps == 0 && !testing.Short() {
				t.Errorf("%d traps in %d calls", traps, calls)
			}
		})
	}
}

// randomValues makes calls of nested-u.wat's functions.
type randomValues struct {
	rng  *rand.Rand
	host bool
	live []string // handles of the host
	lent []string // those lent to the call
}

// own removes and returns a handle.
func (v *randomValues) own() string {
	if v.host {
		return fmt.Sprintf("host(%d)", v.rng.IntN(1000))
	}
	i := v.rng.IntN(len(v.live))
	h := v.live[i]
	if v.rng.IntN(3000) > 0 {
		v.live = append(v.live[:i], v.live[i+1:]...)
	}
	return h
}

// borrow lends a handle. A lent handle cannot be passed as own in the same call.
func (v *randomValues) borrow() string {
	h := v.own()
	v.lent = append(v.lent, h)
	return h
}

func (v *randomValues) text() string {
	var b strings.Builder
	for range v.rng.IntN(12) {
		b.WriteRune([]rune("abcé€𐍈")[v.rng.IntN(6)])
	}
	return strconv.Quote(b.String())
}

func (v *randomValues) list(n int, elem func() string) string {
	var out []string
	for range v.rng.IntN(n + 1) {
		if v.host || len(v.live) > 4 {
			out = append(out, elem())
		}
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func (v *randomValues) next() string {
	v.lent = nil
	if !v.host && len(v.live) < 8 {
		return fmt.Sprintf("make(%d)", v.rng.IntN(1000))
	}
	u := func(fn, args string) string { return "t:n/u#" + fn + "(" + args + ")" }
	switch v.rng.IntN(11) {
	case 0:
		if v.host {
			return fmt.Sprintf("make(%d)", v.rng.IntN(1000))
		}
		return "drop " + v.own()
	case 1:
		return u("list-own", v.list(9, v.own))
	case 2:
		if v.rng.IntN(3) == 0 {
			return u("opt-borrow", "none")
		}
		return u("opt-borrow", "some("+v.borrow()+")")
	case 3:
		return u("rec-both", fmt.Sprintf("{a: %s, n: %d, b: %s, t: %s}", v.borrow(), v.rng.IntN(256), v.own(), v.text()))
	case 4:
		return u("choice", []func() string{
			func() string { return "a(" + v.own() + ")" }, func() string { return "b(" + v.text() + ")" },
			func() string { return fmt.Sprintf("c((%d, %s))", v.rng.Uint64(), v.own()) }, func() string { return "d" },
		}[v.rng.IntN(4)]())
	case 5:
		if v.rng.IntN(2) == 0 {
			return u("either", "err("+v.text()+")")
		}
		return u("either", "ok("+v.own()+")")
	case 6:
		return u("many", v.own()+strings.Repeat(", 5", 15)+", "+v.text()+", "+v.borrow()+", "+v.own())
	case 7, 8:
		return u("list-borrow", v.list(9, v.borrow))
	default:
		return u("deep", v.list(4, func() string {
			o := "none"
			if v.rng.IntN(2) == 0 {
				o = "some(" + v.own() + ")"
			}
			return "(" + o + ", " + v.list(3, v.own) + ", " + v.text() + ")"
		}))
	}
}

// note takes back the lent handles and records those in the result.
func (v *randomValues) note(call, result string) {
	v.live = append(v.live, v.lent...)
	for {
		_, rest, found := strings.Cut(result, "res(")
		if !found {
			return
		}
		n, rest, _ := strings.Cut(rest, ")")
		v.live = append(v.live, "res("+n+")")
		result = rest
	}
}
