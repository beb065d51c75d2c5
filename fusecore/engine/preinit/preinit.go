// Package preinit runs the initialisation of a core module once, and writes a module that begins where it has ended:
//
//	(module                                        (module
//	  (memory 1)                                     (memory 3)                 ;; it has grown
//	  (global $heap (mut i32) (i32.const 1024))      (global $heap (mut i32) (i32.const 140264))
//	  (data (i32.const 1024) "names...")             (data (i32.const 1024) "names...\05\00...table")
//	  (func $init ...)                               (func $init ...)
//	  (func (export "_initialize") ...)              (func (export "_initialize"))
//	  (func (export "lookup") ...))                  (func (export "lookup") ...))
//
// The work is in steps, each of which is a file:
//
//	instrument   a module with exports by which its state can be read
//	run          its initialisation in wazero, and the state after it: a snapshot
//	write        the module with the snapshot as its initial state
//
// The state of an instance is its memory, its mutable globals, its tables, and which of its segments have been dropped (core
// specification, "Execution / Runtime Structure"). What the host knows of an instance is not part of it, so the initialisation
// can call no import, except those of WASI preview1 if that is wanted, in an environment that always is the same.
//
// Errors about modules are [*Error]s. The only other errors are an [*InternalError], and the cause of a context that is done.
package preinit

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi/worldsection"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/constexpr"
	coredecode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	corevalidate "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// Error is a located problem with a module; see package fusecore.
type Error = diag.Error

// InternalError is an error that is not caused by a module: a bug in this module.
type InternalError = diag.Internal

// Options says what is run. The zero value runs the initialisation that a host would run, and nothing that calls the host.
type Options struct {
	// Init is the exported function, without parameters and results, that runs after the module's own initialisation. If it
	// is empty, that is the first of DefaultInit that the module exports, if any.
	Init string
	// WASI is what calls of WASI preview1 see, or nil if there must be none.
	WASI *WASI
}

// DefaultInit are the names by which modules export the function that a pre-initialiser runs; those of wizer.
var DefaultInit = []string{"wizer-initialize", "wizer.initialize"}

// WASI is an environment without files, network and standard input. Its clocks always show the same times, and its random numbers
// always are the same, so what is derived from them is not secret.
type WASI struct {
	Args           []string // the first one is the program's name
	Env            [][2]string
	Stdout, Stderr io.Writer // nil: output is dropped
}

// Output is a module that has been initialised.
type Output struct {
	Wasm []byte
	// Ran are the functions that ran, in this order: names of exports, and "start" for the start function.
	Ran []string
	// Pages is the size of the memory, in pages of 64 KiB, and DataBytes what of it is in data segments.
	Pages     uint64
	DataBytes int
	// DebugDropped reports that debug information has been left out, because writing the module has moved its code.
	DebugDropped bool
}

// Names of exports that hosts call.
const (
	startFunction = "_start"
	ranStart      = "start"
)

// Module runs the initialisation of a core module, and returns the module as it is then. name is the file's in messages.
//
// The start function runs, then `_initialize`, or `cm32p2_initialize`, and then Options.Init. In the result, the first is gone,
// the others do nothing, and Options.Init is no longer exported, unless it is one of them, or the module carries a world that has it.
func Module(ctx context.Context, name string, wasm []byte, o Options) (out *Output, err error) {
	defer diag.Settle(ctx, &err)
	m, err := decoded(ctx, wasm)
	if err != nil {
		return nil, diag.In(err, name, "", "")
	}
	p, err := plan(m, o)
	if err != nil {
		return nil, diag.In(err, name, "", "")
	}
	probes, err := instrument(m)
	if err != nil {
		return nil, diag.In(err, name, "", "")
	}
	state, err := run(ctx, m, probes, p, o.WASI)
	if err != nil {
		return nil, diag.In(err, name, "", "")
	}
	out = write(wasm, m, probes, state, p)
	if _, err := decoded(ctx, out.Wasm); err != nil {
		return nil, &diag.Internal{Msg: fmt.Sprintf("the initialised module is not valid: %v", err)}
	}
	return out, nil
}

// decoded decodes and validates a module.
func decoded(ctx context.Context, wasm []byte) (*corewasm.Module, error) {
	if decode.Sniff(wasm) == decode.ComponentFile {
		return nil, diag.New("", "this is a component, and only a core module can be initialised").
			WithHint("make one of it: `wasmfuse fuse --emit=module --memory=single`, or the attributes emit = \"module\" and memory = \"single\"")
	}
	m, err := coredecode.ModuleWith(ctx, wasm, 0, coredecode.Options{CustomPageSizes: true})
	if err != nil {
		return nil, err
	}
	return m, corevalidate.Module(ctx, m, corevalidate.All)
}

