package fusecore

// This file is the API; input.go and fuse.go are the pipeline behind it.

import (
	"cmp"
	"context"
	"io"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/input"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/pieces"
)

// Error is a located problem with an input: file, component, item, byte offset, what was expected and what to do.
type Error = diag.Error

// InternalError is an error that no input explains: a fault of this module. Nothing is written then.
type InternalError = diag.Internal

// Graph is a graph of components to link: a root, whose exports the result has, and dependencies, whose exports supply
// imports of the root and of each other. Imports and exports are matched by name and version; plugs and supplies say
// what names cannot. What no dependency supplies is an import of the result.
type Graph struct {
	Root     Input
	Deps     []Input // in the order in which they are instantiated where that is not determined by their imports
	Plugs    []Plug
	Supplies []Supply // in any order
}

// Input is one component file.
type Input struct {
	Name  string // the file, or a given name: what plugs and supplies call it, and its instance inside the output
	Label string // what messages call it; Name where it is empty
	File  string // what a command line calls it, for advice; Name where it is empty
	Bytes []byte // which the result may refer to; they must not change any more
	// Private says that a dependency serves only the components of which Graph.Supplies make it a supplier, and is left out
	// when none of them needs it.
	Private bool
}

func (in *Input) label() string { return cmp.Or(in.Label, in.Name) }

func (in *Input) file(attributes bool) *input.File {
	return &input.File{Name: in.label(), Command: cmp.Or(in.File, in.Name), Bytes: in.Bytes, Attributes: attributes}
}

// Plug chooses what supplies an import: Importer's import Import is supplied by Provider's export Export. Importer and
// Provider are input names, their base names, or those without extension. An empty Export means the same name as Import.
type Plug struct{ Importer, Import, Provider, Export string }

// Supply says where what Importer imports is looked for first: among the exports of Provider, and of the other providers
// that it is given. What none of them exports is looked for among all dependencies that are not private. Names are those
// of Plug.
type Supply struct{ Importer, Provider string }

// Features is a set of WebAssembly features that generated code may use. Zero stands for [DefaultFeatures].
type Features uint8

const (
	// Baseline is what every engine that runs components has: the instructions of WebAssembly 2.0 but for vectors.
	Baseline Features = 1 << iota
	// SIMD is fixed-width vector instructions, with which strings are transcoded faster.
	SIMD

	DefaultFeatures = Baseline | SIMD
)

// FuseOptions are the options of [Fuse]. The zero value is the default.
type FuseOptions struct {
	Features Features
	// SkipBodyValidation leaves function bodies unvalidated: the caller vouches that the inputs are valid. Everything
	// outside of bodies is validated in any case.
	SkipBodyValidation bool
	// Attributes says that messages advise attributes of Bazel's rules instead of command lines.
	Attributes bool
}

// ComposeOptions are the options of [Compose]. The zero value is the default; fields are as in [FuseOptions].
type ComposeOptions struct {
	SkipBodyValidation bool
	Attributes         bool
}

// Result is a written component.
type Result struct {
	// Warnings tell of what is right but seldom meant, such as an import that a dependency nearly supplies.
	Warnings []*Error
	wasm     pieces.Pieces
}

// Bytes returns a copy of the component.
func (r *Result) Bytes() []byte { return r.wasm.Join() }

// WriteTo implements io.WriterTo. It does not need the memory that a copy takes.
func (r *Result) WriteTo(w io.Writer) (int64, error) { return r.wasm.WriteTo(w) }

// Fuse links a graph and fuses it: the result has one core module with the code of all components, and behaves as what
// [Compose] makes of the graph. When the context is done it returns the context's cause.
func Fuse(ctx context.Context, g Graph, o FuseOptions) (r *Result, err error) {
	defer diag.Settle(ctx, &err)
	l, err := link(ctx, g, linkOptions{o.SkipBodyValidation, o.Attributes})
	if err != nil {
		return nil, adviseLinking(err)
	}
	wasm, err := fuse(ctx, l.take(), o)
	if err != nil {
		return nil, adviseFusing(l.located(err), g, o)
	}
	return &Result{Warnings: l.warnings, wasm: wasm}, nil
}

// Compose links a graph into one ordinary component that contains its components unchanged: what [Fuse] fuses. When the
// context is done it returns the context's cause.
func Compose(ctx context.Context, g Graph, o ComposeOptions) (r *Result, err error) {
	defer diag.Settle(ctx, &err)
	l, err := link(ctx, g, linkOptions{o.SkipBodyValidation, o.Attributes})
	if err != nil {
		return nil, adviseLinking(err)
	}
	r = &Result{Warnings: l.warnings, wasm: pieces.Pieces{g.Root.Bytes}}
	if len(g.Deps) > 0 {
		if r.wasm, err = finish(l.comp.comp); err != nil {
			return nil, adviseComposing(l.located(err))
		}
	}
	return r, nil
}

// CheckComponent refuses a file that is no component, from its first bytes: with what it is instead, and how to make a
// component of it.
func CheckComponent(in Input) error { return in.file(false).Check() }
