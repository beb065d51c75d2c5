// This file implements the visibility of memories and tables to start functions.

package analyse

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// Sight determines which memories and tables start functions could see. While core instance k is instantiated, only
// code of core instances up to k runs, because nothing else exists yet (core specification, "Execution / Modules /
// Instantiation"), so a start function never sees memories and tables of later instances. Of the existing ones it sees
// those used by code that it reaches, through calls of other instances, including their reallocs, post-returns and
// destructors.
type Sight struct {
	g      *graph.Graph
	reach  *Reach
	starts []graph.CoreID // live core instances with start functions
	walked int            // number of them that have been followed
	since  map[graph.CoreRef]graph.CoreID
	seen   []bool // by node
	later  []node // functions of instances that are later than the start functions so far
}

// NewSight prepares the analysis of the live part of a graph.
func NewSight(l *Live) *Sight {
	s := &Sight{g: l.g, reach: NewReach(l), since: map[graph.CoreRef]graph.CoreID{}}
	s.seen = make([]bool, s.reach.nodes.n)
	for id, ci := range l.Cores() {
		if ci.Module.Start != nil {
			s.starts = append(s.starts, id)
		}
	}
	return s
}

// Exposed reports whether a start function that runs before a core instance is instantiated could see a memory or table
// in that instance's index space.
func (s *Sight) Exposed(id graph.CoreID, kind corewasm.ExternKind, index uint32) (bool, error) {
	item := s.g.Item(id, kind, index)
	if next, _ := slices.BinarySearch(s.starts, item.Core); next == len(s.starts) || s.starts[next] >= id {
		return false, nil
	}
	for ; s.walked < len(s.starts) && s.starts[s.walked] < id; s.walked++ {
		if err := s.follow(s.starts[s.walked]); err != nil {
			return false, err
		}
	}
	first, ok := s.since[item]
	return ok && first < id, nil
}

// follow records what the start function of a core instance could see in addition to earlier ones.
func (s *Sight) follow(start graph.CoreID) error {
	nodes := &s.reach.nodes
	work := append(s.later, nodes.of(s.g.Start(start)))
	s.later = nil
	for len(work) > 0 {
		n := work[len(work)-1]
		work = work[:len(work)-1]
		f := nodes.ref(n)
		switch {
		case s.seen[n]:
			continue
		case f.Origin == graph.RefDef && f.Core > start:
			s.later = append(s.later, n)
			continue
		}
		s.seen[n] = true
		next, err := s.reach.edges(n)
		if err != nil {
			return err
		}
		work = append(work, next...)
		see := func(item graph.CoreRef) {
			if _, ok := s.since[item]; !ok {
				s.since[item] = start
			}
		}
		if f.Origin == graph.RefDef {
			if err := s.uses(f, see); err != nil {
				return err
			}
			continue
		}
		s.call(f, func(f graph.CoreRef) { work = append(work, nodes.of(f)) }, see)
	}
	return nil
}

// uses visits the memories and tables that a function uses itself.
func (s *Sight) uses(f graph.CoreRef, see func(item graph.CoreRef)) error {
	refs, err := usesOf(&s.g.Cores[f.Core], f.Index)
	for _, r := range refs {
		switch r.Use() {
		case corewasm.UseMem:
			see(s.g.Item(f.Core, corewasm.ExternMem, r.Index()))
		case corewasm.UseTable, corewasm.UseTableCall, corewasm.UseTableWrite:
			see(s.g.Item(f.Core, corewasm.ExternTable, r.Index()))
		}
	}
	return err
}

// call visits the functions that run when a lowered function or a built-in is called, and the memories that it uses.
func (s *Sight) call(f graph.CoreRef, run, see func(graph.CoreRef)) {
	opts := func(o *graph.Options) {
		run(o.Realloc)
		run(o.PostReturn)
		run(o.Callback)
		see(o.Memory)
	}
	switch f.Origin {
	case graph.RefCall:
		c := &s.g.Calls[f.Call]
		run(c.Target)
		opts(&c.Caller.Opts)
		opts(&c.Callee.Opts)
		if c.ToHost() { // the host may drop what it owns
			for i := range s.g.Resources {
				run(s.g.Resources[i].Dtor)
			}
		}
	case graph.RefBuiltin:
		b := &s.g.Builtins[f.Builtin]
		opts(&b.Opts)
		if b.Resource != nil {
			run(s.g.Resources[b.Resource.ID].Dtor)
		}
	}
}
