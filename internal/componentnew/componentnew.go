// Package componentnew makes components of core modules, as `wasm-tools component new` and `wasm-tools component embed` do.
//
// The encoder in the folder of that name, a small program around the same libraries, is itself WebAssembly, which this
// process runs.
package componentnew

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/internal/sandbox"
)

// encoder is the gzipped encoder, as encoder/build.sh makes it.
//
//go:embed encoder/encoder.wasm.gz
var encoder []byte

// InterpretBelow is the size of a core module, in bytes, below which interpreting the encoder is faster than first
// compiling it to machine code, which takes about 2 s.
const InterpretBelow = 700 << 10

// Encoder is a running encoder. Several goroutines may use it.
type Encoder struct{ program *sandbox.Program }

// Start starts the encoder: interpreted, or compiled to machine code first.
func Start(ctx context.Context, compile bool) (*Encoder, error) {
	program, err := sandbox.Load(ctx, encoder, compile)
	if err != nil {
		return nil, err
	}
	return &Encoder{program}, nil
}

// Close ends the encoder.
func (e *Encoder) Close(ctx context.Context) error { return e.program.Close(ctx) }

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
	files, args := map[string][]byte{name: core}, []string{"/" + name}
	for i, a := range adapters {
		place := fmt.Sprintf("adapter%d.wasm", i)
		files[place] = a.Module
		args = append(args, "--adapt", a.Name, "/"+place)
	}
	if w != nil {
		for place, b := range w.Files {
			files[place] = b
		}
		args = append(args, w.Encoding, w.Name, "/"+w.WIT)
	}
	return e.run(ctx, files, args...)
}

// Package resolves a WIT package, a folder or file among files, and returns its binary form. The error is a [WITError] if
// anything in it or in its dependencies does not resolve.
func (e *Encoder) Package(ctx context.Context, wit string, files map[string][]byte) ([]byte, error) {
	return e.run(ctx, files, "--package", "/"+wit)
}

// Exit statuses of the encoder.
const (
	badModule = 1
	badWIT    = 2
)

func (e *Encoder) run(ctx context.Context, files map[string][]byte, args ...string) ([]byte, error) {
	out, err := e.program.Run(ctx, files, append([]string{"encoder"}, args...)...)
	var exit *sandbox.ExitError
	switch {
	case errors.As(err, &exit) && exit.Status == badModule:
		return nil, ModuleError(exit.Text)
	case exit != nil && exit.Status == badWIT:
		return nil, WITError(exit.Text)
	}
	return out, err
}
