// Command componentize makes a component from a core module and its WIT, as `wasm-tools component embed` and `component
// new` do.
package main

import (
	"bytes"
	"context"
	uvarint "encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/internal/componentnew"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/witfolder"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/witworlds"
)

// options are the command-line options.
type options struct {
	core     string   // core module
	world    string   // the component's world in the WIT package; empty for the one embedded in the core module
	encoding string   // string encoding of the core module
	out      string   // component to write
	wit      []string // GUEST=FILE: a file of the WIT folder
	adapt    []string // adapter modules
}

func main() {
	args, err := fileio.Args(os.Args[1:])
	var opts options
	if err == nil {
		opts, err = parse(args)
	}
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
	set.StringVar(&o.world, "world", "", "`NAME` of the world in the WIT package; by default the world embedded in the core module")
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
	set.Func("adapt", "`FILE`, repeated: a module that supplies the imports of the core module from the module that the file is named "+
		"after, up to the first dot: wasi_snapshot_preview1.reactor.wasm", func(s string) error {
		o.adapt = append(o.adapt, s)
		return nil
	})
	if err := set.Parse(args); err != nil {
		return o, err
	}
	for _, need := range []struct{ name, value string }{
		{"core", o.core}, {"o", o.out},
	} {
		if need.value == "" {
			return o, fmt.Errorf("-%s is missing", need.name)
		}
	}
	if (o.world == "") != (len(o.wit) == 0) {
		return o, errors.New("-world and -wit need each other; without both, the world is the one embedded in the core module")
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
	world, err := o.readWorld(core)
	if err != nil {
		return err
	}
	adapters, err := o.adapters()
	if err != nil {
		return err
	}
	encoder, err := componentnew.Start(ctx, len(core) >= componentnew.InterpretBelow)
	if err != nil {
		return err
	}
	defer encoder.Close(ctx)
	component, err := encoder.New(ctx, core, world, adapters...)
	if err != nil {
		return o.explain(err, world, core)
	}
	return fileio.Write(o.out, component, os.Stdout)
}

// readWorld returns the world that the options name, or nil for the one embedded in the core module.
func (o options) readWorld(core []byte) (*componentnew.World, error) {
	if o.world == "" {
		if !hasWorld(core) && len(o.adapt) == 0 { // an adapter has a world too, that of a command say
			return nil, fmt.Errorf("%s has no embedded world, as the C and Rust generators of wit-bindgen leave one in a module; name its WIT and world by the attributes wit and world", o.core)
		}
		return nil, nil
	}
	folder, err := witfolder.Read(o.wit)
	if err != nil {
		return nil, err
	}
	return &componentnew.World{Name: o.world, WIT: folder.Root, Files: folder.Files, Encoding: o.encoding}, nil
}

// hasWorld reports whether a core module has a custom section with a world.
func hasWorld(core []byte) bool {
	for b := core[8:]; len(b) > 1; {
		id := b[0]
		size, n := uvarint.Uvarint(b[1:])
		if n <= 0 || size > uint64(len(b)-1-n) {
			return false // the encoder reports what cannot be read
		}
		section := b[1+n:][:size]
		b = b[1+n+int(size):]
		length, n := uvarint.Uvarint(section)
		if id == 0 && n > 0 && length <= uint64(len(section)-n) && bytes.HasPrefix(section[n:][:length], []byte("component-type")) {
			return true
		}
	}
	return false
}

// adapters reads the adapters, each named after its file.
func (o options) adapters() ([]componentnew.Adapter, error) {
	var adapters []componentnew.Adapter
	for _, file := range o.adapt {
		module, err := fileio.Read(file, os.Stdin)
		if err != nil {
			return nil, err
		}
		name, _, _ := strings.Cut(filepath.Base(file), ".")
		adapters = append(adapters, componentnew.Adapter{Name: name, Module: module})
	}
	return adapters, nil
}

// explain adds what to do to an error of the encoder.
func (o options) explain(err error, world *componentnew.World, core []byte) error {
	switch {
	case errors.As(err, new(componentnew.WITError)):
		if world != nil {
			own := maps.Clone(world.Files)
			maps.DeleteFunc(own, func(name string, _ []byte) bool { return path.Dir(name) != "wit" }) // those of other packages
			if missing := witworlds.Missing(o.world, own); missing != "" {
				return errors.New(missing)
			}
		}
		return fmt.Errorf("%w\nThe world %q must be one of the WIT package, and every package that it names must be there: see the attribute world, and deps of the wit_library", err, o.world)
	case !errors.As(err, new(componentnew.ModuleError)):
		return err
	case len(o.adapt) == 0 && strings.Contains(err.Error(), preview1):
		return fmt.Errorf("%w\nThe core module %s was built for WASI preview1: give it an adapter by the attribute adapter: @wasi//adapters:command for a program, @wasi//adapters:reactor for a library, or @rules_wasm_fuse//rules/adapters:stateless for a module of wasm_go_module", err, o.core)
	case o.world == "" && !hasWorld(core):
		return fmt.Errorf("%w\nThe core module %s has no embedded world: name its WIT and world by the attributes wit and world", err, o.core)
	case o.world == "":
		return fmt.Errorf("%w\nThe core module %s must have the imports and exports of its embedded world: build it for that one, or name another by the attributes wit and world", err, o.core)
	}
	return fmt.Errorf("%w\nThe core module %s must have the exports that the world %q asks for, by its types: name another world, or build the module for this one", err, o.core, o.world)
}

// preview1 is the name of the module from which programs import the first version of WASI.
const preview1 = "wasi_snapshot_preview1"
