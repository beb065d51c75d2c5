// This file implements runs of components.

package wasmrun

import (
	"errors"
	"fmt"
	"os"
	"path"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
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
	imports        []string // functions besides WASI that the component imports, if the host has any
}

// play instantiates file and makes the calls in the instance, or runs it as a command if calls is nil. An error means that
// the component could not be run at all; a trap is part of the outcome.
func (p *Program) play(file string, host runner.Options, calls []string) (*outcome, error) {
	wasm, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if !host.Precompiled {
		if err := p.Check(fusecore.Input{Name: path.Base(file), File: file, Bytes: wasm}); err != nil {
			return nil, err
		}
	}
	eng, err := p.New(host)
	if err != nil {
		return nil, err
	}
	defer eng.Close()
	in, err := eng.Load(wasm)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path.Base(file), p.Explain(err))
	}
	defer in.Close()
	var out outcome
	if calls == nil {
		err = runCommand(in, wasm, &out)
	} else {
		err = callAll(in, wasm, calls, &out)
	}
	if out.trap != "" {
		out.trap += missing(wasm, host.Funcs)
	}
	if len(host.Funcs) > 0 {
		out.imports = hostImports(wasm)
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

// constant returns host functions that always return the same results.
func constant(results map[string]string) map[string]runner.HostFunc {
	funcs := map[string]runner.HostFunc{}
	for name, result := range results {
		funcs[name] = func([]string) (string, error) { return result, nil }
	}
	return funcs
}

func runCommand(in runner.Instance, wasm []byte, out *outcome) error {
	err := in.Run()
	var exit *runner.Exit
	switch {
	case errors.As(err, &exit):
		out.status = exit.Status
	case runner.IsTrap(err):
		out.trap = err.Error()
	case errors.Is(err, runner.ErrNoCommand):
		return noCommand(wasm)
	case err != nil:
		return err
	}
	return nil
}

// callError is the error of a call that could not be made.
type callError struct {
	call string
	err  error
}

func (e *callError) Error() string { return "call " + e.call + ": " + e.err.Error() }

func (e *callError) Unwrap() error { return e.err }

func callAll(in runner.Instance, wasm []byte, calls []string, out *outcome) error {
	for _, text := range calls {
		if out.trap != "" {
			out.results = append(out.results, notRun)
			continue
		}
		result, err := in.Invoke(text)
		if runner.IsTrap(err) {
			out.trap, result = err.Error(), trapped
		} else if err != nil {
			return &callError{text, suggest(err, wasm, text)}
		}
		out.results = append(out.results, result)
	}
	return nil
}
