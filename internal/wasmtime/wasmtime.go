// Package wasmtime runs components and core modules in wasmtime, through its C library. It is the engine of
// tools/wasmrun and the oracle of tests: a fused component must behave like its composition there. The version is
// wasmtime 42, or wasmtime 50 with the build tag wasmtime50.
//
// Arguments and results are WAVE text (`"wörld"`, `{x: 1, y: -2}`, `[1, 2]`, `some(3)`, `ok("a")`, `{read, exec}`), so
// that results compare as strings. An unsigned argument may be hexadecimal: 0x1f. A handle is written host(REP) if its
// resource type is one of Options.Resources, and res(N), the Nth that the instance has passed out, if a guest defines the
// type. Calls of registered host functions are recorded in order.
package wasmtime

// #include "wasmtime_api.h"
import "C"

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime/cgo"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
)

// DefaultTimeout is the default limit on the duration of a call.
const DefaultTimeout = runner.DefaultTimeout

// What this engine has in common with others.
type (
	HostFunc = runner.HostFunc
	HostCall = runner.HostCall
	WASI     = runner.WASI
	Trap     = runner.Trap
	Exit     = runner.Exit
)

// IsTrap reports whether err is a *Trap.
func IsTrap(err error) bool { return runner.IsTrap(err) }

// Options describes what the host provides. Other imports trap when they are called.
type Options struct {
	// WASI links wasi:cli and its dependencies, version 0.2, or wasi_snapshot_preview1 for core modules.
	WASI *WASI
	// Funcs are host functions by import name: "func" or "ns:pkg/iface@1.0.0#func".
	Funcs map[string]HostFunc
	// Resources are the resource types that the host defines, by name as in Funcs ("iface#res"), with their
	// destructors, which may be nil. A drop is recorded as a call of "iface#[drop]res".
	Resources map[string]func(rep uint32)
	// Timeout of an instantiation or call. 0 means DefaultTimeout. A negative value means none, which also saves a
	// small run-time cost.
	Timeout time.Duration
	// NoConcurrency turns off support for concurrency where it is on by default. With it on, a fault in wasmtime 50
	// makes calls of host functions with two borrows trap.
	NoConcurrency bool
	// Unoptimised makes code that is compiled sooner and runs slower.
	Unoptimised bool
	// Pooling takes memories, tables and instances from pools of the default sizes, as servers do: a core module may define
	// one memory and one table. The environment variable WASMTIME_POOLING=on has the same effect on all engines.
	Pooling bool
	// NoPooling takes nothing from pools, whatever WASMTIME_POOLING says.
	NoPooling bool
	// Precompiled loads files that Precompile has made, and no others. They must come from there: the machine code in them
	// is trusted. There is no timeout, which needs other code.
	Precompiled bool
	// Async makes instantiation and all calls asynchronous, so that guests may wait for one another, where the engine has
	// support for it. Functions with an asynchronous type are always called so. During an asynchronous call nothing else
	// of the instance can be called, also not by host functions, which cannot have asynchronous types.
	Async bool
}

// Engine compiles with one set of options. Only one goroutine may use it at a time.
type Engine struct {
	opts      Options
	eng       *C.wasm_engine_t
	resources []string // sorted; the index is the host resource type's number
	resTypes  []*C.wasmtime_component_resource_type_t
	comps     map[[sha256.Size]byte]*C.wasmtime_component_t // compiled components by digest
}

// New returns a new engine.
func New(opts Options) *Engine {
	if opts.Timeout == 0 {
		opts.Timeout = DefaultTimeout
	}
	if opts.Precompiled {
		opts.Timeout = -1
	}
	return newEngine(opts, config(opts))
}

