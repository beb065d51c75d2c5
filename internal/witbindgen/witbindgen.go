// Package witbindgen generates bindings of WIT worlds in C, Go and Rust, as wit-bindgen does.
//
// The generator in the folder of that name, a small program around the same library, is itself WebAssembly, which this
// process runs.
package witbindgen

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/internal/sandbox"
)

// generator is the gzipped generator, as generator/build.sh makes it.
//
//go:embed generator/generator.wasm.gz
var generator []byte

// File is a generated file.
type File struct {
	Name    string // a relative path, with slashes
	Content []byte
}

// Error is an error about what is to be generated, such as a world that the package does not have. The text is the generator's.
type Error string

func (e Error) Error() string { return string(e) }

// failed is the exit status of the generator after an error about its input.
const failed = 1

// Language is a language of bindings.
type Language string

const (
	// C bindings are a header, a source, and an object file in WebAssembly that embeds the world in the core module it is
	// linked into. The option "encoding" is that of strings: utf8, which is the default, or utf16.
	C Language = "c"
	// Go bindings are a file of each package. The option "package" is the import path of the folder that the packages are
	// in. Nothing is formatted.
	Go Language = "go"
	// Rust bindings are one module, which embeds the world, and uses the crate wit-bindgen. The option "ownership" says what
	// the parameters of imported functions contain: owning, which is the default, borrowing or
	// borrowing-duplicate-if-necessary. "derive" is a trait that records, variants and enums derive, "derive-ignore" the name of one
	// that does not, and "with", as NAME=PATH, an interface or a type that is not generated, and where it is; each can be
	// repeated. Nothing is formatted.
	Rust Language = "rust"
)

// names are the languages' names.
var names = map[Language]string{C: "C", Go: "Go", Rust: "Rust"}

// Generate generates bindings of a world of a WIT package in binary form. Options have the form NAME=VALUE. The error is an
// [Error] if the generator refuses the package, the world, the language or an option.
func Generate(ctx context.Context, language Language, wit []byte, world string, options ...string) ([]File, error) {
	program, err := sandbox.Load(ctx, generator, false)
	if err != nil {
		return nil, err
	}
	defer program.Close(ctx)
	const place = "package.wasm"
	args := append([]string{"generator", string(language), world, "/" + place}, options...)
	out, err := program.Run(ctx, map[string][]byte{place: wit}, args...)
	var exit *sandbox.ExitError
	var panicked *sandbox.PanicError
	switch {
	case errors.As(err, &exit) && exit.Status == failed:
		return nil, Error(exit.Text)
	case errors.As(err, &panicked): // what it does not support, it does not refuse
		return nil, Error(fmt.Sprintf("wit-bindgen generates no bindings in %s of this world: %s", names[language], panicked.Message))
	case err != nil:
		return nil, err
	}
	return split(out)
}

// split takes the generator's output apart: a line with each file's name, a line with its size, and its content.
func split(out []byte) (files []File, err error) {
	for len(out) > 0 {
		name, rest, _ := bytes.Cut(out, []byte("\n"))
		line, rest, _ := bytes.Cut(rest, []byte("\n"))
		size, err := strconv.Atoi(string(line))
		if err != nil || size < 0 || size > len(rest) {
			return nil, fmt.Errorf("the generator wrote %q as the size of %q, before %d bytes", line, name, len(rest))
		}
		files = append(files, File{string(name), rest[:size]})
		out = rest[size:]
	}
	return files, nil
}
