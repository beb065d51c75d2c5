package encode

import "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"

// TypeBuilder makes a component or instance type declarator by declarator. Methods that add to an index space of the
// type give the index there.
type TypeBuilder struct {
	decls  []component.Decl
	spaces component.IndexSpaces
}

// NewTypeBuilder gives a builder of an empty type.
func NewTypeBuilder() *TypeBuilder { return &TypeBuilder{} }

// Add appends any declarator and gives the first index it adds, or 0 where it adds none.
func (b *TypeBuilder) Add(d component.Decl) uint32 {
	b.decls = append(b.decls, d)
	_, first, n := b.spaces.Add(d)
	if n == 0 {
		return 0
	}
	return first
}

// Len gives the size of an index space so far.
func (b *TypeBuilder) Len(s component.Space) uint32 { return b.spaces[s] }

// Type declares a type.
func (b *TypeBuilder) Type(def component.TypeDef) uint32 { return b.Add(&component.Type{Def: def}) }

// AliasOuter aliases a type or core type count scopes further out; 1 is what encloses the type.
func (b *TypeBuilder) AliasOuter(count uint32, item component.SortIdx) uint32 {
	return b.Add(outerAlias(count, item))
}

// Export declares an export.
func (b *TypeBuilder) Export(name component.ExternName, t component.ExternType) uint32 {
	return b.Add(&component.Export{Name: name, Type: &t})
}

// Instance gives what was declared as an instance type.
func (b *TypeBuilder) Instance() *component.InstanceDef {
	return &component.InstanceDef{Decls: b.decls}
}
