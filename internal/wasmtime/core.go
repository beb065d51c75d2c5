// This file implements core modules.

package wasmtime

// #include "wasmtime_api.h"
import "C"

import (
	"errors"
	"fmt"
	"runtime/cgo"
	"unsafe"
)

// CoreFunc is a host function of a core module. Values are raw bits; a 32-bit value is in the low half.
type CoreFunc func(args []uint64) ([]uint64, error)

// CoreInstance is an instantiated core module in its own store.
type CoreInstance struct {
	store
	mod    *C.wasmtime_module_t
	linker *C.wasmtime_linker_t
	inst   C.wasmtime_instance_t
}

type coreImport struct {
	in      *CoreInstance
	name    string
	fn      CoreFunc
	results []C.uint8_t // kinds; the runtime does not preset them
}

// CoreModule is a compiled core module.
type CoreModule struct {
	e   *Engine
	mod *C.wasmtime_module_t
}

// CompileCore compiles a core module.
func (e *Engine) CompileCore(wasm []byte) (*CoreModule, error) {
	if len(wasm) == 0 {
		return nil, errors.New("compile: empty file")
	}
	m := &CoreModule{e: e}
	p, n := (*C.uint8_t)(unsafe.Pointer(&wasm[0])), C.size_t(len(wasm))
	if e.opts.Precompiled {
		if err := precompiledError(message(C.wasmtime_module_deserialize(e.eng, p, n, &m.mod))); err != nil {
			return nil, err
		}
		return m, nil
	}
	if err := message(C.wasmtime_module_new(e.eng, p, n, &m.mod)); err != nil {
		return nil, fmt.Errorf("compile: %w", err)
	}
	return m, nil
}

// Close frees the module. Its instances stay usable.
func (m *CoreModule) Close() { C.wasmtime_module_delete(m.mod) }

// LoadCore compiles and instantiates a core module.
func (e *Engine) LoadCore(wasm []byte, imports map[string]CoreFunc) (*CoreInstance, error) {
	m, err := e.CompileCore(wasm)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	return m.Load(imports)
}

// Load instantiates the module. imports are by "module#name"; those of WASI need not be there if the engine provides it.
// Missing functions trap, and other missing items have default values: an empty memory of the required size, a zero global, a
// null table.
func (m *CoreModule) Load(imports map[string]CoreFunc) (*CoreInstance, error) {
	e := m.e
	in := &CoreInstance{store: e.newStore(), mod: C.wasmtime_module_clone(m.mod)}
	in.linker = C.wasmtime_linker_new(e.eng)
	if w := e.opts.WASI; w != nil {
		err := message(C.wasmtime_linker_define_wasi(in.linker))
		if err == nil {
			err = in.setWASI(w)
		}
		if err != nil {
			in.Close()
			return nil, fmt.Errorf("link: %w", err)
		}
	}
	if err := in.link(imports); err != nil {
		in.Close()
		return nil, fmt.Errorf("link: %w", err)
	}
	defer in.limit()()
	var trap *C.wasm_trap_t
	err := C.wasmtime_linker_instantiate(in.linker, in.ctx, in.mod, &in.inst, &trap)
	if err := coreError("instantiate", err, trap); err != nil {
		in.Close()
		return nil, err
	}
	return in, nil
}

// Close frees the instance and its store.
func (in *CoreInstance) Close() {
	C.wasmtime_linker_delete(in.linker)
	C.wasmtime_module_delete(in.mod)
	in.close()
}

// Log returns the host calls so far, in order; arguments are decimal raw bits.
func (in *CoreInstance) Log() []HostCall { return in.log }

func (in *CoreInstance) link(imports map[string]CoreFunc) error {
	var its C.wasm_importtype_vec_t
	C.wasmtime_module_imports(in.mod, &its)
	defer C.wasm_importtype_vec_delete(&its)
	done := map[string]bool{}
	for _, it := range unsafe.Slice(its.data, its.size) {
		m, n := C.wasm_importtype_module(it), C.wasm_importtype_name(it)
		name := goName(m) + "#" + goName(n)
		fn, ok := imports[name]
		ft := C.wasm_externtype_as_functype_const(C.wasm_importtype_type(it))
		if !ok || ft == nil || done[name] {
			continue
		}
		done[name] = true
		results, err := coreKinds(C.wasm_functype_results(ft))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		h := in.handle(&coreImport{in, name, fn, results})
		if err := message(C.fuse_define_func(in.linker, m.data, m.size, n.data, n.size, ft, h)); err != nil {
			return err
		}
	}
	for name := range imports {
		if !done[name] {
			return fmt.Errorf("the module does not import the function %s", name)
		}
	}
	if err := message(C.wasmtime_linker_define_unknown_imports_as_traps(in.linker, in.mod)); err != nil {
		return err
	}
	return message(C.wasmtime_linker_define_unknown_imports_as_default_values(in.linker, in.ctx, in.mod))
}

