// This file implements the second step: the initialisation runs in wazero, and the state after it is read.

package preinit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental/table"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/engine/internal/core"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/preview1"
)

// snapshot is the state of an instance.
type snapshot struct {
	memories [][]byte // by index
	// globals has the value of each mutable global, as a constant expression, by index.
	globals map[uint32]corewasm.Expr
	// tables has the content of the tables that code can change, by index.
	tables map[uint32][]entry
	// droppedData and droppedElems are the passive segments that have been dropped.
	droppedData, droppedElems map[uint32]bool
}

// entry is an element of a table: a function, or null.
type entry struct {
	null bool
	fn   uint32 // index
}

// called is the panic of an imported function.
type called struct{ module, item string }

func (c *called) Error() string { return "it calls the " + c.item }

// run runs the initialisation of a program, and returns its state.
func run(ctx context.Context, prog *program, p *probes, wasi *WASI) (*snapshot, error) {
	m := prog.Module
	config := wazero.NewRuntimeConfig().WithCloseOnContextDone(true).WithCoreFeatures(core.Features).WithMemoryLimitPages(maxPages)
	rt := wazero.NewRuntimeWithConfig(ctx, config)
	defer rt.Close(context.WithoutCancel(ctx))
	compiled, err := rt.CompileModule(ctx, p.wasm)
	if err != nil {
		return nil, core.CompileError(err)
	}
	if err := link(ctx, rt, prog, wasi); err != nil {
		return nil, err
	}
	// Without further settings, the clocks and the random numbers of wazero always are the same.
	settings := wazero.NewModuleConfig().WithName("").WithStartFunctions()
	if wasi != nil {
		settings = settings.WithArgs(wasi.Args...)
		for _, kv := range wasi.Env {
			settings = settings.WithEnv(kv[0], kv[1])
		}
		if wasi.Stdout != nil {
			settings = settings.WithStdout(wasi.Stdout)
		}
		if wasi.Stderr != nil {
			settings = settings.WithStderr(wasi.Stderr)
		}
	}
	mod, err := rt.InstantiateModule(ctx, compiled, settings)
	if err != nil {
		return nil, failure(ctx, m, "", compiled.Name(), err)
	}
	if prog.start {
		if _, err := mod.ExportedFunction(p.prefix + "start").Call(ctx); err != nil {
			return nil, failure(ctx, m, "start function", compiled.Name(), err)
		}
	}
	for _, name := range prog.exports() {
		if _, err := mod.ExportedFunction(name).Call(ctx); err != nil {
			return nil, failure(ctx, m, "export "+strconv.Quote(prog.called(name)), compiled.Name(), err)
		}
	}
	return (&reader{ctx, m, p, mod}).snapshot()
}

// link defines the functions that the module imports. Those that are not of WASI end the initialisation.
func link(ctx context.Context, rt wazero.Runtime, m *program, wasi *WASI) error {
	builders, done := map[string]wazero.HostModuleBuilder{}, map[[2]string]bool{}
	var order []string
	for i := range m.Imports {
		im := &m.Imports[i]
		if wasi != nil && im.Module == preview1.Module || done[[2]string{im.Module, im.Name}] {
			continue
		}
		done[[2]string{im.Module, im.Name}] = true
		if builders[im.Module] == nil {
			builders[im.Module] = rt.NewHostModuleBuilder(im.Module)
			order = append(order, im.Module)
		}
		t := m.SubTypeAt(im.Func).Func
		name := fmt.Sprintf("import %q %q", im.Module, im.Name)
		if m.imports != nil {
			name = m.imports[i]
		}
		stub := api.GoModuleFunc(func(context.Context, api.Module, []uint64) { panic(&called{im.Module, name}) })
		builders[im.Module].NewFunctionBuilder().WithGoModuleFunction(stub, valueTypes(t.Params), valueTypes(t.Results)).Export(im.Name)
	}
	for _, name := range order {
		if _, err := builders[name].Instantiate(ctx); err != nil {
			return diag.In(err, "", "", "import "+strconv.Quote(name))
		}
	}
	if wasi != nil {
		if _, err := wasi_snapshot_preview1.Instantiate(ctx, rt); err != nil {
			return diag.In(err, "", "", "import "+strconv.Quote(preview1.Module))
		}
	}
	return nil
}

