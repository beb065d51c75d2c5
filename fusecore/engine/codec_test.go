package engine

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/wave"
)

// named are the types of the tests that need a name.
const named = `
	(type $point' (record (field "x" s32) (field "the-name" string)))                 (import "point" (type $point (eq $point')))
	(type $shape' (variant (case "empty") (case "circle" f32) (case "at" $point) (case "n" u64))) (import "shape" (type $shape (eq $shape')))
	(type $colour' (enum "red" "light-green"))                                         (import "colour" (type $colour (eq $colour')))
	(type $rights' (flags "read" "write" "x-y"))                                       (import "rights" (type $rights (eq $rights')))
	(type $many' (flags "f0" "f1" "f2" "f3" "f4" "f5" "f6" "f7" "f8" "f9" "f10" "f11" "f12" "f13" "f14" "f15" "f16"))
	(import "many" (type $many (eq $many')))`

type point struct {
	X    int32
	Name string `wit:"the-name"`
}

type shape struct {
	Empty  *struct{}
	Circle *float32
	At     *point
	N      *uint64
}

type colour string

type rights struct{ Read, Write, XY bool }

// echoCases are values, first of the Go types of package wave, then of others.
var echoCases = []struct {
	wit    string
	values []any
	// others are equal values of other Go types, by the value's position.
	others map[int][]any
}{
	{"bool", []any{true, false}, nil},
	{"s8", []any{int8(-128), int8(127)}, map[int][]any{0: {-128}}},
	{"u8", []any{uint8(255)}, map[int][]any{0: {255, uint(255)}}},
	{"s16", []any{int16(math.MinInt16)}, nil},
	{"u16", []any{uint16(math.MaxUint16)}, nil},
	{"s32", []any{int32(math.MinInt32), int32(7)}, map[int][]any{0: {math.MinInt32}}},
	{"u32", []any{uint32(math.MaxUint32)}, map[int][]any{0: {math.MaxUint32}}},
	{"s64", []any{int64(math.MinInt64)}, nil},
	{"u64", []any{uint64(math.MaxUint64)}, map[int][]any{0: {uint(math.MaxUint64)}}},
	{"f32", []any{float32(1.5), float32(math.Inf(-1))}, nil},
	{"f64", []any{-0.25, math.Inf(1)}, nil},
	{"char", []any{'☃', '\U0010ffff', rune(0)}, nil},
	{"string", []any{"", "wörld ☃ \x00", "latin é"}, map[int][]any{1: {colour("wörld ☃ \x00")}}},
	{"$colour", []any{"light-green"}, map[int][]any{0: {colour("light-green")}}},
	{"$rights", []any{[]string{"read", "x-y"}, []string{}}, map[int][]any{0: {rights{Read: true, XY: true}, uint8(5), uint64(5), []colour{"read", "x-y"}}}},
	{"$many", []any{[]string{"f0", "f16"}}, map[int][]any{0: {uint32(1<<16 | 1)}}},
	{"(list u8)", []any{[]byte{1, 2, 3}, []byte{}}, map[int][]any{0: {[]any{uint8(1), uint8(2), uint8(3)}, []int{1, 2, 3}}}},
	{"(list s16)", []any{[]int16{-1, 2}}, nil},
	{"(list u32)", []any{[]uint32{1, math.MaxUint32}}, map[int][]any{0: {[]number32{1, math.MaxUint32}}}},
	{"(list u64)", []any{[]uint64{1, math.MaxUint64}}, nil},
	{"(list f64)", []any{[]float64{1, 2.5}}, nil},
	{"(list bool)", []any{[]bool{true, false, true}}, nil},
	{"(list char)", []any{[]rune{'a', '☃'}}, nil},
	{"(list string)", []any{[]string{"a", "☃☃"}}, map[int][]any{0: {[]colour{"a", "☃☃"}, []any{"a", "☃☃"}}}},
	{"(list (list $point))", []any{[][]map[string]any{{{"x": int32(1), "the-name": "a"}}, {}}}, map[int][]any{0: {[][]point{{{1, "a"}}, {}}}}},
	{"(tuple u8 string f64)", []any{[]any{uint8(1), "b", 2.5}}, map[int][]any{0: {[3]any{uint8(1), "b", 2.5}, struct {
		A uint8
		B string
		C float64
	}{1, "b", 2.5}}}},
	{"(tuple u8 u8)", []any{[]any{uint8(1), uint8(2)}}, map[int][]any{0: {[2]uint8{1, 2}, []uint8{1, 2}}}},
	{"$point", []any{map[string]any{"x": int32(-1), "the-name": "n"}}, map[int][]any{0: {point{-1, "n"}}}},
	{"$shape", []any{Variant{Case: "empty"}, Variant{Case: "circle", Value: float32(2)}, Variant{Case: "at", Value: map[string]any{"x": int32(1), "the-name": "p"}}, Variant{Case: "n", Value: uint64(math.MaxUint64)}},
		map[int][]any{0: {shape{Empty: &struct{}{}}}, 1: {shape{Circle: wave.Some(float32(2))}}, 2: {Variant{Case: "at", Value: point{1, "p"}}, shape{At: &point{1, "p"}}}, 3: {shape{N: wave.Some(uint64(math.MaxUint64))}}}},
	{"(option u8)", []any{wave.Some(uint8(7)), (*uint8)(nil)}, map[int][]any{0: {wave.Some(7)}}},
	{"(option (option string))", []any{wave.Some(wave.Some("a")), wave.Some[*string](nil), (**string)(nil)}, nil},
	{"(result)", []any{Result[any, any]{}, wave.Err[any, any](nil)}, map[int][]any{1: {wave.Err[struct{}](struct{}{})}}},
	{"(result u8 (error string))", []any{wave.Ok[any, any](uint8(1)), wave.Err[any, any]("e")}, map[int][]any{1: {wave.Err[uint8]("e")}}},
	{"(result f32 (error u64))", []any{wave.Ok[any, any](float32(1.5)), wave.Err[any, any](uint64(math.MaxUint64))}, nil},
	{"(list (option f32))", []any{[]*float32{wave.Some(float32(1)), nil}}, nil},
}

