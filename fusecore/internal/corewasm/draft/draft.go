// Package draft has modules whose function bodies are not written yet. A body is a slice of an input and the changes of
// its indices that merging has decided; passes over the module change these again, and every body is written once, at
// the end:
//
//	merge    func 7 of the draft: body 3 of module A, with the indices of A's first instance
//	optimise func 4 of the draft: body 3 of module A, with those indices mapped again
//	Write    its bytes
//
// So the memory for a module's code is that of the inputs and that of the output, and passes that need only the call graph
// read it from the references of the sources (scan.Refs), which are listed once for all instances of a module.
package draft

import (
	"context"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/edit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/origin"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
)

// Module is a module without bodies, and where these come from.
type Module struct {
	// Module has everything but Coded and Code. It is indexed.
	*corewasm.Module
	// Sources are in the order in which they were merged. Several can have the same Code: instances of one module.
	Sources []Source
	// Bodies has the body of each of Module.Funcs.
	Bodies []Body
	// Distinct reports whether no two types are equal.
	Distinct bool
	Outside  Outside
	// Traced reports whether Write, and passes that write bodies, note where code comes from. Write sets Traces, one for
	// each function that the module defines.
	Traced bool
	Traces []origin.Trace

	refs map[*corewasm.Module]*corewasm.Refs // see Scan
}

// Source is a list of bodies with common index spaces.
type Source struct {
	// Name is the path of a core instance, or what its code is for.
	Name string
	// Code is the module that contains the bodies. Only its Code, Refs and what these need are used.
	Code *corewasm.Module
	// Generated reports whether fusing has generated the bodies, which no input contains.
	Generated bool
	// Outlined has the bodies, by their index in Code, that are functions of their own on purpose: they are rarely
	// executed, or their names tell something. It may be shorter than the list of bodies.
	Outlined []bool
	// Traces say where the bodies of Code come from, if Generated is set and they contain code of other sources. It may be
	// shorter than the list of bodies.
	Traces []origin.Trace
	// Edit maps the indices in Code's index spaces to those of the draft.
	Edit *edit.Editor
}

// Outside is what the surroundings of a module use of it and of what it imports, apart from its exports.
type Outside struct {
	// Needs has what must exist for the definition of an imported function. The surroundings use it like an export.
	Needs map[uint32][]Item
	// Open are items that the surroundings use in any case.
	Open  []Item
	Calls *Calls // or nil
	// Alone reports whether the surroundings use no imported item in other ways.
	Alone bool
}

// Item is an item of a module.
type Item struct {
	Space op.Space
	Index uint32
}

// Calls is a table, imported for nothing else, through which the surroundings call functions of the module: each by an
// element of a segment.
type Calls struct {
	Table, Segment uint32
	// By has, for each element, the imported functions whose definitions need it. An empty list means that it is needed in
	// any case.
	By [][]uint32
}

// Body names a body in a source.
type Body struct{ Source, Index int32 }

// Of returns a draft of a module, whose bodies must be in Code.
func Of(m *corewasm.Module) *Module {
	d := &Module{Module: m, Sources: []Source{{Code: m, Edit: new(edit.Editor)}}}
	for i := range m.Code {
		d.Bodies = append(d.Bodies, Body{0, int32(i)})
	}
	return d
}

// Body returns a body of a function of the draft as its source has it, and the source. f counts the functions that the
// draft defines.
func (d *Module) Body(f int) (*corewasm.Body, *Source) {
	b := d.Bodies[f]
	s := &d.Sources[b.Source]
	return &s.Code.Code[b.Index], s
}

// Outlined reports whether a function that the draft defines is one of its own on purpose. See Source.Outlined.
func (d *Module) Outlined(f int) bool {
	b := d.Bodies[f]
	outlined := d.Sources[b.Source].Outlined
	return int(b.Index) < len(outlined) && outlined[b.Index]
}

// Generate adds a body, of which the indices are those of the draft, to the last source, which must be a generated one.
// Scan must be repeated before EachRef.
func (d *Module) Generate(b corewasm.Body) {
	last := len(d.Sources) - 1
	code := d.Sources[last].Code
	d.Bodies = append(d.Bodies, Body{int32(last), int32(len(code.Code))})
	code.Code = append(code.Code, b)
	delete(d.refs, code)
}

// Scan lists the references of all sources. It precedes EachRef, and is repeated when sources have been added.
func (d *Module) Scan(ctx context.Context) error {
	if d.refs == nil {
		d.refs = map[*corewasm.Module]*corewasm.Refs{}
	}
	for i := range d.Sources {
		code := d.Sources[i].Code
		if d.refs[code] != nil {
			continue
		}
		refs, err := scan.Refs(ctx, code)
		if err != nil {
			return err
		}
		d.refs[code] = refs
	}
	return nil
}

// Refs returns the references of a source's bodies, with the indices of the source.
func (d *Module) Refs(s *Source) *corewasm.Refs { return d.refs[s.Code] }

