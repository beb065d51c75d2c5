package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/tools/bench/internal/job"
)

// matrixCase is a call of the matrix, with its bar in wasmtime 50 as users have it.
type matrixCase struct {
	name string
	fn   string
	size int
	bar  *bar
}

var matrixCases = []matrixCase{
	{"scalar", "run-add", 0, barScalar},
	{"16 parameters", "run-many", 0, nil},
	{"result<u32, u32>", "run-res", 0, nil},
	{"variant", "run-vary", 0, barVariant},
	{"borrow: a method", "run-method", 0, barBorrow},
	{"create and drop", "run-create", 0, barCreate},
	{"list<own>, 4", "run-things", 4, barListOwn},
	{"list<own>, 1000", "run-things", 1000, barListOwn},
	{"string, 8 bytes", "run-text", 8, nil},
	{"string, 32 bytes", "run-text", 32, barText32},
	{"string, 1000 bytes", "run-text", 1000, nil},
	{"string, 64 KiB", "run-text", 65536, barText64K},
	{"string and back, 8 bytes", "run-echo", 8, nil},
	{"string and back, 64 KiB", "run-echo", 65536, nil},
	{"list<u8>, 32 bytes", "run-bytes", 32, nil},
	{"list<u8>, 64 KiB", "run-bytes", 65536, barBytes64K},
	{"list<u32>, 10000", "run-words", 10000, nil},
	{"list<record>, 4", "run-recs", 4, barRecords},
	{"list<record>, 1000", "run-recs", 1000, barRecords},
}

// rounds returns how often the sides of a job alternate in one process, and in how many processes.
func (b *bench) rounds() (rounds, processes int) {
	if b.quick {
		return 3, 3
	}
	return 5, 10
}

func (b *bench) target() time.Duration {
	if b.quick {
		return 2 * time.Millisecond
	}
	return 5 * time.Millisecond
}

// calls measures the call matrix in each engine.
func (b *bench) calls() ([]table, error) {
	f, err := b.forms(b.matrix())
	if err != nil {
		return nil, err
	}
	t := table{
		Title: "Calls between two components",
		Text: "The call matrix of `fusecore/testdata/bench/calls`, whose caller wit-component made, with its shims. Nanoseconds are of wasmtime 50 as users have it. " +
			"Some calls, above all those of list<record>, are two to five times faster in one process than in another, on both sides: each is measured in ten fresh processes.",
		Header: []string{"call", "composed", "fused", engine50.name, engine50Single.name, engine42.name},
	}
	var list []job.Case
	for _, c := range matrixCases {
		list = append(list, job.Case{Func: c.fn, Size: c.size})
	}
	rounds, processes := b.rounds()
	by := map[*engine][]job.Result{}
	for _, e := range []*engine{engine50, engine50Single, engine42} {
		j := job.Job{Kind: job.Calls, Files: [2]string{f.composed, f.fused}, Cases: list, Rounds: rounds, Target: b.target()}
		if by[e], err = inProcesses(b, e, j, processes); err != nil {
			return nil, err
		}
	}
	for i, c := range matrixCases {
		r := &by[engine50][i]
		t.add(c.name, duration(newStats(r.Ns[0]).median()), duration(newStats(r.Ns[1]).median()), t.judge(c.bar, c.name, newStats(r.Ratios)),
			newStats(by[engine50Single][i].Ratios).String(), newStats(by[engine42][i].Ratios).String())
	}
	inlined, err := b.inlined(f)
	return []table{t, inlined}, err
}

