// This file implements interned core types.

package validate

import (
	"fmt"
	"sort"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/typing"
)

// coreTypeID identifies a core type up to equality, across modules and components.
type coreTypeID uint32

// coreTypes interns core types. It is the typing.Space of interned types, in which type indices are coreTypeIDs.
type coreTypes struct {
	types  []*corewasm.SubType // nil for types of long that have not been requested
	long   []corewasm.Group
	groups *typing.Groups
}

// longTypes is the number of types from which a recursion group stays encoded.
const longTypes = 1000

func newCoreTypes() coreTypes { return coreTypes{groups: typing.NewGroups(0)} }

// Def implements typing.Space.
func (c *coreTypes) Def(i uint32) *corewasm.SubType {
	if c.types[i] == nil {
		at := sort.Search(len(c.long), func(k int) bool { return c.long[k].First > i }) - 1
		g := &c.long[at]
		t := *g.At(int(i - g.First))
		c.types[i] = &t
	}
	return c.types[i]
}

// Canon implements typing.Space.
func (c *coreTypes) Canon(i uint32) uint32 { return i }

// intern returns the ID of the first type in a recursion group; those of the others follow. space is the index space of
// the group, without the group.
func (c *coreTypes) intern(g corewasm.Group, space []coreEntry) (coreTypeID, error) {
	outside := func(i uint32) (uint32, error) {
		switch {
		case int64(i) >= int64(len(space)):
			return 0, fmt.Errorf("unknown type %d: type index out of bounds", i)
		case space[i].mod != nil:
			return 0, fmt.Errorf("type %d is a module type, not a type of core values", i)
		}
		return uint32(space[i].id), nil
	}
	first, added, err := c.groups.Add(g, outside)
	if err != nil || !added {
		return coreTypeID(first), err
	}
	id := func(i uint32) (uint32, error) {
		if k := i - g.First; k < uint32(g.N) {
			return first + k, nil
		}
		return outside(i)
	}
	interned := func() corewasm.Group {
		return corewasm.ReadGroup(first, g.N, func(i uint32, into *corewasm.SubType) {
			*into, _ = typing.Renumber(g.At(int(i-first)), id) // every index is valid, since the group has been added
		})
	}
	c.types = append(c.types, make([]*corewasm.SubType, g.N)...)
	group := interned()
	if g.N >= longTypes {
		c.long = append(c.long, group)
	} else {
		for k := range g.N {
			t := *group.At(k)
			c.types[int(first)+k] = &t
		}
	}
	if bad, err := typing.CheckSupers(c, interned()); err != nil {
		return 0, fmt.Errorf("type %d: %w", g.First+uint32(bad), err)
	}
	return coreTypeID(first), nil
}

// appendGroup adds a recursion group to its index space.
func (c *coreTypes) appendGroup(space []coreEntry, g *corewasm.RecGroup) ([]coreEntry, error) {
	first, err := c.intern(g.Group(uint32(len(space))), space)
	for i := range g.Types {
		space = append(space, coreEntry{id: first + coreTypeID(i)})
	}
	return space, err
}

// function returns the ID of a final function type that refers to no other type.
func (c *coreTypes) function(params, results []corewasm.ValType) coreTypeID {
	ft := corewasm.FuncType{Params: params, Results: results}
	id, added := c.groups.Func(ft)
	if added {
		c.types = append(c.types, &corewasm.SubType{Final: true, Kind: corewasm.CompFunc, Func: ft})
	}
	return coreTypeID(id)
}

// funcType returns an interned function type. ok is false if the type is not a function type.
func (c *coreTypes) funcType(id coreTypeID) (ft corewasm.FuncType, ok bool) {
	t := c.Def(uint32(id))
	return t.Func, t.Kind == corewasm.CompFunc
}
