// This file implements component values in C.

package wasmtime

// #include "wasmtime_api.h"
import "C"

import (
	"fmt"
	"slices"
	"unsafe"
)

// signature converts a function type; result is nil without one.
func (e *Engine) signature(ft *C.wasmtime_component_func_type_t) (params []*typ, result *typ) {
	for i := C.size_t(0); i < C.wasmtime_component_func_type_param_count(ft); i++ {
		var name *C.char
		var n C.size_t
		var t C.ctype
		C.wasmtime_component_func_type_param_nth(ft, i, &name, &n, &t)
		params = append(params, e.typ(&t))
	}
	var t C.ctype
	if C.wasmtime_component_func_type_result(ft, &t) {
		result = e.typ(&t)
	}
	return params, result
}

// typ converts a type and frees it.
func (e *Engine) typ(c *C.ctype) *typ {
	defer C.wasmtime_component_valtype_delete(c)
	t := &typ{kind: kind(c.kind)}
	var sub C.ctype
	add := func(has bool) {
		if has {
			t.types = append(t.types, e.typ(&sub))
		} else {
			t.types = append(t.types, nil)
		}
	}
	var name *C.char
	var n C.size_t
	addName := func() { t.names = append(t.names, C.GoStringN(name, C.int(n))) }
	switch t.kind {
	case kList:
		C.wasmtime_component_list_type_element(c.of, &sub)
		add(true)
	case kOption:
		C.wasmtime_component_option_type_ty(c.of, &sub)
		add(true)
	case kResult:
		add(bool(C.wasmtime_component_result_type_ok(c.of, &sub)))
		add(bool(C.wasmtime_component_result_type_err(c.of, &sub)))
	case kRecord:
		for i := C.size_t(0); i < C.wasmtime_component_record_type_field_count(c.of); i++ {
			C.wasmtime_component_record_type_field_nth(c.of, i, &name, &n, &sub)
			addName()
			add(true)
		}
	case kTuple:
		for i := C.size_t(0); i < C.wasmtime_component_tuple_type_types_count(c.of); i++ {
			C.wasmtime_component_tuple_type_types_nth(c.of, i, &sub)
			add(true)
		}
	case kVariant:
		for i := C.size_t(0); i < C.wasmtime_component_variant_type_case_count(c.of); i++ {
			var has C.bool
			C.wasmtime_component_variant_type_case_nth(c.of, i, &name, &n, &has, &sub)
			addName()
			add(bool(has))
		}
	case kEnum:
		for i := C.size_t(0); i < C.wasmtime_component_enum_type_names_count(c.of); i++ {
			C.wasmtime_component_enum_type_names_nth(c.of, i, &name, &n)
			addName()
		}
	case kFlags:
		for i := C.size_t(0); i < C.wasmtime_component_flags_type_names_count(c.of); i++ {
			C.wasmtime_component_flags_type_names_nth(c.of, i, &name, &n)
			addName()
		}
	case kOwn, kBorrow:
		for i, r := range e.resTypes {
			if bool(C.wasmtime_component_resource_type_equal(r, (*C.wasmtime_component_resource_type_t)(c.of))) {
				t.ofHost, t.host = true, i
				break
			}
		}
	}
	return t
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

var intKinds = map[kind]C.uint8_t{
	kBool: C.VAL_BOOL, kS8: C.VAL_S8, kU8: C.VAL_U8, kS16: C.VAL_S16, kU16: C.VAL_U16, kS32: C.VAL_S32, kU32: C.VAL_U32,
	kS64: C.VAL_S64, kU64: C.VAL_U64, kChar: C.VAL_CHAR,
}

func setName(n *C.wasm_name_t, s string) {
	p, l := cstring(s)
	C.wasm_byte_vec_new(n, l, p)
	C.free(unsafe.Pointer(p))
}

func goName(n *C.wasm_name_t) string { return C.GoStringN(n.data, C.int(n.size)) }

// lower writes v to zeroed C memory.
func (in *Instance) lower(t *typ, v *value, c *C.cval) error {
	switch t.kind {
	case kF32:
		C.set_float(c, C.VAL_F32, C.double(v.f))
	case kF64:
		C.set_float(c, C.VAL_F64, C.double(v.f))
	case kString:
		c.kind = C.VAL_STRING
		setName(C.val_name(c), v.s)
	case kList, kTuple:
		if t.kind == kList {
			C.wasmtime_component_vallist_new_uninit(C.val_list(c), C.size_t(len(v.elems)))
			c.kind = C.VAL_LIST
		} else {
			C.wasmtime_component_valtuple_new_uninit(C.val_list(c), C.size_t(len(v.elems)))
			c.kind = C.VAL_TUPLE
		}
		for i, e := range v.elems {
			et := t.types[0]
			if t.kind == kTuple {
				et = t.types[i]
			}
			if err := in.lower(et, e, C.list_at(c, C.size_t(i))); err != nil {
				return err
			}
		}
	case kRecord:
		C.wasmtime_component_valrecord_new_uninit(C.val_record(c), C.size_t(len(v.elems)))
		c.kind = C.VAL_RECORD
		for i, e := range v.elems {
			f := C.field_at(c, C.size_t(i))
			setName(&f.name, t.names[i])
			if err := in.lower(t.types[i], e, &f.val); err != nil {
				return err
			}
		}
	case kEnum:
		c.kind = C.VAL_ENUM
		setName(C.val_name(c), t.names[v.n])
	case kFlags:
		C.wasmtime_component_valflags_new_uninit(C.val_flags(c), C.size_t(len(v.idx)))
		c.kind = C.VAL_FLAGS
		for i, f := range v.idx {
			setName(C.flag_at(c, C.size_t(i)), t.names[f])
		}
	case kVariant, kOption, kResult:
		return in.lowerCase(t, v, c)
	case kOwn, kBorrow:
		return in.lowerHandle(t, v, c)
	default:
		k, ok := intKinds[t.kind]
		if !ok {
			return fmt.Errorf("values of type kind %d have no text form here", t.kind)
		}
		C.set_int(c, k, C.uint64_t(v.n))
	}
	return nil
}

func (in *Instance) lowerCase(t *typ, v *value, c *C.cval) error {
	var payload *C.cval
	if len(v.elems) > 0 {
		pt := t.types[0]
		if t.kind != kOption {
			pt = t.types[v.n]
		}
		tmp := newValues(1)
		defer C.free(unsafe.Pointer(tmp.p)) // the content moves into payload
		if err := in.lower(pt, v.elems[0], tmp.p); err != nil {
			return err
		}
		payload = C.wasmtime_component_val_new(tmp.p)
	}
	switch t.kind {
	case kVariant:
		c.kind = C.VAL_VARIANT
		setName(C.val_name(c), t.names[v.n])
		C.set_variant_payload(c, payload)
	case kOption:
		c.kind = C.VAL_OPTION
		C.set_option(c, payload)
	case kResult:
		c.kind = C.VAL_RESULT
		C.set_result(c, v.n == 0, payload)
	}
	return nil
}

func (in *Instance) lowerHandle(t *typ, v *value, c *C.cval) error {
	if !t.ofHost {
		if v.n >= uint64(len(in.res)) {
			return fmt.Errorf("no handle res(%d)", v.n)
		}
		C.set_resource(c, C.wasmtime_component_resource_any_clone(in.res[v.n]))
		return nil
	}
	// A borrow can only be created within a call. A handle that the host owns is lent instead, and stays in the host's
	// table.
	h := C.wasmtime_component_resource_host_new(true, C.uint32_t(v.n), C.uint32_t(t.host))
	defer C.wasmtime_component_resource_host_delete(h)
	var r *C.wasmtime_component_resource_any_t
	if err := message(C.wasmtime_component_resource_host_to_any(in.ctx, h, &r)); err != nil {
		return err
	}
	C.set_resource(c, r)
	return nil
}

// lift reads a value from C memory.
func (in *Instance) lift(t *typ, c *C.cval) (*value, error) {
	v := &value{}
	sub := func(st *typ, p *C.cval) error {
		e, err := in.lift(st, p)
		v.elems = append(v.elems, e)
		return err
	}
	switch t.kind {
	case kF32, kF64:
		v.f = float64(C.get_float(c))
	case kString:
		v.s = goName(C.val_name(c))
	case kList, kTuple:
		for i := C.size_t(0); i < C.val_list(c).size; i++ {
			et := t.types[0]
			if t.kind == kTuple {
				et = t.types[i]
			}
			if err := sub(et, C.list_at(c, i)); err != nil {
				return nil, err
			}
		}
	case kRecord:
		for i := range t.types {
			if err := sub(t.types[i], &C.field_at(c, C.size_t(i)).val); err != nil {
				return nil, err
			}
		}
	case kEnum:
		v.n = uint64(slices.Index(t.names, goName(C.val_name(c))))
	case kFlags:
		for i := C.size_t(0); i < C.val_flags(c).size; i++ {
			v.idx = append(v.idx, slices.Index(t.names, goName(C.flag_at(c, i))))
		}
		slices.Sort(v.idx)
	case kVariant:
		v.n = uint64(slices.Index(t.names, goName(C.val_name(c))))
		if p := C.variant_payload(c); p != nil {
			return v, sub(t.types[v.n], p)
		}
	case kOption:
		if p := C.option_payload(c); p != nil {
			v.n = 1
			return v, sub(t.types[0], p)
		}
	case kResult:
		if !C.result_is_ok(c) {
			v.n = 1
		}
		if p := C.result_payload(c); p != nil {
			return v, sub(t.types[v.n], p)
		}
	case kOwn, kBorrow:
		return v, in.liftHandle(t, v, c)
	default:
		v.n = uint64(C.get_int(c))
	}
	return v, nil
}

func (in *Instance) liftHandle(t *typ, v *value, c *C.cval) error {
	if !t.ofHost {
		v.n = uint64(len(in.res))
		in.res = append(in.res, C.wasmtime_component_resource_any_clone(C.val_resource(c)))
		return nil
	}
	var h *C.wasmtime_component_resource_host_t
	if err := message(C.wasmtime_component_resource_any_to_host(in.ctx, C.val_resource(c), &h)); err != nil {
		return err
	}
	v.n = uint64(C.wasmtime_component_resource_host_rep(h))
	C.wasmtime_component_resource_host_delete(h)
	return nil
}

// endBorrows drops the borrows of guest resources within an argument of a host call.
func (in *Instance) endBorrows(t *typ, c *C.cval) error {
	each := func(st *typ, p *C.cval) error {
		if st == nil || p == nil {
			return nil
		}
		return in.endBorrows(st, p)
	}
	switch t.kind {
	case kBorrow:
		if !t.ofHost {
			return message(C.wasmtime_component_resource_any_drop(in.ctx, C.val_resource(c)))
		}
	case kList, kTuple:
		for i := C.size_t(0); i < C.val_list(c).size; i++ {
			et := t.types[0]
			if t.kind == kTuple {
				et = t.types[i]
			}
			if err := each(et, C.list_at(c, i)); err != nil {
				return err
			}
		}
	case kRecord:
		for i := range t.types {
			if err := each(t.types[i], &C.field_at(c, C.size_t(i)).val); err != nil {
				return err
			}
		}
	case kVariant:
		return each(t.types[slices.Index(t.names, goName(C.val_name(c)))], C.variant_payload(c))
	case kOption:
		return each(t.types[0], C.option_payload(c))
	case kResult:
		i := 0
		if !C.result_is_ok(c) {
			i = 1
		}
		return each(t.types[i], C.result_payload(c))
	}
	return nil
}

// abiValue returns a zero value for layout checks in tests, which cannot use cgo.
func abiValue() C.cval { return C.cval{} }
