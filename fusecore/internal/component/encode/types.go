// This file implements encoding of types.

package encode

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

func appendValType(b []byte, t component.ValType) []byte {
	if t.Prim != 0 {
		return append(b, byte(t.Prim))
	}
	// A type index is a non-negative signed integer; primitive types have negative codes.
	return leb128.AppendS64(b, int64(t.Index))
}

// appendOptValType appends <valtype>?.
func appendOptValType(b []byte, t *component.ValType) []byte {
	b = appendBool(b, t != nil)
	if t != nil {
		b = appendValType(b, *t)
	}
	return b
}

func appendTypeDef(b []byte, def component.TypeDef) []byte {
	switch d := def.(type) {
	case *component.ValDef:
		return appendValDef(b, d)
	case *component.FuncDef:
		code := byte(0x40)
		if d.Async {
			code = 0x43
		}
		b = appendVec(append(b, code), d.Params, appendLabelValType)
		return appendResultList(b, d.Result)
	case *component.ComponentDef:
		return appendVec(append(b, 0x41), d.Decls, appendDecl)
	case *component.InstanceDef:
		return appendVec(append(b, 0x42), d.Decls, appendDecl)
	case *component.ResourceDef:
		b = op.AppendValType(append(b, 0x3f), d.Rep)
		b = appendBool(b, d.Dtor != nil)
		if d.Dtor != nil {
			b = leb128.AppendU32(b, *d.Dtor)
		}
		return b
	}
	panic(fmt.Sprintf("no type definition is a %T", def))
}

func appendLabelValType(b []byte, f component.Field) []byte {
	return appendValType(appendName(b, f.Label), *f.Type)
}

func appendValDef(b []byte, d *component.ValDef) []byte {
	if d.Kind == component.KindPrim {
		return append(b, byte(d.Prim))
	}
	b = append(b, byte(d.Kind))
	switch d.Kind {
	case component.KindRecord:
		return appendVec(b, d.Fields, appendLabelValType)
	case component.KindVariant:
		return appendVec(b, d.Fields, func(b []byte, f component.Field) []byte {
			return append(appendOptValType(appendName(b, f.Label), f.Type), 0x00)
		})
	case component.KindList, component.KindOption:
		return appendValType(b, *d.Elem)
	case component.KindFixedList:
		return leb128.AppendU32(appendValType(b, *d.Elem), d.Len)
	case component.KindTuple:
		return appendVec(b, d.Types, appendValType)
	case component.KindFlags, component.KindEnum:
		return appendVec(b, d.Labels, appendName)
	case component.KindResult:
		return appendOptValType(appendOptValType(b, d.Elem), d.Err)
	case component.KindOwn, component.KindBorrow:
		return leb128.AppendU32(b, d.Resource)
	case component.KindStream, component.KindFuture:
		return appendOptValType(b, d.Elem)
	case component.KindMap:
		return appendValType(appendValType(b, *d.Key), *d.Elem)
	}
	panic(fmt.Sprintf("no value type has the code 0x%02x", byte(d.Kind)))
}

func appendDecl(b []byte, d component.Decl) []byte {
	switch d := d.(type) {
	case *component.CoreType:
		return appendCoreType(append(b, 0x00), d)
	case *component.Type:
		return appendTypeDef(append(b, 0x01), d.Def)
	case *component.Alias:
		return appendAlias(append(b, 0x02), d)
	case *component.Import:
		return appendExternType(appendExternName(append(b, 0x03), d.Name), d.Type)
	case *component.Export:
		return appendExternType(appendExternName(append(b, 0x04), d.Name), *d.Type)
	}
	panic(fmt.Sprintf("no declarator is a %T", d))
}
