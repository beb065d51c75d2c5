// This file implements canonical definitions, options and their operands (Binary.md, "Canonical Definitions").

package component

import (
	"fmt"
	"strings"

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

// Need is what must exist, in addition to the instance and a synchronous task that runs in it, for a built-in to do
// anything but trap (CanonicalABI.md, "Canonical Definitions").
type Need byte

// What built-ins need.
const (
	NeedsNothing      Need = iota
	NeedsAsyncTask         // the task was lifted asynchronously
	NeedsWaitable          // a subtask, or the end of a stream or future, in the handle table
	NeedsTable             // room in the handle table, for an element that is not a resource handle
	NeedsWaitableSet       // a waitable set in the handle table
	NeedsErrorContext      // an error context in the handle table
	NeedsStreams           // streams or futures, which it creates
	NeedsEvent             // something that makes a blocked thread ready
	NeedsOtherThread       // another thread of the instance
	NeedsThreadIndex       // the index of the running thread
	NeedsThreads           // threads, which it creates
)

type canonInfo struct {
	name     string
	operands []Operand
	// core is the type of the core function: parameters, and results after >, with i for i32, l for i64 and p for an
	// address. It is empty if the type depends on other types.
	core string
	// leave reports whether the built-in begins with trap_if(not inst.may_leave).
	leave bool
	needs Need
}

// canonInfos is the table of operations, with their immediates in the order of the binary format's production canon.
var canonInfos = [...]canonInfo{
	CanonLift:                 {"lift", []Operand{OperandCoreFunc, OperandOpts, OperandType}, "", false, NeedsNothing},
	CanonLower:                {"lower", []Operand{OperandFunc, OperandOpts}, "", false, NeedsNothing},
	CanonResourceNew:          {"resource.new", []Operand{OperandType}, "i>i", true, NeedsNothing},
	CanonResourceDrop:         {"resource.drop", []Operand{OperandType}, "i>", true, NeedsNothing},
	CanonResourceRep:          {"resource.rep", []Operand{OperandType}, "i>i", false, NeedsNothing},
	CanonTaskCancel:           {"task.cancel", nil, ">", true, NeedsAsyncTask},
	CanonSubtaskCancel:        {"subtask.cancel", []Operand{OperandAsync}, "i>i", true, NeedsWaitable},
	CanonTaskReturn:           {"task.return", []Operand{OperandResult, OperandOpts}, "", true, NeedsAsyncTask},
	CanonContextGet:           {"context.get", []Operand{OperandValType, OperandIndex}, "", false, NeedsNothing},
	CanonContextSet:           {"context.set", []Operand{OperandValType, OperandIndex}, "", false, NeedsNothing},
	CanonThreadYield:          {"thread.yield", []Operand{OperandCancellable}, ">i", true, NeedsNothing},
	CanonSubtaskDrop:          {"subtask.drop", nil, "i>", true, NeedsWaitable},
	CanonStreamNew:            {"stream.new", []Operand{OperandType}, ">l", true, NeedsStreams},
	CanonStreamRead:           {"stream.read", []Operand{OperandType, OperandOpts}, "ipp>p", true, NeedsWaitable},
	CanonStreamWrite:          {"stream.write", []Operand{OperandType, OperandOpts}, "ipp>p", true, NeedsWaitable},
	CanonStreamCancelRead:     {"stream.cancel-read", []Operand{OperandType, OperandAsync}, "i>i", true, NeedsWaitable},
	CanonStreamCancelWrite:    {"stream.cancel-write", []Operand{OperandType, OperandAsync}, "i>i", true, NeedsWaitable},
	CanonStreamDropReadable:   {"stream.drop-readable", []Operand{OperandType}, "i>", true, NeedsWaitable},
	CanonStreamDropWritable:   {"stream.drop-writable", []Operand{OperandType}, "i>", true, NeedsWaitable},
	CanonFutureNew:            {"future.new", []Operand{OperandType}, ">l", true, NeedsStreams},
	CanonFutureRead:           {"future.read", []Operand{OperandType, OperandOpts}, "ip>i", true, NeedsWaitable},
	CanonFutureWrite:          {"future.write", []Operand{OperandType, OperandOpts}, "ip>i", true, NeedsWaitable},
	CanonFutureCancelRead:     {"future.cancel-read", []Operand{OperandType, OperandAsync}, "i>i", true, NeedsWaitable},
	CanonFutureCancelWrite:    {"future.cancel-write", []Operand{OperandType, OperandAsync}, "i>i", true, NeedsWaitable},
	CanonFutureDropReadable:   {"future.drop-readable", []Operand{OperandType}, "i>", true, NeedsWaitable},
	CanonFutureDropWritable:   {"future.drop-writable", []Operand{OperandType}, "i>", true, NeedsWaitable},
	CanonErrorContextNew:      {"error-context.new", []Operand{OperandOpts}, "pp>i", true, NeedsTable},
	CanonErrorContextMessage:  {"error-context.debug-message", []Operand{OperandOpts}, "ip>", true, NeedsErrorContext},
	CanonErrorContextDrop:     {"error-context.drop", nil, "i>", true, NeedsErrorContext},
	CanonWaitableSetNew:       {"waitable-set.new", nil, ">i", true, NeedsTable},
	CanonWaitableSetWait:      {"waitable-set.wait", []Operand{OperandCancellable, OperandMemory}, "ip>i", true, NeedsWaitableSet},
	CanonWaitableSetPoll:      {"waitable-set.poll", []Operand{OperandCancellable, OperandMemory}, "ip>i", true, NeedsWaitableSet},
	CanonWaitableSetDrop:      {"waitable-set.drop", nil, "i>", true, NeedsWaitableSet},
	CanonWaitableJoin:         {"waitable.join", nil, "ii>", true, NeedsWaitable},
	CanonBackpressureInc:      {"backpressure.inc", nil, ">", false, NeedsNothing},
	CanonBackpressureDec:      {"backpressure.dec", nil, ">", false, NeedsNothing},
	CanonThreadIndex:          {"thread.index", nil, ">i", true, NeedsThreadIndex},
	CanonThreadNewIndirect:    {"thread.new-indirect", []Operand{OperandCoreType, OperandTable}, "", true, NeedsThreads},
	CanonThreadResumeLater:    {"thread.resume-later", nil, "i>", true, NeedsOtherThread},
	CanonThreadSuspend:        {"thread.suspend", []Operand{OperandCancellable}, ">i", true, NeedsEvent},
	CanonThreadSuspendResume:  {"thread.suspend-then-resume", []Operand{OperandCancellable}, "i>i", true, NeedsOtherThread},
	CanonThreadYieldResume:    {"thread.yield-then-resume", []Operand{OperandCancellable}, "i>i", true, NeedsOtherThread},
	CanonThreadSuspendPromote: {"thread.suspend-then-promote", []Operand{OperandCancellable}, "i>i", true, NeedsOtherThread},
	CanonThreadYieldPromote:   {"thread.yield-then-promote", []Operand{OperandCancellable}, "i>i", true, NeedsThreadIndex},
	CanonThreadSpawnRef:       {"thread.spawn-ref", []Operand{OperandShared, OperandCoreType}, "", false, NeedsThreads},
	CanonThreadSpawnIndirect:  {"thread.spawn-indirect", []Operand{OperandShared, OperandCoreType, OperandTable}, "", false, NeedsThreads},
	CanonThreadAvailParallel:  {"thread.available-parallelism", []Operand{OperandShared}, ">i", false, NeedsNothing},
}

// info returns the row of an operation, which is zero for an unknown code.
func (op CanonOp) info() canonInfo {
	if int(op) >= len(canonInfos) {
		return canonInfo{}
	}
	return canonInfos[op]
}

// Operands returns the immediates of the operation in the order of the binary format. ok is false for an unknown code.
// The slice must not be changed.
func (op CanonOp) Operands() (operands []Operand, ok bool) {
	i := op.info()
	return i.operands, i.name != ""
}

// CoreType returns the type of the core function of a built-in whose addresses are of type ptr; ok is false for an
// operation whose core type depends on other types.
func (op CanonOp) CoreType(ptr corewasm.ValType) (ft corewasm.FuncType, ok bool) {
	params, results, ok := strings.Cut(op.info().core, ">")
	return corewasm.FuncType{Params: valTypes(params, ptr), Results: valTypes(results, ptr)}, ok
}

func valTypes(letters string, ptr corewasm.ValType) (out []corewasm.ValType) {
	for _, c := range letters {
		switch c {
		case 'i':
			out = append(out, corewasm.I32)
		case 'l':
			out = append(out, corewasm.I64)
		case 'p':
			out = append(out, ptr)
		}
	}
	return out
}

// ChecksLeave reports whether a built-in traps while its instance may not be left: whether it begins with
// trap_if(not inst.may_leave).
func (op CanonOp) ChecksLeave() bool { return op.info().leave }

// Waits reports whether a built-in that is not async can let other threads go on before it returns.
func (op CanonOp) Waits() bool {
	switch op {
	case CanonSubtaskCancel, CanonWaitableSetWait, CanonStreamRead, CanonStreamWrite, CanonStreamCancelRead, CanonStreamCancelWrite,
		CanonFutureRead, CanonFutureWrite, CanonFutureCancelRead, CanonFutureCancelWrite, CanonThreadYield, CanonThreadSuspend,
		CanonThreadSuspendResume, CanonThreadYieldResume, CanonThreadSuspendPromote, CanonThreadYieldPromote:
		return true
	}
	return false
}

// Needs returns what a built-in needs to do anything but trap.
func (op CanonOp) Needs() Need { return op.info().needs }

// String returns the text format's name.
func (op CanonOp) String() string {
	if name := op.info().name; name != "" {
		return name
	}
	return fmt.Sprintf("canon(0x%02x)", byte(op))
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
	OptCoreType    OptKind = 0x08
	OptGC          OptKind = 0x09
)

// CanonOpt is one canonical option. Index is a core memory, function or type index, if the kind has one.
type CanonOpt struct {
	Kind   OptKind
	Index  uint32
	Offset int64
}

// HasIndex reports whether options of the kind have an index.
func (k OptKind) HasIndex() bool {
	return k == OptMemory || k == OptRealloc || k == OptPostReturn || k == OptCallback || k == OptCoreType
}

// Unsupported returns what of a canonical definition belongs to a proposal that is not supported, and which one that
// is, or "".
func (d *Canon) Unsupported() (what, proposal string) {
	if d.Shared {
		return "the immediate shared of " + d.Op.String(), "shared-everything-threads"
	}
	for _, o := range d.Opts {
		switch o.Kind {
		case OptCoreType:
			return "the canonical option core-type", "gc in the canonical ABI"
		case OptGC:
			return "the canonical option gc", "gc in the canonical ABI"
		}
	}
	return "", ""
}
