// This file implements calls in both directions: canon lift and canon lower of the Canonical ABI.

package engine

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/tetratelabs/wazero/api"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// call is a running call: a task if the host calls the guest, a subtask otherwise. It is the scope of borrowed handles.
type call struct {
	in      *Instance
	ctx     context.Context
	space   uint64      // that values from the guest may still take on the Go side, in bytes
	borrows int         // handles that the guest has borrowed and not dropped
	lenders []uint32    // indices of handles of the guest that are lent to the host
	lent    []*Resource // that are lent to the guest
	given   []uint32    // indices of handles that the guest is given as arguments
	passed  []*Resource // that the guest is given
}

// bytes returns a range of the guest's memory that is in bounds, until the guest runs again.
func (c *call) bytes(ptr, size uint32) []byte {
	if size == 0 {
		return nil
	}
	b, ok := c.in.memory().Read(ptr, size)
	if !ok {
		trap("out-of-bounds pointer")
	}
	return b
}

// span is bytes for a range that the guest gives.
func (c *call) span(ptr uint32, size uint64, align uint32, what string) []byte {
	switch {
	case ptr%align != 0:
		trap("unaligned pointer of a %s", what)
	case uint64(ptr)+size > uint64(c.in.memory().Size()):
		trap("out-of-bounds pointer of a %s", what)
	}
	return c.bytes(ptr, uint32(size))
}

func (in *Instance) memory() api.Memory {
	if in.mem == nil {
		trap("the core module exports no memory %q", in.comp.abi.Memory)
	}
	return in.mem
}

// allocate implements LiftLowerContext.allocate.
func (c *call) allocate(align uint32, size uint64) uint32 {
	in := c.in
	if in.realloc == nil {
		trap("the core module exports no function %q", in.comp.abi.Realloc)
	}
	if size > cabi.MaxBytes<<2 {
		badValue("a value of %d bytes is too large", size)
	}
	was := in.mayLeave
	in.mayLeave = false
	results, err := in.realloc.call(c.ctx, 0, 0, uint64(align), size)
	in.mayLeave = was
	if err != nil {
		panic(asTrap(in.comp.failure(c.ctx, "", err)))
	}
	ptr := uint32(results[0])
	switch {
	case ptr%align != 0:
		trap("realloc returned an unaligned pointer")
	case uint64(ptr)+size > uint64(in.memory().Size()):
		trap("realloc returned an out-of-bounds pointer")
	}
	return ptr
}

// coreFunc is a function of the guest with its stack of arguments and results.
type coreFunc struct {
	f     api.Function
	stack []uint64
	n     int // results
}

func newCoreFunc(f api.Function) *coreFunc {
	if f == nil {
		return nil
	}
	params, results := len(f.Definition().ParamTypes()), len(f.Definition().ResultTypes())
	return &coreFunc{f, make([]uint64, max(params, results)), results}
}

// call calls the function. The results are valid until the next call.
func (f *coreFunc) call(ctx context.Context, args ...uint64) ([]uint64, error) {
	copy(f.stack, args)
	if err := f.f.CallWithStack(ctx, f.stack); err != nil {
		return nil, err
	}
	return f.stack[:f.n], nil
}

// asTrap returns an error of running code as what a host function panics with.
func asTrap(err error) error {
	if e := outermost(err); e != nil {
		return e
	}
	return &Trap{Msg: err.Error(), Err: err}
}

// enter begins a call by the host.
func (in *Instance) enter(name string) error {
	switch {
	case in.dead != nil:
		why, _, _ := strings.Cut(in.dead.Error(), "\n")
		return &Trap{Func: name, Msg: "cannot enter component instance: it cannot be used any more: " + why, Err: in.dead}
	case in.busy:
		return &Trap{Func: name, Msg: "cannot enter component instance: it is running"}
	}
	in.busy = true
	return nil
}

// errUnfinished is the error of a call by the host until it has one or returns: what ends a goroutine instead, such as
// runtime.Goexit in a host function, leaves the instance dead.
var errUnfinished = errors.New("a call of it has not returned")