// config returns the engine's settings that options have.
func config(opts Options) *C.wasm_config_t {
	cfg := C.wasm_config_new()
	C.wasmtime_config_wasm_component_model_set(cfg, true)
	C.wasmtime_config_wasm_function_references_set(cfg, true)
	C.wasmtime_config_wasm_gc_set(cfg, true)
	C.wasmtime_config_wasm_exceptions_set(cfg, true)
	C.wasmtime_config_wasm_multi_memory_set(cfg, true)
	C.wasmtime_config_wasm_memory64_set(cfg, true)
	C.wasmtime_config_wasm_custom_page_sizes_set(cfg, true)
	C.wasmtime_config_wasm_simd_set(cfg, true)
	C.wasmtime_config_wasm_relaxed_simd_set(cfg, true)
	C.wasmtime_config_wasm_tail_call_set(cfg, true)
	C.wasmtime_config_epoch_interruption_set(cfg, C.bool(opts.Timeout > 0))
	if opts.Unoptimised {
		C.wasmtime_config_cranelift_opt_level_set(cfg, 0)
	}
	if opts.Pooling || !opts.NoPooling && os.Getenv("WASMTIME_POOLING") == "on" {
		pool := C.wasmtime_pooling_allocation_config_new()
		C.wasmtime_pooling_allocation_strategy_set(cfg, pool)
		C.wasmtime_pooling_allocation_config_delete(pool)
	}
	configureVersion(cfg, opts)
	return cfg
}

func newEngine(opts Options, cfg *C.wasm_config_t) *Engine {
	e := &Engine{opts: opts, eng: C.wasm_engine_new_with_config(cfg), resources: slices.Sorted(maps.Keys(opts.Resources))}
	for i := range e.resources {
		e.resTypes = append(e.resTypes, C.wasmtime_component_resource_type_new_host(C.uint32_t(i)))
	}
	return e
}

// Close frees the engine. Its instances must be closed first.
func (e *Engine) Close() {
	for _, t := range e.resTypes {
		C.wasmtime_component_resource_type_delete(t)
	}
	for _, c := range e.comps {
		C.wasmtime_component_delete(c)
	}
	C.wasm_engine_delete(e.eng)
}

// compile compiles a component, or returns it from the cache.
func (e *Engine) compile(wasm []byte) (*C.wasmtime_component_t, error) {
	if len(wasm) == 0 {
		return nil, errors.New("compile: empty file")
	}
	key := sha256.Sum256(wasm)
	if c, ok := e.comps[key]; ok {
		return c, nil
	}
	var c *C.wasmtime_component_t
	if err := e.load(wasm, &c); err != nil {
		return nil, err
	}
	if e.comps == nil {
		e.comps = map[[sha256.Size]byte]*C.wasmtime_component_t{}
	}
	e.comps[key] = c
	return c, nil
}

// load compiles a component, or loads what Precompile has made of it.
func (e *Engine) load(wasm []byte, c **C.wasmtime_component_t) error {
	p, n := (*C.uint8_t)(unsafe.Pointer(&wasm[0])), C.size_t(len(wasm))
	if e.opts.Precompiled {
		return precompiledError(message(C.wasmtime_component_deserialize(e.eng, p, n, c)))
	}
	if err := message(C.wasmtime_component_new(e.eng, p, n, c)); err != nil {
		return fmt.Errorf("compile: %w", err)
	}
	return nil
}

// store is the part that component and core instances have in common.
type store struct {
	e       *Engine
	st      *C.wasmtime_store_t
	ctx     *C.wasmtime_context_t
	handles []cgo.Handle
	log     []HostCall
	out     output
	err     output
}

func (e *Engine) newStore() store {
	st := C.wasmtime_store_new(e.eng, nil, nil)
	return store{e: e, st: st, ctx: C.wasmtime_store_context(st)}
}

func (s *store) handle(v any) C.uintptr_t {
	h := cgo.NewHandle(v)
	s.handles = append(s.handles, h)
	return C.uintptr_t(h)
}

func (s *store) close() {
	C.wasmtime_store_delete(s.st)
	for _, h := range s.handles {
		h.Delete()
	}
}

