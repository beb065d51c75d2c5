// This file implements modules and their index spaces.

package corewasm

// Module is a core module. Slices from the input alias its bytes and are never written to. Index spaces are those of
// the specification: imports first, in the order of the import section, then definitions.
type Module struct {
	Offset int64 // of the module in the file
	Size   int   // in bytes
	Name   string
	Types  []RecGroup // see EachGroup and SubTypeAt, which also serve LateTypes
	// LateTypes and LateGlobals replace Types and Globals if there are many.
	LateTypes   *LateTypes
	LateGlobals *LateGlobals
	// CodedTypes and CodedGlobals are encoded types and globals of a module that is to be encoded. Decoding does not
	// set them.
	CodedTypes, CodedGlobals *Coded
	TypeBytes                int // size of the type section in the input
	Imports                  []Import
	Funcs                    []uint32 // type index of each defined function
	Tables                   []Table
	Mems                     []MemType
	Tags                     []uint32 // type index of each defined tag
	Globals                  []Global // see GlobalAt, which also serves LateGlobals
	Exports                  []Export
	Start                    *uint32 // function index
	Elems                    []Elem
	// DataCount is the data count section, if there is one. Encoding adds one whenever a body needs it.
	DataCount *uint32
	// Coded are the first bodies of a module that is to be encoded, as in the code section. Decoding does not set it.
	Coded []Coded
	Code  []Body // one for each of Funcs, after those of Coded
	// CodeOffset is the offset in the file of the content of the code section, to which addresses in debug information are
	// relative. Only decoding sets it.
	CodeOffset int64
	// Refs has the references of Code in a decoded module, whose bodies never change; see scan.Refs. Modules with the same
	// bytes may share it. Otherwise it is nil.
	Refs *RefsOnce
	Data []Data
	// LateData replaces Data if there are many segments of the usual kind; see AllData.
	LateData *LateData
	Customs  []Custom
	Names    Names // from the "name" custom section, which is not in Customs

	flatTypes []*SubType        // see SubTypeAt
	firsts    []uint32          // index of the first type of each of Types
	alone     []bool            // see PlainFunc
	imported  [NumExterns][]int // import positions by sort
}

// Expr is a constant expression: its instructions including the final end (0x0b).
type Expr struct {
	Bytes  []byte
	Offset int64 // in the file
}

// Import is one import. Its Kind determines which fields are used.
type Import struct {
	Module, Name string
	Kind         ExternKind
	Func         uint32 // type index
	Table        TableType
	Mem          MemType
	Global       GlobalType
	Tag          uint32 // type index
	Offset       int64
}

// Table is a table definition; Init is nil without an initializer expression.
type Table struct {
	Type TableType
	Init *Expr
}

// Global is a global definition.
type Global struct {
	Type GlobalType
	Init Expr
}

// Export is one export.
type Export struct {
	Name   string
	Kind   ExternKind
	Index  uint32
	Offset int64
}

// SegMode is the mode of a segment.
type SegMode byte

// Modes of segments.
const (
	SegActive SegMode = iota
	SegPassive
	SegDeclarative // only elements
)

// Elem is an element segment. Exactly one of Funcs and Exprs is used: Funcs if the segment lists function indices,
// which implies the type (ref func).
type Elem struct {
	Mode     SegMode
	Table    uint32 // active
	Offset   Expr   // active
	Type     ValType
	Funcs    []uint32
	Map      []uint32 // maps the indices in Funcs, in a module that is to be encoded; see Func
	Exprs    []Expr
	UseExprs bool
	Pos      int64 // of the segment in the file
}

// Func returns the function index of an element in Funcs.
func (e *Elem) Func(i int) uint32 {
	if e.Map != nil {
		return e.Map[e.Funcs[i]]
	}
	return e.Funcs[i]
}

// Len returns the number of elements.
func (e *Elem) Len() int {
	if e.UseExprs {
		return len(e.Exprs)
	}
	return len(e.Funcs)
}

// Data is a data segment.
type Data struct {
	Mode   SegMode
	Mem    uint32 // active
	Offset Expr   // active
	Bytes  []byte
}

// LocalRun is a run of locals of one type, as the binary format declares them.
type LocalRun struct {
	Count uint32
	Type  ValType
}

// Body is the code of a defined function. Code is its instructions including the final end, without the locals.
type Body struct {
	Locals []LocalRun
	Code   []byte
	Offset int64 // of Code in the file
}

// Coded is a number of encoded entries of a section: function bodies, each preceded by its length, recursion groups, or
// globals.
type Coded struct {
	Count int
	Bytes []byte
}

// Custom is a custom section.
type Custom struct {
	Name  string
	Bytes []byte
}

// Names is the content of the "name" custom section, as far as it is used. A malformed name section is dropped.
type Names struct {
	Funcs []string // by function index; "" if there is none; may be shorter than the number of functions
	// Runs name further functions, in index order, in a module that is to be encoded.
	Runs []NameRun
}