// EachRef calls a function for each reference of a function that the draft defines, with the use and the index in the draft.
func (d *Module) EachRef(f int, visit func(u corewasm.Use, index uint32)) error {
	b := d.Bodies[f]
	s := &d.Sources[b.Source]
	for _, r := range d.refs[s.Code].Of(int(b.Index)) {
		u, i := r.Use(), r.Index()
		if places := s.Edit.Maps[spaces[u]]; places != nil {
			if int(i) >= len(places) || places[i] == edit.Removed {
				_, err := s.Edit.Index(spaces[u], i)
				return err
			}
			i = places[i]
		}
		visit(u, i)
	}
	return nil
}

// spaces is SpaceOf as a table.
var spaces = func() (t [1 << 5]op.Space) {
	for u := range corewasm.Use(corewasm.NumUses) {
		t[u] = spaceOf(u)
	}
	return t
}()

// SpaceOf returns the index space of the items that are used in a way.
func SpaceOf(u corewasm.Use) op.Space { return spaces[u%corewasm.NumUses] }

func spaceOf(u corewasm.Use) op.Space {
	switch u {
	case corewasm.UseCall, corewasm.UseRefFunc, corewasm.UseReturnCall:
		return op.SpaceFunc
	case corewasm.UseIndirect, corewasm.UseType:
		return op.SpaceType
	case corewasm.UseGlobal, corewasm.UseGlobalSet:
		return op.SpaceGlobal
	case corewasm.UseTable, corewasm.UseTableCall, corewasm.UseTableWrite:
		return op.SpaceTable
	case corewasm.UseMem:
		return op.SpaceMem
	case corewasm.UseTag:
		return op.SpaceTag
	case corewasm.UseElem, corewasm.UseElemDrop:
		return op.SpaceElem
	default:
		return op.SpaceData
	}
}

// Trace returns where the body of a function that the draft defines comes from, as its source has it.
func (d *Module) Trace(f int) origin.Trace {
	b := d.Bodies[f]
	s := &d.Sources[b.Source]
	switch {
	case int(b.Index) < len(s.Traces):
		return s.Traces[b.Index]
	case s.Generated:
		return origin.Of(origin.Nowhere)
	}
	return origin.Of(origin.Body(b))
}

// Traced returns a copy of an editor that collects where it moves instructions.
func Traced(e *edit.Editor, moves *[]origin.Move) *edit.Editor {
	t := *e
	t.Offsets = func(old, now int) { *moves = append(*moves, origin.Move{Old: uint32(old), New: uint32(now)}) }
	return &t
}

// scratchBytes is room for the code of most batches of corewasm.Batches.
const scratchBytes = 192 << 10

// Write writes all bodies, and returns the module with them. The draft must not be changed afterwards.
func (d *Module) Write(ctx context.Context) (*corewasm.Module, error) {
	if d.Traced {
		d.Traces = make([]origin.Trace, len(d.Bodies))
	}
	batches := corewasm.Batches(d.Bodies, func(b *Body) int { return len(d.Sources[b.Source].Code.Code[b.Index].Code) })
	coded := make([]corewasm.Coded, len(batches))
	err := corewasm.InParallel(ctx, len(batches), func() func(int) error {
		// The length is only known once the code is written, and the result has no room to spare.
		scratch := make([]byte, 0, scratchBytes)
		return func(i int) (err error) {
			scratch, err = d.write(&batches[i], scratch[:0])
			coded[i] = corewasm.Coded{Count: len(batches[i].Bodies), Bytes: slices.Clone(scratch)}
			return err
		}
	})
	if err != nil {
		return nil, err
	}
	d.Module.Coded, d.Module.Code = coded, nil
	return d.Module, nil
}

// write appends a batch of bodies, each preceded by its length.
func (d *Module) write(b *corewasm.Batch[Body], buf []byte) (_ []byte, err error) {
	var moves []origin.Move
	for i := range b.Bodies {
		s := &d.Sources[b.Bodies[i].Source]
		ed := s.Edit
		if d.Traced {
			moves = moves[:0]
			ed = Traced(s.Edit, &moves)
		}
		body := &s.Code.Code[b.Bodies[i].Index]
		size := 0
		buf = leb128.AppendSized(buf, len(body.Code)+2*len(body.Locals)+1, func(buf []byte) []byte {
			start := len(buf)
			var locals []corewasm.LocalRun
			if locals, err = s.Edit.Locals(body); err == nil {
				buf, err = ed.Body(encode.AppendLocals(buf, locals), body)
			}
			size = len(buf) - start
			return buf
		})
		if err == nil {
			err = limits.Body(size, len(body.Code), s.Code.NumImported(corewasm.ExternFunc)+uint32(b.Bodies[i].Index))
		}
		if err != nil {
			if !s.Generated {
				err = diag.In(err, "", s.Name, "")
			}
			return buf, err
		}
		if d.Traced {
			t := d.Trace(b.First + i)
			d.Traces[b.First+i] = t.Moved(moves)
		}
	}
	return buf, nil
}
