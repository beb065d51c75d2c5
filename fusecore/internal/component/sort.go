// This file implements the text format's names of sorts and types.

package component

import "fmt"

var coreSortNames = map[CoreSort]string{
	CoreFunc: "core func", CoreTable: "core table", CoreMemory: "core memory", CoreGlobal: "core global",
	CoreTag: "core tag", CoreTypeSort: "core type", CoreModSort: "core module", CoreInstSort: "core instance",
}

// String returns the keywords of the text format, such as "core func".
func (s CoreSort) String() string {
	if n, ok := coreSortNames[s]; ok {
		return n
	}
	return fmt.Sprintf("core sort(0x%02x)", byte(s))
}

var sortNames = [...]string{"core", "func", "value", "type", "component", "instance"}

// String returns the keyword of the text format.
func (s Sort) String() string {
	if int(s) < len(sortNames) {
		return sortNames[s]
	}
	return fmt.Sprintf("sort(0x%02x)", byte(s))
}

// String returns the text format, such as "func 3".
func (s SortIdx) String() string {
	return fmt.Sprintf("%s %d", s.Kind(), s.Index)
}

// Kind returns the keywords of the sort in the text format, such as "core func".
func (s SortIdx) Kind() string {
	if s.Sort == SortCore {
		return s.Core.String()
	}
	return s.Sort.String()
}

var primNames = map[Prim]string{
	PrimBool: "bool", PrimS8: "s8", PrimU8: "u8", PrimS16: "s16", PrimU16: "u16", PrimS32: "s32", PrimU32: "u32",
	PrimS64: "s64", PrimU64: "u64", PrimF32: "f32", PrimF64: "f64", PrimChar: "char", PrimString: "string",
	PrimErrorContext: "error-context",
}

// Valid reports whether the code is that of a primitive value type.
func (p Prim) Valid() bool { _, ok := primNames[p]; return ok }

// String returns the keyword of the text format.
func (p Prim) String() string {
	if n, ok := primNames[p]; ok {
		return n
	}
	return fmt.Sprintf("valtype(0x%02x)", byte(p))
}

// Item returns the component-level item of a sort with an index. Those of SortCore are core modules.
func (s Sort) Item(index uint32) SortIdx {
	x := SortIdx{Sort: s, Index: index}
	if s == SortCore {
		x.Core = CoreModSort
	}
	return x
}

// ExportAlias returns the alias of an instance's export of a sort.
func ExportAlias(s Sort, instance uint32, name string) *Alias {
	return &Alias{Sort: s, Core: s.Item(0).Core, Target: AliasExport, Instance: instance, Name: name}
}