// inlinedCases are calls that the engine can inline, with numbers of them, composed and fused, that take about a quarter of a second.
var inlinedCases = []struct {
	matrixCase
	n [2]int
}{
	{matrixCase{"scalar", "run-add", 0, barScalarIn}, [2]int{150_000_000, 600_000_000}},
	{matrixCase{"16 parameters", "run-many", 0, nil}, [2]int{100_000_000, 300_000_000}},
	{matrixCase{"variant", "run-vary", 0, nil}, [2]int{100_000_000, 150_000_000}},
	{matrixCase{"borrow: a method", "run-method", 0, nil}, [2]int{500_000, 150_000_000}},
	{matrixCase{"create and drop", "run-create", 0, nil}, [2]int{500_000, 30_000_000}},
	{matrixCase{"string, 32 bytes", "run-text", 32, nil}, [2]int{10_000_000, 40_000_000}},
	{matrixCase{"string, 64 KiB", "run-text", 65536, nil}, [2]int{100_000, 150_000}},
	{matrixCase{"list<u8>, 64 KiB", "run-bytes", 65536, nil}, [2]int{5_000, 150_000}},
}

// inlined measures calls in wasmtime's command line: compositions with its inliner against fused forms with and without it, each in a fresh
// process, whose time without calls is taken off.
func (b *bench) inlined(f *forms) (t table, err error) {
	t = table{
		Title:  "Calls, against the engine's own inliner",
		Text:   "wasmtime's command line, `-C inlining=y`, each figure in a fresh process. The fused form needs no inliner.",
		Header: []string{"call", "composed, inlined", "fused", "ratio", "fused, inlined", "ratio"},
	}
	cli, err := b.cli()
	if err != nil {
		return t, err
	}
	files := [3]string{f.composed, f.fused, f.fused}
	inline := [3]string{"y", "n", "y"}
	for i := range files {
		out := filepath.Join(b.work, fmt.Sprint("inlined", i, ".cwasm"))
		if err := b.do(cli, "compile", "-C", "inlining="+inline[i], "-W", "multi-memory=y", "-o", out, files[i]); err != nil {
			return t, err
		}
		files[i] = out
	}
	rounds := 5
	if b.quick {
		rounds = 3
	}
	for _, c := range inlinedCases {
		var ratios, ns [3][]float64
		for range rounds {
			var per [3]float64
			for i, file := range files {
				n := c.n[min(i, 1)]
				if b.quick {
					n /= 3
				}
				cpu := func(n int) (float64, error) {
					u, err := b.child(cli, "run", "-C", "inlining="+inline[i], "-W", "multi-memory=y", "--allow-precompiled", "--invoke", fmt.Sprintf("%s(%d, %d)", c.fn, n, c.size), file)
					return float64(u.CPU.Nanoseconds()), err
				}
				with, err := cpu(n)
				if err != nil {
					return t, err
				}
				without, err := cpu(1)
				if err != nil {
					return t, err
				}
				per[i] = max(with-without, 1) / float64(n)
			}
			for i := range per {
				ns[i] = append(ns[i], per[i])
				ratios[i] = append(ratios[i], per[i]/per[0])
			}
		}
		at := func(f []float64) string { return duration(newStats(f).median()) }
		t.add(c.name, at(ns[0]), at(ns[1]), t.judge(c.bar, c.name, newStats(ratios[1])), at(ns[2]), newStats(ratios[2]).String())
	}
	return t, nil
}

// hostCalls measures calls of the host with handles.
func (b *bench) hostCalls() ([]table, error) {
	f, err := b.forms(&graph{name: "host", files: []string{b.fixture("host.wasm")}, wasi: true})
	if err != nil {
		return nil, err
	}
	t := table{Title: "Calls of the host with handles", Text: "`fusecore/testdata/bench/host.wat` over WASI 0.2. Two components hold handles, so that neither's numbers are the runtime's.",
		Header: []string{"call", "composed", "fused", engine50.name, engine42.name}}
	rounds, processes := b.rounds()
	j := job.Job{Kind: job.Calls, Files: [2]string{f.composed, f.fused}, Rounds: rounds, Target: 4 * b.target(), WASI: true, Process: true, Fresh: true,
		Cases: []job.Case{{Func: "run-ready"}, {Func: "run-subscribe"}, {Func: "run-poll", Size: 1}, {Func: "run-poll", Size: 16}, {Func: "run-check"}, {Func: "run-write", Size: 32}, {Func: "run-write", Size: 4000}}}
	var by [2][]job.Result
	for i, e := range []*engine{engine50, engine42} {
		if by[i], err = inProcesses(b, e, j, processes); err != nil {
			return nil, err
		}
	}
	for i, r := range by[0] {
		name := fmt.Sprintf("%s, %d", r.Case.Func[len("run-"):], r.Case.Size)
		t.add(name, duration(newStats(r.Ns[0]).median()), duration(newStats(r.Ns[1]).median()), t.judge(barHost, name, newStats(r.Ratios)), newStats(by[1][i].Ratios).String())
	}
	return []table{t}, nil
}

