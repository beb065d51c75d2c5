// This file implements the command inspect.

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/inspect"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
)

// inspectFlags are the flags of inspect.
type inspectFlags struct {
	wit, world, label, output, format string
	json                              bool
}

// The forms of a description.
const (
	asText = "text"
	asJSON = "json"
	asWIT  = "wit"
)

func (f *inspectFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.world, "world", "", "fail, and name the difference, if the component does not have this world, `NAME`, of the package --wit")
	flags.StringVar(&f.wit, "wit", "", "WIT package `FILE` in binary form, as wasm-tools component wit --wasm writes it")
	flags.StringVar(&f.format, "format", asText, "`FORM` of what is printed: text (a tree of everything), json (the imports and exports), or wit (they as a world in WIT, with the interfaces)")
	flags.BoolVar(&f.json, "json", false, "the same as --format=json")
	completeValues(cmd, "format", asText, asJSON, asWIT)
	flags.StringVarP(&f.output, "output", "o", fileio.Std, "`FILE` to write to, or - for standard output")
	addLabel(flags, &f.label)
	completeFiles(cmd, "wit", "wasm")
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
  wasmfuse inspect app.wasm --format=wit
  wasmfuse inspect app.wasm --json | grep name`,
		ValidArgsFunction: wasmFiles(1),
		Args:              exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.checkFormat(); err != nil {
				return err
			}
			std, line := std.withLine()
			defer line.clear()
			in, err := readLabelled(std, args[0], f.label)
			if err != nil {
				return err
			}
			if f.label != "" {
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
			return f.write(cmd, d, in, std)
		},
	}
	f.add(cmd)
	return cmd
}

// checkFormat checks the flags about the form.
func (f *inspectFlags) checkFormat() error {
	switch {
	case f.json && f.format != asText && f.format != asJSON:
		return usageError{fmt.Errorf("--json and --format=%s are two forms: remove one of them", f.format)}
	case f.json:
		f.format = asJSON
	case f.format != asText && f.format != asJSON && f.format != asWIT:
		return usageError{fmt.Errorf("--format=%s: the forms are text, json and wit", f.format)}
	}
	return nil
}

// write writes the description of a file.
func (f *inspectFlags) write(cmd *cobra.Command, d *inspect.Description, in fusecore.Input, std streams) error {
	var b bytes.Buffer
	switch f.format {
	case asJSON:
		text, err := d.JSON()
		if err != nil {
			return err
		}
		b.Write(text)
	case asWIT:
		p, err := iface.ReadWorld(cmd.Context(), in.Label, in.Bytes)
		if err != nil {
			return err
		}
		b.WriteString(printable(p.Whole()))
	default:
		if err := d.Print(&b); err != nil {
			return err
		}
		if p := provenance(std, in); p != nil {
			made(&b, p)
		}
	}
	return fileio.Write(f.output, b.Bytes(), std.out)
}

// provenance returns what an output was made of, or nil if it does not say so, or if that cannot be read, which is a warning.
func provenance(std streams, out fusecore.Input) *fusecore.Provenance {
	p, err := fusecore.ReadProvenance(out)
	if err != nil {
		std.log.warn(err)
		return nil
	}
	return p
}

// made writes what an output was made of.
func made(w io.Writer, p *fusecore.Provenance) {
	fmt.Fprintf(w, "made by %s of\n", oneLine(p.Tool))
	if p.Document != nil {
		fmt.Fprintf(w, "  %s, SHA-256 %s\n", oneLine(p.Document.Name), oneLine(p.Document.SHA256))
	}
	for _, in := range p.Inputs {
		fmt.Fprintf(w, "  %s, SHA-256 %s\n", oneLine(in.Name), oneLine(in.SHA256))
	}
}
