// This file implements runs of components.

package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// trapped is the result of a call that traps; later calls in the same instance have the result notRun.
const (
	trapped = "trap"
	notRun  = "not run"
)

// outcome is the observable behaviour of a component that was run.
type outcome struct {
	results        []string // one for each call
	status         int      // of a command
	trap           string   // message of the trap that ended the run
	stdout, stderr string
	log            []string // calls of host functions
}

// play instantiates file and makes the calls in the instance, or runs it as a command if calls is nil. host has
// functions that the component may import besides WASI, with the results that they always return. An error means that
// the component could not be run at all; a trap is part of the outcome.
func play(file string, wasi *wasmtime.WASI, host map[string]string, calls []string) (*outcome, error) {
	wasm, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if err := fusecore.CheckComponent(fusecore.Input{Name: path.Base(file), File: file, Bytes: wasm}); err != nil {
		return nil, err
	}
	funcs := map[string]wasmtime.HostFunc{}
	for name, result := range host {
		funcs[name] = func([]string) (string, error) { return result, nil }
	}
	eng := wasmtime.New(wasmtime.Options{WASI: wasi, Funcs: funcs})
	defer eng.Close()
	in, err := eng.Load(wasm)
	if err != nil && !wasmtime.Async() && strings.Contains(err.Error(), "async feature") {
		err = fmt.Errorf("%w\nAsynchronous functions, streams and futures need wasmtime 50: see the attribute engine of wasm_fuse_test", err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path.Base(file), err)
	}
	defer in.Close()
	var out outcome
	if calls == nil {
		err = runCommand(in, wasm, &out)
	} else {
		err = callAll(in, calls, &out)
	}
	out.stdout, out.stderr = in.Stdout(), in.Stderr()
	for _, c := range in.Log() {
		out.log = append(out.log, c.String())
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path.Base(file), err)
	}
	return &out, nil
}

// runExport matches the interface of a command's run function in any 0.2 version. Exports are looked up by exact name,
// which is taken from the component's bytes.
var runExport = regexp.MustCompile(`wasi:cli/run@0\.2\.[0-9]+`)

func runCommand(in *wasmtime.Instance, wasm []byte, out *outcome) error {
	name := ""
	for _, iface := range runExport.FindAll(wasm, -1) {
		if in.Has(string(iface) + "#run") {
			name = string(iface) + "#run"
			break
		}
	}
	if name == "" {
		return errors.New("exports no wasi:cli/run@0.2.x: not a command")
	}
	result, err := in.Call(name)
	var exit *wasmtime.Exit
	switch {
	case errors.As(err, &exit):
		out.status = exit.Status
	case wasmtime.IsTrap(err):
		out.trap = err.Error()
	case err != nil:
		return err
	case result != "ok":
		out.status = 1
	}
	return nil
}

func callAll(in *wasmtime.Instance, calls []string, out *outcome) error {
	for _, text := range calls {
		if out.trap != "" {
			out.results = append(out.results, notRun)
			continue
		}
		result, err := in.Invoke(text)
		if wasmtime.IsTrap(err) {
			out.trap, result = err.Error(), trapped
		} else if err != nil {
			return fmt.Errorf("call %s: %w", text, err)
		}
		out.results = append(out.results, result)
	}
	return nil
}