// limit bounds the running time until the returned function is called.
func (s *store) limit() (stop func()) {
	if s.e.opts.Timeout <= 0 {
		return func() {}
	}
	C.wasmtime_context_set_epoch_deadline(s.ctx, 1)
	t := time.AfterFunc(s.e.opts.Timeout, func() { C.wasmtime_engine_increment_epoch(s.e.eng) })
	return func() { t.Stop() }
}

// Instance is an instantiated component in its own store.
type Instance struct {
	store
	comp   *C.wasmtime_component_t // owned by the engine
	linker *C.wasmtime_component_linker_t
	// resTypes stand for resource types that the host does not provide.
	resTypes []*C.wasmtime_component_resource_type_t
	inst     C.wasmtime_component_instance_t
	res      []*C.wasmtime_component_resource_any_t
}

// output is a guest's standard output or standard error.
type output struct {
	to io.Writer // nil: it is captured
	b  []byte
}

func (o *output) Write(b []byte) (int, error) {
	if o.to != nil {
		return o.to.Write(b)
	}
	o.b = append(o.b, b...)
	return len(b), nil
}

// Compile compiles a component. Its error is the runtime's reason for rejecting it.
func (e *Engine) Compile(wasm []byte) error {
	if len(wasm) == 0 {
		return errors.New("compile: empty file")
	}
	var c *C.wasmtime_component_t
	if err := message(C.wasmtime_component_new(e.eng, (*C.uint8_t)(unsafe.Pointer(&wasm[0])), C.size_t(len(wasm)), &c)); err != nil {
		return fmt.Errorf("compile: %w", err)
	}
	C.wasmtime_component_delete(c)
	return nil
}

// Load compiles and instantiates a component. A *Trap means that instantiation trapped; other errors mean that the
// component is invalid or does not match what the host provides.
func (e *Engine) Load(wasm []byte) (*Instance, error) {
	comp, err := e.compile(wasm)
	if err != nil {
		return nil, err
	}
	in := &Instance{store: e.newStore(), comp: comp}
	in.linker = C.wasmtime_component_linker_new(e.eng)
	if err := in.link(); err != nil {
		in.Close()
		return nil, fmt.Errorf("link: %w", err)
	}
	defer in.limit()()
	if err := running("instantiate", in.instantiate()); err != nil {
		var trap *Trap
		if errors.As(err, &trap) {
			trap.Log = in.log
		}
		in.Close()
		return nil, err
	}
	return in, nil
}

// Again instantiates the component again, in the same store and without linking, for benchmarks. Nothing can be called
// in the new instance.
func (in *Instance) Again() error {
	var inst C.wasmtime_component_instance_t
	return running("instantiate", C.wasmtime_component_linker_instantiate(in.linker, in.ctx, in.comp, &inst))
}

// Close frees the instance and its store.
func (in *Instance) Close() {
	for _, r := range in.res {
		C.wasmtime_component_resource_any_delete(r)
	}
	for _, t := range in.resTypes {
		C.wasmtime_component_resource_type_delete(t)
	}
	C.wasmtime_component_linker_delete(in.linker)
	in.close()
}

// Log returns the host calls so far, in order.
func (in *Instance) Log() []HostCall { return in.log }

// Stdout returns the guest's standard output so far, if it is captured.
func (s *store) Stdout() string { return string(s.out.b) }

// Stderr returns the guest's standard error so far, if it is captured.
func (s *store) Stderr() string { return string(s.err.b) }

