// Package encode encodes core modules (core specification 3.0, "Binary Format / Modules"): sections in canonical order,
// every integer in its shortest form, types as shorthands. Equal modules have equal encodings.
package encode

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/pieces"
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
func Module(m *corewasm.Module) []byte { return Pieces(m).Join() }

// Pieces is like [Module], but returns pieces, some of which alias the module: encoded bodies and long data segments.
func Pieces(m *corewasm.Module) pieces.Pieces {
	w := &pieces.Buffer{B: make([]byte, 0, sizeHint(m))}
	w.B = append(w.B, 0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00)
	types(w, m)
	head(w, m)
	code(w, m)
	data(w, m)
	names(w, m)
	for i := range m.Customs {
		c := &m.Customs[i]
		w.B = append(w.B, secCustom)
		w.Sized(func() {
			w.B = name(w.B, c.Name)
			w.Bytes(c.Bytes)
		})
	}
	return w.Finish()
}

// types adds the type section.
func types(w *pieces.Buffer, m *corewasm.Module) {
	entries(w, secType, m.NumGroups(), m.CodedTypes, func() {
		_ = m.EachGroup(func(g corewasm.Group) error { // the callback returns no error
			w.B = Group(w.B, g)
			return nil
		})
	})
}

// entries adds a section of n entries, unless it is empty: the encoded ones if there are, else those that each appends.
func entries(w *pieces.Buffer, id byte, n int, coded *corewasm.Coded, each func()) {
	if n == 0 {
		return
	}
	w.B = append(w.B, id)
	w.Sized(func() {
		w.B = leb128.AppendU32(w.B, uint32(n))
		if coded != nil {
			w.Bytes(coded.Bytes)
			return
		}
		each()
	})
}

// head adds the sections between the types and the code.
func head(w *pieces.Buffer, m *corewasm.Module) {
	w.B = vector(w.B, secImport, m.Imports, importEntry)
	w.B = vector(w.B, secFunc, m.Funcs, leb128.AppendU32)
	w.B = vector(w.B, secTable, m.Tables, table)
	w.B = vector(w.B, secMem, m.Mems, MemType)
	w.B = vector(w.B, secTag, m.Tags, tagType)
	globals(w, m)
	w.B = vector(w.B, secExport, m.Exports, func(b []byte, e corewasm.Export) []byte {
		return leb128.AppendU32(append(name(b, e.Name), byte(e.Kind)), e.Index)
	})
	if m.Start != nil {
		w.B = section(w.B, secStart, 1, func(b []byte) []byte { return leb128.AppendU32(b, *m.Start) })
	}
	w.B = vector(w.B, secElem, m.Elems, elem)
	if needsDataCount(m) {
		w.B = section(w.B, secDataCount, 1, func(b []byte) []byte { return leb128.AppendU32(b, uint32(m.NumData())) })
	}
}

// globals adds the global section.
func globals(w *pieces.Buffer, m *corewasm.Module) {
	entries(w, secGlobal, m.NumGlobals(), m.CodedGlobals, func() {
		for i := range m.NumGlobals() {
			w.B = Global(w.B, m.GlobalAt(i))
		}
	})
}

// sizeHint estimates the encoded length of those parts of a module that are not encoded yet.
func sizeHint(m *corewasm.Module) int {
	n := 1024 + codeSize(m) + namesSize(m)
	for i := range m.Data {
		n += 16 + min(len(m.Data[i].Bytes), 4<<10)
	}
	for i := range m.Imports {
		n += len(m.Imports[i].Module) + len(m.Imports[i].Name) + 16
	}
	for i := range m.Exports {
		n += len(m.Exports[i].Name) + 16
	}
	for i := range m.Elems {
		n += elemSize(&m.Elems[i])
	}
	return n + 16*m.NumGroups() + 4*len(m.Funcs) + 16*(len(m.Globals)+len(m.Tables)+len(m.Mems)+len(m.Tags)) + n/16
}

// codeSize estimates the length of the bodies that are not encoded yet.
func codeSize(m *corewasm.Module) (n int) {
	for i := range m.Code {
		n += len(m.Code[i].Code) + 4 + 4*len(m.Code[i].Locals)
	}
	return n
}

// elemSize estimates the length of an element segment. It is exact for function indices, since there may be millions.
func elemSize(e *corewasm.Elem) int {
	n := 32 + 4*len(e.Exprs)
	for i := range e.Funcs {
		n += leb128.Size(uint64(e.Func(i)))
	}
	return n
}

