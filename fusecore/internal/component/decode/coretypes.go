// This file implements decoding of core types and module types.

package decode

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// Codes of the core binary format that precede composite types.
const (
	codeRec      = 0x4e
	codeSubFinal = 0x4f
	codeSub      = 0x50 // a core:type that begins with it is a module type; a sub follows 0x00
)

// coreType decodes core:type.
func (r *reader) coreType() *component.CoreType {
	d := &component.CoreType{At: r.here()}
	b, _ := r.peek()
	switch b {
	case codeSub:
		r.pos++
		r.enter("module type")
		d.Module = &component.ModuleType{Decls: vec(r, "declarators", r.moduleDecl)}
		r.leave()
	case 0x00:
		r.byte("a core type")
		if b, ok := r.peek(); ok && b != codeSub {
			r.fail(r.pos, "unexpected byte 0x%02x; expected 0x50 (sub) after 0x00 in a core type", b)
		}
		d.Rec = &corewasm.RecGroup{Types: []corewasm.SubType{r.subType()}}
	case codeRec:
		r.pos++
		d.Rec = &corewasm.RecGroup{Types: vec(r, "types in a recursion group", r.subType)}
	default:
		d.Rec = &corewasm.RecGroup{Types: []corewasm.SubType{r.subType()}}
	}
	return d
}

// moduleDecl decodes core:moduledecl.
func (r *reader) moduleDecl() component.ModuleDecl {
	const expected = "a declarator of a module type (0x00 to 0x03)"
	switch b := r.byte(expected); b {
	case 0x00:
		i := corewasm.Import{Offset: int64(r.pos)}
		i.Module = r.name("an import's module name")
		i.Name = r.name("an import's name")
		r.coreExternType(&i)
		return component.ModuleDecl{Import: &i}
	case 0x01:
		return component.ModuleDecl{Type: r.coreType()}
	case 0x02:
		a := &component.Alias{
			At: r.here(), Sort: component.SortCore, Core: component.CoreTypeSort, Target: component.AliasOuter,
		}
		r.fixed(byte(component.CoreTypeSort), "0x10 (type) for the sort of an alias in a module type")
		r.fixed(0x01, "0x01 (outer) for the target of an alias in a module type")
		a.Outer = r.u32("the number of scopes to go out")
		a.Index = r.u32("a core type index")
		return component.ModuleDecl{Alias: a}
	case 0x03:
		var e component.CoreExtern
		e.Offset = int64(r.pos)
		e.Name = r.name("an export's name")
		r.coreExternType(&e.Import)
		return component.ModuleDecl{Export: &e}
	default:
		r.failByte(b, expected)
		return component.ModuleDecl{}
	}
}

// subType decodes core:subtype.
func (r *reader) subType() corewasm.SubType {
	t := corewasm.SubType{Final: true}
	if b, ok := r.peek(); ok && (b == codeSub || b == codeSubFinal) {
		r.pos++
		t.Final = b == codeSubFinal
		t.Supers = vec(r, "supertypes", func() uint32 { return r.u32("a core type index") })
	}
	const expected = "a function, struct or array type (0x60, 0x5f or 0x5e)"
	b := r.byte(expected)
	t.Kind = corewasm.CompKind(b)
	switch t.Kind {
	case corewasm.CompFunc:
		t.Func.Params = vec(r, "parameters", r.coreValType)
		t.Func.Results = vec(r, "results", r.coreValType)
	case corewasm.CompStruct:
		t.Fields = vec(r, "fields", r.fieldType)
	case corewasm.CompArray:
		t.Fields = []corewasm.FieldType{r.fieldType()}
	default:
		r.refuseCore(r.pos-1, "this type", op.DefProposal(b))
		r.failByte(b, expected)
	}
	return t
}

// refuseCore rejects a proposal for the core specification, unless its name is empty.
func (r *reader) refuseCore(pos int, what, proposal string) {
	if proposal != "" {
		r.failed(op.Unsupported(int64(pos), what, proposal))
	}
}

func (r *reader) fieldType() corewasm.FieldType {
	var f corewasm.FieldType
	if b, ok := r.peek(); ok && (b == corewasm.CodeI8 || b == corewasm.CodeI16) {
		r.pos++
		f.Storage.Code = b
	} else {
		f.Storage = r.coreValType()
	}
	f.Mutable = r.boolean("a mutability")
	return f
}

// coreValType decodes core:valtype.
func (r *reader) coreValType() corewasm.ValType { return readCore(r, (*op.Cursor).ValType) }

// readCore decodes a production of the core binary format with the core reader.
func readCore[T any](r *reader, read func(*op.Cursor) T) T {
	var zero T
	if !r.ok() {
		return zero
	}
	c := op.Cursor{B: r.data[:r.end], Pos: r.pos}
	v := read(&c)
	r.pos = c.Pos
	if r.failed(c.Err) {
		return zero
	}
	return v
}

// coreExternType decodes core:externtype.
func (r *reader) coreExternType(i *corewasm.Import) {
	const expected = "a core external type (0x00 to 0x04)"
	b := r.byte(expected)
	i.Kind = corewasm.ExternKind(b)
	switch i.Kind {
	case corewasm.ExternFunc:
		i.Func = r.u32("a core type index")
	case corewasm.ExternTable:
		i.Table.Elem = readCore(r, (*op.Cursor).RefType)
		i.Table.Limits, _ = r.limits(flagMax | flag64)
	case corewasm.ExternMem:
		i.Mem.Limits, i.Mem.PageSizeLog2 = r.limits(flagMax | flagShared | flag64 | flagPageSize)
	case corewasm.ExternGlobal:
		i.Global.Type = r.coreValType()
		i.Global.Mutable = r.boolean("a mutability")
	case corewasm.ExternTag:
		r.fixed(0x00, "0x00 (exception) for the attribute of a tag")
		i.Tag = r.u32("a core type index")
	default:
		r.failByte(b, expected)
	}
}

// Flags of limits.
const (
	flagMax      = 0x01
	flagShared   = 0x02
	flag64       = 0x04
	flagPageSize = 0x08
)

// defaultPageSizeLog2 is the default page size of memories: 64 KiB.
const defaultPageSizeLog2 = 16

// limits decodes core:limits with the allowed flags, and a page size if its flag is set.
func (r *reader) limits(allowed byte) (l corewasm.Limits, pageSizeLog2 uint32) {
	flags := r.byte("limits")
	if flags&^allowed == flagShared {
		r.refuseCore(r.pos-1, "a shared table", op.SharedEverything)
	}
	if flags&^allowed != 0 {
		r.fail(r.pos-1, "unexpected flags 0x%02x of limits; expected none outside of 0x%02x", flags, allowed)
	}
	l.HasMax, l.Shared, l.Is64 = flags&flagMax != 0, flags&flagShared != 0, flags&flag64 != 0
	l.Min = readInt(r, leb128.U64, "a minimum", "")
	if l.HasMax {
		l.Max = readInt(r, leb128.U64, "a maximum", "")
	}
	pageSizeLog2 = defaultPageSizeLog2
	if flags&flagPageSize != 0 {
		pageSizeLog2 = r.u32("a page size")
	}
	return l, pageSizeLog2
}
