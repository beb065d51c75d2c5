// This file implements what is known about core modules by their bytes.

package input

import (
	"bytes"
	"context"
	"sync"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	corevalidate "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
)

// Modules are the core modules of files that belong together. Components that one toolchain has made often contain the same
// libraries, whose function bodies then are read once. The zero value has none; it may be used concurrently.
type Modules struct {
	mu     sync.Mutex
	bySize map[int][]*module
}

// module is what holds for all modules with the same bytes.
type module struct {
	data  []byte
	refs  corewasm.RefsOnce
	check sync.Once
	valid bool
}

// of returns the module with some bytes.
func (ms *Modules) of(data []byte) *module {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	for _, m := range ms.bySize[len(data)] {
		if &m.data[0] == &data[0] || bytes.Equal(m.data, data) {
			return m
		}
	}
	if ms.bySize == nil {
		ms.bySize = map[int][]*module{}
	}
	m := &module{data: data}
	ms.bySize[len(data)] = append(ms.bySize[len(data)], m)
	return m
}

// refs returns where the references of the bodies of a module are kept.
func (ms *Modules) refs(data []byte) *corewasm.RefsOnce { return &ms.of(data).refs }

// accept reports whether a module is certain to be valid.
func (ms *Modules) accept(ctx context.Context, data []byte, m *corewasm.Module) bool {
	known := ms.of(data)
	known.check.Do(func() { known.valid = corevalidate.Accept(ctx, m, corevalidate.All) })
	return known.valid
}
