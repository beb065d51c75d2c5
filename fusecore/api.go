package fusecore

// This file is the API of fusing and composing; fuse.go is the pipeline behind it.

import (
	"cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/input"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/pieces"
)

// Error is a located problem with an input: file, component, item, byte offset, what was expected and what to do.
type Error = diag.Error

// InternalError is an error that no input explains: a fault of this module. Nothing is written then.
type InternalError = diag.Internal

// Input is one component file.
type Input struct {
	Name  string // the file, or a given name: what wirings call it, and what its instance is called inside the output
	Label string // what messages call it; Name where it is empty
	File  string // what a command line calls it, for advice; Name where it is empty
	Bytes []byte
	// Private says that a dependency serves only the components of which [Options] make it a supplier, and is left out
	// when none of them needs it.
	Private bool
}

func (in *Input) label() string {
	if in.Label != "" {
		return in.Label
	}
	return in.Name
}

func (in *Input) file(attributes bool) *input.File {
	return &input.File{Name: in.label(), Command: cmp.Or(in.File, in.Name), Bytes: in.Bytes, Attributes: attributes}
}

// CheckComponent refuses a file that is no component, from its first bytes: with what it is instead, and how to make a
// component of it.
func CheckComponent(in Input) error { return in.file(false).Check() }

// Inputs is a graph of components: a root, whose exports the result has, and dependencies, whose exports supply imports
// of the root and of each other.
type Inputs struct {
	Root Input
	Deps []Input
}

// Plug wires an import by hand: Importer's import Import is supplied by Provider's export Export. Importer and Provider
// are input names, their base names, or those without extension. An empty Export means the same name as Import.
type Plug struct{ Importer, Import, Provider, Export string }

// Supply says where what Importer imports is looked for first: among the exports of Provider, and of the other providers
// that it is given. What none of them exports is looked for among all dependencies that are not private. Names are those
// of Plug.
type Supply struct{ Importer, Provider string }

// Options of fusing and composing. The zero value is the default.
type Options struct {
	Plugs    []Plug
	Supplies []Supply // in any order
	// NoSIMD keeps vector instructions out of generated code.
	NoSIMD bool
	// TrustCode skips validating function bodies: the caller vouches that the inputs are valid. Everything outside of
	// bodies is validated in any case.
	TrustCode bool
	// Attributes says that messages advise attributes of Bazel's rules instead of command lines.
	Attributes bool
}

// Output is a written component.
type Output struct {
	Wasm []byte
	// Warnings tell of what is right but seldom meant, such as an import that a dependency nearly supplies.
	Warnings []*Error
}

// InPieces is an [Output] that is not in one place: nothing was copied once more. The pieces may be slices of the inputs.
type InPieces struct {
	Wasm     pieces.Pieces
	Warnings []*Error
}

// Fuse links the inputs and fuses them into a component with one core module for all code.
func Fuse(in Inputs, o Options) (*Output, error) { return join(FusePieces(in, o)) }

// Compose links the inputs into one ordinary component that contains them unchanged: what Fuse fuses.
func Compose(in Inputs, o Options) (*Output, error) { return join(ComposePieces(in, o)) }

func join(p *InPieces, err error) (*Output, error) {
	if err != nil {
		return nil, err
	}
	return &Output{Wasm: p.Wasm.Join(), Warnings: p.Warnings}, nil
}

// FusePieces is [Fuse] with an output in pieces.
func FusePieces(in Inputs, o Options) (out *InPieces, err error) {
	defer diag.Recover(&err)
	l, err := composition(in, o)
	if err != nil {
		return nil, adviseLinking(err)
	}
	wasm, err := fuse(l.comp, o)
	if err != nil {
		return nil, adviseFusing(l.located(err), in, o)
	}
	return &InPieces{Wasm: wasm, Warnings: l.warnings}, nil
}

// ComposePieces is [Compose] with an output in pieces.
func ComposePieces(in Inputs, o Options) (out *InPieces, err error) {
	defer diag.Recover(&err)
	l, err := composition(in, o)
	if err != nil {
		return nil, adviseLinking(err)
	}
	out = &InPieces{Wasm: pieces.Pieces{in.Root.Bytes}, Warnings: l.warnings}
	if len(in.Deps) > 0 {
		if out.Wasm, err = finish(l.comp.comp); err != nil {
			return nil, adviseComposing(l.located(err))
		}
	}
	return out, err
}
