// This file implements the builder of component and instance types.

package build

import "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"

// TypeBuilder makes a component or instance type, declarator by declarator. Methods that add to an index space of the
// type return the index.
type TypeBuilder struct {
	decls  []component.Decl
	spaces component.IndexSpaces
}

// NewType returns a builder of an empty type.
func NewType() *TypeBuilder { return &TypeBuilder{} }

// Add appends any declarator and returns the first index it adds, or 0 if it adds none.
func (b *TypeBuilder) Add(d component.Decl) uint32 {
	b.decls = append(b.decls, d)
	_, first, n := b.spaces.Add(d)
	if n == 0 {
		return 0
	}
	return first
}

// Len returns the size of an index space so far.
func (b *TypeBuilder) Len(s component.Space) uint32 { return b.spaces[s] }

// Type declares a type.
func (b *TypeBuilder) Type(def component.TypeDef) uint32 { return b.Add(&component.Type{Def: def}) }

// AliasOuter aliases a type or core type of the scope that is count scopes further out; 1 is the enclosing scope.
func (b *TypeBuilder) AliasOuter(count uint32, item component.SortIdx) uint32 {
	return b.Add(outerAlias(count, item))
}

// Export declares an export.
func (b *TypeBuilder) Export(name component.ExternName, t component.ExternType) uint32 {
	return b.Add(&component.Export{Name: name, Type: &t})
}

// Instance returns the declarators as an instance type.
func (b *TypeBuilder) Instance() *component.InstanceDef {
	return &component.InstanceDef{Decls: b.decls}
}
