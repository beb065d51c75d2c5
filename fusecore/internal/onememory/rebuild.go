// This file implements everything of a module but its bodies: the memory, globals, segments, functions and exports.

package onememory

import (
	"context"
	"fmt"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/constexpr"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/origin"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
)

// rebuild is the state of making one module. Its steps run in the order of Module.
type rebuild struct {
	in, out *corewasm.Module
	layout  *Layout
	typ     corewasm.MemType
	data    []corewasm.Data
	// sizes and bases are the globals with a region's size and base in bytes, by memory.
	sizes, bases map[uint32]uint32
	growth       map[uint32]uint32 // the function that replaces memory.grow, by memory
	traces       []origin.Trace    // of the functions, or nil; see Options.Traces
}

// memory replaces the memories by one.
func (r *rebuild) memory() {
	t := r.layout.top()
	l := corewasm.Limits{Min: (t.Base + t.Size) / page, Max: maxPages, HasMax: true}
	if !r.layout.Slides {
		l.Max = l.Min
		if t.Grows {
			l.Max = min(maxPages, t.Base/page+t.max) // the engine limits the topmost memory
		}
	}
	r.typ = corewasm.MemType{Limits: l, PageSizeLog2: pageLog2}
	r.out.Mems = nil
	imported := false
	r.out.Imports = nil
	for _, im := range r.in.Imports {
		if im.Kind == corewasm.ExternMem {
			if imported {
				continue
			}
			imported, im.Mem = true, r.typ
		}
		r.out.Imports = append(r.out.Imports, im)
	}
	if !imported {
		r.out.Mems = []corewasm.MemType{r.typ}
	}
}

// globals adds the globals with sizes and bases that change.
func (r *rebuild) globals() error {
	r.sizes, r.bases = map[uint32]uint32{}, map[uint32]uint32{}
	next := r.in.Count(corewasm.ExternGlobal)
	var added []corewasm.Global
	add := func(value uint64) uint32 {
		added = append(added, corewasm.Global{Type: corewasm.GlobalType{Type: corewasm.I32, Mutable: true}, Init: encode.I32Const(int32(uint32(value)))})
		next++
		return next - 1
	}
	for i := range r.layout.Regions {
		g := &r.layout.Regions[i]
		if g.Check == Moving {
			r.bases[g.Memory] = add(g.Base)
		}
		if g.Check != Engine && g.Grows {
			r.sizes[g.Memory] = add(g.Size)
		}
	}
	if len(added) == 0 {
		return nil
	}
	section := corewasm.Coded{Count: r.in.NumGlobals() + len(added)}
	if c := r.in.CodedGlobals; c != nil {
		section.Bytes = slices.Clone(c.Bytes)
	} else {
		for i := range r.in.NumGlobals() {
			section.Bytes = encode.Global(section.Bytes, r.in.GlobalAt(i))
		}
	}
	for _, g := range added {
		section.Bytes = encode.Global(section.Bytes, g)
	}
	r.out.Globals, r.out.LateGlobals = nil, nil
	return decode.Globals(r.out, section)
}

// segments moves active data segments to where their memories are at first. Those of an imported memory that are in bounds
// are applied when it is created: nothing can see it before. named says whether bodies name segments.
func (r *rebuild) segments(data []corewasm.Data, named bool) error {
	for _, d := range data {
		d, _, err := r.segment(d)
		if err != nil {
			return err
		}
		r.data = append(r.data, d)
	}
	r.out.Data = nil
	for _, d := range r.in.Data {
		if d.Mode == corewasm.SegActive {
			var inside bool
			var err error
			if d, inside, err = r.segment(d); err != nil {
				return err
			}
			if inside && len(r.out.Mems) == 0 {
				r.data = append(r.data, d)
				if !named {
					continue
				}
				d = corewasm.Data{Mode: corewasm.SegPassive} // as it is once it has been applied
			}
		}
		r.out.Data = append(r.out.Data, d)
	}
	return nil
}

// segment moves an active segment, and reports whether it is in bounds. One that is not lies outside the one memory, too, so
// that it traps.
func (r *rebuild) segment(d corewasm.Data) (moved corewasm.Data, inside bool, err error) {
	at, ok := constexpr.Number(constexpr.Fold(d.Offset))
	if !ok {
		return d, false, diag.New("", "a data segment is at an offset that is not constant, which a single memory does not support").
			WithHint("build the component without position-independent code, or fuse without a single memory")
	}
	g := r.layout.at(d.Mem)
	inside = at+uint64(len(d.Bytes)) <= g.Size
	where := uint32(0xffffffff)
	if inside {
		where = uint32(g.Base + at)
	}
	d.Mem, d.Offset = 0, encode.I32Const(int32(where))
	return d, inside, nil
}

