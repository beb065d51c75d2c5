package validate

import (
	"errors"
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/typing"
)

var canonNames = map[component.CanonOp]string{
	component.CanonLift: "lift", component.CanonLower: "lower", component.CanonResourceNew: "resource.new",
	component.CanonResourceDrop: "resource.drop", component.CanonResourceRep: "resource.rep",
	component.CanonTaskCancel: "task.cancel", component.CanonSubtaskCancel: "subtask.cancel",
	component.CanonTaskReturn: "task.return", component.CanonContextGet: "context.get",
	component.CanonContextSet: "context.set", component.CanonThreadYield: "thread.yield",
	component.CanonSubtaskDrop: "subtask.drop", component.CanonStreamNew: "stream.new",
	component.CanonStreamRead: "stream.read", component.CanonStreamWrite: "stream.write",
	component.CanonStreamCancelRead: "stream.cancel-read", component.CanonStreamCancelWrite: "stream.cancel-write",
	component.CanonStreamDropReadable: "stream.drop-readable", component.CanonStreamDropWritable: "stream.drop-writable",
	component.CanonFutureNew: "future.new", component.CanonFutureRead: "future.read",
	component.CanonFutureWrite: "future.write", component.CanonFutureCancelRead: "future.cancel-read",
	component.CanonFutureCancelWrite: "future.cancel-write", component.CanonFutureDropReadable: "future.drop-readable",
	component.CanonFutureDropWritable: "future.drop-writable", component.CanonErrorContextNew: "error-context.new",
	component.CanonErrorContextMessage: "error-context.debug-message", component.CanonErrorContextDrop: "error-context.drop",
	component.CanonWaitableSetNew: "waitable-set.new", component.CanonWaitableSetWait: "waitable-set.wait",
	component.CanonWaitableSetPoll: "waitable-set.poll", component.CanonWaitableSetDrop: "waitable-set.drop",
	component.CanonWaitableJoin: "waitable.join", component.CanonBackpressureInc: "backpressure.inc",
	component.CanonBackpressureDec: "backpressure.dec", component.CanonThreadIndex: "thread.index",
	component.CanonThreadNewIndirect: "thread.new-indirect", component.CanonThreadResumeLater: "thread.resume-later",
	component.CanonThreadSuspend: "thread.suspend", component.CanonThreadSuspendResume: "thread.suspend-then-resume",
	component.CanonThreadYieldResume:    "thread.yield-then-resume",
	component.CanonThreadSuspendPromote: "thread.suspend-then-promote",
	component.CanonThreadYieldPromote:   "thread.yield-then-promote", component.CanonThreadSpawnRef: "thread.spawn-ref",
	component.CanonThreadSpawnIndirect: "thread.spawn-indirect",
	component.CanonThreadAvailParallel: "thread.available-parallelism",
}

func canonName(op component.CanonOp) string {
	if n, ok := canonNames[op]; ok {
		return n
	}
	return fmt.Sprintf("0x%02x", byte(op))
}

// coreFunc builds a core function type.
func coreFunc(params []corewasm.ValType, results ...corewasm.ValType) corewasm.FuncType {
	return corewasm.FuncType{Params: params, Results: results}
}

func vals(ts ...corewasm.ValType) []corewasm.ValType { return ts }

// fixedBuiltins are the built-ins whose type depends on nothing.
var fixedBuiltins = map[component.CanonOp]corewasm.FuncType{
	component.CanonTaskCancel:           coreFunc(nil),
	component.CanonSubtaskCancel:        coreFunc(vals(corewasm.I32), corewasm.I32),
	component.CanonSubtaskDrop:          coreFunc(vals(corewasm.I32)),
	component.CanonErrorContextDrop:     coreFunc(vals(corewasm.I32)),
	component.CanonWaitableSetNew:       coreFunc(nil, corewasm.I32),
	component.CanonWaitableSetDrop:      coreFunc(vals(corewasm.I32)),
	component.CanonWaitableJoin:         coreFunc(vals(corewasm.I32, corewasm.I32)),
	component.CanonBackpressureInc:      coreFunc(nil),
	component.CanonBackpressureDec:      coreFunc(nil),
	component.CanonThreadIndex:          coreFunc(nil, corewasm.I32),
	component.CanonThreadResumeLater:    coreFunc(vals(corewasm.I32)),
	component.CanonThreadSuspend:        coreFunc(nil, corewasm.I32),
	component.CanonThreadYield:          coreFunc(nil, corewasm.I32),
	component.CanonThreadSuspendResume:  coreFunc(vals(corewasm.I32), corewasm.I32),
	component.CanonThreadYieldResume:    coreFunc(vals(corewasm.I32), corewasm.I32),
	component.CanonThreadSuspendPromote: coreFunc(vals(corewasm.I32), corewasm.I32),
	component.CanonThreadYieldPromote:   coreFunc(vals(corewasm.I32), corewasm.I32),
	component.CanonThreadAvailParallel:  coreFunc(nil, corewasm.I32),
}

