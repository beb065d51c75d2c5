// This file implements the commands run and call.

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/engine"
	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wazerun"
)

// environment is what flags give a component that runs.
type environment struct {
	dirs, env []string
	noCache   bool
}

func (e *environment) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&e.dirs, "dir", nil, "give access to a directory: `HOST`, or HOST::GUEST with the path that the component sees")
	cmd.Flags().StringArrayVar(&e.env, "env", nil, "set an environment variable: `NAME=VALUE`")
	cmd.Flags().BoolVar(&e.noCache, "no-cache", false, "do not keep machine code in the user's cache, where the next run finds it")
	must(cmd.MarkFlagDirname("dir"))
}

// engine returns an engine whose instances have the environment, and the arguments after the name of the file.
func (e *environment) engine(std streams, args []string) (*wazerun.Engine, error) {
	// Nothing cancels a call here. Checks for that make loops several times slower.
	options := engine.Options{Leave: withoutMeans, Uninterruptible: true}
	config := engine.Config{Args: args, Stdin: std.in, Stdout: std.out, Stderr: std.err, TrapMissing: true}
	for _, d := range e.dirs {
		host, guest, ok := strings.Cut(d, "::")
		if !ok {
			guest = filepath.ToSlash(host)
		}
		if info, err := os.Stat(host); err != nil || !info.IsDir() {
			return nil, usageError{fmt.Errorf("--dir %s: %s is no directory", d, host)}
		}
		config.Dirs = append(config.Dirs, engine.Dir{Host: host, Guest: guest})
	}
	var err error
	if config.Env, err = variables(e.env); err != nil {
		return nil, err
	}
	if dir, err := os.UserCacheDir(); err == nil && !e.noCache {
		if dir = filepath.Join(dir, "wasmfuse"); os.MkdirAll(dir, 0o700) == nil {
			options.CacheDir = dir
		}
	}
	return wazerun.New(runner.Options{Timeout: -1}, wazerun.Settings{Engine: options, Configure: func(c *engine.Config) { *c = config }})
}

// variables parses --env flags.
func variables(list []string) (out [][2]string, err error) {
	for _, kv := range list {
		name, value, ok := strings.Cut(kv, "=")
		if !ok || name == "" {
			return nil, usageError{fmt.Errorf("--env %q is not NAME=VALUE", kv)}
		}
		out = append(out, [2]string{name, value})
	}
	return out, nil
}

// withoutMeans are the interfaces of WASI that preview1 has no means for. Calls of their functions trap.
var withoutMeans = []string{"wasi:http/*"}

func runCommand(std streams) *cobra.Command {
	var e environment
	cmd := &cobra.Command{
		Use:   "run FILE [-- ARG...]",
		Short: "Run a program: a component, or a core module for WASI preview1",
		Long: `Run a program: a component that exports wasi:cli/run, or a core module for WASI preview1.

The component is fused in memory to a core module with WASI 0.2 over preview1, which runs in wazero. It has this
process's standard input and output, and the files of the directories given by --dir. The exit code is the program's.`,
		Example: `  echo hello > in
  wasmfuse run --dir . --env LANG=C show-file.wasm -- --verbose`,
		ValidArgsFunction: wasmFiles(1),
		Args:              aFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := e.engine(std, append([]string{filepath.Base(args[0])}, args[1:]...))
			if err != nil {
				return err
			}
			defer e.Close()
			comp, err := compileFile(e, std, args[0])
			if err != nil {
				return err
			}
			if !comp.IsCommand() {
				return fmt.Errorf("%s is no program: it exports no wasi:cli/run and no _start (call its functions: wasmfuse call %s)", args[0], args[0])
			}
			in, err := e.Instantiate(comp)
			if err != nil {
				return err
			}
			defer in.Close()
			return in.Run()
		},
	}
	e.add(cmd)
	return cmd
}

func callCommand(std streams) *cobra.Command {
	var e environment
	cmd := &cobra.Command{
		Use:   "call FILE [CALL...]",
		Short: "Call functions of a component, or list them",
		Long: `Call functions of a component one after another in one instance, and print their results; without a call, list them.

A call is the name of a function with arguments as WAVE text, as results are printed: 'f(1, "x", [1.5, nan], ok(red))'.
A resource that a function returns is printed as res(0), res(1) and so on, and can be an argument of later calls.
FILE may also be a core module in the core-module ABI of WIT, as made by wasmfuse fuse --emit=module.`,
		Example: `  wasmfuse call calc.wasm
  wasmfuse call calc.wasm 'demo:calc/api@1.2.0#add(1, 2)'`,
		ValidArgsFunction: wasmFiles(1),
		Args:              aFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				return list(std, args[0])
			}
			e, err := e.engine(std, []string{filepath.Base(args[0])})
			if err != nil {
				return err
			}
			defer e.Close()
			comp, err := compileFile(e, std, args[0])
			if err != nil {
				return err
			}
			in, err := e.Instantiate(comp)
			if err != nil {
				return err
			}
			defer in.Close()
			for _, call := range args[1:] {
				result, err := in.Invoke(call)
				if err != nil {
					return err
				}
				if result == "" {
					continue // no function with a result has an empty text
				}
				if _, err := fmt.Fprintln(std.out, result); err != nil {
					return err
				}
			}
			return nil
		},
	}
	e.add(cmd)
	return cmd
}

// list lists the functions that a file exports. For that, no machine code is needed.
func list(std streams, file string) error {
	e, err := wazerun.New(runner.Options{}, wazerun.Settings{Engine: engine.Options{Interpreter: true, Leave: withoutMeans}})
	if err != nil {
		return err
	}
	defer e.Close()
	comp, err := compileFile(e, std, file)
	if err != nil {
		return err
	}
	for _, f := range comp.Exports() {
		if _, err := fmt.Fprintf(std.out, "%s: %v\n", f.Name, f.Type); err != nil {
			return err
		}
	}
	return nil
}

func compileFile(e *wazerun.Engine, std streams, file string) (*engine.Component, error) {
	in, err := readInput(std, file)
	if err != nil {
		return nil, err
	}
	return e.Compile(fusecore.Graph{Root: in})
}

func aFile(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usageError{errors.New("no file: name a component or core module")}
	}
	return nil
}
