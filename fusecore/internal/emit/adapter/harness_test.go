package adapter

import (
	"fmt"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/asmtest"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// Core instances and function indices of the graphs that bench builds.
const (
	callerCore plan.CoreID = iota
	calleeCore
)
const (
	fnTarget uint32 = iota
	fnRealloc
	fnPost
)

func guestFunc(c plan.CoreID, fn uint32) plan.CoreRef {
	return plan.CoreRef{Kind: plan.RefDef, Sort: corewasm.ExternFunc, Core: c, Index: fn}
}

// callSpec describes one call between two guests, or a guest and the host, by its options.
type callSpec struct {
	ft               *ctypes.Func
	ptr64            [2]bool // caller, callee
	enc              [2]cabi.Encoding
	post             bool
	gate             plan.Gate
	hostCaller, host bool // the caller or the callee is the host
	context          bool // both instances use context slots
	pages            uint32
	budget           int // of outlining
	staged           bool
	handles          Handles
	// prepare, if set, changes the plan before code is generated; it can add functions of its own to the unit.
	prepare func(u *asm.Unit, g *plan.Graph)
}

// graph builds the plan of one call. Memory 0 of either core instance is the side's memory.
func (s *callSpec) graph() *plan.Graph {
	g := &plan.Graph{
		Insts: []plan.CompInst{{Parent: plan.Host, Path: "root"}, {Path: "a"}, {Path: "b"}},
		Funcs: []plan.Func{{Type: s.ft, Name: "f"}},
	}
	c := plan.Call{Name: "f", Class: plan.ClassCopy, Gate: s.gate, Target: guestFunc(calleeCore, fnTarget), Export: -1, Lower: -1}
	for i, side := range []*plan.Side{&c.Caller, &c.Callee} {
		mem := corewasm.MemType{Limits: corewasm.Limits{Min: uint64(s.pages), Is64: s.ptr64[i]}, PageSizeLog2: 16}
		m := &corewasm.Module{Mems: []corewasm.MemType{mem}}
		m.Index()
		core := plan.CoreID(i)
		g.Cores = append(g.Cores, plan.CoreInst{Owner: plan.InstID(i + 1), Module: m})
		*side = plan.Side{Inst: plan.InstID(i + 1), Opts: plan.Options{
			Memory:   plan.CoreRef{Kind: plan.RefDef, Sort: corewasm.ExternMem, Core: core},
			Realloc:  guestFunc(core, fnRealloc),
			Encoding: s.enc[i],
			Ptr64:    s.ptr64[i],
		}}
		if s.context {
			for slot := range uint32(2) {
				g.Builtins = append(g.Builtins, plan.Builtin{Op: component.CanonContextGet, Inst: plan.InstID(i + 1), Slot: slot, ValType: corewasm.I32})
			}
		}
	}
	if s.post {
		c.Callee.Opts.PostReturn = guestFunc(calleeCore, fnPost)
	}
	if s.hostCaller {
		c.Caller.Inst, c.Export = plan.Host, 0
	}
	if s.host {
		c.Callee.Inst, c.Lower, c.Target = plan.Host, 0, plan.CoreRef{}
	}
	g.Calls = []plan.Call{c}
	return g
}

// targetType is the core type of the function that the adapter calls.
func (s *callSpec) targetType() corewasm.FuncType {
	o := cabi.Options{Ptr64: s.ptr64[1]}
	if s.host {
		return cabi.New().Lowered(s.ft, o)
	}
	return cabi.New().Lifted(s.ft, o)
}

// bench is an adapter linked with its guests: the guests' functions are Go functions.
type bench struct {
	t  testing.TB
	in *wasmtime.CoreInstance
	// Behaviour of the guests, set before each call; side is 0 for the caller, 1 for the callee.
	realloc func(side int, old, oldSize, align, size uint64) uint64
	target  func(args []uint64) []uint64
	post    func(args []uint64)
}

func (b *bench) memory(side int) []byte {
	m, err := b.in.Memory(fmt.Sprint("memory ", side))
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

func (b *bench) global(name string) uint64 {
	v, err := b.in.Global(name)
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

func (b *bench) call(args ...uint64) ([]uint64, error) { return b.in.Call("adapter", args...) }

// newBench emits the adapter of a call and links it.
func newBench(t testing.TB, e *wasmtime.Engine, s *callSpec) *bench {
	t.Helper()
	u := asm.NewUnit()
	g := s.graph()
	if s.prepare != nil {
		s.prepare(u, g)
	}
	if s.staged {
		o := &plan.Options{}
		o.Memory, o.Realloc, o.Top = plan.BoundaryMemory(u)
		g.Calls[0].Stage = o
	}
	if err := emit(u, g, s.handles, Options{SIMD: true}, s.budget); err != nil {
		t.Fatal(err)
	}
	wasm := link(u, g, s)
	b := &bench{t: t}
	imports := map[string]wasmtime.CoreFunc{
		"1#target": func(a []uint64) ([]uint64, error) { return b.target(a), nil },
		"1#post":   func(a []uint64) ([]uint64, error) { b.post(a); return nil, nil },
	}
	for side := range 2 {
		imports[fmt.Sprintf("%d#realloc", side)] = func(a []uint64) ([]uint64, error) {
			return []uint64{b.realloc(side, a[0], a[1], a[2], a[3])}, nil
		}
	}
	in, err := e.LoadCore(wasm, imports)
	if err != nil {
		t.Fatalf("%v: %v", s.ft, err)
	}
	b.in = in
	return b
}

// link makes a module of the unit, in which the guests' functions are imports.
func link(u *asm.Unit, g *plan.Graph, s *callSpec) []byte {
	target := guestFunc(calleeCore, fnTarget).Sym()
	if s.host {
		target = asm.Sym{Kind: corewasm.ExternFunc, Origin: asm.OriginHost}
	}
	tt := s.targetType()
	im := asmtest.Imports{
		Funcs: []asmtest.Func{
			{Sym: target, Module: "1", Name: "target", Type: tt},
			{Sym: guestFunc(calleeCore, fnPost).Sym(), Module: "1", Name: "post", Type: corewasm.FuncType{Params: tt.Results}},
		},
		Exports: map[string]asm.Sym{"adapter": plan.CallSym(0)},
	}
	for i := range g.Cores {
		p := cabi.PtrType(s.ptr64[i])
		im.Funcs = append(im.Funcs, asmtest.Func{Sym: guestFunc(plan.CoreID(i), fnRealloc).Sym(), Module: fmt.Sprint(i), Name: "realloc",
			Type: corewasm.FuncType{Params: []corewasm.ValType{p, p, p, p}, Results: []corewasm.ValType{p}}})
		mem := plan.CoreRef{Kind: plan.RefDef, Sort: corewasm.ExternMem, Core: plan.CoreID(i)}
		im.Mems = append(im.Mems, asmtest.Mem{Sym: mem.Sym(), Name: fmt.Sprint("memory ", i), Type: g.Cores[i].Module.Mems[0]})
	}
	return asmtest.Module(u, im)
}

func newEngine(t testing.TB) *wasmtime.Engine {
	e := wasmtime.New(wasmtime.Options{Timeout: -1})
	t.Cleanup(e.Close)
	return e
}
