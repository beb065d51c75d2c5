// This file implements the command preinit.

package main

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/engine/preinit"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
	"github.com/wasmfuse/rules_wasm_fuse/tools/wasmfuse/internal/reporting"
)

// preinitFlags are the flags of preinit.
type preinitFlags struct {
	output, init, label string
	wasi                bool
	env                 []string
}

func (f *preinitFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&f.output, "output", "o", "", "`FILE` to write (required), or - for standard output; written only if everything succeeds")
	flags.StringVar(&f.init, "init", "", "`EXPORT` to run after the file's own initialisation (default "+preinit.DefaultInit[0]+", if there is one)")
	flags.BoolVar(&f.wasi, "wasi", false, "let the initialisation of a core module call WASI preview1, in an environment without files that always is the same")
	flags.StringArrayVar(&f.env, "env", nil, "with --wasi: set an environment variable: `NAME=VALUE`")
	addLabel(flags, &f.label)
}

// options checks the flags.
func (f *preinitFlags) options(std streams) (o preinit.Options, err error) {
	if err := (&moduleFlags{output: f.output}).check(std); err != nil {
		return o, err
	}
	o.Init = f.init
	if !f.wasi {
		if len(f.env) > 0 {
			return o, usageError{errors.New("--env is for calls of WASI, which --wasi allows: set both, or neither")}
		}
		return o, nil
	}
	// What the initialisation prints is not the tool's output.
	o.WASI = &preinit.WASI{Args: []string{"module"}, Stdout: std.err, Stderr: std.err}
	o.WASI.Env, err = variables(f.env)
	return o, err
}

func preinitCommand(std streams) *cobra.Command {
	var f preinitFlags
	cmd := &cobra.Command{
		Use:   "preinit FILE.wasm -o OUT.wasm",
		Short: "Initialise a fused component or core module beforehand",
		Long: `Run the initialisation of a fused component or a core module, and write one that begins where it has ended: with the content
of its memories, globals and tables. The start function runs, then _initialize of a core module, then the export that --init
names: a function without parameters and result, such as demo:app/cache#fill. A component must be one that "wasmfuse fuse" has
made one module of.

The initialisation may not call the host, except that of a core module WASI preview1 with --wasi: there are no files, clocks
always show the same times, and random numbers always are the same, so what the module derives from them is no secret.`,
		Example: `  wasmfuse fuse init.wasm -o fused.wasm
  wasmfuse preinit fused.wasm --init=fill -o out.wasm`,
		ValidArgsFunction: wasmFiles(1),
		Args:              exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.options(std)
			if err != nil {
				return err
			}
			std, line := std.withLine()
			defer line.clear()
			in, err := readLabelled(std, args[0], f.label)
			if err != nil {
				return err
			}
			line.enter("initialising")
			out, err := preinit.File(cmd.Context(), in.Label, in.Bytes, o)
			if err != nil {
				return err
			}
			if out.DebugDropped {
				std.log.warn(fmt.Errorf("%s: debug information is left out, because code has moved", in.Label))
			}
			line.enter(writing)
			if err := fileio.Write(f.output, out.Wasm, std.out); err != nil {
				return err
			}
			std.log.done(fmt.Sprintf("ran %s: %d KiB of memory, %s of data", strings.Join(out.Ran, ", "), out.Pages*64, reporting.Size(out.DataBytes)),
				slog.String("output", f.output), slog.Int("inputBytes", len(in.Bytes)), slog.Int("outputBytes", len(out.Wasm)))
			return nil
		},
	}
	f.add(cmd)
	return cmd
}
