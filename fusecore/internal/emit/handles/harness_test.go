package handles

import (
	"errors"
	"fmt"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/asmtest"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/graphtest"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// Instances and resource types of the tests' graphs. Each of the instances a, b and c implements one type; the host
// implements another and lends it.
const (
	host graph.InstID = iota
	root
	instA
	instB
	instC
)
const (
	resA = iota
	resB
	resC // without destructor
	resHost
)

// Functions of the outer component, by index in Boundary.Imports.
const (
	hostNewA = iota
	hostRepA
	hostDropA
	hostDropHost
	hostFuncs
)

var hostFuncNames = [hostFuncs]string{"new A", "rep A", "drop A", "drop host"}

var guests = []graph.InstID{instA, instB, instC}

// fixture is a unit with tables, and the functions that tests call.
type fixture struct {
	u       *asm.Unit
	p       *plan.Plan
	g       *graph.Graph
	t       *Tables
	res     []*ctypes.Resource
	exports map[string]asm.Sym
	log     asm.Sym // memory of the destructors: count, then pairs of resource and representation
}

// newFixture makes the graph. more adds instances that only have a table, which makes every table's fixed part smaller.
func newFixture(tb testing.TB, more int) *fixture {
	tb.Helper()
	x := &fixture{u: asm.NewUnit(), g: graphtest.New("a", "b", "c"), exports: map[string]asm.Sym{}}
	x.log = x.u.Memory(asm.Memory{Name: "log", Type: corewasm.MemType{PageSizeLog2: 16, Limits: corewasm.Limits{Min: 1}}})
	x.g.Cores = []graph.CoreInst{{Owner: root, Module: &corewasm.Module{}}}
	x.g.Funcs = []graph.Func{{Type: &ctypes.Func{}}}
	x.p = &plan.Plan{Graph: x.g, Enters: make([]plan.Enter, 1), Tables: plan.OwnTables}
	for i, impl := range []graph.InstID{instA, instB, instC, host} {
		r := graph.Resource{Type: &ctypes.Resource{ID: i, Name: fmt.Sprintf("r%d", i)}, Impl: impl}
		if i == resA || i == resB {
			r.Dtor = x.stands(x.dtor(i))
		}
		x.g.Resources = append(x.g.Resources, r)
		x.res = append(x.res, r.Type)
	}
	x.p.Resources = make([]plan.Resource, len(x.res))
	x.p.Resources[resA] = plan.Resource{HostNew: plan.At(hostNewA), HostRep: plan.At(hostRepA), HostDrop: plan.At(hostDropA)}
	x.p.Resources[resHost].HostDrop = plan.At(hostDropHost)
	for i, r := range x.res {
		if i != resHost {
			x.builtin(graph.Builtin{Op: component.CanonResourceNew, Inst: x.g.Resources[i].Impl, Resource: r})
			x.builtin(graph.Builtin{Op: component.CanonResourceRep, Inst: x.g.Resources[i].Impl, Resource: r})
		}
		for _, inst := range guests {
			x.builtin(graph.Builtin{Op: component.CanonResourceDrop, Inst: inst, Resource: r})
		}
	}
	for range more {
		inst := graph.InstID(len(x.g.Insts))
		x.g.Insts = append(x.g.Insts, graph.Inst{Path: fmt.Sprint("more ", inst)})
		x.builtin(graph.Builtin{Op: component.CanonResourceDrop, Inst: inst, Resource: x.res[resA]})
	}
	return x
}

// decide makes the tables of the graph in its present state.
func (x *fixture) decide() {
	x.p.Live = analyse.NewLive(x.g)
	x.p.Names = analyse.NewNames(x.g, x.p.Live)
	x.t = New(x.u, x.p)
}

// stands returns a reference to a guest's item that stands for a generated one.
func (x *fixture) stands(s asm.Sym) graph.CoreRef {
	r := graphtest.Def(s.Kind, 0, 100+s.Index)
	x.u.Provided[sym.Of(r)] = s
	return r
}

// builtin adds a built-in that the host can call, and returns the decisions about it, which are valid until the next
// call.
func (x *fixture) builtin(b graph.Builtin) *plan.Builtin {
	graphtest.AddCall(x.g, graph.Call{Callee: graph.Side{Inst: b.Inst}, Target: graph.OfBuiltin(graph.BuiltinID(len(x.g.Builtins)))})
	x.g.Builtins = append(x.g.Builtins, b)
	x.p.Builtins = append(x.p.Builtins, plan.Builtin{})
	return &x.p.Builtins[len(x.p.Builtins)-1]
}

// number returns an instance's number in names of functions: a is 1, the host -1.
func number(inst graph.InstID) int { return int(inst) - 1 }

// dtor returns a destructor that logs its arguments.
func (x *fixture) dtor(res int) asm.Sym {
	f := x.u.Func(fmt.Sprint("dtor ", res), repType)
	n := f.Local(corewasm.I32)
	f.I32Const(0).Mem(op.I32Load, x.log, 2, 0).LocalSet(n)
	f.LocalGet(n).I32Const(8).Op(op.I32Mul).I32Const(int32(res)).Mem(op.I32Store, x.log, 2, 8)
	f.LocalGet(n).I32Const(8).Op(op.I32Mul).LocalGet(f.Param(0)).Mem(op.I32Store, x.log, 2, 12)
	f.I32Const(0).LocalGet(n).I32Const(1).Op(op.I32Add).Mem(op.I32Store, x.log, 2, 0)
	f.Finish()
	return f.Sym()
}

// fn exports a function with i32 parameters.
func (x *fixture) fn(name string, params int, results int, body func(f *asm.Func)) asm.Sym {
	ft := corewasm.FuncType{}
	for range params {
		ft.Params = append(ft.Params, corewasm.I32)
	}
	for range results {
		ft.Results = append(ft.Results, corewasm.I32)
	}
	f := x.u.Func(name, ft)
	for i := range params {
		f.LocalGet(f.Param(i))
	}
	body(f)
	f.Finish()
	x.exports[name] = f.Sym()
	return f.Sym()
}

// primitives exports every function that the tables can emit, one for each instance and type.
func (x *fixture) primitives(tb testing.TB) {
	tb.Helper()
	x.decide()
	x.t.Builtins()
	for i := range x.g.Builtins {
		b := &x.g.Builtins[i]
		if b.Resource == nil {
			continue
		}
		x.exports[fmt.Sprintf("%v %d %d", b.Op, number(b.Inst), b.Resource.ID)] = sym.Builtin(graph.BuiltinID(i))
	}
	frame := func(f *asm.Func, lends bool) Frame {
		return Frame{Scope: true, Lends: lends, Local: f.Param(1)}
	}
	sides := append([]graph.InstID{host}, guests...)
	for _, r := range x.res {
		for _, inst := range sides {
			name := func(op string) string { return fmt.Sprintf("%s %d %d", op, number(inst), r.ID) }
			if inst != host || r.ID == resA || r.ID == resHost {
				x.fn(name("lift own"), 1, 1, func(f *asm.Func) { x.t.LiftOwn(f, inst, r) })
				x.fn(name("lower own"), 1, 1, func(f *asm.Func) { x.t.LowerOwn(f, inst, r) })
			}
			x.fn(name("lift borrow"), 1, 1, func(f *asm.Func) { x.t.LiftBorrow(f, inst, r, Frame{}) })
			x.fn(name("lend"), 2, 1, func(f *asm.Func) { f.Op(op.Drop); x.t.LiftBorrow(f, inst, r, frame(f, true)) })
			if inst != host || r.ID == resHost {
				x.fn(name("lower borrow"), 2, 1, func(f *asm.Func) { f.Op(op.Drop); x.t.LowerBorrow(f, inst, r, frame(f, false)) })
			}
		}
	}
	x.fn("open", 0, 1, func(f *asm.Func) { x.t.OpenFrame(f) })
	arg := func(f *asm.Func, lends bool) Frame {
		f.Op(op.Drop)
		return Frame{Scope: true, Lends: lends, Local: f.Param(0)}
	}
	x.fn("check", 1, 0, func(f *asm.Func) { x.t.CheckReturn(f, arg(f, false)) })
	x.fn("close", 1, 0, func(f *asm.Func) { x.t.CloseFrame(f, arg(f, true)) })
	x.fn("close scope", 1, 0, func(f *asm.Func) { x.t.CloseFrame(f, arg(f, false)) })
	x.exports["host dtor"] = x.t.HostDtor(x.res[resA])
}

// module links the unit. Functions of the host are its imports.
func (x *fixture) module() []byte {
	im := asmtest.Imports{Exports: x.exports}
	for i, name := range hostFuncNames {
		ft := mapType
		if i == hostDropA || i == hostDropHost {
			ft = repType
		}
		im.Funcs = append(im.Funcs, asmtest.Func{
			Sym: sym.Import(i), Module: "host", Name: name, Type: ft,
		})
	}
	return asmtest.Module(x.u, im)
}

// machine is a running fixture.
type machine struct {
	*fixture
	tb testing.TB
	in *wasmtime.CoreInstance
	// host answers calls of the outer component's functions.
	host func(fn int, arg uint32) uint32
}

func (x *fixture) start(tb testing.TB) *machine {
	tb.Helper()
	m := &machine{fixture: x, tb: tb}
	imports := map[string]wasmtime.CoreFunc{}
	for i, name := range hostFuncNames {
		imports["host#"+name] = func(a []uint64) ([]uint64, error) {
			if m.host == nil {
				return nil, fmt.Errorf("unexpected call of %s", name)
			}
			out := m.host(i, uint32(a[0]))
			if i == hostDropA || i == hostDropHost {
				return nil, nil
			}
			return []uint64{uint64(out)}, nil
		}
	}
	m.in = asmtest.Start(tb, x.module(), imports)
	return m
}

// call calls an export; ok is false when it trapped.
func (m *machine) call(name string, args ...uint32) (result uint32, ok bool) {
	var a [2]uint64
	for i, v := range args {
		a[i] = uint64(v)
	}
	out, err := m.in.Call(name, a[:len(args)]...)
	if err != nil {
		if !wasmtime.IsTrap(err) {
			m.tb.Fatalf("%s%v: %v", name, args, err)
		}
		return 0, false
	}
	if len(out) > 0 {
		result = uint32(out[0])
	}
	return result, true
}

// must calls an export that must not trap.
func (m *machine) must(name string, args ...uint32) uint32 {
	m.tb.Helper()
	out, ok := m.call(name, args...)
	if !ok {
		m.tb.Fatalf("%s%v trapped", name, args)
	}
	return out
}

// traps calls an export that must trap.
func (m *machine) traps(name string, args ...uint32) {
	m.tb.Helper()
	if out, ok := m.call(name, args...); ok {
		m.tb.Fatalf("%s%v gave %d, want a trap", name, args, out)
	}
}

// breaks calls an export that must trap in the function of a rule.
func (m *machine) breaks(r trap.Rule, name string, args ...uint64) {
	m.tb.Helper()
	var t *wasmtime.Trap
	if _, err := m.in.Call(name, args...); !errors.As(err, &t) || t.Frame() != r.Function() {
		m.tb.Errorf("%s%v: %v, want it to trap in %q", name, args, err, r.Function())
	}
}

func (m *machine) memory(name string) []byte {
	b, err := m.in.Memory(name)
	if err != nil {
		m.tb.Fatal(err)
	}
	return b
}

func (m *machine) global(name string) uint32 {
	v, err := m.in.Global(name)
	if err != nil {
		m.tb.Fatal(err)
	}
	return uint32(v)
}

func u32(b []byte, at uint32) uint32 {
	return uint32(b[at]) | uint32(b[at+1])<<8 | uint32(b[at+2])<<16 | uint32(b[at+3])<<24
}

// destroyed returns the arguments of destructors since the last call: pairs of resource and representation.
func (m *machine) destroyed() (out [][2]uint32) {
	b := m.memory("log")
	for i := range u32(b, 0) {
		out = append(out, [2]uint32{u32(b, 8+8*i), u32(b, 12+8*i)})
	}
	clear(b[:4])
	return out
}
