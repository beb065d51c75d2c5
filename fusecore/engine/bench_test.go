package engine

import (
	"context"
	"strings"
	"testing"
)

// BenchmarkCall measures calls of a guest, in relation to the call of its core function.
func BenchmarkCall(b *testing.B) {
	ctx := context.Background()
	wasm := guest(b, `
		(import "host" (func (param "n" u32) (result u32)))
		(export "add" (func (param "x" u32) (param "y" u32) (result u32)))
		(export "host" (func (param "n" u32) (result u32)))
		(export "text" (func (param "s" string) (result u32)))
		(export "bytes" (func (param "s" (list u8)) (result u32)))
		(export "points" (func (param "s" (list (tuple f64 f64 string))) (result u32)))`, `
		(import "$root" "host" (func $host (param i32) (result i32)))`+allocator+`
		(func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
		(func (export "host") (param i32) (result i32) (call $host (local.get 0)))
		(func $list (export "text") (export "bytes") (export "points") (param i32 i32) (result i32) (global.set $next (i32.const 1024)) (local.get 1))`, 0)
	for _, r := range []struct {
		name string
		opts Options
	}{{"interruptible", Options{}}, {"uninterruptible", Options{Uninterruptible: true}}} {
		b.Run(r.name, func(b *testing.B) {
			rt, err := New(ctx, r.opts)
			if err != nil {
				b.Fatal(err)
			}
			defer rt.Close(ctx)
			c, err := rt.Compile(ctx, wasm)
			if err != nil {
				b.Fatal(err)
			}
			var h Host
			h.Func("host", func(n uint32) uint32 { return n })
			in, err := c.Instantiate(ctx, &h, Config{})
			if err != nil {
				b.Fatal(err)
			}
			core := in.mod.ExportedFunction("add")
			b.Run("core", func(b *testing.B) {
				stack := make([]uint64, 2)
				for b.Loop() {
					if err := core.CallWithStack(ctx, stack); err != nil {
						b.Fatal(err)
					}
				}
			})
			var add func(context.Context, uint32, uint32) (uint32, error)
			bind(b, in, "add", &add)
			b.Run("bound", func(b *testing.B) {
				for b.Loop() {
					if _, err := add(ctx, 1, 2); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("dynamic", func(b *testing.B) {
				for b.Loop() {
					if _, err := in.Call(ctx, "add", uint32(1), uint32(2)); err != nil {
						b.Fatal(err)
					}
				}
			})
			var host func(context.Context, uint32) (uint32, error)
			bind(b, in, "host", &host)
			b.Run("with a call of the host", func(b *testing.B) {
				for b.Loop() {
					if _, err := host(ctx, 1); err != nil {
						b.Fatal(err)
					}
				}
			})
			var text func(context.Context, string) (uint32, error)
			bind(b, in, "text", &text)
			s := strings.Repeat("x", 32)
			b.Run("string of 32", func(b *testing.B) {
				for b.Loop() {
					if _, err := text(ctx, s); err != nil {
						b.Fatal(err)
					}
				}
			})
			var bytes func(context.Context, []byte) (uint32, error)
			bind(b, in, "bytes", &bytes)
			list := make([]byte, 64<<10)
			b.Run("list of 64 KiB", func(b *testing.B) {
				for b.Loop() {
					if _, err := bytes(ctx, list); err != nil {
						b.Fatal(err)
					}
				}
			})
			type point struct {
				X, Y float64
				Name string
			}
			var points func(context.Context, []point) (uint32, error)
			bind(b, in, "points", &points)
			b.Run("100 records", func(b *testing.B) {
				list := make([]point, 100)
				for b.Loop() {
					if _, err := points(ctx, list); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

func bind(t testing.TB, in *Instance, name string, fn any) {
	t.Helper()
	if err := in.Bind(name, fn); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkInstantiate measures instances of a compiled component.
func BenchmarkInstantiate(b *testing.B) {
	ctx := context.Background()
	rt, err := New(ctx, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer rt.Close(ctx)
	c, err := rt.Compile(ctx, guest(b, connDecls, connCode, 0))
	if err != nil {
		b.Fatal(err)
	}
	var h Host
	h.Resource("h:h/db#conn", func(*conn) {})
	h.Func("h:h/db#open", func() *conn { return nil })
	h.Func("h:h/db#use", func(*conn) uint32 { return 0 })
	h.Func("h:h/db#close", func(*conn) {})
	for b.Loop() {
		in, err := c.Instantiate(ctx, &h, Config{})
		if err != nil {
			b.Fatal(err)
		}
		if err := in.Close(ctx); err != nil {
			b.Fatal(err)
		}
	}
}
