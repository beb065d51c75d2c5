package component

import "fmt"

var coreSortNames = map[CoreSort]string{
	CoreFunc: "core func", CoreTable: "core table", CoreMemory: "core memory", CoreGlobal: "core global",
	CoreTag: "core tag", CoreTypeSort: "core type", CoreModSort: "core module", CoreInstSort: "core instance",
}

// String gives the text format's keywords, "core func" for one.
func (s CoreSort) String() string {
	if n, ok := coreSortNames[s]; ok {
		return n
	}
	return fmt.Sprintf("core sort(0x%02x)", byte(s))
}

var sortNames = [...]string{"core", "func", "value", "type", "component", "instance"}

// String gives the text format's keyword.
func (s Sort) String() string {
	if int(s) < len(sortNames) {
		return sortNames[s]
	}
	return fmt.Sprintf("sort(0x%02x)", byte(s))
}

// String gives the text format, "func 3" for one.
func (s SortIdx) String() string {
	return fmt.Sprintf("%s %d", s.Kind(), s.Index)
}

// Kind gives the text format's keywords of the sort, "core func" for one.
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

// Valid says whether the code stands for a primitive value type.
func (p Prim) Valid() bool { _, ok := primNames[p]; return ok }

// String gives the text format's keyword.
func (p Prim) String() string {
	if n, ok := primNames[p]; ok {
		return n
	}
	return fmt.Sprintf("valtype(0x%02x)", byte(p))
}