// section appends a section of about size bytes whose content fill appends.
func section(b []byte, id byte, size int, fill func([]byte) []byte) []byte {
	return leb128.AppendSized(append(b, id), size, fill)
}

// vector appends a section that is a vector, unless it is empty.
func vector[T any](b []byte, id byte, items []T, one func([]byte, T) []byte) []byte {
	if len(items) == 0 {
		return b
	}
	return section(b, id, max(0x80, 4*len(items)), func(b []byte) []byte {
		b = leb128.AppendU32(b, uint32(len(items)))
		for _, it := range items {
			b = one(b, it)
		}
		return b
	})
}

// code adds the code section: the encoded bodies, then the others.
func code(w *pieces.Buffer, m *corewasm.Module) {
	n := len(m.Code)
	for i := range m.Coded {
		n += m.Coded[i].Count
	}
	if n == 0 {
		return
	}
	w.B = append(w.B, secCode)
	w.Sized(func() {
		w.B = leb128.AppendU32(w.B, uint32(n))
		for i := range m.Coded {
			w.Bytes(m.Coded[i].Bytes)
		}
		for i := range m.Code {
			w.B = Body(w.B, &m.Code[i])
		}
	})
}

// Body appends an entry of the code section.
func Body(b []byte, body *corewasm.Body) []byte {
	return leb128.AppendSized(b, 1+2*len(body.Locals)+len(body.Code), func(b []byte) []byte {
		return append(AppendLocals(b, body.Locals), body.Code...)
	})
}

// data adds the data section.
func data(w *pieces.Buffer, m *corewasm.Module) {
	if m.NumData() == 0 {
		return
	}
	w.B = append(w.B, secData)
	w.Sized(func() {
		w.B = leb128.AppendU32(w.B, uint32(m.NumData()))
		if m.LateData != nil {
			for i := range m.LateData.Runs {
				w.Bytes(m.LateData.Runs[i].Bytes)
			}
			return
		}
		for i := range m.Data {
			w.B = dataHead(w.B, &m.Data[i])
			w.Bytes(m.Data[i].Bytes)
		}
	})
}

// AppendLocals appends the declarations of locals at the beginning of a body.
func AppendLocals(b []byte, runs []corewasm.LocalRun) []byte {
	b = leb128.AppendU32(b, uint32(len(runs)))
	for _, r := range runs {
		b = op.AppendValType(leb128.AppendU32(b, r.Count), r.Type)
	}
	return b
}

// needsDataCount reports whether the data count section is required, because a body names a data segment. To avoid
// reading the bodies, it is also written if there is a passive segment or if the input had one. Otherwise bodies are
// searched, since they may drop an active segment.
func needsDataCount(m *corewasm.Module) bool {
	if m.DataCount != nil {
		return true
	}
	if m.NumData() == 0 {
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
	// All such instructions have a prefix byte, and most bodies contain neither.
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

// names adds the name section.
func names(w *pieces.Buffer, m *corewasm.Module) {
	named := uint32(0)
	for _, r := range m.Names.All() {
		for _, s := range r.Names {
			if s != "" {
				named++
			}
		}
	}
	if m.Name == "" && named == 0 {
		return
	}
	w.B = section(w.B, secCustom, namesSize(m), func(b []byte) []byte {
		b = name(b, "name")
		if m.Name != "" {
			b = section(b, 0, len(m.Name), func(b []byte) []byte { return name(b, m.Name) })
		}
		if named == 0 {
			return b
		}
		return section(b, 1, namesSize(m), func(b []byte) []byte {
			b = leb128.AppendU32(b, named)
			for _, r := range m.Names.All() {
				for i, s := range r.Names {
					if s != "" {
						b = funcName(leb128.AppendU32(b, r.First+uint32(i)), r.Prefix, s)
					}
				}
			}
			return b
		})
	})
}

// funcName appends a function's name, truncated to the length that readers accept: they drop a name section with a
// longer one.
func funcName(b []byte, prefix, s string) []byte {
	n := min(len(prefix)+len(s), limits.NameBytes)
	if cut := n - len(prefix); cut < len(s) {
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:max(cut, 0)]
	}
	return append(append(leb128.AppendU32(b, uint32(len(prefix)+len(s))), prefix...), s...)
}

// namesSize estimates the length of the name section.
func namesSize(m *corewasm.Module) int {
	n := len(m.Name)
	for _, r := range m.Names.All() {
		for _, s := range r.Names {
			if s != "" {
				n += len(r.Prefix) + len(s) + 6
			}
		}
	}
	return n
}
