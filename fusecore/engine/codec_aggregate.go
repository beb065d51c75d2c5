// This file implements lifting and lowering of records, tuples and variants.

package engine

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// tag is the key of the struct tag that gives the WIT name of a field.
const tag = "wit"

// structFields returns the position in a struct of each of several WIT names. A field has the name of its tag
// `wit:"the-name"`, or is meant by its own in Go's way: TheName.
func structFields(g reflect.Type, labels []string) ([]int, error) {
	out := make([]int, len(labels))
	used := 0
	for i, label := range labels {
		out[i] = -1
		for f := range g.NumField() {
			field := g.Field(f)
			name, tagged := field.Tag.Lookup(tag)
			if field.IsExported() && (tagged && name == label || !tagged && strings.EqualFold(field.Name, strings.ReplaceAll(label, "-", ""))) {
				out[i] = f
				break
			}
		}
		if out[i] < 0 {
			return nil, fmt.Errorf("the Go type %v has no field for %s", g, label)
		}
		used++
	}
	exported := 0
	for f := range g.NumField() {
		if field := g.Field(f); field.IsExported() && field.Tag.Get(tag) != "-" {
			exported++
		}
	}
	if exported != used {
		return nil, fmt.Errorf("the Go type %v has fields for other than %s", g, strings.Join(labels, ", "))
	}
	return out, nil
}

// record converts records and tuples.
type record struct {
	parts []part
	begin func(v reflect.Value) // prepares a value to be filled, or is nil
	check func(v reflect.Value) // of a value of the host, or nil
}

// part is a field of a record or an element of a tuple.
type part struct {
	codec
	offset uint32
	get    func(v reflect.Value) reflect.Value // of a value of the host
	set    func(v, part reflect.Value)         // nil if what get returns can be filled
	g      reflect.Type
}

func (in *Instance) recordCodec(t *Type, g reflect.Type) (codec, error) {
	r := &record{}
	n := len(t.Types)
	labels := make([]string, len(t.Fields))
	if t.Kind == ctypes.Record {
		n = len(t.Fields)
		for i, f := range t.Fields {
			labels[i] = f.Label
		}
	}
	r.parts = make([]part, n)
	var err error
	switch {
	case g.Kind() == reflect.Struct:
		err = r.ofStruct(t, g, labels)
	case t.Kind == ctypes.Record && g.Kind() == reflect.Map && g.Key().Kind() == reflect.String:
		r.ofMap(g, labels)
	case t.Kind == ctypes.Tuple && (g.Kind() == reflect.Slice || g.Kind() == reflect.Array && g.Len() == n):
		r.ofSlice(g)
	default:
		err = mismatch(t, g)
	}
	if err != nil {
		return nil, err
	}
	layout := in.layout(t)
	for i := range r.parts {
		p := &r.parts[i]
		if p.codec, err = in.codec(layout.Parts[i], p.g); err != nil {
			if t.Kind == ctypes.Record {
				return nil, fmt.Errorf("field %s: %w", labels[i], err)
			}
			return nil, fmt.Errorf("element %d: %w", i+1, err)
		}
		p.offset = uint32(layout.Offsets[i])
	}
	return r, nil
}

func (r *record) ofStruct(t *Type, g reflect.Type, labels []string) (err error) {
	var fields []int
	if t.Kind == ctypes.Record {
		fields, err = structFields(g, labels)
	} else {
		for f := range g.NumField() {
			if g.Field(f).IsExported() {
				fields = append(fields, f)
			}
		}
		if len(fields) != len(r.parts) {
			err = fmt.Errorf("the Go type %v has %d fields, but %v has %d elements", g, len(fields), t, len(r.parts))
		}
	}
	if err != nil {
		return err
	}
	for i, f := range fields {
		r.parts[i].g = g.Field(f).Type
		r.parts[i].get = func(v reflect.Value) reflect.Value { return v.Field(f) }
	}
	return nil
}

func (r *record) ofMap(g reflect.Type, labels []string) {
	r.begin = func(v reflect.Value) { v.Set(reflect.MakeMapWithSize(g, len(labels))) }
	r.check = func(v reflect.Value) {
		for _, key := range v.MapKeys() {
			if !slices.Contains(labels, key.String()) {
				badValue("the record has no field %q", key)
			}
		}
	}
	for i, label := range labels {
		key := reflect.ValueOf(label).Convert(g.Key())
		p := &r.parts[i]
		p.g = g.Elem()
		p.set = func(v, part reflect.Value) { v.SetMapIndex(key, part) }
		p.get = func(v reflect.Value) reflect.Value {
			x := v.MapIndex(key)
			if !x.IsValid() {
				return reflect.Zero(g.Elem()) // an option may be absent; of other types, nil is none
			}
			return x
		}
	}
}

