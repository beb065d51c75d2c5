// Package jco runs jco's transpile for tests, as an independent opinion on the worlds of outputs. It is found where
// tools/guests/get-jco.sh installs it, or in the folder JCO that has a node_modules.
package jco

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/external"
)

//go:embed types.mjs
var script []byte

//go:embed run.mjs
var run []byte

// Tool is an installed jco.
type Tool struct{ node, api string }

// Types are the type declarations of one component by name, or jco's Error.
type Types struct {
	Types map[string]string
	Error string
}

// Find finds jco, and Node to run it.
func Find() (Tool, error) {
	dir, err := external.Tool("JCO", "jco", "")
	if err != nil {
		return Tool{}, err
	}
	api := filepath.Join(dir, "node_modules", "@bytecodealliance", "jco", "dist", "api.js")
	if _, err := os.Stat(api); err != nil {
		return Tool{}, fmt.Errorf("the folder of jco is incomplete or not the expected one: %w", err)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		return Tool{}, fmt.Errorf("jco needs Node: %w", err)
	}
	return Tool{node, api}, nil
}

// Need finds jco or skips the test.
func Need(t *testing.T) Tool {
	t.Helper()
	return external.Need(t, Find)
}

// Types transpiles components and returns their type declarations, in the same order.
func (tool Tool) Types(wasms ...[]byte) ([]Types, error) {
	dir, err := os.MkdirTemp("", "jco")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	main := filepath.Join(dir, "types.mjs")
	if err := os.WriteFile(main, script, 0o600); err != nil {
		return nil, err
	}
	var files []string
	for i, wasm := range wasms {
		f := filepath.Join(dir, strconv.Itoa(i)+".wasm")
		if err := os.WriteFile(f, wasm, 0o600); err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	var all []Types
	for len(all) < len(files) {
		more, err := tool.run(append([]string{main, tool.api}, files[len(all):]...))
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// run returns jco's output for components, up to the first that it rejects.
func (tool Tool) run(args []string) (all []Types, err error) {
	var out, errs bytes.Buffer
	cmd := exec.Command(tool.node, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("jco: %w\n%s", err, errs.Bytes())
	}
	for d := json.NewDecoder(&out); d.More(); {
		var t Types
		if err := d.Decode(&t); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("jco says nothing: %s", errs.Bytes())
	}
	return all, nil
}

// Call is a function's name, with the name of its interface and a dot ahead of it if there is one, and arguments.
type Call []string

// Run transpiles a component as jco does by default, makes those calls of functions that it exports in Node, and returns
// everything that was printed: the results, one a line, and the component's output.
func (tool Tool) Run(wasm []byte, calls ...Call) (string, error) {
	dir, err := os.MkdirTemp("", "jco")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	main, file := filepath.Join(dir, "run.mjs"), filepath.Join(dir, "component.wasm")
	if err := errors.Join(os.WriteFile(main, run, 0o600), os.WriteFile(file, wasm, 0o600)); err != nil {
		return "", err
	}
	list, err := json.Marshal(calls)
	if err != nil {
		return "", err
	}
	var out, errs bytes.Buffer
	cmd := exec.Command(tool.node, main, tool.api, file, filepath.Join(dir, "out"), string(list))
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("jco: %w\n%s", err, errs.Bytes())
	}
	return out.String(), nil
}
