// This file implements compiling ahead of time.

package wasmtime

// #include "wasmtime_api.h"
import "C"

import (
	"bytes"
	"debug/elf"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"unsafe"
)

// cpus are the names in triples of the processors that this program runs on.
var cpus = map[string]string{"amd64": "x86_64", "arm64": "aarch64"}

// Target is the triple of the only machines that this engine makes code for: those like the one that it runs on. Unlike code
// for that machine itself, it uses no extension of the processor that is not asked for, so it is the same everywhere.
func Target() string { return cpus[runtime.GOARCH] + "-unknown-linux-gnu" }

// extensions are settings of Cranelift that turn on extensions of processors. The engine ends the process for others.
var extensions = map[string][]string{
	"amd64": {"has_avx", "has_avx2", "has_avx512bitalg", "has_avx512dq", "has_avx512f", "has_avx512vbmi", "has_avx512vl", "has_bmi1", "has_bmi2",
		"has_cmpxchg16b", "has_fma", "has_lzcnt", "has_popcnt", "has_sse3", "has_sse41", "has_sse42", "has_ssse3"},
	"arm64": {"has_fp16", "has_lse", "has_pauth"},
}

// PrecompileOptions says what machine code is made for. The zero value is any machine of [Target].
type PrecompileOptions struct {
	Target     string   // "" or Target()
	Extensions []string // of the processor, as settings of Cranelift: "has_avx2"; this machine must have them
}

func (o *PrecompileOptions) check() error {
	if o.Target != "" && o.Target != Target() {
		return fmt.Errorf("target %s: %s makes code for %s only, where it runs; compile with the command line of wasmtime, which makes code for others",
			o.Target, Name(), Target())
	}
	known := extensions[runtime.GOARCH]
	for _, x := range o.Extensions {
		if !slices.Contains(known, x) {
			return fmt.Errorf("cranelift-%s: there is no such extension of %s; there are %s", x, Target(), strings.Join(known, ", "))
		}
	}
	return nil
}

// Precompile compiles a component or core module to machine code, which an engine of the same version with Options.Precompiled
// loads. The same input and options make the same bytes, on any machine.
func Precompile(wasm []byte, o PrecompileOptions) ([]byte, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	opts := Options{Timeout: -1, NoPooling: true}
	cfg := config(opts)
	triple := C.CString(Target())
	defer C.free(unsafe.Pointer(triple))
	if err := message(C.wasmtime_config_target_set(cfg, triple)); err != nil {
		return nil, err
	}
	for _, x := range o.Extensions {
		name := C.CString(x)
		C.wasmtime_config_cranelift_flag_enable(cfg, name)
		C.free(unsafe.Pointer(name))
	}
	e := newEngine(opts, cfg)
	defer e.Close()
	return e.Serialize(wasm)
}

// Serialize compiles a component or core module to the file that the engine keeps of it, an ELF object.
func (e *Engine) Serialize(wasm []byte) ([]byte, error) {
	var out C.wasm_byte_vec_t
	var failed *C.wasmtime_error_t
	if isModule(wasm) {
		m, err := e.CompileCore(wasm)
		if err != nil {
			return nil, err
		}
		defer m.Close()
		failed = C.wasmtime_module_serialize(m.mod, &out)
	} else {
		comp, err := e.compile(wasm)
		if err != nil {
			return nil, err
		}
		failed = C.wasmtime_component_serialize(comp, &out)
	}
	if err := message(failed); err != nil {
		return nil, fmt.Errorf("serialize: %w", err)
	}
	defer C.wasm_byte_vec_delete(&out)
	return C.GoBytes(unsafe.Pointer(out.data), C.int(out.size)), nil
}

// isModule reports whether a file is a core module, by its preamble (core specification, "Binary Format / Modules").
func isModule(wasm []byte) bool { return bytes.HasPrefix(wasm, []byte("\x00asm\x01\x00\x00\x00")) }

// Of a file of machine code: the byte with its flags, and the flag of core modules (wasmtime, crates/environ/src/obj.rs).
const (
	flagsAt    = 0x30 // e_flags of ELF files of 64 bits
	flagModule = 1
)

// ofModule reports whether a file is machine code of a core module.
func ofModule(code []byte) bool {
	return bytes.HasPrefix(code, []byte(elf.ELFMAG)) && len(code) > flagsAt && code[flagsAt]&flagModule != 0
}

// precompiledError explains why the engine refuses a file of machine code.
func precompiledError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("this is not machine code that %s for %s can load: %w\nCompile it again, with the engine that runs it", Name(), Target(), err)
}
