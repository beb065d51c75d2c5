package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/engine/internal/core"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/wave"
)

// Type is a WIT value type, and FuncType the type of a function. Their String methods return WIT.
type (
	Type     = wave.Type
	FuncType = wave.Func
)

// Variant and Result are values of variant and result types; see package wave.
type (
	Variant          = wave.Variant
	Result[T, E any] = wave.Result[T, E]
)

// Options are the options of a [Runtime]. The zero value is the default.
type Options struct {
	// Interpreter interprets code instead of compiling it to machine code first. It is the only way on processors other
	// than amd64 and arm64, where it needs not be set.
	Interpreter bool
	// Uninterruptible saves the checks for a done context in guest code. Calls then run to their end.
	Uninterruptible bool
	// CacheDir is a folder that keeps machine code between runs of a program, or empty.
	CacheDir string
	// Leave lists the interfaces of WASI that the host implements itself, as fusecore.FuseOptions does. A component need
	// not import them.
	Leave []string
	// MaxValueBytes limits the Go memory for strings and lists that a guest passes in one call, in bytes. Zero means
	// [DefaultMaxValueBytes].
	MaxValueBytes uint64
	// SkipBodyValidation skips fusecore's validation of function bodies. They are validated before they run anyhow.
	SkipBodyValidation bool
}

// DefaultMaxValueBytes is the default of Options.MaxValueBytes.
const DefaultMaxValueBytes = 1 << 30

// Runtime compiles components. Several goroutines may use it.
type Runtime struct {
	opts  Options
	r     wazero.Runtime
	cache wazero.CompilationCache
	// closed means that an end of the guest is not its own.
	closed atomic.Bool
}

// errRuntimeClosed is why instances of a closed runtime cannot be used.
var errRuntimeClosed = errors.New("the runtime is closed")

// New returns a new runtime, which must be closed.
func New(ctx context.Context, o Options) (*Runtime, error) {
	o.MaxValueBytes = cmp.Or(o.MaxValueBytes, DefaultMaxValueBytes)
	rt := &Runtime{opts: o}
	config := wazero.NewRuntimeConfig()
	if o.Interpreter {
		config = wazero.NewRuntimeConfigInterpreter()
	}
	config = config.WithCloseOnContextDone(!o.Uninterruptible).WithCustomSections(true).WithCoreFeatures(core.Features)
	if o.CacheDir != "" {
		var err error
		if rt.cache, err = wazero.NewCompilationCacheWithDir(o.CacheDir); err != nil {
			return nil, fmt.Errorf("cache of machine code: %w", err)
		}
		config = config.WithCompilationCache(rt.cache)
	}
	rt.r = wazero.NewRuntimeWithConfig(ctx, config)
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, rt.r); err != nil {
		return nil, errors.Join(err, rt.Close(ctx))
	}
	return rt, nil
}

// Close frees the runtime with its components and instances.
func (rt *Runtime) Close(ctx context.Context) error {
	rt.closed.Store(true)
	err := rt.r.Close(ctx)
	if rt.cache != nil {
		err = errors.Join(err, rt.cache.Close(ctx))
	}
	return err
}
