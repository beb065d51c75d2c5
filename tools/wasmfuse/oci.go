// This file implements the command oci.

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/inspect"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/ocilayout"
)

// ociFlags are the flags of oci.
type ociFlags struct {
	output, author, created, target, tag, label string
	annotations                                 []string
}

func (f *ociFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&f.output, "output", "o", "", "`FOLDER` to write (required); it must not exist, or be empty")
	flags.StringArrayVar(&f.annotations, "annotation", nil, "annotation of the manifest: `KEY=VALUE`; may be repeated")
	flags.StringVar(&f.author, "author", "", "`AUTHOR` in the configuration")
	flags.StringVar(&f.created, "created", "", "`TIME` in the configuration, as in 2026-01-31T12:00:00Z (default the beginning of 1970)")
	flags.StringVar(&f.target, "target", "", "`WORLD` that the component is made for, as in wasi:http/proxy@0.2.0")
	flags.StringVar(&f.tag, "tag", "", "`TAG` of the manifest in the layout, as in 1.0.0")
	addLabel(flags, &f.label)
	must(cmd.MarkFlagDirname("output"))
}

// tagForm is the grammar of tags ("Open Container Initiative Distribution Specification", "Pulling manifests").
var tagForm = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`)

// artifact returns what the flags say about the artifact.
func (f *ociFlags) artifact() (*ocilayout.Artifact, error) {
	if f.output == "" {
		return nil, usageError{errors.New("no output folder: set one with -o")}
	}
	if f.output == fileio.Std {
		return nil, usageError{errors.New("-o -: the output is a folder, which standard output cannot be")}
	}
	if f.tag != "" && !tagForm.MatchString(f.tag) {
		return nil, usageError{fmt.Errorf("--tag %q is no tag: it has at most 128 letters, digits, underscores, dots and hyphens, and begins with none of the last two", f.tag)}
	}
	a := &ocilayout.Artifact{Author: f.author, Tag: f.tag, Annotations: map[string]string{}}
	for _, text := range f.annotations {
		key, value, ok := strings.Cut(text, "=")
		if !ok || key == "" {
			return nil, usageError{fmt.Errorf("--annotation %q is not KEY=VALUE", text)}
		}
		if _, again := a.Annotations[key]; again {
			return nil, usageError{fmt.Errorf("--annotation %s is given twice", key)}
		}
		a.Annotations[key] = value
	}
	if f.created != "" {
		t, err := time.Parse(time.RFC3339, f.created)
		if err != nil {
			return nil, usageError{fmt.Errorf("--created %q is no time as in 2026-01-31T12:00:00Z", f.created)}
		}
		a.Created = t
	}
	return a, nil
}

// describe adds the file to the artifact, after validating it.
func (f *ociFlags) describe(ctx context.Context, a *ocilayout.Artifact, in fusecore.Input) error {
	d, err := inspect.Describe(ctx, inspect.File{Name: in.Label, Command: in.File, Bytes: in.Bytes})
	if err != nil {
		return err
	}
	a.Wasm = in.Bytes
	if in.File != fileio.Std {
		a.File = filepath.Base(in.File)
	}
	if d.Format == inspect.CoreModule {
		if f.target != "" {
			return fmt.Errorf("%s: --target names a component's world, and this is a core module; leave it out", in.Label)
		}
		return nil
	}
	a.Component = &ocilayout.Component{Exports: itemNames(d.Component.Exports), Imports: itemNames(d.Component.Imports), Target: f.target}
	return nil
}

// itemNames returns the names of imports or exports; the list is never nil.
func itemNames(items []inspect.Item) []string {
	out := make([]string, len(items))
	for i := range items {
		out[i] = items[i].Name
	}
	return out
}

func ociCommand(std streams) *cobra.Command {
	var f ociFlags
	cmd := &cobra.Command{
		Use:   "oci FILE.wasm -o FOLDER",
		Short: "Write a component or core module as an OCI image layout, for registries",
		Long: `Write a component or core module as an OCI image layout: a folder that clients of registries push, with one artifact in
the form of the CNCF's "Wasm OCI Artifact layout". The configuration lists what a component imports and exports.
The same file and flags make the same digests. To push the folder: crane push app.oci registry.example/app:1.0.0, or
oras cp --from-oci-layout app.oci:1.0.0 registry.example/app:1.0.0.`,
		Example:           `  wasmfuse oci app.wasm -o app.oci --tag=1.0.0 --annotation=org.opencontainers.image.licenses=MIT`,
		ValidArgsFunction: wasmFiles(1),
		Args:              exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := f.artifact()
			if err != nil {
				return err
			}
			std, line := std.withLine()
			defer line.clear()
			in, err := readLabelled(std, args[0], f.label)
			if err != nil {
				return err
			}
			line.enter(validating)
			if err := f.describe(cmd.Context(), a, in); err != nil {
				return err
			}
			line.enter(writing)
			digest, err := a.Write(f.output)
			if err == nil {
				std.log.done("made OCI image layout "+digest.String(), slog.String("output", f.output), slog.String("digest", digest.String()))
			}
			return err
		},
	}
	f.add(cmd)
	return cmd
}