// Call calls an export, "func" or "ns:pkg/iface@1.0.0#func", and then its post-return function. result is "" for a
// function without one. After a trap the instance is unusable.
func (in *Instance) Call(name string, args ...string) (result string, err error) {
	f, err := in.lookup(name)
	if err != nil {
		return "", err
	}
	ft := C.wasmtime_component_func_type(f, in.ctx)
	defer C.wasmtime_component_func_type_delete(ft)
	params, rt, unreadable, err := in.e.signature(ft)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	if len(params) != len(args) {
		return "", fmt.Errorf("%s takes %d arguments, not %d", name, len(params), len(args))
	}
	argv := newValues(len(args))
	defer argv.free()
	for i, a := range args {
		v, err := text.Parse(params[i], a)
		if err == nil {
			err = in.lower(params[i], v, argv.at(i))
		}
		if err != nil {
			return "", fmt.Errorf("%s: argument %d: %w", name, i, err)
		}
	}
	nres := 0
	if rt != nil {
		nres = 1
	}
	res := newValues(nres)
	defer res.free()
	defer in.limit()()
	if err := running("call", in.call(f, in.async(ft), argv, res)); err != nil {
		return "", err
	}
	if unreadable != nil {
		return "", fmt.Errorf("%s: %w", name, unreadable)
	}
	if rt != nil {
		v, err := in.lift(rt, res.at(0))
		if err != nil {
			return "", err
		}
		if result, err = text.Format(rt, v); err != nil {
			return "", err
		}
	}
	return result, running("post-return", C.wasmtime_component_func_post_return(f, in.ctx))
}

// DropResource drops the handle res(n).
func (in *Instance) DropResource(n int) error {
	if n < 0 || n >= len(in.res) {
		return fmt.Errorf("no handle res(%d)", n)
	}
	defer in.limit()()
	return running("call", C.wasmtime_component_resource_any_drop(in.ctx, in.res[n]))
}

// Has reports whether the instance exports a function of that name.
func (in *Instance) Has(name string) bool {
	_, err := in.lookup(name)
	return err == nil
}

func (in *Instance) lookup(name string) (*C.wasmtime_component_func_t, error) {
	var idx *C.wasmtime_component_export_index_t
	for _, part := range strings.SplitN(name, "#", 2) {
		p, n := cstring(part)
		next := C.wasmtime_component_instance_get_export_index(&in.inst, in.ctx, idx, p, n)
		C.free(unsafe.Pointer(p))
		if idx != nil {
			C.wasmtime_component_export_index_delete(idx)
		}
		if idx = next; idx == nil {
			return nil, fmt.Errorf("no export %q (of %q)", part, name)
		}
	}
	defer C.wasmtime_component_export_index_delete(idx)
	f := new(C.wasmtime_component_func_t)
	if !C.wasmtime_component_instance_get_func(&in.inst, in.ctx, idx, f) {
		return nil, fmt.Errorf("%q is not a function", name)
	}
	return f, nil
}

func cstring(s string) (*C.char, C.size_t) { return C.CString(s), C.size_t(len(s)) }

// message converts a runtime error to a Go error and frees it.
func message(e *C.wasmtime_error_t) error {
	if e == nil {
		return nil
	}
	var v C.wasm_byte_vec_t
	C.wasmtime_error_message(e, &v)
	s := C.GoStringN(v.data, C.int(v.size))
	C.wasm_byte_vec_delete(&v)
	C.wasmtime_error_delete(e)
	return errors.New(strings.TrimSpace(s))
}

// running converts an error of running code to a *Trap or an *Exit. An instantiation can also fail before any code ran,
// because an import does not match; only the backtrace in the runtime's message tells the two apart.
func running(stage string, e *C.wasmtime_error_t) error {
	if e == nil {
		return nil
	}
	var status C.int
	if C.wasmtime_error_exit_status(e, &status) {
		C.wasmtime_error_delete(e)
		return &Exit{Status: int(status)}
	}
	err := message(e)
	if stage == "instantiate" && !strings.Contains(err.Error(), "wasm backtrace") && !strings.Contains(err.Error(), "wasm trap") &&
		!strings.Contains(err.Error(), "thrown Wasm exception") {
		return fmt.Errorf("instantiate: %w", err)
	}
	return &Trap{Stage: stage, Message: err.Error(), Function: innermostFunction(err.Error())}
}
