package main

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/tools/bench/internal/job"
)

// texts are the kinds of text of fusecore/testdata/bench/strings, which the upper bits of a size name.
var texts = []string{"ASCII", "Latin-1", "mixed", "astral"}

// strings measures strings between components for each pair of encodings.
func (b *bench) strings() ([]table, error) {
	f, err := b.forms(&graph{name: "strings", files: []string{b.fixture("strings/strings.wasm")}})
	if err != nil {
		return nil, err
	}
	t := table{Title: "Strings by encodings", Text: "`fusecore/testdata/bench/strings`, in wasmtime 50: a string from a component to another one, of bytes where it comes from. " +
		"In Latin-1 texts most characters are ASCII, in mixed ones few; astral characters take four bytes in UTF-8 and UTF-16. latin1 is latin1+utf16. Time composed, time fused, and ratio.",
		Header: append([]string{"encodings", "bytes"}, texts...)}
	j := job.Job{Kind: job.Calls, Files: [2]string{f.composed, f.fused}, Target: b.target() / 2}
	var rows [][]string
	for _, from := range []string{"utf8", "utf16", "latin1"} {
		for _, to := range []string{"utf8", "utf16", "latin1"} {
			for _, size := range []int{32, 64 << 10} {
				rows = append(rows, []string{from + " to " + to, fmt.Sprint(size)})
				for kind := range texts {
					j.Cases = append(j.Cases, job.Case{Func: "run-" + from + "-" + to, Size: kind<<20 + size})
				}
			}
		}
	}
	var processes int
	j.Rounds, processes = b.rounds()
	all, err := inProcesses(b, engine50, j, (processes+1)/2)
	if err != nil {
		return nil, err
	}
	for i, r := range all {
		row := &rows[i/len(texts)]
		*row = append(*row, fmt.Sprintf("%s, %s: %s", duration(newStats(r.Ns[0]).median()), duration(newStats(r.Ns[1]).median()), ratio(newStats(r.Ratios).median())))
	}
	t.Rows = rows
	return []table{t}, nil
}
