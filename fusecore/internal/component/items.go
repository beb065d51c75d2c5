// This file implements index spaces of evaluated items.

package component

import (
	"fmt"
	"slices"
)

// Items are the component-level index spaces of a component, component type or instance type, as far as its definitions
// have been evaluated. T is the evaluator's representation of an item. The items of SortCore are core modules.
type Items[T any] struct{ spaces [SortInstance + 1][]T }

// Reserve makes room for all items of a component.
func (s *Items[T]) Reserve(n IndexSpaces) {
	for sort, space := range map[Sort]Space{
		SortCore: SpaceCoreModule, SortFunc: SpaceFunc, SortType: SpaceType, SortComponent: SpaceComponent, SortInstance: SpaceInstance,
	} {
		s.spaces[sort] = slices.Grow(s.spaces[sort], int(n[space]))
	}
}

// Bind adds an item to the index space of a sort.
func (s *Items[T]) Bind(sort Sort, item T) { s.spaces[sort] = append(s.spaces[sort], item) }

// Len returns how many items an index space has.
func (s *Items[T]) Len(sort Sort) int { return len(s.spaces[sort]) }

// At returns an item by its index.
func (s *Items[T]) At(sort Sort, i uint32) (T, error) {
	return Pick(s.spaces[sort], i, [...]string{"module", "function", "value", "type", "component", "instance"}[sort])
}

// Lookup returns the item that a sortidx names, which may be one of SortValue.
func (s *Items[T]) Lookup(x SortIdx) (item T, err error) {
	switch {
	case x.Sort > SortInstance:
		return item, fmt.Errorf("unknown sort 0x%02x", byte(x.Sort))
	case x.Sort == SortCore && x.Core != CoreModSort:
		return item, fmt.Errorf("%s is not allowed here: the only core items are modules", x.Kind())
	}
	return s.At(x.Sort, x.Index)
}

// Pick returns the item with an index in an index space; what names an item of the space in the error.
func Pick[T any](space []T, i uint32, what string) (item T, err error) {
	if int64(i) >= int64(len(space)) {
		return item, fmt.Errorf("unknown %s %d: %s index out of bounds, there are %d so far", what, i, what, len(space))
	}
	return space[i], nil
}
