// This file implements lists of the references that function bodies make to items of their module.

package corewasm

import "sync"

// Refs are the references of the function bodies of a module, body after body: what a pass over the call graph and the
// reference graph needs to know, without decoding the code again.
type Refs struct {
	Ends []uint32 // of the references of each body, in List
	List []Ref
	// Mems and Tables count the instructions that use each memory and each table.
	Mems, Tables []uint32
}

// RefsOnce are the references of a module that are listed when they are first asked for.
type RefsOnce struct {
	once sync.Once
	refs *Refs
	err  error
}

// Get returns what list returned when Get was called first. It may be called concurrently.
func (o *RefsOnce) Get(list func() (*Refs, error)) (*Refs, error) {
	o.once.Do(func() { o.refs, o.err = list() })
	return o.refs, o.err
}

// Of returns the references of a body, in the order of its instructions, but for memory 0, which is last. A memory or
// table appears once in a body for each kind of use, everything else as often as instructions name it.
func (r *Refs) Of(body int) []Ref {
	if body == 0 {
		return r.List[:r.Ends[0]]
	}
	return r.List[r.Ends[body-1]:r.Ends[body]]
}

// Ref is one reference: a use of an item with an index. Indices are below 2^27, which is above the limits of engines for
// every index space.
type Ref uint32

// NewRef returns a reference.
func NewRef(u Use, index uint32) Ref { return Ref(u)<<refBits | Ref(index) }

const (
	refBits = 27
	MaxRef  = 1<<refBits - 1 // the greatest index
)

// Use returns how the item is used, which determines its index space.
func (r Ref) Use() Use { return Use(r >> refBits) }

// Index returns the item's index.
func (r Ref) Index() uint32 { return uint32(r) & MaxRef }

// Use is what an instruction does with an item that it names.
type Use uint8

// Uses. An instruction that names several items has a reference for each.
const (
	UseCall       Use = iota // a function, called; also by return_call
	UseRefFunc               // a function, by ref.func
	UseIndirect              // a type, of call_indirect, call_ref and their return_ variants
	UseType                  // a type, otherwise
	UseGlobal                // a global, read
	UseGlobalSet             // a global, written
	UseTable                 // a table, read: table.get, table.size, table.copy's source
	UseTableCall             // a table, by call_indirect and return_call_indirect
	UseTableWrite            // a table, written: table.set, table.grow, table.fill, table.copy's destination, table.init
	UseMem                   // a memory, in any way
	UseTag                   // a tag
	UseElem                  // an element segment, in any way but elem.drop
	UseElemDrop              // an element segment, dropped
	UseData                  // a data segment, in any way but data.drop
	UseDataDrop              // a data segment, dropped
	UseReturnCall            // in addition to UseCall: the call is a return_call
	NumUses       = 16
)