type number32 uint32

// TestEcho passes values to a guest and back, as core values and in memory, in each encoding of strings.
func TestEcho(t *testing.T) {
	types := make([]string, len(echoCases))
	for i, c := range echoCases {
		types[i] = c.wit
	}
	for encoding, name := range []string{"utf8", "utf16", "latin1+utf16"} {
		t.Run(name, func(t *testing.T) {
			var h Host
			var got any
			for i := range types {
				h.Func(fmt.Sprintf("got-%d", i), func(x any) { got = x })
			}
			in := start(t, echoes(t, named, types, byte(encoding)), &h, Config{})
			for i, c := range echoCases {
				for j, v := range c.values {
					for _, given := range append([]any{v}, c.others[j]...) {
						got = nil
						if _, err := in.Call(context.Background(), fmt.Sprintf("flat-%d", i), given); err != nil {
							t.Fatalf("%s: %#v: %v", c.wit, given, err)
						}
						if d := cmp.Diff(v, got); d != "" {
							t.Errorf("%s: %#v, flat (-want +got):\n%s", c.wit, given, d)
						}
						args := []any{given}
						for range 16 {
							args = append(args, uint64(0))
						}
						got, err := in.Call(context.Background(), fmt.Sprintf("mem-%d", i), args...)
						if err != nil {
							t.Fatalf("%s: %#v: %v", c.wit, given, err)
						}
						if d := cmp.Diff(v, got); d != "" {
							t.Errorf("%s: %#v, in memory (-want +got):\n%s", c.wit, given, d)
						}
						if reflect.TypeOf(given) != reflect.TypeOf(v) && given != nil {
							checkTyped(t, in, c.wit, fmt.Sprintf("flat-%d", i), fmt.Sprintf("mem-%d", i), given)
						}
					}
				}
			}
		})
	}
}

// checkTyped passes a value through a function that is bound with the value's type.
func checkTyped(t *testing.T, in *Instance, wit, flat, mem string, v any) {
	t.Helper()
	g := reflect.TypeOf(v)
	u64 := reflect.TypeFor[uint64]()
	params := []reflect.Type{g}
	args := []reflect.Value{reflect.ValueOf(v)}
	for range 16 {
		params, args = append(params, u64), append(args, reflect.Zero(u64))
	}
	fn := reflect.New(reflect.FuncOf(params, []reflect.Type{g, errorType}, false))
	if err := in.Bind(mem, fn.Interface()); err != nil {
		t.Errorf("%s: %v", wit, err)
		return
	}
	out := fn.Elem().Call(args)
	if err := out[1].Interface(); err != nil {
		t.Errorf("%s: %v", wit, err)
	} else if d := cmp.Diff(v, dynamicTypes(out[0].Interface())); d != "" {
		t.Errorf("%s: %v (-want +got):\n%s", wit, g, d)
	}
}

// dynamicTypes returns a value of a test as it is. Variants hold values of the types of package wave.
func dynamicTypes(v any) any {
	if x, ok := v.(Variant); ok {
		if m, ok := x.Value.(map[string]any); ok {
			return Variant{Case: x.Case, Value: point{m["x"].(int32), m["the-name"].(string)}}
		}
	}
	return v
}

