// Package shake removes the functions of a core module that nothing can reach, imported ones too. A function is reachable
// if it is exported, the start function, or in an element segment or a constant expression, and if a reachable function
// calls it or refers to it:
//
//	(func $run (export "run") (call $a))       (func $run (export "run") (call $a))
//	(func $a)                              =>  (func $a)
//	(func $b (call $c))
//	(func $c)
//
// That is unobservable, because only a call has an effect. Types, tables, memories, globals and data stay, and so do
// elements, as any of them may be called through its table; segments that only declare functions lose those that go.
package shake

import (
	"context"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/edit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
)

// Module returns a module without the unreachable functions of m, which is valid and indexed, or m if there are none.
// Nothing is changed in m.
func Module(ctx context.Context, m *corewasm.Module) (*corewasm.Module, error) {
	s := &shaker{in: m, imported: m.NumImported(corewasm.ExternFunc), live: make([]bool, m.Count(corewasm.ExternFunc))}
	if err := s.split(); err != nil {
		return nil, err
	}
	s.roots()
	if err := s.reach(); err != nil {
		return nil, err
	}
	if !s.number() {
		return m, nil
	}
	return s.rebuild(ctx)
}

// body is an encoded function body: its instructions begin at code, after the locals.
type body struct {
	bytes []byte
	code  int
}

// shaker is the state of shaking one module. Its steps run in the order of Module.
type shaker struct {
	in       *corewasm.Module
	imported uint32
	bodies   []body // of defined functions
	live     []bool // by function
	queue    []uint32
	ed       edit.Editor
}

// split finds the bodies.
func (s *shaker) split() error {
	bodies, err := scan.Encoded(s.in)
	if err != nil {
		return err
	}
	for _, b := range bodies {
		_, code, err := scan.Locals(b)
		if err != nil {
			return err
		}
		s.bodies = append(s.bodies, body{b, len(b) - len(code)})
	}
	return nil
}

// add makes a function reachable.
func (s *shaker) add(f uint32) {
	if !s.live[f] {
		s.live[f] = true
		s.queue = append(s.queue, f)
	}
}

func (s *shaker) addIndex(space op.Space, i uint32) {
	if space == op.SpaceFunc {
		s.add(i)
	}
}

func (s *shaker) addExpr(x corewasm.Expr) {
	for r := op.NewReader(x.Bytes, x.Offset); r.Next(); {
		r.In.EachIndex(s.addIndex)
	}
}

// roots makes everything reachable that is not only so from bodies.
func (s *shaker) roots() {
	m := s.in
	for i := range m.Exports {
		if e := &m.Exports[i]; e.Kind == corewasm.ExternFunc {
			s.add(e.Index)
		}
	}
	if m.Start != nil {
		s.add(*m.Start)
	}
	for i := range m.NumGlobals() {
		s.addExpr(m.GlobalAt(i).Init)
	}
	for i := range m.Tables {
		if x := m.Tables[i].Init; x != nil {
			s.addExpr(*x)
		}
	}
	for i := range m.Elems {
		e := &m.Elems[i]
		for _, x := range e.Exprs {
			s.addExpr(x)
		}
		if e.Mode == corewasm.SegDeclarative {
			continue
		}
		for k := range e.Funcs {
			s.add(e.Func(k))
		}
	}
}

// reach makes everything reachable that reachable bodies name.
func (s *shaker) reach() error {
	for len(s.queue) > 0 {
		f := s.queue[len(s.queue)-1]
		s.queue = s.queue[:len(s.queue)-1]
		if f < s.imported {
			continue
		}
		b := &s.bodies[f-s.imported]
		r := op.NewReader(b.bytes[b.code:], 0)
		for r.Next() {
			r.In.EachIndex(s.addIndex)
		}
		if r.Err != nil {
			return r.Err
		}
	}
	return nil
}

// number assigns the new indices, and reports whether any function goes.
func (s *shaker) number() bool {
	places := make([]uint32, len(s.live))
	next := uint32(0)
	for f, live := range s.live {
		if places[f] = edit.Removed; live {
			places[f] = next
			next++
		}
	}
	s.ed.Maps[op.SpaceFunc] = places
	return int(next) < len(places)
}

// at returns the new index of a function that stays.
func (s *shaker) at(f uint32) uint32 { return s.ed.Maps[op.SpaceFunc][f] }

// rebuild makes the module.
func (s *shaker) rebuild(ctx context.Context) (*corewasm.Module, error) {
	out := *s.in
	out.Uses = nil // it counts the bodies that are gone
	out.Imports, out.Funcs, out.Exports = nil, nil, nil
	f := uint32(0)
	for _, im := range s.in.Imports {
		if im.Kind == corewasm.ExternFunc {
			if f++; !s.live[f-1] {
				continue
			}
		}
		out.Imports = append(out.Imports, im)
	}
	for i, t := range s.in.Funcs {
		if s.live[s.imported+uint32(i)] {
			out.Funcs = append(out.Funcs, t)
		}
	}
	for _, e := range s.in.Exports {
		if e.Kind == corewasm.ExternFunc {
			e.Index = s.at(e.Index)
		}
		out.Exports = append(out.Exports, e)
	}
	if s.in.Start != nil {
		start := s.at(*s.in.Start)
		out.Start = &start
	}
	s.names(&out)
	if err := s.segments(&out); err != nil {
		return nil, err
	}
	if err := s.initializers(&out); err != nil {
		return nil, err
	}
	if err := s.code(ctx, &out); err != nil {
		return nil, err
	}
	out.Index()
	return &out, nil
}

// names keeps the names of the functions that stay.
func (s *shaker) names(out *corewasm.Module) {
	out.Names = corewasm.Names{}
	for _, run := range s.in.Names.All() {
		now := corewasm.NameRun{Prefix: run.Prefix}
		for i, name := range run.Names {
			f := run.First + uint32(i)
			if !s.live[f] {
				continue
			}
			if now.Names == nil {
				now.First = s.at(f)
			}
			now.Names = append(now.Names, name) // those that stay are consecutive
		}
		if now.Names != nil {
			out.Names.Runs = append(out.Names.Runs, now)
		}
	}
}

// segments rewrites the element segments.
func (s *shaker) segments(out *corewasm.Module) error {
	out.Elems = nil
	for i := range s.in.Elems {
		e := s.in.Elems[i]
		if !e.UseExprs {
			var funcs []uint32
			for k := range e.Funcs {
				if f := e.Func(k); s.live[f] {
					funcs = append(funcs, f)
				}
			}
			e.Funcs, e.Map = funcs, nil
		}
		now, err := s.ed.Elem(&e)
		if err != nil {
			return err
		}
		out.Elems = append(out.Elems, now)
	}
	return nil
}