// NameRun names the functions from First on. Every name that is not empty is preceded by the prefix.
type NameRun struct {
	First  uint32
	Prefix string
	Names  []string
}

// All returns the names of all functions.
func (n *Names) All() []NameRun {
	if len(n.Funcs) == 0 {
		return n.Runs
	}
	return append([]NameRun{{Names: n.Funcs}}, n.Runs...)
}

// SetFunc names a function.
func (n *Names) SetFunc(f uint32, name string) {
	if need := int(f) + 1 - len(n.Funcs); need > 0 {
		n.Funcs = append(n.Funcs, make([]string, need)...)
	}
	n.Funcs[f] = name
}

// Func returns the name of a function, or "".
func (n *Names) Func(f uint32) string {
	if int64(f) >= int64(len(n.Funcs)) {
		return ""
	}
	return n.Funcs[f]
}

// PlainFunc reports whether a function's type is final, without supertypes, and alone in its recursion group, and thus
// the type denoted by its parameters and results.
func (m *Module) PlainFunc(f uint32) bool {
	i, ok := m.FuncTypeIndex(f)
	return ok && m.PlainType(i)
}

// PlainType reports whether a type is final, without supertypes, and alone in its recursion group.
func (m *Module) PlainType(i uint32) bool {
	t := m.SubTypeAt(i)
	return t != nil && t.Final && len(t.Supers) == 0 && m.aloneInGroup(i)
}

// Index computes the derived tables of a finished module. Decoding calls it. Code that builds a module must call it
// before any method, and must not change the module afterwards. It makes the methods safe for concurrent use.
func (m *Module) Index() {
	m.flatTypes, m.alone, m.firsts = nil, nil, nil
	m.imported = [NumExterns][]int{}
	m.SubTypeAt(0)
	for i := range m.Imports {
		k := m.Imports[i].Kind
		m.imported[k] = append(m.imported[k], i)
	}
}

// NumImported returns the number of imports of a kind.
func (m *Module) NumImported(k ExternKind) uint32 { return uint32(len(m.imported[k])) }

// ImportAt returns the index in Imports of the item with an index of a kind, or false if that item is defined.
func (m *Module) ImportAt(k ExternKind, index uint32) (int, bool) {
	if int64(index) >= int64(len(m.imported[k])) {
		return 0, false
	}
	return m.imported[k][index], true
}

// Count returns the size of a kind's index space.
func (m *Module) Count(k ExternKind) uint32 {
	n := m.NumImported(k)
	switch k {
	case ExternFunc:
		return n + uint32(len(m.Funcs))
	case ExternTable:
		return n + uint32(len(m.Tables))
	case ExternMem:
		return n + uint32(len(m.Mems))
	case ExternGlobal:
		return n + uint32(m.NumGlobals())
	default:
		return n + uint32(len(m.Tags))
	}
}

// FuncTypeIndex returns the type index of a function. ok is false for an index out of range.
func (m *Module) FuncTypeIndex(f uint32) (index uint32, ok bool) {
	if i, imp := m.ImportAt(ExternFunc, f); imp {
		return m.Imports[i].Func, true
	}
	f -= m.NumImported(ExternFunc)
	if int64(f) >= int64(len(m.Funcs)) {
		return 0, false
	}
	return m.Funcs[f], true
}

// FuncTypeOf returns the type of a function, or nil if the index or its type is invalid.
func (m *Module) FuncTypeOf(f uint32) *FuncType {
	i, ok := m.FuncTypeIndex(f)
	if !ok {
		return nil
	}
	if t := m.SubTypeAt(i); t != nil && t.Kind == CompFunc {
		return &t.Func
	}
	return nil
}

// TagTypeIndex returns the type index of a tag. ok is false for an index out of range.
func (m *Module) TagTypeIndex(t uint32) (index uint32, ok bool) {
	if i, imp := m.ImportAt(ExternTag, t); imp {
		return m.Imports[i].Tag, true
	}
	t -= m.NumImported(ExternTag)
	if int64(t) >= int64(len(m.Tags)) {
		return 0, false
	}
	return m.Tags[t], true
}

// TableTypeOf returns the type of a table. ok is false for an index out of range.
func (m *Module) TableTypeOf(i uint32) (t TableType, ok bool) {
	if p, imp := m.ImportAt(ExternTable, i); imp {
		return m.Imports[p].Table, true
	}
	i -= m.NumImported(ExternTable)
	if int64(i) >= int64(len(m.Tables)) {
		return TableType{}, false
	}
	return m.Tables[i].Type, true
}

// MemTypeOf returns the type of a memory. ok is false for an index out of range.
func (m *Module) MemTypeOf(i uint32) (t MemType, ok bool) {
	if p, imp := m.ImportAt(ExternMem, i); imp {
		return m.Imports[p].Mem, true
	}
	i -= m.NumImported(ExternMem)
	if int64(i) >= int64(len(m.Mems)) {
		return MemType{}, false
	}
	return m.Mems[i], true
}