// valueTypes returns wazero's form of types. It has no references but those to functions and to objects of the host.
func valueTypes(types []corewasm.ValType) (out []api.ValueType) {
	for _, t := range types {
		switch {
		case !t.IsRef():
			out = append(out, t.Code)
		case t.Heap == corewasm.HeapExtern:
			out = append(out, api.ValueTypeExternref)
		default:
			out = append(out, valueTypeFuncref)
		}
	}
	return out
}

// valueTypeFuncref is wazero's code of a reference to a function, which package api does not name.
const valueTypeFuncref api.ValueType = 0x70

// maxFrames is the number of functions that the message of a trap lists.
const maxFrames = 10

// failure returns the error of a part of the initialisation.
func failure(ctx context.Context, m *corewasm.Module, item, module string, err error) error {
	var c *called
	var exit *sys.ExitError
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &c):
		hint := "what the host answers cannot be part of the module; initialise without this call"
		if c.module == preview1.Module {
			hint = "allow functions of WASI with --wasi, or the attribute wasi = True"
		}
		return diag.New(item, "%s, while it initialises the module", c.Error()).WithHint("%s", hint)
	case errors.As(err, &exit):
		return diag.New(item, "it ends the program with exit status %d, instead of initialising the module", exit.ExitCode())
	}
	msg, frames := core.Trap(err, module)
	if len(frames) > 0 {
		msg += " in " + strings.Join(frames[:min(len(frames), maxFrames)], ", called by ")
	}
	out := diag.New(item, "initialisation traps: %s", msg)
	if exported(m, startFunction) != nil {
		return out.WithHint("the module is a command; if it is a fused one, only %s can be called first: initialise the component that it was made of, and fuse that", startFunction)
	}
	return out
}

// reader reads the state of an instance.
type reader struct {
	ctx context.Context
	m   *corewasm.Module
	p   *probes
	mod api.Module
}

