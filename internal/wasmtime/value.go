// This file implements component values in C.

package wasmtime

// #include "wasmtime_api.h"
import "C"

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/wave"
)

// typeKinds are the constructors of types by the C library's numbers.
var typeKinds = [...]wave.Kind{
	C.TYPE_BOOL: wave.KindBool, C.TYPE_S8: wave.KindS8, C.TYPE_S16: wave.KindS16, C.TYPE_S32: wave.KindS32, C.TYPE_S64: wave.KindS64,
	C.TYPE_U8: wave.KindU8, C.TYPE_U16: wave.KindU16, C.TYPE_U32: wave.KindU32, C.TYPE_U64: wave.KindU64, C.TYPE_F32: wave.KindF32, C.TYPE_F64: wave.KindF64,
	C.TYPE_CHAR: wave.KindChar, C.TYPE_STRING: wave.KindString, C.TYPE_LIST: wave.KindList, C.TYPE_RECORD: wave.KindRecord, C.TYPE_TUPLE: wave.KindTuple,
	C.TYPE_VARIANT: wave.KindVariant, C.TYPE_ENUM: wave.KindEnum, C.TYPE_OPTION: wave.KindOption, C.TYPE_RESULT: wave.KindResult, C.TYPE_FLAGS: wave.KindFlags,
	C.TYPE_OWN: wave.KindOwn, C.TYPE_BORROW: wave.KindBorrow,
}

// guestResource stands for every resource type of guests. The identity of one of the host has its number.
var guestResource = &wave.Resource{ID: -1, Name: "guest-resource"}

// signature converts a function type; result is nil without one. unreadable is an error in the result's type, which only
// matters if a call returns.
func (e *Engine) signature(ft *C.wasmtime_component_func_type_t) (params []*wave.Type, result *wave.Type, unreadable, err error) {
	for i := C.size_t(0); i < C.wasmtime_component_func_type_param_count(ft); i++ {
		var name *C.char
		var n C.size_t
		var t C.ctype
		C.wasmtime_component_func_type_param_nth(ft, i, &name, &n, &t)
		p, failed := e.typ(&t)
		params = append(params, p)
		if err == nil {
			err = failed
		}
	}
	var t C.ctype
	if C.wasmtime_component_func_type_result(ft, &t) {
		result, unreadable = e.typ(&t)
	}
	return params, result, unreadable, err
}

// typ converts a type and frees it.
func (e *Engine) typ(c *C.ctype) (t *wave.Type, err error) {
	defer C.wasmtime_component_valtype_delete(c)
	if int(c.kind) >= len(typeKinds) {
		return &wave.Type{}, fmt.Errorf("values of type kind %d have no text form here", c.kind)
	}
	t = &wave.Type{Kind: typeKinds[c.kind]}
	var sub C.ctype
	part := func(has bool) *wave.Type {
		if !has {
			return nil
		}
		of, failed := e.typ(&sub)
		if err == nil {
			err = failed
		}
		return of
	}
	var name *C.char
	var n C.size_t
	label := func() string { return C.GoStringN(name, C.int(n)) }
	switch t.Kind {
	case wave.KindList:
		C.wasmtime_component_list_type_element(c.of, &sub)
		t.Elem = part(true)
	case wave.KindOption:
		C.wasmtime_component_option_type_ty(c.of, &sub)
		t.Elem = part(true)
	case wave.KindResult:
		t.Elem = part(bool(C.wasmtime_component_result_type_ok(c.of, &sub)))
		t.Err = part(bool(C.wasmtime_component_result_type_err(c.of, &sub)))
	case wave.KindRecord:
		for i := C.size_t(0); i < C.wasmtime_component_record_type_field_count(c.of); i++ {
			C.wasmtime_component_record_type_field_nth(c.of, i, &name, &n, &sub)
			t.Fields = append(t.Fields, wave.Field{Label: label(), Type: part(true)})
		}
	case wave.KindTuple:
		for i := C.size_t(0); i < C.wasmtime_component_tuple_type_types_count(c.of); i++ {
			C.wasmtime_component_tuple_type_types_nth(c.of, i, &sub)
			t.Types = append(t.Types, part(true))
		}
	case wave.KindVariant:
		for i := C.size_t(0); i < C.wasmtime_component_variant_type_case_count(c.of); i++ {
			var has C.bool
			C.wasmtime_component_variant_type_case_nth(c.of, i, &name, &n, &has, &sub)
			t.Fields = append(t.Fields, wave.Field{Label: label(), Type: part(bool(has))})
		}
	case wave.KindEnum:
		for i := C.size_t(0); i < C.wasmtime_component_enum_type_names_count(c.of); i++ {
			C.wasmtime_component_enum_type_names_nth(c.of, i, &name, &n)
			t.Labels = append(t.Labels, label())
		}
	case wave.KindFlags:
		for i := C.size_t(0); i < C.wasmtime_component_flags_type_names_count(c.of); i++ {
			C.wasmtime_component_flags_type_names_nth(c.of, i, &name, &n)
			t.Labels = append(t.Labels, label())
		}
	case wave.KindOwn, wave.KindBorrow:
		t.Resource = guestResource
		for i, r := range e.resTypes {
			if bool(C.wasmtime_component_resource_type_equal(r, (*C.wasmtime_component_resource_type_t)(c.of))) {
				t.Resource = &wave.Resource{ID: i, Name: e.resources[i]}
				break
			}
		}
	}
	return t, err
}

