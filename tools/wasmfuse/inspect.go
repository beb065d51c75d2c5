package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

func inspectCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "inspect FILE",
		Short: "Describe a component or core module",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			b, err := os.ReadFile(args[0])
			if err != nil {
				return fmt.Errorf("cannot read the input: %w", err)
			}
			return fusecore.Inspect(cmd.OutOrStdout(), fusecore.Input{Name: args[0], Bytes: b})
		},
	}
}