func coreError(stage string, err *C.wasmtime_error_t, trap *C.wasm_trap_t) error {
	if trap != nil {
		var v C.wasm_byte_vec_t
		C.wasm_trap_message(trap, &v)
		s := C.GoStringN(v.data, C.int(v.size))
		C.wasm_byte_vec_delete(&v)
		C.wasm_trap_delete(trap)
		return &Trap{Stage: stage, Message: s, Function: innermostFunction(s)}
	}
	return running(stage, err)
}

func (in *CoreInstance) export(name string, kind C.uint8_t) (*C.wasmtime_extern_t, error) {
	p, n := cstring(name)
	defer C.free(unsafe.Pointer(p))
	x := new(C.wasmtime_extern_t)
	if !C.wasmtime_instance_export_get(in.ctx, &in.inst, p, n, x) || x.kind != kind {
		return nil, fmt.Errorf("no such export: %q", name)
	}
	return x, nil
}

// Call calls an exported function with raw bits. A *Trap leaves the instance usable.
func (in *CoreInstance) Call(name string, args ...uint64) ([]uint64, error) {
	x, err := in.export(name, C.EXTERN_FUNC)
	if err != nil {
		return nil, err
	}
	f := C.extern_func(x)
	ft := C.wasmtime_func_type(in.ctx, f)
	defer C.wasm_functype_delete(ft)
	params, err := coreKinds(C.wasm_functype_params(ft))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	nres := int(C.wasm_functype_results(ft).size)
	if len(params) != len(args) {
		return nil, fmt.Errorf("%s takes %d arguments, not %d", name, len(params), len(args))
	}
	argv := make([]C.wasmtime_val_t, len(args)+1)
	for i, a := range args {
		C.core_set(&argv[i], params[i], C.uint64_t(a))
	}
	res := make([]C.wasmtime_val_t, nres+1)
	defer in.limit()()
	var trap *C.wasm_trap_t
	e := C.wasmtime_func_call(in.ctx, f, &argv[0], C.size_t(len(args)), &res[0], C.size_t(nres), &trap)
	if err := coreError("call", e, trap); err != nil {
		return nil, err
	}
	out := make([]uint64, nres)
	for i := range out {
		out[i] = uint64(C.core_get(&res[i]))
	}
	return out, nil
}

func coreKinds(ts *C.wasm_valtype_vec_t) ([]C.uint8_t, error) {
	var out []C.uint8_t
	for _, t := range unsafe.Slice(ts.data, ts.size) {
		k := C.wasm_valtype_kind(t)
		if k > C.CORE_F64 {
			return nil, errors.New("only numbers can be passed as raw bits")
		}
		out = append(out, k)
	}
	return out, nil
}

// Memory returns the bytes of an exported memory. The slice aliases the memory, and is valid until it grows.
func (in *CoreInstance) Memory(name string) ([]byte, error) {
	x, err := in.export(name, C.EXTERN_MEMORY)
	if err != nil {
		return nil, err
	}
	m := C.extern_memory(x)
	return unsafe.Slice((*byte)(C.wasmtime_memory_data(in.ctx, m)), int(C.wasmtime_memory_data_size(in.ctx, m))), nil
}

// Global returns the raw bits of an exported numeric global.
func (in *CoreInstance) Global(name string) (uint64, error) {
	x, err := in.export(name, C.EXTERN_GLOBAL)
	if err != nil {
		return 0, err
	}
	var v C.wasmtime_val_t
	C.wasmtime_global_get(in.ctx, C.extern_global(x), &v)
	return uint64(C.core_get(&v)), nil
}

// Exports returns the names of the module's exports in order.
func (in *CoreInstance) Exports() []string {
	var xs C.wasm_exporttype_vec_t
	C.wasmtime_module_exports(in.mod, &xs)
	defer C.wasm_exporttype_vec_delete(&xs)
	var out []string
	for _, x := range unsafe.Slice(xs.data, xs.size) {
		out = append(out, goName(C.wasm_exporttype_name(x)))
	}
	return out
}

//export fuseCoreCall
func fuseCoreCall(h C.uintptr_t, args *C.wasmtime_val_t, nargs C.size_t, results *C.wasmtime_val_t, nresults C.size_t) *C.wasm_trap_t {
	im := cgo.Handle(h).Value().(*coreImport)
	in := make([]uint64, nargs)
	c := HostCall{Name: im.name}
	for i := range in {
		in[i] = uint64(C.core_get(C.core_index(args, C.size_t(i))))
		c.Args = append(c.Args, fmt.Sprint(in[i]))
	}
	at := len(im.in.log)
	im.in.log = append(im.in.log, c)
	out, err := im.fn(in)
	if err == nil && len(out) != int(nresults) {
		err = fmt.Errorf("host function %s gave %d results, not %d", im.name, len(out), nresults)
	}
	if err != nil {
		p, n := cstring(err.Error())
		defer C.free(unsafe.Pointer(p))
		return C.wasmtime_trap_new(p, n)
	}
	im.in.log[at].Result = fmt.Sprint(out)
	for i, n := range out {
		C.core_set(C.core_index(results, C.size_t(i)), im.results[i], C.uint64_t(n))
	}
	return nil
}
