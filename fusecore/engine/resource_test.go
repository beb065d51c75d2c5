package engine

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
)

// The guest of these tests passes on handles of the host's type conn.
const (
	connDecls = `
		(import "h:h/db" (instance
			(export "conn" (type $conn (sub resource)))
			(export "open" (func (result (own $conn))))
			(export "use" (func (param "c" (borrow $conn)) (result u32)))
			(export "close" (func (param "c" (own $conn))))))
		(alias export 0 "conn" (type $c))
		(export "open" (func (result u32)))
		(export "use" (func (param "n" u32) (result u32)))
		(export "close" (func (param "n" u32)))
		(export "drop" (func (param "n" u32)))
		(export "lent" (func (param "c" (borrow $c)) (result u32)))
		(export "keep" (func (param "c" (borrow $c)) (result u32)))
		(export "take" (func (param "c" (own $c)) (result u32)))
		(export "give" (func (param "n" u32) (result (own $c))))`
	connCode = `
		(import "h:h/db" "open" (func $open (result i32)))
		(import "h:h/db" "use" (func $use (param i32) (result i32)))
		(import "h:h/db" "close" (func $close (param i32)))
		(import "h:h/db" "[resource-drop]conn" (func $drop (param i32)))
		(func (export "open") (result i32) (call $open))
		(func (export "use") (param i32) (result i32) (call $use (local.get 0)))
		(func (export "close") (param i32) (call $close (local.get 0)))
		(func (export "drop") (param i32) (call $drop (local.get 0)))
		(func (export "lent") (param i32) (result i32) (call $use (local.get 0)) (call $drop (local.get 0)))
		(func (export "keep") (param i32) (result i32) (local.get 0))
		(func (export "take") (param i32) (result i32) (local.get 0))
		(func (export "give") (param i32) (result i32) (local.get 0))`
)

type conn struct{ n uint32 }

// database is the host of a guest, and what it saw.
type database struct {
	Host
	in      *Instance
	dropped []*conn
	during  func()
}

func newDatabase(t *testing.T) *database {
	d := &database{}
	opened := uint32(0)
	d.Resource("h:h/db#conn", func(c *conn) error {
		d.dropped = append(d.dropped, c)
		return nil
	})
	d.Func("h:h/db#open", func() *conn { opened++; return &conn{10 * opened} })
	d.Func("h:h/db#use", func(c *conn) uint32 {
		if d.during != nil {
			d.during()
		}
		return c.n
	})
	d.Func("h:h/db#close", func(c *conn) { d.dropped = append(d.dropped, c) })
	d.in = start(t, guest(t, connDecls, connCode, 0), &d.Host, Config{})
	return d
}

// calls makes calls, each a name, an argument and the result or a text of the error.
func (d *database) calls(t *testing.T, calls ...[3]any) {
	t.Helper()
	for _, c := range calls {
		var args []any
		if c[1] != nil {
			args = []any{c[1]}
		}
		got, err := d.in.Call(context.Background(), c[0].(string), args...)
		if text, ok := c[2].(string); ok {
			want(t, fmt.Sprint(c), err, text)
		} else if err != nil || !reflect.DeepEqual(got, c[2]) {
			t.Errorf("%v: %v, %v", c, got, err)
		}
	}
}

func TestHostResources(t *testing.T) {
	u := func(n int) uint32 { return uint32(n) }
	lent := &conn{99}
	d := newDatabase(t)
	d.calls(t,
		[3]any{"open", nil, u(1)}, [3]any{"open", nil, u(2)}, [3]any{"use", u(2), u(20)},
		[3]any{"drop", u(1), nil}, [3]any{"open", nil, u(1)}, // the number is used again
		[3]any{"close", u(2), nil},
		[3]any{"lent", lent, u(99)},
		[3]any{"take", lent, u(2)}, [3]any{"use", u(2), u(99)},
		[3]any{"give", u(2), lent},
		[3]any{"use", u(2), "unknown handle index 2"})
	if len(d.dropped) != 2 || d.dropped[0].n != 10 || d.dropped[1].n != 20 {
		t.Errorf("dropped %v", d.dropped)
	}

	d = newDatabase(t)
	d.calls(t, [3]any{"keep", lent, "borrow handles still remain at the end of the call"})
	d = newDatabase(t)
	d.calls(t, [3]any{"take", "x", "string is not the Go type of the host's resource type h:h/db#conn, which is *engine.conn"}, [3]any{"open", nil, u(1)})
}

// TestLends checks that a handle cannot be given away while it is lent.
func TestLends(t *testing.T) {
	d := newDatabase(t)
	var during error
	d.during = func() {
		defer func() {
			if r := recover(); r != nil {
				during = r.(error)
			}
		}()
		d.in.dropHandle(context.Background(), d.in.comp.resourceNamed("h:h/db#conn"), 1)
	}
	d.calls(t, [3]any{"open", nil, uint32(1)}, [3]any{"use", uint32(1), uint32(10)})
	want(t, "a drop during the loan", during, "cannot remove owned resource while borrowed")
	d.during = nil
	d.calls(t, [3]any{"drop", uint32(1), nil})
}

