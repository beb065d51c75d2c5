// Package fusecore statically fuses WebAssembly components: it links a root component with its dependencies, evaluates
// their instantiation, generates the Canonical ABI's adapters, merges all core modules into one and writes a component
// around it that behaves as the un-fused composition does. ARCHITECTURE.md describes the stages.
//
// All errors are about inputs and are [*Error]s, which say where the problem is and what to do. The same inputs and
// options give the same bytes.
package fusecore

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/adapter"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/builtin"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/handles"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/instantiate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits/check"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/merge"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/pieces"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/wrap"
)

// Error is a located problem with an input: file, component, item, byte offset, what was expected and what to do.
type Error = diag.Error

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
	defer recoverInternal(&err)
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

// fuse makes one core module of a component, and writes a component around it.
func fuse(c *loaded, o Options) (pieces.Pieces, error) {
	g, err := instantiate.Surfaced(c.comp, c.surface)
	if err != nil {
		return nil, err
	}
	unit, err := generate(g, o)
	if err != nil {
		return nil, err
	}
	fused, err := merge.Module(g, unit)
	if err != nil {
		return nil, err
	}
	wrapped, err := wrap.Component(g, fused)
	if err != nil {
		return nil, err
	}
	return finish(wrapped)
}

// generate takes the decisions about a graph and generates all code that they ask for.
func generate(g *plan.Graph, o Options) (*asm.Unit, error) {
	unit := asm.NewUnit()
	if err := plan.Decide(g, unit); err != nil {
		return nil, err
	}
	t := handles.New(unit, g)
	var tables adapter.Handles
	if g.Handles == plan.HandlesTables {
		if err := t.Builtins(); err != nil {
			return nil, err
		}
		for i := range g.Boundary.Resources {
			r := &g.Boundary.Resources[i]
			r.Dtor = t.HostDtor(r.Resource)
		}
		tables = t
	}
	plan.PlainTable(g, unit)
	if err := adapter.Emit(unit, g, tables, adapter.Options{SIMD: !o.NoSIMD}); err != nil {
		return nil, err
	}
	if err := t.Err(); err != nil {
		return nil, err
	}
	return unit, builtin.Emit(unit, g)
}

// ComposePieces is [Compose] with an output in pieces.
func ComposePieces(in Inputs, o Options) (out *InPieces, err error) {
	defer recoverInternal(&err)
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

// finish writes a generated component and validates it meanwhile: an invalid one is a bug of ours, and nobody gets it.
// Nor does anyone get one that engines do not accept.
func finish(c *component.Component) (pieces.Pieces, error) {
	if err := check.Component(c); err != nil {
		return nil, overLimit(err)
	}
	var invalid error
	var wg sync.WaitGroup
	wg.Go(func() {
		defer recoverInternal(&invalid)
		invalid = validate.Component(c)
	})
	wasm, tooLarge := encode.Pieces(c)
	wg.Wait()
	if invalid != nil {
		return nil, fmt.Errorf("internal error: the generated component is invalid, nothing was written: %w", invalid)
	}
	if tooLarge != nil {
		return nil, overLimit(tooLarge)
	}
	return wasm, nil
}

// overLimit completes the error about an output that is over a limit of engines.
func overLimit(err error) error {
	var e *Error
	if errors.As(err, &e) {
		e.Item = strings.TrimSuffix("the output, "+e.Item, ", ")
		e.Hint = diag.HintCompose
	}
	return err
}

// recoverInternal turns a panic, which only a bug of ours can cause, into an error.
func recoverInternal(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("internal error: %v\n%s", p, debug.Stack())
	}
}
