// Package build makes components and their types in code, for tests: a definition at a time, with the index of each.
//
//	b := build.New()
//	m := b.CoreModule(bytes)
//	i := b.CoreInstantiate(m)
//	f := b.AliasCoreExport(i, "f", component.CoreFunc)
//	t := b.Type(&component.FuncDef{})
//	b.ExportFunc("f", b.CanonLift(f, t))
//	bytes := encode.Component(b.Finish())
package build

import (
	"cmp"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// Builder makes a component. Every method that defines something returns its index in the index space of its sort.
// Builder checks nothing: the component is as valid as the calls.
type Builder struct {
	c      component.Component
	spaces component.IndexSpaces
	names  [component.NumSpaces][]component.NameAssoc
}

// New returns a builder of an empty component.
func New() *Builder { return &Builder{} }

// Finish returns the component. The builder must not be used after it.
func (b *Builder) Finish() *component.Component {
	for s, names := range b.names {
		if len(names) == 0 {
			continue
		}
		// A later name replaces an earlier one; name maps are ordered by index.
		slices.SortStableFunc(names, func(x, y component.NameAssoc) int { return cmp.Compare(x.Index, y.Index) })
		last := names[:0]
		for i, n := range names {
			if i+1 == len(names) || names[i+1].Index != n.Index {
				last = append(last, n)
			}
		}
		item := component.Space(s).Item(0)
		b.c.Names = append(b.c.Names, component.SortNames{Sort: item.Sort, Core: item.Core, Names: last})
	}
	return &b.c
}

// Add appends any definition and returns the first index it adds, or 0 if it adds none.
func (b *Builder) Add(d component.Def) uint32 {
	b.c.Defs = append(b.c.Defs, d)
	_, first, n := b.spaces.Add(d)
	if n == 0 {
		return 0
	}
	return first
}

// SetName names the component itself.
func (b *Builder) SetName(name string) { b.c.Name = name }

// NameItem names an item, in the name section.
func (b *Builder) NameItem(item component.SortIdx, name string) {
	if s, ok := component.SpaceOf(item.Sort, item.Core); ok {
		b.names[s] = append(b.names[s], component.NameAssoc{Index: item.Index, Name: name})
	}
}

// Custom appends a custom section.
func (b *Builder) Custom(name string, content []byte) {
	b.Add(&component.Custom{Name: name, Bytes: content})
}

// CoreModule defines a core module by its bytes.
func (b *Builder) CoreModule(module []byte) uint32 {
	return b.Add(&component.CoreModule{Bytes: module})
}

// Component defines a nested component.
func (b *Builder) Component(c *component.Component) uint32 {
	return b.Add(&component.NestedComponent{Component: c})
}

// CoreInstantiate instantiates a core module.
func (b *Builder) CoreInstantiate(module uint32, args ...component.CoreArg) uint32 {
	return b.Add(&component.CoreInstance{Module: module, Args: args})
}

// CoreExports defines a core instance made of the given items.
func (b *Builder) CoreExports(exports ...component.CoreInlineExport) uint32 {
	return b.Add(&component.CoreInstance{Inline: true, Exports: exports})
}

// Instantiate instantiates a component.
func (b *Builder) Instantiate(c uint32, args ...component.Arg) uint32 {
	return b.Add(&component.Instance{Component: c, Args: args})
}

// Exports defines an instance made of the given items.
func (b *Builder) Exports(exports ...component.InlineExport) uint32 {
	return b.Add(&component.Instance{Inline: true, Exports: exports})
}

// AliasExport aliases an export, other than a core module, of an instance.
func (b *Builder) AliasExport(instance uint32, name string, sort component.Sort) uint32 {
	return b.Add(&component.Alias{Sort: sort, Target: component.AliasExport, Instance: instance, Name: name})
}

// AliasModule aliases a core module that an instance exports.
func (b *Builder) AliasModule(instance uint32, name string) uint32 {
	return b.Add(&component.Alias{
		Sort: component.SortCore, Core: component.CoreModSort, Target: component.AliasExport,
		Instance: instance, Name: name,
	})
}

// AliasCoreExport aliases an export of a core instance.
func (b *Builder) AliasCoreExport(instance uint32, name string, sort component.CoreSort) uint32 {
	return b.Add(&component.Alias{
		Sort: component.SortCore, Core: sort, Target: component.AliasCoreExport, Instance: instance, Name: name,
	})
}

// AliasOuter aliases an item of the component that is count components further out. Its sort must be type, component,
// core type or core module.
func (b *Builder) AliasOuter(count uint32, item component.SortIdx) uint32 {
	return b.Add(outerAlias(count, item))
}

func outerAlias(count uint32, item component.SortIdx) *component.Alias {
	return &component.Alias{
		Sort: item.Sort, Core: item.Core, Target: component.AliasOuter, Outer: count, Index: item.Index,
	}
}

// Type defines a type.
func (b *Builder) Type(def component.TypeDef) uint32 { return b.Add(&component.Type{Def: def}) }

// CoreTypes defines the core types of a recursion group and returns the index of the first one.
func (b *Builder) CoreTypes(group corewasm.RecGroup) uint32 {
	return b.Add(&component.CoreType{Rec: &group})
}

// ModuleType defines the type of a core module.
func (b *Builder) ModuleType(t *component.ModuleType) uint32 {
	return b.Add(&component.CoreType{Module: t})
}

// Canon adds a canonical definition. It returns the index of a function for a lift, else of a core function.
func (b *Builder) Canon(c component.Canon) uint32 { return b.Add(&c) }

// CanonLift lifts a core function to a function of a type.
func (b *Builder) CanonLift(coreFunc, typ uint32, opts ...component.CanonOpt) uint32 {
	return b.Add(&component.Canon{Op: component.CanonLift, CoreFunc: coreFunc, Type: typ, Opts: opts})
}

// CanonLower lowers a function to a core function.
func (b *Builder) CanonLower(f uint32, opts ...component.CanonOpt) uint32 {
	return b.Add(&component.Canon{Op: component.CanonLower, Func: f, Opts: opts})
}

// CanonResource adds resource.new, resource.drop or resource.rep of a resource type.
func (b *Builder) CanonResource(op component.CanonOp, resource uint32) uint32 {
	return b.Add(&component.Canon{Op: op, Type: resource})
}

// Import defines an import without attributes.
func (b *Builder) Import(name string, t component.ExternType) uint32 {
	return b.ImportNamed(component.ExternName{Name: name}, t)
}

// ImportNamed defines an import.
func (b *Builder) ImportNamed(name component.ExternName, t component.ExternType) uint32 {
	return b.Add(&component.Import{Name: name, Type: t})
}

// Export defines an export without attributes; t is the type to ascribe, or nil. The returned index is the new one of
// the exported item.
func (b *Builder) Export(name string, item component.SortIdx, t *component.ExternType) uint32 {
	return b.ExportNamed(component.ExternName{Name: name}, item, t)
}

// ExportNamed defines an export.
func (b *Builder) ExportNamed(name component.ExternName, item component.SortIdx, t *component.ExternType) uint32 {
	return b.Add(&component.Export{Name: name, Item: item, Type: t})
}

// ExportFunc exports a function without ascribing a type.
func (b *Builder) ExportFunc(name string, f uint32) uint32 {
	return b.Export(name, component.SortIdx{Sort: component.SortFunc, Index: f}, nil)
}

// ExportInstance exports an instance without ascribing a type.
func (b *Builder) ExportInstance(name string, i uint32) uint32 {
	return b.Export(name, component.SortIdx{Sort: component.SortInstance, Index: i}, nil)
}