// text are the options of values as text.
var text = wave.Options{Handles: handles{}}

// handles writes the handle of a guest's resource as res(N), for the Nth that an instance has passed out, and that of a
// host's as host(REP). Its value is the number.
type handles struct{}

// handleWord returns the word of a handle.
func handleWord(t *wave.Type) string {
	if t.Resource == guestResource {
		return "res"
	}
	return "host"
}

// Handle implements wave.Handles.
func (handles) Handle(t *wave.Type, word string, number uint32) (any, error) {
	if want := handleWord(t); word != want {
		return nil, fmt.Errorf("expected %s(N)", want)
	}
	return number, nil
}

// Text implements wave.Handles.
func (handles) Text(t *wave.Type, handle any) (string, uint32, error) {
	return handleWord(t), handle.(uint32), nil
}

// values is an array of values in C memory.
type values struct {
	p *C.cval
	n int
}

func newValues(n int) values {
	return values{(*C.cval)(C.calloc(C.size_t(n+1), C.size_t(unsafe.Sizeof(C.cval{})))), n}
}

func (v values) at(i int) *C.cval { return C.val_index(v.p, C.size_t(i)) }

func (v values) free() {
	for i := range v.n {
		C.wasmtime_component_val_delete(v.at(i))
	}
	C.free(unsafe.Pointer(v.p))
}

var intKinds = map[wave.Kind]C.uint8_t{
	wave.KindBool: C.VAL_BOOL, wave.KindS8: C.VAL_S8, wave.KindU8: C.VAL_U8, wave.KindS16: C.VAL_S16, wave.KindU16: C.VAL_U16, wave.KindS32: C.VAL_S32,
	wave.KindU32: C.VAL_U32, wave.KindS64: C.VAL_S64, wave.KindU64: C.VAL_U64, wave.KindChar: C.VAL_CHAR,
}

func setName(n *C.wasm_name_t, s string) {
	p, l := cstring(s)
	C.wasm_byte_vec_new(n, l, p)
	C.free(unsafe.Pointer(p))
}

func goName(n *C.wasm_name_t) string { return C.GoStringN(n.data, C.int(n.size)) }

// lower writes v, a value of the Go type that package wave gives, to zeroed C memory.
func (in *Instance) lower(t *wave.Type, v any, c *C.cval) error {
	switch t.Kind {
	case wave.KindF32:
		C.set_float(c, C.VAL_F32, C.double(v.(float32)))
	case wave.KindF64:
		C.set_float(c, C.VAL_F64, C.double(v.(float64)))
	case wave.KindString:
		c.kind = C.VAL_STRING
		setName(C.val_name(c), v.(string))
	case wave.KindList:
		elems := reflect.ValueOf(v)
		C.wasmtime_component_vallist_new_uninit(C.val_list(c), C.size_t(elems.Len()))
		c.kind = C.VAL_LIST
		for i := range elems.Len() {
			if err := in.lower(t.Elem, elems.Index(i).Interface(), C.list_at(c, C.size_t(i))); err != nil {
				return err
			}
		}
	case wave.KindTuple:
		C.wasmtime_component_valtuple_new_uninit(C.val_list(c), C.size_t(len(t.Types)))
		c.kind = C.VAL_TUPLE
		for i, e := range v.([]any) {
			if err := in.lower(t.Types[i], e, C.list_at(c, C.size_t(i))); err != nil {
				return err
			}
		}
	case wave.KindRecord:
		C.wasmtime_component_valrecord_new_uninit(C.val_record(c), C.size_t(len(t.Fields)))
		c.kind = C.VAL_RECORD
		for i, f := range t.Fields {
			at := C.field_at(c, C.size_t(i))
			setName(&at.name, f.Label)
			if err := in.lower(f.Type, v.(map[string]any)[f.Label], &at.val); err != nil {
				return err
			}
		}
	case wave.KindEnum:
		c.kind = C.VAL_ENUM
		setName(C.val_name(c), v.(string))
	case wave.KindFlags:
		set := v.([]string)
		C.wasmtime_component_valflags_new_uninit(C.val_flags(c), C.size_t(len(set)))
		c.kind = C.VAL_FLAGS
		for i, f := range set {
			setName(C.flag_at(c, C.size_t(i)), f)
		}
	case wave.KindVariant, wave.KindOption, wave.KindResult:
		return in.lowerCase(t, v, c)
	case wave.KindOwn, wave.KindBorrow:
		return in.lowerHandle(t, v.(uint32), c)
	default:
		C.set_int(c, intKinds[t.Kind], C.uint64_t(bitsOf(reflect.ValueOf(v))))
	}
	return nil
}

