package fusecore_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/pairs"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

const resourcesDir = "testdata/resources/"

// resourceWorld says how the components of a file of calls are put together, and what the host offers them.
type resourceWorld struct {
	root  string // "" is the file's own name
	deps  []string
	plugs []fusecore.Plug
	host  wasmtime.Options
}

// resourceWorlds are those of testdata/resources/*.calls; a file without one is a component that wants nothing.
var resourceWorlds = map[string]resourceWorld{
	"tables":      {host: logging("log")},
	"dtors":       {host: logging("log")},
	"chains":      {host: logging("log")},
	"holder":      {host: logging("log")},
	"context":     {host: logging("log")},
	"throw":       {host: logging("log")},
	"start":       {host: tablesHost()},
	"alone":       {host: aloneHost()},
	"alone-gates": {host: logging("log")},
	"toplevel":    {host: toplevelHost()},
	// A parent and its child.
	"ancestors":      {host: logging("log")},
	"ancestors-dtor": {host: logging("log")},
	// The host in place of the definer: every player has its own number for what the host has.
	"tables-host": {host: tablesHost()},
	// A guest's resource type in values of all shapes, through two components, and through three.
	"nested": {root: "nested-u", deps: []string{"nested-e", "nested-d"}, host: logging("log")},
	"nested-long": {root: "nested-u", deps: []string{"nested-u=u", "nested-e", "nested-d"}, host: logging("log"),
		plugs: []fusecore.Plug{{Importer: "nested-u", Import: "t:n/e", Provider: "u", Export: "t:n/u"}, {Importer: "u", Import: "t:n/e", Provider: "nested-e"}}},
	// The host's resource type, between components; then the host also takes and gives the values.
	"nested-host-type": {root: "nested-u", deps: []string{"nested-e"}, host: nestedHost()},
	"nested-host": {root: "nested-u", deps: []string{"nested-u=u"}, host: nestedHost(),
		plugs: []fusecore.Plug{{Importer: "nested-u", Import: "t:n/e", Provider: "u", Export: "t:n/u"}}},
	// One component alone: its table is the runtime's.
	"nested-alone": {root: "nested-u", host: nestedHost()},
}

func (w resourceWorld) inputs(t testing.TB, name string) fusecore.Inputs {
	t.Helper()
	in := single(name, nil)
	if w.root != "" {
		in.Root.Name = w.root + ".wasm"
	}
	in.Root.Bytes = readFile(t, resourcesDir+in.Root.Name)
	for _, d := range w.deps {
		file, as, ok := strings.Cut(d, "=")
		if !ok {
			as = file
		}
		in.Deps = append(in.Deps, fusecore.Input{Name: as + ".wasm", Bytes: readFile(t, resourcesDir+file+".wasm")})
	}
	return in
}

// tablesHost is the host in place of the definer in tables.wat. Its numbers are the representations. "pair" takes two
// borrows.
func tablesHost() wasmtime.Options {
	rep := func(s string) uint64 {
		n, err := strconv.ParseUint(repIn.FindStringSubmatch(s)[1], 10, 32)
		if err != nil {
			panic(err)
		}
		return n
	}
	own := func(args []string) (string, error) { return "host(" + args[0] + ")", nil }
	get := func(args []string) (string, error) { return fmt.Sprint(rep(args[0])), nil }
	both := func(a, b uint64) wasmtime.HostFunc {
		return func(args []string) (string, error) { return fmt.Sprint(uint32(a*rep(args[0]) + b*rep(args[1]))), nil }
	}
	o := logging("log")
	o.NoConcurrency = true
	o.Resources = map[string]func(uint32){"c#r": nil, "c#s": nil}
	for name, f := range map[string]wasmtime.HostFunc{"make-r": own, "make-s": own, "get-r": get, "get-s": get, "take-r": get, "both": both(3, 0),
		"both-back": both(0, 5), "pair": both(7, 1), "hold": get, "fetch": own, "play": get} {
		o.Funcs["c#"+name] = f
	}
	return o
}

// toplevelHost defines a type and functions on it outside of interfaces.
func toplevelHost() wasmtime.Options {
	o := logging("log")
	o.Resources = map[string]func(uint32){"r": nil}
	o.Funcs["make-r"] = func(args []string) (string, error) { return "host(" + args[0] + ")", nil }
	o.Funcs["get-r"] = func(args []string) (string, error) { return repIn.FindStringSubmatch(args[0])[1], nil }
	return o
}

