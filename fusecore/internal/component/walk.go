// This file implements index spaces and what each definition adds to them.

package component

// Space is one of the index spaces of a component (Explainer.md, "Index Spaces").
type Space byte

// Index spaces.
const (
	SpaceCoreFunc Space = iota
	SpaceCoreTable
	SpaceCoreMemory
	SpaceCoreGlobal
	SpaceCoreTag
	SpaceCoreType
	SpaceCoreModule
	SpaceCoreInstance
	SpaceFunc
	SpaceValue
	SpaceType
	SpaceComponent
	SpaceInstance
	NumSpaces = 13
)

var spaceSorts = [NumSpaces]SortIdx{
	SpaceCoreFunc:     {Sort: SortCore, Core: CoreFunc},
	SpaceCoreTable:    {Sort: SortCore, Core: CoreTable},
	SpaceCoreMemory:   {Sort: SortCore, Core: CoreMemory},
	SpaceCoreGlobal:   {Sort: SortCore, Core: CoreGlobal},
	SpaceCoreTag:      {Sort: SortCore, Core: CoreTag},
	SpaceCoreType:     {Sort: SortCore, Core: CoreTypeSort},
	SpaceCoreModule:   {Sort: SortCore, Core: CoreModSort},
	SpaceCoreInstance: {Sort: SortCore, Core: CoreInstSort},
	SpaceFunc:         {Sort: SortFunc},
	SpaceValue:        {Sort: SortValue},
	SpaceType:         {Sort: SortType},
	SpaceComponent:    {Sort: SortComponent},
	SpaceInstance:     {Sort: SortInstance},
}

// SpaceOf returns the index space of a sort; core is only used with SortCore. ok is false for an unknown code.
func SpaceOf(sort Sort, core CoreSort) (s Space, ok bool) {
	for s, k := range spaceSorts {
		if k.Sort == sort && (sort != SortCore || k.Core == core) {
			return Space(s), true
		}
	}
	return 0, false
}

// Item returns the item with an index in the space.
func (s Space) Item(index uint32) SortIdx {
	item := spaceSorts[s]
	item.Index = index
	return item
}

// String returns the keywords of the text format, such as "core func".
func (s Space) String() string {
	if s >= NumSpaces {
		return "unknown space"
	}
	if k := spaceSorts[s]; k.Sort != SortCore {
		return k.Sort.String()
	}
	return spaceSorts[s].Core.String()
}

// Space returns the index space that an import or export with the external type adds to. ok is false for an unknown
// kind.
func (k ExternKind) Space() (s Space, ok bool) {
	switch k {
	case ExternModule:
		return SpaceCoreModule, true
	case ExternFunc:
		return SpaceFunc, true
	case ExternValue:
		return SpaceValue, true
	case ExternTypeBound:
		return SpaceType, true
	case ExternComponent:
		return SpaceComponent, true
	case ExternInstance:
		return SpaceInstance, true
	}
	return 0, false
}

// Adds returns the index space that a definition or declarator adds to, and the number n of indices it adds. The space
// is meaningless if n is 0. Every definition adds to at most one space.
func Adds(d Def) (s Space, n uint32) {
	ok := true
	n = 1
	switch d := d.(type) {
	case *CoreModule:
		s = SpaceCoreModule
	case *CoreInstance:
		s = SpaceCoreInstance
	case *CoreType:
		s = SpaceCoreType
		if d.Rec != nil {
			n = uint32(len(d.Rec.Types))
		}
	case *NestedComponent:
		s = SpaceComponent
	case *Instance:
		s = SpaceInstance
	case *Alias:
		s, ok = SpaceOf(d.Sort, d.Core)
	case *Type:
		s = SpaceType
	case *Canon:
		s = SpaceCoreFunc
		if d.Op == CanonLift {
			s = SpaceFunc
		}
	case *Start:
		s, n = SpaceValue, d.Results
	case *Value:
		s = SpaceValue
	case *Import:
		s, ok = d.Type.Kind.Space()
	case *Export:
		// An export declarator only has a type. An export definition is an alias of its item.
		if d.IsDecl() {
			s, ok = d.Type.Kind.Space()
		} else {
			s, ok = SpaceOf(d.Item.Sort, d.Item.Core)
		}
	default:
		ok = false
	}
	if !ok {
		return 0, 0
	}
	return s, n
}

// IndexSpaces has the size of every index space, at some point in a component or in a component or instance type. The
// zero value is the state before the first definition.
type IndexSpaces [NumSpaces]uint32

// Add accounts for the next definition. It returns the space it adds to, its first index there and the number n of
// indices.
func (s *IndexSpaces) Add(d Def) (space Space, first, n uint32) {
	space, n = Adds(d)
	first = s[space]
	s[space] += n
	return space, first, n
}

// IndexSpaces returns the sizes of the index spaces after all definitions of the component.
func (c *Component) IndexSpaces() IndexSpaces {
	var s IndexSpaces
	for _, d := range c.Defs {
		s.Add(d)
	}
	return s
}
