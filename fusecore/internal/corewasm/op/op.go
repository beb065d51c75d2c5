// Package op is the table of instructions (core specification 3.0, "Binary Format / Instructions", with the threads
// proposal and the superseded exception instructions that older toolchains emit): their names, immediates and, where it
// does not depend on the context, their type. [Reader] decodes instructions by that table, and [Instr.Append] encodes
// them.
package op

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// Op is an instruction's opcode: one byte, or a prefix byte shifted left by 16 with the sub-opcode below it.
type Op uint32

// Prefix bytes of multi-byte opcodes.
const (
	PrefixGC     byte = 0xfb
	PrefixMisc   byte = 0xfc
	PrefixSIMD   byte = 0xfd
	PrefixAtomic byte = 0xfe
)

const (
	gc   = Op(PrefixGC) << 16
	misc = Op(PrefixMisc) << 16
	simd = Op(PrefixSIMD) << 16
	atom = Op(PrefixAtomic) << 16
)

// Imm is the form of an instruction's immediates. The comments name the fields of [Instr] that hold them.
type Imm byte

// Forms of immediates.
const (
	None       Imm = iota
	BlockType      // Block
	TryTable       // Block, Catches
	Label          // Index
	Labels         // Labels, the default last
	Func           // Index
	Type           // Index
	TypeTable      // Index (type), Index2 (table)
	Local          // Index
	Global         // Index
	Table          // Index
	TableTable     // Index (destination), Index2 (source)
	ElemTable      // Index (elem), Index2 (table)
	Elem           // Index
	Mem            // Index
	MemMem         // Index (destination), Index2 (source)
	DataMem        // Index (data), Index2 (memory)
	Data           // Index
	Memarg         // Index (memory), Align, Offset
	MemargLane     // Index (memory), Align, Offset, Lane
	Lane           // Lane
	Shuffle        // Raw: 16 lanes
	I32            // Value
	I64            // Value
	F32            // Value: bits
	F64            // Value: bits
	V128           // Raw: 16 bytes
	Heap           // Heap
	Types          // Types
	Tag            // Index
	TypeType       // Index, Index2
	TypeField      // Index (type), Index2 (field)
	TypeCount      // Index (type), Index2 (number of operands)
	TypeData       // Index (type), Index2 (data)
	TypeElem       // Index (type), Index2 (elem)
	CastLabel      // Flags, Index (label), Heap, Heap2
	Reserved       // a zero byte

	NumImms = iota
)

// Info is the table's entry for an instruction.
type Info struct {
	Name string // in the text format; empty for an unused opcode
	Imm  Imm
	// Params and Results are the type if Typed: i, l, f, d and v for i32, i64, f32, f64 and v128, and a for the address
	// type of the memory or table that the immediate names.
	Params, Results string
	Typed           bool
	Align           uint8 // log2 of the access size, for Memarg and MemargLane
	Lanes           uint8 // number of lanes, for Lane, MemargLane and Shuffle
	Exact           bool  // the alignment must equal Align (atomic accesses)
	Const           bool  // allowed in constant expressions
}

