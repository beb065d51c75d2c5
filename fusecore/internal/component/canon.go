// This file implements canonical definitions, options and their operands (Binary.md, "Canonical Definitions").

package component

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// CanonOp is the operation of a canonical definition, by its code in the binary format.
type CanonOp byte

// Canonical operations.
const (
	CanonLift                 CanonOp = 0x00
	CanonLower                CanonOp = 0x01
	CanonResourceNew          CanonOp = 0x02
	CanonResourceDrop         CanonOp = 0x03
	CanonResourceRep          CanonOp = 0x04
	CanonTaskCancel           CanonOp = 0x05
	CanonSubtaskCancel        CanonOp = 0x06
	CanonTaskReturn           CanonOp = 0x09
	CanonContextGet           CanonOp = 0x0a
	CanonContextSet           CanonOp = 0x0b
	CanonThreadYield          CanonOp = 0x0c
	CanonSubtaskDrop          CanonOp = 0x0d
	CanonStreamNew            CanonOp = 0x0e
	CanonStreamRead           CanonOp = 0x0f
	CanonStreamWrite          CanonOp = 0x10
	CanonStreamCancelRead     CanonOp = 0x11
	CanonStreamCancelWrite    CanonOp = 0x12
	CanonStreamDropReadable   CanonOp = 0x13
	CanonStreamDropWritable   CanonOp = 0x14
	CanonFutureNew            CanonOp = 0x15
	CanonFutureRead           CanonOp = 0x16
	CanonFutureWrite          CanonOp = 0x17
	CanonFutureCancelRead     CanonOp = 0x18
	CanonFutureCancelWrite    CanonOp = 0x19
	CanonFutureDropReadable   CanonOp = 0x1a
	CanonFutureDropWritable   CanonOp = 0x1b
	CanonErrorContextNew      CanonOp = 0x1c
	CanonErrorContextMessage  CanonOp = 0x1d
	CanonErrorContextDrop     CanonOp = 0x1e
	CanonWaitableSetNew       CanonOp = 0x1f
	CanonWaitableSetWait      CanonOp = 0x20
	CanonWaitableSetPoll      CanonOp = 0x21
	CanonWaitableSetDrop      CanonOp = 0x22
	CanonWaitableJoin         CanonOp = 0x23
	CanonBackpressureInc      CanonOp = 0x24
	CanonBackpressureDec      CanonOp = 0x25
	CanonThreadIndex          CanonOp = 0x26
	CanonThreadNewIndirect    CanonOp = 0x27
	CanonThreadResumeLater    CanonOp = 0x28
	CanonThreadSuspend        CanonOp = 0x29
	CanonThreadSuspendResume  CanonOp = 0x2a
	CanonThreadYieldResume    CanonOp = 0x2b
	CanonThreadSuspendPromote CanonOp = 0x2c
	CanonThreadYieldPromote   CanonOp = 0x2d
	CanonThreadSpawnRef       CanonOp = 0x40
	CanonThreadSpawnIndirect  CanonOp = 0x41
	CanonThreadAvailParallel  CanonOp = 0x42
)

// Operand is one immediate of a canonical definition, named for the field of [Canon] that holds it.
type Operand byte

// Immediates of canonical definitions.
const (
	OperandCoreFunc    Operand = iota // CoreFunc, after a byte 0x00 for the sort
	OperandFunc                       // Func, after a byte 0x00 for the sort
	OperandType                       // Type
	OperandOpts                       // Opts
	OperandResult                     // Result
	OperandValType                    // ValType
	OperandIndex                      // Index
	OperandAsync                      // Async
	OperandCancellable                // Cancellable
	OperandShared                     // Shared
	OperandMemory                     // Memory
	OperandCoreType                   // CoreType
	OperandTable                      // Table
)

type canonInfo struct {
	name     string
	operands []Operand
}

