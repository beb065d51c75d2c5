// Package preinit runs the initialisation of a core module, or of a fused component, once, and writes one that begins where
// it has ended:
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
// Of a component that has been fused, the fused module and its holders are first joined to one module, and the outcome is
// divided among them again (component.go).
//
// The state of an instance is its memories, its mutable globals, its tables, and which of its segments have been dropped (core
// specification, "Execution / Runtime Structure"). What the host knows of an instance is not part of it, so the initialisation
// can call no import, except those of WASI preview1 if that is wanted, in an environment that always is the same.
//
// Errors about modules are [*Error]s. The only other errors are an [*InternalError], and the cause of a context that is done.
package preinit

import (
	"cmp"
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
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	corevalidate "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/preview1"
)

// Error is a located problem with a module; see package fusecore.
type Error = diag.Error

// InternalError is an error that is not caused by a module: a bug in this module.
type InternalError = diag.Internal

// Options says what is run. The zero value runs the initialisation that a host would run, and nothing that calls the host.
type Options struct {
	// Init is the exported function, without parameters and results, that runs after the file's own initialisation. If it
	// is empty, that is the first of DefaultInit that the file exports, if any.
	Init string
	// WASI is what calls of WASI preview1 see, or nil if there must be none. A component must have none.
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

// Output is a file that has been initialised.
type Output struct {
	Wasm []byte
	// Ran are the functions that ran, in this order: names of exports, and "start" for the start function.
	Ran []string
	// Pages is the size of all memories, in pages of 64 KiB, and DataBytes what of them is in data segments.
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

// File runs the initialisation of a core module, or of a component with one fused module, and returns the file as it is then.
// name is the file's in messages.
//
// The start function runs, then `_initialize`, or `cm32p2_initialize`, of a core module, and then Options.Init. In the result,
// the first is gone, the others do nothing, and Options.Init is no longer exported, unless it is one of them, or the file is a
// component or carries a world.
func File(ctx context.Context, name string, wasm []byte, o Options) (out *Output, err error) {
	defer diag.Settle(ctx, &err)
	if decode.Sniff(wasm) == decode.ComponentFile {
		out, err = ofComponent(ctx, name, wasm, o)
	} else {
		out, err = ofModule(ctx, wasm, o)
	}
	return out, diag.In(err, name, "", "")
}

// ofModule is File of a core module.
func ofModule(ctx context.Context, wasm []byte, o Options) (*Output, error) {
	m, err := coredecode.ModuleWith(ctx, wasm, 0, coredecode.Options{CustomPageSizes: true})
	if err != nil {
		return nil, err
	}
	if err := corevalidate.Module(ctx, m, corevalidate.All); err != nil {
		return nil, err
	}
	p := &program{Module: m}
	if p.steps, err = plan(m, o); err != nil {
		return nil, err
	}
	out, after, err := p.initialise(ctx, o.WASI)
	if err != nil {
		return nil, err
	}
	out.Wasm, out.DebugDropped = encoded(after, wasm)
	return out, corrupt(valid(ctx, out.Wasm))
}

// program is a module with what its initialisation is. It imports functions only.
type program struct {
	*corewasm.Module
	steps
	// below has active segments that are applied before the module's own.
	below []corewasm.Data
	// imports are the names of the imports in messages, by their position, or nil for the module's own.
	imports []string
}

// initialise runs the initialisation, and returns the module with the state after it.
func (p *program) initialise(ctx context.Context, wasi *WASI) (*Output, *corewasm.Module, error) {
	if err := p.readable(wasi); err != nil {
		return nil, nil, err
	}
	probes, err := instrument(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	state, err := run(ctx, p, probes, wasi)
	if err != nil {
		return nil, nil, err
	}
	out, after := write(p, probes, state)
	return out, after, nil
}

// valid decodes and validates a module.
func valid(ctx context.Context, wasm []byte) error {
	m, err := coredecode.ModuleWith(ctx, wasm, 0, coredecode.Options{CustomPageSizes: true})
	if err != nil {
		return err
	}
	return corevalidate.Module(ctx, m, corevalidate.All)
}

// corrupt returns the error for an output that is not valid, whose error is given, if it is one.
func corrupt(err error) error {
	if err == nil {
		return nil
	}
	return &diag.Internal{Msg: fmt.Sprintf("what has been initialised is not valid: %v", err)}
}

// steps are the functions that run.
type steps struct {
	start bool
	// initialise is the export that hosts call first, init the one that Options name, and post the post-return function of
	// that; "" if there is none.
	initialise, init, post string
	label                  string // what Options call init
	keeps                  bool   // init stays exported
}

// ran lists the functions that run, for people.
func (s *steps) ran() (out []string) {
	if s.start {
		out = append(out, ranStart)
	}
	for _, name := range []string{s.initialise, s.label} {
		if name != "" {
			out = append(out, name)
		}
	}
	return out
}

// exports lists the exports that run.
func (s *steps) exports() (out []string) {
	for _, name := range []string{s.initialise, s.init, s.post} {
		if name != "" {
			out = append(out, name)
		}
	}
	return out
}

// called returns what the user calls an export that runs.
func (s *steps) called(name string) string {
	if name == s.initialise {
		return name
	}
	return s.label
}

// readable returns an error unless the initialisation can run and all state can be read.
func (p *program) readable(wasi *WASI) error {
	globals := p.initialGlobals()
	for i := range p.Elems {
		// wazero instantiates such a module (core specification, "Instantiation").
		if e := &p.Elems[i]; e.Mode == corewasm.SegActive && !p.fits(e, globals) {
			return diag.New(fmt.Sprintf("element segment %d", i), "initialisation traps: the segment is out of bounds of its table")
		}
	}
	// wazero takes equal types of different recursion groups for one, so indirect calls do not trap that must (core specification,
	// "Validation / Types").
	for g := range p.NumGroups() {
		if first, end := p.GroupTypes(g); end-first > 1 {
			return diag.New(fmt.Sprintf("type %d", first), "it is in a recursion group of %d types, which is not supported", end-first).
				WithHint("build the module without the proposal for garbage collection, or do not initialise it beforehand")
		}
	}
	if len(p.Mems) < 2 {
		return nil
	}
	for i := range p.Imports {
		if p.Imports[i].Module == preview1.Module && wasi != nil {
			return diag.New("", "the module has %d memories, and its initialisation may call WASI preview1, which is only supported with one: functions of WASI could reach the others",
				len(p.Mems)).WithHint("fuse the components with a single memory, or initialise without WASI")
		}
	}
	for i, t := range p.Mems {
		what := ""
		switch {
		case t.Limits.Is64:
			what = "has addresses of 64 bits"
		case t.Limits.Shared:
			what = "is shared by threads"
		case t.PageSizeLog2 != pageLog2:
			what = "has pages that are not of 64 KiB"
		default:
			continue
		}
		return diag.New(fmt.Sprintf("memory %d", i), "it %s, which is not supported in a module with several memories", what).
			WithHint("build the components for wasm32 without threads, or do not initialise them beforehand")
	}
	return nil
}

// plan checks that a core module has no state of the host, and decides what runs.
func plan(m *corewasm.Module, o Options) (s steps, err error) {
	for i := range m.Imports {
		if im := &m.Imports[i]; im.Kind != corewasm.ExternFunc {
			return s, diag.New(fmt.Sprintf("import %q %q", im.Module, im.Name), "it is a %s of the host, whose state cannot be known", im.Kind).
				WithHint("a module that can be initialised imports functions only")
		}
	}
	s.start = m.Start != nil
	for i := range m.Customs {
		s.keeps = s.keeps || worldsection.Named(m.Customs[i].Name)
	}
	for _, name := range initialise {
		x := exported(m, name)
		switch {
		case x == nil:
		case s.initialise == "":
			s.initialise = name
		case x.Kind != corewasm.ExternFunc || x.Index != exported(m, s.initialise).Index:
			return s, diag.New("export "+strconv.Quote(name), "it is not the function %q, and hosts call only one of them first", s.initialise).
				WithHint("export one of them, or one function by both names")
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
	s.label = s.init
	for _, name := range s.exports() {
		if err := runnable(m, name); err != nil {
			return s, err
		}
	}
	if len(s.ran()) == 0 {
		return s, nothingToRun(m)
	}
	return s, nil
}

// initialise are the names of the export that hosts call before anything else.
var initialise = []string{coreabi.WITNames.Initialize, coreabi.CM32P2.Initialize}

func isInitialise(name string) bool { return slices.Contains(initialise, name) }

// fits reports whether an active element segment is within its table. globals are the values of the module's globals, which are
// all that the offset can depend on.
func (p *program) fits(e *corewasm.Elem, globals []corewasm.Expr) bool {
	offset, ok := constexpr.Number(evaluated(e.Offset, globals))
	return ok && offset+uint64(e.Len()) <= p.Tables[e.Table].Type.Limits.Min
}

// initialGlobals returns the initial values of globals of integer types, in this order. Each reads earlier ones only.
func (p *program) initialGlobals() []corewasm.Expr {
	out := make([]corewasm.Expr, 0, p.NumGlobals())
	for i := range p.NumGlobals() {
		out = append(out, evaluated(p.GlobalAt(i).Init, out))
	}
	return out
}

// evaluated returns the value of a constant expression of integers.
func evaluated(x corewasm.Expr, globals []corewasm.Expr) corewasm.Expr {
	if !constexpr.ReadsGlobal(x) {
		return constexpr.Fold(x)
	}
	var out []byte
	from := 0
	for r := op.NewReader(x.Bytes, x.Offset); r.Next(); from = r.Pos {
		if r.In.Op != op.GlobalGet {
			out = append(out, x.Bytes[from:r.Pos]...)
			continue
		}
		value := globals[r.In.Index].Bytes
		out = append(out, value[:len(value)-1]...) // without the end
	}
	return constexpr.Fold(corewasm.Expr{Bytes: out, Offset: -1})
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
		return diag.New(item, "the module has no such export").WithHint("it exports %s", cmp.Or(diag.List(functions(m)), noFunctions))
	case x.Kind != corewasm.ExternFunc:
		return diag.New(item, "it is a %s, and only a function can run", x.Kind)
	}
	if t := m.FuncTypeOf(x.Index); len(t.Params)+len(t.Results) > 0 {
		return diag.New(item, "the function that initialises a module has no parameters and no result; this one is %s", t)
	}
	return nil
}

// noFunctions is what messages list in place of no functions.
const noFunctions = "none without parameters and result"

// functions returns the names of exported functions that can run.
func functions(m *corewasm.Module) (out []string) {
	for i := range m.Exports {
		if x := &m.Exports[i]; x.Kind == corewasm.ExternFunc && runnable(m, x.Name) == nil {
			out = append(out, strconv.Quote(x.Name))
		}
	}
	return out
}
