package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// graph is components that are linked.
type graph struct {
	name  string
	files []string // the root first
	args  []string // options of wasmfuse
	wasi  bool
	huge  bool // tens of megabytes
}

// forms are the files that are compared.
type forms struct {
	composed, fused string
	stripped        string // fused without names
}

// fixture returns a path in fusecore/testdata/bench.
func (b *bench) fixture(name string) string {
	return filepath.Join(b.root, "fusecore/testdata/bench", name)
}

// wasmfuseTo runs wasmfuse with an output file of a name in the temporary folder.
func (b *bench) wasmfuseTo(name, command string, args ...string) (string, error) {
	out := filepath.Join(b.work, name)
	return out, b.do(b.wasmfuse, append([]string{command, "--quiet", "-o", out}, args...)...)
}

// forms makes the forms of a graph, once.
func (b *bench) forms(g *graph) (*forms, error) {
	if f := b.made[g.name]; f != nil {
		return f, nil
	}
	args := slices.Concat(g.args, g.files)
	f := &forms{composed: g.files[0]}
	var err error
	if len(g.files) > 1 {
		if f.composed, err = b.wasmfuseTo(g.name+".composed.wasm", "compose", args...); err != nil {
			return nil, err
		}
	}
	if f.fused, err = b.wasmfuseTo(g.name+".fused.wasm", "fuse", args...); err != nil {
		return nil, err
	}
	if f.stripped, err = b.wasmfuseTo(g.name+".stripped.wasm", "fuse", append([]string{"--strip=all"}, args...)...); err != nil {
		return nil, err
	}
	b.made[g.name] = f
	return f, nil
}

// matrix is the graph of the call matrix.
func (b *bench) matrix() *graph {
	return &graph{name: "calls", files: []string{b.fixture("calls/caller.wasm"), b.fixture("calls/callee.wasm")}}
}

// examples returns the graphs of the examples' scripts, in which a line "graph NAME: FILE..." is one.
func (b *bench) examples() (out []*graph, err error) {
	var scripts []string
	for _, pattern := range []string{"*.calls", "async/*.calls"} {
		found, err := filepath.Glob(filepath.Join(b.root, "fusecore/testdata/examples", pattern))
		if err != nil {
			return nil, err
		}
		scripts = append(scripts, found...)
	}
	for _, s := range scripts {
		text, err := os.ReadFile(s)
		if err != nil {
			return nil, err
		}
		var plugs []string
		first := len(out)
		for line := range strings.Lines(string(text)) {
			words := strings.Fields(line)
			switch {
			case len(words) > 2 && words[0] == "graph":
				g := &graph{name: strings.TrimSuffix(words[1], ":"), wasi: strings.Contains(s, "wasi")}
				for _, f := range words[2:] {
					g.files = append(g.files, filepath.Join(b.root, "examples", f))
				}
				out = append(out, g)
			case len(words) > 4 && words[0] == "plug":
				plugs = append(plugs, fmt.Sprintf("--plug=%s:%s=%s:%s", words[1], words[2], words[4], words[5]))
			}
		}
		for _, g := range out[first:] {
			g.args = plugs
		}
	}
	slices.SortFunc(out, func(x, y *graph) int { return strings.Compare(x.name, y.name) })
	// One graph has two scripts, for two outcomes.
	return slices.DeleteFunc(out, func(g *graph) bool { return g.name == "wasi-command-fail" }), nil
}

// pairs are the real guests that are linked, by the names that tools/bench/guests/build.sh gives them.
var pairs = []graph{
	{name: "C", files: []string{"driver", "c"}, wasi: true},
	{name: "Rust", files: []string{"driver", "rust"}, wasi: true},
	{name: "TinyGo", files: []string{"driver", "tinygo"}, wasi: true},
	{name: "Go", files: []string{"go-consumer", "go-provider"}},
	{name: "JavaScript", files: []string{"driver", "js"}, wasi: true, huge: true},
	{name: "JavaScript, two", files: []string{"js-consumer", "js-provider"}, wasi: true, huge: true},
	{name: "Python", files: []string{"driver", "python"}, wasi: true, huge: true},
	{name: "Python, two", files: []string{"python-consumer", "python-provider"}, wasi: true, huge: true},
}

// guests returns the graphs of real guests, which are built if they are not there: those that cannot be are reported, and left out. A
// quick run has no huge ones but one.
func (b *bench) guests() []*graph {
	if b.real != nil {
		return b.real
	}
	var out []*graph
	dir := filepath.Join(b.cache, "bench/guests")
	for i := range pairs {
		g := pairs[i]
		if b.quick && g.huge && g.name != "JavaScript, two" {
			continue
		}
		var missing []string
		files := make([]string, len(g.files))
		for k, f := range g.files {
			files[k] = filepath.Join(dir, f+".wasm")
			if _, err := os.Stat(files[k]); err != nil {
				// Both components of a pair are built together.
				if pair, _, ok := strings.Cut(f, "-"); ok {
					f = pair + "-pair"
				}
				missing = append(missing, f)
			}
		}
		g.files = files
		if missing != nil {
			b.logf("building %s", strings.Join(missing, ", "))
			if err := b.do(filepath.Join(b.root, "tools/bench/guests/build.sh"), append([]string{dir}, missing...)...); err != nil {
				b.logf("NOT MEASURED: the guests in %s: %v", g.name, err)
				b.unmeasured = append(b.unmeasured, "real guests: "+g.name)
				continue
			}
		}
		out = append(out, &g)
	}
	b.real = out
	return out
}
