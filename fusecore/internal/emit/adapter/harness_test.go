package adapter

import (
	"fmt"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/asmtest"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/graphtest"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// Core instances and function indices of the graphs that bench builds.
const (
	callerCore graph.CoreID = iota
	calleeCore
)
const (
	fnTarget uint32 = iota
	fnRealloc
	fnPost
)

func guestFunc(c graph.CoreID, fn uint32) graph.CoreRef {
	return graph.CoreRef{Origin: graph.RefDef, Kind: corewasm.ExternFunc, Core: c, Index: fn}
}

// guest returns the component instance of the caller, 0, or of the callee, 1.
func guest(side int) graph.InstID { return graph.Root + 1 + graph.InstID(side) }

// callSpec describes one call between two guests, or a guest and the host, by its options.
type callSpec struct {
	ft               *ctypes.Func
	ptr64            [2]bool // caller, callee
	enc              [2]cabi.Encoding
	post             bool
	async            bool      // the caller lowers asynchronously
	plan             plan.Call // the guards of the call
	hostCaller, host bool      // the caller or the callee is the host
	context          bool      // both instances use context slots
	pages            uint32
	budget           int // of outlining
	staged           bool
	direct           bool // no adapter
	handles          ResourceOps
	// prepare, if set, changes the graph before code is generated. It can add its own functions to the unit.
	prepare func(u *asm.Unit, g *graph.Graph)
}

// graph returns the graph of one call. Memory 0 of either core instance is the side's memory.
func (s *callSpec) graph() *graph.Graph {
	g := graphtest.New("a", "b")
	g.Funcs = []graph.Func{{Type: s.ft, Name: "f"}}
	c := graph.Call{Target: guestFunc(calleeCore, fnTarget)}
	for i, side := range []*graph.Side{&c.Caller, &c.Callee} {
		mem := corewasm.MemType{Limits: corewasm.Limits{Min: uint64(s.pages), Is64: s.ptr64[i]}, PageSizeLog2: 16}
		m := &corewasm.Module{Mems: []corewasm.MemType{mem}}
		m.Index()
		core := graph.CoreID(i)
		g.Cores = append(g.Cores, graph.CoreInst{Owner: guest(i), Module: m})
		*side = graph.Side{Inst: guest(i), Opts: graph.Options{
			Memory:   graphtest.Def(corewasm.ExternMem, core, 0),
			Realloc:  guestFunc(core, fnRealloc),
			Encoding: s.enc[i],
			Ptr64:    s.ptr64[i],
		}}
	}
	if s.post && !s.host {
		c.Callee.Opts.PostReturn = guestFunc(calleeCore, fnPost)
	}
	c.Caller.Opts.Async = s.async
	if s.hostCaller {
		c.Caller.Inst = graph.Host
	}
	if s.host {
		c.Callee.Inst, c.Target = graph.Host, graph.CoreRef{}
	}
	g.Calls = []graph.Call{c}
	g.Resources = []graph.Resource{{Dtor: graph.OfCall(0)}} // keeps the call live
	return g
}

// decided returns the plan of the call in a graph.
func (s *callSpec) decided(g *graph.Graph) *plan.Plan {
	p := &plan.Plan{Graph: g, Live: analyse.NewLive(g), Calls: []plan.Call{s.plan}, Enters: make([]plan.Enter, 1)}
	p.Names = analyse.NewNames(g, p.Live)
	c := &p.Calls[0]
	if c.Class == plan.Direct && !s.direct {
		c.Class = plan.Copy
	}
	if s.host {
		c.Import = plan.At(0)
	}
	if s.staged {
		c.Staged, c.HostMemory = plan.Because(plan.OneInstance), plan.Because(plan.InMemory)
	}
	if s.context {
		p.Contexts = map[graph.InstID][]analyse.ContextSlot{}
		for i := range 2 {
			p.Contexts[guest(i)] = []analyse.ContextSlot{{Slot: 0, Type: corewasm.I32}, {Slot: 1, Type: corewasm.I32}}
		}
	}
	return p
}

// targetType returns the core type of the function that the adapter calls.
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
	emit(u, s.decided(g), s.handles, Options{SIMD: true}, s.budget)
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
func link(u *asm.Unit, g *graph.Graph, s *callSpec) []byte {
	target := sym.Of(guestFunc(calleeCore, fnTarget))
	if s.host {
		target = sym.Import(0)
	}
	tt := s.targetType()
	im := asmtest.Imports{
		Funcs: []asmtest.Func{
			{Sym: target, Module: "1", Name: "target", Type: tt},
			{Sym: sym.Of(guestFunc(calleeCore, fnPost)), Module: "1", Name: "post", Type: corewasm.FuncType{Params: tt.Results}},
		},
		Exports: map[string]asm.Sym{"adapter": sym.Call(0)},
	}
	for i := range g.Cores {
		p := cabi.PtrType(s.ptr64[i])
		im.Funcs = append(im.Funcs, asmtest.Func{Sym: sym.Of(guestFunc(graph.CoreID(i), fnRealloc)), Module: fmt.Sprint(i), Name: "realloc",
			Type: corewasm.FuncType{Params: []corewasm.ValType{p, p, p, p}, Results: []corewasm.ValType{p}}})
		mem := graphtest.Def(corewasm.ExternMem, graph.CoreID(i), 0)
		im.Mems = append(im.Mems, asmtest.Mem{Sym: sym.Of(mem), Name: fmt.Sprint("memory ", i), Type: g.Cores[i].Module.Mems[0]})
	}
	return asmtest.Module(u, im)
}

func newEngine(t testing.TB) *wasmtime.Engine {
	e := wasmtime.New(wasmtime.Options{Timeout: -1})
	t.Cleanup(e.Close)
	return e
}
