package engine

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// program is a command for WASI preview1. It writes its arguments, variables and input to its output, then the content of
// the file "in" of the directory with descriptor 3 to the file "out" there, and exits with the number of arguments.
const program = `(module
	(import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
	(import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
	(import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes (param i32 i32) (result i32)))
	(import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
	(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
	(import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
	(import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
	(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
	(memory (export "memory") 1)
	(data (i32.const 16) "inout")
	(func $out (param $fd i32) (param $at i32) (param $n i32)
		(i32.store (i32.const 0) (local.get $at)) (i32.store (i32.const 4) (local.get $n))
		(if (call $write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)) (then (unreachable))))
	(func $in (param $fd i32) (result i32)
		(i32.store (i32.const 0) (i32.const 4096)) (i32.store (i32.const 4) (i32.const 4096))
		(if (call $read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)) (then (unreachable)))
		(i32.load (i32.const 8)))
	(func (export "_start") (local $n i32)
		(drop (call $args_sizes (i32.const 32) (i32.const 36)))
		(drop (call $args (i32.const 64) (i32.const 1024)))
		(call $out (i32.const 1) (i32.const 1024) (i32.load (i32.const 36)))
		(local.set $n (i32.load (i32.const 32)))
		(drop (call $environ_sizes (i32.const 32) (i32.const 36)))
		(drop (call $environ (i32.const 64) (i32.const 1024)))
		(call $out (i32.const 2) (i32.const 1024) (i32.load (i32.const 36)))
		(call $out (i32.const 1) (i32.const 4096) (call $in (i32.const 0)))
		(if (call $open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 2) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 40))
			(then (call $exit (i32.const 99))))
		(drop (call $in (i32.load (i32.const 40))))
		(if (call $open (i32.const 3) (i32.const 0) (i32.const 18) (i32.const 3) (i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 44))
			(then (call $exit (i32.const 98))))
		(call $out (i32.load (i32.const 44)) (i32.const 4096) (i32.load (i32.const 8)))
		(call $exit (i32.sub (local.get $n) (i32.const 1)))))`

// TestCommand checks what a program sees of a configuration, and what is seen of it.
func TestCommand(t *testing.T) {
	wasm := fromText(t, program)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "in"), []byte("content"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		dirs []Dir
		code uint32
	}{
		{"success", []string{"p"}, []Dir{{Guest: "/", Host: dir}}, 0},
		{"exit code", []string{"p", "a", "b c"}, []Dir{{Guest: "/", Host: dir}}, 2},
		{"read-only", []string{"p"}, []Dir{{Guest: "/", Host: dir, ReadOnly: true}}, 98},
		{"file system", []string{"p"}, []Dir{{Guest: "/", FS: fstest.MapFS{"in": {Data: []byte("x")}}}}, 98},
		{"nothing", []string{"p"}, nil, 99},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			in := start(t, wasm, nil, Config{Args: c.args, Env: [][2]string{{"A", "1"}, {"B", "2"}}, Stdin: strings.NewReader("typed"), Stdout: &out, Stderr: &errs, Dirs: c.dirs})
			err := in.Run(context.Background())
			var exit *Exit
			if c.code == 0 && err != nil || c.code != 0 && (!errors.As(err, &exit) || exit.Code != c.code) {
				t.Errorf("%v, want exit status %d", err, c.code)
			}
			if got, want := out.String(), strings.Join(c.args, "\x00")+"\x00typed"; got != want {
				t.Errorf("output %q, want %q", got, want)
			}
			if got := errs.String(); got != "A=1\x00B=2\x00" {
				t.Errorf("error output %q", got)
			}
			want(t, "a second run", in.Run(context.Background()), "cannot be used any more: exit status")
		})
	}
	if got, err := os.ReadFile(filepath.Join(dir, "out")); err != nil || string(got) != "content" {
		t.Errorf("the file has %q, %v", got, err)
	}
}

// TestNoCommand checks that what is no program is not run.
func TestNoCommand(t *testing.T) {
	in := start(t, guest(t, `(export "f" (func))`, `(func (export "f"))`, 0), nil, Config{})
	if in.comp.IsCommand() {
		t.Error("it is a command")
	}
	want(t, "a library", in.Run(context.Background()), "the component is no command: it exports neither _start nor wasi:cli/run (it exports f)")
}