// bitsOf returns a bool, char or integer as the C library's accessors take it.
func bitsOf(v reflect.Value) uint64 {
	switch {
	case v.CanInt():
		return uint64(v.Int())
	case v.CanUint():
		return v.Uint()
	case v.Bool():
		return 1
	}
	return 0
}

func (in *Instance) lowerCase(t *wave.Type, v any, c *C.cval) error {
	var of *wave.Type
	var value any
	switch x := v.(type) {
	case wave.Variant:
		c.kind = C.VAL_VARIANT
		setName(C.val_name(c), x.Case)
		for _, f := range t.Fields {
			if f.Label == x.Case {
				of, value = f.Type, x.Value
			}
		}
	case wave.Result[any, any]:
		if of, value = t.Elem, x.Ok; x.IsErr {
			of, value = t.Err, x.Err
		}
	default:
		if p := reflect.ValueOf(v); !p.IsNil() {
			of, value = t.Elem, p.Elem().Interface()
		}
	}
	var payload *C.cval
	if of != nil {
		tmp := newValues(1)
		defer C.free(unsafe.Pointer(tmp.p)) // the content moves into payload
		if err := in.lower(of, value, tmp.p); err != nil {
			return err
		}
		payload = C.wasmtime_component_val_new(tmp.p)
	}
	switch x := v.(type) {
	case wave.Variant:
		C.set_variant_payload(c, payload)
	case wave.Result[any, any]:
		c.kind = C.VAL_RESULT
		C.set_result(c, C.bool(!x.IsErr), payload)
	default:
		c.kind = C.VAL_OPTION
		C.set_option(c, payload)
	}
	return nil
}

func (in *Instance) lowerHandle(t *wave.Type, n uint32, c *C.cval) error {
	if t.Resource == guestResource {
		if int64(n) >= int64(len(in.res)) {
			return fmt.Errorf("no handle res(%d)", n)
		}
		C.set_resource(c, C.wasmtime_component_resource_any_clone(in.res[n]))
		return nil
	}
	// A borrow can only be created within a call. A handle that the host owns is lent instead, and stays in the host's
	// table.
	h := C.wasmtime_component_resource_host_new(true, C.uint32_t(n), C.uint32_t(t.Resource.ID))
	defer C.wasmtime_component_resource_host_delete(h)
	var r *C.wasmtime_component_resource_any_t
	if err := message(C.wasmtime_component_resource_host_to_any(in.ctx, h, &r)); err != nil {
		return err
	}
	C.set_resource(c, r)
	return nil
}

