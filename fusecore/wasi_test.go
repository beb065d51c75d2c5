package fusecore_test

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/seeds"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/wave"
	"github.com/wasmfuse/rules_wasm_fuse/internal/golden"
	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// wasiRun is one run of a program with WASI, and what is observed of it.
type wasiRun struct {
	args  []string
	stdin string
	dirs  []runner.Dir // created by observe

	stdout, stderr, files string
	err                   error
}

// observe runs a program with two empty folders, by a host that sets the output.
func (r wasiRun) observe(t *testing.T, host func(*testing.T, []byte, *wasiRun) error, wasm []byte) *wasiRun {
	t.Helper()
	for _, name := range []string{"/d", "rest/ü"} {
		r.dirs = append(r.dirs, runner.Dir{Guest: name, Host: t.TempDir()})
	}
	r.err = host(t, wasm, &r)
	for _, d := range r.dirs {
		r.files += tree(t, d.Host)
	}
	return &r
}

func (r *wasiRun) wasi() *wasmtime.WASI {
	return &wasmtime.WASI{Args: append([]string{"calls.wasm"}, r.args...), Env: [][2]string{{"A", "ä=b"}, {"EMPTY", ""}}, Stdin: r.stdin, Dirs: r.dirs}
}

// status returns how a run ended.
func (r *wasiRun) status() string {
	var exit *wasmtime.Exit
	switch {
	case r.err == nil:
		return "0"
	case errors.As(r.err, &exit):
		return fmt.Sprint(exit.Status)
	case wasmtime.IsTrap(r.err):
		return "trap"
	}
	return r.err.Error()
}

// equal reports whether two runs ended in the same way, with the same output.
func (r *wasiRun) equal(o *wasiRun) bool {
	return r.status() == o.status() && r.stdout == o.stdout && r.stderr == o.stderr
}

// String describes a run for messages.
func (r *wasiRun) String() string {
	return fmt.Sprintf("status %s with %q and %q", r.status(), r.stdout, r.stderr)
}

