package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// A bar is what a figure should not exceed.
type bar struct {
	name  string
	limit float64
	of    string // what 1 is
}

var (
	barScalar      = &bar{"scalar call", 0.1, "composed"}
	barScalarIn    = &bar{"scalar call, composed with the engine's inliner", 0.3, "composed, inlined by the engine"}
	barBorrow      = &bar{"borrow: a method", 0.005, "composed"}
	barCreate      = &bar{"create and drop", 0.01, "composed"}
	barListOwn     = &bar{"list<own>", 0.015, "composed"}
	barText32      = &bar{"string of 32 bytes", 0.3, "composed"}
	barText64K     = &bar{"string of 64 KiB", 0.45, "composed"}
	barBytes64K    = &bar{"list<u8> of 64 KiB", 0.035, "composed"}
	barRecords     = &bar{"list<record>", 0.3, "composed"}
	barVariant     = &bar{"variant", 0.3, "composed"}
	barHost        = &bar{"calls of the host with handles", 1, "composed"}
	barCode        = &bar{"guest code", 1, "composed"}
	barSize        = &bar{"bytes, graphs of 20 KB and more", 1, "composed"}
	barHuge        = &bar{"bytes, pairs of huge guests of one engine", 1.03, "composed"}
	barSmall       = &bar{"bytes, smaller graphs", 1.5, "composed"}
	barStripped    = &bar{"bytes, stripped", 0.85, "composed, stripped"}
	barCompiled    = &bar{"bytes as the engine compiles them", 1, "composed"}
	barInstantiate = &bar{"instantiate", 0.9, "composed"}
	barPooled      = &bar{"instantiate, from pools", 0.9, "composed"}
	barTrusted     = &bar{"fuse, bodies not validated", 1, "wasm-tools validate"}
	barFuse        = &bar{"fuse, bodies validated", 1.5, "wasm-tools validate"}
	barMemory      = &bar{"peak memory of the fuser", 1.5, "input and output"}
	barLinear      = &bar{"time for each byte, 500 MB", 1.15, "4 MB"}
	barHot         = &bar{"single memory: last guest, wasmtime and Node", 1.05, "its own memory"}
	barHotWazero   = &bar{"single memory: last guest, wazero", 1.15, "its own memory"}
	barConstant    = &bar{"single memory: checked, constant base", 1.25, "its own memory"}
	barMoving      = &bar{"single memory: checked, mutable base", 1.4, "its own memory"}
	barOneBytes    = &bar{"single memory: bytes of checked guests", 1.6, "its own memory"}
	barImported    = &bar{"imported memories: guest code", 1, "its own memory"}
)

// bars are in the order of the summary.
var bars = []*bar{
	barScalar, barScalarIn, barBorrow, barCreate, barListOwn, barText32, barText64K, barBytes64K, barRecords, barVariant, barHost, barCode,
	barSize, barHuge, barSmall, barStripped, barCompiled, barInstantiate, barPooled, barTrusted, barFuse, barMemory, barLinear,
	barHot, barHotWazero, barConstant, barMoving, barOneBytes, barImported,
}

// judged is a figure with a bar.
type judged struct {
	Bar  string // its name
	Name string
	By   stats
}

// verdict of a figure: a median above the bar is noise if a quarter of the rounds meet it.
type verdict int

const (
	ok verdict = iota
	noise
	missed
)

var verdicts = []string{"ok", "noise", "**missed**"}

func (j *judged) verdict(b *bar) verdict {
	switch {
	case rounded(j.By.median()) <= b.limit:
		return ok
	case len(j.By) > 1 && rounded(j.By.at(0.25)) <= b.limit:
		return noise
	}
	return missed
}

// table is a part of the output.
type table struct {
	Title, Text string
	Header      []string
	Rows        [][]string
	Judged      []judged
}

// add adds a row; judge a figure of it.
func (t *table) add(cells ...string) { t.Rows = append(t.Rows, cells) }

// judge returns the figure as it stands in a cell, with its verdict if there is a bar.
func (t *table) judge(b *bar, name string, by stats) string {
	if b == nil {
		return by.String()
	}
	j := judged{b.name, name, by}
	t.Judged = append(t.Judged, j)
	if v := j.verdict(b); v != ok {
		return fmt.Sprintf("%s %s: %s", by, verdicts[v], ratio(b.limit))
	}
	return by.String()
}

