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
func Module(m *corewasm.Module) []byte { return Append(make([]byte, 0, SizeHint(m)), m) }

// Append is [Module] into a buffer, which does not grow where it has room for [SizeHint] bytes more.
func Append(b []byte, m *corewasm.Module) []byte {
	b = append(b, 0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00)
	b = vector(b, secType, m.Types, recGroup)
	b = vector(b, secImport, m.Imports, importEntry)
	b = vector(b, secFunc, m.Funcs, leb128.AppendU32)
	b = vector(b, secTable, m.Tables, table)
	b = vector(b, secMem, m.Mems, MemType)
	b = vector(b, secTag, m.Tags, tagType)
	b = vector(b, secGlobal, m.Globals, func(b []byte, g corewasm.Global) []byte {
		return append(GlobalType(b, g.Type), g.Init.Bytes...)
	})
	b = vector(b, secExport, m.Exports, func(b []byte, e corewasm.Export) []byte {
		return leb128.AppendU32(append(name(b, e.Name), byte(e.Kind)), e.Index)
	})
	if m.Start != nil {
		b = section(b, secStart, 1, func(b []byte) []byte { return leb128.AppendU32(b, *m.Start) })
	}
	b = vector(b, secElem, m.Elems, elem)
	if needsDataCount(m) {
		b = section(b, secDataCount, 1, func(b []byte) []byte { return leb128.AppendU32(b, uint32(len(m.Data))) })
	}
	b = code(b, m.Code)
	b = sizedVector(b, secData, dataSize(m), m.Data, data)
	b = names(b, m)
	for i := range m.Customs {
		c := &m.Customs[i]
		b = section(b, secCustom, len(c.Name)+len(c.Bytes), func(b []byte) []byte { return append(name(b, c.Name), c.Bytes...) })
	}
	return b
}

// SizeHint is about how long a module's encoding is, and rather more than less.
func SizeHint(m *corewasm.Module) int {
	n := 1024 + codeSize(m) + dataSize(m) + namesSize(m)
	for i := range m.Customs {
		n += len(m.Customs[i].Name) + len(m.Customs[i].Bytes) + 16
	}
	for i := range m.Imports {
		n += len(m.Imports[i].Module) + len(m.Imports[i].Name) + 16
	}
	for i := range m.Exports {
		n += len(m.Exports[i].Name) + 16
	}
	for i := range m.Elems {
		n += 8*m.Elems[i].Len() + 32
	}
	return n + 32*len(m.Types) + 4*len(m.Funcs) + 16*(len(m.Globals)+len(m.Tables)+len(m.Mems)+len(m.Tags)) + n/16
}

// codeSize and dataSize are about how long the sections are.
func codeSize(m *corewasm.Module) (n int) {
	for i := range m.Code {
		n += len(m.Code[i].Code) + 4 + 4*len(m.Code[i].Locals)
	}
	return n
}

func dataSize(m *corewasm.Module) (n int) {
	for i := range m.Data {
		n += len(m.Data[i].Bytes) + 10
	}
	return n
}

// section appends a section of about size bytes whose content fill appends.
func section(b []byte, id byte, size int, fill func([]byte) []byte) []byte {
	return leb128.AppendSized(append(b, id), size, fill)
}

// vector appends a section that is a vector; an empty one is left out.
func vector[T any](b []byte, id byte, items []T, one func([]byte, T) []byte) []byte {
	return sizedVector(b, id, 0x80, items, one)
}

// sizedVector is vector with the section's size, about.
func sizedVector[T any](b []byte, id byte, size int, items []T, one func([]byte, T) []byte) []byte {
	if len(items) == 0 {
		return b
	}
	return section(b, id, size, func(b []byte) []byte {
		b = leb128.AppendU32(b, uint32(len(items)))
		for _, it := range items {
			b = one(b, it)
		}
		return b
	})
}

// code appends the code section. It is by far the largest, and all processors write it: each body has its place.
func code(b []byte, bodies []corewasm.Body) []byte {
	if len(bodies) == 0 {
		return b
	}
	places := make([]int, 1, len(bodies)+1) // of the bodies, and their common end
	lengths := make([]uint32, len(bodies))
	var locals []byte
	for i := range bodies {
		locals = appendLocals(locals[:0], bodies[i].Locals)
		lengths[i] = uint32(len(locals) + len(bodies[i].Code))
		places = append(places, places[i]+leb128.Size(uint64(lengths[i]))+int(lengths[i]))
	}
	total := places[len(bodies)]
	return section(b, secCode, total, func(b []byte) []byte {
		b = leb128.AppendU32(b, uint32(len(bodies)))
		b = slices.Grow(b, total)
		all := b[len(b) : len(b)+total]
		_ = corewasm.EachBody(bodies, func() func(int) error { // no body has an error
			return func(i int) error {
				place := leb128.AppendU32(all[places[i]:places[i]:places[i+1]], lengths[i])
				_ = append(appendLocals(place, bodies[i].Locals), bodies[i].Code...)
				return nil
			}
		})
		return b[:len(b)+total]
	})
}

func appendLocals(b []byte, runs []corewasm.LocalRun) []byte {
	b = leb128.AppendU32(b, uint32(len(runs)))
	for _, r := range runs {
		b = op.AppendValType(leb128.AppendU32(b, r.Count), r.Type)
	}
	return b
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

// names appends the name section.
func names(b []byte, m *corewasm.Module) []byte {
	named := uint32(0)
	for _, s := range m.Names.Funcs {
		if s != "" {
			named++
		}
	}
	if m.Name == "" && named == 0 {
		return b
	}
	size := namesSize(m)
	return section(b, secCustom, size, func(b []byte) []byte {
		b = name(b, "name")
		if m.Name != "" {
			b = section(b, 0, len(m.Name), func(b []byte) []byte { return name(b, m.Name) })
		}
		if named == 0 {
			return b
		}
		return section(b, 1, size, func(b []byte) []byte {
			b = leb128.AppendU32(b, named)
			for i, s := range m.Names.Funcs {
				if s != "" {
					b = name(leb128.AppendU32(b, uint32(i)), s)
				}
			}
			return b
		})
	})
}

// namesSize is about how long the name section is.
func namesSize(m *corewasm.Module) int {
	n := len(m.Name)
	for _, s := range m.Names.Funcs {
		n += len(s) + 6
	}
	return n
}