// TestRunFunction checks the results of wasi:cli/run as it is.
func TestRunFunction(t *testing.T) {
	for result, code := range map[string]uint32{"0": 0, "1": 1} {
		in := start(t, guest(t, `(export "wasi:cli/run@0.2.3" (instance (export "run" (func (result (result))))))`,
			`(func (export "wasi:cli/run@0.2.3#run") (result i32) (i32.const `+result+`))`, 0), nil, Config{})
		err := in.Run(context.Background())
		var exit *Exit
		if code == 0 && err != nil || code != 0 && (!errors.As(err, &exit) || exit.Code != code) {
			t.Errorf("%s: %v", result, err)
		}
	}
}

// TestBuildTargets checks that a module without a memory may have the names of BuildTargets.md.
func TestBuildTargets(t *testing.T) {
	decls := `(export "f" (func (result u32))) (export "a:b/c@1.2.0" (instance (export "g" (func (result u32)))))`
	in := start(t, guest(t, decls, `
		(func (export "cm32p2||f") (result i32) (i32.const 7))
		(func (export "cm32p2|a:b/c@1|g") (result i32) (i32.const 8))`, 0), nil, Config{})
	for name, want := range map[string]uint32{"f": 7, "a:b/c@1.2.0#g": 8} {
		if n, err := in.Call(context.Background(), name); n != want || err != nil {
			t.Error(name, n, err)
		}
	}
}

// TestInitialize checks that initialisation runs first, that it may call the host, and what its traps are.
func TestInitialize(t *testing.T) {
	decls := `(import "log" (func (param "n" u32))) (export "f" (func (result u32)))`
	var logged []uint32
	var h Host
	h.Func("log", func(n uint32) { logged = append(logged, n) })
	in := start(t, guest(t, decls, `
		(import "$root" "log" (func $log (param i32)))
		(global $n (mut i32) (i32.const 0))
		(func $start (call $log (i32.const 1)))
		(start $start)
		(func (export "_initialize") (call $log (i32.const 2)) (global.set $n (i32.const 7)))
		(func (export "f") (result i32) (global.get $n))`, 0), &h, Config{})
	n, err := in.Call(context.Background(), "f")
	if n != uint32(7) || err != nil || len(logged) != 2 || logged[0] != 1 || logged[1] != 2 {
		t.Error(n, err, logged)
	}
	_, err = tryStart(t, guest(t, decls, `(func $init (export "_initialize") (unreachable)) (func (export "f") (result i32) (i32.const 0))`, 0), &h, Config{})
	var trap *Trap
	if !errors.As(err, &trap) || trap.Func != "instantiate" || len(trap.Frames) != 1 {
		t.Errorf("%#v", err)
	}
}

// TestLeave checks which interfaces of WASI the host implements: those that it asks for, of which a component need not import
// all.
func TestLeave(t *testing.T) {
	ctx := context.Background()
	component := fromText(t, `(component
		(import "wasi:random/random@0.2.3" (instance $i (export "get-random-u64" (func (result u64)))))
		(core func $f (canon lower (func $i "get-random-u64")))
		(core module $m (import "" "f" (func $f (result i64))) (func (export "f") (result i64) (call $f)))
		(core instance $c (instantiate $m (with "" (instance (export "f" (func $f))))))
		(func (export "f") (result u64) (canon lift (core func $c "f"))))`)
	for pattern, left := range map[string]int{"wasi:random/random": 1, "wasi:random/random@0.2.3": 1, "wasi:random/*": 1,
		"wasi:random/random@0.2.1": 0, "wasi:random/insecure": 0, "wasi:http/*": 0} {
		rt, err := New(ctx, Options{Leave: []string{pattern}})
		if err != nil {
			t.Fatal(err)
		}
		defer rt.Close(ctx)
		c, err := rt.Compile(ctx, component)
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
		} else if n := len(c.Imports()); n != left {
			t.Errorf("%s: %d imports, want %d", pattern, n, left)
		}
	}
}
