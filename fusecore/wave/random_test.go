// This file implements random types and values.

package wave

import (
	"math/rand/v2"
	"reflect"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

func randomType(r *rand.Rand, depth int) *Type {
	sub := func() *Type { return randomType(r, depth-1) }
	if depth == 0 || r.IntN(3) == 0 {
		return []*Type{boolT, u8T, s8T, s32T, u64T, f32T, f64T, charT, stringT, colour, rights}[r.IntN(11)]
	}
	switch r.IntN(7) {
	case 0:
		return list(sub())
	case 1:
		return option(sub())
	case 2:
		return tuple(sub(), sub())
	case 3:
		return result(sub(), nil)
	case 4:
		return result(nil, sub())
	case 5:
		return &Type{Kind: ctypes.Record, Fields: []ctypes.Field{{Label: "some", Type: sub()}, {Label: "b-c", Type: option(sub())}}}
	}
	return &Type{Kind: ctypes.Variant, Fields: []ctypes.Field{{Label: "nan", Type: sub()}, {Label: "ok"}, {Label: "v", Type: sub()}}}
}

func randomValue(r *rand.Rand, t *Type) any {
	v := reflect.New(GoType(t)).Elem()
	fill(r, t, v)
	return v.Interface()
}

func fill(r *rand.Rand, t *Type, v reflect.Value) {
	switch t.Kind {
	case ctypes.Bool:
		v.SetBool(r.IntN(2) == 0)
	case ctypes.U8, ctypes.U64:
		v.SetUint(r.Uint64() >> (64 - v.Type().Bits()))
	case ctypes.S8, ctypes.S32:
		v.SetInt(r.Int64() >> (64 - v.Type().Bits()))
	case ctypes.F32, ctypes.F64:
		v.SetFloat(float64(float32(r.NormFloat64())))
	case ctypes.Char:
		v.SetInt(int64([]rune("a'\"\\\n\x00☃\U0010ffff")[r.IntN(8)]))
	case ctypes.String:
		v.SetString([]string{"", "a", "\"\"\"", "\\u{", "é\r\n\x7f", "//"}[r.IntN(6)])
	case ctypes.Enum:
		v.SetString(t.Labels[r.IntN(len(t.Labels))])
	case ctypes.Flags:
		set := []string{}
		for _, label := range t.Labels {
			if r.IntN(2) == 0 {
				set = append(set, label)
			}
		}
		v.Set(reflect.ValueOf(set))
	case ctypes.List:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(3), 3))
		for i := range v.Len() {
			fill(r, t.Elem, v.Index(i))
		}
	case ctypes.Option:
		if r.IntN(2) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, t.Elem, v.Elem())
		}
	case ctypes.Tuple:
		v.Set(reflect.ValueOf([]any{randomValue(r, t.Types[0]), randomValue(r, t.Types[1])}))
	case ctypes.Record:
		out := map[string]any{}
		for _, f := range t.Fields {
			out[f.Label] = randomValue(r, f.Type)
		}
		v.Set(reflect.ValueOf(out))
	default:
		all := cases(t)
		i := r.IntN(len(all))
		payload := reflect.Value{}
		if all[i].Type != nil {
			payload = reflect.ValueOf(randomValue(r, all[i].Type))
		}
		store(t, v, i, all[i].Label, payload)
	}
}
