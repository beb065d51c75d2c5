package fusecore_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/script"
	"github.com/wasmfuse/rules_wasm_fuse/internal/golden"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// reenterWorld returns the fused form of a component in testdata/reenter.
func reenterWorld(t testing.TB, name string) []byte {
	t.Helper()
	return wasmOf(t, fuse, single(name, reenterInput(t, name)))
}

// reenterInput returns such a component.
func reenterInput(t testing.TB, name string) []byte {
	t.Helper()
	wasm, err := wasmtime.Text(string(readFile(t, filepath.Join("testdata/reenter", name+".wat"))))
	if err != nil {
		t.Fatal(err)
	}
	return wasm
}

// TestReentry plays testdata/reenter, where the host calls back in, which traps (CanonicalABI.md, Store.lift), and what was
// going on goes on as if nothing had been tried. The un-fused component in an engine without support for concurrency lets
// the host in, so that there is nothing to compare with.
func TestReentry(t *testing.T) {
	if !letsHostIn {
		t.Skipf("%s does not go on after a trap", wasmtime.Name())
	}
	all, err := script.LoadAll("testdata/reenter/*.wat")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Part {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			seen := hold(t, s, reenterWorld(t, s.Name))
			if golden.Update {
				if err := s.Rewrite(seen); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestAfterCalls: what a call has entered can be entered again when the call is over, post-return included.
func TestAfterCalls(t *testing.T) {
	s, err := script.Load("testdata/reenter/direct.wat")
	if err != nil {
		t.Fatal(err)
	}
	s.Sections = slices.DeleteFunc(s.Sections, func(x *script.Section) bool { return x.Name != "after calls" })
	if len(s.Sections) != 1 {
		t.Fatal("there is no instance after calls")
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
