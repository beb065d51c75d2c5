// This file implements tests of components, for wasm_fuse_test.

package wasmrun

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
)

// spec is what a wasm_fuse_test makes of its component, and expects of it.
type spec struct {
	// Composed, if not empty, is run in the same way; everything observable must be the same.
	Composed string `json:"composed"`
	// Calls are made in order in one instance. Nil means that the component is a command.
	Calls []string `json:"calls"`
	// Requests, if not nil, are made of a server of the component in their order, each as METHOD /PATH, or METHOD /PATH BODY.
	// There are no calls then, nothing of the rest but Expected, and of the environment only variables.
	Requests []string `json:"requests"`
	// Server is the program wasmtime, which serves the component.
	Server string `json:"server"`
	// Expected, if not nil, has the result of each call, or of each request: the status and the body.
	Expected []string `json:"expected"`
	// Host has functions that the component may import besides WASI, each with the result that it always returns.
	Host map[string]string `json:"host"`
	// ExpectedStdout, if not empty, is a file with the expected standard output.
	ExpectedStdout string `json:"expected_stdout"`
	// ExpectedStatus is the expected exit status of a command.
	ExpectedStatus int `json:"expected_status"`
}

// test runs a wasm_fuse_test, or only the calls that contain one of the filters.
func (t *target) test(p *Program, wasi *runner.WASI, filters []string) error {
	if first, err := shard(); err != nil || !first {
		return err
	}
	s := t.Test
	if err := s.filter(filters); err != nil {
		return err
	}
	if s.Requests != nil {
		return t.testServer(wasi)
	}
	// Both have the same name.
	wasi.Args = append([]string{"component"}, wasi.Args...)
	play := func(file string, precompiled bool) (*outcome, error) {
		place, err := t.files.find(file)
		if err != nil {
			return nil, err
		}
		return p.play(place, runner.Options{WASI: wasi, Funcs: constant(s.Host), Precompiled: precompiled}, s.Calls)
	}
	got, err := play(t.Component, t.Precompiled)
	if errors.As(err, new(*callError)) {
		return fmt.Errorf("calls: %w", err)
	}
	if err != nil {
		return fmt.Errorf("component: %w", err)
	}
	var stdout []byte
	if s.ExpectedStdout != "" {
		if stdout, err = t.readFile(s.ExpectedStdout); err != nil {
			return fmt.Errorf("expected_stdout: %w", err)
		}
	}
	failures, err := s.check(got, stdout)
	if err != nil {
		return err
	}
	imports := got.imports
	if s.Composed != "" {
		want, err := play(s.Composed, false)
		if err != nil {
			return fmt.Errorf("composed: %w", err)
		}
		failures = append(failures, s.differences(got, want)...)
		imports = append(imports, want.imports...) // more than of the fused component, which has no import that is not used
	}
	failures = append(failures, misspelt(s.Host, imports)...)
	for i, r := range got.results {
		fmt.Printf("%s = %s\n", s.Calls[i], r)
	}
	if s.Calls == nil {
		fmt.Printf("exit status %d, standard output:\n%s", got.status, got.stdout)
	}
	if len(failures) > 0 {
		return errors.New(strings.Join(failures, "\n"))
	}
	return nil
}

// shard tells Bazel that the test knows about shards, and reports whether this is the one to run. All calls are made in one
// instance, so the first shard makes them all.
func shard() (first bool, err error) {
	if status := os.Getenv("TEST_SHARD_STATUS_FILE"); status != "" {
		if err := os.WriteFile(status, nil, 0o666); err != nil {
			return false, err
		}
	}
	index := os.Getenv("TEST_SHARD_INDEX")
	return index == "" || index == "0", nil
}

// filter keeps the calls or requests that contain one of the texts of --test_arg or --test_filter, if there are any.
func (s *spec) filter(filters []string) error {
	if only := os.Getenv("TESTBRIDGE_TEST_ONLY"); only != "" {
		filters = append(filters[:len(filters):len(filters)], only)
	}
	if len(filters) == 0 {
		return nil
	}
	all, what := &s.Calls, "call"
	if s.Requests != nil {
		all, what = &s.Requests, "request"
	}
	if *all == nil {
		return errors.New("a command is run as a whole: leave out --test_arg and --test_filter, which choose calls")
	}
	kept, expected := []string{}, s.Expected
	if s.Expected != nil && len(s.Expected) == len(*all) {
		expected = []string{}
	}
	for i, text := range *all {
		if slices.ContainsFunc(filters, func(f string) bool { return strings.Contains(text, f) }) {
			kept = append(kept, text)
			if len(s.Expected) == len(*all) {
				expected = append(expected, s.Expected[i])
			}
		}
	}
	if len(kept) == 0 {
		return fmt.Errorf("no %s contains %q; the %ss are %s", what, strings.Join(filters, `" or "`), what, strings.Join(*all, ", "))
	}
	*all, s.Expected = kept, expected
	return nil
}

// check compares an outcome with the spec and with the expected output, if there is one, and returns the failures. An error
// means that the spec is wrong.
func (s *spec) check(got *outcome, stdout []byte) (failures []string, err error) {
	if s.Expected != nil && len(s.Expected) != len(s.Calls) {
		return nil, fmt.Errorf("%d calls, but %d expected results", len(s.Calls), len(s.Expected))
	}
	for i, want := range s.Expected {
		if got.results[i] != want {
			failures = append(failures, fmt.Sprintf("%s = %s; expected %s", s.Calls[i], got.results[i], want))
		}
	}
	if got.trap != "" && !slices.Contains(s.Expected, trapped) {
		failures = append(failures, "unexpected trap: "+got.trap)
	}
	if s.ExpectedStdout != "" && got.stdout != string(stdout) {
		failures = append(failures, fmt.Sprintf("standard output is %q; expected %q", got.stdout, stdout))
	}
	if got.status != s.ExpectedStatus {
		failures = append(failures, fmt.Sprintf("exit status is %d; expected %d", got.status, s.ExpectedStatus))
	}
	return failures, nil
}

// differences compares the component with the composition of the same graph. Messages of traps are not compared,
// because they contain names of functions.
func (s *spec) differences(got, composed *outcome) (failures []string) {
	diff := func(what string, a, b any) {
		if a != b {
			failures = append(failures, fmt.Sprintf("%s: fused %#v, composed %#v", what, a, b))
		}
	}
	for i, call := range s.Calls {
		diff(call, got.results[i], composed.results[i])
	}
	diff("calls of the host", strings.Join(got.log, "\n"), strings.Join(composed.log, "\n"))
	diff("trapped", got.trap != "", composed.trap != "")
	diff("exit status", got.status, composed.status)
	diff("standard output", got.stdout, composed.stdout)
	diff("standard error", got.stderr, composed.stderr)
	return failures
}
