package engine

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestLies checks what guests are not believed: what an export returns, and what an import is called with.
func TestLies(t *testing.T) {
	const memory = `(memory (export "memory") 1)`
	for _, c := range []struct {
		name     string
		typ      string // of the result
		code     string // of the function f, which returns it
		encoding byte
		want     string
	}{
		{"char", "char", "(i32.const 0xd800)", 0, "invalid char 0xd800"},
		{"char too large", "char", "(i32.const 0x110000)", 0, "invalid char"},
		{"enum", `$colour`, "(i32.const 2)", 0, "invalid discriminant 2"},
		{"result unaligned", "string", "(i32.const 2)", 0, "unaligned pointer of a result"},
		{"result out of bounds", "string", "(i32.const 65532)", 0, "out-of-bounds pointer of a result"},
		{"result far out of bounds", "string", "(i32.const -4)", 0, "out-of-bounds pointer of a result"},
		{"string out of bounds", "string", "(i32.store (i32.const 8) (i32.const 65535)) (i32.store (i32.const 12) (i32.const 2)) (i32.const 8)", 0, "out-of-bounds pointer of a string"},
		{"string wraps around", "string", "(i32.store (i32.const 8) (i32.const -1)) (i32.store (i32.const 12) (i32.const 2)) (i32.const 8)", 0, "out-of-bounds pointer of a string"},
		{"string too long", "string", "(i32.store (i32.const 12) (i32.const 0x10000000)) (i32.const 8)", 0, "string too long"},
		{"string of negative length", "string", "(i32.store (i32.const 12) (i32.const -1)) (i32.const 8)", 0, "string too long"},
		{"string not utf-8", "string", "(i32.store (i32.const 12) (i32.const 1)) (i32.store8 (i32.const 0) (i32.const 0xff)) (i32.const 8)", 0, "invalid utf-8"},
		{"string utf-8 of a surrogate", "string", "(i32.store (i32.const 12) (i32.const 3)) (i32.store (i32.const 0) (i32.const 0x80a0ed)) (i32.const 8)", 0, "invalid utf-8"},
		{"string unaligned", "string", "(i32.store (i32.const 8) (i32.const 1)) (i32.store (i32.const 12) (i32.const 1)) (i32.const 8)", 1, "unaligned pointer of a string"},
		{"string not utf-16", "string", "(i32.store (i32.const 0) (i32.const 0xd800)) (i32.store (i32.const 12) (i32.const 1)) (i32.const 8)", 1, "invalid utf-16"},
		{"string too long in utf-16", "string", "(i32.store (i32.const 12) (i32.const 0x8000000)) (i32.const 8)", 1, "string too long"},
		{"string unaligned in latin1", "string", "(i32.store (i32.const 8) (i32.const 1)) (i32.const 8)", 2, "unaligned pointer of a string"},
		{"tagged string not utf-16", "string", "(i32.store (i32.const 0) (i32.const 0xdc00)) (i32.store (i32.const 12) (i32.const 0x80000001)) (i32.const 8)", 2, "invalid utf-16"},
		{"list unaligned", "(list u32)", "(i32.store (i32.const 8) (i32.const 2)) (i32.const 8)", 0, "unaligned pointer of a list"},
		{"list out of bounds", "(list u32)", "(i32.store (i32.const 8) (i32.const 65532)) (i32.store (i32.const 12) (i32.const 2)) (i32.const 8)", 0, "out-of-bounds pointer of a list"},
		{"list too long", "(list u64)", "(i32.store (i32.const 12) (i32.const 0x2000000)) (i32.const 8)", 0, "list too long"},
		{"list so long that it wraps around", "(list u64)", "(i32.store (i32.const 12) (i32.const 0x20000000)) (i32.const 8)", 0, "list too long"},
		{"variant in memory", "(option u64)", "(i32.store8 (i32.const 8) (i32.const 2)) (i32.const 8)", 0, "invalid discriminant 2"},
		{"unreachable", "u32", "(unreachable)", 0, "unreachable"},
		{"not a handle", "(own $r)", "(i32.const 7)", 0, "unknown handle index 7"},
		{"index 0 is no handle", "(own $r)", "(i32.const 0)", 0, "unknown handle index 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := start(t, guest(t, `
				(type $colour' (enum "red" "green")) (import "colour" (type $colour (eq $colour')))
				(export "r" (type $r (sub resource)))
				(export "f" (func (result `+c.typ+`)))`, memory+`(func (export "f") (result i32) `+c.code+`)`, c.encoding), nil, Config{})
			_, err := in.Call(context.Background(), "f")
			want(t, c.typ, err, c.want)
			var trap *Trap
			if !errors.As(err, &trap) || trap.Func != "f" {
				t.Errorf("%#v is no trap in f", err)
			}
			_, again := in.Call(context.Background(), "f")
			want(t, "the next call", again, "cannot be used any more")
			if !errors.Is(again, err) {
				t.Errorf("the next call does not say why: %v", again)
			}
		})
	}
}

// TestReallocLies checks what realloc may return.
func TestReallocLies(t *testing.T) {
	for _, c := range []struct{ arg, returns, want string }{
		{"(list u32)", "2", "realloc returned an unaligned pointer"},
		{"(list u32)", "65536", "realloc returned an out-of-bounds pointer"},
		{"string", "-1", "realloc returned an out-of-bounds pointer"},
	} {
		in := start(t, guest(t, `(export "f" (func (param "x" `+c.arg+`)))`, `(memory (export "memory") 1)
			(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const `+c.returns+`))
			(func (export "f") (param i32 i32))`, 0), nil, Config{})
		var arg any = []uint32{1}
		if c.arg == "string" {
			arg = "ab"
		}
		_, err := in.Call(context.Background(), "f", arg)
		want(t, c.returns, err, c.want)
	}
}

// TestGates checks may_enter and may_leave: nothing of the guest runs while a function of it does, and it calls nothing
// from realloc and post-return.
func TestGates(t *testing.T) {
	wasm := guest(t, `
		(import "log" (func (param "n" u32)))
		(export "call" (func))
		(export "take" (func (param "s" string)))
		(export "give" (func (result u32)))`, `
		(import "$root" "log" (func $log (param i32)))
		(memory (export "memory") 1)
		(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (call $log (i32.const 1)) (i32.const 8))
		(func (export "call") (call $log (i32.const 0)))
		(func (export "take") (param i32 i32))
		(func (export "give") (result i32) (i32.const 5))
		(func (export "cabi_post_give") (param i32) (call $log (i32.const 2)))`, 0)
	ctx := context.Background()
	var in *Instance
	var nested error
	var h Host
	h.Func("log", func(ctx context.Context, n uint32) { _, nested = in.Call(ctx, "call") })
	in = start(t, wasm, &h, Config{})
	if _, err := in.Call(ctx, "call"); err != nil {
		t.Errorf("the call around a refused one: %v", err)
	}
	want(t, "a call from a host function", nested, "cannot enter component instance: it is running")
	_, err := in.Call(ctx, "take", "x")
	want(t, "realloc", err, "cannot leave component instance")
	in = start(t, wasm, &h, Config{})
	_, err = in.Call(ctx, "give")
	want(t, "post-return", err, "cannot leave component instance")
}

// TestHostErrors checks that errors of host functions reach the caller.
func TestHostErrors(t *testing.T) {
	sad := errors.New("sad")
	var h Host
	h.Func("log", func(n uint32) error { return sad })
	in := start(t, guest(t, `(import "log" (func (param "n" u32))) (export "f" (func))`, `
		(import "$root" "log" (func $log (param i32)))
		(func $inner (call $log (i32.const 0)))
		(func (export "f") (call $inner))`, 0), &h, Config{})
	_, err := in.Call(context.Background(), "f")
	var trap *Trap
	if !errors.Is(err, sad) || !errors.As(err, &trap) || !strings.Contains(err.Error(), "f: log: sad") {
		t.Fatalf("%v", err)
	}
}

// TestFrames checks the names of the running functions.
func TestFrames(t *testing.T) {
	in := start(t, guest(t, `(export "f" (func))`, `
		(func $inner (param i32 i64) (result i64 i64) (unreachable))
		(func $outer (export "f") (drop (drop (call $inner (i32.const 1) (i64.const 2)))))`, 0), nil, Config{})
	_, err := in.Call(context.Background(), "f")
	var trap *Trap
	if !errors.As(err, &trap) || strings.Join(trap.Frames, " ") != "inner outer" {
		t.Errorf("%#v", err)
	}
}

// TestCancel checks that a done context stops a running call, and that its cause is the error.
func TestCancel(t *testing.T) {
	wasm := guest(t, `(export "f" (func))`, `(func (export "f") (loop (br 0)))`, 0)
	late := errors.New("too late")
	ctx, cancel := context.WithCancelCause(context.Background())
	time.AfterFunc(20*time.Millisecond, func() { cancel(late) })
	in := start(t, wasm, nil, Config{})
	if _, err := in.Call(ctx, "f"); !errors.Is(err, late) {
		t.Errorf("%v, want %v", err, late)
	}
	_, err := in.Call(context.Background(), "f")
	want(t, "the next call", err, "cannot be used any more: too late")
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer stop()
	in = start(t, wasm, nil, Config{})
	if _, err := in.Call(ctx, "f"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want a deadline", err)
	}
}

// TestClosed checks the use of a closed instance.
func TestClosed(t *testing.T) {
	in := start(t, guest(t, `(export "f" (func))`, `(func (export "f"))`, 0), nil, Config{})
	if err := in.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	_, err := in.Call(context.Background(), "f")
	want(t, "a call", err, "the instance is closed")
}

// TestValueBytes checks that a guest cannot make the host's values arbitrarily large.
func TestValueBytes(t *testing.T) {
	ctx := context.Background()
	rt, err := New(ctx, Options{MaxValueBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close(ctx)
	// A list of n strings, each of the same 60,000 bytes.
	c, err := rt.Compile(ctx, guest(t, `(export "f" (func (param "n" u32) (result (list string))))`, `(memory (export "memory") 1)
		(func (export "f") (param i32) (result i32) (local $at i32)
			(i32.store (i32.const 60000) (i32.const 60016)) (i32.store (i32.const 60004) (local.get 0))
			(loop
				(i32.store (i32.add (i32.const 60016) (local.get $at)) (i32.const 0))
				(i32.store (i32.add (i32.const 60020) (local.get $at)) (i32.const 60000))
				(br_if 0 (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 4000))))
			(i32.const 60000))`, 0))
	if err != nil {
		t.Fatal(err)
	}
	in, err := c.Instantiate(ctx, nil, Config{})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // the space is that of each call
		if _, err := in.Call(ctx, "f", uint32(17)); err != nil {
			t.Errorf("1,020,000 bytes and the list: %v", err)
		}
	}
	_, err = in.Call(ctx, "f", uint32(18))
	want(t, "1,080,000 bytes", err, "values take more than the 1048576 bytes that a call may pass to the host")
}

// FuzzLift lifts values of several types from arbitrary bytes: as a result, or as the argument of a host function. The
// outcome is a value or a trap.
func FuzzLift(f *testing.F) {
	types := []string{"string", "(list string)", "(list (option $shape))", "(result $point (error (list char)))", "(tuple $colour $many bool)", "(list (tuple (list f32) $shape))"}
	ctx := context.Background()
	rt, err := New(ctx, Options{MaxValueBytes: 1 << 20})
	if err != nil {
		f.Fatal(err)
	}
	defer rt.Close(ctx)
	var comps [3]*Component
	for encoding := range comps {
		if comps[encoding], err = rt.Compile(ctx, echoes(f, named, types, byte(encoding))); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(byte(0), byte(1), uint32(0), []byte{8, 0, 0, 0, 1, 0, 0, 0, 16, 0, 0, 0, 2, 0, 0, 0, 0xc3, 0xa9})
	f.Add(byte(1), byte(2), uint32(8), []byte{0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 3})
	f.Fuzz(func(t *testing.T, encoding, typ byte, ptr uint32, memory []byte) {
		i := int(typ) % len(types)
		var h Host
		for j := range types {
			h.Func(fmt.Sprintf("got-%d", j), func(any) {})
		}
		in, err := comps[int(encoding)%3].Instantiate(ctx, &h, Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close(ctx)
		in.mem.Write(0, memory)
		b, err := in.bound(fmt.Sprintf("mem-%d", i))
		if err != nil {
			t.Fatal(err)
		}
		sig, err := in.dynamicSignature(b.Type)
		if err != nil {
			t.Fatal(err)
		}
		lifted := func() (err error) {
			defer in.leave("f", &err)
			var result any
			b.lift(in.begin(ctx), sig, []uint64{uint64(ptr)}, reflect.ValueOf(&result).Elem())
			return nil
		}()
		if lifted != nil && !errors.As(lifted, new(*Trap)) {
			t.Fatalf("%v is no trap", lifted)
		}
	})
}

// TestConcurrent uses instances of one component, with one host, in several goroutines.
func TestConcurrent(t *testing.T) {
	ctx := context.Background()
	rt, err := New(ctx, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close(ctx)
	c, err := rt.Compile(ctx, guest(t, importsDecls, importsCode, 0))
	if err != nil {
		t.Fatal(err)
	}
	var h Host
	h.Func("a:b/c@1.0.0#add", func(x, y uint32) uint32 { return x + y })
	h.Func("a:b/c@1.0.0#name", func() string { return "x" })
	var wg sync.WaitGroup
	for n := range uint32(8) {
		wg.Go(func() {
			in, err := c.Instantiate(ctx, &h, Config{})
			if err != nil {
				t.Error(err)
				return
			}
			defer in.Close(ctx)
			for range 50 {
				if got, err := in.Call(ctx, "sum", n); got != n+40 || err != nil {
					t.Error(got, err)
				}
			}
		})
	}
	wg.Wait()
}
