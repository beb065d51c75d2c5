package corewasm

// Module is a core module. Slices that come from the input alias its bytes and are never written to. Index spaces are
// those of the specification: imports first, in the order of the import section, then definitions.
type Module struct {
	Offset int64 // of the module's first byte in the file
	Size   int   // in bytes
	Name   string
	Types  []RecGroup // see EachGroup and SubTypeAt, which serve LateTypes too
	// LateTypes and LateGlobals are there instead of Types and Globals in a module with many.
	LateTypes   *LateTypes
	LateGlobals *LateGlobals
	// CodedTypes and CodedGlobals are the same types and globals encoded, in a module that is to be written. decode makes
	// none.
	CodedTypes, CodedGlobals *Coded
	TypeBytes                int // size of the type section in the input
	Imports                  []Import
	Funcs                    []uint32 // type index of each defined function
	Tables                   []Table
	Mems                     []MemType
	Tags                     []uint32 // type index of each defined tag
	Globals                  []Global // see GlobalAt, which serves LateGlobals too
	Exports                  []Export
	Start                    *uint32 // function index
	Elems                    []Elem
	// DataCount is the data count section, if there is one; encode writes one whenever a body needs it.
	DataCount *uint32
	// Coded are the first bodies of a module that is to be written, as the code section has them. decode makes none.
	Coded []Coded
	Code  []Body // one for each of Funcs, behind those of Coded
	// MemUses counts, for each memory, the instructions in Code that name it; nil where they have not been counted, see
	// scan.MemUses. decode counts them where it reads bodies.
	MemUses []uint32
	Data    []Data
	Customs []Custom
	Names   Names // from the "name" custom section, which is not among Customs

	flatTypes []*SubType        // see SubTypeAt
	firsts    []uint32          // index of the first type of each of Types
	alone     []bool            // see PlainFunc
	imported  [NumExterns][]int // import positions by sort
}

// Expr is a constant expression: its instructions with the final end (0x0b).
type Expr struct {
	Bytes  []byte
	Offset int64 // of the first byte in the file
}

// Import is one import. Desc fields are used as its Kind says.
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

// Table is a table definition; Init is nil where there is no initialiser expression.
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

// SegMode is how a segment is applied.
type SegMode byte

// Modes of segments.
const (
	SegActive SegMode = iota
	SegPassive
	SegDeclarative // elements only
)

// Elem is an element segment. Exactly one of Funcs and Exprs is used: Funcs when the segment lists function indices,
// which implies the type (ref func).
type Elem struct {
	Mode     SegMode
	Table    uint32 // active
	Offset   Expr   // active
	Type     ValType
	Funcs    []uint32
	Map      []uint32 // what the indices in Funcs stand for, in a module that is to be written; see Func
	Exprs    []Expr
	UseExprs bool
	Pos      int64 // of the segment in the file
}

// Func gives the function index of an element among Funcs.
func (e *Elem) Func(i int) uint32 {
	if e.Map != nil {
		return e.Map[e.Funcs[i]]
	}
	return e.Funcs[i]
}

// Len is the number of elements.
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
	Pos    int64
}

// LocalRun is a run of locals of one type, as the binary format declares them.
type LocalRun struct {
	Count uint32
	Type  ValType
}

// Body is the code of a defined function: Code is its instructions with the final end, without the locals.
type Body struct {
	Locals []LocalRun
	Code   []byte
	Offset int64 // of Code's first byte in the file
}

// Coded is a number of encoded entries of a section: function bodies, each behind its length, recursion groups, or
// globals.
type Coded struct {
	Count int
	Bytes []byte
}

// Custom is a custom section.
type Custom struct {
	Name   string
	Bytes  []byte
	Offset int64
}

// Names is what the "name" custom section says that we use. A bad name section is dropped, never an error.
type Names struct {
	Funcs []string // by function index; "" where there is none, and there may be fewer than functions
	// Runs name further functions, in the order of their indices, in a module that is to be written.
	Runs []NameRun
}

// NameRun names the functions from First on; each name that is not empty has the prefix.
type NameRun struct {
	First  uint32
	Prefix string
	Names  []string
}

// All gives the names of all functions.
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

// Func gives the name of a function, "" where there is none.
func (n *Names) Func(f uint32) string {
	if int64(f) >= int64(len(n.Funcs)) {
		return ""
	}
	return n.Funcs[f]
}

// PlainFunc says whether a function's type is final, without supertypes, and in a recursion group of its own: whether
// it is the type that lists of parameters and results alone stand for.
func (m *Module) PlainFunc(f uint32) bool {
	i, ok := m.FuncTypeIndex(f)
	return ok && m.PlainType(i)
}

// PlainType says whether a type is final, without supertypes, and in a recursion group of its own.
func (m *Module) PlainType(i uint32) bool {
	t := m.SubTypeAt(i)
	return t != nil && t.Final && len(t.Supers) == 0 && m.aloneInGroup(i)
}

// Index computes the derived tables of a finished module. decode calls it; code that builds a module by hand must call
// it before any method, and a module must not change after it. It makes the methods safe for concurrent use.
func (m *Module) Index() {
	m.flatTypes, m.alone, m.firsts = nil, nil, nil
	m.imported = [NumExterns][]int{}
	m.SubTypeAt(0)
	for i := range m.Imports {
		k := m.Imports[i].Kind
		m.imported[k] = append(m.imported[k], i)
	}
}

// NumImported is the number of imports of a sort.
func (m *Module) NumImported(k ExternKind) uint32 { return uint32(len(m.imported[k])) }

// ImportAt gives the position in Imports of the item with an index of a sort, and false when that item is a definition.
func (m *Module) ImportAt(k ExternKind, index uint32) (int, bool) {
	if int64(index) >= int64(len(m.imported[k])) {
		return 0, false
	}
	return m.imported[k][index], true
}

// Count is the size of a sort's index space.
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

// FuncTypeIndex gives the type index of a function; ok is false for an index out of range.
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

// FuncTypeOf gives the type of a function, or nil when the index or its type is bad.
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

// TagTypeIndex gives the type index of a tag; ok is false for an index out of range.
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

// TableTypeOf gives the type of a table; ok is false for an index out of range.
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

// MemTypeOf gives the type of a memory; ok is false for an index out of range.
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

// FindExport gives the export with a name, or nil.
func (m *Module) FindExport(name string) *Export {
	for i := range m.Exports {
		if m.Exports[i].Name == name {
			return &m.Exports[i]
		}
	}
	return nil
}