// leave ends a call by the host that enter began. It must be deferred, with errUnfinished as the error. An error of
// running code, which may be a panic, becomes the error of the call, and leaves the instance dead.
func (in *Instance) leave(name string, err *error) {
	in.busy = false
	switch r := recover().(type) {
	case nil:
	case valueError:
		*err = fmt.Errorf("%s: %w", name, r.error)
		return // the guest has not run, except for allocations
	case *Trap:
		*err = r
	case *Exit:
		*err = r
	default:
		in.dead = errUnfinished
		panic(r)
	}
	if *err == nil {
		return
	}
	if t, ok := (*err).(*Trap); ok && t.Func == "" {
		t.Func = name
	}
	in.mayLeave = true
	if _, ok := (*err).(*Exit); ok && in.dead == errClosed { // by a host function, which ends what runs
		*err = &Trap{Func: name, Msg: errClosed.Error(), Err: errClosed}
	}
	in.dead = *err
}

// boundFunc is an export that the host calls.
type boundFunc struct {
	*exportedFunc
	in      *Instance
	f, post *coreFunc
	params  *cabi.Layout // of the tuple of the parameters, or nil
	result  *cabi.Layout // or nil
	dynamic *signatureOf // for values of the types of package wave, or nil
	flat    flat
}

// bound returns an exported function.
func (in *Instance) bound(name string) (*boundFunc, error) {
	if b, ok := in.funcs[name]; ok {
		return b, nil
	}
	x, ok := in.comp.exports[name]
	if !ok {
		return nil, diag.New(name, "the component exports no such function").WithHint("it exports %s", names(in.comp.exportList))
	}
	b := &boundFunc{exportedFunc: x, in: in, f: newCoreFunc(in.mod.ExportedFunction(x.core)), post: newCoreFunc(in.mod.ExportedFunction(x.post))}
	b.params, b.result = in.layouts.Sides(x.Type, false)
	in.funcs[name] = b
	return b, nil
}

func names(funcs []Func) string {
	if len(funcs) == 0 {
		return "nothing"
	}
	all := make([]string, len(funcs))
	for i, f := range funcs {
		all[i] = f.Name
	}
	return diag.List(all)
}

func (in *Instance) layout(t *Type) *cabi.Layout { return in.layouts.Of(t, false) }

// Func returns an exported function of the component.
func (in *Instance) Func(name string) (Func, error) {
	b, err := in.bound(name)
	if err != nil {
		return Func{}, err
	}
	return b.Func, nil
}

// Call calls an exported function with values of Go types that fit, and returns its result, whose Go type is that of
// package wave, or nil if the function has none.
func (in *Instance) Call(ctx context.Context, name string, args ...any) (any, error) {
	b, err := in.bound(name)
	if err != nil {
		return nil, err
	}
	if len(args) != len(b.Type.Params) {
		return nil, diag.New(name, "it takes %d arguments, not %d: %v", len(b.Type.Params), len(args), b.Type)
	}
	if b.dynamic == nil {
		if b.dynamic, err = in.dynamicSignature(b.Type); err != nil {
			return nil, diag.In(err, "", "", name)
		}
	}
	values := make([]reflect.Value, len(args))
	for i := range args {
		values[i] = reflect.ValueOf(&args[i]).Elem()
	}
	var result any
	err = b.call(ctx, b.dynamic, values, reflect.ValueOf(&result).Elem())
	return result, err
}

// dynamicSignature returns the codecs of a function for values of the types of package wave.
func (in *Instance) dynamicSignature(ft *FuncType) (*signatureOf, error) {
	anyType := reflect.TypeFor[any]()
	g := goFunc{params: make([]reflect.Type, len(ft.Params))}
	for i := range g.params {
		g.params[i] = anyType
	}
	if ft.Result != nil {
		g.result = anyType
	}
	s, err := in.fit(ft, &g)
	return &s, err
}

