// This file implements values and scopes of evaluation.

package instantiate

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// item is the value of an entry in a component-level index space. sort determines which field is used.
type item struct {
	sort   component.Sort
	fn     graph.FuncID
	module *moduleVal
	typ    *typeVal
	comp   *compVal
	inst   *instVal
	// decl is the type with which a function is exported, if the export declares one, else nil.
	decl *ctypes.Func
}

// typeVal is a type; exactly one field is set.
type typeVal struct {
	val *ctypes.Type
	fn  *ctypes.Func
	res *ctypes.Resource
	def *typeClosure // a component or instance type
}

// typeClosure is a component or instance type with the scope that its outer aliases refer to.
type typeClosure struct {
	comp *component.ComponentDef
	inst *component.InstanceDef
	env  *scope
}

// coreTypeVal is a core type, or a recursion group of them, with the scope that it refers to.
type coreTypeVal struct {
	def *component.CoreType
	env *scope
}

// bindCoreTypes appends core types to their index space.
func (s *scope) bindCoreTypes(d *component.CoreType) {
	t := &coreTypeVal{d, s}
	_, n := component.Adds(d)
	for range n {
		s.coreTypes = append(s.coreTypes, t)
	}
}

// moduleVal is a core module: a definition, or an opaque one if def is nil.
type moduleVal struct {
	def    *component.CoreModule
	opaque graph.OpaqueID
}

// compVal is a component with the scope that its outer aliases refer to, or an opaque one.
type compVal struct {
	c   *component.Component
	env *scope
	// name is the name of its instances in paths, or empty.
	name string
	// opaque is the component if c is nil.
	opaque graph.OpaqueID
}

// instVal is a component instance as seen from outside: its exports in order.
type instVal struct {
	names []string
	items map[string]item
	// imported is the path of an instance that the host supplies.
	imported []string
}

func newInstVal() *instVal { return &instVal{items: map[string]item{}} }

func (v *instVal) add(name string, it item) {
	if _, dup := v.items[name]; !dup {
		v.names = append(v.names, name)
	}
	v.items[name] = it
}

// coreInstVal is a core instance: a bundle of items, or an instantiated module if exports is nil.
type coreInstVal struct {
	exports map[string]graph.CoreRef
	core    graph.CoreID
}

// scope has the index spaces of a component or of a component or instance type. A type's scope has only types and
// instances.
type scope struct {
	outer *scope
	space component.Items[item]

	// coreTypes only describe: evaluation uses the modules themselves.
	coreTypes []*coreTypeVal
	core      [corewasm.NumExterns][]graph.CoreRef
	coreInsts []*coreInstVal
}

// at returns the scope that is n steps out.
func (s *scope) at(n uint32) *scope {
	for ; n > 0 && s != nil; n-- {
		s = s.outer
	}
	return s
}

// ValueType implements ctypes.Scope.
func (s *scope) ValueType(i uint32) (*ctypes.Type, error) {
	t, err := s.typeAt(i)
	if err != nil {
		return nil, err
	}
	if t.val == nil {
		return nil, wrongSort("type", i, "a value type")
	}
	return t.val, nil
}

// ResourceType implements ctypes.Scope.
func (s *scope) ResourceType(i uint32) (*ctypes.Resource, error) {
	t, err := s.typeAt(i)
	if err != nil {
		return nil, err
	}
	if t.res == nil {
		return nil, wrongSort("type", i, "a resource type")
	}
	return t.res, nil
}

func (s *scope) funcType(i uint32) (*ctypes.Func, error) {
	t, err := s.typeAt(i)
	if err != nil {
		return nil, err
	}
	if t.fn == nil {
		return nil, wrongSort("type", i, "a function type")
	}
	return t.fn, nil
}

func (s *scope) instanceType(i uint32) (*typeClosure, error) {
	t, err := s.typeAt(i)
	if err != nil {
		return nil, err
	}
	if t.def == nil || t.def.inst == nil {
		return nil, wrongSort("type", i, "an instance type")
	}
	return t.def, nil
}

func (s *scope) typeAt(i uint32) (*typeVal, error) {
	it, err := s.space.At(component.SortType, i)
	return it.typ, err
}

// bind appends an item to the index space of its sort.
func (s *scope) bind(it item) {
	it.decl = nil // only for the export
	s.space.Bind(it.sort, it)
}

// lookup returns the item with an index of a sort.
func (s *scope) lookup(x component.SortIdx) (item, error) {
	if x.Sort == component.SortValue {
		return item{}, errValues()
	}
	return s.space.Lookup(x)
}
