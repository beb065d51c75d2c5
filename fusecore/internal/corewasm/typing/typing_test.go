package typing

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// TestTypesAreSharedByRecursionGroup checks the numbers of types, written with type indices in their module.
func TestTypesAreSharedByRecursionGroup(t *testing.T) {
	plain := func(params ...corewasm.ValType) corewasm.SubType {
		return corewasm.SubType{Final: true, Kind: corewasm.CompFunc, Func: corewasm.FuncType{Params: params}}
	}
	open := corewasm.SubType{Kind: corewasm.CompFunc}
	child := func(super uint32) corewasm.SubType {
		return corewasm.SubType{Final: true, Supers: []uint32{super}, Kind: corewasm.CompFunc}
	}
	ref := func(i uint32) corewasm.ValType {
		return corewasm.ValType{Code: corewasm.CodeRefNull, Heap: corewasm.HeapType(i)}
	}
	group := func(ts ...corewasm.SubType) corewasm.RecGroup { return corewasm.RecGroup{Types: ts} }
	for _, tc := range []struct {
		name    string
		modules [][]corewasm.RecGroup
		want    string // the maps of the modules
	}{
		{"equal functions", [][]corewasm.RecGroup{{group(plain()), group(plain(corewasm.I32))}, {group(plain(corewasm.I32)), group(plain())}},
			"[[0 1] [1 0]]"},
		{"finality", [][]corewasm.RecGroup{{group(plain())}, {group(open)}}, "[[0] [1]]"},
		{"a group of two is no lone type", [][]corewasm.RecGroup{{group(plain())}, {group(plain(), plain())}}, "[[0] [1 2]]"},
		{"recursion counts from the group's start", [][]corewasm.RecGroup{
			{group(plain(ref(0)))}, {group(plain()), group(plain(ref(1)))}}, "[[0] [1 0]]"},
		{"references outward count by identity", [][]corewasm.RecGroup{
			{group(plain()), group(plain(ref(0)))}, {group(plain(corewasm.I32)), group(plain(ref(0)))}}, "[[0 1] [2 3]]"},
		{"supertypes", [][]corewasm.RecGroup{
			{group(open), group(child(0))}, {group(plain()), group(open), group(child(1))}}, "[[0 1] [2 0 1]]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			gs := NewGroups(0)
			var maps [][]uint32
			for _, m := range tc.modules {
				maps = append(maps, add(t, gs, m))
			}
			if got := fmt.Sprint(maps); got != tc.want {
				t.Errorf("maps %s, want %s", got, tc.want)
			}
		})
	}
}

// add adds the groups of a module and returns its types' numbers.
func add(t *testing.T, gs *Groups, groups []corewasm.RecGroup) (numbers []uint32) {
	number := func(i uint32) (uint32, error) { return numbers[i], nil }
	for i := range groups {
		n, _, err := gs.Add(groups[i].Group(uint32(len(numbers))), number)
		if err != nil {
			t.Fatal(err)
		}
		for k := range groups[i].Types {
			numbers = append(numbers, n+uint32(k))
		}
	}
	return numbers
}

// TestFunc checks that a generated function's type is the final one that is alone in its group.
func TestFunc(t *testing.T) {
	gs := NewGroups(0)
	ft := corewasm.FuncType{Results: []corewasm.ValType{corewasm.I64}}
	open := corewasm.SubType{Kind: corewasm.CompFunc, Func: ft}
	lone := corewasm.SubType{Final: true, Kind: corewasm.CompFunc, Func: ft}
	numbers := add(t, gs, []corewasm.RecGroup{{Types: []corewasm.SubType{open}}, {Types: []corewasm.SubType{lone}}})
	if got, added := gs.Func(ft); got != numbers[1] || added {
		t.Errorf("type %d (new: %v), want %d", got, added, numbers[1])
	}
}

// TestSection checks that the types' numbers are their indices in an encoded section.
func TestSection(t *testing.T) {
	ref := func(h corewasm.HeapType) []corewasm.FieldType {
		return []corewasm.FieldType{{Storage: corewasm.ValType{Code: corewasm.CodeRefNull, Heap: h}}}
	}
	gs := NewSection(0)
	add(t, gs, []corewasm.RecGroup{
		{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompArray, Fields: ref(corewasm.HeapAny)}}},
		{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompStruct, Fields: append(ref(0), ref(1)...)}}},
	})
	want := corewasm.Coded{Count: 2, Bytes: []byte{0x5e, 0x6e, 0, 0x5f, 2, 0x63, 0, 0, 0x63, 1, 0}}
	if got := gs.Section(); got.Count != want.Count || !bytes.Equal(got.Bytes, want.Bytes) {
		t.Errorf("section %d %x, want %d %x", got.Count, got.Bytes, want.Count, want.Bytes)
	}
}

