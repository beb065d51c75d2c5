// This file implements decoding of core modules in parallel.

package decode

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// decodeModules decodes the core modules that were found, in parallel. They are in file order and do not overlap, so
// the error of the first module that fails is the one with the lowest offset.
func (r *reader) decodeModules(ctx context.Context) error {
	errs := make([]error, len(r.modules))
	var next atomic.Int64
	var failed atomic.Int64 // lowest index that failed; later modules need not be decoded
	failed.Store(int64(len(r.modules)))
	work := func() {
		for {
			i := next.Add(1) - 1
			if i >= failed.Load() {
				return
			}
			def := r.modules[i].def
			m, err := decode.ModuleWith(ctx, def.Bytes, def.Offset, r.opt.Core)
			if r.opt.Unsupported && diag.Unsupported(err) {
				def.Unsupported, err = diag.In(err, "", r.modules[i].path, r.modules[i].item), nil
				m = &corewasm.Module{Size: len(def.Bytes)}
				m.Index()
			}
			if err != nil {
				errs[i] = err
				lower(&failed, i)
				continue
			}
			def.Module = m
		}
	}
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(r.modules)) - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			return diag.In(err, "", r.modules[i].path, r.modules[i].item)
		}
	}
	return nil
}

// lower sets v to i if i is lower.
func lower(v *atomic.Int64, i int64) {
	for old := v.Load(); i < old; old = v.Load() {
		if v.CompareAndSwap(old, i) {
			return
		}
	}
}
