package validate

import (
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/intern"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
)

// Limits that the embedders' appendix of the specification allows and engines share.
const (
	maxFixed    = limits.Fields // operands of array.new_fixed
	maxOperands = 1 << 20       // on the stack of a function; bounds the memory that calls with many results take
)

// heapBottom is the heap type below all others: that of a reference whose operand comes from unreachable code.
const heapBottom corewasm.HeapType = -1 << 40

// unknown is the type of an operand in unreachable code: it matches every type.
var unknown = corewasm.ValType{}

// types answers questions about the type section. Goroutines may share it.
type types struct {
	m     *corewasm.Module
	once  sync.Once
	equal []uint32 // see canon
}

// Types checks the type section of a module made by package decode: [Module] does so too.
func Types(m *corewasm.Module) error {
	_, err := newTypes(m)
	return err
}

func newTypes(m *corewasm.Module) (*types, error) {
	ts := &types{m: m}
	return ts, ts.check()
}

// def gives the type with an index.
func (ts *types) def(i uint32) *corewasm.SubType { return ts.m.SubTypeAt(i) }

// canon gives the lowest index of an equal type. Recursion groups are equal when they are after replacing references into
// the group by positions in it (core specification 3.0, "Types / Recursive Types"). Only modules with references to types
// of theirs need that.
func (ts *types) canon(i uint32) uint32 {
	ts.once.Do(func() {
		ts.equal = make([]uint32, 0, ts.m.NumTypes())
		known := intern.New(ts.m.TypeBytes)
		var firsts []uint32 // of the groups in known
		var key []byte
		_ = ts.m.EachGroup(func(g corewasm.Group) error { // none has an error
			key = ts.groupKey(key[:0], g)
			id, added := known.Add(key)
			if added {
				firsts = append(firsts, g.First)
			}
			for i := range g.N {
				ts.equal = append(ts.equal, firsts[id]+uint32(i))
			}
			return nil
		})
	})
	return ts.equal[i]
}

// groupKey appends a group in a form that is equal for equal groups.
func (ts *types) groupKey(b []byte, g corewasm.Group) []byte {
	ref := func(b []byte, i uint32) []byte {
		if i >= g.First {
			return binary.AppendUvarint(append(b, 1), uint64(i-g.First))
		}
		return binary.AppendUvarint(append(b, 0), uint64(ts.equal[i]))
	}
	val := func(b []byte, t corewasm.ValType) []byte {
		b = append(b, t.Code)
		switch {
		case !t.IsRef():
		case t.Heap < 0:
			b = append(b, 2, byte(t.Heap))
		default:
			b = ref(b, uint32(t.Heap))
		}
		return b
	}
	vals := func(b []byte, list []corewasm.ValType) []byte {
		b = binary.AppendUvarint(b, uint64(len(list)))
		for _, t := range list {
			b = val(b, t)
		}
		return b
	}
	b = binary.AppendUvarint(b, uint64(g.N))
	for k := range g.N {
		t := g.At(k)
		b = append(b, byte(t.Kind), bit(t.Final))
		b = binary.AppendUvarint(b, uint64(len(t.Supers)))
		for _, s := range t.Supers {
			b = ref(b, s)
		}
		b = vals(vals(b, t.Func.Params), t.Func.Results)
		b = binary.AppendUvarint(b, uint64(len(t.Fields)))
		for _, f := range t.Fields {
			b = append(val(b, f.Storage), bit(f.Mutable))
		}
	}
	return b
}

func bit(v bool) byte {
	if v {
		return 1
	}
	return 0
}

// check checks the declared supertypes.
func (ts *types) check() error {
	depth := make([]uint8, ts.m.NumTypes())
	any := false
	err := ts.m.EachGroup(func(g corewasm.Group) error {
		for k := range g.N {
			i, supers := g.First+uint32(k), g.At(k).Supers
			if len(supers) == 0 {
				continue
			}
			any = true
			s := supers[0]
			switch {
			case len(supers) > 1:
				return diag.New(typeItem(i), "%d supertypes: at most one is allowed", len(supers))
			case s >= i:
				return diag.New(typeItem(i), "supertype %d is not defined before the type", s)
			}
			if depth[i] = depth[s] + 1; depth[i] > limits.SubtypeDepth {
				return diag.New(typeItem(i), "subtype hierarchy is too deep: at most %d levels are supported", limits.SubtypeDepth)
			}
		}
		return nil
	})
	if err != nil || !any {
		return err
	}
	return ts.m.EachGroup(func(g corewasm.Group) error {
		for k := range g.N {
			t := g.At(k)
			if len(t.Supers) == 0 {
				continue
			}
			super := ts.def(t.Supers[0])
			if super.Final {
				return diag.New(typeItem(g.First+uint32(k)), "supertype %d is final", t.Supers[0])
			}
			if !ts.compMatch(t, super) {
				return diag.New(typeItem(g.First+uint32(k)), "the definition does not match its supertype %d", t.Supers[0])
			}
		}
		return nil
	})
}

