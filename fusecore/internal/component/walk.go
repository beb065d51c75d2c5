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

// SpaceOf gives the index space of a sort; core is looked at only for SortCore. ok is false for a code that stands for
// no sort.
func SpaceOf(sort Sort, core CoreSort) (s Space, ok bool) {
	for s, k := range spaceSorts {
		if k.Sort == sort && (sort != SortCore || k.Core == core) {
			return Space(s), true
		}
	}
	return 0, false
}

// Item names the item with an index in the space.
func (s Space) Item(index uint32) SortIdx {
	item := spaceSorts[s]
	item.Index = index
	return item
}

// String gives the text format's keywords, "core func" for one.
func (s Space) String() string {
	if s >= NumSpaces {
		return "unknown space"
	}
	if k := spaceSorts[s]; k.Sort != SortCore {
		return k.Sort.String()
	}
	return spaceSorts[s].Core.String()
}

// Space gives the index space that a definition of the external type adds to; ok is false for an unknown kind.
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

// Adds says how many indices a definition or declarator adds to which index space: n is 0, and the space means
// nothing, where it adds none. Every definition adds to one space at most.
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
		// An export declarator has only a type; an export definition is an alias of its item.
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

// IndexSpaces is the size of every index space at some point of a component or of a component or instance type. The
// zero value is the state before the first definition.
type IndexSpaces [NumSpaces]uint32

// Add accounts for the next definition. It gives the space it adds to, its first index there and how many it adds; n
// is 0 where it adds none.
func (s *IndexSpaces) Add(d Def) (space Space, first, n uint32) {
	space, n = Adds(d)
	first = s[space]
	s[space] += n
	return space, first, n
}

// IndexSpaces counts all definitions of the component.
func (c *Component) IndexSpaces() IndexSpaces {
	var s IndexSpaces
	for _, d := range c.Defs {
		s.Add(d)
	}
	return s
}
