package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
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
	flags.StringVarP(&f.output, "output", "o", "", "file to write (required); written only when everything went well")
	flags.StringArrayVar(&f.plugs, "plug", nil,
		"wire an import by hand: IMPORTER:IMPORT=PROVIDER[:EXPORT]; IMPORTER and PROVIDER are file names or their base names without extension")
	flags.StringArrayVar(&f.names, "name", nil,
		"call an input by a name, NAME=FILE, in wirings, in messages and inside the output; FILE as among the arguments")
	flags.BoolVar(&f.trust, "trust-code", false, "do not validate function bodies of the inputs")
}

func (f *linkFlags) options() (o fusecore.Options, err error) {
	if f.output == "" {
		return o, usageError{errors.New("no output file: give one with -o")}
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

func fuseCommand() *cobra.Command {
	var f linkFlags
	var emit string
	var noSIMD bool
	cmd := &cobra.Command{
		Use:   "fuse ROOT.wasm [DEP.wasm...] -o OUT.wasm",
		Short: "Link components and fuse them into one core module",
		Long: `Link ROOT with its dependencies and fuse them: the output is a component around one core module, behaves as the
un-fused composition does, and exports what ROOT exports. Imports that no dependency supplies are imports of the output.`,
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
			return f.produce(args, o, fusecore.Fuse)
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&emit, "emit", "component", "form of the output: component")
	cmd.Flags().BoolVar(&noSIMD, "no-simd", false, "keep vector instructions out of generated code")
	return cmd
}

func composeCommand() *cobra.Command {
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
			return f.produce(args, o, fusecore.Compose)
		},
	}
	f.add(cmd)
	return cmd
}

// produce reads the inputs, makes the output and writes it.
func (f *linkFlags) produce(files []string, o fusecore.Options, make func(fusecore.Inputs, fusecore.Options) (*fusecore.Output, error)) error {
	names, err := parseNames(f.names, files)
	if err != nil {
		return usageError{err}
	}
	var in fusecore.Inputs
	for i, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("cannot read the input: %w", err)
		}
		input := fusecore.Input{Name: name, Bytes: b}
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
	return writeAtomically(f.output, out.Wasm)
}

// writeAtomically replaces a file as a whole or leaves it as it is: the bytes go to a new file in the same folder, which
// is then renamed.
func writeAtomically(name string, b []byte) (err error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		if info.IsDir() {
			return fmt.Errorf("cannot write %s: it is a folder", name)
		}
		return os.WriteFile(name, b, 0o666) // a device or pipe cannot be replaced
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return fmt.Errorf("cannot write the output: %w", err)
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
			err = fmt.Errorf("cannot write %s: %w", name, err)
		}
	}()
	if _, err = tmp.Write(b); err != nil {
		return err
	}
	if err = tmp.Chmod(0o644); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}
