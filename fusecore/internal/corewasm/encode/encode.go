// Package encode writes core modules (core specification 3.0, "Binary Format / Modules"): sections in canonical order,
// every integer in its shortest form, types in their shorthands. Equal modules give equal bytes.
package encode

import (
	"bytes"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// Section codes.
const (
	secCustom    = 0
	secType      = 1
	secImport    = 2
	secFunc      = 3
	secTable     = 4
	secMem       = 5
	secGlobal    = 6
	secExport    = 7
	secStart     = 8
	secElem      = 9
	secCode      = 10
	secData      = 11
	secDataCount = 12
	secTag       = 13
)

// Module encodes a module. Its bodies and expressions must be well formed; nothing is checked.
func Module(m *corewasm.Module) []byte {
	w := &writer{out: make([]byte, 0, sizeHint(m))}
	w.out = append(w.out, 0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00)
	vector(w, secType, m.Types, recGroup)
	vector(w, secImport, m.Imports, importEntry)
	vector(w, secFunc, m.Funcs, leb128.AppendU32)
	vector(w, secTable, m.Tables, table)
	vector(w, secMem, m.Mems, MemType)
	vector(w, secTag, m.Tags, tagType)
	vector(w, secGlobal, m.Globals, func(b []byte, g corewasm.Global) []byte {
		return append(GlobalType(b, g.Type), g.Init.Bytes...)
	})
	vector(w, secExport, m.Exports, func(b []byte, e corewasm.Export) []byte {
		return leb128.AppendU32(append(name(b, e.Name), byte(e.Kind)), e.Index)
	})
	if m.Start != nil {
		w.section(secStart, func(b []byte) []byte { return leb128.AppendU32(b, *m.Start) })
	}
	vector(w, secElem, m.Elems, elem)
	if needsDataCount(m) {
		w.section(secDataCount, func(b []byte) []byte { return leb128.AppendU32(b, uint32(len(m.Data))) })
	}
	code(w, m.Code)
	vector(w, secData, m.Data, data)
	w.names(m)
	for i := range m.Customs {
		c := &m.Customs[i]
		w.section(secCustom, func(b []byte) []byte { return append(name(b, c.Name), c.Bytes...) })
	}
	return w.out
}

func sizeHint(m *corewasm.Module) int {
	n := 1024
	for i := range m.Code {
		n += len(m.Code[i].Code) + 16
	}
	for i := range m.Data {
		n += len(m.Data[i].Bytes) + 16
	}
	for i := range m.Customs {
		n += len(m.Customs[i].Bytes) + 32
	}
	return n + n/8
}

type writer struct {
	out  []byte
	body []byte // scratch of the section being written
}

// section writes a section whose content fill appends.
func (w *writer) section(id byte, fill func([]byte) []byte) {
	w.body = fill(w.body[:0])
	w.out = append(w.out, id)
	w.out = leb128.AppendU32(w.out, uint32(len(w.body)))
	w.out = append(w.out, w.body...)
}

// vector writes a section that is a vector; an empty one is left out.
func vector[T any](w *writer, id byte, items []T, one func([]byte, T) []byte) {
	if len(items) == 0 {
		return
	}
	w.section(id, func(b []byte) []byte {
		b = leb128.AppendU32(b, uint32(len(items)))
		for _, it := range items {
			b = one(b, it)
		}
		return b
	})
}

// code writes the code section straight into the output: it is by far the largest.
func code(w *writer, bodies []corewasm.Body) {
	if len(bodies) == 0 {
		return
	}
	total := size(uint32(len(bodies)))
	lengths := make([]int, len(bodies))
	var locals []byte
	for i := range bodies {
		locals = appendLocals(locals[:0], bodies[i].Locals)
		lengths[i] = len(locals) + len(bodies[i].Code)
		total += size(uint32(lengths[i])) + lengths[i]
	}
	b := leb128.AppendU32(append(w.out, secCode), uint32(total))
	b = leb128.AppendU32(b, uint32(len(bodies)))
	for i := range bodies {
		b = leb128.AppendU32(b, uint32(lengths[i]))
		b = appendLocals(b, bodies[i].Locals)
		b = append(b, bodies[i].Code...)
	}
	w.out = b
}

func appendLocals(b []byte, runs []corewasm.LocalRun) []byte {
	b = leb128.AppendU32(b, uint32(len(runs)))
	for _, r := range runs {
		b = op.AppendValType(leb128.AppendU32(b, r.Count), r.Type)
	}
	return b
}

// size is the length of the shortest encoding of v.
func size(v uint32) int {
	n := 1
	for ; v >= 0x80; v >>= 7 {
		n++
	}
	return n
}

// needsDataCount says whether the data count section must stand: where a body names a data segment. To find that out
// without reading the bodies, it is written when there is a passive segment, when the input had one, or else when a
// body does name one (an active segment may be dropped).
func needsDataCount(m *corewasm.Module) bool {
	if m.DataCount != nil {
		return true
	}
	if len(m.Data) == 0 {
		return false
	}
	for i := range m.Data {
		if m.Data[i].Mode == corewasm.SegPassive {
			return true
		}
	}
	return slices.ContainsFunc(m.Code, func(b corewasm.Body) bool { return namesData(b.Code) })
}

func namesData(body []byte) bool {
	// All such instructions have a prefix byte; most bodies contain neither.
	if bytes.IndexByte(body, op.PrefixMisc) < 0 && bytes.IndexByte(body, op.PrefixGC) < 0 {
		return false
	}
	for r := op.NewReader(body, 0); r.Next(); {
		switch r.In.Info.Imm {
		case op.Data, op.DataMem, op.TypeData:
			return true
		}
	}
	return false
}

// names writes the name section.
func (w *writer) names(m *corewasm.Module) {
	if m.Name == "" && len(m.Names.Funcs) == 0 {
		return
	}
	w.section(secCustom, func(b []byte) []byte {
		b = name(b, "name")
		var sub []byte
		if m.Name != "" {
			sub = name(sub, m.Name)
			b = append(leb128.AppendU32(append(b, 0), uint32(len(sub))), sub...)
		}
		if len(m.Names.Funcs) == 0 {
			return b
		}
		indices := make([]uint32, 0, len(m.Names.Funcs))
		for i := range m.Names.Funcs {
			indices = append(indices, i)
		}
		slices.Sort(indices)
		sub = leb128.AppendU32(sub[:0], uint32(len(indices)))
		for _, i := range indices {
			sub = name(leb128.AppendU32(sub, i), m.Names.Funcs[i])
		}
		return append(leb128.AppendU32(append(b, 1), uint32(len(sub))), sub...)
	})
}
