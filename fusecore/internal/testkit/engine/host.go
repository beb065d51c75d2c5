package engine

// #include "wasmtime_api.h"
import "C"

import (
	"fmt"
	"maps"
	"runtime/cgo"
	"slices"
	"strings"
	"unsafe"
)

// hostImport is what a host function's or resource's callback number stands for.
type hostImport struct {
	in   *Instance
	name string
	fn   HostFunc
	drop func(rep uint32)
}

// link defines what the options offer; everything else traps.
func (in *Instance) link() error {
	o := in.e.opts
	// Traps first: the runtime defines them for every import, and what follows replaces them.
	C.wasmtime_component_linker_allow_shadowing(in.linker, true)
	if err := message(C.wasmtime_component_linker_define_unknown_imports_as_traps(in.linker, in.comp)); err != nil {
		return err
	}
	if o.WASI != nil {
		if err := message(C.wasmtime_component_linker_add_wasip2(in.linker)); err != nil {
			return err
		}
		if err := in.setWASI(o.WASI); err != nil {
			return err
		}
	}
	byIface := map[string][]string{}
	for _, name := range append(slices.Sorted(maps.Keys(o.Funcs)), in.e.resources...) {
		iface, _, found := strings.Cut(name, "#")
		if !found {
			iface = ""
		}
		byIface[iface] = append(byIface[iface], name)
	}
	root := C.wasmtime_component_linker_root(in.linker)
	defer C.wasmtime_component_linker_instance_delete(root)
	for _, iface := range slices.Sorted(maps.Keys(byIface)) {
		if err := in.linkInterface(root, iface, byIface[iface]); err != nil {
			return err
		}
	}
	return nil
}

func (in *Instance) linkInterface(root *C.wasmtime_component_linker_instance_t, iface string, names []string) error {
	at := root
	if iface != "" {
		p, n := cstring(iface)
		defer C.free(unsafe.Pointer(p))
		if err := message(C.wasmtime_component_linker_instance_add_instance(root, p, n, &at)); err != nil {
			return err
		}
		defer C.wasmtime_component_linker_instance_delete(at)
	}
	for _, name := range names {
		item := strings.TrimPrefix(name, iface+"#")
		p, n := cstring(item)
		var err error
		if fn, ok := in.e.opts.Funcs[name]; ok {
			err = message(C.fuse_add_func(at, p, n, in.handle(&hostImport{in: in, name: name, fn: fn})))
		} else {
			i, _ := slices.BinarySearch(in.e.resources, name)
			drop := name[:len(name)-len(item)] + "[drop]" + item
			h := in.handle(&hostImport{in: in, name: drop, drop: in.e.opts.Resources[name]})
			err = message(C.fuse_add_resource(at, p, n, in.e.resTypes[i], h))
		}
		C.free(unsafe.Pointer(p))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (in *Instance) setWASI(w *WASI) error {
	cfg := C.wasi_config_new()
	args, freeArgs := cstrings(w.Args)
	defer freeArgs()
	var keys, vals []string
	for _, kv := range w.Env {
		keys, vals = append(keys, kv[0]), append(vals, kv[1])
	}
	ks, freeKeys := cstrings(keys)
	defer freeKeys()
	vs, freeVals := cstrings(vals)
	defer freeVals()
	if !C.wasi_config_set_argv(cfg, C.size_t(len(w.Args)), args) || !C.wasi_config_set_env(cfg, C.size_t(len(keys)), ks, vs) {
		return fmt.Errorf("WASI arguments or environment refused")
	}
	var stdin C.wasm_byte_vec_t
	p, n := cstring(w.Stdin)
	C.wasm_byte_vec_new(&stdin, n, p)
	C.free(unsafe.Pointer(p))
	C.wasi_config_set_stdin_bytes(cfg, &stdin)
	C.fuse_capture(cfg, in.handle(&in.out), in.handle(&in.err))
	return message(C.wasmtime_context_set_wasi(in.ctx, cfg))
}

// cstrings copies strings to C memory.
func cstrings(ss []string) (**C.char, func()) {
	p := (**C.char)(C.calloc(C.size_t(len(ss)+1), C.size_t(unsafe.Sizeof(uintptr(0)))))
	for i, s := range ss {
		unsafe.Slice(p, len(ss))[i] = C.CString(s)
	}
	return p, func() {
		for _, s := range unsafe.Slice(p, len(ss)) {
			C.free(unsafe.Pointer(s))
		}
		C.free(unsafe.Pointer(p))
	}
}

func cerror(err error) *C.wasmtime_error_t {
	p := C.CString(err.Error())
	defer C.free(unsafe.Pointer(p))
	return C.wasmtime_error_new(p)
}

//export fuseHostCall
func fuseHostCall(h C.uintptr_t, ctx *C.wasmtime_context_t, ft *C.wasmtime_component_func_type_t, args *C.cval, nargs C.size_t, results *C.cval, nresults C.size_t) *C.wasmtime_error_t {
	im := cgo.Handle(h).Value().(*hostImport)
	if err := im.call(ft, args, nargs, results, nresults); err != nil {
		return cerror(fmt.Errorf("host function %s: %w", im.name, err))
	}
	return nil
}

func (im *hostImport) call(ft *C.wasmtime_component_func_type_t, args *C.cval, nargs C.size_t, results *C.cval, nresults C.size_t) error {
	in := im.in
	params, rt := in.e.signature(ft)
	c := HostCall{Name: im.name}
	for i := range params {
		v, err := in.lift(params[i], C.val_index(args, C.size_t(i)))
		if err != nil {
			return err
		}
		c.Args = append(c.Args, format(params[i], v))
	}
	at := len(in.log)
	in.log = append(in.log, c)
	text, err := im.fn(c.Args)
	if err != nil {
		return err
	}
	in.log[at].Result = text
	// The borrows of guest resources that the call lent end with it.
	for i, t := range params {
		if err := in.endBorrows(t, C.val_index(args, C.size_t(i))); err != nil {
			return err
		}
	}
	if rt == nil {
		return nil
	}
	v, err := parse(rt, text)
	if err != nil {
		return err
	}
	return in.lower(rt, v, results)
}

//export fuseHostDrop
func fuseHostDrop(h C.uintptr_t, rep C.uint32_t) *C.wasmtime_error_t {
	im := cgo.Handle(h).Value().(*hostImport)
	im.in.log = append(im.in.log, HostCall{Name: im.name, Args: []string{fmt.Sprintf("host(%d)", uint32(rep))}})
	if im.drop != nil {
		im.drop(uint32(rep))
	}
	return nil
}

//export fuseWrite
func fuseWrite(h C.uintptr_t, p unsafe.Pointer, n C.size_t) {
	c := cgo.Handle(h).Value().(*capture)
	c.b = append(c.b, unsafe.Slice((*byte)(p), int(n))...)
}
