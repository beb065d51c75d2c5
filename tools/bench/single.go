package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// single runs the benchmark of package onememory, whose kernels run in several engines, and reads its figures.
func (b *bench) single() ([]table, error) {
	t := table{Title: "Single memory", Text: "Nine kernels in C, whose memory is one of several (`several`), or a part of one memory: the last, checked by the engine (`engine`); checked, at " +
		"a constant base, with a fixed size (`fixed`) or a growing one (`constant`); checked at a mutable base (`moving`). Geometric mean of " +
		"the kernels, the greatest, and the bytes of their code.",
		Header: []string{"engine", "placement", "mean", "greatest", "bytes"}}
	// Node 24 is measured where it is installed, as e2e/engines does it.
	if _, err := b.output(nil, "bash", "-c", "source e2e/lib.sh; source e2e/engines/engines.sh; npm_packages"); err != nil {
		b.logf("NOT MEASURED: Node 24: %v", err)
		b.unmeasured = append(b.unmeasured, "Node 24")
	}
	count := "3"
	if b.quick {
		count = "1"
	}
	out, err := b.output(nil, "tools/engines/with50", "go", "test", "./fusecore/internal/onememory", "-run", "^$", "-bench", "Kernels", "-benchtime", "1x", "-count", count, "-timeout", "0")
	if err != nil {
		return nil, err
	}
	// BenchmarkKernels/ENGINE/PLACEMENT-2  1  F ns/op  F bytes  F geo  F worst-KERNEL
	type place struct {
		engine, placement string
		geo, worst        []float64
		kernels           []string // whose ratio was the greatest
		code              float64
	}
	var all []*place
	for line := range strings.Lines(out) {
		words := strings.Fields(line)
		path := strings.Split(words[0]+"//", "/")
		if len(words) < 4 || path[0] != "BenchmarkKernels" {
			continue
		}
		engine := strings.ReplaceAll(path[1], "_", " ")
		placement, _, _ := strings.Cut(path[2], "-")
		i := slices.IndexFunc(all, func(p *place) bool { return p.engine == engine && p.placement == placement })
		if i < 0 {
			i = len(all)
			all = append(all, &place{engine: engine, placement: placement})
		}
		for k := 2; k+1 < len(words); k += 2 {
			f, err := strconv.ParseFloat(words[k], 64)
			if err != nil {
				return nil, fmt.Errorf("unexpected line %q", line)
			}
			kernel, worst := strings.CutPrefix(words[k+1], "worst-")
			switch {
			case words[k+1] == "geo":
				all[i].geo = append(all[i].geo, f)
			case words[k+1] == "bytes":
				all[i].code = f
			case worst:
				all[i].worst = append(all[i].worst, f)
				all[i].kernels = append(all[i].kernels, kernel)
			}
		}
	}
	if all == nil {
		return nil, fmt.Errorf("no figures in %q", out)
	}
	for _, p := range all {
		mean := map[string]*bar{"several": barImported, "engine": barHot, "fixed": barConstant, "constant": barConstant, "moving": barMoving}[p.placement]
		if p.engine == "wazero" && mean == barHot {
			mean = barHotWazero
		}
		var size *bar
		if mean == barConstant || mean == barMoving {
			size = barOneBytes
		}
		worst := slices.Index(p.worst, newStats(p.worst).median())
		name := p.engine + ", " + p.placement
		t.add(p.engine, p.placement, t.judge(mean, name, newStats(p.geo)), fmt.Sprintf("%s, %s", ratio(p.worst[worst]), p.kernels[worst]), t.judge(size, name, stats{p.code}))
	}
	return []table{t}, nil
}