func typeItem(i uint32) string { return fmt.Sprintf("type %d", i) }

// compMatch says whether a's composite type matches b's.
func (ts *types) compMatch(a, b *corewasm.SubType) bool {
	if a.Kind != b.Kind {
		return false
	}
	if a.Kind == corewasm.CompFunc {
		return ts.allMatch(b.Func.Params, a.Func.Params) && ts.allMatch(a.Func.Results, b.Func.Results)
	}
	if len(a.Fields) < len(b.Fields) {
		return false
	}
	for i, fb := range b.Fields {
		fa := a.Fields[i]
		if fa.Mutable != fb.Mutable || !ts.match(fa.Storage, fb.Storage) || fa.Mutable && !ts.match(fb.Storage, fa.Storage) {
			return false
		}
	}
	return true
}

func (ts *types) allMatch(a, b []corewasm.ValType) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !ts.match(a[i], b[i]) {
			return false
		}
	}
	return true
}

// match says whether a is a subtype of b.
func (ts *types) match(a, b corewasm.ValType) bool {
	switch {
	case a == b || a == unknown:
		return true
	case !a.IsRef() || !b.IsRef():
		return false
	case a.Code == corewasm.CodeRefNull && b.Code == corewasm.CodeRef:
		return false
	}
	return ts.heapMatch(a.Heap, b.Heap)
}

func (ts *types) heapMatch(a, b corewasm.HeapType) bool {
	switch {
	case a == b || a == heapBottom:
		return true
	case a >= 0 && b >= 0:
		return ts.isSub(uint32(a), uint32(b))
	case a >= 0:
		switch ts.def(uint32(a)).Kind {
		case corewasm.CompFunc:
			return b == corewasm.HeapFunc
		case corewasm.CompStruct:
			return b == corewasm.HeapStruct || b == corewasm.HeapEq || b == corewasm.HeapAny
		}
		return b == corewasm.HeapArray || b == corewasm.HeapEq || b == corewasm.HeapAny
	case b >= 0:
		if ts.def(uint32(b)).Kind == corewasm.CompFunc {
			return a == corewasm.HeapNoFunc
		}
		return a == corewasm.HeapNone
	}
	switch a {
	case corewasm.HeapEq:
		return b == corewasm.HeapAny
	case corewasm.HeapI31, corewasm.HeapStruct, corewasm.HeapArray:
		return b == corewasm.HeapEq || b == corewasm.HeapAny
	case corewasm.HeapNone:
		return ts.top(b) == corewasm.HeapAny
	case corewasm.HeapNoFunc, corewasm.HeapNoExtern, corewasm.HeapNoExn:
		return ts.top(a) == b
	}
	return false
}

// isSub says whether type a is type b or has it among its supertypes.
func (ts *types) isSub(a, b uint32) bool {
	for {
		if a == b || ts.canon(a) == ts.canon(b) {
			return true
		}
		if len(ts.def(a).Supers) == 0 {
			return false
		}
		a = ts.def(a).Supers[0]
	}
}

// top is the highest heap type of h's hierarchy.
func (ts *types) top(h corewasm.HeapType) corewasm.HeapType {
	switch h {
	case corewasm.HeapFunc, corewasm.HeapNoFunc:
		return corewasm.HeapFunc
	case corewasm.HeapExtern, corewasm.HeapNoExtern:
		return corewasm.HeapExtern
	case corewasm.HeapExn, corewasm.HeapNoExn:
		return corewasm.HeapExn
	}
	if h >= 0 && ts.def(uint32(h)).Kind == corewasm.CompFunc {
		return corewasm.HeapFunc
	}
	return corewasm.HeapAny
}

// defaultable says whether locals, fields and elements of a type start with a value.
func defaultable(t corewasm.ValType) bool { return t.Code != corewasm.CodeRef }

// unpacked is the type of a storage type's values on the stack.
func unpacked(t corewasm.ValType) corewasm.ValType {
	if packed(t) {
		return corewasm.I32
	}
	return t
}

func packed(t corewasm.ValType) bool { return t.Code == corewasm.CodeI8 || t.Code == corewasm.CodeI16 }

func refTo(h corewasm.HeapType) corewasm.ValType {
	return corewasm.ValType{Code: corewasm.CodeRef, Heap: h}
}

func refNull(h corewasm.HeapType) corewasm.ValType {
	return corewasm.ValType{Code: corewasm.CodeRefNull, Heap: h}
}

// cast gives the reference types that the immediates of a cast name.
func cast(h corewasm.HeapType, flags, nullable byte) corewasm.ValType {
	if flags&nullable != 0 {
		return refNull(h)
	}
	return refTo(h)
}

// casts gives source and target of a br_on_cast.
func casts(in *op.Instr) (from, to corewasm.ValType) {
	return cast(in.Heap, in.Flags, op.CastFromNull), cast(in.Heap2, in.Flags, op.CastToNull)
}
