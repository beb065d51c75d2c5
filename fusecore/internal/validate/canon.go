package validate

import (
	"errors"
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// canon validates a canonical definition (CanonicalABI.md, "Canonical Definitions").
func (v *validator) canon(s *scope, c *component.Canon) error {
	if c.Op == component.CanonLift {
		ft, err := v.lift(s, c)
		if err != nil {
			return err
		}
		s.funcs = append(s.funcs, ft)
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
	manyParams   = fmt.Sprintf("more than %d flat parameters go through memory", maxFlatParams)
)

// lift validates canon lift and gives the lifted function's type.
func (v *validator) lift(s *scope, c *component.Canon) (*funcType, error) {
	t, err := s.typeOfKind(c.Type, kindFunc)
	if err != nil {
		return nil, err
	}
	callee, err := at(s.coreFuncs, c.CoreFunc, "core function")
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
	params, results := v.flatten(&o, paramTypes(ft)), v.flatten(&o, resultTypes(ft))
	maxResults := maxFlatResults
	if o.async {
		maxResults = maxFlatParams
	}
	if err := errors.Join(
		o.needRealloc(pointers(paramTypes(ft)), "a parameter contains a list or string"),
		o.needRealloc(len(params) > maxFlatParams, manyParams),
		o.needMemory(pointers(resultTypes(ft)), "the result contains a list or string"),
		o.needMemory(len(results) > maxResults, fmt.Sprintf("more than %d flat results go through memory", maxResults)),
	); err != nil {
		return nil, firstOf(err)
	}
	want := corewasm.FuncType{Params: coreVals(params), Results: coreVals(results)}
	if len(params) > maxFlatParams {
		want.Params = []corewasm.ValType{o.ptr()}
	}
	switch {
	case o.async && o.callback != nil:
		want.Results = []corewasm.ValType{corewasm.I32}
	case o.async:
		want.Results = nil
	case len(results) > maxFlatResults:
		want.Results = []corewasm.ValType{o.ptr()}
	}
	if err := v.checkLifted(callee, want, &o); err != nil {
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
		return fmt.Errorf("lowered parameter types `%v` do not match parameter types `%v` of the core function", want.Params,
			got.Params)
	}
	if !got.Equal(want) {
		return fmt.Errorf("lowered result types `%v` do not match result types `%v` of the core function", want.Results,
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

// firstOf gives the first of joined errors: each would do, and one is easier to read.
func firstOf(err error) error {
	if j, ok := err.(interface{ Unwrap() []error }); ok {
		return j.Unwrap()[0]
	}
	return err
}

// lower validates canon lower and gives the core function's type. CanonicalABI.md asks for a memory whenever async is
// given; the reference tests have valid async lowerings without one where nothing goes through memory, and are followed.
func (v *validator) lower(s *scope, c *component.Canon) (corewasm.FuncType, error) {
	ft, err := at(s.funcs, c.Func, "function")
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
	if o.async && !ft.async {
		return corewasm.FuncType{}, errAsyncType
	}
	if err := o.needRealloc(pointers(resultTypes(ft)), "the result contains a list or string"); err != nil {
		return corewasm.FuncType{}, err
	}
	return v.lowered(&o, paramTypes(ft), resultTypes(ft))
}

// lowered gives the core type of a lowered function (CanonicalABI.md, "Flattening") and requires memory where it is
// used.
func (v *validator) lowered(o *canonOpts, params, results []*typ) (ft corewasm.FuncType, err error) {
	p, r := v.flatten(o, params), v.flatten(o, results)
	maxParams, maxResults := maxFlatParams, maxFlatResults
	if o.async {
		maxParams, maxResults = maxFlatAsyncParams, 0
	}
	if err := errors.Join(
		o.needMemory(pointers(params), "a parameter contains a list or string"),
		o.needMemory(pointers(results), "the result contains a list or string"),
		o.needMemory(len(p) > maxParams, fmt.Sprintf("more than %d flat parameters go through memory", maxParams)),
		o.needMemory(len(r) > maxResults, fmt.Sprintf("more than %d flat results go through memory", maxResults)),
	); err != nil {
		return ft, firstOf(err)
	}
	ft.Params = coreVals(p)
	if len(p) > maxParams {
		ft.Params = []corewasm.ValType{o.ptr()}
	}
	ft.Results = coreVals(r)
	if len(r) > maxResults {
		ft.Params = append(ft.Params, o.ptr())
		ft.Results = nil
	}
	if o.async {
		ft.Results = []corewasm.ValType{corewasm.I32}
	}
	return ft, nil
}
