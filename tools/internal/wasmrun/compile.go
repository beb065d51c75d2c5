// This file implements compiling ahead of time, for wasm_precompile.

package wasmrun

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
)

// compilation is the command line of `compile`: a part of that of wasmtime's command of this name, which can take its place.
type compilation struct {
	target, output, file string
	extensions           []string
}

const cranelift = "cranelift-"

// coreModule is how core modules begin (core specification, "Binary Format / Modules").
const coreModule = "\x00asm\x01\x00\x00\x00"

// codegen adds the value of a flag -C.
func (c *compilation) codegen(text string) error {
	for _, part := range strings.Split(text, ",") {
		name, value, given := strings.Cut(part, "=")
		extension, ok := strings.CutPrefix(name, cranelift)
		if !ok || given && value != "y" && value != "true" {
			return fmt.Errorf("expected %sEXTENSION, to turn on an extension of the processor, not %q; wasmtime's own command has further options", cranelift, part)
		}
		c.extensions = append(c.extensions, extension)
	}
	return nil
}

func parseCompilation(args []string) (*compilation, error) {
	var c compilation
	flags := flag.NewFlagSet("compile", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&c.target, "target", "", "")
	flags.StringVar(&c.output, "o", "", "")
	flags.Func("C", "", c.codegen)
	if err := flags.Parse(args); err != nil {
		return nil, fmt.Errorf("compile: %w (%w)", err, errUsage)
	}
	if flags.NArg() != 1 || c.output == "" {
		return nil, fmt.Errorf("compile: expected a file, and the output with -o (%w)", errUsage)
	}
	c.file = flags.Arg(0)
	return &c, nil
}

// compile compiles a component or core module to machine code.
func (p *Program) compile(args []string) error {
	c, err := parseCompilation(args)
	if err != nil {
		return err
	}
	if p.Precompile == nil {
		return errors.New("compile: this engine keeps no machine code; compile with wasmtime: wasmrun on Linux, or wasmtime's own command line")
	}
	wasm, err := fileio.Read(c.file, nil)
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(wasm, []byte(coreModule)) {
		if err := p.Check(fusecore.Input{Name: c.file, File: c.file, Bytes: wasm}); err != nil {
			return err
		}
	}
	code, err := p.Precompile(wasm, c.target, c.extensions)
	if err != nil {
		return fmt.Errorf("%s: %w", c.file, err)
	}
	return fileio.Write(c.output, code, nil)
}