func writeTable(out *strings.Builder, header []string, rows [][]string) {
	fmt.Fprintf(out, "| %s |\n|%s\n", strings.Join(header, " | "), strings.Repeat("---|", len(header)))
	for _, r := range rows {
		fmt.Fprintf(out, "| %s |\n", strings.Join(r, " | "))
	}
	out.WriteString("\n")
}

// measured is a section as it was measured.
type measured struct {
	Date, Commit         string
	Quick                bool
	Versions, Unmeasured []string
	Tables               []table
}

// load reads the sections that a file keeps, by name. There are none without a file.
func load(file string) (map[string]*measured, error) {
	kept := map[string]*measured{}
	text, err := os.ReadFile(file)
	if file == "" || errors.Is(err, fs.ErrNotExist) {
		return kept, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &kept)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w: remove it to measure anew", file, err)
	}
	return kept, nil
}

func save(file string, kept map[string]*measured) error {
	if file == "" {
		return nil
	}
	text, err := json.MarshalIndent(kept, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

// render writes all tables, with a summary by bars first.
func render(kept map[string]*measured, remark string) string {
	var out strings.Builder
	var tables []table
	var versions, unmeasured, when []string
	add := func(all *[]string, more ...string) {
		for _, x := range more {
			if !slices.Contains(*all, x) {
				*all = append(*all, x)
			}
		}
	}
	for _, s := range sections {
		m := kept[s.name]
		if m == nil {
			continue
		}
		tables = append(tables, m.Tables...)
		add(&versions, m.Versions...)
		add(&unmeasured, m.Unmeasured...)
		mode := ""
		if m.Quick {
			mode = ", -quick"
		}
		when = append(when, fmt.Sprintf("%s at %s (%s%s)", s.name, m.Commit, m.Date, mode))
	}
	fmt.Fprintf(&out, "# Benchmarks\n\nWritten by `go run ./tools/bench` on %s, with %s. Sections: %s.\n\n", processor(), strings.Join(versions, ", "), strings.Join(when, ", "))
	if remark != "" {
		fmt.Fprintf(&out, "%s\n\n", remark)
	}
	out.WriteString(`Every figure is processor time, or bytes. Both sides of a ratio are measured alternately, and a ratio is taken in each round: a
figure is the median, with the least and the greatest in brackets. Less than 1 is better than the base. "missed" is
above the bar, which follows; "noise" is above it in the median but not in a quarter of the rounds. Nothing here is a test.

## Bars

`)
	var rows [][]string
	for _, x := range bars {
		var worst *judged
		met, all := 0, 0
		for i := range tables {
			for k := range tables[i].Judged {
				j := &tables[i].Judged[k]
				if j.Bar != x.name {
					continue
				}
				all++
				if j.verdict(x) != missed {
					met++
				}
				if worst == nil || j.By.median() > worst.By.median() {
					worst = j
				}
			}
		}
		if worst == nil {
			rows = append(rows, []string{x.name, ratio(x.limit) + " of " + x.of, "", "not measured", ""})
			continue
		}
		v, why := worst.verdict(x), ""
		if v != ok {
			why = notes[x.name]
		}
		figure := fmt.Sprintf("%s, %s", ratio(worst.By.median()), worst.Name)
		if all > 1 {
			figure += fmt.Sprintf("; %d of %d met", met, all)
		}
		rows = append(rows, []string{x.name, ratio(x.limit) + " of " + x.of, figure, verdicts[v], why})
	}
	writeTable(&out, []string{"figure", "bar", "worst", "", "why"}, rows)
	if unmeasured != nil {
		fmt.Fprintf(&out, "Not measured, for want of what makes it: %s.\n\n", strings.Join(unmeasured, "; "))
	}
	for i := range tables {
		t := &tables[i]
		fmt.Fprintf(&out, "## %s\n\n", t.Title)
		if t.Text != "" {
			fmt.Fprintf(&out, "%s\n\n", t.Text)
		}
		writeTable(&out, t.Header, t.Rows)
	}
	return strings.TrimRight(out.String(), "\n") + "\n"
}

// commit returns the commit that is measured.
func (b *bench) commit() string {
	cmd := exec.Command("git", "describe", "--always", "--dirty")
	cmd.Dir = b.root
	text, err := cmd.Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(text))
}
