// This file implements validation of canonical options.

package validate

import (
	"errors"
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// canonOpts are the options of a canonical definition, whose indices have been checked.
type canonOpts struct {
	encoding   *component.OptKind
	memory     *corewasm.MemType
	realloc    *coreTypeID
	postReturn *coreTypeID
	callback   *coreTypeID
	async      bool
}

var optNames = [...]string{"utf8", "utf16", "latin1-utf16", "memory", "realloc", "post-return", "async", "callback"}

// options checks a list of options (CanonicalABI.md, "canonopt Validation").
func (v *validator) options(s *scope, list []component.CanonOpt) (o canonOpts, err error) {
	for _, opt := range list {
		if int(opt.Kind) >= len(optNames) {
			return o, fmt.Errorf("unknown canonical option 0x%02x", byte(opt.Kind))
		}
		if err := o.add(s, opt); err != nil {
			if opt.Offset > 0 {
				err = diag.At(opt.Offset, "%v", err)
			}
			return o, err
		}
	}
	switch {
	case o.callback != nil && !o.async:
		return o, errors.New("cannot specify callback without async")
	case o.postReturn != nil && o.async:
		return o, errors.New("cannot specify post-return function in async")
	}
	if o.memory != nil {
		m := *o.memory
		want := corewasm.MemType{Limits: corewasm.Limits{Is64: m.Limits.Is64}, PageSizeLog2: m.PageSizeLog2}
		if err := v.core.coreMatch(coreExtern{kind: corewasm.ExternMem, mem: m}, coreExtern{kind: corewasm.ExternMem,
			mem: want}); err != nil {
			return o, fmt.Errorf("canonical option `memory` uses an unsuitable memory: %w", err)
		}
	}
	if o.realloc != nil {
		if o.memory == nil {
			return o, errors.New("canonical option `realloc` requires `memory` to also be specified")
		}
		p := o.ptr()
		want := corewasm.FuncType{Params: []corewasm.ValType{p, p, p, p}, Results: []corewasm.ValType{p}}
		if err := v.wantFunc(*o.realloc, want); err != nil {
			return o, fmt.Errorf("canonical option `realloc` uses a core function with an incorrect signature: %w", err)
		}
	}
	return o, nil
}

func (o *canonOpts) add(s *scope, opt component.CanonOpt) error {
	again := fmt.Errorf("canonical option `%s` is specified more than once", optNames[opt.Kind])
	function := func(to **coreTypeID) error {
		if *to != nil {
			return again
		}
		id, err := component.Pick(s.coreFuncs, opt.Index, "core function")
		*to = &id
		return err
	}
	switch opt.Kind {
	case component.OptMemory:
		if o.memory != nil {
			return again
		}
		m, err := component.Pick(s.coreMems, opt.Index, "memory")
		o.memory = &m
		return err
	case component.OptRealloc:
		return function(&o.realloc)
	case component.OptPostReturn:
		return function(&o.postReturn)
	case component.OptCallback:
		return function(&o.callback)
	case component.OptAsync:
		if o.async {
			return again
		}
		o.async = true
		return nil
	}
	if o.encoding != nil {
		return fmt.Errorf("canonical encoding option `%s` conflicts with option `%s`", optNames[*o.encoding],
			optNames[opt.Kind])
	}
	kind := opt.Kind
	o.encoding = &kind
	return nil
}

// ptr returns the pointer type of the options: that of the memory, or i32 without one.
func (o *canonOpts) ptr() corewasm.ValType {
	return cabi.PtrType(o.ptr64())
}

// needMemory requires the memory option if a condition holds.
func (o *canonOpts) needMemory(when bool, why string) error {
	if when && o.memory == nil {
		return fmt.Errorf("canonical option `memory` is required: %s", why)
	}
	return nil
}

// needRealloc requires the realloc option, and thus memory, if a condition holds.
func (o *canonOpts) needRealloc(when bool, why string) error {
	if err := o.needMemory(when, why); err != nil {
		return err
	}
	if when && o.realloc == nil {
		return fmt.Errorf("canonical option `realloc` is required: %s", why)
	}
	return nil
}

// onlyLift rejects the options that only canon lift has.
func (o *canonOpts) onlyLift(where string) error {
	if o.postReturn != nil {
		return fmt.Errorf("canonical option `post-return` cannot be specified for %s", where)
	}
	if o.callback != nil {
		return fmt.Errorf("canonical option `callback` cannot be specified for %s", where)
	}
	return nil
}

// wantFunc returns an error if a core function's type differs from the expected one.
func (v *validator) wantFunc(id coreTypeID, want corewasm.FuncType) error {
	if ft, ok := v.core.funcType(id); !ok || !ft.Equal(want) {
		return diag.Differ("expected %s, found %s", want, v.core.describe(id))
	}
	return nil
}

// ptr64 reports whether addresses of the memory are i64.
func (o *canonOpts) ptr64() bool { return o.memory != nil && o.memory.Limits.Is64 }

// abi returns the options that affect core signatures.
func (o *canonOpts) abi() cabi.Options {
	return cabi.Options{Ptr64: o.ptr64(), Async: o.async, Callback: o.callback != nil}
}

func paramTypes(ft *funcType) []*typ {
	ts := make([]*typ, len(ft.params))
	for i, p := range ft.params {
		ts[i] = p.t
	}
	return ts
}

func resultTypes(ft *funcType) []*typ {
	if ft.result == nil {
		return nil
	}
	return []*typ{ft.result}
}

func pointers(ts []*typ) bool {
	for _, t := range ts {
		if t.val.pointer {
			return true
		}
	}
	return false
}
