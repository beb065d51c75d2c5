// This file implements the flag --wac.

package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

const wacHelp = "compose as a WAC document `FILE` says; the arguments are then the packages that it names, components and WIT packages in binary form, with names by --name ns:name[@version]=FILE, or else ns:name is the file name.wasm"

// inputs requires at least one input. A document can do without any.
func (f *linkFlags) inputs(cmd *cobra.Command, args []string) error {
	if f.wac != "" {
		return nil
	}
	return aRoot(cmd, args)
}

// document reads a document and its packages.
func (f *linkFlags) document(std streams, files []string) (g fusecore.Graph, err error) {
	if len(f.plugs)+len(f.supply) > 0 {
		return g, usageError{errors.New("--plug and --supply have no place beside --wac: write them as arguments in the document")}
	}
	names, err := parseNames("--name", f.names, files)
	if err != nil {
		return g, usageError{err}
	}
	labels, err := f.parseLabels(files)
	if err != nil {
		return g, usageError{err}
	}
	if err := f.checkStreams(std, append([]string{f.wac}, files...)); err != nil {
		return g, err
	}
	if g.Document, err = readDocument(std, f.wac); err != nil {
		return g, err
	}
	for i, file := range files {
		if count(files[:i], file) > 0 {
			return g, usageError{errors.New(file + " is given twice: a document can instantiate a package several times")}
		}
		in, err := readInput(std, file)
		if err != nil {
			return g, err
		}
		in.Packages = names[file]
		if label, ok := labels[file]; ok {
			in.Label = label[0]
		}
		g.Deps = append(g.Deps, in)
	}
	return g, nil
}