// aloneHost defines a type, and functions with its handles in memory.
func aloneHost() wasmtime.Options {
	o := logging("log")
	o.Resources = map[string]func(uint32){"t:h/host#h": nil}
	o.Funcs["t:h/host#make"] = func(args []string) (string, error) { return "host(" + args[0] + ")", nil }
	o.Funcs["t:h/host#get"] = func(args []string) (string, error) { return repIn.FindStringSubmatch(args[0])[1], nil }
	o.Funcs["t:h/host#all"] = func(args []string) (string, error) { return repIn.ReplaceAllString(args[0], "$1"), nil }
	o.Funcs["t:h/host#give"] = func(args []string) (string, error) {
		if args[0] == "[]" {
			return `err("nøthing")`, nil
		}
		return "ok([" + strings.Join(repIn.FindAllString(args[0], -1), ", ") + "])", nil
	}
	return o
}

var (
	recIn = regexp.MustCompile(`^\{a: host\((\d+)\), n: \d+, b: (host\(\d+\)), t: (".*")\}$`)
	repIn = regexp.MustCompile(`host\((\d+)\)`)
)

// nestedHost is the host in place of nested-d, and of nested-e.
func nestedHost() wasmtime.Options {
	same := func(args []string) (string, error) { return args[0], nil }
	rep := func(s string) string { return repIn.FindStringSubmatch(s)[1] }
	return wasmtime.Options{
		Resources: map[string]func(uint32){"t:n/d#r": nil},
		Funcs: map[string]wasmtime.HostFunc{
			"t:n/d#make":     func(args []string) (string, error) { return "host(" + args[0] + ")", nil },
			"t:n/d#get":      func(args []string) (string, error) { return rep(args[0]), nil },
			"t:n/e#list-own": same, "t:n/e#choice": same, "t:n/e#either": same, "t:n/e#deep": same,
			"t:n/e#rec-both": func(args []string) (string, error) {
				m := recIn.FindStringSubmatch(args[0])
				return fmt.Sprintf("{b: %s, t: %s}", m[2], m[3]), nil
			},
			"t:n/e#many": func(args []string) (string, error) {
				return fmt.Sprintf("(%s, %s, %s, %s)", args[0], args[18], args[16], rep(args[17])), nil
			},
			"t:n/e#list-borrow": func(args []string) (string, error) { return repIn.ReplaceAllString(args[0], "$1"), nil },
			"t:n/e#opt-borrow": func(args []string) (string, error) {
				if args[0] == "none" {
					return "0", nil
				}
				return rep(args[0]), nil
			},
		},
	}
}

// logging offers functions that take anything and give nothing back.
func logging(names ...string) wasmtime.Options {
	o := wasmtime.Options{Funcs: map[string]wasmtime.HostFunc{}}
	for _, n := range names {
		o.Funcs[n] = func([]string) (string, error) { return "", nil }
	}
	return o
}

// resourceSections gives the sections of testdata/resources/*.calls, by "FILE: SECTION".
func resourceSections(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob(resourcesDir + "*.calls")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	sections := map[string]string{}
	for _, file := range files {
		for i, s := range strings.Split(string(readFile(t, file)), "== ") {
			name, _, _ := strings.Cut(s, "\n")
			if i > 0 {
				sections[strings.TrimSuffix(filepath.Base(file), ".calls")+": "+name] = s
			}
		}
	}
	return sections
}