func (c *Component) resourceNamed(name string) *resourceType {
	for _, rt := range c.resources {
		if rt.name == name {
			return rt
		}
	}
	return nil
}

func TestResourceMismatches(t *testing.T) {
	wasm := guest(t, connDecls, connCode, 0)
	for _, c := range []struct {
		drop, use any
		want      string
	}{
		{func(*conn) {}, func(int) uint32 { return 0 }, "values of the host's resource type h:h/db#conn have the Go type *engine.conn, not int"},
		{func() {}, func(*conn) uint32 { return 0 }, "what drops a resource must be func(T)"},
		{7, func(*conn) uint32 { return 0 }, "what drops a resource must be func(T)"},
		{nil, func(*conn) uint32 { return 0 }, "have the Go type interface {}, not *engine.conn"},
	} {
		var h Host
		h.Resource("h:h/db#conn", c.drop)
		h.Func("h:h/db#use", c.use)
		_, err := tryStart(t, wasm, &h, Config{TrapMissing: true})
		want(t, fmt.Sprintf("%T", c.drop), err, c.want)
	}
	sad := errors.New("sad")
	var h Host
	h.Resource("h:h/db#conn", func(context.Context, any) error { return sad })
	h.Func("h:h/db#open", func() any { return nil })
	in := start(t, wasm, &h, Config{TrapMissing: true})
	if n, err := in.Call(context.Background(), "open"); n != uint32(1) || err != nil {
		t.Fatal(n, err)
	}
	if _, err := in.Call(context.Background(), "drop", uint32(1)); !errors.Is(err, sad) {
		t.Errorf("%v, want %v", err, sad)
	}
}

// TestGuestResources uses a resource type that a guest implements.
func TestGuestResources(t *testing.T) {
	ctx := context.Background()
	wasm := guest(t, `
		(import "log" (func (param "n" u32)))
		(export "g:g/counters" (instance
			(export "counter" (type $c (sub resource)))
			(export "[constructor]counter" (func (param "n" u32) (result (own $c))))
			(export "[method]counter.get" (func (param "self" (borrow $c)) (result u32)))
			(export "take" (func (param "c" (own $c)) (result u32)))
			(export "none" (func (result u32)))))`, `
		(import "$root" "log" (func $log (param i32)))
		(import "[export]g:g/counters" "[resource-new]counter" (func $new (param i32) (result i32)))
		(import "[export]g:g/counters" "[resource-rep]counter" (func $rep (param i32) (result i32)))
		(import "[export]g:g/counters" "[resource-drop]counter" (func $drop (param i32)))
		(func (export "g:g/counters#[constructor]counter") (param i32) (result i32) (call $new (local.get 0)))
		(func (export "g:g/counters#[method]counter.get") (param i32) (result i32) (local.get 0))
		(func (export "g:g/counters#take") (param i32) (result i32) (call $rep (local.get 0)) (call $drop (local.get 0)))
		(func (export "g:g/counters#none") (result i32) (call $rep (i32.const 1)))
		(func (export "g:g/counters#[dtor]counter") (param i32) (call $log (local.get 0)))`, 0)
	var dropped []uint32
	var in *Instance
	var lent *Resource
	var h Host
	h.Func("log", func(n uint32) { dropped = append(dropped, n) })
	in = start(t, wasm, &h, Config{})
	var make func(n uint32) (*Resource, error)
	var get, take func(*Resource) (uint32, error)
	for name, fn := range map[string]any{"[constructor]counter": &make, "[method]counter.get": &get, "take": &take} {
		if err := in.Bind("g:g/counters#"+name, fn); err != nil {
			t.Fatal(err)
		}
	}
	a, err := make(7)
	if err != nil {
		t.Fatal(err)
	}
	b, err := make(8)
	if err != nil {
		t.Fatal(err)
	}
	for r, n := range map[*Resource]uint32{a: 7, b: 8} {
		if got, err := get(r); got != n || err != nil {
			t.Error(got, err)
		}
	}
	if got, err := take(a); got != 7 || err != nil {
		t.Error(got, err)
	}
	if err := b.Drop(ctx); err != nil {
		t.Error(err)
	}
	if len(dropped) != 2 || dropped[0] != 7 || dropped[1] != 8 {
		t.Errorf("dropped %v", dropped)
	}
	_, err = take(a)
	want(t, "given twice", err, "resource g:g/counters#counter was dropped or passed on")
	_, err = get(b)
	want(t, "used after the drop", err, "was dropped or passed on")
	want(t, "dropped twice", b.Drop(ctx), "was dropped or passed on")
	_, err = get(nil)
	want(t, "nil", err, "is not a resource of type")
	other := start(t, wasm, &h, Config{})
	x, err := other.Call(ctx, "g:g/counters#[constructor]counter", uint32(1))
	if err != nil {
		t.Fatal(err)
	}
	lent = x.(*Resource)
	_, err = get(lent)
	want(t, "of another instance", err, "of this instance")
	_, err = in.Call(ctx, "g:g/counters#none")
	want(t, "no handle", err, "unknown handle index 1")
	if err := lent.Drop(ctx); err != nil {
		t.Error(err)
	}
}
