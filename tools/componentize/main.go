// Command componentize makes a component from a core module and its WIT, as `wasm-tools component embed` and `component
// new` do. The encoder in the folder of that name, a small program around the same libraries, is itself WebAssembly,
// which this process runs. It sees only an in-memory copy of the inputs and answers on its standard output, so paths,
// writable folders and symbolic links of the machine cannot affect it.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"testing/fstest"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"

	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
)

// encoder is the gzipped encoder, as encoder/build.sh makes it.
//
//go:embed encoder/encoder.wasm.gz
var encoder []byte

// interpretBelow is the size of a core module, in bytes, below which interpreting the encoder is faster than first
// compiling it to machine code, which takes about 2 s.
const interpretBelow = 700 << 10

// options are the command-line options.
type options struct {
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
		{"core", o.core}, {"world", o.world}, {"o", o.out},
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

	component, status, err := encode(ctx, files, len(core) >= interpretBelow, o.encoding, o.world, wit, "/core.wasm")
	switch {
	case status == badWIT:
		err = fmt.Errorf("%w\nThe world %q must be one of the WIT package, and every package that it names must be there: see the attribute world, and deps of the wit_library", err, o.world)
	case status == badModule:
		err = fmt.Errorf("%w\nThe core module %s must have the exports that the world %q asks for, by its types: name another world, or build the module for this one", err, o.core, o.world)
	}
	if err != nil {
		return err
	}
	return fileio.Write(o.out, component, os.Stdout)
}

// Exit statuses of the encoder.
const (
	badModule = 1
	badWIT    = 2
)

// encode runs the encoder over files and returns its standard output and exit status. If that is not 0, the error is the
// message of the encoder.
func encode(ctx context.Context, files fs.FS, compile bool, args ...string) (component []byte, status uint32, err error) {
	config := wazero.NewRuntimeConfigInterpreter()
	if compile {
		config = wazero.NewRuntimeConfig()
		ctx = experimental.WithCompilationWorkers(ctx, runtime.GOMAXPROCS(0))
	}
	r := wazero.NewRuntimeWithConfig(ctx, config)
	defer r.Close(ctx)
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, r); err != nil {
		return nil, 0, err
	}
	bin, err := gunzip(encoder)
	if err != nil {
		return nil, 0, err
	}
	var out, errs bytes.Buffer
	_, err = r.InstantiateWithConfig(ctx, bin, wazero.NewModuleConfig().WithName("").
		WithArgs(append([]string{"encoder"}, args...)...).WithStdout(&out).WithStderr(&errs).
		WithFSConfig(wazero.NewFSConfig().WithFSMount(files, "/")))
	var exit *sys.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() != 0:
		return nil, exit.ExitCode(), errors.New(strings.TrimSpace(errs.String()))
	case err != nil && exit == nil:
		return nil, 0, fmt.Errorf("the encoder failed: %w\n%s", err, errs.String())
	}
	return out.Bytes(), 0, nil
}

func gunzip(data []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
