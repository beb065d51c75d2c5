// Package wave represents values of WIT types in Go, and reads and writes them as text: WAVE, the WebAssembly value
// encoding of wasm-tools and wasmtime.
//
// The text of a value is close to WIT, and only means something for a type:
//
//	u8, s64, f32      7, -1, 2.5, nan, -inf    an integer may also be hexadecimal: 0x1f
//	bool, char        true, 'x', '\u{2603}'
//	string            "a\n\"b\"", or on several lines between """
//	list, tuple       [1, 2], (1, "a")
//	record            {x: 1, y: -2}            absent options are none; {:} has no field
//	variant, enum     circle(2.5), red
//	flags             {read, write}
//	option            none, some(1)            or 1, where that is not ambiguous
//	result            ok, ok(1), err("a")      or 1 for ok(1), likewise
//
// A name that is also a word of the notation (true, false, some, none, ok, err, inf, nan) begins with %. Comments begin
// with // and end with the line.
//
// [Parse] returns, and [Format] takes, the Go types that [GoType] gives for each type.
package wave

import (
	"reflect"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// Type is a WIT value type. Its String method returns it as WIT.
type Type = ctypes.Type

// Func is the type of a function. Its String method returns it as WIT.
type Func = ctypes.Func

// Parts of types: a constructor, a field of a record or case of a variant, and the identity of a resource type.
type (
	Kind     = ctypes.Kind
	Field    = ctypes.Field
	Resource = ctypes.Resource
)

// The constructors of types with values.
const (
	KindBool, KindChar, KindString    = ctypes.Bool, ctypes.Char, ctypes.String
	KindS8, KindS16, KindS32, KindS64 = ctypes.S8, ctypes.S16, ctypes.S32, ctypes.S64
	KindU8, KindU16, KindU32, KindU64 = ctypes.U8, ctypes.U16, ctypes.U32, ctypes.U64
	KindF32, KindF64                  = ctypes.F32, ctypes.F64
	KindList, KindFixedList, KindMap  = ctypes.List, ctypes.FixedList, ctypes.Map
	KindRecord, KindTuple, KindFlags  = ctypes.Record, ctypes.Tuple, ctypes.Flags
	KindVariant, KindEnum             = ctypes.Variant, ctypes.Enum
	KindOption, KindResult            = ctypes.Option, ctypes.Result
	KindOwn, KindBorrow               = ctypes.Own, ctypes.Borrow
)

// Variant is a value of a variant type: one of its cases. Value is nil for a case without a payload.
type Variant struct {
	Case  string
	Value any
}

// Result is a value of a result type. Its T or E is struct{} where the type has no value for it.
type Result[T, E any] struct {
	IsErr bool
	Ok    T // unless IsErr
	Err   E // if IsErr
}

// Ok returns a result that is no error.
func Ok[T, E any](v T) Result[T, E] { return Result[T, E]{Ok: v} }

// Err returns a result that is an error.
func Err[T, E any](e E) Result[T, E] { return Result[T, E]{IsErr: true, Err: e} }

// anyResult is the Go type for every result type. Ok and Err are nil where the type has no value for them.
type anyResult = Result[any, any]

// Some returns an option's value: a pointer to v.
func Some[T any](v T) *T { return &v }

var goTypes = map[ctypes.Kind]reflect.Type{
	ctypes.Bool: reflect.TypeFor[bool](), ctypes.S8: reflect.TypeFor[int8](), ctypes.U8: reflect.TypeFor[uint8](),
	ctypes.S16: reflect.TypeFor[int16](), ctypes.U16: reflect.TypeFor[uint16](), ctypes.S32: reflect.TypeFor[int32](),
	ctypes.U32: reflect.TypeFor[uint32](), ctypes.S64: reflect.TypeFor[int64](), ctypes.U64: reflect.TypeFor[uint64](),
	ctypes.F32: reflect.TypeFor[float32](), ctypes.F64: reflect.TypeFor[float64](), ctypes.Char: reflect.TypeFor[rune](),
	ctypes.String: reflect.TypeFor[string](), ctypes.Enum: reflect.TypeFor[string](), ctypes.Flags: reflect.TypeFor[[]string](),
	ctypes.Record: reflect.TypeFor[map[string]any](), ctypes.Tuple: reflect.TypeFor[[]any](),
	ctypes.Variant: reflect.TypeFor[Variant](), ctypes.Result: reflect.TypeFor[anyResult](),
}

// GoType returns the Go type of a WIT type's values where nothing else is asked for:
//
//	bool, integers, floats, string   the Go type of that name and size
//	char                             rune
//	list                             a slice of the element's Go type
//	map                              a slice of [2]any
//	tuple                            []any
//	record                           map[string]any
//	variant                          [Variant]
//	enum                             string
//	flags                            []string, of those that are set
//	option                           a pointer to the value's Go type, nil for none
//	result                           Result[any, any]
//	own, borrow and all others       any
func GoType(t *Type) reflect.Type {
	switch t.Kind {
	case ctypes.List, ctypes.FixedList:
		return reflect.SliceOf(GoType(t.Elem))
	case ctypes.Map:
		return reflect.TypeFor[[][2]any]()
	case ctypes.Option:
		return reflect.PointerTo(GoType(t.Elem))
	}
	if g, ok := goTypes[t.Kind]; ok {
		return g
	}
	return reflect.TypeFor[any]()
}

// Handles reads and writes handles of resources, which are values of own and borrow types. A handle is written
// WORD(NUMBER).
type Handles interface {
	// Handle returns the handle that is written so.
	Handle(t *Type, word string, number uint32) (any, error)
	// Text returns how a handle is written.
	Text(t *Type, handle any) (word string, number uint32, err error)
}

// Options are options of reading and writing. The zero value is that of [Parse] and [Format].
type Options struct {
	// Handles reads and writes handles. Without it, values of own and borrow types are errors.
	Handles Handles
}

// words are the words of the notation, which names do not begin with unless % precedes them.
var words = map[string]bool{"true": true, "false": true, "some": true, "none": true, "ok": true, "err": true, "inf": true, "nan": true}

// flat reports whether an option or result with this payload may be written as the payload alone.
func flat(payload *Type) bool {
	return payload != nil && payload.Kind != ctypes.Option && payload.Kind != ctypes.Result
}
