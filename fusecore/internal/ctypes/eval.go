// This file implements the evaluation of type definitions.

package ctypes

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// Scope resolves the type indices used in a type definition.
type Scope interface {
	// ValueType returns the value type with an index. An index of another kind of type is an error.
	ValueType(index uint32) (*Type, error)
	// ResourceType returns the resource type with an index.
	ResourceType(index uint32) (*Resource, error)
}

var prims = map[component.Prim]Kind{
	component.PrimBool: Bool, component.PrimS8: S8, component.PrimU8: U8, component.PrimS16: S16, component.PrimU16: U16,
	component.PrimS32: S32, component.PrimU32: U32, component.PrimS64: S64, component.PrimU64: U64,
	component.PrimF32: F32, component.PrimF64: F64, component.PrimChar: Char, component.PrimString: String,
	component.PrimErrorContext: ErrorContext,
}

// PrimKind returns the constructor of a primitive value type.
func PrimKind(p component.Prim) Kind { return prims[p] }

// EvalUse evaluates a use of a value type. It returns nil for nil.
func EvalUse(s Scope, u *component.ValType) (*Type, error) {
	if u == nil {
		return nil, nil
	}
	if u.Prim == 0 {
		return s.ValueType(u.Index)
	}
	k, ok := prims[u.Prim]
	if !ok {
		return nil, diag.New("", "unknown primitive value type 0x%02x", byte(u.Prim))
	}
	return Prims[k], nil
}

// EvalVal evaluates a defined value type to a new [Type].
func EvalVal(s Scope, d *component.ValDef) (*Type, error) {
	e := evaluator{scope: s}
	var t *Type
	switch d.Kind {
	case component.KindPrim:
		// A definition has an identity, since it can be named: `type size = u64`.
		p, err := EvalUse(s, &component.ValType{Prim: d.Prim})
		if err != nil {
			return nil, err
		}
		return &Type{Kind: p.Kind}, nil
	case component.KindRecord:
		t = &Type{Kind: Record, Fields: e.fields(d.Fields)}
	case component.KindVariant:
		t = &Type{Kind: Variant, Fields: e.fields(d.Fields)}
	case component.KindFlags:
		t = &Type{Kind: Flags, Labels: d.Labels}
	case component.KindEnum:
		t = &Type{Kind: Enum, Labels: d.Labels}
	case component.KindList:
		t = &Type{Kind: List, Elem: e.use(d.Elem)}
	case component.KindFixedList:
		t = &Type{Kind: FixedList, Elem: e.use(d.Elem), Len: d.Len}
	case component.KindTuple:
		t = &Type{Kind: Tuple}
		for i := range d.Types {
			t.Types = append(t.Types, e.use(&d.Types[i]))
		}
	case component.KindOption:
		t = &Type{Kind: Option, Elem: e.use(d.Elem)}
	case component.KindResult:
		t = &Type{Kind: Result, Elem: e.use(d.Elem), Err: e.use(d.Err)}
	case component.KindStream:
		t = &Type{Kind: Stream, Elem: e.use(d.Elem)}
	case component.KindFuture:
		t = &Type{Kind: Future, Elem: e.use(d.Elem)}
	case component.KindMap:
		t = &Type{Kind: Map, Key: e.use(d.Key), Elem: e.use(d.Elem)}
	case component.KindOwn:
		t = &Type{Kind: Own, Resource: e.resource(d.Resource)}
	case component.KindBorrow:
		t = &Type{Kind: Borrow, Resource: e.resource(d.Resource)}
	default:
		return nil, diag.New("", "unknown value type constructor 0x%02x", byte(d.Kind))
	}
	if e.err != nil {
		return nil, e.err
	}
	return t, nil
}

// EvalFunc evaluates a function type.
func EvalFunc(s Scope, d *component.FuncDef) (*Func, error) {
	e := evaluator{scope: s}
	f := &Func{Async: d.Async, Params: e.fields(d.Params), Result: e.use(d.Result)}
	if e.err != nil {
		return nil, e.err
	}
	return f, nil
}

// evaluator keeps the first error, to simplify the cases above.
type evaluator struct {
	scope Scope
	err   error
}

func (e *evaluator) use(u *component.ValType) *Type {
	t, err := EvalUse(e.scope, u)
	if err != nil && e.err == nil {
		e.err = err
	}
	return t
}

func (e *evaluator) resource(i uint32) *Resource {
	r, err := e.scope.ResourceType(i)
	if err != nil && e.err == nil {
		e.err = err
	}
	return r
}

func (e *evaluator) fields(fs []component.Field) []Field {
	out := make([]Field, len(fs))
	for i, f := range fs {
		out[i] = Field{Label: f.Label, Type: e.use(f.Type)}
	}
	return out
}
