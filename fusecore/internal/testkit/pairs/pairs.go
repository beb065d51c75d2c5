// Package pairs lists the example graphs with the calls that tests make, and runs them: a composition and its fused form
// must give the same Outcome.
package pairs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// Call is a call of an export with WAVE arguments.
type Call struct {
	Func string
	Args []string
}

// Graph is a root component with its dependencies and what a test does with them.
type Graph struct {
	Name string
	Root string   // path below examples/
	Deps []string // likewise
	// WASI, if not nil, is what the guests see through WASI 0.2.
	WASI *wasmtime.WASI
	// Notes are host functions that take anything and give nothing back.
	Notes []string
	// Calls are made in one instance, in order.
	Calls []Call
	// Traps are made each in an instance of its own.
	Traps []Call
	// Answers names the frozen outcome; graphs that must answer the same share one. "" is Name.
	Answers string
}

// Outcome is all that a test can see of a graph's run.
type Outcome struct {
	Results []string // of Calls; an error reads "trap", "exit N" or "error: ..."
	Traps   []string // of Traps, likewise
	Log     []string // calls of host functions in the first instance
	Stdout  string
	Stderr  string
}

// Load reads the graph's files; examples is the path of the examples folder.
func (g Graph) Load(examples string) (root []byte, deps [][]byte, err error) {
	if root, err = os.ReadFile(filepath.Join(examples, g.Root)); err != nil {
		return nil, nil, err
	}
	for _, d := range g.Deps {
		b, err := os.ReadFile(filepath.Join(examples, d))
		if err != nil {
			return nil, nil, err
		}
		deps = append(deps, b)
	}
	return root, deps, nil
}

// Run makes the graph's calls on a component. An error is one of loading it.
func (g Graph) Run(wasm []byte) (*Outcome, error) {
	opts := wasmtime.Options{WASI: g.WASI, Funcs: map[string]wasmtime.HostFunc{}}
	for _, n := range g.Notes {
		opts.Funcs[n] = func([]string) (string, error) { return "", nil }
	}
	e := wasmtime.New(opts)
	defer e.Close()
	out := &Outcome{}
	in, err := e.Load(wasm)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	for _, c := range g.Calls {
		out.Results = append(out.Results, answer(in.Call(c.Func, c.Args...)))
	}
	for _, c := range in.Log() {
		out.Log = append(out.Log, c.String())
	}
	out.Stdout, out.Stderr = in.Stdout(), in.Stderr()
	for _, c := range g.Traps {
		in, err := e.Load(wasm)
		if err != nil {
			return nil, err
		}
		out.Traps = append(out.Traps, answer(in.Call(c.Func, c.Args...)))
		in.Close()
	}
	return out, nil
}

// answer leaves a trap's message aside: the fused form traps where the composition does, with a message of its own.
func answer(result string, err error) string {
	var exit *wasmtime.Exit
	switch {
	case err == nil:
		return result
	case wasmtime.IsTrap(err):
		return "trap"
	case errors.As(err, &exit):
		return fmt.Sprintf("exit %d", exit.Status)
	}
	return "error: " + err.Error()
}

func call(fn string, args ...string) Call { return Call{fn, args} }

// All lists the graphs.
func All() []Graph {
	digest := []Call{call("run", `"Wörld 𐍈 é"`), call("run", `""`), call("run", `"4095"`), call("run", `"日本語 text  ascii"`),
		call("run", `"`+strings.Repeat("long é ", 20)+`"`), call("leaks")}
	boom := []Call{call("run", `"boom"`)}
	kv := []Call{call("run", `"Wörld"`), call("run", `""`), call("run", `"𐍈"`)}
	var gs []Graph
	add := func(g Graph) { gs = append(gs, g) }
	for _, a := range []string{"utf8", "utf16"} {
		for _, b := range []string{"utf8", "utf16"} {
			add(Graph{Name: "c-pair-" + a + "-" + b, Root: "c-pair/consumer-" + a + ".wasm", Deps: []string{"c-pair/provider-" + b + ".wasm"},
				Calls: digest, Traps: boom, Answers: "c-pair"})
			add(Graph{Name: "kv-" + a + "-" + b, Root: "kv/consumer-" + a + ".wasm", Deps: []string{"kv/provider-" + b + ".wasm"},
				Calls: kv, Answers: "kv"})
		}
	}
	for _, ab := range [][2]string{{"go", "go"}, {"go", "utf16"}, {"utf8", "go"}} {
		add(Graph{Name: "kv-" + ab[0] + "-" + ab[1], Root: "kv/consumer-" + ab[0] + ".wasm", Deps: []string{"kv/provider-" + ab[1] + ".wasm"}, Calls: kv})
	}
	wasi := &wasmtime.WASI{Args: []string{"guest"}}
	for _, a := range []string{"", "-wasi"} {
		for _, b := range []string{"", "-wasi"} {
			g := Graph{Name: "tinygo" + a + "-tinygo" + b + "-pair", Root: "tinygo-pair/consumer" + a + ".wasm",
				Deps: []string{"tinygo-pair/provider" + b + ".wasm"}, Calls: digest, Traps: boom}
			if a+b == "" {
				g.Answers = "tinygo-pair"
			} else {
				g.WASI = wasi
			}
			add(g)
		}
	}
	add(Graph{Name: "c-tinygo-pair", Root: "c-pair/consumer-utf16.wasm", Deps: []string{"tinygo-pair/provider.wasm"},
		Calls: digest, Traps: boom, Answers: "c-pair"})
	add(Graph{Name: "c-tinygo-wasi-pair", Root: "c-pair/consumer-utf8.wasm", Deps: []string{"tinygo-pair/provider-wasi.wasm"},
		Calls: digest, Traps: boom, WASI: wasi})
	add(Graph{Name: "tinygo-c-pair", Root: "tinygo-pair/consumer.wasm", Deps: []string{"c-pair/provider-utf16.wasm"},
		Calls: digest, Traps: boom, Answers: "tinygo-pair"})
	add(Graph{Name: "three", Root: "three/root.wasm", Deps: []string{"three/words.wasm", "three/stats.wasm"},
		Calls: []Call{call("report", `" the quick  brown fôx𐍈 jümps over"`), call("report", `""`), call("report", `"a"`)}})
	add(Graph{Name: "diamond", Root: "diamond/c.wasm", Deps: []string{"diamond/p.wasm", "diamond/q.wasm"}, Calls: []Call{call("run"), call("run")}})
	trio := Graph{Name: "trio", Root: "trio/runner.wasm", Deps: []string{"trio/leaf.wasm", "trio/middle.wasm"},
		Notes: []string{"demo:trio/trace@0.1.0#note"}, Calls: []Call{call("run"), call("run")}}
	for i := range 7 {
		trio.Traps = append(trio.Traps, call("misuse", fmt.Sprint(i)))
	}
	add(trio)
	command := []Call{call("wasi:cli/run@0.2.0#run")}
	add(Graph{Name: "wasi-command", Root: "wasi-command/command.wasm", Deps: []string{"wasi-command/formatter.wasm"}, Calls: command,
		WASI: &wasmtime.WASI{Args: []string{"command", "one", "zwö"}, Env: [][2]string{{"WHO", "me"}, {"LANG", "C"}}, Stdin: "first\nsecond ✓\n"}})
	add(Graph{Name: "wasi-command-fail", Root: "wasi-command/command.wasm", Deps: []string{"wasi-command/formatter.wasm"}, Calls: command,
		WASI: &wasmtime.WASI{Args: []string{"command", "fail"}}})
	return gs
}
