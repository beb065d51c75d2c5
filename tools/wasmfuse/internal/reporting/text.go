// This file implements reports as text.

package reporting

import (
	"bytes"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

// text returns a report as text, in sections that are left out if there is nothing to say.
func text(r *fusecore.Report) []byte {
	t := &texter{}
	fmt.Fprintf(t, "%v\n", r)
	t.domains(r)
	if r.Details != nil {
		t.sizes(r)
		t.boundaries(r)
		t.tables(r)
		t.memories(r)
		t.imports(r)
		t.features(r)
	}
	t.removed(r)
	t.made(r)
	return t.Bytes()
}

type texter struct{ bytes.Buffer }

func (t *texter) heading(s string) { fmt.Fprintf(t, "\n%s\n", s) }

// rows writes a table, whose cells are aligned.
func (t *texter) rows(rows [][]string) {
	w := tabwriter.NewWriter(t, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintf(w, "  %s\n", strings.Join(row, "\t"))
	}
	w.Flush()
}

func (t *texter) domains(r *fusecore.Report) {
	t.heading("Modules")
	for i, d := range r.Domains {
		var names []string
		for _, m := range d.Members {
			names = append(names, m.String())
		}
		fmt.Fprintf(t, "  %d  %s\n", i, strings.Join(names, ", "))
		if d.Async != nil {
			fmt.Fprintf(t, "     %v is async: %s\n", d.Async.ReportedComponent, d.Async.Reason)
		}
	}
	for _, k := range r.Kept {
		fmt.Fprintf(t, "  kept  %v\n", k)
	}
	if len(r.Edges) > 0 {
		t.heading("Why they are not one module")
	}
	for _, e := range r.Edges {
		fmt.Fprintf(t, "  %s: %v\n", e.Rule, e)
	}
}

func (t *texter) sizes(r *fusecore.Report) {
	t.heading("Sizes in bytes, before > after")
	rows := [][]string{{"component", "functions", "code", "data", "names", "custom"}}
	row := func(name string, a, b fusecore.Size) {
		cell := func(x, y int) string { return fmt.Sprintf("%d > %d", x, y) }
		rows = append(rows, []string{name, cell(a.Functions, b.Functions), cell(a.Code, b.Code), cell(a.Data, b.Data), cell(a.Names, b.Names), cell(a.Customs, b.Customs)})
	}
	for _, in := range r.Instances {
		row(in.String(), in.Before, in.After)
	}
	row("generated", fusecore.Size{}, r.Sizes.Generated)
	t.rows(rows)
	total := 0
	for _, in := range r.Sizes.Inputs {
		total += in.Size
	}
	fmt.Fprintf(t, "  files: %d > %d\n", total, r.Sizes.Output)
}

func (t *texter) boundaries(r *fusecore.Report) {
	t.heading("Boundaries")
	for _, c := range classes {
		n := 0
		for i := range r.Boundaries {
			if r.Boundaries[i].Class == c.Name {
				n++
			}
		}
		if n > 0 {
			fmt.Fprintf(t, "  %-9s %4d  %s\n", c.Name, n, c.Does)
		}
	}
	for i := range r.Boundaries {
		b := &r.Boundaries[i]
		fmt.Fprintf(t, "\n  %v > %v  %s\n", b.Caller, b.Callee, b.Function)
		for _, line := range lines(b) {
			fmt.Fprintf(t, "    %s\n", line)
		}
	}
}

// lines describes a boundary, a fact a line.
func lines(b *fusecore.Boundary) []string {
	out := []string{b.Type, b.Class + ": " + b.Reason}
	if len(b.Copies) > 0 {
		out = append(out, "copies "+strings.Join(b.Copies, ", "))
	}
	if len(b.Encodings) == 2 {
		out = append(out, "strings are "+b.Encodings[0]+" in the caller, "+b.Encodings[1]+" in the callee")
	}
	for _, g := range b.Guards {
		line := g.Name + ": it " + g.Does + ", because " + g.Reason
		if len(g.Steps) > 0 {
			line += " (" + chain(g.Steps) + ")"
		}
		out = append(out, line)
	}
	if a := b.Adapter; a != nil {
		out = append(out, adapterLine(b))
	} else if b.Unused {
		out = append(out, "nothing that can run makes the call, so no code is left of it")
	}
	return out
}

// adapterLine says what has become of a boundary's adapter.
func adapterLine(b *fusecore.Boundary) string {
	a := b.Adapter
	line := fmt.Sprintf("adapter %q: %d bytes", a.Name, a.Bytes)
	switch {
	case b.Unused:
		return line + ", removed, because nothing that can run makes the call"
	case a.Inlined > 0 && !a.Left:
		return line + ", inlined in " + count(a.Inlined, "call") + ", and no function of its own any more"
	case a.Inlined > 0:
		return line + ", inlined in " + count(a.Inlined, "call") + ", and left for others"
	}
	return line
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (t *texter) tables(r *fusecore.Report) {
	if len(r.Tables) == 0 {
		return
	}
	t.heading("Handle tables")
	for _, h := range r.Tables {
		fmt.Fprintf(t, "  %v: kept by the %s, because %s; handles of %s\n", h.ReportedComponent, h.Keeper, h.Reason, strings.Join(h.Resources, ", "))
	}
}

func (t *texter) memories(r *fusecore.Report) {
	if len(r.Memories) > 0 {
		t.heading("Memories")
	}
	rows := [][]string{{"module", "index", "owner", "size", "limit", "data", "defined by"}}
	for i := range r.Memories {
		m := &r.Memories[i]
		limit, by := "none", "the fused module"
		if m.Maximum > 0 {
			limit = fmt.Sprint(m.Maximum)
		}
		if m.Holder {
			by = "a module beside it"
		}
		rows = append(rows, []string{fmt.Sprint(m.Domain), fmt.Sprint(m.Index), owner(m.Owner), fmt.Sprint(m.Minimum), limit, fmt.Sprint(m.Data), by})
	}
	if len(rows) > 1 {
		t.rows(rows)
	}
	if m := r.Memory; m != nil {
		fmt.Fprintf(t, "  %v\n", m)
		rows := [][]string{{"region", "at", "size", "room", "check", "why"}}
		for _, x := range m.Regions {
			rows = append(rows, []string{x.Owner, fmt.Sprint(x.Base), fmt.Sprint(x.Size), fmt.Sprint(x.Capacity), x.Check, x.Reason})
		}
		t.rows(rows)
	}
}

// owner returns the name of a memory's owner.
func owner(name string) string {
	if name == "" {
		return "all components"
	}
	return name
}

func (t *texter) imports(r *fusecore.Report) {
	if len(r.Imports) == 0 {
		return
	}
	t.heading("Imports, and who needs them")
	for i := range r.Imports {
		im := &r.Imports[i]
		fmt.Fprintf(t, "  %s\n", im.Name)
		if len(im.Users) == 0 {
			fmt.Fprintf(t, "    nothing that can run; it is only in the output's world\n")
		}
		for _, u := range im.Users {
			fmt.Fprintf(t, "    %s\n", userLine(u))
		}
	}
}

// maxWay is the number of functions of a way that a line shows.
const maxWay = 8

// userLine says who needs an import, and why.
func userLine(u fusecore.Needer) string {
	if len(u.Way) < 2 {
		return u.String() + ", which is kept as it is"
	}
	return u.String() + ": " + way(u.Way)
}

// way writes a way of functions, from the one that needs no reason to the last one that is called.
func way(w []string) string {
	names := make([]string, 0, len(w))
	for i := len(w) - 2; i >= 0; i-- {
		names = append(names, w[i])
	}
	return chain(names) + " (" + names[0] + " " + w[len(w)-1] + ")"
}

// chain joins functions, each of which calls the next one. The middle of long chains is left out.
func chain(names []string) string {
	if left := len(names) - maxWay; left > 1 {
		names = append(append(names[:maxWay/2:maxWay/2], fmt.Sprintf("(%d more)", left)), names[len(names)-maxWay/2:]...)
	}
	return strings.Join(names, " > ")
}

func (t *texter) features(r *fusecore.Report) {
	t.heading("Features that the engine needs")
	for _, f := range r.Features {
		fmt.Fprintf(t, "  %s\n", f.Name)
	}
}

func (t *texter) removed(r *fusecore.Report) {
	if len(r.Removed) == 0 {
		return
	}
	t.heading("Left out, because nothing can reach it")
	rows := [][]string{{"core module", "functions", "of", "bytes", "of"}}
	for _, x := range r.Removed {
		rows = append(rows, []string{x.Path, fmt.Sprint(x.Functions), fmt.Sprint(x.Functions + x.Left), fmt.Sprint(x.Bytes), fmt.Sprint(x.Bytes + x.LeftBytes)})
	}
	t.rows(rows)
}

func (t *texter) made(r *fusecore.Report) {
	p := r.Provenance
	if p == nil {
		return
	}
	t.heading("Made by " + p.Tool + " of")
	var rows [][]string
	if p.Document != nil {
		rows = append(rows, []string{p.Document.Name, p.Document.SHA256})
	}
	for _, in := range p.Inputs {
		rows = append(rows, []string{in.Name, in.SHA256})
	}
	t.rows(rows)
}
