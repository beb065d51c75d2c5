// This file implements validation of lifts and lowers.

package validate

import (
	"errors"
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// canon validates a canonical definition (CanonicalABI.md, "Canonical Definitions").
func (v *validator) canon(s *scope, c *component.Canon) error {
	if c.Op == component.CanonLift {
		ft, err := v.lift(s, c)
		if err != nil {
			return err
		}
		s.push(entity{kind: entFunc, fn: ft})
		return nil
	}
	var ft corewasm.FuncType
	var err error
	if c.Op == component.CanonLower {
		ft, err = v.lower(s, c)
	} else {
		ft, err = v.builtin(s, c)
	}
	if err != nil {
		return err
	}
	if c.Op == component.CanonThreadSpawnRef {
		return v.spawnRef(s, c, ft)
	}
	s.coreFuncs = append(s.coreFuncs, v.core.function(ft.Params, ft.Results))
	return nil
}

var (
	errAsyncType = errors.New("the `async` canonical option requires an async function type")
	manyParams   = fmt.Sprintf("more than %d flat parameters go through memory", cabi.MaxFlatParams)
)

// lift validates canon lift and returns the lifted function's type.
func (v *validator) lift(s *scope, c *component.Canon) (*funcType, error) {
	t, err := s.typeOfKind(c.Type, kindFunc)
	if err != nil {
		return nil, err
	}
	callee, err := component.Pick(s.coreFuncs, c.CoreFunc, "core function")
	if err != nil {
		return nil, err
	}
	o, err := v.options(s, c.Opts)
	if err != nil {
		return nil, err
	}
	ft := t.fn
	if o.async && !ft.async {
		return nil, errAsyncType
	}
	params, results := layoutOf(paramTypes(ft), o.ptr64()), layoutOf(resultTypes(ft), o.ptr64())
	maxResults := cabi.MaxFlatResults
	if o.async {
		maxResults = cabi.MaxFlatParams
	}
	if err := errors.Join(
		o.needRealloc(pointers(paramTypes(ft)), "a parameter contains a list or string"),
		o.needRealloc(params.TooFlat(), manyParams),
		o.needMemory(pointers(resultTypes(ft)), "the result contains a list or string"),
		o.needMemory(len(results.Flat) > maxResults, fmt.Sprintf("more than %d flat results go through memory", maxResults)),
	); err != nil {
		return nil, firstOf(err)
	}
	if err := v.checkLifted(callee, o.abi().Lifted(params, results), &o); err != nil {
		return nil, err
	}
	return ft, nil
}

// checkLifted compares the core functions of canon lift with their expected types.
func (v *validator) checkLifted(callee coreTypeID, want corewasm.FuncType, o *canonOpts) error {
	got, ok := v.core.funcType(callee)
	if !ok {
		return errors.New("expected a core function")
	}
	if !(corewasm.FuncType{Params: got.Params}).Equal(corewasm.FuncType{Params: want.Params}) {
		return diag.Differ("lowered parameter types `%v` do not match parameter types `%v` of the core function", want.Params,
			got.Params)
	}
	if !got.Equal(want) {
		return diag.Differ("lowered result types `%v` do not match result types `%v` of the core function", want.Results,
			got.Results)
	}
	if callee != v.core.function(want.Params, want.Results) {
		return fmt.Errorf("expected the type `%v`: the core function's looks like it, but is not final, has a supertype or "+
			"belongs to a larger recursion group", want)
	}
	if o.postReturn != nil {
		if err := v.wantFunc(*o.postReturn, corewasm.FuncType{Params: want.Results}); err != nil {
			return fmt.Errorf("canonical option `post-return` uses a core function with an incorrect signature: %w", err)
		}
	}
	if o.callback != nil {
		i := corewasm.I32
		callback := corewasm.FuncType{Params: []corewasm.ValType{i, i, i}, Results: []corewasm.ValType{i}}
		if err := v.wantFunc(*o.callback, callback); err != nil {
			return fmt.Errorf("canonical option `callback` uses a core function with an incorrect signature: %w", err)
		}
	}
	return nil
}

// firstOf returns the first of joined errors, because one is easier to read.
func firstOf(err error) error {
	if j, ok := err.(interface{ Unwrap() []error }); ok {
		return j.Unwrap()[0]
	}
	return err
}

// lower validates canon lower and returns the core function's type. CanonicalABI.md requires a memory for every async
// lower. The reference tests, which are followed, have valid async lowers without a memory if nothing is passed in
// memory.
func (v *validator) lower(s *scope, c *component.Canon) (corewasm.FuncType, error) {
	e, err := s.space.At(component.SortFunc, c.Func)
	if err != nil {
		return corewasm.FuncType{}, err
	}
	o, err := v.options(s, c.Opts)
	if err != nil {
		return corewasm.FuncType{}, err
	}
	if err := o.onlyLift("lowerings"); err != nil {
		return corewasm.FuncType{}, err
	}
	ft := e.fn
	if o.async && !ft.async {
		return corewasm.FuncType{}, errAsyncType
	}
	if err := o.needRealloc(pointers(resultTypes(ft)), "the result contains a list or string"); err != nil {
		return corewasm.FuncType{}, err
	}
	return v.lowered(&o, paramTypes(ft), resultTypes(ft))
}

// lowered returns the core type of a lowered function (CanonicalABI.md, "Flattening") and requires memory where it is
// used.
func (v *validator) lowered(o *canonOpts, params, results []*typ) (ft corewasm.FuncType, err error) {
	p, r := layoutOf(params, o.ptr64()), layoutOf(results, o.ptr64())
	maxParams, maxResults := o.abi().MaxLoweredParams(), cabi.MaxFlatResults
	if o.async {
		maxResults = 0
	}
	if err := errors.Join(
		o.needMemory(pointers(params), "a parameter contains a list or string"),
		o.needMemory(pointers(results), "the result contains a list or string"),
		o.needMemory(len(p.Flat) > maxParams, fmt.Sprintf("more than %d flat parameters go through memory", maxParams)),
		o.needMemory(len(r.Flat) > maxResults, fmt.Sprintf("more than %d flat results go through memory", maxResults)),
	); err != nil {
		return ft, firstOf(err)
	}
	return o.abi().Lowered(p, r), nil
}
