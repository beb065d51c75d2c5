// This file implements guests for tests.

package engine

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi/worldsection"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// allocator is a memory with a realloc that never frees.
const allocator = `
	(memory (export "memory") 2)
	(global $next (mut i32) (i32.const 1024))
	(func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
		(local $at i32)
		(local.set $at (i32.and (i32.add (global.get $next) (i32.sub (local.get 2) (i32.const 1))) (i32.sub (i32.const 0) (local.get 2))))
		(global.set $next (i32.add (local.get $at) (local.get 3)))
		(memory.copy (local.get $at) (local.get 0) (local.get 1))
		(local.get $at))`

// guest makes a core module with a world. decls are the world's imports and exports in component text, code the module's
// fields. encoding is the number of the encoding of strings.
func guest(t testing.TB, decls, code string, encoding byte) []byte {
	t.Helper()
	section := fromText(t, `(component (type (component (type (component `+decls+`)) (export "root:component/root" (component (type 0))))) (export "root" (type 0)))`)
	section = custom(section, "wit-component-encoding", []byte{4, encoding})
	return custom(fromText(t, "(module "+code+")"), "component-type", section)
}

func fromText(t testing.TB, wat string) []byte {
	t.Helper()
	wasm, err := wasmtime.Text(wat)
	if err != nil {
		t.Fatal(err)
	}
	return wasm
}

// custom appends a custom section.
func custom(wasm []byte, name string, data []byte) []byte {
	body := append(append(leb128.AppendU32(nil, uint32(len(name))), name...), data...)
	return append(append(append(wasm, 0), leb128.AppendU32(nil, uint32(len(body)))...), body...)
}

// start instantiates a module until the test ends.
func start(t testing.TB, wasm []byte, h *Host, cfg Config) *Instance {
	t.Helper()
	in, err := tryStart(t, wasm, h, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func tryStart(t testing.TB, wasm []byte, h *Host, cfg Config) (*Instance, error) {
	t.Helper()
	ctx := context.Background()
	rt, err := New(ctx, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rt.Close(ctx) })
	c, err := rt.Compile(ctx, wasm)
	if err != nil {
		return nil, err
	}
	return c.Instantiate(ctx, h, cfg)
}

// want checks that an error contains a text.
func want(t testing.TB, what string, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("%s: %v, want %q", what, err, text)
	}
}

// echoes makes a guest for values of some types. For type number i it exports
//
//	mem-i: func(x: T, 16 numbers) -> T    returns x as it is in memory
//	flat-i: func(x: T)                    passes x, as core values, to the imported function got-i
func echoes(t testing.TB, named string, types []string, encoding byte) []byte {
	t.Helper()
	decls, code := named, ""
	for i, typ := range types {
		decls += fmt.Sprintf(`(import "got-%d" (func (param "x" %s)))`, i, typ)
		decls += fmt.Sprintf(`(export "flat-%d" (func (param "x" %s)))`, i, typ)
		decls += fmt.Sprintf(`(export "mem-%d" (func (param "x" %s)`, i, typ)
		for j := range 16 {
			decls += fmt.Sprintf(`(param "n%d" u64)`, j)
		}
		decls += fmt.Sprintf(`(result %s)))`, typ)
	}
	// The core signatures follow from the world.
	w := worldOf(t, decls)
	layouts := cabi.New()
	imports := ""
	for i := range types {
		got := world.Find(w.Imports, fmt.Sprintf("got-%d", i)).FuncType
		sig := layouts.Lowered(got, cabi.Options{})
		params, gets := "", ""
		for j, p := range sig.Params {
			params += " " + p.String()
			gets += fmt.Sprintf("(local.get %d)", j)
		}
		imports += fmt.Sprintf(`(import "$root" "got-%d" (func $got-%d (param%s)))`, i, i, params)
		code += fmt.Sprintf(`(func (export "flat-%d") (param%s) (call $got-%d %s))`, i, params, i, gets)
		result := layouts.Lifted(world.Find(w.Exports, fmt.Sprintf("mem-%d", i)).FuncType, cabi.Options{}).Results[0]
		load := "(local.get 0)"
		if l := layouts.Of(got.Params[0].Type, false); len(l.Flat) == 1 {
			load = fmt.Sprintf("(%s (local.get 0))", loadOf(result, l.Size))
		}
		code += fmt.Sprintf(`(func (export "mem-%d") (param i32) (result %s) %s)`, i, result, load)
	}
	return guest(t, decls, imports+allocator+code, encoding)
}

func loadOf(v corewasm.ValType, size uint64) string {
	if v == corewasm.I32 && size < 4 {
		return fmt.Sprintf("i32.load%d_u", 8*size)
	}
	return v.String() + ".load"
}

func worldOf(t testing.TB, decls string) *world.World {
	t.Helper()
	section := fromText(t, `(component (type (component (type (component `+decls+`)) (export "root:component/root" (component (type 0))))) (export "root" (type 0)))`)
	w, _, err := worldsection.Read(context.Background(), [][]byte{section})
	if err != nil {
		t.Fatal(err)
	}
	return w
}
