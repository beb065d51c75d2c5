package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/wasmfuse/rules_wasm_fuse/internal/golden"
)

// TestReference compares the reference of the command with a page made of what help prints.
func TestReference(t *testing.T) {
	all := commands(t)
	var b strings.Builder
	b.WriteString("<!-- Generated: UPDATE_GOLDEN=1 go test ./tools/wasmfuse -run TestReference -->\n\n# The command wasmfuse\n\n")
	b.WriteString(all[0].Long + "\n\n| command | what it does |\n|---|---|\n")
	for _, c := range all[1:] {
		fmt.Fprintf(&b, "| [%s](#wasmfuse-%s) | %s |\n", c.Name(), c.Name(), c.Short)
	}
	b.WriteString("\nFlags of all commands:\n\n")
	flagTable(&b, all[0].PersistentFlags())
	b.WriteString("\n[Messages and logs](debug.md#messages) describes the messages.\n")
	for _, c := range all[1:] {
		long := c.Long
		if long == "" {
			long = c.Short + "."
		}
		fmt.Fprintf(&b, "\n## wasmfuse %s\n\n%s\n\n```text\n%s\n```\n\nExamples:\n\n```text\n%s\n```\n", c.Name(), markdown(long), c.UseLine(), unindent(c.Example))
		if c.HasAvailableLocalFlags() && c.Name() != "version" && c.Name() != "completion" {
			b.WriteString("\n")
			flagTable(&b, c.LocalNonPersistentFlags())
		}
	}
	golden.Check(t, "../../rules/docs/wasmfuse.md", b.String())
}

// flagTable writes a row for each flag.
func flagTable(b *strings.Builder, flags *pflag.FlagSet) {
	b.WriteString("| flag | meaning |\n|---|---|\n")
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + "`, `" + name
		}
		if value != "" {
			name += " " + value
		}
		if d := f.DefValue; d != "" && d != "[]" && d != "false" {
			usage += "; by default `" + d + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s |\n", name, markdown(usage))
	})
}

// markdown escapes text for Markdown.
func markdown(text string) string {
	return strings.NewReplacer("|", `\|`, "*", `\*`, "<", `\<`, "_", `\_`, "[", `\[`).Replace(text)
}

// unindent removes the indentation of an example.
func unindent(example string) string {
	return strings.ReplaceAll(strings.TrimPrefix(example, "  "), "\n  ", "\n")
}
