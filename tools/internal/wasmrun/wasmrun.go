// Package wasmrun runs components for Bazel's rules: the command lines of tools/wasmrun and tools/wazerun, which only differ
// in the engine.
//
//	run [-env NAME=VALUE]... FILE.wasm [ARG...]     runs wasi:cli/run with the terminal's standard input and output
//	call [-host FUNC[=RESULT]]... FILE.wasm CALL... makes calls in one instance; a CALL is ns:pkg/iface@1.0.0#func(1, "a")
//	compile [--target=TRIPLE] [-C cranelift-EXTENSION]... -o OUT.cwasm FILE.wasm
//	                                                compiles ahead of time, as wasmtime's command of this name
//	test SPEC.json [FILTER...]                      runs the test of a wasm_fuse_test, or only calls that contain a FILTER
//
// Arguments and results are WAVE text. -host offers a function that always returns RESULT; `call` prints the results, then
// the calls of the host and the component's output. The environment variable WASMRUN_ARGS, a JSON list of strings, adds
// arguments before those of the command line: Bazel starts the program this way where it is a rule's executable.
//
// Exit codes: 0 on success, 1 if a check failed or the component could not be run, 2 on wrong usage. `run` exits with
// the component's exit code.
package wasmrun

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
)

// Program is a program with an engine.
type Program struct {
	Name string
	// New returns the engine.
	New func(runner.Options) (runner.Engine, error)
	// Check returns an error for a file that the engine cannot run, judging by its first bytes.
	Check func(fusecore.Input) error
	// Explain adds advice to an error of the engine.
	Explain func(error) error
	// Precompile compiles a component or core module to machine code of a target, a triple or "" for this machine's, which
	// has extensions by the names of Cranelift. It is nil for an engine that does not keep machine code.
	Precompile func(wasm []byte, target string, extensions []string) ([]byte, error)
}

var errUsage = errors.New("usage: run [-env NAME=VALUE]... FILE.wasm [ARG...] | call [-host FUNC[=RESULT]]... FILE.wasm CALL... | compile [--target=TRIPLE] [-C cranelift-EXTENSION]... -o OUT.cwasm FILE.wasm | test SPEC.json [FILTER...]")

// Main runs the program and returns its exit code.
func (p *Program) Main(args []string) int {
	err := p.run(args)
	var exit *runner.Exit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.Status
	case errors.Is(err, errUsage):
		fmt.Fprintf(os.Stderr, "%s: %v\n", p.Name, err)
		return 2
	}
	fmt.Fprintf(os.Stderr, "%s: %v\n", p.Name, err)
	return 1
}

func (p *Program) run(args []string) error {
	if text, ok := os.LookupEnv("WASMRUN_ARGS"); ok {
		var before []string
		if err := json.Unmarshal([]byte(text), &before); err != nil {
			return fmt.Errorf("WASMRUN_ARGS is not a JSON list of strings: %w", err)
		}
		args = append(before, args...)
	}
	if len(args) < 2 {
		return errUsage
	}
	switch args[0] {
	case "run":
		return p.command(args[1:])
	case "call":
		return p.calls(args[1:])
	case "compile":
		return p.compile(args[1:])
	case "test":
		return p.test(args[1], args[2:])
	}
	return errUsage
}

// command runs a command component with this process's standard streams.
func (p *Program) command(args []string) error {
	var wasi runner.WASI
	for len(args) >= 2 && args[0] == "-env" {
		name, value, ok := strings.Cut(args[1], "=")
		if !ok {
			return errUsage
		}
		wasi.Env = append(wasi.Env, [2]string{name, value})
		args = args[2:]
	}
	if len(args) == 0 {
		return errUsage
	}
	wasi.Args = args
	stdin, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	wasi.Stdin = string(stdin)
	got, err := p.play(args[0], &wasi, nil, nil)
	if err != nil {
		return err
	}
	if _, err := os.Stdout.WriteString(got.stdout); err != nil {
		return err
	}
	os.Stderr.WriteString(got.stderr)
	if got.trap != "" {
		return errors.New(got.trap)
	}
	if got.status != 0 {
		return &runner.Exit{Status: got.status}
	}
	return nil
}

// calls prints the result of each call, then the calls of the host and the component's output.
func (p *Program) calls(args []string) error {
	host := map[string]string{}
	for len(args) >= 2 && args[0] == "-host" {
		name, result, _ := strings.Cut(args[1], "=")
		host[name] = result
		args = args[2:]
	}
	if len(args) == 0 {
		return errUsage
	}
	got, err := p.play(args[0], &runner.WASI{}, host, args[1:])
	if err != nil {
		return err
	}
	for i, result := range got.results {
		fmt.Printf("%s = %s\n", args[i+1], result)
	}
	for _, c := range got.log {
		fmt.Println(c)
	}
	if _, err := fmt.Print(got.stdout); err != nil {
		return err
	}
	os.Stderr.WriteString(got.stderr)
	if got.trap != "" {
		return errors.New(got.trap)
	}
	return nil
}
