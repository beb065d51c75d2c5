// This file tests how calls and instances end.

package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"
)

// TestInstancesFreed checks that closed instances leave nothing in their runtime.
func TestInstancesFreed(t *testing.T) {
	ctx := context.Background()
	rt, err := New(ctx, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close(ctx)
	c, err := rt.Compile(ctx, guest(t, connDecls, connCode, 0))
	if err != nil {
		t.Fatal(err)
	}
	var h Host
	h.Resource("h:h/db#conn", func(*conn) {})
	h.Func("h:h/db#open", func() *conn { return nil })
	h.Func("h:h/db#use", func(*conn) uint32 { return 0 })
	h.Func("h:h/db#close", func(*conn) {})
	measure := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	cycle := func(n int) {
		for range n {
			in, err := c.Instantiate(ctx, &h, Config{})
			if err != nil {
				t.Fatal(err)
			}
			if err := in.Close(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	cycle(50)
	before := measure()
	cycle(500)
	if after := measure(); after > before+500*1000 {
		t.Errorf("500 closed instances keep %d bytes", after-before)
	}
}

// TestExitCodes checks the codes of programs that end, and those that wazero uses itself.
func TestExitCodes(t *testing.T) {
	for _, code := range []uint32{0, 3, 0xffffffff, 0xefffffff} {
		in := start(t, fromText(t, fmt.Sprintf(`(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
			(memory (export "memory") 1) (func (export "_start") (call $exit (i32.const %d))))`, code)), nil, Config{})
		var exit *Exit
		if err := in.Run(context.Background()); code == 0 && err != nil || code != 0 && (!errors.As(err, &exit) || exit.Code != code) {
			t.Errorf("%#x: %T %v", code, err, err)
		}
	}
}

// TestCancelInHostFunc checks a context that is done while a host function runs.
func TestCancelInHostFunc(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	late := errors.New("too late")
	var h Host
	h.Func("log", func() { cancel(late); time.Sleep(20 * time.Millisecond) })
	in := start(t, guest(t, `(import "log" (func)) (export "f" (func))`, `
		(import "$root" "log" (func $log)) (func (export "f") (call $log))`, 0), &h, Config{})
	_, err := in.Call(ctx, "f")
	if !errors.Is(err, late) {
		t.Errorf("%T %v, want %v", err, err, late)
	}
	_, err = in.Call(context.Background(), "f")
	want(t, "the next call", err, "cannot be used any more: too late")
}

// TestCloseInHostFunc checks an instance that is closed while it runs.
func TestCloseInHostFunc(t *testing.T) {
	var h Host
	var in *Instance
	h.Func("log", func(ctx context.Context) { in.Close(ctx) })
	in = start(t, guest(t, `(import "log" (func)) (export "f" (func))`, `
		(import "$root" "log" (func $log)) (func $g) (func (export "f") (local $n i32) (call $log) (loop (call $g) (br_if 0 (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100000)))))`, 0), &h, Config{})
	_, err := in.Call(context.Background(), "f")
	want(t, "the call", err, "the instance is closed")
	_, err = in.Call(context.Background(), "f")
	want(t, "the next call", err, "the instance is closed")
}

// TestGoexitInHostFunc ends the goroutine of a call, as t.FailNow does.
func TestGoexitInHostFunc(t *testing.T) {
	var h Host
	h.Func("log", func(context.Context) { runtime.Goexit() })
	in := start(t, guest(t, `(import "log" (func)) (export "f" (func))`, `
		(import "$root" "log" (func $log)) (func (export "f") (call $log))`, 0), &h, Config{})
	done := make(chan bool)
	go func() {
		defer close(done)
		in.Call(context.Background(), "f")
		t.Error("the call returned")
	}()
	<-done
	_, err := in.Call(context.Background(), "f")
	want(t, "the next call", err, "a call of it has not returned")
}

// TestBadArguments checks that the guest is given nothing if one of the arguments is no value of its type.
func TestBadArguments(t *testing.T) {
	var h Host
	h.Resource("h:h/db#conn", func(*conn) {})
	in := start(t, guest(t, `
		(import "h:h/db" (instance (export "conn" (type $conn (sub resource)))))
		(alias export 0 "conn" (type $c))
		(export "g:g/g" (instance
			(export "r" (type $r (sub resource)))
			(export "make" (func (result (own $r))))))
		(alias export 1 "r" (type $own))
		(export "f" (func (param "a" (own $c)) (param "b" (borrow $c)) (param "c" (own $own)) (param "d" (borrow $own)) (param "e" char)))`, `
		(import "[export]g:g/g" "[resource-new]r" (func $new (param i32) (result i32)))
		(import "h:h/db" "[resource-drop]conn" (func $drop (param i32)))
		(func (export "g:g/g#make") (result i32) (call $new (i32.const 7)))
		(func (export "f") (param i32 i32 i32 i32 i32) (call $drop (local.get 1)))`, 0), &h, Config{})
	ctx := context.Background()
	var made [2]any
	for i := range made {
		var err error
		if made[i], err = in.Call(ctx, "g:g/g#make"); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		_, err := in.Call(ctx, "f", &conn{1}, &conn{2}, made[0], made[1], rune(0xd800))
		want(t, "a surrogate", err, "0xd800")
		for i, h := range in.table.handles {
			if h.rt != nil {
				t.Errorf("handle %d of %s remains", i, h.rt.name)
			}
		}
	}
	if _, err := in.Call(ctx, "f", &conn{1}, &conn{2}, made[0], made[1], 'x'); err != nil {
		t.Error(err)
	}
	want(t, "a resource that was passed on", made[0].(*Resource).Drop(ctx), "was dropped or passed on")
	if err := made[1].(*Resource).Drop(ctx); err != nil {
		t.Error(err)
	}
}

// TestCloseRuntime checks that a program does not seem to have ended if its runtime is closed.
func TestCloseRuntime(t *testing.T) {
	ctx := context.Background()
	rt, err := New(ctx, Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := rt.Compile(ctx, fromText(t, `(module (memory (export "memory") 1) (func (export "_start") (loop (br 0))))`))
	if err != nil {
		t.Fatal(err)
	}
	in, err := c.Instantiate(ctx, nil, Config{})
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(20*time.Millisecond, func() { rt.Close(ctx) })
	want(t, "a running program", in.Run(ctx), "the runtime is closed")
	want(t, "the next call", in.Run(ctx), "the runtime is closed")
}