// canonInfos has the immediates of each operation, in the order of the binary format's production canon.
var canonInfos = [...]canonInfo{
	CanonLift:                 {"lift", []Operand{OperandCoreFunc, OperandOpts, OperandType}},
	CanonLower:                {"lower", []Operand{OperandFunc, OperandOpts}},
	CanonResourceNew:          {"resource.new", []Operand{OperandType}},
	CanonResourceDrop:         {"resource.drop", []Operand{OperandType}},
	CanonResourceRep:          {"resource.rep", []Operand{OperandType}},
	CanonTaskCancel:           {"task.cancel", nil},
	CanonSubtaskCancel:        {"subtask.cancel", []Operand{OperandAsync}},
	CanonTaskReturn:           {"task.return", []Operand{OperandResult, OperandOpts}},
	CanonContextGet:           {"context.get", []Operand{OperandValType, OperandIndex}},
	CanonContextSet:           {"context.set", []Operand{OperandValType, OperandIndex}},
	CanonThreadYield:          {"thread.yield", []Operand{OperandCancellable}},
	CanonSubtaskDrop:          {"subtask.drop", nil},
	CanonStreamNew:            {"stream.new", []Operand{OperandType}},
	CanonStreamRead:           {"stream.read", []Operand{OperandType, OperandOpts}},
	CanonStreamWrite:          {"stream.write", []Operand{OperandType, OperandOpts}},
	CanonStreamCancelRead:     {"stream.cancel-read", []Operand{OperandType, OperandAsync}},
	CanonStreamCancelWrite:    {"stream.cancel-write", []Operand{OperandType, OperandAsync}},
	CanonStreamDropReadable:   {"stream.drop-readable", []Operand{OperandType}},
	CanonStreamDropWritable:   {"stream.drop-writable", []Operand{OperandType}},
	CanonFutureNew:            {"future.new", []Operand{OperandType}},
	CanonFutureRead:           {"future.read", []Operand{OperandType, OperandOpts}},
	CanonFutureWrite:          {"future.write", []Operand{OperandType, OperandOpts}},
	CanonFutureCancelRead:     {"future.cancel-read", []Operand{OperandType, OperandAsync}},
	CanonFutureCancelWrite:    {"future.cancel-write", []Operand{OperandType, OperandAsync}},
	CanonFutureDropReadable:   {"future.drop-readable", []Operand{OperandType}},
	CanonFutureDropWritable:   {"future.drop-writable", []Operand{OperandType}},
	CanonErrorContextNew:      {"error-context.new", []Operand{OperandOpts}},
	CanonErrorContextMessage:  {"error-context.debug-message", []Operand{OperandOpts}},
	CanonErrorContextDrop:     {"error-context.drop", nil},
	CanonWaitableSetNew:       {"waitable-set.new", nil},
	CanonWaitableSetWait:      {"waitable-set.wait", []Operand{OperandCancellable, OperandMemory}},
	CanonWaitableSetPoll:      {"waitable-set.poll", []Operand{OperandCancellable, OperandMemory}},
	CanonWaitableSetDrop:      {"waitable-set.drop", nil},
	CanonWaitableJoin:         {"waitable.join", nil},
	CanonBackpressureInc:      {"backpressure.inc", nil},
	CanonBackpressureDec:      {"backpressure.dec", nil},
	CanonThreadIndex:          {"thread.index", nil},
	CanonThreadNewIndirect:    {"thread.new-indirect", []Operand{OperandCoreType, OperandTable}},
	CanonThreadResumeLater:    {"thread.resume-later", nil},
	CanonThreadSuspend:        {"thread.suspend", []Operand{OperandCancellable}},
	CanonThreadSuspendResume:  {"thread.suspend-then-resume", []Operand{OperandCancellable}},
	CanonThreadYieldResume:    {"thread.yield-then-resume", []Operand{OperandCancellable}},
	CanonThreadSuspendPromote: {"thread.suspend-then-promote", []Operand{OperandCancellable}},
	CanonThreadYieldPromote:   {"thread.yield-then-promote", []Operand{OperandCancellable}},
	CanonThreadSpawnRef:       {"thread.spawn-ref", []Operand{OperandShared, OperandCoreType}},
	CanonThreadSpawnIndirect:  {"thread.spawn-indirect", []Operand{OperandShared, OperandCoreType, OperandTable}},
	CanonThreadAvailParallel:  {"thread.available-parallelism", []Operand{OperandShared}},
}

// Operands returns the immediates of the operation in the order of the binary format. ok is false for an unknown code.
// The slice must not be changed.
func (op CanonOp) Operands() (operands []Operand, ok bool) {
	if int(op) >= len(canonInfos) || canonInfos[op].name == "" {
		return nil, false
	}
	return canonInfos[op].operands, true
}

// String returns the operation's name in the text format.
func (op CanonOp) String() string {
	if int(op) >= len(canonInfos) || canonInfos[op].name == "" {
		return fmt.Sprintf("canon(0x%02x)", byte(op))
	}
	return canonInfos[op].name
}

// Canon is a canonical definition (section 8). CanonLift adds to the function index space, every other operation to the
// core function index space. Which fields are used depends on Op:
//
//	lift                            CoreFunc, Opts, Type (function type)
//	lower                           Func, Opts
//	resource.*, stream.*, future.*  Type; reads and writes Opts; cancel-* Async
//	task.return                     Result, Opts
//	context.get, context.set        ValType, Index (slot)
//	subtask.cancel                  Async
//	waitable-set.wait, .poll        Cancellable, Memory
//	error-context.new, .debug-message  Opts
//	thread.new-indirect             CoreType, Table
//	thread.suspend and the like     Cancellable
//	thread.spawn-*                  Shared, CoreType, Table (spawn-indirect)
type Canon struct {
	At
	Op          CanonOp
	CoreFunc    uint32
	Func        uint32
	Type        uint32
	Opts        []CanonOpt
	Result      *ValType // nil for no result
	HasResult   bool     // whether Result is set
	ValType     corewasm.ValType
	Index       uint32
	Async       bool
	Cancellable bool
	Shared      bool
	Memory      uint32
	CoreType    uint32
	Table       uint32
}

// OptKind is the kind of a canonical option, by its code in the binary format.
type OptKind byte

// Kinds of canonical options.
const (
	OptUTF8        OptKind = 0x00
	OptUTF16       OptKind = 0x01
	OptLatin1UTF16 OptKind = 0x02
	OptMemory      OptKind = 0x03
	OptRealloc     OptKind = 0x04
	OptPostReturn  OptKind = 0x05
	OptAsync       OptKind = 0x06
	OptCallback    OptKind = 0x07
)

// CanonOpt is one canonical option. Index is a core memory or core function index, if the kind has one.
type CanonOpt struct {
	Kind   OptKind
	Index  uint32
	Offset int64
}

// HasIndex reports whether options of the kind have an index.
func (k OptKind) HasIndex() bool {
	return k == OptMemory || k == OptRealloc || k == OptPostReturn || k == OptCallback
}
