package engine

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// imports is a world with functions for the host, and a guest that calls them.
const (
	importsDecls = `
		(import "a:b/c@1.0.0" (instance (export "add" (func (param "x" u32) (param "y" u32) (result u32)))
			(export "name" (func (result string))) (export "tell" (func (param "s" (list string)))) (export "many"
			(func (param "a" u64) (param "b" u64) (param "c" u64) (param "d" u64) (param "e" string) (param "f" string) (param "g" string)
				(param "h" string) (param "i" string) (param "j" string) (param "k" string) (result (tuple u8 u64))))))
		(export "sum" (func (param "x" u32) (result u32)))
		(export "name" (func (result string)))`
	importsCode = `
		(import "a:b/c@1.0.0" "add" (func $add (param i32 i32) (result i32)))
		(import "a:b/c@1.0.0" "name" (func $name (param i32)))
		(func (export "sum") (param i32) (result i32) (call $add (local.get 0) (i32.const 40)))
		(func (export "name") (result i32) (call $name (i32.const 8)) (i32.const 8))` + allocator
)

func TestHostFuncs(t *testing.T) {
	ctx := context.WithValue(context.Background(), key{}, "here")
	var h Host
	h.Func("a:b/c@1.0.0#add", func(x, y uint32) uint32 { return x + y })
	h.Func("a:b/c@1.0.0#name", Dynamic(func(ctx context.Context, f *FuncType, args []any) (any, error) {
		return fmt.Sprint(ctx.Value(key{}), f, args), nil
	}))
	in := start(t, guest(t, importsDecls, importsCode, 0), &h, Config{})
	if got, err := in.Call(ctx, "sum", uint32(2)); got != uint32(42) || err != nil {
		t.Error(got, err)
	}
	if got, err := in.Call(ctx, "name"); got != "herefunc() -> string []" || err != nil {
		t.Error(got, err)
	}
	var names []string
	for _, f := range in.comp.Imports() {
		names = append(names, f.Name)
	}
	if d := cmp.Diff([]string{"a:b/c@1.0.0#add", "a:b/c@1.0.0#name", "a:b/c@1.0.0#tell", "a:b/c@1.0.0#many"}, names); d != "" {
		t.Error(d)
	}
}

type key struct{}

// TestMismatches checks that functions that do not fit are errors when they are linked or bound.
func TestMismatches(t *testing.T) {
	wasm := guest(t, importsDecls, importsCode, 0)
	for _, c := range []struct {
		fn   any
		want string
	}{
		{nil, "no function with a fixed number of parameters"},
		{7, "int is no function"},
		{func(...uint32) uint32 { return 0 }, "fixed number"},
		{func(uint32) uint32 { return 0 }, "a:b/c@1.0.0#add: func(x: u32, y: u32) -> u32 has 2 parameters, not 1"},
		{func(x, y uint32) {}, "only one of func(x: u32, y: u32) -> u32 and the Go function has a result"},
		{func(x, y uint32) (uint32, uint32) { return 0, 0 }, "at most one value and an error"},
		{func(x uint32, y string) uint32 { return 0 }, "parameter y: the Go type string does not fit the WIT type u32; use uint32"},
		{func(x, y uint32) float32 { return 0 }, "result: the Go type float32 does not fit the WIT type u32"},
	} {
		var h Host
		h.Func("a:b/c@1.0.0#add", c.fn)
		h.Func("a:b/c@1.0.0#name", func() string { return "" })
		_, err := tryStart(t, wasm, &h, Config{})
		want(t, fmt.Sprintf("%T", c.fn), err, c.want)
	}
	var h Host
	_, err := tryStart(t, wasm, &h, Config{})
	want(t, "without a host", err, "a:b/c@1.0.0#add: the component imports it, but the host does not provide it (its type is func(x: u32, y: u32) -> u32)")
	in, err := tryStart(t, wasm, nil, Config{TrapMissing: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = in.Call(context.Background(), "sum", uint32(1))
	want(t, "a missing function", err, "the host does not provide a:b/c@1.0.0#add")

	in = start(t, guest(t, `(export "f" (func (param "x" u32) (result u32)))`, `(func (export "f") (param i32) (result i32) (local.get 0))`, 0), nil, Config{})
	for _, c := range []struct {
		fn   any
		want string
	}{
		{nil, "no pointer to a function"},
		{new(int), "*int is no pointer to a function"},
		{new(func(uint32) uint32), "the last result of the Go function must be an error"},
		{new(func(string) (uint32, error)), "parameter x: the Go type string"},
	} {
		want(t, fmt.Sprintf("%T", c.fn), in.Bind("f", c.fn), c.want)
	}
	want(t, "an unknown function", in.Bind("g", nil), "g: the component exports no such function (it exports f)")
	_, err = in.Call(context.Background(), "f")
	want(t, "without an argument", err, "it takes 1 arguments, not 0: func(x: u32) -> u32")
	var f func(context.Context, uint32) (uint32, error)
	if err := in.Bind("f", &f); err != nil {
		t.Fatal(err)
	}
	if n, err := f(context.Background(), 7); n != 7 || err != nil {
		t.Error(n, err)
	}
}

// TestForeignModules checks the errors for modules that are not what a world says.
func TestForeignModules(t *testing.T) {
	for _, c := range []struct{ name, decls, code, want string }{
		{"unknown import", ``, `(import "x" "y" (func))`, `core module: it imports "y" from "x", which is not part of its world`},
		{"missing export", `(export "f" (func))`, ``, `it does not export "f", which its world has`},
		{"another type", `(export "f" (func (param "x" u64)))`, `(func (export "f") (param i32))`, "f: its core function has other parameters or results"},
		{"import of another type", `(import "f" (func (param "x" u64)))`, `(import "$root" "f" (func (param i32)))`, "f: its core function has other parameters or results"},
		{"asynchronous", `(export "f" (func async))`, `(func (export "f"))`, "asynchronous"},
	} {
		_, err := tryStart(t, guest(t, c.decls, c.code, 0), nil, Config{})
		want(t, c.name, err, c.want)
	}
	_, err := tryStart(t, fromText(t, `(module (memory 1) (memory 1))`), nil, Config{})
	want(t, "two memories", err, "several memories, of which wazero has only one (fuse the components with a single memory")
	_, err = tryStart(t, []byte("(component)"), nil, Config{})
	want(t, "text", err, "text format")
	_, err = tryStart(t, fromText(t, `(module (func (result i32) (i32.const 1)))`)[:20], nil, Config{})
	want(t, "a cut module", err, "component.wasm: core module: ")
}
