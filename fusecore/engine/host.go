// This file implements what the host provides.

package engine

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// Host is what a program provides for the imports of components: functions and resource types. Several instances may
// use it, from several goroutines, once it is complete. The zero value provides nothing.
type Host struct {
	funcs     map[string]any
	resources map[string]any
}

// Dynamic is a host function whose arguments and result have the Go types of package wave. It can implement a function of
// any type. The result is ignored if the type has none.
type Dynamic func(ctx context.Context, f *FuncType, args []any) (any, error)

// Func provides a function: "ns:pkg/interface@1.0.0#function", or "function" if it belongs to no interface. The functions
// of a resource type have the names of WIT's binary form: "[constructor]r", "[method]r.m", "[static]r.f".
//
// fn is a [Dynamic], or a function whose parameters have Go types that fit, after a context.Context if it begins with
// one. It returns a value if the type of the function has a result, and may also return an error, which traps the guest.
// A mismatch is an error of [Component.Instantiate].
func (h *Host) Func(name string, fn any) {
	if h.funcs == nil {
		h.funcs = map[string]any{}
	}
	h.funcs[name] = fn
}

// Resource provides a resource type, "ns:pkg/interface@1.0.0#type". Its values are Go values. drop is nil, or a function
// that is called with a value when its owner drops it: func(T), func(T) error or either after a context.Context. Values
// then must have the Go type T.
func (h *Host) Resource(name string, drop any) {
	if h.resources == nil {
		h.resources = map[string]any{}
	}
	h.resources[name] = drop
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

// goFunc is a Go function as the two sides of a call see it.
type goFunc struct {
	fn      reflect.Value
	params  []reflect.Type // without a context
	context bool
	result  reflect.Type // or nil
	err     bool
}

// examine reads the type of a function.
func examine(g reflect.Type) (f goFunc, err error) {
	if g == nil || g.Kind() != reflect.Func || g.IsVariadic() {
		return f, fmt.Errorf("%v is no function with a fixed number of parameters", g)
	}
	for i := range g.NumIn() {
		if p := g.In(i); i == 0 && p == contextType {
			f.context = true
		} else {
			f.params = append(f.params, p)
		}
	}
	for i := range g.NumOut() {
		switch r := g.Out(i); {
		case i == g.NumOut()-1 && r == errorType:
			f.err = true
		case i == 0:
			f.result = r
		default:
			return f, errors.New("it must return at most one value and an error")
		}
	}
	return f, nil
}

// callFunc calls a host's function. Its panics are its own.
func (f *goFunc) callFunc(ctx context.Context, args []reflect.Value) (result reflect.Value, err error) {
	if f.context {
		args = append([]reflect.Value{reflect.ValueOf(ctx)}, args...)
	}
	out := f.fn.Call(args)
	if f.err {
		err, _ = out[len(out)-1].Interface().(error)
	}
	if f.result != nil {
		result = out[0]
	}
	return result, err
}

// signatureOf are the codecs of a function's parameters and result.
type signatureOf struct {
	params []codec
	result codec
}

// fit returns the codecs for a WIT function and a Go function.
func (in *Instance) fit(ft *FuncType, f *goFunc) (s signatureOf, err error) {
	if len(ft.Params) != len(f.params) {
		return s, fmt.Errorf("%v has %d parameters, not %d", ft, len(ft.Params), len(f.params))
	}
	for i, p := range ft.Params {
		c, err := in.codec(p.Type, f.params[i])
		if err != nil {
			return s, fmt.Errorf("parameter %s: %w", p.Label, err)
		}
		s.params = append(s.params, c)
	}
	switch {
	case (ft.Result == nil) != (f.result == nil):
		return s, fmt.Errorf("only one of %v and the Go function has a result", ft)
	case ft.Result != nil:
		if s.result, err = in.codec(ft.Result, f.result); err != nil {
			err = fmt.Errorf("result: %w", err)
		}
	}
	return s, err
}

// linkResources takes the resource types from the host.
func (in *Instance) linkResources(h *Host) error {
	for _, rt := range in.comp.resources {
		for _, name := range rt.names {
			drop, ok := h.resources[name]
			if !ok {
				continue
			}
			if drop == nil {
				break
			}
			f, err := examine(reflect.TypeOf(drop))
			if err != nil || len(f.params) != 1 || f.result != nil {
				return diag.New(name, "what drops a resource must be func(T), func(T) error or either after a context.Context, not %T", drop)
			}
			f.fn = reflect.ValueOf(drop)
			in.goTypes[rt] = f.params[0]
			in.drops[rt] = func(ctx context.Context, v any) error {
				arg := reflect.New(f.params[0]).Elem()
				if v != nil {
					arg.Set(reflect.ValueOf(v))
				}
				_, err := f.callFunc(ctx, []reflect.Value{arg})
				return err
			}
			break
		}
	}
	return nil
}