// steps are the functions that run.
type steps struct {
	start      bool
	initialise string // the export that hosts call first, or ""
	init       string // Options.Init, or ""
	world      bool   // the module carries a world
}

// ran lists the functions that run, for people.
func (s *steps) ran() (out []string) {
	if s.start {
		out = append(out, ranStart)
	}
	return append(out, s.exports()...)
}

// exports lists the exports that run.
func (s *steps) exports() (out []string) {
	for _, name := range []string{s.initialise, s.init} {
		if name != "" {
			out = append(out, name)
		}
	}
	return out
}

// plan checks that the module's state can be known, and decides what runs.
func plan(m *corewasm.Module, o Options) (*steps, error) {
	for i := range m.Imports {
		if im := &m.Imports[i]; im.Kind != corewasm.ExternFunc {
			return nil, diag.New(fmt.Sprintf("import %q %q", im.Module, im.Name), "it is a %s of the host, whose state cannot be known", im.Kind).
				WithHint("a module that can be initialised imports functions only")
		}
	}
	for i := range m.Elems {
		// wazero instantiates such a module (core specification, "Instantiation").
		if e := &m.Elems[i]; e.Mode == corewasm.SegActive && !fits(e, &m.Tables[e.Table]) {
			return nil, diag.New(fmt.Sprintf("element segment %d", i), "initialisation traps: the segment is out of bounds of its table")
		}
	}
	s := &steps{start: m.Start != nil}
	for i := range m.Customs {
		s.world = s.world || worldsection.Named(m.Customs[i].Name)
	}
	for _, name := range initialise {
		if x := exported(m, name); x != nil && s.initialise == "" {
			s.initialise = name
		}
	}
	for _, name := range DefaultInit {
		if o.Init == "" && s.init == "" && exported(m, name) != nil {
			s.init = name
		}
	}
	if o.Init != s.initialise && o.Init != "" {
		s.init = o.Init
	}
	for _, name := range s.exports() {
		if err := runnable(m, name); err != nil {
			return nil, err
		}
	}
	if len(s.ran()) == 0 {
		return nil, nothingToRun(m)
	}
	return s, nil
}

// initialise are the names of the export that hosts call before anything else.
var initialise = []string{coreabi.WITNames.Initialize, coreabi.CM32P2.Initialize}

func isInitialise(name string) bool { return slices.Contains(initialise, name) }

// fits reports whether an active element segment is within its table, as far as the offset is known.
func fits(e *corewasm.Elem, t *corewasm.Table) bool {
	offset, ok := constexpr.Number(constexpr.Fold(e.Offset))
	return !ok || offset+uint64(e.Len()) <= t.Type.Limits.Min
}

// nothingToRun returns the error of a module without an initialisation.
func nothingToRun(m *corewasm.Module) error {
	err := diag.New("", "there is no initialisation to run: the module has no start function, and exports neither %s nor %s", coreabi.WITNames.Initialize, DefaultInit[0])
	if exported(m, startFunction) != nil {
		return err.WithHint("it is a command, which %s initialises and runs; name another export that initialises it", startFunction)
	}
	return err.WithHint("name the export that initialises it")
}

// exported returns an export, or nil.
func exported(m *corewasm.Module, name string) *corewasm.Export {
	for i := range m.Exports {
		if m.Exports[i].Name == name {
			return &m.Exports[i]
		}
	}
	return nil
}

// runnable returns an error unless an export is a function without parameters and results.
func runnable(m *corewasm.Module, name string) error {
	item := "export " + strconv.Quote(name)
	x := exported(m, name)
	switch {
	case x == nil:
		return diag.New(item, "the module has no such export").WithHint("it exports %s", diag.List(functions(m)))
	case x.Kind != corewasm.ExternFunc:
		return diag.New(item, "it is a %s, and only a function can run", x.Kind)
	}
	if t := m.FuncTypeOf(x.Index); len(t.Params)+len(t.Results) > 0 {
		return diag.New(item, "the function that initialises a module has no parameters and no result; this one is %s", t)
	}
	return nil
}

// functions returns the names of exported functions that can run.
func functions(m *corewasm.Module) (out []string) {
	for i := range m.Exports {
		if x := &m.Exports[i]; x.Kind == corewasm.ExternFunc && runnable(m, x.Name) == nil {
			out = append(out, strconv.Quote(x.Name))
		}
	}
	return out
}
