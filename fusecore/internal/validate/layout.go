// This file implements layouts of value types.

package validate

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// layout returns the layout of a value type in a 32-bit or 64-bit memory, computed on demand.
func (v *valType) layout(ptr64 bool) *cabi.Layout {
	slot := &v.layouts[0]
	if ptr64 {
		slot = &v.layouts[1]
	}
	if *slot == nil {
		*slot = v.composeLayout(ptr64)
	}
	return *slot
}

func (v *valType) composeLayout(ptr64 bool) *cabi.Layout {
	of := func(t *typ) *cabi.Layout {
		if t == nil { // of a case without payload
			return nil
		}
		return t.val.layout(ptr64)
	}
	fields := make([]*cabi.Layout, len(v.fields))
	for i, f := range v.fields {
		fields[i] = of(f.t)
	}
	switch v.kind {
	case component.KindPrim:
		return cabi.Prim(ctypes.PrimKind(v.prim), ptr64)
	case component.KindList, component.KindMap:
		return cabi.List(ptr64)
	case component.KindFixedList:
		return cabi.FixedList(of(v.elem), v.len)
	case component.KindRecord:
		return cabi.Record(fields)
	case component.KindTuple:
		return layoutOf(v.types, ptr64)
	case component.KindVariant:
		return cabi.Variant(fields)
	case component.KindEnum:
		return cabi.Variant(make([]*cabi.Layout, len(v.labels)))
	case component.KindOption:
		return cabi.Variant([]*cabi.Layout{nil, of(v.elem)})
	case component.KindResult:
		return cabi.Variant([]*cabi.Layout{of(v.elem), of(v.err)})
	case component.KindFlags:
		return cabi.Flags(len(v.labels))
	}
	return cabi.Handle()
}

// layoutOf returns the layout of a tuple of types.
func layoutOf(ts []*typ, ptr64 bool) *cabi.Layout {
	parts := make([]*cabi.Layout, len(ts))
	for i, t := range ts {
		parts[i] = t.val.layout(ptr64)
	}
	return cabi.Record(parts)
}