// exports checks that only the bottom is exported, whose addresses do not change, and names it as the only memory.
func (r *rebuild) exports() error {
	r.out.Exports = slices.Clone(r.in.Exports)
	for i := range r.out.Exports {
		e := &r.out.Exports[i]
		if e.Kind != corewasm.ExternMem {
			continue
		}
		if g := r.layout.at(e.Index); g.Base != 0 || g.Check == Moving {
			return &diag.Internal{Msg: fmt.Sprintf("memory %d is exported as %q, but is not at address 0", e.Index, e.Name)}
		}
		e.Index = 0
	}
	return nil
}

// funcType returns the index of a function type, which is added if there is none.
func (r *rebuild) funcType(ft corewasm.FuncType) (uint32, error) {
	n := uint32(r.out.NumTypes())
	for i := range n {
		if t := r.out.SubTypeAt(i); r.out.PlainType(i) && t.Kind == corewasm.CompFunc && t.Func.Equal(ft) {
			return i, nil
		}
	}
	section := corewasm.Coded{Count: r.out.NumGroups() + 1}
	if c := r.out.CodedTypes; c != nil {
		section.Bytes = slices.Clone(c.Bytes)
	} else if err := r.out.EachGroup(func(g corewasm.Group) error {
		section.Bytes = encode.Group(section.Bytes, g)
		return nil
	}); err != nil {
		return 0, err
	}
	section.Bytes = encode.SubType(section.Bytes, &corewasm.SubType{Final: true, Kind: corewasm.CompFunc, Func: ft})
	r.out.Types, r.out.LateTypes = nil, nil
	if err := decode.Types(r.out, section); err != nil {
		return 0, err
	}
	r.out.Index()
	return n, nil
}

// functions rewrites all bodies and adds the generated functions.
func (r *rebuild) functions(ctx context.Context, u *facts) error {
	r.out.Funcs = slices.Clone(r.in.Funcs)
	names := corewasm.NameRun{First: r.in.Count(corewasm.ExternFunc)}
	var added []corewasm.Body
	for _, f := range r.generated() {
		t, err := r.funcType(f.typ)
		if err != nil {
			return err
		}
		r.out.Funcs = append(r.out.Funcs, t)
		names.Names = append(names.Names, f.name)
		added = append(added, f.body)
		if r.traces != nil {
			r.traces = append(r.traces, origin.Of(origin.Nowhere))
		}
	}
	r.out.Names.Runs = append(slices.Clone(r.in.Names.Runs), names)
	coded := make([]corewasm.Coded, len(u.batches))
	err := corewasm.InParallel(ctx, len(u.batches), func() func(int) error {
		w := &rewriter{rebuild: r}
		return func(i int) error {
			b := &u.batches[i]
			c := corewasm.Coded{Count: len(b.Bodies)}
			for k := range b.Bodies {
				var err error
				if c.Bytes, err = w.entry(c.Bytes, &b.Bodies[k], uint32(b.First+k)); err != nil {
					return err
				}
			}
			coded[i] = c
			return nil
		}
	})
	r.out.Coded, r.out.Code = coded, added
	return err
}

// entry appends the entry of the code section for a body, the n-th that the module defines.
func (w *rewriter) entry(dst []byte, b *body, n uint32) ([]byte, error) {
	if !b.accesses {
		return append(leb128.AppendU32(dst, uint32(len(b.bytes))), b.bytes...), nil
	}
	f := w.rebuild.in.NumImported(corewasm.ExternFunc) + n
	from := len(dst)
	w.trace = nil
	if w.traces != nil {
		w.trace = &w.traces[n]
	}
	dst, err := w.body(dst, b, w.rebuild.in.FuncTypeOf(f))
	if err != nil {
		return dst, err
	}
	if w.trace != nil {
		w.traces[n] = origin.Trace{Body: w.trace.Body, Marks: slices.Clone(w.marks)}
	}
	item := fmt.Sprintf("function %d", f)
	if err := limits.Check(item, "bytes with the checks of a single memory", len(dst)-from, limits.BodyBytes); err != nil {
		return dst, err
	}
	return dst, limits.Check(item, "locals with those for the checks of a single memory", int(w.nlocals)+len(w.extra), limits.Locals)
}
