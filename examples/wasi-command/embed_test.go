//go:build bazel

// The module that this package embeds is made by Bazel, so only Bazel builds the package.

package command

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"
)

//go:embed module.wasm
var command []byte

// run runs the command in wazero, and returns its standard output and its exit status.
func run(t *testing.T, stdin string, args ...string) (string, uint32) {
	t.Helper()
	ctx := context.Background()
	r := wazero.NewRuntime(ctx)
	defer r.Close(ctx)
	wasi_snapshot_preview1.MustInstantiate(ctx, r)
	var out bytes.Buffer
	config := wazero.NewModuleConfig().WithArgs(append([]string{"command"}, args...)...).WithEnv("WHO", "Go").
		WithStdin(strings.NewReader(stdin)).WithStdout(&out)
	_, err := r.InstantiateWithConfig(ctx, command, config)
	var exit *sys.ExitError
	if errors.As(err, &exit) {
		return out.String(), exit.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), 0
}

func TestCommand(t *testing.T) {
	got, status := run(t, "a line\n", "zwö")
	want := "arg 1: command\narg 2: zwö\nenv 1: WHO = Go\nenv 2: -2\nstdin 1: a line\n"
	if got != want || status != 0 {
		t.Errorf("status %d and %q, want 0 and %q", status, got, want)
	}
	if _, status := run(t, "", "fail"); status != 1 {
		t.Errorf("status %d after an error, want 1", status)
	}
}
