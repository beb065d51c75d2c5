package validate

import (
	"context"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// Slowly is Module without the fast path for frequent instructions.
func Slowly(ctx context.Context, m *corewasm.Module, features Features) error {
	return check(ctx, m, features, true)
}
