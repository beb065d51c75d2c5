package decode_test

import (
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

var canons = []production{
	{"lift and lower", 8, "\x02\x00\x00\x05\x05\x00\x03\x01\x04\x02\x05\x03\x06\x09\x01\x00\x07\x02\x02\x07\x04", []component.Def{
		&component.Canon{Op: component.CanonLift, CoreFunc: 5, Type: 9, Opts: []component.CanonOpt{
			{Kind: component.OptUTF8}, {Kind: component.OptMemory, Index: 1}, {Kind: component.OptRealloc, Index: 2},
			{Kind: component.OptPostReturn, Index: 3}, {Kind: component.OptAsync},
		}},
		&component.Canon{Op: component.CanonLower, Func: 7, Opts: []component.CanonOpt{
			{Kind: component.OptLatin1UTF16}, {Kind: component.OptCallback, Index: 4},
		}},
	}},
	{"type", 8, "\x09\x02\x01\x03\x02\x04\x03\x0e\x04\x13\x05\x14\x06\x15\x07\x1a\x08\x1b\x09", []component.Def{
		&component.Canon{Op: component.CanonResourceNew, Type: 1},
		&component.Canon{Op: component.CanonResourceDrop, Type: 2},
		&component.Canon{Op: component.CanonResourceRep, Type: 3},
		&component.Canon{Op: component.CanonStreamNew, Type: 4},
		&component.Canon{Op: component.CanonStreamDropReadable, Type: 5},
		&component.Canon{Op: component.CanonStreamDropWritable, Type: 6},
		&component.Canon{Op: component.CanonFutureNew, Type: 7},
		&component.Canon{Op: component.CanonFutureDropReadable, Type: 8},
		&component.Canon{Op: component.CanonFutureDropWritable, Type: 9},
	}},
	{"type and options", 8, "\x04\x0f\x01\x01\x03\x02\x10\x02\x00\x16\x03\x01\x01\x17\x04\x00", []component.Def{
		&component.Canon{Op: component.CanonStreamRead, Type: 1, Opts: []component.CanonOpt{{Kind: component.OptMemory, Index: 2}}},
		&component.Canon{Op: component.CanonStreamWrite, Type: 2},
		&component.Canon{Op: component.CanonFutureRead, Type: 3, Opts: []component.CanonOpt{{Kind: component.OptUTF16}}},
		&component.Canon{Op: component.CanonFutureWrite, Type: 4},
	}},
	{"type and async", 8, "\x05\x11\x01\x00\x12\x02\x01\x18\x03\x01\x19\x04\x00\x06\x01", []component.Def{
		&component.Canon{Op: component.CanonStreamCancelRead, Type: 1},
		&component.Canon{Op: component.CanonStreamCancelWrite, Type: 2, Async: true},
		&component.Canon{Op: component.CanonFutureCancelRead, Type: 3, Async: true},
		&component.Canon{Op: component.CanonFutureCancelWrite, Type: 4},
		&component.Canon{Op: component.CanonSubtaskCancel, Async: true},
	}},
	{"no immediates", 8, "\x0b\x05\x0d\x1e\x1f\x22\x23\x24\x25\x26\x28\x05", []component.Def{
		&component.Canon{Op: component.CanonTaskCancel},
		&component.Canon{Op: component.CanonSubtaskDrop},
		&component.Canon{Op: component.CanonErrorContextDrop},
		&component.Canon{Op: component.CanonWaitableSetNew},
		&component.Canon{Op: component.CanonWaitableSetDrop},
		&component.Canon{Op: component.CanonWaitableJoin},
		&component.Canon{Op: component.CanonBackpressureInc},
		&component.Canon{Op: component.CanonBackpressureDec},
		&component.Canon{Op: component.CanonThreadIndex},
		&component.Canon{Op: component.CanonThreadResumeLater},
		&component.Canon{Op: component.CanonTaskCancel},
	}},
	{"tasks and contexts", 8, "\x06\x09\x00\x79\x00\x09\x01\x00\x01\x00\x0a\x7f\x01\x0b\x7e\x02\x1c\x00\x1d\x01\x03\x04", []component.Def{
		&component.Canon{Op: component.CanonTaskReturn, Result: prim(component.PrimU32)},
		&component.Canon{Op: component.CanonTaskReturn, Opts: []component.CanonOpt{{Kind: component.OptUTF8}}},
		&component.Canon{Op: component.CanonContextGet, ValType: corewasm.I32, Index: 1},
		&component.Canon{Op: component.CanonContextSet, ValType: corewasm.I64, Index: 2},
		&component.Canon{Op: component.CanonErrorContextNew},
		&component.Canon{Op: component.CanonErrorContextMessage, Opts: []component.CanonOpt{{Kind: component.OptMemory, Index: 4}}},
	}},
	{"waiting", 8, "\x02\x20\x00\x03\x21\x01\x04", []component.Def{
		&component.Canon{Op: component.CanonWaitableSetWait, Memory: 3},
		&component.Canon{Op: component.CanonWaitableSetPoll, Cancellable: true, Memory: 4},
	}},
	{"threads", 8, "\x0a\x0c\x01\x27\x03\x04\x29\x00\x2a\x01\x2b\x00\x2c\x01\x2d\x00\x40\x01\x05\x41\x00\x06\x07\x42\x01", []component.Def{
		&component.Canon{Op: component.CanonThreadYield, Cancellable: true},
		&component.Canon{Op: component.CanonThreadNewIndirect, CoreType: 3, Table: 4},
		&component.Canon{Op: component.CanonThreadSuspend},
		&component.Canon{Op: component.CanonThreadSuspendResume, Cancellable: true},
		&component.Canon{Op: component.CanonThreadYieldResume},
		&component.Canon{Op: component.CanonThreadSuspendPromote, Cancellable: true},
		&component.Canon{Op: component.CanonThreadYieldPromote},
		&component.Canon{Op: component.CanonThreadSpawnRef, Shared: true, CoreType: 5},
		&component.Canon{Op: component.CanonThreadSpawnIndirect, CoreType: 6, Table: 7},
		&component.Canon{Op: component.CanonThreadAvailParallel, Shared: true},
	}},
}

// TestCanonCodes checks that the tables above contain every code of a canonical definition, and that others are
// rejected.
func TestCanonCodes(t *testing.T) {
	seen := map[component.CanonOp]bool{}
	for _, p := range canons {
		for _, d := range p.want {
			seen[d.(*component.Canon).Op] = true
		}
	}
	for code := range 256 {
		op := component.CanonOp(code)
		_, ok := op.Operands()
		if ok != seen[op] {
			t.Errorf("code 0x%02x is an operation: %v, tested: %v", code, ok, seen[op])
		}
		if ok {
			continue
		}
		_, err := decode.Component(file(section(8, "\x01"+string([]byte{byte(code)}))))
		want := "expected the code of a canonical definition"
		if code == 0x08 {
			want = "backpressure.set belongs to an early draft of async, which is not supported"
		}
		wantError(t, err, 11, want)
	}
}
