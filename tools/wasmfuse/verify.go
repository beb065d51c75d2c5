// This file implements the command verify.

package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
)

func verifyCommand(std streams) *cobra.Command {
	var wac string
	cmd := &cobra.Command{
		Use:   "verify OUT.wasm INPUT.wasm...",
		Short: "Check that an output was made of exactly some files",
		Long: `Check that OUT, which was fused with --provenance, was made of exactly the INPUT files, by their SHA-256. If this
version of wasmfuse has made it, the files are fused again with the same options, and must become the same bytes.
The order of the files, their folders and their names do not matter.`,
		Example: `  wasmfuse fuse app.wasm calc.wasm --provenance -o fused.wasm
  wasmfuse verify fused.wasm app.wasm calc.wasm`,
		ValidArgsFunction: wasmFiles(-1),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || len(args) == 1 && wac == "" {
				return usageError{errors.New("name an output, then the files that it was made of")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := (&linkFlags{}).checkStreams(std, append(args, wac)); err != nil {
				return err
			}
			var files []fusecore.Input
			for _, file := range args {
				in, err := readInput(std, file)
				if err != nil {
					return err
				}
				files = append(files, in)
			}
			document, err := readDocument(std, wac)
			if err != nil {
				return err
			}
			v, err := fusecore.Verify(cmd.Context(), files[0], files[1:], document, version)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(std.out, oneLine(verified(files[0].Label, v)))
			return err
		},
	}
	cmd.Flags().StringVar(&wac, "wac", "", "WAC document `FILE` that the output was made with")
	completeFiles(cmd, "wac", "wac")
	return cmd
}

// verified describes a verified output.
func verified(out string, v *fusecore.Verification) string {
	if v.Remade {
		return fmt.Sprintf("%s: %s makes it of exactly these files", out, v.Provenance.Tool)
	}
	return fmt.Sprintf("%s: %s has made it of exactly these files; fusing them again to compare the bytes needs that version", out, v.Provenance.Tool)
}

// readDocument reads a WAC document, or returns nil for an empty file name.
func readDocument(std streams, file string) (*fusecore.Document, error) {
	if file == "" {
		return nil, nil
	}
	text, err := fileio.Read(file, std.in)
	d := &fusecore.Document{Name: file, Text: text}
	if file == fileio.Std {
		d.Name = "standard input"
	}
	return d, err
}
