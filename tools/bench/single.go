package main

import (
	"fmt"
	"strconv"
	"strings"
)

// single runs the benchmark of package onememory, whose kernels run in several engines, and reads its figures.
func (b *bench) single() ([]table, error) {
	t := table{title: "Single memory", text: "Nine kernels in C, whose memory is one of several (`several`), or a part of one memory: the last, checked by the engine (`engine`); checked, at " +
		"a constant base, with a fixed size (`fixed`) or a growing one (`constant`); checked at a mutable base (`moving`). Geometric mean of " +
		"the kernels, the greatest, and the bytes of their code.",
		header: []string{"engine", "placement", "mean", "greatest", "bytes"}}
	out, err := b.output(nil, "tools/engines/with50", "go", "test", "./fusecore/internal/onememory", "-run", "^$", "-bench", "Kernels", "-benchtime", "1x")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(out) {
		// BenchmarkKernels/ENGINE/PLACEMENT-2  1  F ns/op  F bytes  F geo  F worst-KERNEL
		words := strings.Fields(line)
		path := strings.Split(words[0]+"//", "/")
		if len(words) < 4 || path[0] != "BenchmarkKernels" {
			continue
		}
		engine := strings.ReplaceAll(path[1], "_", " ")
		placement, _, _ := strings.Cut(path[2], "-")
		var geo, code float64
		var worst string
		for i := 2; i+1 < len(words); i += 2 {
			f, err := strconv.ParseFloat(words[i], 64)
			if err != nil {
				return nil, fmt.Errorf("unexpected line %q", line)
			}
			switch unit := words[i+1]; {
			case unit == "geo":
				geo = f
			case unit == "bytes":
				code = f
			case strings.HasPrefix(unit, "worst-"):
				worst = fmt.Sprintf("%s, %s", ratio(f), unit[len("worst-"):])
			}
		}
		mean := map[string]*bar{"several": barImported, "engine": barHot, "fixed": barConstant, "constant": barConstant, "moving": barMoving}[placement]
		if engine == "wazero" && mean == barHot {
			mean = barHotWazero
		}
		var size *bar
		if mean == barConstant || mean == barMoving {
			size = barOneBytes
		}
		name := engine + ", " + placement
		t.add(engine, placement, t.judge(mean, name, stats{geo}), worst, t.judge(size, name, stats{code}))
	}
	if t.rows == nil {
		return nil, fmt.Errorf("no figures in %q", out)
	}
	return []table{t}, nil
}