// Bind makes an exported function available as a Go function: fn points to a variable of a function type whose
// parameters and result fit. The first parameter may be a context.Context. The last result must be an error.
func (in *Instance) Bind(name string, fn any) error {
	b, err := in.bound(name)
	if err != nil {
		return err
	}
	p := reflect.ValueOf(fn)
	if p.Kind() != reflect.Pointer || p.IsNil() || p.Elem().Kind() != reflect.Func {
		return diag.New(name, "%T is no pointer to a function", fn)
	}
	g, err := examine(p.Type().Elem())
	if err == nil && !g.err {
		err = errors.New("the last result of the Go function must be an error")
	}
	var s signatureOf
	if err == nil {
		s, err = in.fit(b.Type, &g)
	}
	if err != nil {
		return diag.In(err, "", "", name)
	}
	p.Elem().Set(reflect.MakeFunc(p.Type().Elem(), func(args []reflect.Value) []reflect.Value {
		ctx := context.Background()
		if g.context {
			ctx, _ = args[0].Interface().(context.Context)
			args = args[1:]
		}
		var out []reflect.Value
		var result reflect.Value
		if g.result != nil {
			result = reflect.New(g.result).Elem()
			out = append(out, result)
		}
		failed := reflect.New(errorType).Elem()
		if err := b.call(ctx, &s, args, result); err != nil {
			failed.Set(reflect.ValueOf(err))
		}
		return append(out, failed)
	}))
	return nil
}

// call implements canon lift.
func (b *boundFunc) call(ctx context.Context, s *signatureOf, args []reflect.Value, result reflect.Value) (err error) {
	in := b.in
	if err := in.enter(b.Name); err != nil {
		return err
	}
	c := in.begin(ctx)
	err = errUnfinished
	defer in.leave(b.Name, &err)
	begun := false
	defer func() {
		if !begun {
			c.takeBack()
		}
		c.end()
	}()
	lowered := b.lower(c, s, args)
	begun = true
	results, err := b.f.call(ctx, lowered...)
	if err != nil {
		return in.comp.failure(ctx, b.Name, err)
	}
	if s.result != nil {
		b.lift(c, s, results, result)
	}
	if c.borrows > 0 {
		trap("borrow handles still remain at the end of the call")
	}
	if b.post == nil {
		return nil
	}
	in.mayLeave = false
	_, err = b.post.call(ctx, results...)
	in.mayLeave = true
	if err != nil {
		return in.comp.failure(ctx, b.Name, err)
	}
	return nil
}

// lower returns the core arguments of a call: lower_flat_values.
func (b *boundFunc) lower(c *call, s *signatureOf, args []reflect.Value) []uint64 {
	b.flat.values = b.flat.values[:0]
	if b.params == nil {
		return nil
	}
	if !b.params.TooFlat() {
		for i, p := range s.params {
			p.lower(c, args[i], &b.flat)
		}
		return b.flat.values
	}
	ptr := c.allocate(b.params.Align, b.params.Size)
	for i, p := range s.params {
		p.store(c, args[i], ptr+uint32(b.params.Offsets[i]))
	}
	b.flat.add(uint64(ptr))
	return b.flat.values
}

// lift stores the result of a call: lift_flat_values.
func (b *boundFunc) lift(c *call, s *signatureOf, results []uint64, v reflect.Value) {
	if len(b.result.Flat) <= cabi.MaxFlatResults {
		b.flat.next, b.flat.values = 0, append(b.flat.values[:0], results...)
		s.result.lift(c, &b.flat, v)
		return
	}
	ptr := uint32(results[0])
	c.span(ptr, b.result.Size, b.result.Align, "result")
	s.result.load(c, ptr, v)
}

// begin begins a call.
func (in *Instance) begin(ctx context.Context) *call {
	c := in.idle
	if c == nil {
		c = &call{in: in}
	}
	in.idle, c.ctx, c.space = nil, ctx, in.comp.rt.opts.MaxValueBytes
	return c
}

