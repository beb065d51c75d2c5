// This file implements long sections of types, globals and data segments, which stay encoded and are decoded on demand, because
// decoded entries take ten times the memory.

package corewasm

import (
	"cmp"
	"iter"
	"slices"
	"sync/atomic"
)

// LateTypes is a type section that stays encoded.
type LateTypes struct {
	Groups int      // recursion groups
	N      uint32   // types
	Firsts []uint32 // index of the first type of each group; nil if every group has one type
	// Read decodes a type into a SubType, reusing its memory. It may be called concurrently.
	Read func(i uint32, into *SubType)

	pages []atomic.Pointer[latePage] // types that SubTypeAt returned
}

type latePage [256]atomic.Pointer[SubType]

// NewLateTypes returns the type section of a module.
func NewLateTypes(groups int, n uint32, firsts []uint32, read func(i uint32, into *SubType)) *LateTypes {
	return &LateTypes{Groups: groups, N: n, Firsts: firsts, Read: read, pages: make([]atomic.Pointer[latePage], int(n)/len(latePage{})+1)}
}

// first returns the index of a group's first type.
func (l *LateTypes) first(group int) uint32 {
	if l.Firsts == nil {
		return uint32(group)
	}
	return l.Firsts[group]
}

// group returns the group of the type with an index.
func (l *LateTypes) group(i uint32) int {
	if l.Firsts == nil {
		return int(i)
	}
	// The last group that begins at or before i, because an empty group begins where the next one does.
	at, _ := slices.BinarySearch(l.Firsts, i+1)
	return at - 1
}

func (l *LateTypes) at(i uint32) *SubType {
	if i >= l.N {
		return nil
	}
	page := &l.pages[int(i)/len(latePage{})]
	if page.Load() == nil {
		page.CompareAndSwap(nil, new(latePage))
	}
	slot := &page.Load()[int(i)%len(latePage{})]
	if slot.Load() == nil {
		t := new(SubType)
		l.Read(i, t)
		slot.CompareAndSwap(nil, t)
	}
	return slot.Load()
}

// Group is a recursion group of a module.
type Group struct {
	First uint32 // index of the first type
	N     int    // types

	types   []SubType                     // or, where that is nil:
	read    func(i uint32, into *SubType) // as LateTypes.Read
	scratch *SubType
}

// ReadGroup returns a group of n types that are read when they are asked for, by a function like LateTypes.Read.
func ReadGroup(first uint32, n int, read func(i uint32, into *SubType)) Group {
	return Group{First: first, N: n, read: read, scratch: new(SubType)}
}

// At returns the k-th type, in memory that the next call may reuse.
func (g *Group) At(k int) *SubType {
	if g.read == nil {
		return &g.types[k]
	}
	g.read(g.First+uint32(k), g.scratch)
	return g.scratch
}

// Group returns the types of a group, given the index of the first.
func (g *RecGroup) Group(first uint32) Group {
	return Group{First: first, N: len(g.Types), types: g.Types}
}

// NumTypes returns the number of types in all recursion groups.
func (m *Module) NumTypes() int {
	if m.LateTypes != nil {
		return int(m.LateTypes.N)
	}
	return len(m.flatTypes)
}

// NumGroups returns the number of recursion groups.
func (m *Module) NumGroups() int {
	if m.LateTypes != nil {
		return m.LateTypes.Groups
	}
	return len(m.Types)
}

// GroupTypes returns the range of the types of the recursion group with a number.
func (m *Module) GroupTypes(i int) (first, end uint32) {
	l := m.LateTypes
	if l == nil {
		return m.firsts[i], m.firsts[i] + uint32(len(m.Types[i].Types))
	}
	end = l.N
	if i+1 < l.Groups {
		end = l.first(i + 1)
	}
	return l.first(i), end
}

// GroupsOfTypes returns the number of each type's recursion group.
func (m *Module) GroupsOfTypes() []uint32 {
	groups := make([]uint32, m.NumTypes())
	for g := range m.NumGroups() {
		for i, end := m.GroupTypes(g); i < end; i++ {
			groups[i] = uint32(g)
		}
	}
	return groups
}

// GroupAt returns the recursion group with a number.
func (m *Module) GroupAt(i int) Group { return m.groupAt(i, new(SubType)) }

