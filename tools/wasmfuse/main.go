// Command wasmfuse fuses a graph of WebAssembly components into one core module, composes it without fusing, describes
// component files and runs them.
//
// Exit codes: 0 on success, 1 if an input cannot be read, fused, composed or run or the output cannot be written, 2 if the
// command line is wrong. A program that runs has an exit code of its own.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
)

// version is printed by `wasmfuse version` and in errors. The linker sets it for a release.
var version = "0.1.0-dev"

var versionLine = "wasmfuse " + version + "\n"

func main() {
	collectLate()
	std := streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}
	if err := enterCallersFolder(); err != nil {
		newLogger(std.err).fail(err, 1, "")
		os.Exit(1)
	}
	os.Exit(run(os.Args[1:], std))
}

// enterCallersFolder makes file names relative to the folder in which `bazel run` was called, if that runs the program:
// rules/private/programs.bzl sets the first variable, and Bazel the second. Programs that this one starts are not in that place.
func enterCallersFolder() error {
	const byBazel = "WASMFUSE_BAZEL_RUN"
	folder := os.Getenv("BUILD_WORKING_DIRECTORY")
	if os.Getenv(byBazel) == "" || folder == "" {
		return nil
	}
	if err := os.Unsetenv(byBazel); err != nil {
		return err
	}
	return os.Chdir(folder)
}

// usageError is an error in the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// streams are the standard streams of a run, and its messages, which go to the stream of errors.
type streams struct {
	in       io.Reader
	out, err io.Writer
	log      *logger
}

// run executes a command line and returns the exit code.
func run(args []string, std streams) int {
	// Help is written by code that drops errors, so the stream keeps them.
	out := &fileio.Stream{W: std.out}
	std.out = out
	std.log = newLogger(std.err)
	args, err := fileio.Args(args)
	if err != nil {
		std.log.fail(err, 1, "")
		return 1
	}
	std.log.peek(args)
	root := newRoot(std)
	root.SetArgs(args)
	cmd, err := root.ExecuteC()
	if err == nil {
		err = out.Err
	}
	if err == nil {
		return 0
	}
	if exit := (*runner.Exit)(nil); errors.As(err, &exit) {
		return exit.Status
	}
	if errors.As(err, new(usageError)) {
		std.log.fail(err, 2, cmd.CommandPath()+" --help")
		return 2
	}
	std.log.fail(err, 1, "")
	return 1
}

// newRoot returns the command whose subcommands are all others.
func newRoot(std streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "wasmfuse",
		Short: "Fuse WebAssembly components into one core module",
		Long: `Link a graph of WebAssembly components ahead of time: calls between them become calls inside one core module.

Exit status: 0 on success, 1 if an input cannot be read, fused, composed or run or an output cannot be written, and 2 if
the command line is wrong. That of a program that runs is its own.

wasmfuse @FILE takes its arguments from a file, one a line, or quoted by apostrophes.`,
		Example: `  wasmfuse fuse app.wasm calc.wasm -o fused.wasm
  wasmfuse inspect fused.wasm`,
		Args:              noCommand,
		RunE:              func(*cobra.Command, []string) error { return usageError{errors.New("missing command")} },
		Version:           version,
		SilenceUsage:      true,
		SilenceErrors:     true,
		PersistentPreRunE: func(*cobra.Command, []string) error { return std.log.check() },
	}
	std.log.addFlags(root)
	root.AddCommand(
		callCommand(std),
		completionCommand(std),
		composeCommand(std),
		explainCommand(std),
		extractCommand(std),
		fuseCommand(std),
		inspectCommand(std),
		ociCommand(std),
		preinitCommand(std),
		replaceCommand(std),
		runCommand(std),
		verifyCommand(std),
		versionCommand(),
		wasmOptCommand(std),
	)
	root.CompletionOptions.DisableDefaultCmd = true
	root.Flags().BoolP("version", "V", false, "print the version")
	root.SetVersionTemplate(versionLine)
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages", ".FlagUsagesWrapped 100"))
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.SetOut(std.out)
	root.SetErr(std.err)
	return root
}

func noCommand(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("unknown command %q", args[0])}
	}
	return nil
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "version",
		Short:             "Print the version",
		Example:           `  wasmfuse version`,
		ValidArgsFunction: cobra.NoFileCompletions,
		Args:              exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := io.WriteString(cmd.OutOrStdout(), versionLine)
			return err
		},
	}
}

// exactly checks the number of arguments, with a usage error.
func exactly(n int) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError{&fusecore.Mismatch{
				Expected: plural(n, "argument"),
				Found:    strconv.Itoa(len(args)),
				Text:     fmt.Sprintf("expected %s, got %d", plural(n, "argument"), len(args)),
			}}
		}
		return nil
	}
}

// aRoot requires at least one input.
func aRoot(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usageError{errors.New("no input: name the root component, whose exports become the output's, then its dependencies")}
	}
	return nil
}