// take takes space for n values of a Go type. A few bytes of a guest, passed again and again, can be gigabytes of values.
func (c *call) take(n uint32, size uintptr) {
	need := uint64(n) * uint64(size)
	if need > c.space {
		trap("values take more than the %d bytes that a call may pass to the host", c.in.comp.rt.opts.MaxValueBytes)
	}
	c.space -= need
}

// takeBack removes the handles that the guest is given by arguments, because others are not values of their types.
func (c *call) takeBack() {
	for _, i := range slices.Backward(c.given) {
		c.in.table.remove(i, c.in.table.handles[i].rt)
	}
	for _, r := range c.passed {
		r.gone = false
	}
	c.borrows = 0
}

// end ends the loans of a call.
func (c *call) end() {
	for _, i := range c.lenders {
		c.in.table.handles[i].lends--
	}
	for _, r := range c.lent {
		r.lends--
	}
	clear(c.lent)
	clear(c.passed)
	if c.borrows == 0 { // else handles refer to it
		*c = call{in: c.in, lenders: c.lenders[:0], lent: c.lent[:0], given: c.given[:0], passed: c.passed[:0]}
		c.in.idle = c
	}
}

// hostFunc returns the core function of an import: canon lower. do is the host's function.
func (in *Instance) hostFunc(f *importedFunc, s *signatureOf, types []reflect.Type, do func(context.Context, []reflect.Value) (reflect.Value, error)) api.GoModuleFunc {
	params, layout := in.layouts.Sides(f.Type, false)
	return func(ctx context.Context, mod api.Module, stack []uint64) {
		in.attach(mod)
		if !in.mayLeave {
			trap("cannot leave component instance")
		}
		c := in.begin(ctx)
		args := make([]reflect.Value, len(types))
		for i, g := range types {
			args[i] = reflect.New(g).Elem()
		}
		given := flat{values: stack}
		switch {
		case params == nil:
		case params.TooFlat():
			ptr := uint32(given.take())
			c.span(ptr, params.Size, params.Align, "parameter")
			for i, p := range s.params {
				p.load(c, ptr+uint32(params.Offsets[i]), args[i])
			}
		default:
			for i, p := range s.params {
				p.lift(c, &given, args[i])
			}
		}
		out, err := do(ctx, args)
		if err != nil {
			panic(&Trap{Msg: f.Name + ": " + err.Error(), Err: err})
		}
		if layout != nil {
			in.lowerResult(c, f, s.result, layout, out, stack, given)
		}
		c.end()
	}
}

// lowerResult passes the result of a host function to the guest. A value that its type does not have is an error of the
// host function.
func (in *Instance) lowerResult(c *call, f *importedFunc, of codec, layout *cabi.Layout, v reflect.Value, stack []uint64, given flat) {
	defer func() {
		if r := recover(); r != nil {
			if bad, ok := r.(valueError); ok {
				r = &Trap{Msg: f.Name + ": result: " + bad.Error(), Err: bad.error}
			}
			panic(r)
		}
	}()
	if len(layout.Flat) > cabi.MaxFlatResults {
		ptr := uint32(given.take())
		c.span(ptr, layout.Size, layout.Align, "result")
		of.store(c, v, ptr)
		return
	}
	var out flat
	of.lower(c, v, &out)
	copy(stack, out.values)
}

// dynamicFunc returns the core function of an import that a [Dynamic] implements.
func (in *Instance) dynamicFunc(f *importedFunc, fn Dynamic) (api.GoModuleFunc, error) {
	s, err := in.dynamicSignature(f.Type)
	if err != nil {
		return nil, err
	}
	types := slices.Repeat([]reflect.Type{reflect.TypeFor[any]()}, len(s.params))
	return in.hostFunc(f, s, types, func(ctx context.Context, args []reflect.Value) (reflect.Value, error) {
		values := make([]any, len(args))
		for i, a := range args {
			values[i] = a.Interface()
		}
		result, err := fn(ctx, f.Type, values)
		return reflect.ValueOf(&result).Elem(), err
	}), nil
}