// lift reads a value of the Go type that package wave gives from C memory.
func (in *Instance) lift(t *wave.Type, c *C.cval) (v any, err error) {
	switch t.Kind {
	case wave.KindF32:
		return float32(C.get_float(c)), nil
	case wave.KindF64:
		return float64(C.get_float(c)), nil
	case wave.KindString, wave.KindEnum:
		return goName(C.val_name(c)), nil
	case wave.KindList:
		n := int(C.val_list(c).size)
		list := reflect.MakeSlice(wave.GoType(t), n, n)
		for i := range n {
			if v, err = in.lift(t.Elem, C.list_at(c, C.size_t(i))); err != nil {
				return nil, err
			}
			list.Index(i).Set(reflect.ValueOf(v))
		}
		return list.Interface(), nil
	case wave.KindTuple:
		out := make([]any, len(t.Types))
		for i, of := range t.Types {
			if out[i], err = in.lift(of, C.list_at(c, C.size_t(i))); err != nil {
				return nil, err
			}
		}
		return out, nil
	case wave.KindRecord:
		out := map[string]any{}
		for i, f := range t.Fields {
			if out[f.Label], err = in.lift(f.Type, &C.field_at(c, C.size_t(i)).val); err != nil {
				return nil, err
			}
		}
		return out, nil
	case wave.KindFlags:
		set := []string{}
		for i := C.size_t(0); i < C.val_flags(c).size; i++ {
			set = append(set, goName(C.flag_at(c, i)))
		}
		return set, nil
	case wave.KindVariant, wave.KindOption, wave.KindResult:
		return in.liftCase(t, c)
	case wave.KindOwn, wave.KindBorrow:
		return in.liftHandle(t, c)
	}
	n := uint64(C.get_int(c))
	out := reflect.New(wave.GoType(t)).Elem()
	switch {
	case out.CanInt():
		out.SetInt(int64(n))
	case out.CanUint():
		out.SetUint(n)
	default:
		out.SetBool(n != 0)
	}
	return out.Interface(), nil
}

// caseOf returns the name of the case of a value in C memory, with the type and the place of its payload, or nil.
func caseOf(t *wave.Type, c *C.cval) (name string, of *wave.Type, payload *C.cval) {
	switch t.Kind {
	case wave.KindVariant:
		name, payload = goName(C.val_name(c)), C.variant_payload(c)
		for _, f := range t.Fields {
			if f.Label == name {
				of = f.Type
			}
		}
	case wave.KindOption:
		of, payload = t.Elem, C.option_payload(c)
	default:
		if payload = C.result_payload(c); C.result_is_ok(c) {
			name, of = "ok", t.Elem
		} else {
			name, of = "err", t.Err
		}
	}
	if payload == nil {
		of = nil
	}
	return name, of, payload
}

func (in *Instance) liftCase(t *wave.Type, c *C.cval) (any, error) {
	name, of, payload := caseOf(t, c)
	var value any
	if of != nil {
		var err error
		if value, err = in.lift(of, payload); err != nil {
			return nil, err
		}
	}
	switch t.Kind {
	case wave.KindVariant:
		return wave.Variant{Case: name, Value: value}, nil
	case wave.KindResult:
		if name == "ok" {
			return wave.Ok[any, any](value), nil
		}
		return wave.Err[any, any](value), nil
	}
	out := reflect.New(wave.GoType(t)).Elem()
	if of != nil {
		out.Set(reflect.New(out.Type().Elem()))
		out.Elem().Set(reflect.ValueOf(value))
	}
	return out.Interface(), nil
}

func (in *Instance) liftHandle(t *wave.Type, c *C.cval) (any, error) {
	if t.Resource == guestResource {
		in.res = append(in.res, C.wasmtime_component_resource_any_clone(C.val_resource(c)))
		return uint32(len(in.res) - 1), nil
	}
	var h *C.wasmtime_component_resource_host_t
	if err := message(C.wasmtime_component_resource_any_to_host(in.ctx, C.val_resource(c), &h)); err != nil {
		return nil, err
	}
	defer C.wasmtime_component_resource_host_delete(h)
	return uint32(C.wasmtime_component_resource_host_rep(h)), nil
}

// endBorrows drops the borrows of guest resources within an argument of a host call.
func (in *Instance) endBorrows(t *wave.Type, c *C.cval) error {
	switch t.Kind {
	case wave.KindBorrow:
		if t.Resource == guestResource {
			return message(C.wasmtime_component_resource_any_drop(in.ctx, C.val_resource(c)))
		}
	case wave.KindList:
		for i := C.size_t(0); i < C.val_list(c).size; i++ {
			if err := in.endBorrows(t.Elem, C.list_at(c, i)); err != nil {
				return err
			}
		}
	case wave.KindTuple:
		for i, of := range t.Types {
			if err := in.endBorrows(of, C.list_at(c, C.size_t(i))); err != nil {
				return err
			}
		}
	case wave.KindRecord:
		for i, f := range t.Fields {
			if err := in.endBorrows(f.Type, &C.field_at(c, C.size_t(i)).val); err != nil {
				return err
			}
		}
	case wave.KindVariant, wave.KindOption, wave.KindResult:
		if _, of, payload := caseOf(t, c); of != nil {
			return in.endBorrows(of, payload)
		}
	}
	return nil
}

// abiValue returns a zero value for layout checks in tests, which cannot use cgo.
func abiValue() C.cval { return C.cval{} }