// TestBits checks what lifting and lowering do to NaN, and to bits that values do not have.
func TestBits(t *testing.T) {
	in := start(t, guest(t, `
		(export "bool" (func (param "n" u32) (result bool)))
		(export "s8" (func (param "n" u32) (result s8)))
		(export "u16" (func (param "n" u32) (result u16)))
		(export "flags" (func (param "n" u32) (result u8)))
		(export "nan32" (func (param "n" u32) (result f32)))
		(export "bits32" (func (param "n" f32) (result u32)))
		(export "nan64" (func (param "n" u64) (result f64)))
		(export "bits64" (func (param "n" f64) (result u64)))`, `
		(func (export "bool") (export "s8") (export "u16") (export "flags") (param i32) (result i32) (local.get 0))
		(func (export "nan32") (param i32) (result f32) (f32.reinterpret_i32 (local.get 0)))
		(func (export "bits32") (param f32) (result i32) (i32.reinterpret_f32 (local.get 0)))
		(func (export "nan64") (param i64) (result f64) (f64.reinterpret_i64 (local.get 0)))
		(func (export "bits64") (param f64) (result i64) (i64.reinterpret_f64 (local.get 0)))`, 0), nil, Config{})
	for _, c := range []struct {
		name      string
		arg, want any
	}{
		{"bool", uint32(256), true}, {"bool", uint32(0), false},
		{"s8", uint32(0x1ff), int8(-1)}, {"s8", uint32(0x17f), int8(127)},
		{"u16", uint32(0x12345), uint16(0x2345)},
		{"bits32", math.Float32frombits(0xffc12345), uint32(nan32)},
		{"bits64", math.Float64frombits(0xfff8000000012345), uint64(nan64)},
		{"bits64", math.Copysign(0, -1), uint64(1 << 63)},
	} {
		if got, err := in.Call(context.Background(), c.name, c.arg); err != nil || got != c.want {
			t.Errorf("%s(%v) = %v, %v; want %v", c.name, c.arg, got, err, c.want)
		}
	}
	x, err := in.Call(context.Background(), "nan32", uint32(0xffa00001))
	if err != nil || math.Float32bits(x.(float32)) != nan32 {
		t.Errorf("a NaN of 32 bits is lifted to %v, %v", x, err)
	}
	y, err := in.Call(context.Background(), "nan64", uint64(0xfff4000000000001))
	if err != nil || math.Float64bits(y.(float64)) != nan64 {
		t.Errorf("a NaN of 64 bits is lifted to %v, %v", y, err)
	}
}

// TestBadValues checks the errors for arguments that are not values of their types. The instance stays usable.
func TestBadValues(t *testing.T) {
	cases := []struct {
		wit  string
		arg  any
		want string
	}{
		{"u8", 256, "256 is no u8"},
		{"u8", -1, "-1 is no u8"},
		{"u8", "1", "the Go type string does not fit the WIT type u8; use uint8"},
		{"u8", nil, "nil is no u8"},
		{"s8", 128, "128 is no s8"},
		{"u32", int32(1), "does not fit"},
		{"char", rune(0xd800), "0xd800 is no char"},
		{"string", "\xff", "not valid UTF-8"},
		{"$colour", "blue", `"blue" is no case of enum`},
		{"$rights", []string{"run"}, `"run" is no flag of flags`},
		{"$rights", uint8(8), "0x8 has bits that no flag"},
		{"$point", map[string]any{"x": int32(1)}, "nil is no string"},
		{"$point", map[string]any{"x": int32(1), "the-name": "", "z": 1}, `no field "z"`},
		{"$point", struct{ X int32 }{}, "has no field for the-name"},
		{"$shape", Variant{Case: "square"}, `"square" is no case`},
		{"$shape", shape{}, "no case of variant"},
		{"$shape", shape{Empty: &struct{}{}, N: new(uint64)}, "both empty and n of a variant are set"},
		{"(tuple u8 u8)", []any{uint8(1)}, "the tuple has 1 elements, not 2"},
		{"(list u8)", []string{"a"}, "does not fit"},
		{"(result)", wave.Ok[int, any](1), "must be struct{}, not int"},
		{"(option u8)", "x", "does not fit"},
	}
	types := make([]string, len(cases))
	for i, c := range cases {
		types[i] = c.wit
	}
	var h Host
	for i := range types {
		h.Func(fmt.Sprintf("got-%d", i), func(any) {})
	}
	in := start(t, echoes(t, named, types, 0), &h, Config{})
	for i, c := range cases {
		_, err := in.Call(context.Background(), fmt.Sprintf("flat-%d", i), c.arg)
		want(t, fmt.Sprintf("%s: %#v", c.wit, c.arg), err, c.want)
	}
	_, err := in.Call(context.Background(), "flat-0", uint8(1))
	if err != nil {
		t.Errorf("after errors in arguments: %v", err)
	}
}
