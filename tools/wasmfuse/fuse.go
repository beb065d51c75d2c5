package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
)

// linkFlags are the flags that fuse and compose share.
type linkFlags struct {
	output string
	plugs  []string
	names  []string
	trust  bool
}

func (f *linkFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&f.output, "output", "o", "", "file to write (required), or - for standard output; written only when everything went well")
	flags.StringArrayVar(&f.plugs, "plug", nil,
		"wire an import by hand: IMPORTER:IMPORT=PROVIDER[:EXPORT]; IMPORTER and PROVIDER are file names or their base names without extension")
	flags.StringArrayVar(&f.names, "name", nil,
		"call an input by a name, NAME=FILE, in wirings, in messages and inside the output; FILE as among the arguments")
	flags.BoolVar(&f.trust, "trust-code", false, "do not validate function bodies of the inputs")
}

func (f *linkFlags) options() (o fusecore.Options, err error) {
	if f.output == "" {
		return o, usageError{errors.New("no output file: give one with -o, or -o - for standard output")}
	}
	o.TrustCode = f.trust
	for _, p := range f.plugs {
		plug, err := parsePlug(p)
		if err != nil {
			return o, usageError{err}
		}
		o.Plugs = append(o.Plugs, plug)
	}
	return o, nil
}

// parsePlug reads IMPORTER:IMPORT=PROVIDER[:EXPORT]. Names of imports hold colons themselves, file names do not.
func parsePlug(s string) (p fusecore.Plug, err error) {
	left, right, ok := strings.Cut(s, "=")
	if ok {
		p.Importer, p.Import, ok = strings.Cut(left, ":")
	}
	p.Provider, p.Export, _ = strings.Cut(right, ":")
	if !ok || p.Importer == "" || p.Import == "" || p.Provider == "" {
		return p, fmt.Errorf("--plug %q is not IMPORTER:IMPORT=PROVIDER[:EXPORT]", s)
	}
	if p.Export == "" {
		p.Export = p.Import
	}
	return p, nil
}

// parseNames reads NAME=FILE of inputs, and gives the names by file.
func parseNames(given, files []string) (map[string]string, error) {
	names := map[string]string{}
	for _, s := range given {
		name, file, ok := strings.Cut(s, "=")
		if !ok || name == "" || file == "" {
			return nil, fmt.Errorf("--name %q is not NAME=FILE", s)
		}
		if !slices.Contains(files, file) {
			return nil, fmt.Errorf("--name %s: %s is not among the inputs", s, file)
		}
		if _, twice := names[file]; twice {
			return nil, fmt.Errorf("--name %s: %s has a name already; give it one", s, file)
		}
		names[file] = name
	}
	return names, nil
}

func fuseCommand(std streams) *cobra.Command {
	var f linkFlags
	var emit string
	var noSIMD bool
	cmd := &cobra.Command{
		Use:   "fuse ROOT.wasm [DEP.wasm...] -o OUT.wasm",
		Short: "Link components and fuse them into one core module",
		Long: `Link ROOT with its dependencies and fuse them: the output is a component around one core module, behaves as the
un-fused composition does, and exports what ROOT exports. Imports that no dependency supplies are imports of the output. A file that is called - is standard input.`,
		Args: atLeast(1),
		RunE: func(_ *cobra.Command, args []string) error {
			o, err := f.options()
			if err != nil {
				return err
			}
			if emit != "component" {
				return usageError{fmt.Errorf("--emit=%s: the only output form is component", emit)}
			}
			o.NoSIMD = noSIMD
			return f.produce(std, args, o, fusecore.Fuse)
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&emit, "emit", "component", "form of the output: component")
	cmd.Flags().BoolVar(&noSIMD, "no-simd", false, "keep vector instructions out of generated code")
	return cmd
}

func composeCommand(std streams) *cobra.Command {
	var f linkFlags
	cmd := &cobra.Command{
		Use:   "compose ROOT.wasm DEP.wasm... -o OUT.wasm",
		Short: "Link components into one ordinary component, without fusing",
		Args:  atLeast(1),
		RunE: func(_ *cobra.Command, args []string) error {
			o, err := f.options()
			if err != nil {
				return err
			}
			return f.produce(std, args, o, fusecore.Compose)
		},
	}
	f.add(cmd)
	return cmd
}

// produce reads the inputs, makes the output and writes it.
func (f *linkFlags) produce(std streams, files []string, o fusecore.Options, make func(fusecore.Inputs, fusecore.Options) (*fusecore.Output, error)) error {
	names, err := parseNames(f.names, files)
	if err != nil {
		return usageError{err}
	}
	if i := slices.Index(files, fileio.Std); i >= 0 && slices.Contains(files[i+1:], fileio.Std) {
		return usageError{errors.New("standard input is given twice: - can be one input only")}
	}
	if f.output == fileio.Std && fileio.IsTerminal(std.out) {
		return usageError{errors.New("the output is binary and would go to a terminal: redirect it, or name a file with -o")}
	}
	var in fusecore.Inputs
	for i, name := range files {
		b, err := fileio.Read(name, std.in)
		if err != nil {
			return err
		}
		input := fusecore.Input{Name: inputName(name), Bytes: b}
		if given, ok := names[name]; ok {
			input.Name = given
		}
		if i == 0 {
			in.Root = input
		} else {
			in.Deps = append(in.Deps, input)
		}
	}
	out, err := make(in, o)
	if err != nil {
		return err
	}
	return fileio.Write(f.output, out.Wasm, std.out)
}

// inputName is what an input is called where nothing else is said.
func inputName(file string) string {
	if file == fileio.Std {
		return "stdin"
	}
	return file
}
