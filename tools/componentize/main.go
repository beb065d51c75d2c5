// Command componentize makes a component from a core module and its WIT, as `wasm-tools component embed` and `component
// new` do.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/internal/componentnew"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
)

// options are the command-line options.
type options struct {
	core     string   // core module
	world    string   // the component's world in the WIT package
	encoding string   // string encoding of the core module
	out      string   // component to write
	wit      []string // GUEST=FILE: a file of the WIT folder
}

func main() {
	opts, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err == nil {
		err = run(context.Background(), opts)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "componentize:", err)
		os.Exit(1)
	}
}

func parse(args []string) (options, error) {
	var o options
	set := flag.NewFlagSet("componentize", flag.ContinueOnError)
	set.StringVar(&o.core, "core", "", "core module `FILE`")
	set.StringVar(&o.world, "world", "", "`NAME` of the world in the WIT package")
	set.StringVar(&o.encoding, "encoding", "utf8", "string encoding of the core module: utf8, utf16 or compact-utf16")
	set.StringVar(&o.out, "o", "", "component `FILE` to write")
	set.Func("wit", "`GUEST=FILE`, repeated: a file, and its place in the WIT folder", func(s string) error {
		guest, _, ok := strings.Cut(s, "=")
		if !ok || !fs.ValidPath(guest) {
			return errors.New("want GUEST=FILE, with GUEST a relative path")
		}
		o.wit = append(o.wit, s)
		return nil
	})
	if err := set.Parse(args); err != nil {
		return o, err
	}
	for _, need := range []struct{ name, value string }{
		{"core", o.core}, {"world", o.world}, {"o", o.out},
	} {
		if need.value == "" {
			return o, fmt.Errorf("-%s is missing", need.name)
		}
	}
	return o, nil
}

func run(ctx context.Context, o options) error {
	core, err := fileio.Read(o.core, os.Stdin)
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(core, []byte("\x00asm\x01\x00\x00\x00")) {
		what := "no core module in binary form"
		if bytes.HasPrefix(core, []byte("\x00asm\x0d\x00\x01\x00")) {
			what = "a component already; use it as it is, or the rule wasm_component_import"
		}
		return fmt.Errorf("%s is %s", o.core, what)
	}
	world := &componentnew.World{Name: o.world, Files: map[string][]byte{}, Encoding: o.encoding}
	if world.WIT, err = witFolder(o.wit, world.Files); err != nil {
		return err
	}
	encoder, err := componentnew.Start(ctx, len(core) >= componentnew.InterpretBelow)
	if err != nil {
		return err
	}
	defer encoder.Close(ctx)
	component, err := encoder.New(ctx, core, world)
	switch {
	case errors.As(err, new(componentnew.WITError)):
		err = fmt.Errorf("%w\nThe world %q must be one of the WIT package, and every package that it names must be there: see the attribute world, and deps of the wit_library", err, o.world)
	case errors.As(err, new(componentnew.ModuleError)):
		err = fmt.Errorf("%w\nThe core module %s must have the exports that the world %q asks for, by its types: name another world, or build the module for this one", err, o.core, o.world)
	}
	if err != nil {
		return err
	}
	return fileio.Write(o.out, component, os.Stdout)
}
