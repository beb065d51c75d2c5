package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/tools/bench/internal/job"
)

// sizeOf returns the size of a file without custom sections but those that are kept.
func sizeOf(file string, keep func(string) bool) (int, error) {
	wasm, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	out, err := rewrite(wasm, keep, nil)
	return len(out), err
}

// sized is the sizes of the two forms of a graph, composed first.
type sized struct {
	named, stripped [2]int
	compiled        *[2]job.Compiled // nil if it is not measured
}

func (b *bench) sized(g *graph, compile bool) (s sized, err error) {
	f, err := b.forms(g)
	if err != nil {
		return s, err
	}
	for i, file := range []string{f.composed, f.fused} {
		if s.named[i], err = sizeOf(file, isName); err != nil {
			return s, err
		}
	}
	for i, file := range []string{f.composed, f.stripped} {
		if s.stripped[i], err = sizeOf(file, never); err != nil {
			return s, err
		}
	}
	if compile {
		c, err := inEngine[[2]job.Compiled](b, engine50, job.Job{Kind: job.Compile, Files: [2]string{f.composed, f.fused}})
		if err != nil {
			return s, err
		}
		s.compiled = &c
	}
	return s, nil
}

func one(over, base int) stats { return stats{float64(over) / float64(base)} }

// sizes measures bytes of graphs, as they are written and as an engine compiles them.
func (b *bench) sizes() ([]table, error) {
	const small = 20_000
	t := table{Title: "Size", Text: "Bytes without custom sections, in both forms: with the names of functions, and stripped (`--strip=all`). As the engine " +
		"compiles them: the whole file of wasmtime 50, and the machine code in it.",
		Header: []string{"graph", "composed", "fused", "with names", "stripped", "compiled", "machine code"}}
	all, err := b.examples()
	if err != nil {
		return nil, err
	}
	guests := b.guests()
	for _, g := range slices.Concat([]*graph{b.matrix()}, all, guests) {
		two := strings.HasSuffix(g.name, ", two")
		s, err := b.sized(g, !g.huge || two && !b.quick) // huge ones take minutes
		if err != nil {
			return nil, err
		}
		of, stripped := barSize, barStripped
		switch {
		case two:
			of = barHuge
		case s.named[0] < small:
			of, stripped = barSmall, nil
		}
		row := []string{g.name, kilobytes(s.named[0]), kilobytes(s.named[1]), t.judge(of, g.name, one(s.named[1], s.named[0])),
			t.judge(stripped, g.name, one(s.stripped[1], s.stripped[0])), "", ""}
		if c := s.compiled; c != nil {
			row[5], row[6] = t.judge(barCompiled, g.name, one(c[1].All, c[0].All)), ratio(float64(c[1].Code)/float64(c[0].Code))
		}
		t.add(row...)
	}
	cases, err := b.caseSizes(small)
	return []table{t, cases}, err
}

// caseSizes measures the small graphs of the tests, in sum.
func (b *bench) caseSizes(small int) (table, error) {
	t := table{Title: "Size of the tests' cases", Text: "Components of `fusecore/testdata/cases` that can be fused, with names.", Header: []string{"graphs", "composed", "fused", "sum", "greatest", "over the bar"}}
	files, err := filepath.Glob(filepath.Join(b.root, "fusecore/testdata/cases/*.wasm"))
	if err != nil {
		return t, err
	}
	sum := [2]int{}
	n, over := 0, 0
	var all []float64
	var worst string
	for _, file := range files {
		out := filepath.Join(b.work, "case.wasm")
		if b.do(b.wasmfuse, "fuse", "--quiet", "--require=one-module", "-o", out, file) != nil {
			continue // designed not to be fused, or only a part
		}
		var s [2]int
		for i, f := range []string{file, out} {
			if s[i], err = sizeOf(f, isName); err != nil {
				return t, err
			}
		}
		if s[0] >= small {
			continue
		}
		n++
		sum[0], sum[1] = sum[0]+s[0], sum[1]+s[1]
		r := float64(s[1]) / float64(s[0])
		if all = append(all, r); r == slices.Max(all) {
			worst = filepath.Base(file)
		}
		if r > barSmall.limit {
			over++
		}
	}
	t.add(fmt.Sprint(n), kilobytes(sum[0]), kilobytes(sum[1]), t.judge(barSmall, "all cases together", one(sum[1], sum[0])), fmt.Sprintf("%s, %s", ratio(slices.Max(all)), worst), fmt.Sprint(over))
	return t, nil
}
