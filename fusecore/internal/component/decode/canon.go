// This file implements decoding of canonical definitions.

package decode

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
)

// canon decodes canon. [component.CanonOp.Operands] determines the immediates after the code.
func (r *reader) canon() *component.Canon {
	d := &component.Canon{At: r.here()}
	const expected = "the code of a canonical definition"
	b := r.byte(expected)
	d.Op = component.CanonOp(b)
	operands, ok := d.Op.Operands()
	if !ok {
		if b == 0x08 {
			r.refuse(r.pos-1, "the canonical built-in backpressure.set", "an early draft of async", "build the component with current tools")
		}
		r.failByte(b, expected)
		return d
	}
	for _, o := range operands {
		r.operand(d, o)
	}
	return d
}

func (r *reader) operand(d *component.Canon, o component.Operand) {
	switch o {
	case component.OperandCoreFunc:
		r.fixed(0x00, "0x00 (core func) before the function of a canon lift")
		d.CoreFunc = r.u32("a core function index")
	case component.OperandFunc:
		r.fixed(0x00, "0x00 (func) before the function of a canon lower")
		d.Func = r.u32("a function index")
	case component.OperandType:
		d.Type = r.u32("a type index")
	case component.OperandOpts:
		d.Opts = vec(r, "canonical options", r.canonOpt)
	case component.OperandResult:
		d.Result = r.resultList()
	case component.OperandValType:
		d.ValType = r.coreValType()
	case component.OperandIndex:
		d.Index = r.u32("a context slot")
	case component.OperandAsync:
		d.Async = r.boolean("whether it is async")
	case component.OperandCancellable:
		d.Cancellable = r.boolean("whether it is cancellable")
	case component.OperandShared:
		d.Shared = r.boolean("whether it is shared")
	case component.OperandMemory:
		d.Memory = r.u32("a core memory index")
	case component.OperandCoreType:
		d.CoreType = r.u32("a core type index")
	case component.OperandTable:
		d.Table = r.u32("a core table index")
	}
}

// canonOpt decodes canonopt.
func (r *reader) canonOpt() component.CanonOpt {
	const expected = "a canonical option (0x00 to 0x07)"
	o := component.CanonOpt{Offset: int64(r.pos)}
	b := r.byte(expected)
	o.Kind = component.OptKind(b)
	switch {
	case (o.Kind == component.OptCoreType || o.Kind == component.OptGC) && !r.opt.Unsupported:
		r.refuse(r.pos-1, fmt.Sprintf("the canonical option %s", map[byte]string{0x08: "core-type", 0x09: "gc"}[b]),
			"the proposal to lift and lower through types of core GC", "build the component without it")
	case o.Kind > component.OptGC:
		r.failByte(b, expected)
	case o.Kind.HasIndex():
		o.Index = r.u32("a core memory or function index")
	}
	return o
}

// resultList decodes resultlist.
func (r *reader) resultList() *component.ValType {
	const expected = "0x00 (a result) or 0x01 (none) for a result list"
	switch b := r.byte(expected); b {
	case 0x00:
		t := r.valType()
		return &t
	case 0x01:
		r.fixed(0x00, "0x00, the number of results, after 0x01 for a result list")
	default:
		r.failByte(b, expected)
	}
	return nil
}
