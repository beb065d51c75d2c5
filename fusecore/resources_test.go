package fusecore_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/script"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// TestTimes runs the examples whose components share resources a hundred times, each time in one new engine.
func TestTimes(t *testing.T) {
	for _, name := range []string{"trio", "diamond"} {
		t.Run(name, func(t *testing.T) {
			g := examples.subject(t, name)
			fused := g.fuse(t)
			for range 100 {
				hold(t, g.s, fused)
			}
		})
	}
}

// TestManyHandles passes one instance 99,000 handles, another as many for the same resources, and drops them all. A
// store of wasmtime 50 has at most 100,000 at once.
func TestManyHandles(t *testing.T) {
	s := resources.subject(t, "tables")
	e := wasmtime.New(s.s.Options())
	defer e.Close()
	const n = 99_000
	for form, wasm := range map[string][]byte{"composed": s.in.Root.Bytes, "fused": s.fuse(t)} {
		inst, err := e.Load(wasm)
		if err != nil {
			t.Fatal(err)
		}
		call := func(want, call string) {
			t.Helper()
			if got := act(t, inst, call); got != want {
				t.Fatalf("%s: %s returns %s, want %q", form, call, got, want)
			}
		}
		for i := 1; i <= n; i++ {
			call(fmt.Sprint(i), fmt.Sprintf("p2#make-r(%d)", i))
		}
		for i := 1; i <= n; i++ {
			call(fmt.Sprint(i), fmt.Sprintf("p2#to-next(%d)", i))
		}
		call(fmt.Sprint(n), "p2#make-r(7)")
		for i := n; i >= 1; i-- {
			if i%1000 == 0 {
				call(fmt.Sprint(i), fmt.Sprintf("p1#get-r(%d)", i))
			}
			call("", fmt.Sprintf("p1#drop-r(%d)", i))
		}
		log := inst.Log()
		if len(log) != n || log[0].String() != fmt.Sprintf("log(1, %d)", n) || log[n-1].String() != "log(1, 1)" {
			t.Errorf("%s: %d destructors ran", form, len(log))
		}
		call("1", "p1#make-r(1)")
		inst.Close()
	}
}

// TestResourcesRefused checks that mixing types, and calls that cannot be guarded, are errors.
func TestResourcesRefused(t *testing.T) {
	from := func(provider string, imports ...string) (out []fusecore.Plug) {
		for _, i := range imports {
			out = append(out, fusecore.Plug{Importer: "user", Import: i, Provider: provider, Export: i})
		}
		return out
	}
	for _, c := range []struct {
		name, root string
		deps       []string
		plugs      []fusecore.Plug
		want       string // part of the error, or ""
	}{
		{"two instances' types", "refused/mixed.wasm", nil, nil, "resource"},
		{"a type and functions of two files", "refused/user.wasm", []string{"refused/provider.wasm", "refused/provider.wasm=other.wasm"},
			append(from("provider", "t:m/types"), from("other", "t:m/funcs")...), "resource"},
		{"a type and functions of one file", "refused/user.wasm", []string{"refused/provider.wasm"}, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := fuse(resources.inputs(t, script.Graph{Root: c.root, Deps: c.deps}, c.plugs))
			var e *fusecore.Error
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (!errors.As(err, &e) || !strings.Contains(err.Error(), c.want)):
				t.Errorf("error %v, want a *fusecore.Error with %q", err, c.want)
			case err != nil:
				t.Log(err)
			}
		})
	}
}

// TestLargeValues repeatedly passes long lists and strings with handles through the host memory.
func TestLargeValues(t *testing.T) {
	s := resources.subject(t, "nested-host")
	inst := start(t, s.s.Options(), s.fuse(t))
	for _, n := range []int{1, 3000, 2, 1000} {
		var owns, deep []string
		for i := range n {
			owns = append(owns, fmt.Sprintf("host(%d)", i))
			deep = append(deep, fmt.Sprintf(`(some(host(%d)), [host(%d), host(%d)], "%s é")`, i, i+1, i+2, strings.Repeat("x€", i%40)))
		}
		for fn, list := range map[string][]string{"list-own": owns, "deep": deep} {
			arg := "[" + strings.Join(list, ", ") + "]"
			got, err := inst.Call("t:n/u#"+fn, arg)
			if err != nil || got != arg {
				t.Fatalf("%s of %d elements gave %.200s, %v, want what was given", fn, n, got, err)
			}
		}
	}
}