func (m *Module) groupAt(i int, scratch *SubType) Group {
	first, end := m.GroupTypes(i)
	if m.LateTypes == nil {
		return m.Types[i].Group(first)
	}
	return Group{First: first, N: int(end - first), read: m.LateTypes.Read, scratch: scratch}
}

// EachGroup calls a function for every recursion group until it returns an error.
func (m *Module) EachGroup(visit func(g Group) error) error {
	var scratch SubType
	next := uint32(0)
	for i := range m.NumGroups() {
		var g Group
		if m.LateTypes != nil {
			g = m.groupAt(i, &scratch)
		} else {
			g = m.Types[i].Group(next) // the module may not be indexed
		}
		if err := visit(g); err != nil {
			return err
		}
		next += uint32(g.N)
	}
	return nil
}

// SubTypeAt returns the type with an index, or nil when there is none.
func (m *Module) SubTypeAt(i uint32) *SubType {
	if m.LateTypes != nil {
		return m.LateTypes.at(i)
	}
	if m.flatTypes == nil {
		for g := range m.Types {
			m.firsts = append(m.firsts, uint32(len(m.flatTypes)))
			for t := range m.Types[g].Types {
				m.flatTypes = append(m.flatTypes, &m.Types[g].Types[t])
				m.alone = append(m.alone, len(m.Types[g].Types) == 1)
			}
		}
	}
	if int64(i) >= int64(len(m.flatTypes)) {
		return nil
	}
	return m.flatTypes[i]
}

// aloneInGroup reports whether a type is the only one in its recursion group.
func (m *Module) aloneInGroup(i uint32) bool {
	l := m.LateTypes
	if l == nil {
		return m.alone[i]
	}
	first, end := m.GroupTypes(l.group(i))
	return end-first == 1
}

// LateGlobals is a global section that stays encoded.
type LateGlobals struct {
	N int
	// Read decodes a global. It may be called concurrently.
	Read func(i int) Global
}

// NumGlobals returns the number of globals that the module defines.
func (m *Module) NumGlobals() int {
	if m.LateGlobals != nil {
		return m.LateGlobals.N
	}
	return len(m.Globals)
}

// GlobalAt returns the i-th global that the module defines.
func (m *Module) GlobalAt(i int) Global {
	if m.LateGlobals != nil {
		return m.LateGlobals.Read(i)
	}
	return m.Globals[i]
}

// LateData is a data section that stays encoded. Its segments are active, for memory 0, at constant offsets of one type, neither
// empty nor overlapping, and in their shortest encoding. Linkers write tens of thousands of such segments.
type LateData struct {
	N    int
	Is64 bool      // the type of the offsets
	Runs []DataRun // in the order of the section
}

// DataRun is a number of encoded data segments at ascending offsets.
type DataRun struct {
	Bytes      []byte
	Start, End uint64 // begin of the first segment in the memory, and end of the last one
	// All decodes the segments in order. It may be called concurrently.
	All iter.Seq[Data]
}

// End returns the end of the last segment in the memory.
func (l *LateData) End() (end uint64) {
	for i := range l.Runs {
		end = max(end, l.Runs[i].End)
	}
	return end
}

// Ascending returns the segments by their offsets.
func (l *LateData) Ascending() *LateData {
	runs := slices.Clone(l.Runs)
	slices.SortFunc(runs, func(a, b DataRun) int { return cmp.Compare(a.Start, b.Start) })
	return &LateData{N: l.N, Is64: l.Is64, Runs: runs}
}

// All decodes the segments in order, with their indices.
func (l *LateData) All(yield func(int, Data) bool) {
	n := 0
	for i := range l.Runs {
		for d := range l.Runs[i].All {
			if !yield(n, d) {
				return
			}
			n++
		}
	}
}

// NumData returns the number of data segments.
func (m *Module) NumData() int {
	if m.LateData != nil {
		return m.LateData.N
	}
	return len(m.Data)
}

// AllData returns the data segments and their indices.
func (m *Module) AllData() iter.Seq2[int, Data] {
	if m.LateData != nil {
		return m.LateData.All
	}
	return slices.All(m.Data)
}

// DefinedGlobal returns a global with an index in the index space, which must not be imported.
func (m *Module) DefinedGlobal(index uint32) Global {
	return m.GlobalAt(int(index - m.NumImported(ExternGlobal)))
}