func (r *record) ofSlice(g reflect.Type) {
	n := len(r.parts)
	if g.Kind() == reflect.Slice {
		r.begin = func(v reflect.Value) { v.Set(reflect.MakeSlice(g, n, n)) }
		r.check = func(v reflect.Value) {
			if v.Len() != n {
				badValue("the tuple has %d elements, not %d", v.Len(), n)
			}
		}
	}
	for i := range n {
		r.parts[i].g = g.Elem()
		r.parts[i].get = func(v reflect.Value) reflect.Value { return v.Index(i) }
	}
}

// fill calls f with each part of a value from a guest.
func (r *record) fill(v reflect.Value, f func(p *part, x reflect.Value)) {
	if r.begin != nil {
		r.begin(v)
	}
	for i := range r.parts {
		p := &r.parts[i]
		if p.set == nil {
			f(p, p.get(v))
			continue
		}
		x := reflect.New(p.g).Elem()
		f(p, x)
		p.set(v, x)
	}
}

// each calls f with each part of a value of the host.
func (r *record) each(v reflect.Value, f func(p *part, x reflect.Value)) {
	if r.check != nil {
		r.check(v)
	}
	for i := range r.parts {
		f(&r.parts[i], r.parts[i].get(v))
	}
}

func (r *record) load(c *call, ptr uint32, v reflect.Value) {
	r.fill(v, func(p *part, x reflect.Value) { p.load(c, ptr+p.offset, x) })
}

func (r *record) store(c *call, v reflect.Value, ptr uint32) {
	r.each(v, func(p *part, x reflect.Value) { p.store(c, x, ptr+p.offset) })
}

func (r *record) lift(c *call, f *flat, v reflect.Value) {
	r.fill(v, func(p *part, x reflect.Value) { p.lift(c, f, x) })
}

func (r *record) lower(c *call, v reflect.Value, f *flat) {
	r.each(v, func(p *part, x reflect.Value) { p.lower(c, x, f) })
}

// variant converts variants, options and results.
type variant struct {
	t       *Type
	cases   []branch
	disc    uint32 // bytes
	payload uint32 // offset
	flat    int    // core values, without the discriminant
	// choose returns the position of the case of a value of the host, and its payload.
	choose func(v reflect.Value) (int, reflect.Value)
	// begin makes a value from a guest one of a case, and returns where its payload goes.
	begin func(v reflect.Value, i int) reflect.Value
}

// branch is a case; its codec is nil if it has no payload.
type branch struct {
	codec
	g reflect.Type
}

func (in *Instance) variantCodec(t *Type, g reflect.Type) (codec, error) {
	layout := in.layout(t)
	x := &variant{t: t, cases: make([]branch, len(layout.Parts)), disc: layout.Disc, payload: uint32(layout.Payload), flat: len(layout.Flat) - 1}
	var err error
	switch {
	case t.Kind == ctypes.Option && g.Kind() == reflect.Pointer:
		x.ofPointer(g)
	case t.Kind == ctypes.Result && isResult(g):
		x.ofResult(g)
	case t.Kind == ctypes.Variant && g == reflect.TypeFor[Variant]():
		x.ofVariant()
	case t.Kind == ctypes.Variant && g.Kind() == reflect.Struct:
		err = x.ofStruct(g)
	default:
		err = mismatch(t, g)
	}
	for i, p := range layout.Parts {
		if err != nil {
			return nil, err
		}
		if p != nil {
			x.cases[i].codec, err = in.codec(p, x.cases[i].g)
		} else if c := x.cases[i].g; c != nil && !isAny(c) && c != reflect.TypeFor[struct{}]() {
			err = fmt.Errorf("the case has no value, so its Go type must be struct{}, not %v", c)
		}
		if err != nil {
			err = fmt.Errorf("case %d of %v: %w", i+1, t, err)
		}
	}
	return x, err
}

// isResult reports whether a Go type is a wave.Result.
func isResult(g reflect.Type) bool {
	return g.Kind() == reflect.Struct && g.PkgPath() == reflect.TypeFor[Variant]().PkgPath() && strings.HasPrefix(g.Name(), "Result[")
}

