// This file implements the command inspect.

package main

import (
	"github.com/spf13/cobra"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/inspect"
)

func inspectCommand(std streams) *cobra.Command {
	return &cobra.Command{
		Use:   "inspect FILE",
		Short: "Validate and describe a component, WIT package or core module",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			std, line := std.withLine()
			defer line.clear()
			in, err := readInput(std, args[0])
			if err != nil {
				return err
			}
			line.enter(validating)
			d, err := inspect.Describe(cmd.Context(), inspect.File{Name: in.Label, Command: in.File, Bytes: in.Bytes})
			if err != nil {
				return err
			}
			line.clear()
			return d.Print(std.out)
		},
	}
}
