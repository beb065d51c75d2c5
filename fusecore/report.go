// This file implements the report: what of a composition was fused, and what stays composed.

package fusecore

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/onememory"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/optimise/shake"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/partition"
)

// Report says what of a composition was fused. It counts component instances that exist at run time, not those that
// only hold definitions. The same graph and options make the same report.
type Report struct {
	// Version is that of the report's form in JSON, which report.schema.json describes. It changes if a field changes or goes, not if
	// one is added.
	Version    int `json:"version"`
	Components int `json:"components"`
	Fused      int `json:"fused"`   // components whose code is in one of the fused modules
	Modules    int `json:"modules"` // fused modules, one of each domain
	// Calls are functions that one component imports from another: those whose calls stay inside a fused module, and
	// those whose calls go through the engine's Canonical ABI code.
	Calls struct {
		Fused    int `json:"fused"`
		Composed int `json:"composed"`
	} `json:"calls"`
	Domains []Domain        `json:"domains"` // in the order of their instantiation
	Edges   []Edge          `json:"edges"`   // sorted by user and used component
	Kept    []KeptComponent `json:"kept"`    // in the order of their instantiation
	// Names are what the names of functions in the output begin with, for backtraces. Empty if names are stripped.
	Names []CoreName `json:"names,omitempty"`
	// Memory is how the memories share a single one, or nil.
	Memory *OneMemory `json:"memory,omitempty"`
	// Removed is what nothing can reach after inlining, in the order of the core instances' instantiation.
	Removed []Removed `json:"removed,omitempty"`
	*Details

	// Provenance is what the output was made of, or nil unless [FuseOptions.Provenance] is set.
	Provenance *Provenance `json:"provenance,omitempty"`

	shaken []*shake.Result // of the fused modules
}

// ReportVersion is Report.Version of new reports.
const ReportVersion = 1

// HostPath is the path, and the name, of the host where a report names a component.
const HostPath = "host"

// Removed counts the functions of a core instance that are not in the output, because nothing can reach them, or because
// the functions that call them contain their code. Sizes are those in the input.
type Removed struct {
	Path      string `json:"path"`      // names of instances from the root, then of the core instance, joined by "/"
	Functions int    `json:"functions"` // that were removed
	Bytes     int    `json:"bytes"`     // of their code
	Left      int    `json:"left"`      // functions that stay
	LeftBytes int    `json:"leftBytes"`
}

// removed adds what shaking has removed.
func (r *Report) removed(g *graph.Graph, shaken []*shake.Result) {
	r.shaken = shaken
	of := map[string]*shake.Count{}
	for _, s := range shaken { // a module that was too large comes before those that it was divided into
		for i := range s.Sources {
			if c := &s.Sources[i]; !c.Generated {
				of[c.Name] = c
			}
		}
	}
	for i := range g.Cores {
		if c := of[g.Cores[i].Path]; c != nil && c.FuncsGone > 0 {
			r.Removed = append(r.Removed, Removed{c.Name, c.FuncsGone, c.BytesGone, c.Funcs, c.Bytes})
		}
	}
}

// Why returns why the functions with a name, as in backtraces of the output, are in the fused modules: for each the function
// itself and then what refers to the one before, up to what needs no reason, and this reason at the end. A name without that
// of the component stands for all functions that have it. A function that nothing can reach has no entry; known reports whether
// there was one with the name. Only the report that [Fuse] has returned knows functions, not one that was read.
func (r *Report) Why(name string) (ways [][]string, known bool) {
	for _, s := range r.shaken {
		for _, f := range s.Functions(name) {
			known = true
			if way := s.Explain(f); way != nil {
				ways = append(ways, way)
			}
		}
	}
	return ways, known
}

// CoreName is the short name of a core instance.
type CoreName struct {
	Name string `json:"name"` // precedes the names of its functions, with a slash; if empty, nothing does
	Path string `json:"path"` // names of instances from the root, then of the core instance, joined by "/"
}

// nameCores adds the names of core instances, by path, in the order of their instantiation.
func (r *Report) nameCores(g *graph.Graph, names map[string]string) {
	for i := range g.Cores {
		if name, ok := names[g.Cores[i].Path]; ok {
			r.Names = append(r.Names, CoreName{name, g.Cores[i].Path})
		}
	}
}

// OneMemory is the single memory of an output.
type OneMemory struct {
	Moves   bool     `json:"moves"`   // whether regions move when one below them grows
	Reason  string   `json:"reason"`  // why they do, or do not
	Regions []Region `json:"regions"` // from address 0 on
}

