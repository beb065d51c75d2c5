// Package wasmtools runs the wasm-tools program for tests, as an independent opinion on outputs.
//
// It is found by WASM_TOOLS, in the folder where tools/guests/get-wasm-tools.sh installs it, or on the PATH.
package wasmtools

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/external"
)

// Tool is a wasm-tools program.
type Tool struct{ path string }

// Find finds wasm-tools.
func Find() (Tool, error) {
	path, err := external.Tool("WASM_TOOLS", "wasm-tools", "bin/wasm-tools")
	return Tool{path}, err
}

// Need finds wasm-tools or skips the test.
func Need(t *testing.T) Tool {
	t.Helper()
	return external.Need(t, Find)
}

// Path returns the path of the program.
func (w Tool) Path() string { return w.path }

// Validate checks a module or component with every feature allowed.
func (w Tool) Validate(wasm []byte) error {
	_, err := w.run(wasm, "validate", "--features", "all", "-")
	return err
}

// Print returns the text of a binary.
func (w Tool) Print(wasm []byte) (string, error) {
	out, err := w.run(wasm, "print", "-")
	return string(out), err
}

// Parse returns the binary of a text.
func (w Tool) Parse(wat string) ([]byte, error) { return w.run([]byte(wat), "parse", "-") }

// WIT returns the world of a component as WIT text.
func (w Tool) WIT(wasm []byte) (string, error) {
	out, err := w.run(wasm, "component", "wit", "/dev/stdin")
	return string(out), err
}

// New returns the component of a core module, with options of the command.
func (w Tool) New(module []byte, options ...string) ([]byte, error) {
	return w.run(module, append([]string{"component", "new", "-"}, options...)...)
}

// Smith returns the module generated from some bytes, with options of the command.
func (w Tool) Smith(seed []byte, options ...string) ([]byte, error) {
	return w.run(seed, append([]string{"smith"}, options...)...)
}

// Dummy makes a component for a world in WIT text. Its exports trap.
func (w Tool) Dummy(wit []byte, world string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "wit")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "in.wit")
	if err := os.WriteFile(file, wit, 0o600); err != nil {
		return nil, err
	}
	core, err := w.run(nil, "component", "embed", "--dummy", "--world", world, file)
	if err != nil {
		return nil, err
	}
	return w.run(core, "component", "new", "-")
}

func (w Tool) run(stdin []byte, args ...string) ([]byte, error) {
	var out, errs bytes.Buffer
	cmd := exec.Command(w.path, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stdin), &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("wasm-tools %s: %w\n%s", strings.Join(args, " "), err, errs.Bytes())
	}
	return out.Bytes(), nil
}
