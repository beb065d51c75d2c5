package merge

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/remap"
)

// Types are given with (sub) types by index in the module they stand in.
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
			ts := newTypes(0)
			var maps [][]uint32
			for _, m := range tc.modules {
				mp := &remap.Maps{Types: []uint32{}}
				for i := range m {
					if err := ts.group(mp, m[i].Group(0)); err != nil {
						t.Fatal(err)
					}
				}
				maps = append(maps, mp.Types)
			}
			if got := fmt.Sprint(maps); got != tc.want {
				t.Errorf("maps %s, want %s", got, tc.want)
			}
		})
	}
}

func TestGeneratedCodeSharesGuestsFunctionTypes(t *testing.T) {
	ts := newTypes(0)
	mp := &remap.Maps{Types: []uint32{}}
	ft := corewasm.FuncType{Results: []corewasm.ValType{corewasm.I64}}
	lone := corewasm.RecGroup{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc, Func: ft}}}
	open := corewasm.RecGroup{Types: []corewasm.SubType{{Kind: corewasm.CompFunc, Func: ft}}}
	for _, g := range []*corewasm.RecGroup{&open, &lone} {
		if err := ts.group(mp, g.Group(0)); err != nil {
			t.Fatal(err)
		}
	}
	if got := ts.funcType(ft); got != mp.Types[1] {
		t.Errorf("type %d, want %d: the final one alone in its group", got, mp.Types[1])
	}
}

func TestJoinedAcross(t *testing.T) {
	piece := func(at int64, s string) corewasm.Data {
		return corewasm.Data{Offset: encode.I64Const(at), Bytes: []byte(s)}
	}
	for _, tc := range []struct {
		name string
		gap  uint64
		in   []corewasm.Data
		want []corewasm.Data
	}{
		{"apart, by address", 0, []corewasm.Data{piece(9, "b"), piece(0, "a")}, []corewasm.Data{piece(0, "a"), piece(9, "b")}},
		{"touching", 0, []corewasm.Data{piece(2, "cd"), piece(0, "ab")}, []corewasm.Data{piece(0, "abcd")}},
		{"across a gap", 2, []corewasm.Data{piece(4, "cd"), piece(0, "ab"), piece(9, "e")}, []corewasm.Data{piece(0, "ab\x00\x00cd"), piece(9, "e")}},
		{"later bytes win", 0, []corewasm.Data{piece(1, "xyz"), piece(0, "ab"), piece(3, "d")}, []corewasm.Data{piece(0, "abyd")}},
		{"one inside another", 0, []corewasm.Data{piece(1, "x"), piece(0, "abcd"), piece(2, "y")}, []corewasm.Data{piece(0, "abyd")}},
		{"empty ones that may trap", 0, []corewasm.Data{piece(1<<16, ""), piece(4, "")}, []corewasm.Data{piece(4, ""), piece(1<<16, "")}},
		{"an empty one at the end of another", 0, []corewasm.Data{piece(2, ""), piece(0, "ab")}, []corewasm.Data{piece(0, "ab")}},
		{"the last address", 0, []corewasm.Data{piece(-1, "ab"), piece(0, "c")}, []corewasm.Data{piece(0, "c"), piece(-1, "ab")}},
		{"beyond the last address", 0, []corewasm.Data{piece(-2, "abc"), piece(-1, "d")}, []corewasm.Data{piece(-2, "abc"), piece(-1, "d")}},
	} {
		if got := joinedAcross(tc.in, byOffset(tc.in), tc.gap); !cmp.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}
