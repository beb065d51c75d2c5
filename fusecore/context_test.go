package fusecore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

// TestContext cancels before the work and in the middle of it.
func TestContext(t *testing.T) {
	cause := errors.New("the user left")
	g := fusecore.Graph{
		Root: fusecore.Input{Name: "root.wasm", Bytes: bigComponent(20_000, true)},
		Deps: []fusecore.Input{{Name: "dep.wasm", Bytes: bigComponent(20_000, false)}},
	}
	begin := time.Now()
	if _, err := fuse(g); err != nil {
		t.Fatal(err)
	}
	whole := time.Since(begin)
	for name, make := range map[string]func(context.Context) error{
		"Fuse": func(ctx context.Context) error { _, err := fusecore.Fuse(ctx, g, fusecore.FuseOptions{}); return err },
		"Compose": func(ctx context.Context) error {
			_, err := fusecore.Compose(ctx, g, fusecore.ComposeOptions{})
			return err
		},
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		if err := make(ctx); !errors.Is(err, cause) {
			t.Errorf("%s, done before: %v, want the cause", name, err)
		}
		ctx, stop := context.WithTimeout(t.Context(), whole/10)
		if err := make(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s, done after %v of %v: %v, want the context's error", name, whole/10, whole, err)
		}
		stop()
	}
}
