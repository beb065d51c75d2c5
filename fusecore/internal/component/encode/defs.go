// This file implements encoding of instances, aliases, canonical definitions, imports and exports.

package encode

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

func appendSort(b []byte, s component.Sort, core component.CoreSort) []byte {
	b = append(b, byte(s))
	if s == component.SortCore {
		b = append(b, byte(core))
	}
	return b
}

func appendSortIdx(b []byte, s component.SortIdx) []byte {
	return leb128.AppendU32(appendSort(b, s.Sort, s.Core), s.Index)
}

func appendCoreInstance(b []byte, d *component.CoreInstance) []byte {
	if d.Inline {
		return appendVec(append(b, 0x01), d.Exports, func(b []byte, e component.CoreInlineExport) []byte {
			b = append(appendName(b, e.Name), byte(e.Item.Sort))
			return leb128.AppendU32(b, e.Item.Index)
		})
	}
	b = leb128.AppendU32(append(b, 0x00), d.Module)
	return appendVec(b, d.Args, func(b []byte, a component.CoreArg) []byte {
		b = append(appendName(b, a.Name), byte(component.CoreInstSort))
		return leb128.AppendU32(b, a.Instance)
	})
}

func appendInstance(b []byte, d *component.Instance) []byte {
	if d.Inline {
		return appendVec(append(b, 0x01), d.Exports, func(b []byte, e component.InlineExport) []byte {
			return appendSortIdx(appendExternName(b, e.Name), e.Item)
		})
	}
	b = leb128.AppendU32(append(b, 0x00), d.Component)
	return appendVec(b, d.Args, func(b []byte, a component.Arg) []byte {
		return appendSortIdx(appendName(b, a.Name), a.Item)
	})
}

func appendAlias(b []byte, d *component.Alias) []byte {
	b = append(appendSort(b, d.Sort, d.Core), byte(d.Target))
	if d.Target == component.AliasOuter {
		return leb128.AppendU32(leb128.AppendU32(b, d.Outer), d.Index)
	}
	return appendName(leb128.AppendU32(b, d.Instance), d.Name)
}

// appendExternName appends nameattributes, in the plain form if Attributes is nil.
func appendExternName(b []byte, n component.ExternName) []byte {
	if n.Attributes == nil {
		return appendName(append(b, 0x00), n.Name)
	}
	b = appendName(append(b, 0x02), n.Name)
	return appendVec(b, *n.Attributes, func(b []byte, a component.Attribute) []byte {
		return appendName(append(b, byte(a.Kind)), a.Value)
	})
}

func appendExternType(b []byte, t component.ExternType) []byte {
	b = append(b, byte(t.Kind))
	switch t.Kind {
	case component.ExternModule:
		b = append(b, byte(component.CoreModSort))
	case component.ExternValue:
		if t.Value != nil {
			return appendValType(append(b, 0x01), *t.Value)
		}
		b = append(b, 0x00)
	case component.ExternTypeBound:
		if t.SubResource {
			return append(b, 0x01)
		}
		b = append(b, 0x00)
	}
	return leb128.AppendU32(b, t.Index)
}

func appendCanon(b []byte, d *component.Canon) []byte {
	operands, ok := d.Op.Operands()
	if !ok {
		panic("no canonical definition has the code " + d.Op.String())
	}
	b = append(b, byte(d.Op))
	for _, o := range operands {
		b = appendOperand(b, d, o)
	}
	return b
}

func appendOperand(b []byte, d *component.Canon, o component.Operand) []byte {
	switch o {
	case component.OperandCoreFunc:
		return leb128.AppendU32(append(b, 0x00), d.CoreFunc)
	case component.OperandFunc:
		return leb128.AppendU32(append(b, 0x00), d.Func)
	case component.OperandType:
		return leb128.AppendU32(b, d.Type)
	case component.OperandOpts:
		return appendVec(b, d.Opts, func(b []byte, o component.CanonOpt) []byte {
			b = append(b, byte(o.Kind))
			if o.Kind.HasIndex() {
				b = leb128.AppendU32(b, o.Index)
			}
			return b
		})
	case component.OperandResult:
		return appendResultList(b, d.Result)
	case component.OperandValType:
		return op.AppendValType(b, d.ValType)
	case component.OperandIndex:
		return leb128.AppendU32(b, d.Index)
	case component.OperandAsync:
		return appendBool(b, d.Async)
	case component.OperandCancellable:
		return appendBool(b, d.Cancellable)
	case component.OperandShared:
		return appendBool(b, d.Shared)
	case component.OperandMemory:
		return leb128.AppendU32(b, d.Memory)
	case component.OperandCoreType:
		return leb128.AppendU32(b, d.CoreType)
	case component.OperandTable:
		return leb128.AppendU32(b, d.Table)
	}
	panic("unknown operand of " + d.Op.String())
}

func appendResultList(b []byte, t *component.ValType) []byte {
	if t == nil {
		return append(b, 0x01, 0x00)
	}
	return appendValType(append(b, 0x00), *t)
}