// Opcodes that need treatment beyond their type.
const (
	Unreachable        Op = 0x00
	Nop                Op = 0x01
	Block              Op = 0x02
	Loop               Op = 0x03
	If                 Op = 0x04
	Else               Op = 0x05
	LegacyTry          Op = 0x06
	LegacyCatch        Op = 0x07
	Throw              Op = 0x08
	LegacyRethrow      Op = 0x09
	ThrowRef           Op = 0x0a
	End                Op = 0x0b
	Br                 Op = 0x0c
	BrIf               Op = 0x0d
	BrTable            Op = 0x0e
	Return             Op = 0x0f
	Call               Op = 0x10
	CallIndirect       Op = 0x11
	ReturnCall         Op = 0x12
	ReturnCallIndirect Op = 0x13
	CallRef            Op = 0x14
	ReturnCallRef      Op = 0x15
	LegacyDelegate     Op = 0x18
	LegacyCatchAll     Op = 0x19
	Drop               Op = 0x1a
	Select             Op = 0x1b
	SelectT            Op = 0x1c
	TryTableOp         Op = 0x1f
	LocalGet           Op = 0x20
	LocalSet           Op = 0x21
	LocalTee           Op = 0x22
	GlobalGet          Op = 0x23
	GlobalSet          Op = 0x24
	TableGet           Op = 0x25
	TableSet           Op = 0x26
	MemorySize         Op = 0x3f
	MemoryGrow         Op = 0x40
	I32Const           Op = 0x41
	I64Const           Op = 0x42
	F32Const           Op = 0x43
	F64Const           Op = 0x44
	RefNull            Op = 0xd0
	RefIsNull          Op = 0xd1
	RefFunc            Op = 0xd2
	RefEq              Op = 0xd3
	RefAsNonNull       Op = 0xd4
	BrOnNull           Op = 0xd5
	BrOnNonNull        Op = 0xd6

	StructNew        = gc | 0
	StructNewDefault = gc | 1
	StructGet        = gc | 2
	StructGetS       = gc | 3
	StructGetU       = gc | 4
	StructSet        = gc | 5
	ArrayNew         = gc | 6
	ArrayNewDefault  = gc | 7
	ArrayNewFixed    = gc | 8
	ArrayNewData     = gc | 9
	ArrayNewElem     = gc | 10
	ArrayGet         = gc | 11
	ArrayGetS        = gc | 12
	ArrayGetU        = gc | 13
	ArraySet         = gc | 14
	ArrayLen         = gc | 15
	ArrayFill        = gc | 16
	ArrayCopy        = gc | 17
	ArrayInitData    = gc | 18
	ArrayInitElem    = gc | 19
	RefTest          = gc | 20
	RefTestNull      = gc | 21
	RefCast          = gc | 22
	RefCastNull      = gc | 23
	BrOnCast         = gc | 24
	BrOnCastFail     = gc | 25
	AnyConvertExtern = gc | 26
	ExternConvertAny = gc | 27
	RefI31           = gc | 28
	I31GetS          = gc | 29
	I31GetU          = gc | 30

	MemoryInit = misc | 8
	DataDrop   = misc | 9
	MemoryCopy = misc | 10
	MemoryFill = misc | 11
	TableInit  = misc | 12
	ElemDrop   = misc | 13
	TableCopy  = misc | 14
	TableGrow  = misc | 15
	TableSize  = misc | 16
	TableFill  = misc | 17

	V128Const    = simd | 12
	I8x16Shuffle = simd | 13
	AtomicFence  = atom | 3
)

// One returns the table entry of a one-byte opcode. Its Name is empty for a prefix byte or an unused opcode.
func One(b byte) *Info { return &single[b] }

// Get returns the table entry of an opcode, or nil.
func (o Op) Get() *Info {
	if o < 0x100 {
		if in := &single[o]; in.Name != "" {
			return in
		}
		return nil
	}
	return prefixed(byte(o>>16), uint32(o&0xffff))
}

// String returns the name in the text format.
func (o Op) String() string {
	if in := o.Get(); in != nil {
		return in.Name
	}
	return fmt.Sprintf("opcode 0x%x", uint32(o))
}

// Prefix returns the prefix byte, or zero for a one-byte opcode.
func (o Op) Prefix() byte { return byte(o >> 16) }

// Append encodes the opcode, followed by immediates that are indices.
func (o Op) Append(b []byte, indices ...uint32) []byte {
	if p := o.Prefix(); p != 0 {
		b = leb128.AppendU32(append(b, p), uint32(o&0xffff))
	} else {
		b = append(b, byte(o))
	}
	for _, index := range indices {
		b = leb128.AppendU32(b, index)
	}
	return b
}

func prefixed(prefix byte, sub uint32) *Info {
	if prefix < PrefixGC || prefix > PrefixAtomic {
		return nil
	}
	t := multi[prefix-PrefixGC]
	if int64(sub) >= int64(len(t)) || t[sub].Name == "" {
		return nil
	}
	return &t[sub]
}
