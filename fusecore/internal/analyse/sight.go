// This file implements the visibility of memories and tables to start functions.

package analyse

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// Sight determines which memories and tables start functions could see. While core instance k is instantiated, only
// code of core instances up to k runs, because nothing else exists yet (core specification, "Execution / Modules /
// Instantiation"), so a start function never sees memories and tables of later instances. Of the existing ones it sees
// those used by code that it reaches, through calls of other instances, including their reallocs, post-returns and
// destructors. Every body is scanned at most once.
type Sight struct {
	g      *graph.Graph
	reach  *Reach
	starts []graph.CoreID // live core instances with start functions
	walked int            // number of them that have been followed
	since  map[graph.CoreRef]graph.CoreID
	seen   map[graph.CoreRef]bool
	later  []graph.CoreRef // functions of instances that are later than the start functions so far
}

// NewSight prepares the analysis of the live part of a graph.
func NewSight(l *Live) *Sight {
	s := &Sight{g: l.g, reach: NewReach(l), since: map[graph.CoreRef]graph.CoreID{}, seen: map[graph.CoreRef]bool{}}
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
	work := append(s.later, s.g.Start(start))
	s.later = nil
	for len(work) > 0 {
		f := work[len(work)-1]
		work = work[:len(work)-1]
		switch {
		case s.seen[f]:
			continue
		case f.Origin == graph.RefDef && f.Core > start:
			s.later = append(s.later, f)
			continue
		}
		s.seen[f] = true
		next, items, err := s.step(f)
		if err != nil {
			return err
		}
		for _, it := range items {
			if _, ok := s.since[it]; !ok {
				s.since[it] = start
			}
		}
		work = append(work, next...)
	}
	return nil
}

// step lists the functions that a function can run next, and the memories and tables that it uses itself.
func (s *Sight) step(f graph.CoreRef) (next, items []graph.CoreRef, err error) {
	opts := func(o *graph.Options) {
		next = append(next, o.Realloc, o.PostReturn, o.Callback)
		items = append(items, o.Memory)
	}
	switch f.Origin {
	case graph.RefDef:
		ci := &s.g.Cores[f.Core]
		use, err := scan.Func(ci.Module, int(f.Index-ci.Module.NumImported(corewasm.ExternFunc)))
		if err != nil {
			return nil, nil, err
		}
		for _, m := range use.Mems {
			items = append(items, s.g.Item(f.Core, corewasm.ExternMem, m))
		}
		for _, t := range use.Tables {
			items = append(items, s.g.Item(f.Core, corewasm.ExternTable, t))
		}
		for _, fn := range use.Funcs {
			next = append(next, s.g.Func(f.Core, fn))
		}
		if use.Indirect {
			next = append(next, takenIn(ci.Owner))
		}
	case RefTaken:
		next, err = s.reach.taken(graph.InstID(f.Core))
	case graph.RefCall:
		c := &s.g.Calls[f.Call]
		next = append(next, c.Target)
		opts(&c.Caller.Opts)
		opts(&c.Callee.Opts)
		if c.ToHost() { // the host may drop what it owns
			for i := range s.g.Resources {
				next = append(next, s.g.Resources[i].Dtor)
			}
		}
	case graph.RefBuiltin:
		b := &s.g.Builtins[f.Builtin]
		opts(&b.Opts)
		if b.Resource != nil {
			next = append(next, s.g.Resources[b.Resource.ID].Dtor)
		}
	}
	return next, items, err
}
