// This file implements host functions and resources.

package wasmtime

// #include "wasmtime_api.h"
import "C"

import (
	"errors"
	"fmt"
	"maps"
	"runtime/cgo"
	"slices"
	"strings"
	"syscall"
	"unsafe"
)

// hostImport is the target of a callback number: a host function or a resource's destructor.
type hostImport struct {
	in   *Instance
	name string
	fn   HostFunc
	drop func(rep uint32)
}

// offer is an item that the host links: fn for a function, res for a resource type.
type offer struct {
	name string // "item" or "iface#item"
	fn   HostFunc
	res  *C.wasmtime_component_resource_type_t
	drop func(rep uint32)
}

// link defines what the options provide, and a function that traps for every other import.
func (in *Instance) link() error {
	o := in.e.opts
	if o.WASI != nil {
		if err := message(C.wasmtime_component_linker_add_wasip2(in.linker)); err != nil {
			return err
		}
		if err := in.setWASI(o.WASI); err != nil {
			return err
		}
	}
	offers := map[string][]offer{} // by interface, "" for the root
	add := func(x offer) {
		iface, _, found := strings.Cut(x.name, "#")
		if !found {
			iface = ""
		}
		offers[iface] = append(offers[iface], x)
	}
	for _, name := range slices.Sorted(maps.Keys(o.Funcs)) {
		add(offer{name: name, fn: o.Funcs[name]})
	}
	for i, name := range in.e.resources {
		add(offer{name: name, res: in.e.resTypes[i], drop: o.Resources[name]})
	}
	for _, x := range in.unknown() {
		add(x)
	}
	root := C.wasmtime_component_linker_root(in.linker)
	defer C.wasmtime_component_linker_instance_delete(root)
	for _, iface := range slices.Sorted(maps.Keys(offers)) {
		if err := in.linkInterface(root, iface, offers[iface]); err != nil {
			return err
		}
	}
	return nil
}

func (in *Instance) linkInterface(root *C.wasmtime_component_linker_instance_t, iface string, offers []offer) error {
	at := root
	if iface != "" {
		p, n := cstring(iface)
		defer C.free(unsafe.Pointer(p))
		if err := message(C.wasmtime_component_linker_instance_add_instance(root, p, n, &at)); err != nil {
			return err
		}
		defer C.wasmtime_component_linker_instance_delete(at)
	}
	for _, x := range offers {
		item := x.name
		if iface != "" {
			item = strings.TrimPrefix(x.name, iface+"#")
		}
		p, n := cstring(item)
		var err error
		if x.res == nil {
			err = message(C.fuse_add_func(at, p, n, in.handle(&hostImport{in: in, name: x.name, fn: x.fn})))
		} else {
			drop := x.name[:len(x.name)-len(item)] + "[drop]" + item
			err = message(C.fuse_add_resource(at, p, n, x.res, in.handle(&hostImport{in: in, name: drop, drop: x.drop})))
		}
		C.free(unsafe.Pointer(p))
		if err != nil {
			return fmt.Errorf("%s: %w", x.name, err)
		}
	}
	return nil
}

// cimport is an item that the component imports.
type cimport struct {
	name string
	item C.citem
}

// unknown returns trapping functions and resource types for imports that the host does not provide. A type that one
// interface uses from another is one type in both.
func (in *Instance) unknown() []offer {
	imports := in.imports()
	defer func() {
		for i := range imports {
			C.wasmtime_component_item_delete(&imports[i].item)
		}
	}()
	res := func(i int) *C.wasmtime_component_resource_type_t {
		return (*C.wasmtime_component_resource_type_t)(C.item_ptr(&imports[i].item))
	}
	given := make([]*C.wasmtime_component_resource_type_t, len(imports)) // the type linked for each resource import
	for i, im := range imports {
		if at, ok := slices.BinarySearch(in.e.resources, im.name); ok && im.item.kind == C.ITEM_RESOURCE {
			given[i] = in.e.resTypes[at]
		}
	}
	var out []offer
	for i, im := range imports {
		switch {
		case im.item.kind == C.ITEM_FUNC:
			if _, ok := in.e.opts.Funcs[im.name]; !ok {
				out = append(out, offer{name: im.name, fn: func([]string) (string, error) { return "", errors.New("unknown import") }})
			}
		case im.item.kind == C.ITEM_RESOURCE && given[i] == nil:
			for j := range imports {
				if given[j] != nil && imports[j].item.kind == C.ITEM_RESOURCE && bool(C.wasmtime_component_resource_type_equal(res(i), res(j))) {
					given[i] = given[j]
					break
				}
			}
			if given[i] == nil {
				given[i] = C.wasmtime_component_resource_type_new_host(C.uint32_t(unknownResource + i))
				in.resTypes = append(in.resTypes, given[i])
			}
			out = append(out, offer{name: im.name, res: given[i]})
		}
	}
	return out
}

