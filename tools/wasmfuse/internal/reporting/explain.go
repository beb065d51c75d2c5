// This file implements answers to questions about a report.

package reporting

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/internal/spelling"
)

// maxListed limits the boundaries and imports that an answer about everything lists.
const maxListed = 20

// Explain answers a question about a report with details. Without a name it says why the output has its modules, what its calls
// cost, and why it has its imports. A name can be that of a component, of an import or an interface, with or without a version, of a
// function that one component calls of another, or of a function in the output.
func Explain(r *fusecore.Report, name string) ([]byte, error) {
	e := &explainer{r: r}
	if name == "" {
		e.all()
		return e.Bytes(), nil
	}
	e.components(name)
	e.imports(name)
	e.boundaries(name)
	e.functions(name)
	if e.Len() == 0 {
		return nil, e.unknown(name)
	}
	return e.Bytes(), nil
}

// explainer writes one answer.
type explainer struct {
	texter
	r *fusecore.Report
}

// all explains the whole report.
func (e *explainer) all() {
	fmt.Fprintf(e, "%v\n", e.r)
	e.heading("Modules")
	if e.r.OneModule() && len(e.r.Domains) == 1 {
		fmt.Fprintf(e, "  one, because neither the components nor the host can tell it from several\n")
	}
	for i := range e.r.Domains {
		e.domain(i)
	}
	for _, k := range e.r.Kept {
		fmt.Fprintf(e, "  %v stays as it is: %s\n", k.ReportedComponent, k.Reason)
	}
	if e.r.Details == nil {
		return
	}
	e.costs()
	if len(e.r.Imports) == 0 {
		return
	}
	e.heading("Imports")
	for i := range min(len(e.r.Imports), maxListed) {
		im := &e.r.Imports[i]
		var users []string
		for _, u := range im.Users {
			users = append(users, u.String())
		}
		fmt.Fprintf(e, "  %s: %s\n", im.Name, cmp.Or(strings.Join(users, ", "), "nothing that can run needs it, only the world has it"))
	}
	e.more(len(e.r.Imports))
}

// more says how many of a list are left out.
func (e *explainer) more(n int) {
	if n > maxListed {
		fmt.Fprintf(e, "  and %d more\n", n-maxListed)
	}
}

// domain says what a module consists of, and why not of more.
func (e *explainer) domain(i int) {
	d := &e.r.Domains[i]
	member := func(c fusecore.ReportedComponent) bool {
		return slices.ContainsFunc(d.Members, func(m fusecore.ReportedComponent) bool { return m.Path == c.Path })
	}
	var names []string
	for _, m := range d.Members {
		names = append(names, m.String())
	}
	fmt.Fprintf(e, "  module %d: %s\n", i, strings.Join(names, ", "))
	if d.Async != nil {
		fmt.Fprintf(e, "    %v is async, and a module has one such component at most: %s\n", d.Async.ReportedComponent, d.Async.Reason)
	}
	for _, edge := range e.r.Edges {
		if member(edge.User) != member(edge.Used) {
			fmt.Fprintf(e, "    %v uses %v and is not fused with it: %s\n", edge.User, edge.Used, edge.Reason)
		}
	}
}

// costs lists the calls between components, the most expensive ones first.
func (e *explainer) costs() {
	var all []*fusecore.Boundary
	for i := range e.r.Boundaries {
		if b := &e.r.Boundaries[i]; !isHost(b.Caller) && !isHost(b.Callee) {
			all = append(all, b)
		}
	}
	if len(all) == 0 {
		return
	}
	rank := func(b *fusecore.Boundary) int {
		return slices.IndexFunc(classes, func(c class) bool { return c.Name == b.Class })
	}
	slices.SortStableFunc(all, func(a, b *fusecore.Boundary) int { return cmp.Compare(rank(b), rank(a)) })
	e.heading("Calls between components, the most expensive ones first")
	last := ""
	for i, b := range all {
		if i == maxListed {
			break
		}
		if b.Class != last {
			c := classOf(b.Class)
			fmt.Fprintf(e, "  %s: %s. It costs %s.\n", c.Name, c.Does, c.Costs)
			last = b.Class
		}
		fmt.Fprintf(e, "    %v > %v: %s: %s\n", b.Caller, b.Callee, b.Function, b.Reason)
	}
	e.more(len(all))
}

