// This file implements validation of canonical built-ins.

package validate

import (
	"errors"
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/typing"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// coreFunc builds a core function type.
func coreFunc(params []corewasm.ValType, results ...corewasm.ValType) corewasm.FuncType {
	return corewasm.FuncType{Params: params, Results: results}
}

func vals(ts ...corewasm.ValType) []corewasm.ValType { return ts }

// builtin validates a canonical built-in and returns its core function type.
func (v *validator) builtin(s *scope, c *component.Canon) (ft corewasm.FuncType, err error) {
	switch c.Op {
	case component.CanonResourceNew, component.CanonResourceDrop, component.CanonResourceRep:
		return s.resourceBuiltin(c)
	case component.CanonTaskReturn:
		return v.taskReturn(s, c)
	case component.CanonContextGet, component.CanonContextSet:
		return s.contextBuiltin(c)
	case component.CanonStreamNew, component.CanonStreamCancelRead, component.CanonStreamCancelWrite, component.CanonStreamDropReadable,
		component.CanonStreamDropWritable, component.CanonFutureNew, component.CanonFutureCancelRead, component.CanonFutureCancelWrite,
		component.CanonFutureDropReadable, component.CanonFutureDropWritable:
		_, err = s.carrier(c)
	case component.CanonStreamRead, component.CanonStreamWrite, component.CanonFutureRead, component.CanonFutureWrite:
		return v.copyBuiltin(s, c)
	case component.CanonErrorContextNew, component.CanonErrorContextMessage:
		return v.errorContext(s, c)
	case component.CanonWaitableSetWait, component.CanonWaitableSetPoll:
		o, err := v.options(s, []component.CanonOpt{{Kind: component.OptMemory, Index: c.Memory}})
		ft, _ = c.Op.CoreType(o.ptr())
		return ft, err
	case component.CanonThreadNewIndirect, component.CanonThreadSpawnIndirect, component.CanonThreadSpawnRef:
		return v.threadBuiltin(s, c)
	}
	if err != nil {
		return ft, err
	}
	ft, ok := c.Op.CoreType(corewasm.I32)
	if !ok {
		return ft, fmt.Errorf("unknown canonical definition 0x%02x", byte(c.Op))
	}
	return ft, nil
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
		return nil, diag.Differ("`%s` requires a %s type, found %s", c.Op, kindName(want), t)
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
			"found %s", c.Type, c.Op, r.describe())
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
		return ft, diag.Differ("`%s` only supports %s, found %s", c.Op, "i32 or i64", c.ValType)
	}
	if c.Index >= 2 {
		return ft, diag.Differ("`%s` index out of bounds: expected %s, found %d", c.Op, "less than 2", c.Index)
	}
	if s.context.Code != 0 && s.context != c.ValType {
		return ft, diag.Differ("`%s` type must match previous context type: expected %s, found %s", c.Op, s.context,
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
	if err := o.onlyLift("`" + c.Op.String() + "`"); err != nil {
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
	ft, _ = c.Op.CoreType(o.ptr())
	return ft, nil
}

func (v *validator) errorContext(s *scope, c *component.Canon) (ft corewasm.FuncType, err error) {
	o, err := v.options(s, c.Opts)
	if err != nil {
		return ft, err
	}
	name := "`" + c.Op.String() + "`"
	if err := o.onlyLift(name); err != nil {
		return ft, err
	}
	if o.async {
		return ft, fmt.Errorf("cannot specify `async` option on %s", name)
	}
	if err := o.needMemory(true, "the message is a string"); err != nil {
		return ft, err
	}
	ft, _ = c.Op.CoreType(o.ptr())
	if c.Op == component.CanonErrorContextMessage {
		err = o.needRealloc(true, "the message is a string")
	}
	return ft, err
}

// threadBuiltin validates the built-ins that start threads.
func (v *validator) threadBuiltin(s *scope, c *component.Canon) (ft corewasm.FuncType, err error) {
	arg, err := v.startArg(s, c)
	if err != nil {
		return ft, err
	}
	if c.Op == component.CanonThreadSpawnRef {
		return coreFunc(vals(arg), corewasm.I32), nil // spawnRef adds the reference
	}
	table, err := component.Pick(s.coreTables, c.Table, "table")
	if err != nil {
		return ft, err
	}
	if !typing.Match(&v.core, table.Elem, corewasm.FuncRef) {
		return ft, diag.Differ("expected a table of %s, found a table of %s", "funcref", table.Elem)
	}
	index := corewasm.I32
	if table.Limits.Is64 {
		index = corewasm.I64
	}
	return coreFunc(vals(index, arg), corewasm.I32), nil
}

// startArg checks the type of a thread's start function and returns that of its parameter.
func (v *validator) startArg(s *scope, c *component.Canon) (corewasm.ValType, error) {
	e, err := component.Pick(s.coreTypes, c.CoreType, "core type")
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
	return corewasm.ValType{}, fmt.Errorf("core type %d is not a start function type: expected a function that takes one i32 or "+
		"i64 and returns nothing", c.CoreType)
}

// spawnRef adds the core function of thread.spawn-ref, whose first parameter is a reference to the start function's
// type.
func (v *validator) spawnRef(s *scope, c *component.Canon, ft corewasm.FuncType) error {
	// In a space with one type, that type has index 0.
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