// TestResources plays the calls of testdata/resources/*.calls on each component and on its fused form. Every case begins
// with a line "== name" and is one instance; a line is a call of an export with its result, or the host's drop of a
// handle, followed by the calls of the host that it makes:
//
//	p1#make-r(7) -> 1
//	drop res(0)
//	  log(1, 7)
//
// With UPDATE_GOLDEN=1 the answers become those of the compositions that differencesFile does not list.
func TestResources(t *testing.T) {
	updateResources := os.Getenv("UPDATE_GOLDEN") != ""
	composedWant := newComposedWant(t)
	files, err := filepath.Glob(resourcesDir + "*.calls")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".calls")
		t.Run(name, func(t *testing.T) {
			w, text := resourceWorlds[name], string(readFile(t, file))
			in, o := w.inputs(t, name), fusecore.Options{Plugs: w.plugs}
			composed, err := fusecore.Compose(in, o)
			if err != nil {
				t.Fatal(err)
			}
			fused, err := fusecore.Fuse(in, o)
			if err != nil {
				t.Fatal(err)
			}
			e := wasmtime.New(w.host)
			defer e.Close()
			sections := strings.Split(text, "== ")
			for i, want := range sections[1:] {
				first, _, _ := strings.Cut(want, "\n")
				key := "resources/" + name + ": " + first
				got := playCase(t, e, composed.Wasm, want)
				if updateResources && composedWant.listed(key) == nil {
					sections[i+1], want = got, got
				}
				composedWant.check(t, key, lines(want), lines(got))
				if d := cmp.Diff(lines(want), lines(playCase(t, e, fused.Wasm, want))); d != "" {
					t.Errorf("fused, in %s: %s (-want +got):\n%s", wasmtime.Name(), first, d)
				}
			}
			if updateResources {
				if err := os.WriteFile(file, []byte(strings.Join(sections, "== ")), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func lines(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") }

func single(name string, wasm []byte) fusecore.Inputs {
	return fusecore.Inputs{Root: fusecore.Input{Name: name + ".wasm", Bytes: wasm}}
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// playCase makes the calls of one case, whose first line is its name, and gives the case with what they answered.
func playCase(t *testing.T, e *wasmtime.Engine, wasm []byte, text string) string {
	t.Helper()
	var b strings.Builder
	name, body, _ := strings.Cut(text, "\n")
	fmt.Fprintln(&b, name)
	in, err := e.Load(wasm)
	if err != nil {
		outcome := "instantiate -> trap"
		if !wasmtime.IsTrap(err) {
			t.Logf("%s: in %s: %v", name, wasmtime.Name(), err)
			outcome = refusedByEngine
		}
		fmt.Fprintln(&b, outcome)
	} else {
		defer in.Close()
	}
	logged := 0
	for _, line := range strings.Split(strings.TrimSuffix(body, "\n"), "\n") {
		call, _, _ := strings.Cut(line, " -> ")
		switch {
		case line == "" || line[0] == '#':
			fmt.Fprintln(&b, line)
			continue
		case line[0] == ' ' || in == nil:
			continue
		}
		fmt.Fprintln(&b, call+resourceStep(t, in, call))
		for _, c := range in.Log()[logged:] {
			fmt.Fprintf(&b, "  %v\n", c)
		}
		logged = len(in.Log())
	}
	return b.String()
}

// resourceStep makes one call and gives what follows it in its line.
func resourceStep(t *testing.T, in *wasmtime.Instance, call string) string {
	var n int
	if _, err := fmt.Sscanf(call, "drop res(%d)", &n); err == nil {
		return stepOutcome(t, "", in.DropResource(n))
	}
	fn, args, _ := strings.Cut(strings.TrimSuffix(call, ")"), "(")
	result, err := in.Call(fn, arguments(args)...)
	return stepOutcome(t, result, err)
}

func stepOutcome(t *testing.T, result string, err error) string {
	t.Helper()
	switch {
	case wasmtime.IsTrap(err):
		return " -> trap"
	case err != nil:
		t.Fatal(err)
	case result == "":
		return ""
	}
	return " -> " + result
}

// arguments splits at the commas outside of brackets and strings. A number may be written in hexadecimal.
func arguments(s string) (out []string) {
	depth, from, quoted := 0, 0, false
	for i, c := range s {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case strings.ContainsRune("([{", c):
			depth++
		case strings.ContainsRune(")]}", c):
			depth--
		case c == ',' && depth == 0:
			out = append(out, strings.TrimSpace(s[from:i]))
			from = i + 1
		}
	}
	if s != "" {
		out = append(out, strings.TrimSpace(s[from:]))
	}
	for i, a := range out {
		if n, err := strconv.ParseUint(strings.TrimPrefix(a, "0x"), 16, 64); err == nil && strings.HasPrefix(a, "0x") {
			out[i] = fmt.Sprint(n)
		}
	}
	return out
}

// TestResourceFiles: every component was built from the text beside it.
func TestResourceFiles(t *testing.T) {
	var sums []string
	for _, pattern := range []string{"*.wat", "*.wasm", "refused/*.wat", "refused/*.wasm"} {
		files, err := filepath.Glob(resourcesDir + pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			sums = append(sums, fmt.Sprintf("%x  %s", sha256.Sum256(readFile(t, f)), strings.TrimPrefix(filepath.ToSlash(f), resourcesDir)))
			other := strings.TrimSuffix(f, filepath.Ext(f)) + map[string]string{".wat": ".wasm", ".wasm": ".wat"}[filepath.Ext(f)]
			if _, err := os.Stat(other); errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s is without %s", f, other)
			}
		}
	}
	want := strings.Split(strings.TrimSpace(string(readFile(t, resourcesDir+"SHA256SUMS"))), "\n")
	slices.Sort(want)
	slices.Sort(sums)
	if d := cmp.Diff(want, sums); d != "" {
		t.Errorf("not as built, run %sbuild.sh (-SHA256SUMS +files):\n%s", resourcesDir, d)
	}
}

// TestTimes runs the examples whose components share resources a hundred times, in one engine each time anew.
func TestTimes(t *testing.T) {
	for _, g := range pairs.All() {
		if g.Name != "trio" && g.Name != "diamond" {
			continue
		}
		t.Run(g.Name, func(t *testing.T) {
			out, err := fusecore.Fuse(inputs(t, g), fusecore.Options{})
			if err != nil {
				t.Fatal(err)
			}
			want, err := g.Want()
			if err != nil {
				t.Fatal(err)
			}
			for i := range 100 {
				got, err := g.Run(out.Wasm)
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Fatalf("run %d (-composed +fused):\n%s", i, d)
				}
			}
		})
	}
}

// TestManyHandles gives one instance 99,000 handles, another as many of the same resources, and drops them all. A store
// of wasmtime 50 has no more than 100,000 at once.
func TestManyHandles(t *testing.T) {
	w := resourceWorlds["tables"]
	in := w.inputs(t, "tables")
	out, err := fusecore.Fuse(in, fusecore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e := wasmtime.New(w.host)
	defer e.Close()
	const n = 99_000
	for form, wasm := range map[string][]byte{"composed": in.Root.Bytes, "fused": out.Wasm} {
		inst, err := e.Load(wasm)
		if err != nil {
			t.Fatal(err)
		}
		call := func(want, call string) {
			t.Helper()
			if got := resourceStep(t, inst, call); got != want {
				t.Fatalf("%s: %s%s, want %q", form, call, got, want)
			}
		}
		for i := 1; i <= n; i++ {
			call(fmt.Sprint(" -> ", i), fmt.Sprintf("p2#make-r(%d)", i))
		}
		for i := 1; i <= n; i++ {
			call(fmt.Sprint(" -> ", i), fmt.Sprintf("p2#to-next(%d)", i))
		}
		call(" -> "+fmt.Sprint(n), "p2#make-r(7)")
		for i := n; i >= 1; i-- {
			if i%1000 == 0 {
				call(fmt.Sprint(" -> ", i), fmt.Sprintf("p1#get-r(%d)", i))
			}
			call("", fmt.Sprintf("p1#drop-r(%d)", i))
		}
		log := inst.Log()
		if len(log) != n || log[0].String() != fmt.Sprintf("log(1, %d)", n) || log[n-1].String() != "log(1, 1)" {
			t.Errorf("%s: %d destructors ran", form, len(log))
		}
		call(" -> 1", "p1#make-r(1)")
		inst.Close()
	}
}

// TestResourcesRefused: what would mix types, or could not be guarded, is an error.
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
		want       string // part of the error; "" for none
	}{
		{"two instances' types", "mixed", nil, nil, "resource"},
		{"a type and functions of two files", "user", []string{"provider", "provider=other"},
			append(from("provider", "t:m/types"), from("other", "t:m/funcs")...), "resource"},
		{"a type and functions of one file", "user", []string{"provider"}, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := resourceWorld{root: "refused/" + c.root}
			for _, d := range c.deps {
				w.deps = append(w.deps, "refused/"+d)
			}
			in := w.inputs(t, "")
			in.Root.Name = c.root + ".wasm"
			_, err := fusecore.Fuse(in, fusecore.Options{Plugs: c.plugs})
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

// TestLargeValues passes long lists and strings with handles through the boundary memory, again and again.
func TestLargeValues(t *testing.T) {
	w := resourceWorlds["nested-host"]
	in, o := w.inputs(t, ""), fusecore.Options{Plugs: w.plugs}
	out, err := fusecore.Fuse(in, o)
	if err != nil {
		t.Fatal(err)
	}
	e := wasmtime.New(w.host)
	defer e.Close()
	inst, err := e.Load(out.Wasm)
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close()
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