// TestClosure checks that the types of a reference are all that it refers to, and that they have the references' new indices.
func TestClosure(t *testing.T) {
	one := func(fields ...corewasm.HeapType) corewasm.SubType {
		s := corewasm.SubType{Final: true, Kind: corewasm.CompStruct}
		for _, h := range fields {
			s.Fields = append(s.Fields, corewasm.FieldType{Storage: corewasm.ValType{Code: corewasm.CodeRefNull, Heap: h}})
		}
		return s
	}
	m := &corewasm.Module{Types: []corewasm.RecGroup{
		{Types: []corewasm.SubType{one(corewasm.HeapAny)}},
		{Types: []corewasm.SubType{one(corewasm.HeapEq)}},
		{Types: []corewasm.SubType{one(3, 1), one(2)}},
		{Types: []corewasm.SubType{one(3)}},
		{Types: []corewasm.SubType{one(4)}},
	}}
	m.Index()
	ref := func(h corewasm.HeapType) corewasm.ValType {
		return corewasm.ValType{Code: corewasm.CodeRefNull, Heap: h}
	}
	for _, tc := range []struct {
		of, want corewasm.ValType
		section  string
	}{
		{corewasm.FuncRef, corewasm.FuncRef, ""},
		{ref(0), ref(0), "5f016e00"},
		// types 1, 2 and 3 as 0, 1 and 2; type 4, which refers to them
		{ref(4), ref(3), "5f016d00" + "4e025f02630200630000" + "5f01630100" + "5f01630200"},
	} {
		types, got, err := Closure(m, tc.of)
		if err != nil || got != tc.want || fmt.Sprintf("%x", types.Bytes) != tc.section {
			t.Errorf("%v becomes %v with types %x (%v), want %v with %s", tc.of, got, types.Bytes, err, tc.want, tc.section)
		}
	}
}

// space is a Space of final types that all differ.
type space []corewasm.SubType

func (s space) Def(i uint32) *corewasm.SubType { return &s[i] }
func (s space) Canon(i uint32) uint32          { return i }

// TestMatch compares matching of heap types with lists of what is above each ("Heap Types").
func TestMatch(t *testing.T) {
	const function, structure, array, sub corewasm.HeapType = 0, 1, 2, 3
	s := space{{Kind: corewasm.CompFunc}, {Kind: corewasm.CompStruct}, {Kind: corewasm.CompArray}, {Kind: corewasm.CompStruct, Supers: []uint32{1}}}
	above := map[corewasm.HeapType][]corewasm.HeapType{
		corewasm.HeapAny: nil, corewasm.HeapFunc: nil, corewasm.HeapExtern: nil, corewasm.HeapExn: nil,
		corewasm.HeapEq:       {corewasm.HeapAny},
		corewasm.HeapI31:      {corewasm.HeapEq, corewasm.HeapAny},
		corewasm.HeapStruct:   {corewasm.HeapEq, corewasm.HeapAny},
		corewasm.HeapArray:    {corewasm.HeapEq, corewasm.HeapAny},
		function:              {corewasm.HeapFunc},
		structure:             {corewasm.HeapStruct, corewasm.HeapEq, corewasm.HeapAny},
		array:                 {corewasm.HeapArray, corewasm.HeapEq, corewasm.HeapAny},
		sub:                   {structure, corewasm.HeapStruct, corewasm.HeapEq, corewasm.HeapAny},
		corewasm.HeapNoFunc:   {corewasm.HeapFunc, function},
		corewasm.HeapNoExtern: {corewasm.HeapExtern},
		corewasm.HeapNoExn:    {corewasm.HeapExn},
		corewasm.HeapNone: {corewasm.HeapAny, corewasm.HeapEq, corewasm.HeapI31, corewasm.HeapStruct, corewasm.HeapArray, structure,
			array, sub},
	}
	ref := func(code byte, h corewasm.HeapType) corewasm.ValType { return corewasm.ValType{Code: code, Heap: h} }
	for a, supers := range above {
		for b := range above {
			want := a == b || slices.Contains(supers, b)
			if got := Match(s, ref(corewasm.CodeRef, a), ref(corewasm.CodeRefNull, b)); got != want {
				t.Errorf("(ref %v) matches (ref null %v): %v, want %v", a, b, got, want)
			}
			if Match(s, ref(corewasm.CodeRefNull, a), ref(corewasm.CodeRef, b)) {
				t.Errorf("(ref null %v) matches (ref %v)", a, b)
			}
		}
	}
}
