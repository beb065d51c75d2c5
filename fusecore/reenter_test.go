package fusecore_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/script"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// reentry is what the host does while its function h runs: it makes a call, or "drop res(N)", then returns result. The
// caller must continue as if nothing had been tried.
type reentry struct {
	name, world string
	h           string // the function's name
	before      []string
	call        string   // during which h runs
	tries       []string // each traps
	result      string
	want        string
	log         string // all calls of the host, once the result has been returned
}

var reentries = []reentry{
	{"handle and string", "boundary", "host#h", nil, "go(host(1))", []string{`g(host(2), "zzzzzzzzzzzzzzzzzzzz")`, "go(host(3))"},
		`"hello, this is the result of h"`, `"hello, this is the result of h"`, ""},
	{"records", "records", "host#h", nil, "go(host(1))", []string{`g(host(2), "SECRET-OF-B-SECRET-OF-B-SECRET-OF-B-SECRET-OF-B")`},
		`[{a: 1, s: "x"}, {a: 2, s: "y"}]`, `[{a: 1, s: "x"}, {a: 2, s: "y"}]`, ""},
	{"scalars", "direct", "h", nil, "go(1)", []string{"count()"}, `"abc"`, `"abc"`, ""},
	{"arguments in memory", "direct", "h", nil, "go(1)", []string{`take("xyz")`}, `"abc"`, `"abc"`, ""},
	{"results in memory", "direct", "h", nil, "go(1)", []string{"give()"}, `"abc"`, `"abc"`, ""},
	{"counted", "direct", "h", []string{`take("")`}, "counted(1)", []string{`take("xyz")`, "give()", "count()", "counted(1)"}, `"abc"`, "200", ""},
	{"itself", "direct", "h", nil, "go(1)", []string{"go(2)"}, `"abc"`, `"abc"`, ""},
	{"the host drops", "drops", "h", []string{"make-r(7)"}, "go(5)", []string{"drop res(0)"}, "", "", "h(5)"},
	{"the host drops without destructor", "drops", "h", []string{"make-s(7)"}, "go(5)", []string{"drop res(0)"}, "", "", "h(5)"},
	{"the host drops in a destructor", "drops", "h", []string{"make-r(7)", "make-r(8)", "keep(res(0))"}, "drop(1)", []string{"drop res(1)"}, "", "", "h(7); h(1)"},
	{"the host drops in its drop", "drops", "h", []string{"make-r(7)", "make-r(8)"}, "drop res(0)", []string{"drop res(1)"}, "", "", "h(7)"},
	{"the host calls in its drop", "drops", "h", []string{"make-r(7)"}, "drop res(0)", []string{"make-r(8)", "go(1)"}, "", "", "h(7)"},
}

// reenterWorld returns the fused form of a component in testdata/reenter.
func reenterWorld(t testing.TB, name string) []byte {
	t.Helper()
	wasm, err := wasmtime.Text(string(readFile(t, filepath.Join("testdata/reenter", name+".wat"))))
	if err != nil {
		t.Fatal(err)
	}
	out, err := fuse(single(name, wasm))
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestReentry has the host call back in where CanonicalABI.md, Store.lift, traps. An engine without support for
// concurrency lets it into the un-fused component, so there is nothing to compare with.
func TestReentry(t *testing.T) {
	if !letsHostIn {
		t.Skipf("%s does not go on after a trap", wasmtime.Name())
	}
	for _, c := range reentries {
		for _, try := range c.tries {
			t.Run(c.name+" "+try, func(t *testing.T) {
				var in *wasmtime.Instance
				trying := false
				in = start(t, wasmtime.Options{Resources: map[string]func(uint32){"host#r": nil}, Funcs: map[string]wasmtime.HostFunc{c.h: func([]string) (string, error) {
					if !trying {
						trying = true
						if got := act(t, in, try); got != trapped {
							t.Errorf("%s while %s runs: %q, want a trap", try, c.call, got)
						}
					}
					return c.result, nil
				}}}, reenterWorld(t, c.world))
				for _, b := range c.before {
					if got := act(t, in, b); got == trapped {
						t.Fatalf("%s traps", b)
					}
				}
				if got := act(t, in, c.call); got != c.want || !trying {
					t.Errorf("%s gives %q, want %q; the host has been called: %v", c.call, got, c.want, trying)
				}
				var log []string
				for _, l := range in.Log() {
					log = append(log, l.String())
				}
				if d := cmp.Diff(c.log, strings.Join(log, "; ")); c.log != "" && d != "" {
					t.Errorf("calls of the host (-want +got):\n%s", d)
				}
			})
		}
	}
}

// TestAfterCalls checks that an entered instance can be entered again once the call is over, including post-return.
func TestAfterCalls(t *testing.T) {
	s, err := script.Load("testdata/reenter/direct.wat")
	if err != nil {
		t.Fatal(err)
	}
	hold(t, s, reenterWorld(t, "direct"))
}

// TestHostCallsInHostCalls checks that values that the host passes to a function stay in the host memory while the
// function calls the host with values that pass through it too. Both must be intact, however large the values of
// earlier calls were.
func TestHostCallsInHostCalls(t *testing.T) {
	const answered = `, "é€"]`
	var given []string
	in := start(t, wasmtime.Options{Resources: map[string]func(uint32){"host#r": nil}, Funcs: map[string]wasmtime.HostFunc{
		"host#h": func(args []string) (string, error) {
			given = append(given, args[1])
			return strings.TrimSuffix(args[1], "]") + answered, nil
		},
	}}, reenterWorld(t, "nested"))
	long := strings.Repeat("long and ÿ ", 1000)
	for n, list := range []string{`["a"`, `["` + long + `", "", "` + long + `"`, `["bc", "😀"`, `["` + long + `"`, `[""`} {
		if n == 3 {
			act(t, in, "take(host(9))")
		}
		given = nil
		got, err := in.Call("go", "host(1)", list+"]", "3")
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for range 4 {
			want = append(want, list+"]")
			list = strings.TrimSuffix(list+answered, "]")
		}
		if d := cmp.Diff(want, append(given, got)); d != "" {
			t.Errorf("call %d: lists of the host's calls and result (-want +got):\n%s", n, d)
		}
	}
}
