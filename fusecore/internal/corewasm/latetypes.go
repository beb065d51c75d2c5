package corewasm

import (
	"slices"
	"sync/atomic"
)

// LateTypes is a type section that stays as it is in the input, because decoded types take many times the room of their
// bytes: a type is decoded when it is asked for.
type LateTypes struct {
	Groups int      // recursion groups
	N      uint32   // types
	Firsts []uint32 // index of the first type of each group; nil where every group is one type
	// Read decodes a group, in the memory that into has. It may be called concurrently.
	Read func(group int, into *RecGroup)

	pages []atomic.Pointer[latePage] // types that were asked for
}

type latePage [256]atomic.Pointer[SubType]

// NewLateTypes makes the type section of a module.
func NewLateTypes(groups int, n uint32, firsts []uint32, read func(group int, into *RecGroup)) *LateTypes {
	return &LateTypes{Groups: groups, N: n, Firsts: firsts, Read: read, pages: make([]atomic.Pointer[latePage], int(n)/len(latePage{})+1)}
}

// first is the index of a group's first type.
func (l *LateTypes) first(group int) uint32 {
	if l.Firsts == nil {
		return uint32(group)
	}
	return l.Firsts[group]
}

// group is the group of the type with an index.
func (l *LateTypes) group(i uint32) int {
	if l.Firsts == nil {
		return int(i)
	}
	// The last group that begins at i or before it: an empty group begins where the next one does.
	at, _ := slices.BinarySearch(l.Firsts, i+1)
	return at - 1
}

func (l *LateTypes) at(i uint32) *SubType {
	if i >= l.N {
		return nil
	}
	if p := l.pages[int(i)/len(latePage{})].Load(); p != nil {
		if t := p[int(i)%len(latePage{})].Load(); t != nil {
			return t
		}
	}
	var g RecGroup
	group := l.group(i)
	l.Read(group, &g)
	for k := range g.Types {
		at := int(l.first(group)) + k
		page := &l.pages[at/len(latePage{})]
		page.CompareAndSwap(nil, new(latePage))
		page.Load()[at%len(latePage{})].CompareAndSwap(nil, &g.Types[k])
	}
	return l.pages[int(i)/len(latePage{})].Load()[int(i)%len(latePage{})].Load()
}

// NumTypes is the number of types in all recursion groups.
func (m *Module) NumTypes() int {
	if m.Late != nil {
		return int(m.Late.N)
	}
	return len(m.flatTypes)
}

// NumGroups is the number of recursion groups.
func (m *Module) NumGroups() int {
	if m.Late != nil {
		return m.Late.Groups
	}
	return len(m.Types)
}

// GroupAt reads the recursion group with a number into g, and gives the index of its first type.
func (m *Module) GroupAt(i int, g *RecGroup) (first uint32) {
	if m.Late != nil {
		m.Late.Read(i, g)
		return m.Late.first(i)
	}
	*g = m.Types[i]
	return m.firsts[i]
}

// GroupTypes gives the range of the types of the recursion group with a number.
func (m *Module) GroupTypes(i int) (first, end uint32) {
	if m.Late == nil {
		return m.firsts[i], m.firsts[i] + uint32(len(m.Types[i].Types))
	}
	end = m.Late.N
	if i+1 < m.Late.Groups {
		end = m.Late.first(i + 1)
	}
	return m.Late.first(i), end
}

// EachGroup calls a function for every recursion group, with the index of its first type, until there is an error. What g
// points to may change with the next call.
func (m *Module) EachGroup(visit func(first uint32, g *RecGroup) error) error {
	var scratch RecGroup
	next := uint32(0)
	for i := range m.NumGroups() {
		g := &scratch
		if m.Late != nil {
			m.Late.Read(i, g)
		} else {
			g = &m.Types[i]
		}
		if err := visit(next, g); err != nil {
			return err
		}
		next += uint32(len(g.Types))
	}
	return nil
}

// SubTypeAt gives the type with an index, or nil when there is none.
func (m *Module) SubTypeAt(i uint32) *SubType {
	if m.Late != nil {
		return m.Late.at(i)
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

// aloneInGroup says whether a type's recursion group has no other type.
func (m *Module) aloneInGroup(i uint32) bool {
	if m.Late == nil {
		return m.alone[i]
	}
	first, end := m.GroupTypes(m.Late.group(i))
	return end-first == 1
}
