package adapter

import (
	"fmt"
	"math/rand/v2"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// randomType returns a type without handles and async values.
func randomType(r *rand.Rand, depth int) *ctypes.Type {
	if depth == 0 || r.IntN(4) == 0 {
		return ctypes.Prims[r.IntN(int(ctypes.String)+1)]
	}
	sub := func() *ctypes.Type { return randomType(r, depth-1) }
	maybe := func() *ctypes.Type {
		if r.IntN(3) == 0 {
			return nil
		}
		return sub()
	}
	labels := func(n int) []string {
		out := make([]string, n)
		for i := range out {
			out[i] = fmt.Sprint("l", i)
		}
		return out
	}
	fields := func(f func() *ctypes.Type) (out []ctypes.Field) {
		for i := range 1 + r.IntN(4) {
			out = append(out, ctypes.Field{Label: fmt.Sprint("f", i), Type: f()})
		}
		return out
	}
	switch r.IntN(12) {
	case 0, 1:
		return &ctypes.Type{Kind: ctypes.Record, Fields: fields(sub)}
	case 2, 3:
		return &ctypes.Type{Kind: ctypes.Variant, Fields: fields(maybe)}
	case 4, 5:
		return &ctypes.Type{Kind: ctypes.List, Elem: sub()}
	case 6:
		return &ctypes.Type{Kind: ctypes.FixedList, Elem: sub(), Len: uint32(1 + r.IntN(12))}
	case 7:
		t := &ctypes.Type{Kind: ctypes.Tuple}
		for range 1 + r.IntN(4) {
			t.Types = append(t.Types, sub())
		}
		return t
	case 8:
		return &ctypes.Type{Kind: ctypes.Flags, Labels: labels(1 + r.IntN(32))}
	case 9:
		return &ctypes.Type{Kind: ctypes.Enum, Labels: labels([]int{1, 2, 5, 255, 256, 257, 300}[r.IntN(7)])}
	case 10:
		if r.IntN(3) == 0 {
			return &ctypes.Type{Kind: ctypes.Map, Key: ctypes.Prims[ctypes.U16], Elem: sub()}
		}
		return &ctypes.Type{Kind: ctypes.Option, Elem: sub()}
	}
	return &ctypes.Type{Kind: ctypes.Result, Elem: maybe(), Err: maybe()}
}

// randomValue returns a value of a type that a side with the given options can lower.
func randomValue(r *rand.Rand, ts *cabi.Types, t *ctypes.Type, enc cabi.Encoding) any {
	if t == nil {
		return nil
	}
	if c, ok := cases(t); ok {
		i := r.IntN(len(c))
		return modelCase{i, randomValue(r, ts, c[i], enc)}
	}
	many := func(n int, t *ctypes.Type) []any {
		v := []any{}
		for range n {
			v = append(v, randomValue(r, ts, t, enc))
		}
		return v
	}
	if fs, ok := fields(t); ok {
		v := []any{}
		for _, f := range fs {
			v = append(v, randomValue(r, ts, f, enc))
		}
		return v
	}
	switch t.Kind {
	case ctypes.String:
		return randomString(r, enc)
	case ctypes.List:
		return many(r.IntN(4), t.Elem)
	case ctypes.Map:
		return many(r.IntN(4), ts.Of(t, false).Parts[0])
	case ctypes.FixedList:
		return many(int(t.Len), t.Elem)
	case ctypes.Char:
		return uint64(randomRune(r))
	case ctypes.Bool:
		return uint64(r.IntN(2))
	case ctypes.Flags:
		return r.Uint64() & (1<<len(t.Labels) - 1)
	case ctypes.S64, ctypes.U64, ctypes.F64:
		return r.Uint64()
	}
	return convert(t, r.Uint64()&(1<<(8*ts.Of(t, false).Size)-1))
}

func randomRune(r *rand.Rand) rune {
	for {
		c := rune(r.IntN([]int{0x80, 0x100, 0x800, 0x10000, 0x110000}[r.IntN(5)]))
		if c < 0xd800 || c > 0xdfff {
			return c
		}
	}
}

func randomString(r *rand.Rand, enc cabi.Encoding) modelString {
	limit := []int{0x80, 0x100, 0x110000}[r.IntN(3)]
	s := modelString{enc: enc, both: enc == cabi.Latin1UTF16}
	for range r.IntN(12) {
		c := randomRune(r)
		for int(c) >= limit {
			c = randomRune(r)
		}
		s.runes = append(s.runes, c)
	}
	if s.both && (limit > 0x100 || r.IntN(3) == 0) {
		s.enc = cabi.UTF16
	}
	s.units = uint64(len(encodeAs(s.enc, s.runes)))
	if s.enc == cabi.UTF16 {
		s.units /= 2
	}
	return s
}

func randomSpec(r *rand.Rand) *callSpec {
	s := &callSpec{ft: &ctypes.Func{}, pages: 4, budget: []int{outlineBudget, -1, 200}[r.IntN(3)]}
	for i := range r.IntN(5) {
		s.ft.Params = append(s.ft.Params, ctypes.Field{Label: fmt.Sprint("p", i), Type: randomType(r, 3)})
	}
	if r.IntN(5) > 0 {
		s.ft.Result = randomType(r, 3)
	}
	for i := range 2 {
		s.ptr64[i] = r.IntN(4) == 0
		s.enc[i] = cabi.Encoding(r.IntN(3))
	}
	s.post = r.IntN(2) == 0
	switch r.IntN(6) {
	case 0:
		s.hostCaller = true
	case 1:
		s.host = true
	case 2, 3:
		s.staged = true
	case 4:
		s.async = true
	}
	return s
}
