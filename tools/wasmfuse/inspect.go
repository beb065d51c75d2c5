package main

import (
	"bytes"

	"github.com/spf13/cobra"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

func inspectCommand(std streams) *cobra.Command {
	return &cobra.Command{
		Use:   "inspect FILE",
		Short: "Validate and describe a component, WIT package or core module",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, err := readInput(std, args[0])
			if err != nil {
				return err
			}
			var text bytes.Buffer
			if err := fusecore.Inspect(cmd.Context(), &text, in); err != nil {
				return err
			}
			_, err = std.out.Write(text.Bytes())
			return err
		},
	}
}