// components explains the components with a name: the one in messages, a path or the end of one, or a file with or without its
// folder and extension.
func (e *explainer) components(name string) {
	if e.r.Details == nil {
		return
	}
	for i := range e.r.Instances {
		in := &e.r.Instances[i]
		file := in.Input[strings.LastIndexAny(in.Input, `/\`)+1:]
		if !slices.Contains([]string{in.Name, in.Path, path.Base(in.Path), in.Input, file, strings.TrimSuffix(file, ".wasm")}, name) {
			continue
		}
		fmt.Fprintf(e, "component %v (%s)\n", in, in.Path)
		if in.Domain >= 0 {
			e.domain(in.Domain)
		}
		for _, k := range e.r.Kept {
			if k.Path == in.Path {
				fmt.Fprintf(e, "  it stays as it is: %s\n", k.Reason)
			}
		}
		fmt.Fprintf(e, "  code: %s in the input, %s in the output; data: %s and %s\n", Size(in.Before.Code), Size(in.After.Code), Size(in.Before.Data), Size(in.After.Data))
		for k := range e.r.Boundaries {
			if b := &e.r.Boundaries[k]; b.Caller.Path == in.Path || b.Callee.Path == in.Path {
				fmt.Fprintf(e, "  %v > %v: %s: %s: %s\n", b.Caller, b.Callee, b.Function, b.Class, b.Reason)
			}
		}
	}
}

// imports explains why imports are in the output.
func (e *explainer) imports(name string) {
	if e.r.Details == nil {
		return
	}
	for i := range e.r.Imports {
		im := &e.r.Imports[i]
		if !means(name, im.Name) {
			continue
		}
		fmt.Fprintf(e, "import %s\n", im.Name)
		for _, u := range im.Users {
			if len(u.Way) < 2 {
				fmt.Fprintf(e, "  %s\n", userLine(u))
				continue
			}
			fmt.Fprintf(e, "  %v needs it:\n", u)
			e.steps(u.Way, im.Name)
		}
		if len(im.Users) == 0 {
			fmt.Fprintf(e, "  nothing that can run needs it: only the world of the output has it, so any host that has it will do\n")
		}
	}
}

// steps writes a way from what needs no reason to an item that it leads to.
func (e *explainer) steps(way []string, to string) {
	root := len(way) - 2
	fmt.Fprintf(e, "    %s %s\n", way[root], way[len(way)-1])
	for i := root - 1; i >= 0; i-- {
		fmt.Fprintf(e, "    and needs %s\n", way[i])
	}
	if to != "" {
		fmt.Fprintf(e, "    and needs %s\n", to)
	}
}

// boundaries explains calls of functions.
func (e *explainer) boundaries(name string) {
	if e.r.Details == nil {
		return
	}
	for i := range e.r.Boundaries {
		b := &e.r.Boundaries[i]
		if _, function, _ := strings.Cut(b.Function, "#"); !means(name, b.Function) && function != name && (b.Adapter == nil || b.Adapter.Name != name) {
			continue
		}
		fmt.Fprintf(e, "call of %s by %v, of %v\n", b.Function, b.Caller, b.Callee)
		for _, line := range lines(b) {
			fmt.Fprintf(e, "  %s\n", line)
		}
		switch c := classOf(b.Class); {
		case isHost(b.Caller), isHost(b.Callee):
			fmt.Fprintf(e, "  the engine passes it between the output and the host, as it would for the composition\n")
		default:
			fmt.Fprintf(e, "  %s: it costs %s\n", c.Does, c.Costs)
		}
	}
}

// functions explains why functions are in the output.
func (e *explainer) functions(name string) {
	ways, known := e.r.Why(name)
	for _, way := range ways {
		fmt.Fprintf(e, "function %s\n", way[0])
		e.steps(way, "")
	}
	if known && len(ways) == 0 {
		fmt.Fprintf(e, "function %s\n  it is not in the output: nothing that can run calls it, or its callers contain its code\n", name)
	}
}

// means reports whether a name means an item: itself, its interface, or either without the version.
func means(name, item string) bool {
	iface, _, _ := strings.Cut(item, "#")
	return name == item || name == iface || name == unversioned(item) || name == unversioned(iface)
}

// unversioned returns a name without the version of its package.
func unversioned(name string) string {
	head, tail, ok := strings.Cut(name, "@")
	if !ok {
		return name
	}
	if at := strings.IndexByte(tail, '#'); at >= 0 {
		return head + tail[at:]
	}
	return head
}

// unknown is the error about a name of nothing.
func (e *explainer) unknown(name string) error {
	var known []string
	if e.r.Details != nil {
		for _, in := range e.r.Instances {
			known = append(known, in.String())
		}
		for _, im := range e.r.Imports {
			iface, _, _ := strings.Cut(im.Name, "#")
			known = append(known, im.Name, unversioned(im.Name), iface, unversioned(iface))
		}
		for _, b := range e.r.Boundaries {
			iface, function, _ := strings.Cut(b.Function, "#")
			known = append(known, b.Function, unversioned(b.Function), iface, unversioned(iface), function)
		}
	}
	known = slices.DeleteFunc(known, func(s string) bool { return !spelling.Similar(name, s) })
	if len(known) == 0 {
		return fmt.Errorf("%q is no component, import or function of the output", name)
	}
	near := slices.MinFunc(known, spelling.Near(name))
	return fmt.Errorf("%q is no component, import or function of the output (did you mean %q?)", name, near)
}
