// Command componentize makes a component from a core module and its WIT: `wasm-tools component embed`, then `component
// new`. wasm-tools is itself a WebAssembly program, which this process runs. It sees only an in-memory copy of the
// inputs and answers on its standard output, so paths, writable folders and symbolic links of the machine cannot affect
// it.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing/fstest"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"

	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
)

// interpretBelow is the size of a core module, in bytes, below which interpreting wasm-tools is faster than first
// compiling it to machine code, which takes about 2 s.
const interpretBelow = 700 << 10

// options are the command-line options.
type options struct {
	tool     string   // wasm-tools.wasm.gz
	core     string   // core module
	world    string   // the component's world in the WIT package
	encoding string   // string encoding of the core module
	out      string   // component to write
	wit      []string // GUEST=FILE: a file of the WIT folder
}

func main() {
	opts, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err == nil {
		err = run(context.Background(), opts)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "componentize:", err)
		os.Exit(1)
	}
}

func parse(args []string) (options, error) {
	var o options
	set := flag.NewFlagSet("componentize", flag.ContinueOnError)
	set.StringVar(&o.tool, "wasm_tools", "", "`FILE` wasm-tools.wasm.gz")
	set.StringVar(&o.core, "core", "", "core module `FILE`")
	set.StringVar(&o.world, "world", "", "`NAME` of the world in the WIT package")
	set.StringVar(&o.encoding, "encoding", "utf8", "string encoding of the core module: utf8, utf16 or compact-utf16")
	set.StringVar(&o.out, "o", "", "component `FILE` to write")
	set.Func("wit", "`GUEST=FILE`, repeated: a file, and its place in the WIT folder", func(s string) error {
		guest, _, ok := strings.Cut(s, "=")
		if !ok || !fs.ValidPath(guest) {
			return errors.New("want GUEST=FILE, with GUEST a relative path")
		}
		o.wit = append(o.wit, s)
		return nil
	})
	if err := set.Parse(args); err != nil {
		return o, err
	}
	for _, need := range []struct{ name, value string }{
		{"wasm_tools", o.tool}, {"core", o.core}, {"world", o.world}, {"o", o.out},
	} {
		if need.value == "" {
			return o, fmt.Errorf("-%s is missing", need.name)
		}
	}
	return o, nil
}

func run(ctx context.Context, o options) error {
	core, err := fileio.Read(o.core, os.Stdin)
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(core, []byte("\x00asm\x01\x00\x00\x00")) {
		what := "no core module in binary form"
		if bytes.HasPrefix(core, []byte("\x00asm\x0d\x00\x01\x00")) {
			what = "a component already; use it as it is, or the rule wasm_component_import"
		}
		return fmt.Errorf("%s is %s", o.core, what)
	}
	files := fstest.MapFS{"core.wasm": {Data: core, Mode: 0o444}}
	wit, err := witFolder(o.wit, files)
	if err != nil {
		return err
	}

	config := wazero.NewRuntimeConfigInterpreter()
	if len(core) >= interpretBelow {
		config = wazero.NewRuntimeConfig()
		ctx = experimental.WithCompilationWorkers(ctx, runtime.GOMAXPROCS(0))
	}
	tools, err := newWasmTools(ctx, config, o.tool)
	if err != nil {
		return err
	}
	defer tools.runtime.Close(ctx)

	embedded, err := tools.run(ctx, files, "component", "embed", "--encoding", o.encoding, "--world", o.world, wit, "/core.wasm")
	if err != nil {
		return fmt.Errorf("%w\nThe world %q must be one of the WIT package, and every package that it names must be there: see the attribute world, and deps of the wit_library", err, o.world)
	}
	files["embedded.wasm"] = &fstest.MapFile{Data: embedded, Mode: 0o444}
	component, err := tools.run(ctx, files, "component", "new", "/embedded.wasm")
	if err != nil {
		return fmt.Errorf("%w\nThe core module %s must have the exports that the world %q asks for, by its types: name another world, or build the module for this one", err, o.core, o.world)
	}
	return fileio.Write(o.out, component, os.Stdout)
}

// wasmTools is a loaded wasm-tools.
type wasmTools struct {
	runtime wazero.Runtime
	module  wazero.CompiledModule
}

func newWasmTools(ctx context.Context, config wazero.RuntimeConfig, name string) (*wasmTools, error) {
	bin, err := gunzip(name)
	if err != nil {
		return nil, err
	}
	r := wazero.NewRuntimeWithConfig(ctx, config)
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, r); err != nil {
		return nil, err
	}
	module, err := r.CompileModule(ctx, bin)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &wasmTools{runtime: r, module: module}, nil
}

// run runs wasm-tools once over files and returns its standard output.
func (t *wasmTools) run(ctx context.Context, files fs.FS, args ...string) ([]byte, error) {
	var out, errs bytes.Buffer
	instance, err := t.runtime.InstantiateModule(ctx, t.module, wazero.NewModuleConfig().WithName("").
		WithArgs(append([]string{"wasm-tools"}, args...)...).WithStdout(&out).WithStderr(&errs).
		WithFSConfig(wazero.NewFSConfig().WithFSMount(files, "/")))
	if instance != nil {
		defer instance.Close(ctx)
	}
	var exit *sys.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 0 {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("wasm-tools %s: %w\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out.Bytes(), nil
}

func gunzip(name string) ([]byte, error) {
	f, err := os.Open(filepath.Clean(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return io.ReadAll(z)
}
