package script

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDuring: what the host does during a call is read with the call.
func TestDuring(t *testing.T) {
	s, err := Load(write(t, "x.calls", "assert_return f()\n  h(1) -> 2\n    assert_trap g() \"a rule\"\n    assert_return drop res(0)\n  h(2) -> 2\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"h(1) -> 2", `  assert_trap g() "a rule"`, "  assert_return drop res(0)", "h(2) -> 2"}
	if d := cmp.Diff(want, s.Sections[0].Steps[1].Log); d != "" {
		t.Errorf("log (-want +got):\n%s", d)
	}
}

const text = `;; What it is about.
graph one: a.wasm b.wasm c.wasm=d.wasm
graph two: a.wasm
plug a x:y/z = d x:y/w
host log

instance first
  log("start")
;; A comment between.
assert_return f("a -> (b", 'c') -> ok("a -> b")
  log(1)

instances
assert_trap instantiate "trapped early"
assert_trap g() "a rule"
assert_trap drop res(0)
assert_exit run() -> 3
`

func write(t *testing.T, name, text string) string {
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestLoad(t *testing.T) {
	s, err := Load(write(t, "x.calls", text))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]Graph{{"one", "a.wasm", []string{"b.wasm", "c.wasm=d.wasm"}}, {"two", "a.wasm", []string{}}}, s.Graphs); d != "" {
		t.Errorf("graphs (-want +got):\n%s", d)
	}
	var steps [][]Step
	var keys []string
	for _, x := range s.Sections {
		steps, keys = append(steps, x.Steps), append(keys, s.Key(x))
	}
	if d := cmp.Diff([]string{"x: first", "x: instance 2"}, keys); d != "" {
		t.Errorf("keys (-want +got):\n%s", d)
	}
	want := [][]Step{{
		{Action: "instantiate", Log: []string{`log("start")`}},
		{Action: `f("a -> (b", 'c')`, Line: `assert_return f("a -> (b", 'c') -> ok("a -> b")`, Log: []string{"log(1)"}},
	}, {
		{Action: "instantiate", Line: "assert_trap instantiate", Rule: "trapped early"},
		{Action: "g()", Line: "assert_trap g()", Rule: "a rule"},
		{Action: "drop res(0)", Line: "assert_trap drop res(0)"},
		{Action: "run()", Line: "assert_exit run() -> 3"},
	}}
	if d := cmp.Diff(want, steps); d != "" {
		t.Errorf("steps (-want +got):\n%s", d)
	}
}

// TestRewrite replaces the steps in a file, also where the script is inside a component's text.
func TestRewrite(t *testing.T) {
	for _, name := range []string{"x.calls", "x.wat"} {
		in := text
		want := strings.NewReplacer("  log(\"start\")\n", "  log(0)\n", " 'c') -> ok(\"a -> b\")\n  log(1)\n", " 'c')\n", ` "trapped early"`, "", ` "a rule"`, ` "another"`).Replace(text)
		if filepath.Ext(name) == ".wat" {
			carry := func(s string) string {
				return ";; text\n;;! " + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n;;! ") + "\n(component)\n"
			}
			in, want = carry(in), carry(want)
		}
		file := write(t, name, in)
		s, err := Load(file)
		if err != nil {
			t.Fatal(err)
		}
		first, second := s.Sections[0], s.Sections[1]
		err = s.Rewrite(map[*Section][]Step{
			first:  {{Log: []string{"log(0)"}}, {Line: `assert_return f("a -> (b", 'c')`}},
			second: {{Line: "assert_trap instantiate"}, {Line: "assert_trap g()", Rule: "another"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, string(got)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// TestMalformed checks that each malformed line is an error with its position.
func TestMalformed(t *testing.T) {
	for line, want := range map[string]string{
		"graph a":            "not a line of graph",
		"plug a b":           "not a line of plug",
		"env A=B":            "not a line of env",
		"stdin \"x\"":        "not a line of stdin",
		"fused is x":         "not a line of fused",
		"assert_invalid f()": "no assertion is assert_invalid",
		"assert_trap f() \"": "invalid syntax",
		"refused x":          "invalid syntax",
		"call f() -> 1":      "no line begins with call",
		"host f($x -> 1":     "asserts nothing", // parsed as a name, since no bracket closes it
		"host f(])":          "too many",
		"part\nassert_return f()\nassert_trap instantiate": "an instance begins here",
	} {
		_, err := Load(write(t, "x.calls", line+"\n"))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "x.calls") {
			t.Errorf("%q: %v, want %q", line, err, want)
		}
	}
}

func TestHost(t *testing.T) {
	s, err := Load(write(t, "x.calls", `part
host any -> 7
host none
host f([]) -> err("x")
host f([$l]) -> ok([$l.handles])
host reps($l) -> $l.reps
host pair(host($a), {x: $b, y: $c}) -> sum(7*$a + $b*2)
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"any", []string{"1", "2"}, "7"},
		{"none", nil, ""},
		{"f", []string{"[]"}, `err("x")`},
		{"f", []string{`[(host(1), "a"), (host(22), "b")]`}, "ok([host(1), host(22)])"},
		{"reps", []string{"[host(3), host(4)]"}, "[3, 4]"},
		{"pair", []string{"host(3)", "{x: 4294967295, y: 1}"}, "19"},
	} {
		if got, err := s.Options().Funcs[c.name](c.args); err != nil || got != c.want {
			t.Errorf("%s%q = %s, %v, want %s", c.name, c.args, got, err, c.want)
		}
	}
	if _, err := s.Options().Funcs["pair"]([]string{"1", "2"}); err == nil {
		t.Error("arguments that fit no line are answered")
	}
}
