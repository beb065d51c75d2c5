package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/wasmfuse/rules_wasm_fuse/tools/bench/internal/job"
)

// peers compares with what others make: binaryen's optimiser of each core module of the composition, and of the fused form.
func (b *bench) peers() ([]table, error) {
	optimiser, err := b.kit("wasm-opt", "get-binaryen.sh", "prefix/binaryen/bin/wasm-opt")
	if err != nil {
		return nil, err
	}
	t := table{Title: "Beside an optimiser", Text: "Bytes without custom sections: wasm-opt -Oz of every core module, in the composition and in the fused form, each to the composition, stripped.",
		Header: []string{"graph", "composed", "composed, wasm-opt", "fused", "fused, wasm-opt"}}
	all, err := b.examples()
	if err != nil {
		return nil, err
	}
	guests := b.guests()
	for _, g := range append(all, guests...) {
		if g.huge || b.quick {
			continue
		}
		f, err := b.forms(g)
		if err != nil {
			return nil, err
		}
		var sizes [4]int
		for i, file := range []string{f.composed, f.stripped} {
			if sizes[2*i], err = sizeOf(file, never); err != nil {
				return nil, err
			}
			optimised, err := b.optimised(optimiser, file, "-Oz")
			if err != nil {
				return nil, err
			}
			if sizes[2*i+1], err = sizeOf(optimised, never); err != nil {
				return nil, err
			}
		}
		row := []string{g.name, kilobytes(sizes[0])}
		for _, s := range sizes[1:] {
			row = append(row, ratio(float64(s)/float64(sizes[0])))
		}
		t.add(row...)
	}
	calls, err := b.peerCalls(optimiser)
	if b.quick {
		return []table{calls}, err
	}
	return []table{t, calls}, err
}

// optimised returns a file in which the core modules of a component are optimised.
func (b *bench) optimised(optimiser, file string, level string) (string, error) {
	wasm, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	in, out := filepath.Join(b.work, "opt.in.wasm"), filepath.Join(b.work, "opt.out.wasm")
	made, err := rewrite(wasm, isName, func(module []byte) ([]byte, error) {
		if err := os.WriteFile(in, module, 0o600); err != nil {
			return nil, err
		}
		if err := b.do(optimiser, "--all-features", "--disable-custom-descriptors", level, in, "-o", out); err != nil {
			return nil, err
		}
		return os.ReadFile(out)
	})
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	name := file + level
	return name, os.WriteFile(name, made, 0o600)
}

// peerCalls measures the call matrix with the optimiser on both sides.
func (b *bench) peerCalls(optimiser string) (t table, err error) {
	t = table{Title: "Calls, beside an optimiser", Text: "wasm-opt -O4 of every core module, in wasmtime 50, to the composition as it is.",
		Header: []string{"call", "composed, wasm-opt", "fused", "fused, wasm-opt"}}
	f, err := b.forms(b.matrix())
	if err != nil {
		return t, err
	}
	var columns [3][]job.Result
	rounds, processes := b.rounds()
	for i, file := range []string{f.composed, f.fused, f.fused} {
		if i != 1 {
			if file, err = b.optimised(optimiser, file, "-O4"); err != nil {
				return t, err
			}
		}
		j := job.Job{Kind: job.Calls, Files: [2]string{f.composed, file}, Rounds: rounds, Target: b.target()}
		for _, c := range matrixCases {
			j.Cases = append(j.Cases, job.Case{Func: c.fn, Size: c.size})
		}
		if columns[i], err = inProcesses(b, engine50, j, processes); err != nil {
			return t, err
		}
	}
	for i, c := range matrixCases {
		row := []string{c.name}
		for _, col := range columns {
			row = append(row, newStats(col[i].Ratios).String())
		}
		t.add(row...)
	}
	return t, nil
}