// Region is the part of a single memory that is one component's memory, or a generated one.
type Region struct {
	Owner    string `json:"owner"` // path of a core instance, or what the memory is for
	Base     uint64 `json:"base"`  // at first, as all numbers here, in bytes
	Size     uint64 `json:"size"`
	Capacity uint64 `json:"capacity"` // size to which the memory can grow without a move; of the topmost region, its size
	Grows    bool   `json:"grows"`
	Check    string `json:"check"` // how accesses are kept inside it
	Reason   string `json:"reason"`
}

// newOneMemory describes a layout.
func newOneMemory(l *onememory.Layout) *OneMemory {
	if l == nil {
		return nil
	}
	m := &OneMemory{Moves: l.Slides, Reason: l.Why}
	for i := range l.Regions {
		r := &l.Regions[i]
		m.Regions = append(m.Regions, Region{r.Name, r.Base, r.Size, r.Capacity, r.Grows, r.Check.String(), r.Why})
	}
	return m
}

// String describes the memory in a few words.
func (m *OneMemory) String() string {
	return fmt.Sprintf("one memory for %d: %s", len(m.Regions), m.Reason)
}

// ReportedComponent is a component instance.
type ReportedComponent struct {
	Name  string `json:"name"`  // in messages: Input if it is the file's component, or else Path
	Path  string `json:"path"`  // names of instances from the root, joined by "/"
	Input string `json:"input"` // label of the file that it comes from
}

// Domain is the components that became one core module, with one component around it.
type Domain struct {
	Members []ReportedComponent `json:"members"`
	// Async is the member that uses the engine's tasks, or nil.
	Async *AsyncComponent `json:"async,omitempty"`
}

// AsyncComponent is a component that needs the engine's tasks, which at most one member of a domain may use.
type AsyncComponent struct {
	ReportedComponent
	Reason string `json:"reason"` // completes "it is async because"
}

// Edge is a dependency that stays one between components, although both are fused with others.
type Edge struct {
	User   ReportedComponent `json:"user"`
	Used   ReportedComponent `json:"used"`
	Rule   string            `json:"rule"`   // the kind of reason, in a word or two
	Reason string            `json:"reason"` // completes "they are not fused because"
}

// KeptComponent is a component that is part of the output as it is.
type KeptComponent struct {
	ReportedComponent
	Reason string `json:"reason"` // completes "it stays composed because"
}

// OneModule reports whether everything became one core module.
func (r *Report) OneModule() bool { return len(r.Kept) == 0 && len(r.Domains) <= 1 }

// newReport describes a partition of a graph.
func newReport(g *graph.Graph, p *partition.Partition, l *linked) *Report {
	r := &Report{Version: ReportVersion, Domains: []Domain{}, Edges: []Edge{}, Kept: []KeptComponent{}}
	component := func(id graph.InstID) ReportedComponent { return l.component(g, id) }
	for i := range p.Domains {
		d := &p.Domains[i]
		r.Components += len(d.Insts)
		if d.Kept {
			for _, id := range d.Insts {
				r.Kept = append(r.Kept, KeptComponent{component(id), g.Insts[id].Kept.Why})
			}
			continue
		}
		r.Modules++
		r.Fused += len(d.Insts)
		domain := Domain{Members: []ReportedComponent{}}
		for _, id := range d.Insts {
			domain.Members = append(domain.Members, component(id))
		}
		if d.Async != graph.Host {
			domain.Async = &AsyncComponent{component(d.Async), string(d.Why)}
		}
		r.Domains = append(r.Domains, domain)
	}
	name := func(id graph.InstID) string { return component(id).Name }
	for i := range p.Edges {
		e := &p.Edges[i]
		r.Edges = append(r.Edges, Edge{component(e.User), component(e.Used), e.Rule.String(), e.Reason(name)})
	}
	for i := range g.Calls {
		c := &g.Calls[i]
		switch {
		case p.Of[c.Caller.Inst] == partition.None || p.Of[c.Callee.Inst] == partition.None: // by or to the host
		case p.Of[c.Caller.Inst] == p.Of[c.Callee.Inst]:
			r.Calls.Fused++
		default:
			r.Calls.Composed++
		}
	}
	return r
}

// unfused describes a composition that is kept as a whole.
func unfused(g Graph, why *Error) *Report {
	in := g.root()
	name := in.label()
	reason := why.Reason("root")
	if why.File != name {
		reason = diag.Clean(why.File) + ": " + reason
	}
	root := ReportedComponent{Name: name, Path: "root", Input: name}
	if g.Document != nil || len(g.Deps) > 0 {
		root.Name = "the composition"
	}
	return &Report{Version: ReportVersion, Components: len(g.inputs()), Domains: []Domain{}, Edges: []Edge{}, Kept: []KeptComponent{{root, reason}}}
}

