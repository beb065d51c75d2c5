// This file implements the command explain.

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
	"github.com/wasmfuse/rules_wasm_fuse/tools/wasmfuse/internal/reporting"
)

// explainFlags are the flags of explain: those of fuse, but for its output.
type explainFlags struct {
	fuseFlags
	about string
	made  *fusecore.Provenance // of the only input, if that is an output
}

func explainCommand(std streams) *cobra.Command {
	var f explainFlags
	cmd := &cobra.Command{
		Use:   "explain FILE... [NAME]",
		Short: "Say why a call costs what it costs, why an import is there, or why something is not fused",
		Long: `Say why components are fused or not, what calls between them do and cost, and who needs which import. NAME asks about one
thing: a component, an import or an interface, a function that one component calls of another, or a function as backtraces
name it. It is the last argument if there is no such file.

FILE is a report in JSON, or what fuse would fuse: the root, then its dependencies, with the same flags. Nothing is
written then, except reports. An output is explained as the component that it is, so of one made of several components name these.`,
		Example: `  wasmfuse explain app.wasm calc.wasm

  # why is this import there, and what does this call do?
  wasmfuse explain app.wasm calc.wasm demo:calc/api@1.2.0#add

  # from a report
  wasmfuse fuse app.wasm calc.wasm --report fused.json -o fused.wasm
  wasmfuse explain fused.json calc`,
		ValidArgsFunction: wasmFiles(-1),
		RunE: func(cmd *cobra.Command, args []string) error {
			args = f.question(args)
			if err := f.inputs(cmd, args); err != nil {
				return err
			}
			r, err := f.fused(cmd, std, args)
			if err != nil || len(f.reports) > 0 {
				return err
			}
			text, err := reporting.Explain(r, f.about)
			if err != nil {
				return err
			}
			if p := f.made; p != nil && f.about == "" {
				text = fmt.Appendf(text, "\nIt was made by %s, of %s: explain these to see the calls between them.\n", oneLine(p.Tool), oneLine(inputsOf(p)))
			}
			return fileio.Write(fileio.Std, []byte(printable(string(text))), std.out)
		},
	}
	f.addGraph(cmd)
	f.addOptions(cmd)
	return cmd
}

// question takes the name off the arguments, if the last one is no file.
func (f *explainFlags) question(args []string) []string {
	if len(args) == 0 || len(args) == 1 && f.wac == "" || args[len(args)-1] == fileio.Std {
		return args
	}
	last := args[len(args)-1]
	if _, err := os.Stat(last); !errors.Is(err, os.ErrNotExist) {
		return args
	}
	f.about = last
	return args[:len(args)-1]
}

// fused returns the report about the inputs, and writes it where flags say so.
func (f *explainFlags) fused(cmd *cobra.Command, std streams, args []string) (*fusecore.Report, error) {
	if r, err := f.read(std, args); r != nil || err != nil {
		return r, err
	}
	plugs, err := f.parsePlugs(args)
	if err != nil {
		return nil, err
	}
	o, err := f.options()
	if err != nil {
		return nil, err
	}
	g, err := f.graph(std, args)
	if err != nil {
		return nil, err
	}
	g.Plugs = plugs
	if len(g.Deps) == 0 && g.Document == nil {
		f.made = provenance(std, g.Root)
	}
	o.Details = true
	std, line := std.withLine()
	defer line.clear()
	o.Progress = line.enter
	out, err := fusecore.Fuse(cmd.Context(), g, o)
	if err != nil {
		return nil, err
	}
	line.clear()
	for _, w := range out.Warnings {
		std.log.warn(w)
	}
	out.Report.Provenance = fusecore.NewProvenance(g, o)
	return out.Report, f.writeReports(std, out.Report)
}

// read returns the report in the only file, or nil if that is no JSON.
func (f *explainFlags) read(std streams, args []string) (*fusecore.Report, error) {
	if len(args) != 1 || args[0] == fileio.Std || f.wac != "" {
		return nil, nil
	}
	text, err := fileio.Read(args[0], std.in)
	if err != nil || !bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		return nil, err
	}
	r, err := reporting.Read(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", args[0], err)
	}
	return r, f.writeReports(std, r)
}

// inputsOf lists the files that an output was made of.
func inputsOf(p *fusecore.Provenance) string {
	var names []string
	for _, in := range p.Inputs {
		names = append(names, in.Name)
	}
	return strings.Join(names, ", ")
}
