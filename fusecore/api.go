package fusecore

// This file is the API; input.go and fuse.go implement the pipeline behind it.

import (
	"cmp"
	"context"
	"io"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/input"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/partition"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/pieces"
)

// Error is a problem at a position in an input: file, component, item, byte offset, what was expected and how to fix
// it.
type Error = diag.Error

// Mismatch is a message about what was expected, and what there was in its place, in the chain of an error.
type Mismatch = diag.Mismatch

// InternalError is an error that is not caused by an input: a bug in this module. Nothing is written then.
type InternalError = diag.Internal

// Graph is a graph of components to link: a root, whose exports become the result's, and dependencies, whose exports
// satisfy imports of the root and of each other. Imports and exports are matched by name and version; plugs and
// supplies express what names cannot. Unsatisfied imports remain imports of the result.
type Graph struct {
	Root     Input
	Deps     []Input // instantiated in this order, as far as imports allow
	Plugs    []Plug
	Supplies []Supply // in any order
	// Document, if not nil, says how the components are composed, in place of names, plugs and supplies. Root and Deps are
	// then the packages that it can name, in any order, and Root may be empty.
	Document *Document
}

// Document is a WAC document: which components are instantiated, with which arguments, and what is exported.
type Document struct {
	Name string // in messages
	Text []byte
}

// Input is one component file.
type Input struct {
	Name  string // the file, or a given name: used by plugs and supplies, and for its instance in the output
	Label string // name in messages; Name if empty
	File  string // name on a command line, for advice; Name if empty
	Bytes []byte // the result may alias them, so they must not be changed
	// Packages are the names by which a document names the input: ns:name, or ns:name@version. Without any, ns:name is the
	// input whose File is name.wasm.
	Packages []string
	// Private reports whether a dependency serves only the components that Graph.Supplies names it for, and is omitted
	// if none of them needs it.
	Private bool
}

func (in *Input) label() string { return cmp.Or(in.Label, in.Name) }

func (in *Input) file(attributes bool, modules *input.Modules) *input.File {
	return &input.File{Name: in.label(), Command: cmp.Or(in.File, in.Name), Bytes: in.Bytes, Attributes: attributes, Modules: modules}
}

// Plug chooses the supplier of an import: Provider's export Export supplies Importer's import Import. Importer and
// Provider are input names, their base names, or their base names without extension. Export defaults to the name of
// Import.
type Plug struct {
	Importer string `json:"importer"`
	Import   string `json:"import"`
	Provider string `json:"provider"`
	Export   string `json:"export"`
}

// Supply makes Provider a preferred supplier: Importer's imports are first matched with the exports of its preferred
// suppliers, then with those of all dependencies that are not private. Names are as in Plug.
type Supply struct {
	Importer string `json:"importer"`
	Provider string `json:"provider"`
}

// Features is a set of WebAssembly features that generated code may use. Zero means [DefaultFeatures].
type Features uint8

const (
	// Baseline is supported by every engine that runs components: the instructions of WebAssembly 2.0 except vectors.
	Baseline Features = 1 << iota
	// SIMD is fixed-width vector instructions, which make transcoding of strings faster.
	SIMD

	DefaultFeatures = Baseline | SIMD
)

// Emit is a form of output.
type Emit uint8

const (
	// EmitComponent is a component around the core module.
	EmitComponent Emit = iota
	// EmitModule is a bare core module, for engines without support for components. MODULE.md describes its imports and
	// exports.
	EmitModule
)

// MemoryMode is where the memories of components are.
type MemoryMode uint8

const (
	// MultiMemory keeps them: the output has several memories, like the composition.
	MultiMemory MemoryMode = iota
	// SingleMemory gives each a part of one memory, which no other component can access.
	SingleMemory
)

// ABI is the names of a bare module's imports and exports.
type ABI uint8

const (
	// WITNames are those that `wasm-tools component new` reads.
	WITNames ABI = iota
	// CM32P2 are those of the component model's BuildTargets.md.
	CM32P2
)

// WASI is how imports of WASI 0.2 are supplied.
type WASI uint8

const (
	// ImportWASI leaves them to the host.
	ImportWASI WASI = iota
	// Preview1 supplies them by an implementation that imports wasi_snapshot_preview1. It requires EmitModule.
	Preview1
)

// Optimize is what the output is optimised for. Every level behaves the same.
type Optimize uint8

const (
	// OptimizeSpeed makes calls between components fast, as far as the output does not grow by more than a small part.
	OptimizeSpeed Optimize = iota
	// OptimizeSize makes the output small.
	OptimizeSize
	// OptimizeNone leaves the merged code as it is, except for what NoShake concerns.
	OptimizeNone
)

// Strip is what is left out of the output that has no effect on its behaviour.
type Strip uint8

