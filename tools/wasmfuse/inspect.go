// This file implements the command inspect.

package main

import (
	"bytes"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/inspect"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
)

// inspectFlags are the flags of inspect.
type inspectFlags struct {
	wit, world, label, output string
	json                      bool
}

func (f *inspectFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.world, "world", "", "fail, and name the difference, if the component does not have this world, `NAME`, of the package --wit")
	flags.StringVar(&f.wit, "wit", "", "WIT package `FILE` in binary form, as wasm-tools component wit --wasm writes it")
	flags.BoolVar(&f.json, "json", false, "print the imports and exports as JSON")
	flags.StringVarP(&f.output, "output", "o", fileio.Std, "`FILE` to write to, or - for standard output")
	flags.StringVar(&f.label, "label", "", "name of the file in messages")
	completeFiles(cmd, "wit", "wasm")
	if err := flags.MarkHidden("label"); err != nil {
		panic(err)
	}
}

// check checks the component against the world that the flags name.
func (f *inspectFlags) check(cmd *cobra.Command, std streams, in fusecore.Input) error {
	if f.world == "" && f.wit == "" {
		return nil
	}
	if f.world == "" || f.wit == "" {
		return usageError{errors.New("--world names a world, and --wit the file of its package: set both")}
	}
	pkg, err := readInput(std, f.wit)
	if err != nil {
		return err
	}
	return fusecore.CheckWorld(cmd.Context(), in, pkg, f.world)
}

func inspectCommand(std streams) *cobra.Command {
	var f inspectFlags
	cmd := &cobra.Command{
		Use:   "inspect FILE",
		Short: "Validate and describe a component, WIT package or core module",
		Example: `  wasmfuse inspect app.wasm
  wasmfuse inspect app.wasm --json | grep name`,
		ValidArgsFunction: wasmFiles(1),
		Args:              exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			std, line := std.withLine()
			defer line.clear()
			in, err := readInput(std, args[0])
			if err != nil {
				return err
			}
			if f.label != "" {
				in.Label = f.label
				if err := fusecore.CheckComponent(in); err != nil {
					return err
				}
			}
			line.enter(validating)
			d, err := inspect.Describe(cmd.Context(), inspect.File{Name: in.Label, Command: in.File, Bytes: in.Bytes})
			if err == nil {
				err = f.check(cmd, std, in)
			}
			if err != nil {
				return err
			}
			line.clear()
			return f.write(d, std.out)
		},
	}
	f.add(cmd)
	return cmd
}

// write writes the description.
func (f *inspectFlags) write(d *inspect.Description, std io.Writer) error {
	if f.output == fileio.Std && !f.json {
		return d.Print(std)
	}
	text, err := d.JSON()
	if !f.json {
		var b bytes.Buffer
		err = d.Print(&b)
		text = b.Bytes()
	}
	if err != nil {
		return err
	}
	return fileio.Write(f.output, text, std)
}
