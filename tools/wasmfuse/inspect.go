package main

import (
	"bytes"

	"github.com/spf13/cobra"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
)

func inspectCommand(std streams) *cobra.Command {
	return &cobra.Command{
		Use:   "inspect FILE",
		Short: "Describe a component or core module",
		Args:  exactly(1),
		RunE: func(_ *cobra.Command, args []string) error {
			b, err := fileio.Read(args[0], std.in)
			if err != nil {
				return err
			}
			var text bytes.Buffer
			if err := fusecore.Inspect(&text, fusecore.Input{Name: inputName(args[0]), Bytes: b}); err != nil {
				return err
			}
			_, err = std.out.Write(text.Bytes())
			return err
		},
	}
}
