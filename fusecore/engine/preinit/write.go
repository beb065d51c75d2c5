// This file implements the third step: the module with a snapshot as its initial state.

package preinit

import (
	"encoding/binary"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/constexpr"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
)

// write returns the module of a program with a state. Output.Wasm is left to the caller.
func write(prog *program, p *probes, s *snapshot) (*Output, *corewasm.Module) {
	o := &Output{Ran: prog.ran()}
	out := copied(prog.Module)
	out.Start, out.DataCount = nil, nil
	for i, v := range s.globals {
		out.Globals[i].Init = v
	}
	for i, b := range s.memories {
		out.Mems[i].Limits.Min = uint64(len(b)) / pageSize
		o.Pages += out.Mems[i].Limits.Min
	}
	if len(out.Mems) > 0 {
		out.Data = dataOf(out.Data, s, p.uses.data)
		for i := range out.Data {
			o.DataBytes += len(out.Data[i].Bytes)
		}
	}
	elements(out, p, s)
	exports(out, &prog.steps)
	if p.uses.refFunc {
		declare(out, prog.Module)
	}
	out.Index()
	return o, out
}

// encoded returns the bytes of a module, and whether debug information that it had before, in the bytes given, has been left out.
func encoded(m *corewasm.Module, before []byte) (wasm []byte, dropped bool) {
	wasm = encode.Module(m)
	if slices.ContainsFunc(m.Customs, debugs) && moved(before, wasm) {
		withoutDebug(m)
		return encode.Module(m), true
	}
	return wasm, false
}

// exports replaces the functions that have run.
func exports(out *corewasm.Module, ran *steps) {
	if ran.init != "" && !ran.keeps && !isInitialise(ran.init) {
		out.Exports = slices.DeleteFunc(out.Exports, func(x corewasm.Export) bool { return x.Name == ran.init })
	}
	nothing := uint32(0)
	for i := range out.Exports {
		x := &out.Exports[i]
		if ran.initialise == "" || !isInitialise(x.Name) {
			continue
		}
		// Hosts call it before anything else, as the ABI says.
		if nothing == 0 {
			nothing = addFunction(out, corewasm.FuncType{}, nil)
			out.Names.SetFunc(nothing, "initialised")
		}
		x.Index = nothing
	}
}

// dataOf returns the data segments of the new module. Those that bodies name keep their indices.
func dataOf(old []corewasm.Data, s *snapshot, named bool) (out []corewasm.Data) {
	if named {
		for i, d := range old {
			// An active segment has been dropped by instantiation (core specification, "Instantiation").
			if d.Mode == corewasm.SegActive || s.droppedData[uint32(i)] {
				d = corewasm.Data{Mode: corewasm.SegPassive}
			}
			out = append(out, d)
		}
	}
	most := max(1, (limits.Datas-len(out))/len(s.memories))
	for i, b := range s.memories {
		for _, r := range runs(b, most) {
			out = append(out, corewasm.Data{Mem: uint32(i), Offset: encode.I32Const(int32(r.from)), Bytes: b[r.from:r.to]})
		}
	}
	return out
}

// minGap is the length of a run of zeros that is longer than the head of a further data segment.
const minGap = 16

// span is a part of a memory or table.
type span struct{ from, to uint32 }

// runs returns the parts of a memory that are not zero, at most as many as given.
func runs(memory []byte, most int) []span {
	return atMost(most, minGap, func(gap int) []span { return runsWith(memory, gap) })
}

// atMost returns at most as many parts as given, further apart than the gap if necessary.
func atMost(most, gap int, parts func(gap int) []span) []span {
	for ; ; gap *= 2 {
		if out := parts(gap); len(out) <= most {
			return out
		}
	}
}

// runsWith returns the parts of a memory that are not zero, and are that far apart.
func runsWith(memory []byte, gap int) (out []span) {
	const word = 8
	for at := 0; at < len(memory); at++ {
		// The size of a memory is a multiple of that of a word.
		if at%word == 0 && binary.NativeEndian.Uint64(memory[at:]) == 0 {
			at += word - 1
			continue
		}
		if memory[at] == 0 {
			continue
		}
		if n := len(out); n > 0 && at-int(out[n-1].to) < gap {
			out[n-1].to = uint32(at + 1)
			continue
		}
		out = append(out, span{uint32(at), uint32(at + 1)})
	}
	return out
}

