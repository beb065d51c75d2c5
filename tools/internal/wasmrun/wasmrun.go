// Package wasmrun runs components for Bazel's rules: the programs tools/wasmrun and tools/wazerun, which only differ in the
// engine.
//
// A target of wasm_fuse_test or wasm_component_run has a link to such a program as its executable, and beside it a file
// that says what to run: that of app is app.wasmrun.json. All arguments are then the component's, or of a test, texts of
// which the calls to be made contain one. Nothing of the environment is needed, so the executable can be started by Bazel, as
// a tool of actions, and by users.
//
// Started by its own name, the program has a command line for use by hand:
//
//	run [-env NAME=VALUE]... FILE.wasm [ARG...]     runs wasi:cli/run
//	call [-host FUNC[=RESULT]]... FILE.wasm CALL... makes calls in one instance; a CALL is ns:pkg/iface@1.0.0#func(1, "a")
//	compile [--target=TRIPLE] [-C cranelift-EXTENSION]... -o OUT.cwasm FILE.wasm
//	                                                compiles ahead of time, as wasmtime's command of this name
//
// Arguments and results are WAVE text. -host offers a function that always returns RESULT; `call` prints the results, then
// the calls of the host and the component's output.
//
// Exit codes: 0 on success, 1 if a check failed or the component could not be run, 2 on wrong usage. A command has this
// process's standard streams, and its exit code.
package wasmrun

import (
	"errors"
	"fmt"
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

var errUsage = errors.New("usage: run [-env NAME=VALUE]... FILE.wasm [ARG...] | call [-host FUNC[=RESULT]]... FILE.wasm CALL... | compile [--target=TRIPLE] [-C cranelift-EXTENSION]... -o OUT.cwasm FILE.wasm")

// Main runs the program with its command line, which begins with its name, and returns its exit code.
func (p *Program) Main(argv []string) int {
	err := p.run(argv)
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

func (p *Program) run(argv []string) error {
	t, err := launched(argv[0])
	if err != nil {
		return err
	}
	if t != nil {
		return t.run(p, argv[1:])
	}
	if len(argv) < 3 {
		return errUsage
	}
	switch argv[1] {
	case "run":
		return p.runFile(argv[2:])
	case "call":
		return p.calls(argv[2:])
	case "compile":
		return p.compile(argv[2:])
	}
	return errUsage
}

// runFile runs a file that the command line names.
func (p *Program) runFile(args []string) error {
	wasi := &runner.WASI{InheritStdin: true}
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
	return p.command(args[0], false, wasi)
}

// command runs a command with this process's standard output and standard error, for as long as it takes.
func (p *Program) command(file string, precompiled bool, wasi *runner.WASI) error {
	wasi.Stdout, wasi.Stderr = os.Stdout, os.Stderr
	got, err := p.play(file, runner.Options{WASI: wasi, Timeout: -1, Precompiled: precompiled}, nil)
	if err != nil {
		return err
	}
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
	got, err := p.play(args[0], runner.Options{WASI: &runner.WASI{}, Funcs: constant(host)}, args[1:])
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
