// Package componentnew makes components of core modules, as `wasm-tools component new` and `wasm-tools component embed` do.
//
// The encoder in the folder of that name, a small program around the same libraries, is itself WebAssembly, which this
// process runs. It sees only the files that it is given and answers on its standard output, so paths, writable folders and
// symbolic links of the machine cannot affect it.
package componentnew

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"strings"
	"testing/fstest"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"
)

// encoder is the gzipped encoder, as encoder/build.sh makes it.
//
//go:embed encoder/encoder.wasm.gz
var encoder []byte

// InterpretBelow is the size of a core module, in bytes, below which interpreting the encoder is faster than first
// compiling it to machine code, which takes about 2 s.
const InterpretBelow = 700 << 10

// Encoder is a running encoder. Several goroutines may use it.
type Encoder struct {
	r       wazero.Runtime
	program wazero.CompiledModule
}

// Start starts the encoder: interpreted, or compiled to machine code first.
func Start(ctx context.Context, compile bool) (*Encoder, error) {
	config := wazero.NewRuntimeConfigInterpreter()
	if compile {
		config = wazero.NewRuntimeConfig()
		ctx = experimental.WithCompilationWorkers(ctx, runtime.GOMAXPROCS(0))
	}
	e := &Encoder{r: wazero.NewRuntimeWithConfig(ctx, config)}
	program, err := gunzip(encoder)
	if err == nil {
		e.program, err = e.r.CompileModule(ctx, program)
	}
	if err == nil {
		_, err = wasi_snapshot_preview1.Instantiate(ctx, e.r)
	}
	if err != nil {
		return nil, errors.Join(err, e.Close(ctx))
	}
	return e, nil
}

// Close ends the encoder.
func (e *Encoder) Close(ctx context.Context) error { return e.r.Close(ctx) }

// World is a world in WIT.
type World struct {
	Name     string
	WIT      string            // the path of a folder or file in Files
	Files    map[string][]byte // by path
	Encoding string            // of the module's strings: utf8, utf16 or compact-utf16
}

// ModuleError is an error about the core module, and WITError one about the world. The text is the encoder's.
type (
	ModuleError string
	WITError    string
)

func (e ModuleError) Error() string { return string(e) }
func (e WITError) Error() string    { return string(e) }

// Adapter is a core module that supplies the imports of another from the module Name, wasi_snapshot_preview1 say, in terms of
// the world embedded in it.
type Adapter struct {
	Name   string
	Module []byte
}

// New makes the component of a core module. A nil world is the one embedded in the module.
func (e *Encoder) New(ctx context.Context, core []byte, w *World, adapters ...Adapter) ([]byte, error) {
	const name = "core.wasm"
	files, args := fstest.MapFS{name: file(core)}, []string{"encoder", "/" + name}
	for i, a := range adapters {
		place := fmt.Sprintf("adapter%d.wasm", i)
		files[place] = file(a.Module)
		args = append(args, "--adapt", a.Name, "/"+place)
	}
	if w != nil {
		for place, b := range w.Files {
			files[place] = file(b)
		}
		args = append(args, w.Encoding, w.Name, "/"+w.WIT)
	}
	return e.run(ctx, files, args)
}

// Package resolves a WIT package, a folder or file among files, and returns its binary form. The error is a [WITError] if
// anything in it or in its dependencies does not resolve.
func (e *Encoder) Package(ctx context.Context, wit string, files map[string][]byte) ([]byte, error) {
	all := fstest.MapFS{}
	for place, b := range files {
		all[place] = file(b)
	}
	return e.run(ctx, all, []string{"encoder", "--package", "/" + wit})
}

func file(b []byte) *fstest.MapFile { return &fstest.MapFile{Data: b, Mode: 0o444} }

// Exit statuses of the encoder.
const (
	badModule = 1
	badWIT    = 2
)

func (e *Encoder) run(ctx context.Context, files fs.FS, args []string) ([]byte, error) {
	var out, errs bytes.Buffer
	m, err := e.r.InstantiateModule(ctx, e.program, wazero.NewModuleConfig().WithName("").WithArgs(args...).
		WithStdout(&out).WithStderr(&errs).WithFSConfig(wazero.NewFSConfig().WithFSMount(files, "/")))
	if m != nil {
		defer m.Close(ctx)
	}
	var exit *sys.ExitError
	text := strings.TrimSpace(errs.String())
	switch {
	case err == nil || errors.As(err, &exit) && exit.ExitCode() == 0:
		return out.Bytes(), nil
	case exit != nil && exit.ExitCode() == badModule:
		return nil, ModuleError(text)
	case exit != nil && exit.ExitCode() == badWIT:
		return nil, WITError(text)
	}
	return nil, fmt.Errorf("the encoder failed: %w\n%s", err, text)
}

func gunzip(data []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
