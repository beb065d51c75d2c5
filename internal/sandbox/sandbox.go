// Package sandbox runs programs that are WebAssembly: with WASI preview1, on nothing but the files that they are given. Paths,
// writable folders and symbolic links of the machine cannot affect them.
package sandbox

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"strings"
	"testing/fstest"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"
)

// Program is a program that can be run. Several goroutines may use it.
type Program struct {
	r        wazero.Runtime
	compiled wazero.CompiledModule
}

// Load makes a program of a gzipped core module. It is interpreted, or compiled to machine code first.
func Load(ctx context.Context, gzipped []byte, compile bool) (*Program, error) {
	config := wazero.NewRuntimeConfigInterpreter()
	if compile {
		config = wazero.NewRuntimeConfig()
		ctx = experimental.WithCompilationWorkers(ctx, runtime.GOMAXPROCS(0))
	}
	p := &Program{r: wazero.NewRuntimeWithConfig(ctx, config)}
	module, err := gunzip(gzipped)
	if err == nil {
		p.compiled, err = p.r.CompileModule(ctx, module)
	}
	if err == nil {
		_, err = wasi_snapshot_preview1.Instantiate(ctx, p.r)
	}
	if err != nil {
		return nil, errors.Join(err, p.Close(ctx))
	}
	return p, nil
}

// Close releases what the program holds.
func (p *Program) Close(ctx context.Context) error { return p.r.Close(ctx) }

// ExitError is the failure of a program that has ended with a status other than 0.
type ExitError struct {
	Status uint32
	Text   string // what it has written to standard error, without space around it
}

func (e *ExitError) Error() string { return fmt.Sprintf("exit status %d: %s", e.Status, e.Text) }

// PanicError is the failure of a program in Rust that has panicked.
type PanicError struct {
	Message string // of the panic
	err     error
}

func (e *PanicError) Error() string { return e.err.Error() }

// panicked finds the message of a panic in what a program has written to standard error.
var panicked = regexp.MustCompile(`(?s)(?:^|\n)thread '[^\n]*' (?:\(\d+\) )?panicked at [^\n]*:\n(.*?)(?:\nnote: run with [^\n]*)?$`)

// Run runs the program with arguments, the first of which is its name, in a file system with some files, by path from the
// root. It returns what the program writes to standard output. The error is an [*ExitError] if the program ends with one, and a
// [*PanicError] if it panics.
func (p *Program) Run(ctx context.Context, files map[string][]byte, args ...string) ([]byte, error) {
	all := fstest.MapFS{}
	for name, data := range files {
		all[name] = &fstest.MapFile{Data: data, Mode: 0o444}
	}
	var out, errs bytes.Buffer
	m, err := p.r.InstantiateModule(ctx, p.compiled, wazero.NewModuleConfig().WithName("").WithArgs(args...).
		WithStdout(&out).WithStderr(&errs).WithFSConfig(wazero.NewFSConfig().WithFSMount(all, "/")))
	if m != nil {
		defer m.Close(ctx)
	}
	text := strings.TrimSpace(errs.String())
	var exit *sys.ExitError
	switch {
	case err == nil || errors.As(err, &exit) && exit.ExitCode() == 0:
		return out.Bytes(), nil
	case exit != nil:
		return nil, &ExitError{exit.ExitCode(), text}
	}
	err = fmt.Errorf("%s failed: %w\n%s", args[0], err, text)
	if found := panicked.FindStringSubmatch(text); found != nil {
		err = &PanicError{found[1], err}
	}
	return nil, err
}

func gunzip(data []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
