// This file implements the completion of command lines by shells.

package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// shells are the shells that can complete command lines, and what writes their script.
var shells = map[string]func(root *cobra.Command, w io.Writer) error{
	"bash":       func(root *cobra.Command, w io.Writer) error { return root.GenBashCompletionV2(w, true) },
	"zsh":        func(root *cobra.Command, w io.Writer) error { return root.GenZshCompletion(w) },
	"fish":       func(root *cobra.Command, w io.Writer) error { return root.GenFishCompletion(w, true) },
	"powershell": func(root *cobra.Command, w io.Writer) error { return root.GenPowerShellCompletionWithDesc(w) },
}

func completionCommand(std streams) *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print a script with which a shell completes commands, flags and files",
		Long: `Print a script with which a shell completes commands, flags, their values and files: bash, zsh, fish or powershell.
bash needs the package bash-completion.`,
		Example: `  # for the current bash
  . <(wasmfuse completion bash)
  # for all later ones
  wasmfuse completion bash > ~/.local/share/bash-completion/completions/wasmfuse
  wasmfuse completion zsh > ~/.zfunc/_wasmfuse
  wasmfuse completion fish > ~/.config/fish/completions/wasmfuse.fish
  wasmfuse completion powershell >> $PROFILE`,
		Args: exactly(1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return valuesOf(shells), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			write, ok := shells[args[0]]
			if !ok {
				return usageError{fmt.Errorf("%s: the shells are %s", args[0], strings.Join(valuesOf(shells), ", "))}
			}
			return write(cmd.Root(), std.out)
		},
	}
}

// valuesOf returns the names of values, sorted.
func valuesOf[T any](values map[string]T) []string {
	return slices.Sorted(maps.Keys(values))
}

// completeValues completes a flag by its values.
func completeValues(cmd *cobra.Command, flag string, values ...string) {
	must(cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(slices.Sorted(slices.Values(values)), cobra.ShellCompDirectiveNoFileComp)))
}

// completeFiles completes a flag by files with some extensions.
func completeFiles(cmd *cobra.Command, flag string, extensions ...string) {
	must(cmd.MarkFlagFilename(flag, extensions...))
}

// wasmFiles completes the first n arguments, or all if n is negative, by files.
func wasmFiles(n int) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if n >= 0 && len(args) >= n {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return []cobra.Completion{"wasm"}, cobra.ShellCompDirectiveFilterFileExt
	}
}

// must is for errors about flags that do not exist.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