const (
	// StripNothing keeps names.
	StripNothing Strip = iota
	// StripNames leaves out name sections: the names of functions, modules and components.
	StripNames
	// StripAll leaves out all custom sections, but those that a bare module's world is in.
	StripAll
)

// DWARF is what becomes of the debug information of the inputs, their custom sections .debug_*.
type DWARF uint8

const (
	// StripDWARF leaves it out, except of components that stay as they are.
	StripDWARF DWARF = iota
	// KeepDWARF makes debug information of the output of it.
	KeepDWARF
)

// FuseOptions are the options of [Fuse]. The zero value is the default.
type FuseOptions struct {
	Features Features
	Emit     Emit
	Memory   MemoryMode
	// Reserve is the size in bytes of the part of a single memory that a component's memory may grow to, if it is not the
	// last one. Zero lets memories grow without such a limit, and moves others instead.
	Reserve uint64
	ABI     ABI
	WASI    WASI
	// Leave lists the interfaces that stay imported although WASI could supply them, such as "wasi:cli/environment" or
	// "wasi:sockets/*". A version is optional.
	Leave []string
	// NoNetwork lets WASI also supply wasi:sockets, as on a host without a network: sockets cannot be created.
	NoNetwork bool
	// Imports lists what the result may import from the host: "ns:pkg" (all of a package), "ns:pkg/iface" or a plain name,
	// with "*" for any characters but "/", and with a version or compatibility track after "@", or for all versions. Nil
	// allows everything. It is an error if anything else is left over, except interfaces of value types only.
	Imports []string
	// SkipBodyValidation skips the validation of function bodies, for trusted inputs. Everything else is always
	// validated.
	SkipBodyValidation bool
	Optimize           Optimize
	// NoShake keeps the functions, tables and the like of components that nothing can reach.
	NoShake bool
	Strip   Strip
	// DWARF is what becomes of debug information, where Strip does not leave out all custom sections.
	DWARF DWARF
	// Version is that of the program, for the sections that name it; empty if unknown.
	Version string
	// Provenance adds a custom section with the [Provenance] to the output, also where Strip leaves out all others.
	Provenance bool
	// Details asks for the parts of the report that take time to find out.
	Details bool
	// Attributes makes messages name attributes of Bazel's rules instead of command-line flags.
	Attributes bool
	// OneModule makes it an error if not all components become one core module.
	OneModule bool
	// Progress, if set, is called whenever another stage of the work begins, with a word for it: validating, linking, fusing,
	// optimising or writing. Stages are left out if there is nothing to do, and come again if work begins again or there are
	// several modules. Calls are not concurrent; the work waits for them.
	Progress func(stage string)

	stage  progress                                         // Progress, or nil
	seen   *observer                                        // of what becomes the report
	divide func(*graph.Graph) (*partition.Partition, error) // for tests
	keep   []string                                         // for tests: paths of instances to keep
}

// ComposeOptions are the options of [Compose]. The zero value is the default; fields are as in [FuseOptions].
type ComposeOptions struct {
	Imports            []string
	SkipBodyValidation bool
	Attributes         bool
	Progress           func(stage string)
}

// Result is a written component or module.
type Result struct {
	// Warnings are about graphs that are valid but rarely intended, such as an import that a dependency almost
	// satisfies.
	Warnings []*Error
	Report   *Report // what was fused, or nil if nothing was to be
	wasm     pieces.Pieces
}

// Bytes returns a copy of the output.
func (r *Result) Bytes() []byte { return r.wasm.Join() }

// WriteTo implements io.WriterTo. Unlike Bytes, it makes no copy.
func (r *Result) WriteTo(w io.Writer) (int64, error) { return r.wasm.WriteTo(w) }

// Fuse links a graph and fuses it. The result behaves like the result of [Compose]. It has one core module with the code
// of all components, or more where a merge could be observed, and leaves components as they are that cannot be fused;
// [Result.Report] says which and why. If the context is done, Fuse returns the context's cause.
func Fuse(ctx context.Context, g Graph, o FuseOptions) (r *Result, err error) {
	defer diag.Settle(ctx, &err)
	if r, err = fuse(ctx, g, o); err == nil {
		err = o.check(r.Report)
	}
	if err == nil && o.Provenance {
		err = r.record(NewProvenance(g, o))
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Compose links a graph into one ordinary component that contains its components unchanged; [Fuse] fuses that
// component. If the context is done, Compose returns the context's cause.
func Compose(ctx context.Context, g Graph, o ComposeOptions) (r *Result, err error) {
	defer diag.Settle(ctx, &err)
	return composed(ctx, g, linkOptions{skipBodies: o.SkipBodyValidation, attributes: o.Attributes, imports: o.Imports, progress: changes(o.Progress)})
}

// CheckComponent returns an error if a file is not a component, judging by its first bytes. The error says what it is
// instead, and which of Bazel's rules makes a component of it.
func CheckComponent(in Input) error { return in.file(true, nil).Check() }
