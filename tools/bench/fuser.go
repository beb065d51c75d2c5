package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/tools/bench/internal/big"
)

// fuser compares processes that fuse with those that validate the composition.
func (b *bench) fuser() ([]table, error) {
	t := table{Title: "The fuser", Text: "`wasmfuse fuse` against `wasm-tools validate` of the composition, which is about the bytes of the inputs: processor time of all threads, " +
		"in fresh processes. Memory is the greatest resident size of a process, in times of the bytes of the inputs and the output.",
		Header: []string{"graph", "inputs", "validate", "fuse", "ratio", "bodies not validated", "to the newest validator", "on the wall, to validate", "memory"}}
	validator, err := b.wasmTools()
	if err != nil {
		return nil, err
	}
	guests := b.guests()
	// rounds is how often the commands alternate. Files of tens of megabytes take seconds.
	rounds := func(huge bool) int {
		if b.quick || huge {
			return 3
		}
		return 7
	}
	for _, g := range guests {
		if _, err := b.fused(&t, g, validator, rounds(g.huge), barFuse, barTrusted); err != nil {
			return nil, err
		}
	}
	sizes := []int{1, 4, 16, 64, 500}
	if b.quick {
		sizes = []int{1, 4, 16, 64}
	}
	var base float64
	for _, size := range sizes {
		g, err := b.generated(size)
		if err != nil {
			return nil, err
		}
		each, err := b.fused(&t, g, validator, rounds(size > 16), barFuse, barTrusted)
		if err != nil {
			return nil, err
		}
		if size == 4 {
			base = each
		}
		if size == sizes[len(sizes)-1] {
			t.Text += fmt.Sprintf(" For each byte, %d MB take %s times of what 4 MB take.", size, t.judge(barLinear, g.name, stats{each / base}))
		}
		for _, f := range g.files {
			_ = os.Remove(f) // the temporary folder may be in memory
		}
	}
	return []table{t}, nil
}

// fused adds a row for a graph, and returns the processor time for each byte of the inputs.
func (b *bench) fused(t *table, g *graph, validator string, rounds int, full, trusted *bar) (each float64, err error) {
	inputs := 0
	for _, f := range g.files {
		info, err := os.Stat(f)
		if err != nil {
			return 0, err
		}
		inputs += int(info.Size())
	}
	composed, err := b.wasmfuseTo("fuser.composed.wasm", "compose", append(g.args, g.files...)...)
	if err != nil {
		return 0, err
	}
	defer os.Remove(composed)
	out := filepath.Join(b.work, "fuser.fused.wasm")
	defer os.Remove(out)
	fuse := append(append([]string{b.wasmfuse, "fuse", "--quiet", "-o", out}, g.args...), g.files...)
	commands := [][]string{
		{validator, "validate", "--features", "all", composed},
		fuse,
		append(fuse[:len(fuse):len(fuse)], "--trust-code"),
	}
	if newest := b.newestValidator(); newest != "" {
		commands = append(commands, []string{newest, "validate", "--features", "all", composed})
	}
	var cpu, wall, ratios [4][]float64
	memory := 0.0
	for round := range rounds + 1 {
		u := make([]usage, len(commands))
		for i, c := range commands {
			if u[i], err = b.child(c...); err != nil {
				return 0, err
			}
		}
		info, err := os.Stat(out)
		if err != nil {
			return 0, err
		}
		memory = max(memory, float64(u[1].Memory)/float64(inputs+int(info.Size())))
		if round == 0 && rounds > 3 {
			continue // files come into the page cache
		}
		for i := range u {
			cpu[i] = append(cpu[i], float64(u[i].CPU))
			wall[i] = append(wall[i], float64(u[i].Wall)/float64(u[0].Wall))
			ratios[i] = append(ratios[i], float64(u[i].CPU)/float64(u[0].CPU))
		}
	}
	toNewest := ""
	if len(commands) > 3 {
		var r []float64
		for i := range cpu[3] {
			r = append(r, cpu[1][i]/cpu[3][i])
		}
		toNewest = newStats(r).String()
	}
	each = newStats(cpu[1]).median() / float64(inputs)
	mem := barMemory
	if inputs < 1e6 {
		mem, full, trusted = nil, nil, nil // the time and memory of an empty process count
	}
	t.add(g.name, kilobytes(inputs), duration(newStats(cpu[0]).median()), duration(newStats(cpu[1]).median()),
		t.judge(full, g.name, newStats(ratios[1])), t.judge(trusted, g.name, newStats(ratios[2])), toNewest, newStats(wall[1]).String(), t.judge(mem, g.name, stats{memory}))
	return each, nil
}

// newestValidator returns the newest release of wasm-tools, or "" if it cannot be built, or in a quick run.
func (b *bench) newestValidator() string {
	if b.quick {
		return ""
	}
	path, err := b.once("newest wasm-tools", func() (string, string, error) {
		dir := filepath.Join(b.cache, "bench")
		path := filepath.Join(dir, "wasm-tools/bin/wasm-tools")
		if _, err := os.Stat(path); err != nil {
			b.logf("building the newest wasm-tools")
			if _, err := b.output([]string{"BENCH=" + dir}, filepath.Join(b.root, "tools/bench/get-wasm-tools.sh")); err != nil {
				b.logf("NOT MEASURED: %v", err)
				b.unmeasured = append(b.unmeasured, "the newest wasm-tools")
				return "", "", nil
			}
		}
		version, err := b.output(nil, path, "--version")
		return path, strings.TrimSpace(version) + " of crates.io", err
	})
	if err != nil {
		b.logf("NOT MEASURED: %v", err)
	}
	return path
}

// generated makes a pair of components of so many megabytes together.
func (b *bench) generated(megabytes int) (*graph, error) {
	tools, err := b.wasmTools()
	if err != nil {
		return nil, err
	}
	g := &graph{name: "generated, " + strconv.Itoa(megabytes) + " MB"}
	wit := filepath.Join(b.work, "big.wit")
	if err := os.WriteFile(wit, []byte(big.WIT), 0o600); err != nil {
		return nil, err
	}
	for _, world := range []string{"importer", "exporter"} {
		core := filepath.Join(b.work, "big.core.wasm")
		err := os.WriteFile(core, big.Module(megabytes*1e6/2, world == "importer", rand.New(rand.NewPCG(1, 2))), 0o600)
		if err != nil {
			return nil, err
		}
		out := filepath.Join(b.work, strings.ReplaceAll(g.name, " ", "-")+"-"+world+".wasm")
		embedded := core + ".embedded"
		if err := b.do(tools, "component", "embed", "--world", world, wit, core, "-o", embedded); err != nil {
			return nil, err
		}
		if err := b.do(tools, "component", "new", "--skip-validation", embedded, "-o", out); err != nil {
			return nil, err
		}
		g.files = append(g.files, out)
	}
	return g, nil
}