func (r *reader) snapshot() (*snapshot, error) {
	s := &snapshot{globals: map[uint32]corewasm.Expr{}, tables: map[uint32][]entry{}, droppedData: r.dropped("data", r.p.data), droppedElems: r.dropped("elem", r.p.elems)}
	s.memories = r.memories()
	for i := range r.m.NumGlobals() {
		g := r.m.GlobalAt(i)
		if !g.Type.Mutable {
			continue
		}
		v, err := r.global(uint32(i), g.Type.Type)
		if err != nil {
			return nil, err
		}
		s.globals[uint32(i)] = v
	}
	for t := range r.m.Tables {
		if !r.p.uses.tables[t] {
			continue
		}
		var err error
		if s.tables[uint32(t)], err = r.table(uint32(t)); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// memories returns the content of the memories.
func (r *reader) memories() (out [][]byte) {
	mem := r.mod.ExportedMemory(r.p.prefix + "memory")
	if mem == nil {
		return nil
	}
	if !r.p.several {
		all, _ := mem.Read(0, mem.Size())
		return append(out, all)
	}
	for i := range r.m.Mems {
		b := make([]byte, 0, r.call("pages", uint32(i))<<pageLog2)
		for page := 0; len(b) < cap(b); page++ {
			r.call("page", uint32(i), uint64(page))
			content, _ := mem.Read(0, pageSize)
			b = append(b, content...)
		}
		out = append(out, b)
	}
	return out
}

// pageSize is the size of a page of memory, in bytes.
const (
	pageLog2 = 16
	pageSize = 1 << pageLog2
)

// maxPages is the size of the largest memory that can be initialised: wazero gives sizes in bytes, of 32 bits.
const maxPages = math.MaxUint32 / pageSize

// dropped returns which of some segments have been dropped.
func (r *reader) dropped(name string, segments []uint32) map[uint32]bool {
	out := map[uint32]bool{}
	for _, i := range segments {
		out[i] = r.mod.ExportedGlobal(r.p.prefix+numbered(name, i)).Get() != 0
	}
	return out
}

// call calls a probe of an item, which cannot trap.
func (r *reader) call(name string, index uint32, args ...uint64) uint64 {
	out, err := r.mod.ExportedFunction(r.p.prefix+numbered(name, index)).Call(r.ctx, args...)
	if err != nil {
		panic(err)
	}
	if len(out) == 0 {
		return 0
	}
	return out[0]
}

// global returns the value of a mutable global.
func (r *reader) global(index uint32, t corewasm.ValType) (corewasm.Expr, error) {
	if t.IsRef() {
		return r.reference(index, t)
	}
	if t.Code == corewasm.CodeV128 {
		var v [16]byte
		for i, name := range halves {
			putU64(v[8*i:], r.call(name, index))
		}
		return encode.V128Const(v), nil
	}
	bits := r.mod.ExportedGlobal(r.p.prefix + numbered("global", index)).Get()
	switch t.Code {
	case corewasm.CodeI32:
		return encode.I32Const(int32(bits)), nil
	case corewasm.CodeI64:
		return encode.I64Const(int64(bits)), nil
	case corewasm.CodeF32:
		return f32Bits(uint32(bits)), nil
	default:
		return f64Bits(bits), nil
	}
}

// reference returns the value of a mutable global of a reference type.
func (r *reader) reference(index uint32, t corewasm.ValType) (corewasm.Expr, error) {
	if r.call("null", index) != 0 {
		return encode.RefNull(t.Heap), nil
	}
	item := "global " + strconv.FormatUint(uint64(index), 10)
	if !isFunc(r.m, t) {
		return corewasm.Expr{}, diag.New(item, "after the initialisation it refers to an object of the host, which the module cannot have from the start")
	}
	r.call("load", index)
	f, err := r.function(r.p.spare, 0)
	return refFunc(f), diag.In(err, "", "", item)
}

// table returns the content of a table.
func (r *reader) table(t uint32) ([]entry, error) {
	out := make([]entry, r.call("size", t))
	for i := range out {
		if out[i].null = r.call("empty", t, uint64(i)) != 0; out[i].null {
			continue
		}
		item := fmt.Sprintf("table %d, element %d", t, i)
		elem := r.m.Tables[t].Type.Elem
		if !isFunc(r.m, elem) {
			return nil, diag.New(item, "after the initialisation it refers to an object of the host, which the module cannot have from the start")
		}
		in, at := t, uint32(i)
		if elem != corewasm.FuncRef { // wazero finds functions in tables of any functions only
			r.call("take", t, uint64(i))
			in, at = r.p.spare, 0
		}
		var err error
		if out[i].fn, err = r.function(in, at); err != nil {
			return nil, diag.In(err, "", "", item)
		}
	}
	return out, nil
}

// function returns the index of the function in an element of a table, which is not null. Its type is found by trying.
func (r *reader) function(t, element uint32) (uint32, error) {
	for i := range r.m.NumTypes() {
		st := r.m.SubTypeAt(uint32(i))
		if st.Kind != corewasm.CompFunc {
			continue
		}
		if f := lookup(r.mod, t, element, &st.Func); f != nil {
			return r.p.original(f.Definition().Index()), nil
		}
	}
	return 0, diag.New("", "after the initialisation it refers to a function with references to other functions as parameters or results, which is not supported")
}

// otherType is the panic by which wazero reports that a function has another type.
const otherType = "indirect call type mismatch"

// lookup returns the function in an element of a table if it has a type, else nil.
func lookup(mod api.Module, t, element uint32, ft *corewasm.FuncType) (f api.Function) {
	defer func() {
		if p := recover(); p != nil && fmt.Sprint(p) != otherType {
			panic(p)
		}
	}()
	return table.LookupFunction(mod, t, element, valueTypes(ft.Params), valueTypes(ft.Results))
}
