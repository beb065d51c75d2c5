// This file implements decoding of types.

package decode

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// valType decodes valtype: type codes are negative one-byte SLEB128 integers, and type indices are not negative.
func (r *reader) valType() component.ValType {
	const expected = "a value type"
	b, ok := r.peek()
	if ok && component.Prim(b).Valid() {
		r.pos++
		return component.ValType{Prim: component.Prim(b)}
	}
	start := r.pos
	i := readInt(r, leb128.S33, expected, "")
	if i < 0 {
		r.fail(start, "unexpected byte 0x%02x; expected %s: a primitive one or a type index", b, expected)
		return component.ValType{}
	}
	return component.ValType{Index: uint32(i)}
}

func (r *reader) valTypePtr() *component.ValType {
	t := r.valType()
	return &t
}

// optValType decodes <valtype>?.
func (r *reader) optValType() *component.ValType {
	if !r.boolean("whether there is a value type") {
		return nil
	}
	return r.valTypePtr()
}

// typeDef decodes type.
func (r *reader) typeDef() *component.Type {
	d := &component.Type{At: r.here()}
	const expected = "a type definition"
	b := r.byte(expected)
	switch b {
	case 0x3f:
		def := &component.ResourceDef{Rep: r.coreValType()}
		if r.boolean("whether a resource has a destructor") {
			f := r.u32("a core function index")
			def.Dtor = &f
		}
		d.Def = def
	case 0x40, 0x43:
		d.Def = &component.FuncDef{
			Async:  b == 0x43,
			Params: vec(r, "parameters", r.labelValType),
			Result: r.resultList(),
		}
	case 0x41:
		r.enter("component type")
		d.Def = &component.ComponentDef{Decls: vec(r, "declarators", r.componentDecl)}
		r.leave()
	case 0x42:
		r.enter("instance type")
		d.Def = &component.InstanceDef{Decls: vec(r, "declarators", r.instanceDecl)}
		r.leave()
	default:
		if def := r.valDef(b); def != nil {
			d.Def = def
		} else {
			r.failByte(b, expected)
		}
	}
	return d
}

// valDef decodes the rest of a defvaltype after its first byte, or returns nil if no defvaltype begins with that byte.
func (r *reader) valDef(b byte) *component.ValDef {
	if p := component.Prim(b); p.Valid() {
		return &component.ValDef{Kind: component.KindPrim, Prim: p}
	}
	d := &component.ValDef{Kind: component.ValKind(b)}
	switch d.Kind {
	case component.KindRecord:
		d.Fields = vec(r, "fields", r.labelValType)
	case component.KindVariant:
		d.Fields = vec(r, "cases", r.variantCase)
	case component.KindList, component.KindOption:
		d.Elem = r.valTypePtr()
	case component.KindFixedList:
		d.Elem = r.valTypePtr()
		d.Len = r.u32("a list's length")
	case component.KindTuple:
		d.Types = vec(r, "tuple types", r.valType)
	case component.KindFlags, component.KindEnum:
		d.Labels = vec(r, "labels", r.label)
	case component.KindResult:
		d.Elem = r.optValType()
		d.Err = r.optValType()
	case component.KindOwn, component.KindBorrow:
		d.Resource = r.u32("a type index")
	case component.KindStream, component.KindFuture:
		d.Elem = r.optValType()
	case component.KindMap:
		d.Key = r.valTypePtr()
		d.Elem = r.valTypePtr()
	default:
		return nil
	}
	return d
}

func (r *reader) label() string { return r.name("a label") }

func (r *reader) labelValType() component.Field {
	return component.Field{Label: r.label(), Type: r.valTypePtr()}
}

func (r *reader) variantCase() component.Field {
	f := component.Field{Label: r.label(), Type: r.optValType()}
	r.fixed(0x00, "0x00 at the end of a variant case")
	return f
}

// componentDecl decodes componentdecl.
func (r *reader) componentDecl() component.Decl {
	if b, ok := r.peek(); ok && b == 0x03 {
		r.pos++
		return r.importDef()
	}
	return r.declarator("a declarator of a component type (0x00 to 0x04)")
}

// instanceDecl decodes instancedecl.
func (r *reader) instanceDecl() component.Decl {
	return r.declarator("a declarator of an instance type (0x00, 0x01, 0x02 or 0x04)")
}

func (r *reader) declarator(expected string) component.Decl {
	switch b := r.byte(expected); b {
	case 0x00:
		return r.coreType()
	case 0x01:
		return r.typeDef()
	case 0x02:
		return r.alias()
	case 0x04:
		return r.exportDecl()
	default:
		r.failByte(b, expected)
		return nil
	}
}
