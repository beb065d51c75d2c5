// Command wasmrun runs components in wasmtime.
//
//	wasmrun run [-env NAME=VALUE]... FILE.wasm [ARG...]     runs wasi:cli/run with the terminal's standard input and output
//	wasmrun call [-host FUNC[=RESULT]]... FILE.wasm CALL... makes calls in one instance; a CALL is ns:pkg/iface@1.0.0#func(1, "a")
//	wasmrun test SPEC.json                                  runs the test of a wasm_fuse_test
//
// Arguments and results are WAVE text. -host offers a function that always returns RESULT; `call` prints the results, then
// the calls of the host and the component's output. The environment variable WASMRUN_ARGS, a JSON list of strings, adds
// arguments before those of the command line: Bazel starts the program this way where it is a rule's executable.
//
// Exit codes: 0 on success, 1 if a check failed or the component could not be run, 2 on wrong usage. `run` exits with
// the component's exit code.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

var errUsage = errors.New("usage: wasmrun run [-env NAME=VALUE]... FILE.wasm [ARG...] | call [-host FUNC[=RESULT]]... FILE.wasm CALL... | test SPEC.json")

func main() {
	err := run(os.Args[1:])
	var exit *wasmtime.Exit
	switch {
	case err == nil:
	case errors.As(err, &exit):
		os.Exit(exit.Status)
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "wasmrun:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
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
		return command(args[1:])
	case "call":
		return calls(args[1:])
	case "test":
		if len(args) != 2 {
			return errUsage
		}
		return test(args[1])
	}
	return errUsage
}

// command runs a command component with this process's standard streams.
func command(args []string) error {
	var wasi wasmtime.WASI
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
	got, err := play(args[0], &wasi, nil, nil)
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
		return &wasmtime.Exit{Status: got.status}
	}
	return nil
}

// calls prints the result of each call, then the calls of the host and the component's output.
func calls(args []string) error {
	host := map[string]string{}
	for len(args) >= 2 && args[0] == "-host" {
		name, result, _ := strings.Cut(args[1], "=")
		host[name] = result
		args = args[2:]
	}
	if len(args) == 0 {
		return errUsage
	}
	got, err := play(args[0], &wasmtime.WASI{}, host, args[1:])
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
