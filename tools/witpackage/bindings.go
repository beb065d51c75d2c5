package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/wasmfuse/rules_wasm_fuse/internal/witbindgen"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
)

// bindings generates bindings of a world.
func bindings(ctx context.Context, args []string, usage io.Writer) error {
	set := flag.NewFlagSet("witpackage bindings", flag.ContinueOnError)
	set.SetOutput(usage)
	target := set.String("target", "", "`LABEL` that messages speak of")
	world := set.String("world", "", "`NAME` of the world")
	encoding := set.String("encoding", "utf8", "`ENCODING` of strings: utf8 or utf16")
	outs := map[string]string{} // by base name
	set.Func("o", "`FILE` to write: the one of that base name among those that are generated; repeatable", func(s string) error {
		outs[filepath.Base(s)] = s
		return nil
	})
	if err := set.Parse(args); err != nil {
		return err
	}
	if set.NArg() != 1 {
		return errors.New("expected one WIT package in binary form")
	}
	wit, err := fileio.Read(set.Arg(0), os.Stdin)
	if err != nil {
		return err
	}
	files, err := witbindgen.C(ctx, wit, *world, *encoding)
	if errors.As(err, new(witbindgen.Error)) {
		return fmt.Errorf("%s: world = %q: %w", *target, *world, err)
	}
	if err != nil {
		return err
	}
	for _, f := range files {
		if outs[f.Name] == "" {
			return fmt.Errorf("%s: %s is generated, and there is no -o for it", *target, f.Name)
		}
	}
	if len(outs) != len(files) {
		return fmt.Errorf("%s: there are %d -o for %d files", *target, len(outs), len(files))
	}
	for _, f := range files {
		if err := fileio.Write(outs[f.Name], f.Content, os.Stdout); err != nil {
			return err
		}
	}
	return nil
}