func (x *variant) ofPointer(g reflect.Type) {
	x.cases[1].g = g.Elem()
	x.choose = func(v reflect.Value) (int, reflect.Value) {
		if v.IsNil() {
			return 0, v
		}
		return 1, v.Elem()
	}
	x.begin = func(v reflect.Value, i int) reflect.Value {
		if i == 0 {
			return v
		}
		v.Set(reflect.New(g.Elem()))
		return v.Elem()
	}
}

func (x *variant) ofResult(g reflect.Type) {
	isErr, ok, err := fieldOf(g, "IsErr"), fieldOf(g, "Ok"), fieldOf(g, "Err")
	x.cases[0].g, x.cases[1].g = g.Field(ok).Type, g.Field(err).Type
	x.choose = func(v reflect.Value) (int, reflect.Value) {
		if v.Field(isErr).Bool() {
			return 1, v.Field(err)
		}
		return 0, v.Field(ok)
	}
	x.begin = func(v reflect.Value, i int) reflect.Value {
		v.Field(isErr).SetBool(i == 1)
		return v.Field([]int{ok, err}[i])
	}
}

func fieldOf(g reflect.Type, name string) int {
	f, _ := g.FieldByName(name)
	return f.Index[0]
}

func (x *variant) ofVariant() {
	for i := range x.cases {
		x.cases[i].g = reflect.TypeFor[any]()
	}
	x.choose = func(v reflect.Value) (int, reflect.Value) {
		name := v.Field(0).String()
		i := slices.IndexFunc(x.t.Fields, func(f ctypes.Field) bool { return f.Label == name })
		if i < 0 {
			badValue("%q is no case of %v", name, x.t)
		}
		return i, v.Field(1)
	}
	x.begin = func(v reflect.Value, i int) reflect.Value {
		v.Field(0).SetString(x.t.Fields[i].Label)
		return v.Field(1)
	}
}

// ofStruct is for structs with a pointer for each case, of which one is not nil.
func (x *variant) ofStruct(g reflect.Type) error {
	labels := make([]string, len(x.t.Fields))
	for i, f := range x.t.Fields {
		labels[i] = f.Label
	}
	fields, err := structFields(g, labels)
	if err != nil {
		return err
	}
	for i, f := range fields {
		if g.Field(f).Type.Kind() != reflect.Pointer {
			return fmt.Errorf("the field %s of %v is no pointer, as a variant's case must be", g.Field(f).Name, g)
		}
		x.cases[i].g = g.Field(f).Type.Elem()
	}
	x.choose = func(v reflect.Value) (int, reflect.Value) {
		chosen := -1
		for i, f := range fields {
			if v.Field(f).IsNil() {
				continue
			}
			if chosen >= 0 {
				badValue("both %s and %s of a variant are set", labels[chosen], labels[i])
			}
			chosen = i
		}
		if chosen < 0 {
			badValue("no case of %v is set", x.t)
		}
		return chosen, v.Field(fields[chosen]).Elem()
	}
	x.begin = func(v reflect.Value, i int) reflect.Value {
		p := v.Field(fields[i])
		p.Set(reflect.New(p.Type().Elem()))
		return p.Elem()
	}
	return nil
}

// at returns the case that a discriminant means.
func (x *variant) at(bits uint64) (int, *branch) {
	if bits >= uint64(len(x.cases)) {
		trap("invalid discriminant %d of %v", bits, x.t)
	}
	return int(bits), &x.cases[bits]
}

func (x *variant) load(c *call, ptr uint32, v reflect.Value) {
	i, b := x.at(readBits(c.bytes(ptr, x.disc)))
	if p := x.begin(v, i); b.codec != nil {
		b.load(c, ptr+x.payload, p)
	}
}

func (x *variant) store(c *call, v reflect.Value, ptr uint32) {
	i, p := x.choose(v)
	writeBits(c.bytes(ptr, x.disc), uint64(i))
	if b := &x.cases[i]; b.codec != nil {
		b.store(c, p, ptr+x.payload)
	}
}

func (x *variant) lift(c *call, f *flat, v reflect.Value) {
	i, b := x.at(f.take() & 0xffffffff)
	end := f.next + x.flat
	if p := x.begin(v, i); b.codec != nil {
		b.lift(c, f, p)
	}
	f.next = end
}

func (x *variant) lower(c *call, v reflect.Value, f *flat) {
	i, p := x.choose(v)
	f.add(uint64(i))
	end := len(f.values) + x.flat
	if b := &x.cases[i]; b.codec != nil {
		b.lower(c, p, f)
	}
	for len(f.values) < end {
		f.add(0)
	}
}