// elements gives the tables that code has changed their content, by segments behind the others. Segments that bodies name keep
// their indices; those that have been dropped are empty.
func elements(out *corewasm.Module, p *probes, s *snapshot) {
	var kept []corewasm.Elem
	for i, e := range out.Elems {
		_, changed := s.tables[e.Table]
		gone := e.Mode == corewasm.SegActive && changed || s.droppedElems[uint32(i)]
		if gone {
			e = corewasm.Elem{Mode: corewasm.SegPassive, Type: e.Type, UseExprs: e.UseExprs}
		}
		if !gone || p.uses.elems {
			kept = append(kept, e)
		}
	}
	most := max(1, (limits.Elems-1-len(kept))/max(1, len(s.tables))) // one may declare functions
	for t := range out.Tables {
		if entries, ok := s.tables[uint32(t)]; ok {
			kept = append(kept, content(&out.Tables[t], uint32(t), entries, most)...)
		}
	}
	out.Elems = kept
}

// content gives a table its size, and returns the segments with its content, at most as many as given.
func content(t *corewasm.Table, index uint32, entries []entry, most int) (out []corewasm.Elem) {
	t.Type.Limits.Min = uint64(len(entries))
	if t.Type.Elem.Code == corewasm.CodeRefNull {
		t.Init = nil // what is not in a segment is null
	}
	for _, s := range atMost(most, 1, func(gap int) []span { return functionSpans(entries, gap) }) {
		e := corewasm.Elem{Table: index, Offset: encode.I32Const(int32(s.from)), Type: t.Type.Elem}
		part := entries[s.from:s.to]
		e.UseExprs = t.Type.Elem != corewasm.FuncRef || slices.ContainsFunc(part, func(x entry) bool { return x.null })
		for _, x := range part {
			switch {
			case !e.UseExprs:
				e.Funcs = append(e.Funcs, x.fn)
			case x.null:
				e.Exprs = append(e.Exprs, encode.RefNull(t.Type.Elem.Heap))
			default:
				e.Exprs = append(e.Exprs, refFunc(x.fn))
			}
		}
		out = append(out, e)
	}
	return out
}

// functionSpans returns the parts of a table that begin and end with functions, and are that far apart.
func functionSpans(entries []entry, gap int) (out []span) {
	for i, x := range entries {
		if x.null {
			continue
		}
		if n := len(out); n > 0 && i-int(out[n-1].to) < gap {
			out[n-1].to = uint32(i + 1)
			continue
		}
		out = append(out, span{uint32(i), uint32(i + 1)})
	}
	return out
}

// declare declares the functions that bodies may refer to only because of what is gone: segments, exports and initial values (core
// specification, "Validation / Modules", C.REFS).
func declare(out, before *corewasm.Module) {
	still := declared(out)
	var gone []uint32
	for f := range declared(before) {
		if !still[f] {
			gone = append(gone, f)
		}
	}
	if len(gone) == 0 {
		return
	}
	slices.Sort(gone)
	out.Elems = append(out.Elems, corewasm.Elem{Mode: corewasm.SegDeclarative, Type: corewasm.ValType{Code: corewasm.CodeRef, Heap: corewasm.HeapFunc},
		Funcs: gone})
}

// declared returns the functions that stand in a module outside of bodies and its start function.
func declared(m *corewasm.Module) map[uint32]bool {
	out := map[uint32]bool{}
	add := func(f uint32) { out[f] = true }
	for i := range m.Exports {
		if x := &m.Exports[i]; x.Kind == corewasm.ExternFunc {
			add(x.Index)
		}
	}
	for i := range m.Elems {
		constexpr.EachElem(&m.Elems[i], add)
	}
	for i := range m.NumGlobals() {
		constexpr.EachFunc(m.GlobalAt(i).Init, add)
	}
	for i := range m.Tables {
		if init := m.Tables[i].Init; init != nil {
			constexpr.EachFunc(*init, add)
		}
	}
	return out
}

// constant returns the constant expression of one instruction.
func constant(b []byte) corewasm.Expr { return corewasm.Expr{Bytes: op.End.Append(b), Offset: -1} }

// f32Bits and f64Bits return constants with the bits of a float, also of a NaN.
func f32Bits(bits uint32) corewasm.Expr {
	return constant(binary.LittleEndian.AppendUint32(op.F32Const.Append(nil), bits))
}

func f64Bits(bits uint64) corewasm.Expr {
	return constant(binary.LittleEndian.AppendUint64(op.F64Const.Append(nil), bits))
}

// refFunc returns the constant expression ref.func.
func refFunc(f uint32) corewasm.Expr {
	return constant(leb128.AppendU32(op.RefFunc.Append(nil), f))
}

func putU64(b []byte, v uint64) { binary.LittleEndian.PutUint64(b, v) }
