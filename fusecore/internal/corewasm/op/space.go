// This file implements the index spaces that immediates refer to.

package op

import "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"

// Space is an index space that the immediates of instructions name items of. The first ones are the [corewasm.ExternKind]s.
type Space byte

// Index spaces.
const (
	SpaceFunc   = Space(corewasm.ExternFunc)
	SpaceTable  = Space(corewasm.ExternTable)
	SpaceMem    = Space(corewasm.ExternMem)
	SpaceGlobal = Space(corewasm.ExternGlobal)
	SpaceTag    = Space(corewasm.ExternTag)

	SpaceType  = SpaceTag + 1
	SpaceElem  = SpaceTag + 2
	SpaceData  = SpaceTag + 3
	SpaceLocal = SpaceTag + 4
	SpaceLabel = SpaceTag + 5 // counted from the innermost enclosing block outwards
	NumSpaces  = 10

	none   Space = NumSpaces     // no immediate
	number Space = NumSpaces + 1 // no index: a field, or a number of operands
)

var spaceNames = [NumSpaces]string{"function", "table", "memory", "global", "tag", "type", "element segment", "data segment", "local", "label"}

// String returns the name of the space's items in sentences.
func (s Space) String() string { return spaceNames[s] }

// form describes the integers of a form of immediates: the spaces of Instr.Index and Index2, and whether they are all that
// there is.
type form struct {
	index, index2 Space
	plain         bool
}

var forms = func() (t [NumImms]form) {
	for i := range t {
		t[i] = form{none, none, false}
	}
	for i, s := range map[Imm]Space{
		Label: SpaceLabel, Func: SpaceFunc, Type: SpaceType, Local: SpaceLocal, Global: SpaceGlobal, Table: SpaceTable,
		Elem: SpaceElem, Mem: SpaceMem, Data: SpaceData, Tag: SpaceTag,
	} {
		t[i] = form{s, none, true}
	}
	for i, s := range map[Imm][2]Space{
		TypeTable: {SpaceType, SpaceTable}, TableTable: {SpaceTable, SpaceTable}, ElemTable: {SpaceElem, SpaceTable},
		MemMem: {SpaceMem, SpaceMem}, DataMem: {SpaceData, SpaceMem}, TypeType: {SpaceType, SpaceType},
		TypeField: {SpaceType, number}, TypeCount: {SpaceType, number}, TypeData: {SpaceType, SpaceData},
		TypeElem: {SpaceType, SpaceElem},
	} {
		t[i] = form{s[0], s[1], true}
	}
	t[Memarg].index, t[MemargLane].index, t[CastLabel].index = SpaceMem, SpaceMem, SpaceLabel
	return t
}()

// Names reports whether the form has an index of a space, or may have one in a block type or value type.
func (i Imm) Names(s Space) bool {
	f := &forms[i]
	switch i {
	case BlockType, Heap, CastLabel, Types:
		return s == SpaceType || s == f.index
	case TryTable:
		return s == SpaceType || s == SpaceTag || s == SpaceLabel
	case Labels:
		return s == SpaceLabel
	}
	return s == f.index || s == f.index2
}

// MapIndices calls f for the indices among the instruction's immediates, in their order in the binary format, and stores
// the results in their places.
func (in *Instr) MapIndices(f func(s Space, i uint32) uint32) {
	form := &forms[in.Info.Imm]
	if form.index < NumSpaces {
		in.Index = f(form.index, in.Index)
	}
	if form.index2 < NumSpaces {
		in.Index2 = f(form.index2, in.Index2)
	}
	if form.plain {
		return
	}
	switch in.Info.Imm {
	case BlockType, TryTable:
		switch in.Block.Form {
		case BlockIndex:
			in.Block.Index = f(SpaceType, in.Block.Index)
		case BlockValue:
			in.Block.Value = mapValType(in.Block.Value, f)
		}
		if in.Info.Imm == TryTable {
			for i := range in.Catches {
				c := &in.Catches[i]
				if c.Kind <= CatchTagRef {
					c.Tag = f(SpaceTag, c.Tag)
				}
				c.Label = f(SpaceLabel, c.Label)
			}
		}
	case Labels:
		for i, l := range in.Labels {
			in.Labels[i] = f(SpaceLabel, l)
		}
	case Heap:
		in.Heap = mapHeapType(in.Heap, f)
	case CastLabel:
		in.Heap, in.Heap2 = mapHeapType(in.Heap, f), mapHeapType(in.Heap2, f)
	case Types:
		for i, t := range in.Types {
			in.Types[i] = mapValType(t, f)
		}
	}
}

func mapValType(t corewasm.ValType, f func(Space, uint32) uint32) corewasm.ValType {
	if t.IsRef() {
		t.Heap = mapHeapType(t.Heap, f)
	}
	return t
}

func mapHeapType(h corewasm.HeapType, f func(Space, uint32) uint32) corewasm.HeapType {
	if h < 0 {
		return h
	}
	return corewasm.HeapType(f(SpaceType, uint32(h)))
}

// EachIndex calls f for the indices among the instruction's immediates, in their order in the binary format.
func (in *Instr) EachIndex(f func(s Space, i uint32)) {
	in.MapIndices(func(s Space, i uint32) uint32 {
		f(s, i)
		return i
	})
}
