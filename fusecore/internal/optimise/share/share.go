// Package share makes one function of those that do the same. When a module is instantiated several times, its instances have
// the same bodies, which differ in the items that they name:
//
//	;; instance a                          ;; instance b
//	(func $a.push (call $a.abs ...)        (func $b.push (call $b.abs ...)        (func $b.push (call $a.abs ...)
//	  (i32.store $a.mem ...))                (i32.store $b.mem ...))         =>     (i32.store $b.mem ...))
//	(func $a.abs ...)                      (func $b.abs ...)
//
// Two functions are the same if they come from one body and every reference names the same item, or functions that are the
// same. That is the greatest relation with this property: recursive functions are the same if nothing tells them apart.
//
// Replacing one by the other is unobservable. By induction on the steps of an execution, both execute the same instructions
// on the same items. A reference to a function cannot be compared with another one (core specification, "Types / Reference
// Types": function references have no ref.eq), and the types of both functions are the same. Only names in backtraces change:
// a shared function has the name of the first instance.
//
// Generated functions with equal bodies become one too, unless they only trap, because their names say which rule was broken.
//
// The functions that have been replaced are unreachable afterwards. Removing them is left to package shake.
package share

import (
	"context"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// Module makes references to functions of a draft that are the same name one of them. Existing indices stay valid. The
// references of the draft must have been listed (draft.Module.Scan). It returns the function that takes the place of each, usually
// itself, or nil if no function has been replaced.
func Module(ctx context.Context, d *draft.Module) ([]uint32, error) {
	s := &sharer{d: d, imported: d.NumImported(corewasm.ExternFunc)}
	s.instances()
	for _, of := range s.copies {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i := range of[1:] {
			if err := s.compare(of[0], of[i+1]); err != nil {
				return nil, err
			}
		}
	}
	s.generated()
	if s.same == nil {
		return nil, nil
	}
	_, err := d.Renumber(&draft.Order{Same: s.same})
	return s.same, err
}

// sharer is the state of sharing in one module.
type sharer struct {
	d        *draft.Module
	imported uint32
	copies   [][]int    // sources with the same bodies, if there are several
	funcs    [][]uint32 // of each source in copies: the function that has each body, or none
	same     []uint32
}

// none stands for no function: another body has taken the place of a source's.
const none = ^uint32(0)

// instances finds the sources that have their bodies from one module, and their functions.
func (s *sharer) instances() {
	place := map[*corewasm.Module]int{}
	for i := range s.d.Sources {
		code := s.d.Sources[i].Code
		at, again := place[code]
		if !again {
			at = len(s.copies)
			place[code] = at
			s.copies = append(s.copies, nil)
		}
		s.copies[at] = append(s.copies[at], i)
	}
	s.copies = slices.DeleteFunc(s.copies, func(of []int) bool { return len(of) == 1 })
	s.funcs = make([][]uint32, len(s.d.Sources))
	for _, of := range s.copies {
		for _, i := range of {
			s.funcs[i] = slices.Repeat([]uint32{none}, len(s.d.Sources[i].Code.Code))
		}
	}
	for f, b := range s.d.Bodies {
		if funcs := s.funcs[b.Source]; funcs != nil {
			funcs[b.Index] = s.imported + uint32(f)
		}
	}
}

// compare replaces the functions of a source that are the same as those of an earlier one with the same bodies.
func (s *sharer) compare(first, second int) error {
	p := &pair{sharer: s, a: s.funcs[first], b: s.funcs[second]}
	differ := make([]bool, len(p.a))
	var queue []int32
	callers := make([][]int32, len(p.a))
	for i := range p.a {
		equal, err := p.equal(first, second, int32(i), callers)
		if err != nil {
			return err
		}
		if !equal {
			differ[i] = true
			queue = append(queue, int32(i))
		}
	}
	for len(queue) > 0 {
		i := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, c := range callers[i] {
			if !differ[c] {
				differ[c] = true
				queue = append(queue, c)
			}
		}
	}
	for i, different := range differ {
		if !different {
			s.replace(p.b[i], p.a[i])
		}
	}
	return nil
}

// pair is a comparison of two sources with the same bodies.
type pair struct {
	*sharer
	a, b []uint32 // functions with each body
}

// equal reports whether a body refers to the same items in both sources, if functions with the same body are the same. It
// records the body as a caller of such functions.
func (p *pair) equal(first, second int, i int32, callers [][]int32) (bool, error) {
	if p.a[i] == none || p.b[i] == none {
		return false, nil
	}
	d := p.d
	x, y := d.Sources[first].Edit, d.Sources[second].Edit
	refs := d.Refs(&d.Sources[first]).Of(int(i))
	for _, r := range refs {
		space := draft.SpaceOf(r.Use())
		at, err := x.Index(space, r.Index())
		if err != nil {
			return false, err
		}
		as, err := y.Index(space, r.Index())
		if err != nil {
			return false, err
		}
		if at == as {
			continue
		}
		if space != op.SpaceFunc {
			return false, nil
		}
		if as < p.imported {
			return false, nil
		}
		k := d.Bodies[as-p.imported]
		if int(k.Source) != second || p.a[k.Index] != at {
			return false, nil
		}
		callers[k.Index] = append(callers[k.Index], i)
	}
	return p.types(first, second, i)
}

// types reports whether the functions with a body, and its locals, have the same types in both sources.
func (p *pair) types(first, second int, i int32) (bool, error) {
	d := p.d
	if d.Funcs[p.a[i]-p.imported] != d.Funcs[p.b[i]-p.imported] {
		return false, nil
	}
	x, y := d.Sources[first].Edit, d.Sources[second].Edit
	for _, l := range d.Sources[first].Code.Code[i].Locals {
		at, err := x.ValType(l.Type)
		if err != nil {
			return false, err
		}
		as, err := y.ValType(l.Type)
		if err != nil || at != as {
			return false, err
		}
	}
	return true, nil
}

// generated replaces generated functions by earlier ones with the same type and body.
func (s *sharer) generated() {
	type key struct {
		typ  uint32
		code string
	}
	seen := map[key]uint32{}
	for f := range s.d.Bodies {
		b, source := s.d.Body(f)
		if !source.Generated || op.Op(b.Code[0]) == op.Unreachable || s.d.Outlined(f) {
			continue
		}
		k := key{s.d.Funcs[f], string(append(encode.AppendLocals(nil, b.Locals), b.Code...))}
		if first, again := seen[k]; again {
			s.replace(s.imported+uint32(f), first)
		} else {
			seen[k] = s.imported + uint32(f)
		}
	}
}

// replace makes a function take the place of another one.
func (s *sharer) replace(f, by uint32) {
	if s.same == nil {
		s.same = make([]uint32, s.d.Count(op.SpaceFunc))
		for i := range s.same {
			s.same[i] = uint32(i)
		}
	}
	s.same[f] = s.same[by]
}