// component describes an instance of a linked component.
func (l *linked) component(g *graph.Graph, id graph.InstID) ReportedComponent {
	path := g.Insts[id].Path
	c := ReportedComponent{Name: strings.TrimPrefix(path, "root/"), Path: path, Input: l.inputs[0].label()}
	input := graph.Root // the instance of the file's component
	if len(l.labels) > 0 {
		for input = id; input != graph.Root && g.Insts[input].Parent != graph.Root; {
			input = g.Insts[input].Parent
		}
		c.Input = cmp.Or(l.labels[strings.TrimPrefix(g.Insts[input].Path, "root/")], c.Input)
	}
	if id == input {
		c.Name = c.Input
	}
	return c
}

// String returns the component's name.
func (c ReportedComponent) String() string { return diag.Clean(c.Name) }

// maxSaid is the length of the reasons that String lists, apart from the first one.
const maxSaid = 200

// String returns the report in one line, with the first of the reasons.
func (r *Report) String() string {
	text := r.Outcome()
	if more := r.Remarks(); more != "" {
		text += "; " + more
	}
	return text
}

// Outcome returns in a few words how much was fused.
func (r *Report) Outcome() string {
	switch {
	case r.Components == 0:
		return "fused nothing: no component has code"
	case r.Fused == 0:
		return fmt.Sprintf("fused none of %s", count(r.Components, "component"))
	}
	return fmt.Sprintf("fused %d of %s into %s", r.Fused, count(r.Components, "component"), count(r.Modules, "module"))
}

// Remarks returns what else is to be said in one line: how memories share a single one, and what stays composed, with the
// first of the reasons. It may be empty.
func (r *Report) Remarks() string {
	var remarks []string
	if r.Memory != nil && r.Fused > 0 {
		remarks = append(remarks, r.Memory.String())
	}
	if text := r.composed(); text != "" {
		remarks = append(remarks, text)
	}
	return strings.Join(remarks, "; ")
}

// composed says what stays composed, and why.
func (r *Report) composed() string {
	if len(r.Kept) == 1 && r.Kept[0].Path == "root" {
		return "kept: " + r.Kept[0].String()
	}
	reasons := r.Reasons()
	if len(reasons) == 0 {
		return ""
	}
	said, length := 1, len(reasons[0])
	for said < len(reasons) && length+len(reasons[said]) < maxSaid {
		length += len(reasons[said])
		said++
	}
	if n := len(reasons) - said; n > 0 {
		reasons = append(reasons[:said], fmt.Sprintf("%d more", n))
	}
	text := strings.Join(reasons, ", ")
	if left := r.left(); len(left) > 0 {
		text = strings.Join(left, ", ") + ": " + text
	}
	return text
}

// left counts what stays composed: edges by rule, and kept components.
func (r *Report) left() (out []string) {
	edges := map[string]int{}
	for _, e := range r.edges() {
		edges[e.Rule]++
	}
	for _, rule := range slices.Sorted(maps.Keys(edges)) {
		out = append(out, count(edges[rule], "edge")+" "+rule)
	}
	if n := len(r.Kept); n > 0 {
		out = append(out, count(n, "component")+" kept")
	}
	return out
}

// edges returns the edges between domains that are fused; those of kept components follow from these.
func (r *Report) edges() (out []Edge) {
	for _, e := range r.Edges {
		if e.Rule != partition.StaysKept.String() {
			out = append(out, e)
		}
	}
	return out
}

// Reasons returns a text for everything that keeps the components from becoming one module.
func (r *Report) Reasons() []string {
	out := append(texts(r.edges()), texts(r.Kept)...)
	if len(out) > 0 || r.OneModule() {
		return out
	}
	for _, d := range r.Domains { // which do not depend on each other
		if d.Async != nil {
			out = append(out, fmt.Sprintf("%v is async (%s)", d.Async.ReportedComponent, diag.Clean(d.Async.Reason)))
		}
	}
	return out
}

func texts[T fmt.Stringer](all []T) (out []string) {
	for _, x := range all {
		out = append(out, x.String())
	}
	return out
}

// String returns the edge and its reason.
func (e Edge) String() string {
	return fmt.Sprintf("%v uses %v (%s)", e.User, e.Used, diag.Clean(e.Reason))
}

// String returns the component and the reason why it is kept.
func (k KeptComponent) String() string {
	return fmt.Sprintf("%v (%s)", k.ReportedComponent, diag.Clean(k.Reason))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