// elementBuiltins are the built-ins of a stream or future type whose type depends on nothing else.
var elementBuiltins = map[component.CanonOp]corewasm.FuncType{
	component.CanonStreamNew:          coreFunc(nil, corewasm.I64),
	component.CanonStreamCancelRead:   coreFunc(vals(corewasm.I32), corewasm.I32),
	component.CanonStreamCancelWrite:  coreFunc(vals(corewasm.I32), corewasm.I32),
	component.CanonStreamDropReadable: coreFunc(vals(corewasm.I32)),
	component.CanonStreamDropWritable: coreFunc(vals(corewasm.I32)),
	component.CanonFutureNew:          coreFunc(nil, corewasm.I64),
	component.CanonFutureCancelRead:   coreFunc(vals(corewasm.I32), corewasm.I32),
	component.CanonFutureCancelWrite:  coreFunc(vals(corewasm.I32), corewasm.I32),
	component.CanonFutureDropReadable: coreFunc(vals(corewasm.I32)),
	component.CanonFutureDropWritable: coreFunc(vals(corewasm.I32)),
}

// builtin validates a canonical built-in and gives its core function type.
func (v *validator) builtin(s *scope, c *component.Canon) (ft corewasm.FuncType, err error) {
	if ft, ok := fixedBuiltins[c.Op]; ok {
		return ft, nil
	}
	if ft, ok := elementBuiltins[c.Op]; ok {
		_, err := s.carrier(c)
		return ft, err
	}
	switch c.Op {
	case component.CanonResourceNew, component.CanonResourceDrop, component.CanonResourceRep:
		return s.resourceBuiltin(c)
	case component.CanonTaskReturn:
		return v.taskReturn(s, c)
	case component.CanonContextGet, component.CanonContextSet:
		return s.contextBuiltin(c)
	case component.CanonStreamRead, component.CanonStreamWrite, component.CanonFutureRead, component.CanonFutureWrite:
		return v.copyBuiltin(s, c)
	case component.CanonErrorContextNew, component.CanonErrorContextMessage:
		return v.errorContext(s, c)
	case component.CanonWaitableSetWait, component.CanonWaitableSetPoll:
		o, err := v.options(s, []component.CanonOpt{{Kind: component.OptMemory, Index: c.Memory}})
		return coreFunc(vals(corewasm.I32, o.ptr()), corewasm.I32), err
	case component.CanonThreadNewIndirect, component.CanonThreadSpawnIndirect, component.CanonThreadSpawnRef:
		return v.threadBuiltin(s, c)
	}
	return ft, fmt.Errorf("unknown canonical definition 0x%02x", byte(c.Op))
}

// carrier looks up the stream or future type of a built-in.
func (s *scope) carrier(c *component.Canon) (*valType, error) {
	t, err := s.typeOfKind(c.Type, kindValue)
	if err != nil {
		return nil, err
	}
	want := component.KindStream
	if c.Op >= component.CanonFutureNew {
		want = component.KindFuture
	}
	if t.val.kind != want {
		return nil, fmt.Errorf("`%s` requires a %s type, found %s", canonName(c.Op), kindName(want), t)
	}
	return t.val, nil
}

func (s *scope) resourceBuiltin(c *component.Canon) (ft corewasm.FuncType, err error) {
	t, err := s.typeOfKind(c.Type, kindResource)
	if err != nil {
		return ft, err
	}
	if c.Op == component.CanonResourceDrop {
		return coreFunc(vals(corewasm.I32)), nil
	}
	r := t.res
	if !r.local || r.owner != s {
		return ft, fmt.Errorf("type %d is not a local resource: `%s` may only be used by the component that defines it, "+
			"found %s", c.Type, canonName(c.Op), r.describe())
	}
	if c.Op == component.CanonResourceNew {
		return coreFunc(vals(r.rep), corewasm.I32), nil
	}
	return coreFunc(vals(corewasm.I32), r.rep), nil
}

func (v *validator) taskReturn(s *scope, c *component.Canon) (ft corewasm.FuncType, err error) {
	var params []*typ
	if c.Result != nil {
		t, err := s.valType(*c.Result)
		if err != nil {
			return ft, err
		}
		params = []*typ{t}
	}
	o, err := v.options(s, c.Opts)
	if err != nil {
		return ft, err
	}
	if err := o.onlyLift("`task.return`"); err != nil {
		return ft, err
	}
	if o.realloc != nil || o.async {
		return ft, errors.New("only the options `memory` and `string-encoding` can be specified for `task.return`")
	}
	return v.lowered(&o, params, nil)
}

