// This file implements scopes and their index spaces.

package validate

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/extname"
)

// scopeKind is the kind of a scope.
type scopeKind uint8

const (
	scopeComponent scopeKind = iota
	scopeComponentType
	scopeInstanceType
)

// scope has the index spaces of a component definition, component type or instance type, as far as they are built.
type scope struct {
	kind   scopeKind
	parent *scope
	path   string // of the enclosing component definitions, for messages

	coreFuncs   []coreTypeID
	coreTables  []corewasm.TableType
	coreMems    []corewasm.MemType
	coreGlobals []corewasm.GlobalType
	coreTags    []coreTypeID
	coreTypes   []coreEntry
	coreInsts   []*coreExports

	space component.Items[entity]

	imports, exports         items
	importNames, exportNames nameSet
	// importedTypes are the types that an import may use, exportedTypes those that an export may use (Explainer.md,
	// "External Visibility of Types"), by identity. Imported types are in both.
	importedTypes, exportedTypes map[*typ]bool

	imported []*resource // introduced by imports, in order
	defined  []*resource // defined, or coming from instances, in order

	// unchecked reports whether the core items are unknown, because some belong to proposals that are not supported. The
	// scope then has none, and what uses them is not checked. Everything else does not depend on them.
	unchecked bool

	size    info // size of the imports and exports
	context corewasm.ValType
}

func newScope(kind scopeKind, parent *scope, path string) *scope {
	return &scope{
		kind: kind, parent: parent, path: path, size: info{size: 1},
		importNames: newNameSet("import"), exportNames: newNameSet("export"),
		importedTypes: map[*typ]bool{}, exportedTypes: map[*typ]bool{},
	}
}

// fresh returns a new abstract resource that the scope owns.
func (s *scope) fresh(name string, imported bool) *resource {
	r := &resource{name: name, owner: s, imported: imported}
	if imported {
		s.imported = append(s.imported, r)
	} else {
		s.defined = append(s.defined, r)
	}
	return r
}

// outer returns the scope that is count steps out, and whether the way there leaves a component definition.
func (s *scope) outer(count uint32) (to *scope, crosses bool, err error) {
	to = s
	for range count {
		if to.parent == nil {
			return nil, false, fmt.Errorf("invalid outer alias count of %d: it is more than the enclosing scopes", count)
		}
		crosses = crosses || to.kind == scopeComponent
		to = to.parent
	}
	return to, crosses, nil
}

func (s *scope) typeAt(i uint32) (*typ, error) {
	e, err := s.space.At(component.SortType, i)
	return e.typ, err
}

// typeOfKind looks a type up that must be of a kind.
func (s *scope) typeOfKind(i uint32, k kind) (*typ, error) {
	t, err := s.typeAt(i)
	if err != nil {
		return nil, err
	}
	if t.kind != k {
		want := k.String()
		if k == kindResource {
			want = "resource type"
		}
		return nil, fmt.Errorf("type index %d is not %s, it is %s", i, a(want), a(t.kind.String()))
	}
	return t, nil
}

// valType resolves a use of a value type.
func (s *scope) valType(v component.ValType) (*typ, error) {
	if v.Prim != 0 {
		t, ok := primTypes[v.Prim]
		if !ok {
			return nil, fmt.Errorf("unknown primitive type 0x%02x", byte(v.Prim))
		}
		return t, nil
	}
	return s.typeOfKind(v.Index, kindValue)
}

// errValues returns the error for gated items: the value section, value imports and exports, and start definitions.
func errValues() error {
	e := diag.New("", "component-level values are not supported: value definitions, imports and exports, and start "+
		"definitions, are a gated feature of the component model")
	e.Proposal = "component values"
	return e
}

// lookup returns the entity of an item. The only core items that are entities are modules.
func (s *scope) lookup(si component.SortIdx) (entity, error) {
	if si.Sort == component.SortValue {
		return entity{}, errValues()
	}
	return s.space.Lookup(si)
}

// push adds an entity to its index space.
func (s *scope) push(e entity) {
	e.ref = nil // is about the declaration
	s.space.Bind(entSorts[e.kind], e)
}

// pushCore adds a core item to its index space.
func (s *scope) pushCore(x coreExtern) {
	switch x.kind {
	case corewasm.ExternFunc:
		s.coreFuncs = append(s.coreFuncs, x.typ)
	case corewasm.ExternTable:
		s.coreTables = append(s.coreTables, x.table)
	case corewasm.ExternMem:
		s.coreMems = append(s.coreMems, x.mem)
	case corewasm.ExternGlobal:
		s.coreGlobals = append(s.coreGlobals, x.global)
	case corewasm.ExternTag:
		s.coreTags = append(s.coreTags, x.typ)
	}
}

// nameSet has the names of a scope's imports or exports: those in use, and the name of each resource type.
type nameSet struct {
	what      string
	taken     map[string]string // canonical to written
	resources map[*typ]string   // identity to label
	labels    map[string]bool   // labels of resources
}

func newNameSet(what string) nameSet {
	return nameSet{what, map[string]string{}, map[*typ]string{}, map[string]bool{}}
}

// take reserves a name, which must be strongly unique.
func (n *nameSet) take(name extname.Name) error {
	canon := name.Canonical()
	if prev, dup := n.taken[canon]; dup {
		return fmt.Errorf("%s name `%s` conflicts with previous name `%s`", n.what, name.Text, prev)
	}
	n.taken[canon] = name.Text
	return nil
}