// unknownResource is the number of the first resource type that stands for a missing one.
const unknownResource = 1 << 20

// imports lists the functions and types that the component imports, without those of WASI if it is linked.
func (in *Instance) imports() []cimport {
	t := C.wasmtime_component_type(in.comp)
	defer C.wasmtime_component_type_delete(t)
	var out []cimport
	var name *C.char
	var n C.size_t
	for i := C.size_t(0); i < C.wasmtime_component_type_import_count(t, in.e.eng); i++ {
		var item C.citem
		C.import_nth(t, in.e.eng, i, &name, &n, &item)
		iface := C.GoStringN(name, C.int(n))
		if item.kind != C.ITEM_INSTANCE {
			out = append(out, cimport{iface, item})
			continue
		}
		it := C.item_ptr(&item)
		for j := C.size_t(0); j < C.wasmtime_component_instance_type_export_count(it, in.e.eng); j++ {
			if in.e.opts.WASI != nil && strings.HasPrefix(iface, "wasi:") {
				break
			}
			var x C.citem
			C.export_nth(it, in.e.eng, j, &name, &n, &x)
			out = append(out, cimport{iface + "#" + C.GoStringN(name, C.int(n)), x})
		}
		C.wasmtime_component_item_delete(&item)
	}
	return out
}

// setWASI gives the store an environment through WASI.
func (s *store) setWASI(w *WASI) error {
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
	for _, d := range w.Dirs {
		guest, host := C.CString(d.Guest), C.CString(d.Host)
		ok := C.fuse_preopen(cfg, host, guest, C.bool(!d.ReadOnly))
		C.free(unsafe.Pointer(guest))
		C.free(unsafe.Pointer(host))
		if !ok {
			return fmt.Errorf("folder %s refused", d.Host)
		}
	}
	if w.InheritStdin {
		C.wasi_config_inherit_stdin(cfg)
	} else {
		var stdin C.wasm_byte_vec_t
		p, n := cstring(w.Stdin)
		C.wasm_byte_vec_new(&stdin, n, p)
		C.free(unsafe.Pointer(p))
		C.wasi_config_set_stdin_bytes(cfg, &stdin)
	}
	s.out.to, s.err.to = w.Stdout, w.Stderr
	C.fuse_capture(cfg, s.handle(&s.out), s.handle(&s.err))
	return message(C.wasmtime_context_set_wasi(s.ctx, cfg))
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
	params, rt, unreadable, err := in.e.signature(ft)
	if err = errors.Join(err, unreadable); err != nil {
		return err
	}
	c := HostCall{Name: im.name}
	for i := range params {
		v, err := in.lift(params[i], C.val_index(args, C.size_t(i)))
		if err != nil {
			return err
		}
		a, err := text.Format(params[i], v)
		if err != nil {
			return err
		}
		c.Args = append(c.Args, a)
	}
	at := len(in.log)
	in.log = append(in.log, c)
	result, err := im.fn(c.Args)
	if err != nil {
		return err
	}
	in.log[at].Result = result
	// The borrows of guest resources that were lent to the call end with it.
	for i, t := range params {
		if err := in.endBorrows(t, C.val_index(args, C.size_t(i))); err != nil {
			return err
		}
	}
	if rt == nil {
		return nil
	}
	v, err := text.Parse(rt, result)
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
func fuseWrite(h C.uintptr_t, p unsafe.Pointer, n C.size_t) C.intptr_t {
	written, err := cgo.Handle(h).Value().(*output).Write(unsafe.Slice((*byte)(p), int(n)))
	if err != nil {
		code := syscall.EIO
		errors.As(err, &code)
		return -C.intptr_t(code)
	}
	return C.intptr_t(written)
}