// tree lists a folder with everything in it.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		switch {
		case e.Type()&fs.ModeSymlink != 0:
			to, err := os.Readlink(path)
			fmt.Fprintf(&b, "%s -> %s\n", name, to)
			return err
		case e.IsDir():
			fmt.Fprintf(&b, "%s/\n", name)
			return nil
		}
		content, err := os.ReadFile(path)
		fmt.Fprintf(&b, "%s: %d bytes, %.40q\n", name, len(content), content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// hostWASI runs a component in wasmtime, which has WASI 0.2.
func hostWASI(t *testing.T, wasm []byte, r *wasiRun) error {
	t.Helper()
	e := wasmtime.Runner(wasmtime.Options{WASI: r.wasi()})
	defer e.Close()
	in, err := e.Load(wasm)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	err = in.Run()
	r.stdout, r.stderr = in.Stdout(), in.Stderr()
	return err
}

// hostPreview1 runs a core module in wasmtime, which has wasi_snapshot_preview1.
func hostPreview1(t *testing.T, wasm []byte, r *wasiRun) error {
	t.Helper()
	e := wasmtime.New(wasmtime.Options{WASI: r.wasi()})
	defer e.Close()
	in, err := e.LoadCore(wasm, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	_, err = in.Call("_start")
	r.stdout, r.stderr = in.Stdout(), in.Stderr()
	return err
}

// hostWazero runs a core module with one memory in wazero, which has wasi_snapshot_preview1.
func hostWazero(t *testing.T, wasm []byte, r *wasiRun) error {
	t.Helper()
	rt := wazero.NewRuntime(t.Context())
	defer rt.Close(t.Context())
	wasi_snapshot_preview1.MustInstantiate(t.Context(), rt)
	var stdout, stderr strings.Builder
	w, fsys := r.wasi(), wazero.NewFSConfig()
	for _, d := range w.Dirs {
		fsys = fsys.WithDirMount(d.Host, d.Guest)
	}
	c := wazero.NewModuleConfig().WithArgs(w.Args...).WithStdin(strings.NewReader(w.Stdin)).WithStdout(&stdout).WithStderr(&stderr).
		WithFSConfig(fsys).WithSysWalltime().WithSysNanotime().WithSysNanosleep().WithRandSource(rand.Reader)
	for _, kv := range w.Env {
		c = c.WithEnv(kv[0], kv[1])
	}
	_, err := rt.InstantiateWithConfig(t.Context(), wasm, c)
	r.stdout, r.stderr = stdout.String(), stderr.String()
	var exit *sys.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == 0:
		return nil
	case errors.As(err, &exit):
		return &wasmtime.Exit{Status: int(exit.ExitCode())}
	case err != nil:
		return &wasmtime.Trap{Message: err.Error()}
	}
	return nil
}

// overPreview1 makes a module whose WASI is preview1.
func overPreview1(memory fusecore.MemoryMode) form {
	return fuseWith(fusecore.FuseOptions{Emit: fusecore.EmitModule, Memory: memory, WASI: fusecore.Preview1})
}

// TestWASICalls compares the implementation of WASI 0.2 over preview1 with that of a runtime: what every call returns, the
// files, and how the process ends. testdata/wasi/*.diff are the differences that preview1, or its host, forces.
func TestWASICalls(t *testing.T) {
	wasm := readFile(t, "testdata/wasi/calls.wasm")
	all := wasiRun{args: []string{"one", "zwö"}, stdin: "first line äöü\nand the rest"}
	want := all.observe(t, hostWASI, wasm)
	if want.err != nil {
		t.Fatalf("%v\n%s", want.err, want.stdout)
	}
	ends := map[string]*wasiRun{}
	for _, arg := range []string{"exit-ok", "exit-err", "status", "trap", "std"} {
		ends[arg] = wasiRun{args: []string{arg}, stdin: "a\nß\na"}.observe(t, hostWASI, wasm)
	}
	runtime := fmt.Sprintf("wasmtime-%d", wasmtime.Version)
	for _, c := range []struct {
		name   string
		memory fusecore.MemoryMode
		host   func(*testing.T, []byte, *wasiRun) error
		diff   string
	}{
		{"wasmtime", fusecore.MultiMemory, hostPreview1, runtime},
		{"wasmtime, one memory", fusecore.SingleMemory, hostPreview1, runtime},
		{"wazero", fusecore.SingleMemory, hostWazero, "wazero-and-" + runtime},
	} {
		t.Run(c.name, func(t *testing.T) {
			module := wasmOf(t, overPreview1(c.memory), single("calls", wasm))
			got := all.observe(t, c.host, module)
			if got.err != nil {
				t.Errorf("%v\n%s", got.err, got.stdout)
			}
			diff := lineDiff(want.stdout, got.stdout) + lineDiff(want.stderr, got.stderr) + lineDiff(want.files, got.files)
			golden.Check(t, "testdata/wasi/"+c.diff+".diff", diff)
			for arg, want := range ends {
				if got := (wasiRun{args: want.args, stdin: want.stdin}).observe(t, c.host, module); !want.equal(got) {
					t.Errorf("%s: %v, expected %v", arg, got, want)
				}
			}
		})
	}
}

// TestWASIRandom compares random sequences of file operations over WASI 0.2 and over preview1. FUSE_WASI sets the seeds, as N or
// FROM:N.
func TestWASIRandom(t *testing.T) {
	wasm := readFile(t, "testdata/wasi/calls.wasm")
	module := wasmOf(t, overPreview1(fusecore.SingleMemory), single("calls", wasm))
	from, to := seeds.Of(t, "FUSE_WASI", 2)
	for seed := from; seed < to; seed++ {
		r := wasiRun{args: []string{"random", fmt.Sprint(seed), "500"}}
		want, got := r.observe(t, hostWASI, wasm), r.observe(t, hostPreview1, module)
		// Wasmtime 42 has another error for a stream that reads a directory.
		stdout := strings.ReplaceAll(want.stdout, " input: Err(bad-descriptor)", " input: Err(is-directory)")
		if diff := lineDiff(stdout, got.stdout) + lineDiff(want.files, got.files); diff != "" || want.status() != got.status() || want.status() != "0" {
			t.Errorf("seed %d: status %s, expected %s\n%s", seed, got.status(), want.status(), diff)
		}
	}
}

// TestWASIExample runs a program of two components with a C library over WASI 0.2 and over preview1.
func TestWASIExample(t *testing.T) {
	command := examples.subject(t, "wasi-command")
	composed, module := command.compose(t), wasmOf(t, overPreview1(fusecore.SingleMemory), command.in)
	for _, r := range []wasiRun{{args: []string{"one", "zwö"}, stdin: "first\nsecond ✓\n"}, {args: []string{"fail"}}} {
		want := r.observe(t, hostWASI, composed)
		for _, host := range []func(*testing.T, []byte, *wasiRun) error{hostPreview1, hostWazero} {
			if got := r.observe(t, host, module); !want.equal(got) {
				t.Errorf("%v: %v, expected %v", r.args, got, want)
			}
		}
	}
}

// TestWASILeave runs a program whose arguments the host supplies by functions of WASI 0.2, in the memory of preview1.
func TestWASILeave(t *testing.T) {
	o := fusecore.FuseOptions{Emit: fusecore.EmitModule, WASI: fusecore.Preview1, Leave: []string{"wasi:cli/environment"}}
	module, err := fuseWith(o)(examples.subject(t, "wasi-command").in)
	if err != nil {
		t.Fatal(err)
	}
	if len(module.Warnings) > 0 {
		t.Errorf("what is left as demanded is no mistake: %v", module.Warnings)
	}
	r := wasiRun{stdin: "line\n"}
	e := wasmtime.New(wasmtime.Options{WASI: r.wasi()})
	defer e.Close()
	var in *wasmtime.CoreInstance
	put := func(at uint64, words ...uint32) error {
		memory, err := in.Memory("memory")
		for i, w := range words {
			binary.LittleEndian.PutUint32(memory[at+uint64(4*i):], w)
		}
		return err
	}
	alloc := func(align, size uint64) uint64 {
		out, err := in.Call("cabi_realloc", 0, 0, align, size)
		if err != nil {
			t.Error(err)
			return 0
		}
		return out[0]
	}
	in, err = e.LoadCore(module.Bytes(), map[string]wasmtime.CoreFunc{
		"wasi:cli/environment@0.2.0#get-environment": func(args []uint64) ([]uint64, error) { return nil, put(args[0], 0, 0) },
		"wasi:cli/environment@0.2.0#get-arguments": func(args []uint64) ([]uint64, error) {
			texts := []string{"left", strings.Repeat("ä", 1_500)}
			list := alloc(4, 8*uint64(len(texts)))
			for i, s := range texts {
				p := alloc(1, uint64(len(s)))
				memory, err := in.Memory("memory")
				if err != nil {
					return nil, err
				}
				copy(memory[p:], s)
				if err := put(list+8*uint64(i), uint32(p), uint32(len(s))); err != nil {
					return nil, err
				}
			}
			return nil, put(args[0], uint32(list), uint32(len(texts)))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if _, err := in.Call("_start"); err != nil {
		t.Fatal(err)
	}
	want := "arg 1: left\narg 2: " + strings.Repeat("ä", 1_500) + "\nenv 1: WHO = \nenv 2: -2\nstdin 1: line\n"
	if in.Stdout() != want {
		t.Errorf("output %.100q, expected %.100q", in.Stdout(), want)
	}
}

// TestWASIReactor calls a module that exports a function instead of being a command. Its strings are in the memory that
// preview1 accesses, behind what the implementation of WASI uses of it.
func TestWASIReactor(t *testing.T) {
	pair := examples.subject(t, "tinygo-wasi-tinygo-wasi-pair")
	composed := pair.compose(t)
	for name, memory := range map[string]fusecore.MemoryMode{"multi": fusecore.MultiMemory, "single": fusecore.SingleMemory} {
		t.Run(name, func(t *testing.T) {
			react(t, composed, wasmOf(t, overPreview1(memory), pair.in))
		})
	}
}

// react compares calls of a component and of a module.
func react(t *testing.T, composed, module []byte) {
	t.Helper()
	r := wasiRun{}
	e := wasmtime.New(wasmtime.Options{WASI: r.wasi()})
	defer e.Close()
	want, err := e.Load(composed)
	if err != nil {
		t.Fatal(err)
	}
	defer want.Close()
	got, err := e.LoadCore(module, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	call := func(name string, args ...uint64) uint32 {
		out, err := got.Call(name, args...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return uint32(append(out, 0)[0])
	}
	memory := func() []byte {
		b, err := got.Memory("memory")
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	call("_initialize")
	for _, text := range []string{"Wörld", "", "4095", strings.Repeat("ä", 100_000)} {
		in, err := want.Call("run", wave.Quote(text, '"'))
		if err != nil {
			t.Fatal(err)
		}
		p := call("cabi_realloc", 0, 0, 1, uint64(len(text)))
		copy(memory()[p:], text)
		result := call("run", uint64(p), uint64(len(text)))
		at, n := binary.LittleEndian.Uint32(memory()[result:]), binary.LittleEndian.Uint32(memory()[result+4:])
		if out := wave.Quote(string(memory()[at:at+n]), '"'); out != in {
			t.Errorf("run(%.20q): %.80s, expected %.80s", text, out, in)
		}
		call("cabi_post_run", uint64(result))
	}
	if n := call("leaks"); n != 0 {
		t.Errorf("%d leaks", n)
	}
	if got.Stdout() != want.Stdout() {
		t.Errorf("output %.80q, expected %.80q", got.Stdout(), want.Stdout())
	}
}

// TestWASISize checks that a program is linked with what it uses of the implementation, and nothing else.
func TestWASISize(t *testing.T) {
	wasm := readFile(t, "testdata/wasi/hello.wasm")
	module := wasmOf(t, overPreview1(fusecore.MultiMemory), single("hello", wasm))
	t.Logf("%d bytes", len(module))
	if len(module) > 6500 {
		t.Errorf("%d bytes", len(module))
	}
	r := wasiRun{}.observe(t, hostPreview1, module)
	if r.status() != "1" || r.stdout != "hello\n" {
		t.Errorf("status %s, output %q", r.status(), r.stdout)
	}
	kept := wasmOf(t, fuseWith(fusecore.FuseOptions{Emit: fusecore.EmitModule, WASI: fusecore.Preview1, NoShake: true}), single("hello", wasm))
	for _, module := range [][]byte{module, kept} { // what is kept is of inputs only
		m, err := decode.Module(module, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, im := range m.Imports {
			if im.Module != "wasi_snapshot_preview1" || strings.HasPrefix(im.Name, "path_") || strings.HasPrefix(im.Name, "args_") {
				t.Errorf("imports %s of %s", im.Name, im.Module)
			}
		}
	}
}

// TestWASICommand runs commands that import nothing of WASI.
func TestWASICommand(t *testing.T) {
	for _, c := range []struct{ name, code, status string }{
		{"ok", "i32.const 0", "0"}, {"error", "i32.const 1", "1"}, {"trap", "unreachable", "trap"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wasm, err := wasmtime.Text(`(component
				(core module $M (global $n (mut i32) (i32.const 0))
					(func $start (global.set $n (i32.const 1))) (start $start)
					(func (export "run") (result i32) (if (i32.eqz (global.get $n)) (then unreachable)) ` + c.code + `))
				(core instance $m (instantiate $M))
				(func $run (result (result)) (canon lift (core func $m "run")))
				(instance $i (export "run" (func $run)))
				(export "wasi:cli/run@0.2.3" (instance $i)))`)
			if err != nil {
				t.Fatal(err)
			}
			for _, abi := range []fusecore.ABI{fusecore.WITNames, fusecore.CM32P2} {
				o := fusecore.FuseOptions{Emit: fusecore.EmitModule, ABI: abi, WASI: fusecore.Preview1}
				if r := (wasiRun{}).observe(t, hostPreview1, wasmOf(t, fuseWith(o), single("command", wasm))); r.status() != c.status {
					t.Errorf("status %s, expected %s", r.status(), c.status)
				}
			}
		})
	}
}

// TestWASINoNetwork runs a command for which a socket cannot be created.
func TestWASINoNetwork(t *testing.T) {
	wasm, err := wasmtime.Text(string(readFile(t, "testdata/wasi/sockets.wat")))
	if err != nil {
		t.Fatal(err)
	}
	o := fusecore.FuseOptions{Emit: fusecore.EmitModule, WASI: fusecore.Preview1, NoNetwork: true}
	if r := (wasiRun{}).observe(t, hostPreview1, wasmOf(t, fuseWith(o), single("sockets", wasm))); r.status() != "0" {
		t.Errorf("status %s", r.status())
	}
}

// lineDiff lists the lines that two texts do not share, below the last line that begins with #.
func lineDiff(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	common := make([][]int, len(a)+1) // length of the longest common subsequence of the rests
	common[len(a)] = make([]int, len(b)+1)
	for i := len(a) - 1; i >= 0; i-- {
		common[i] = make([]int, len(b)+1)
		for j := len(b) - 1; j >= 0; j-- {
			if common[i][j] = max(common[i+1][j], common[i][j+1]); a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	var out strings.Builder
	part, said := "", ""
	say := func(sign, line string) {
		if part != said {
			out.WriteString(part + "\n")
			said = part
		}
		out.WriteString(sign + " " + line + "\n")
	}
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			if strings.HasPrefix(a[i], "#") {
				part = a[i]
			}
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			say("-", a[i])
			i++
		default:
			say("+", b[j])
			j++
		}
	}
	return out.String()
}