func (s *scope) contextBuiltin(c *component.Canon) (ft corewasm.FuncType, err error) {
	if c.ValType != corewasm.I32 && c.ValType != corewasm.I64 {
		return ft, fmt.Errorf("`%s` only supports i32 or i64, found %s", canonName(c.Op), c.ValType)
	}
	if c.Index >= 2 {
		return ft, fmt.Errorf("`%s` index out of bounds: expected less than 2, found %d", canonName(c.Op), c.Index)
	}
	if s.context.Code != 0 && s.context != c.ValType {
		return ft, fmt.Errorf("`%s` type must match previous context type: expected %s, found %s", canonName(c.Op), s.context,
			c.ValType)
	}
	s.context = c.ValType
	if c.Op == component.CanonContextGet {
		return coreFunc(nil, c.ValType), nil
	}
	return coreFunc(vals(c.ValType)), nil
}

// copyBuiltin validates reads and writes of streams and futures.
func (v *validator) copyBuiltin(s *scope, c *component.Canon) (ft corewasm.FuncType, err error) {
	carrier, err := s.carrier(c)
	if err != nil {
		return ft, err
	}
	o, err := v.options(s, c.Opts)
	if err != nil {
		return ft, err
	}
	if err := o.onlyLift("`" + canonName(c.Op) + "`"); err != nil {
		return ft, err
	}
	reads := c.Op == component.CanonStreamRead || c.Op == component.CanonFutureRead
	if carrier.elem != nil {
		err := o.needMemory(true, "elements go through memory")
		if err == nil && reads {
			err = o.needRealloc(carrier.elem.val.pointer, "an element contains a list or string")
		}
		if err != nil {
			return ft, err
		}
	}
	p := o.ptr()
	if carrier.kind == component.KindStream {
		return coreFunc(vals(corewasm.I32, p, p), p), nil
	}
	return coreFunc(vals(corewasm.I32, p), corewasm.I32), nil
}

func (v *validator) errorContext(s *scope, c *component.Canon) (ft corewasm.FuncType, err error) {
	o, err := v.options(s, c.Opts)
	if err != nil {
		return ft, err
	}
	name := "`" + canonName(c.Op) + "`"
	if err := o.onlyLift(name); err != nil {
		return ft, err
	}
	if o.async {
		return ft, fmt.Errorf("cannot specify `async` option on %s", name)
	}
	if err := o.needMemory(true, "the message is a string"); err != nil {
		return ft, err
	}
	p := o.ptr()
	if c.Op == component.CanonErrorContextNew {
		return coreFunc(vals(p, p), corewasm.I32), nil
	}
	return coreFunc(vals(corewasm.I32, p)), o.needRealloc(true, "the message is a string")
}

// threadBuiltin validates the built-ins that start threads.
func (v *validator) threadBuiltin(s *scope, c *component.Canon) (ft corewasm.FuncType, err error) {
	arg, err := v.startArg(s, c)
	if err != nil {
		return ft, err
	}
	if c.Shared {
		return ft, fmt.Errorf("`%s` with `shared` needs shared core types, which are not supported", canonName(c.Op))
	}
	if c.Op == component.CanonThreadSpawnRef {
		return coreFunc(vals(arg), corewasm.I32), nil // spawnRef adds the reference
	}
	table, err := at(s.coreTables, c.Table, "table")
	if err != nil {
		return ft, err
	}
	if !typing.Match(&v.core, table.Elem, corewasm.FuncRef) {
		return ft, fmt.Errorf("expected a table of funcref, found a table of %s", table.Elem)
	}
	index := corewasm.I32
	if table.Limits.Is64 {
		index = corewasm.I64
	}
	return coreFunc(vals(index, arg), corewasm.I32), nil
}

// startArg checks the type of a thread's start function and gives that of its parameter.
func (v *validator) startArg(s *scope, c *component.Canon) (corewasm.ValType, error) {
	e, err := at(s.coreTypes, c.CoreType, "core type")
	if err != nil {
		return corewasm.ValType{}, err
	}
	if e.mod == nil {
		ft, ok := v.core.funcType(e.id)
		if ok && len(ft.Results) == 0 && len(ft.Params) == 1 &&
			(ft.Params[0] == corewasm.I32 || ft.Params[0] == corewasm.I64) {
			return ft.Params[0], nil
		}
	}
	return corewasm.ValType{}, fmt.Errorf("core type %d is no start function type: expected a function that takes one i32 or "+
		"i64 and returns nothing", c.CoreType)
}

// spawnRef adds the core function of thread.spawn-ref, whose first parameter is a reference to the start function's
// type.
func (v *validator) spawnRef(s *scope, c *component.Canon, ft corewasm.FuncType) error {
	// In a space of one type, that type has index 0.
	start := corewasm.ValType{Code: corewasm.CodeRefNull, Heap: 0}
	ft.Params = append(vals(start), ft.Params...)
	g := &corewasm.RecGroup{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc, Func: ft}}}
	id, err := v.core.intern(g.Group(1), s.coreTypes[c.CoreType:c.CoreType+1])
	if err != nil {
		return err
	}
	s.coreFuncs = append(s.coreFuncs, id)
	return nil
}