// guestCode measures loops over memory: alone, with an import of the host, and as a part of a composition.
func (b *bench) guestCode() ([]table, error) {
	t := table{Title: "Guest code", Text: "Loops over a component's memory (`fusecore/testdata/bench/guest`), called by the host. With host imports its memory is used by the host as well; " +
		"in a pair it is one of two memories, and the loops are called by the other component.",
		Header: []string{"code", "composed", "fused", engine50.name, engine42.name}}
	rounds, processes := b.rounds()
	for _, g := range []graph{
		{name: "alone", files: []string{b.fixture("guest/alone.wasm")}},
		{name: "with host imports", files: []string{b.fixture("guest/host.wasm")}},
		{name: "in a pair", files: []string{b.fixture("guest/outer.wasm"), b.fixture("guest/inner.wasm")}},
	} {
		g.name = "guest " + g.name
		f, err := b.forms(&g)
		if err != nil {
			return nil, err
		}
		j := job.Job{Kind: job.Calls, Files: [2]string{f.composed, f.fused}, Rounds: rounds, Target: b.target(),
			Cases: []job.Case{{Func: "run-sum", Size: 4096}, {Func: "run-chase"}, {Func: "run-sort", Size: 1024}}}
		var by [2][]job.Result
		for i, e := range []*engine{engine50, engine42} {
			if by[i], err = inProcesses(b, e, j, processes); err != nil {
				return nil, err
			}
		}
		for i, r := range by[0] {
			name := g.name[len("guest "):] + ": " + r.Case.Func[len("run-"):]
			t.add(name, duration(newStats(r.Ns[0]).median()), duration(newStats(r.Ns[1]).median()), t.judge(barCode, name, newStats(r.Ratios)), newStats(by[1][i].Ratios).String())
		}
	}
	return []table{t}, nil
}

// instantiate measures instantiation of examples, and of real guests that are not huge.
func (b *bench) instantiate() ([]table, error) {
	t := table{Title: "Instantiation", Text: "In wasmtime 50, without compiling and linking. A server takes memories from pools, of one memory for each core module.",
		Header: []string{"graph", "composed", "fused", "on demand", "from pools"}}
	all, err := b.examples()
	if err != nil {
		return nil, err
	}
	guests := b.guests()
	for _, g := range guests {
		if !g.huge {
			all = append(all, g)
		}
	}
	rounds, processes := b.rounds()
	for _, g := range all {
		f, err := b.forms(g)
		if err != nil {
			return nil, err
		}
		j := job.Job{Kind: job.Instantiate, Files: [2]string{f.composed, f.fused}, Rounds: rounds * processes, WASI: true}
		demand, err := inEngine[[]job.Result](b, engine50, j)
		if err != nil {
			return nil, err
		}
		j.Pooling = true
		cell := "refused by the engine's pools"
		if pools, err := inEngine[[]job.Result](b, engine50, j); err == nil {
			cell = t.judge(barPooled, g.name, newStats(pools[0].Ratios))
		} else {
			fmt.Fprintln(os.Stderr, err)
		}
		ns := demand[0].Ns
		t.add(g.name, duration(newStats(ns[0]).median()), duration(newStats(ns[1]).median()), t.judge(barInstantiate, g.name, newStats(demand[0].Ratios)), cell)
	}
	return []table{t}, nil
}
