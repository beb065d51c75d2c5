package component

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	coreencode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	corevalidate "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/instantiate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/merge"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/graphtest"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/stub"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

var (
	i32, i64 = corewasm.I32, corewasm.I64
	u32, str = stub.Prim(ctypes.U32), stub.Prim(ctypes.String)
)

func sig(params, results []corewasm.ValType) corewasm.FuncType {
	return corewasm.FuncType{Params: params, Results: results}
}

func vals(t ...corewasm.ValType) []corewasm.ValType { return t }

// function and memory name items of the fused module.
func function(i uint32) asm.Sym {
	return asm.Sym{Kind: corewasm.ExternFunc, Origin: asm.OriginSynth, Index: i}
}

func memory(i uint32) asm.Sym {
	return asm.Sym{Kind: corewasm.ExternMem, Origin: asm.OriginSynth, Index: i}
}

// fuse replaces merge: it returns a module with the imports and exports that the form requires, whose functions trap.
// types has the type of each function.
func fuse(f *Form, types map[asm.Sym]corewasm.FuncType, memories ...corewasm.MemType) *merge.Fused {
	m := &corewasm.Module{}
	typ := func(t corewasm.FuncType) uint32 {
		m.Types = append(m.Types, corewasm.RecGroup{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc, Func: t}}})
		return uint32(len(m.Types) - 1)
	}
	o := f.Outside()
	for _, f := range o.Funcs {
		m.Imports = append(m.Imports, corewasm.Import{Module: f.Module, Name: f.Name, Func: typ(f.Type)})
	}
	for i, mem := range o.Memories {
		m.Imports = append(m.Imports, corewasm.Import{Module: mem.Module, Name: mem.Name, Kind: corewasm.ExternMem, Mem: memories[i]})
	}
	index := map[asm.Sym]uint32{}
	for i, mem := range o.Memories {
		index[mem.Sym] = uint32(i)
	}
	define := func(s asm.Sym) uint32 {
		if i, ok := index[s]; ok {
			return i
		}
		if s.Kind == corewasm.ExternMem {
			index[s] = uint32(len(memories) + len(m.Mems))
			m.Mems = append(m.Mems, page())
			return index[s]
		}
		index[s] = uint32(len(o.Funcs) + len(m.Funcs))
		m.Funcs = append(m.Funcs, typ(types[s]))
		m.Code = append(m.Code, corewasm.Body{Code: []byte{0x00, byte(op.End)}})
		return index[s]
	}
	fused := &merge.Fused{Module: m, Memories: memories}
	for _, table := range o.Guests {
		typ := corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: 1}}
		fused.Tables = append(fused.Tables, typ)
		m.Imports = append(m.Imports, corewasm.Import{Module: table.Module, Name: table.Name, Kind: corewasm.ExternTable, Table: typ})
	}
	for _, table := range o.Tables {
		n := uint64(len(table.Funcs))
		m.Imports = append(m.Imports, corewasm.Import{Module: table.Module, Name: table.Name, Kind: corewasm.ExternTable,
			Table: corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: n, Max: n, HasMax: true}}})
		elem := corewasm.Elem{Offset: coreencode.I32Const(0)}
		for _, s := range table.Funcs {
			elem.Funcs = append(elem.Funcs, define(s))
		}
		m.Elems = append(m.Elems, elem)
	}
	for _, e := range o.Exports {
		m.Exports = append(m.Exports, corewasm.Export{Name: e.Name, Kind: e.Sym.Kind, Index: define(e.Sym)})
	}
	m.Index()
	return fused
}

func page() corewasm.MemType {
	return corewasm.MemType{Limits: corewasm.Limits{Min: 1}, PageSizeLog2: 16}
}

// program is a plan, with the results of generating code and merging.
type program struct {
	p     *plan.Plan
	code  *emit.Code
	fused *merge.Fused
}

func (p program) form() *Form { return New(p.p, p.code) }

// write writes the program as a component.
func (p program) write() (*component.Component, error) {
	f := p.form()
	p.fused.Stay = merge.Everything(f.Outside())
	return f.Write(p.fused)
}

// newProgram replaces the earlier stages.
func newProgram(g *graph.Graph, b plan.Boundary, code *emit.Code, types map[asm.Sym]corewasm.FuncType, memories ...corewasm.MemType) program {
	code.Unit = asm.NewUnit()
	for _, t := range memories {
		code.Unit.Memory(asm.Memory{Name: "memory", Type: t})
	}
	p := &plan.Plan{Graph: g, Live: analyse.NewLive(g), Boundary: b}
	return program{p, code, fuse(New(p, code), types, memories...)}
}

func scalar() program {
	run := stub.Func("run", u32, "x", u32)
	g := &graph.Graph{Funcs: []graph.Func{{Type: run.FuncType, Inst: graph.Root}}, World: world.World{Exports: []world.Item{run}}}
	code := &emit.Code{Exports: []emit.HostExport{{Core: function(0)}}}
	return newProgram(g, plan.Boundary{Exports: make([]plan.HostExport, 1)}, code, map[asm.Sym]corewasm.FuncType{function(0): sig(vals(i32), vals(i32))})
}

// hostStrings calls the host with strings in two memories, one of them a memory64, and is called with strings.
func hostStrings() program {
	log, run := stub.Func("log", str, "s", str), stub.Func("run", str, "s", str)
	iface := stub.Instance("t:w/log", log)
	run.Func = 1
	wide := page()
	wide.Limits.Is64 = true
	realloc, realloc64 := sig(vals(i32, i32, i32, i32), vals(i32)), sig(vals(i64, i64, i64, i64), vals(i64))
	b := plan.Boundary{
		Imports: []plan.HostImport{
			{Type: sig(vals(i32, i32, i32), nil), Encoding: cabi.UTF16, Builtin: component.CanonLower},
			{Type: sig(vals(i64, i64, i64), nil), Encoding: cabi.Latin1UTF16, Builtin: component.CanonLower},
		},
		Exports: []plan.HostExport{{Func: 1}},
	}
	code := &emit.Code{
		Imports: []emit.HostImport{{Memory: memory(0), Realloc: function(0)}, {Memory: memory(1), Realloc: function(1)}},
		Exports: []emit.HostExport{{Core: function(2), PostReturn: function(3), Memory: memory(0), Realloc: function(0)}},
	}
	g := &graph.Graph{
		Funcs: []graph.Func{{Type: log.FuncType, Import: []string{"t:w/log", "log"}}, {Type: run.FuncType, Inst: graph.Root}},
		World: world.World{Imports: []world.Item{iface}, Exports: []world.Item{run}},
	}
	p := newProgram(g, b, code, map[asm.Sym]corewasm.FuncType{
		function(0): realloc, function(1): realloc64, function(2): sig(vals(i32, i32), vals(i32)), function(3): sig(vals(i32), nil),
	}, page(), wide)
	p.fused.Data = []corewasm.Data{{Mem: 0, Offset: coreencode.I32Const(16), Bytes: []byte("hoisted")}}
	return p
}

// handles drops an imported resource, defines one with a destructor and one without, and re-exports an import.
func handles() program {
	theirs, ours, bare := &ctypes.Resource{ID: 0, Name: "theirs"}, &ctypes.Resource{ID: 1, Name: "ours"}, &ctypes.Resource{ID: 2, Name: "bare"}
	imported := stub.Instance("t:w/in", stub.Resource("theirs", theirs))
	take := stub.Func("take", stub.Own(ours), "t", stub.Own(theirs))
	exported := stub.Instance("t:w/out", stub.Resource("theirs", theirs), stub.Resource("ours", ours), stub.Resource("bare", bare), take)
	again := world.Item{Name: "t:w/in", Sort: component.SortInstance, Import: []string{"t:w/in"}}
	b := plan.Boundary{
		Imports: []plan.HostImport{
			{Type: sig(vals(i32), nil), Builtin: component.CanonResourceDrop, Resource: theirs},
			{Type: sig(vals(i32), vals(i32)), Builtin: component.CanonResourceNew, Resource: ours},
		},
		Resources: []*ctypes.Resource{bare, ours},
		Exports:   make([]plan.HostExport, 1),
	}
	code := &emit.Code{Imports: make([]emit.HostImport, 2), Dtors: []asm.Sym{{}, function(1)}, Exports: []emit.HostExport{{Core: function(0)}}}
	g := &graph.Graph{
		Resources: []graph.Resource{{Type: theirs}, {Type: ours, Impl: graph.Root}, {Type: bare, Impl: graph.Root}},
		Funcs:     []graph.Func{{Type: take.FuncType, Inst: graph.Root}},
		World:     world.World{Imports: []world.Item{imported}, Exports: []world.Item{exported, again}},
	}
	return newProgram(g, b, code, map[asm.Sym]corewasm.FuncType{function(0): sig(vals(i32), vals(i32)), function(1): sig(vals(i32), nil)})
}

// tasks is called asynchronously, and uses built-ins of the runtime.
func tasks() program {
	run := stub.Func("run", u32)
	run.FuncType.Async = true
	point := &ctypes.Type{Kind: ctypes.Record, Fields: []ctypes.Field{{Label: "x", Type: u32}}}
	g := graphtest.New()
	guest := graphtest.Module()
	guest.Tables = []corewasm.Table{{Type: corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: 1}}}}
	threads := graphtest.Def(corewasm.ExternTable, graphtest.AddCore(g, guest), 0)
	g.Cores[0].Path = "root/guest"
	builtins := []struct {
		graph.Builtin
		core corewasm.FuncType
	}{
		{graph.Builtin{Op: component.CanonTaskReturn, Result: u32}, sig(vals(i32), nil)},
		{graph.Builtin{Op: component.CanonStreamNew, Type: &ctypes.Type{Kind: ctypes.Stream, Elem: point}}, sig(nil, vals(i64))},
		{graph.Builtin{Op: component.CanonFutureCancelRead, Type: &ctypes.Type{Kind: ctypes.Future}, Async: true}, sig(vals(i32), vals(i32))},
		{graph.Builtin{Op: component.CanonStreamRead, Type: &ctypes.Type{Kind: ctypes.Stream, Elem: str}}, sig(vals(i32, i32, i32), vals(i32))},
		{graph.Builtin{Op: component.CanonWaitableSetPoll, Cancellable: true}, sig(vals(i32, i32), vals(i32))},
		{graph.Builtin{Op: component.CanonContextGet, ValType: i32, Slot: 1}, sig(nil, vals(i32))},
		{graph.Builtin{Op: component.CanonErrorContextMessage}, sig(vals(i32, i32), nil)},
		{graph.Builtin{Op: component.CanonFutureWrite, Type: &ctypes.Type{Kind: ctypes.Future, Elem: stub.Prim(ctypes.ErrorContext)}}, sig(vals(i32, i32), vals(i32))},
		{graph.Builtin{Op: component.CanonThreadNewIndirect, Table: threads}, sig(vals(i32, i32), vals(i32))},
	}
	g.Funcs, g.World = []graph.Func{{Type: run.FuncType, Inst: graph.Root}}, world.World{Exports: []world.Item{run}}
	b := plan.Boundary{Exports: []plan.HostExport{{Async: true}}}
	code := &emit.Code{Exports: []emit.HostExport{{Core: function(0), Callback: function(1)}}}
	for i := range builtins {
		of := &builtins[i].Builtin
		im, opts := plan.HostImport{Type: builtins[i].core, Builtin: of.Op, Of: of}, emit.HostImport{}
		switch of.Op {
		case component.CanonStreamRead:
			im.Async, im.Encoding, opts = true, cabi.UTF16, emit.HostImport{Memory: memory(0), Realloc: function(2)}
		case component.CanonWaitableSetPoll, component.CanonFutureWrite:
			opts.Memory = memory(0)
		case component.CanonErrorContextMessage:
			opts = emit.HostImport{Memory: memory(0), Realloc: function(2)}
		}
		b.Imports, code.Imports = append(b.Imports, im), append(code.Imports, opts)
	}
	return newProgram(g, b, code, map[asm.Sym]corewasm.FuncType{function(0): sig(nil, vals(i32)), function(1): sig(vals(i32, i32, i32), vals(i32)),
		function(2): sig(vals(i32, i32, i32, i32), vals(i32))}, page())
}

// outline writes the core side of a component, one definition a line.
func outline(c *component.Component) string {
	var b strings.Builder
	for _, d := range c.Defs {
		switch d := d.(type) {
		case *component.CoreModule:
			fmt.Fprintf(&b, "module %q\n", d.Module.Name)
		case *component.CoreInstance:
			b.WriteString("instance")
			if d.Inline {
				for _, e := range d.Exports {
					fmt.Fprintf(&b, " %s=%d", e.Name, e.Item.Index)
				}
			} else {
				fmt.Fprintf(&b, " of %d", d.Module)
				for _, a := range d.Args {
					fmt.Fprintf(&b, " %s=%d", a.Name, a.Instance)
				}
			}
			b.WriteByte('\n')
		case *component.Alias:
			if d.Target == component.AliasCoreExport {
				fmt.Fprintf(&b, "alias %d %s\n", d.Instance, d.Name)
			}
		case *component.Canon:
			fmt.Fprintf(&b, "canon %v", d.Op)
			if d.Op == component.CanonLift {
				fmt.Fprintf(&b, " %d", d.CoreFunc)
			}
			for _, o := range d.Opts {
				fmt.Fprintf(&b, " %d:%d", o.Kind, o.Index)
			}
			b.WriteByte('\n')
		case *component.Type:
			if r, ok := d.Def.(*component.ResourceDef); ok {
				b.WriteString("resource")
				if r.Dtor != nil {
					fmt.Fprintf(&b, " dtor %d", *r.Dtor)
				}
				b.WriteByte('\n')
			}
		case *component.Export:
			fmt.Fprintf(&b, "export %s\n", d.Name.Name)
		}
	}
	return b.String()
}

func TestWrite(t *testing.T) {
	for _, tc := range []struct {
		name    string
		program func() program
		want    string
	}{
		{"nothing but a function", scalar, `
module ""
instance of 0
alias 0 f0
canon lift 0
export run
`},
		{"strings to and from the host", hostStrings, `
module "memory, calls"
instance of 0
module "memory"
instance of 1
alias 0 memory
alias 0 realloc0
canon lower 1:0 3:0 4:0
alias 1 memory
alias 0 realloc1
canon lower 2:0 3:1 4:2
module ""
instance 0=1 1=3
instance of 2 host=2 holder0=0 holder1=1
alias 3 f0
alias 3 f2
alias 3 f1
canon lift 4 3:0 4:5 5:6
export run
`},
		{"resource types", handles, `
module "calls"
instance of 0
canon resource.drop
alias 0 dtor0
resource dtor 1
canon resource.new
module ""
instance 0=0 1=2
instance of 1 host=1 holder0=0
resource
alias 2 f0
canon lift 3
export t:w/out
export t:w/in
`},
		{"tasks", tasks, `
module "memory, calls"
instance of 0
module "table of root/guest"
instance of 1
canon task.return
canon stream.new
canon future.cancel-read
alias 0 memory
alias 0 realloc0
canon stream.read 1:0 3:0 4:3 6:0
canon waitable-set.poll 3:0
canon context.get
canon error-context.debug-message 3:0 4:3
canon future.write 3:0
alias 1 table
canon thread.new-indirect
module ""
instance 0=0 1=1 2=2 3=4 4=5 5=6 6=7 7=8 8=9
instance of 2 host=2 holder0=0 holder1=1
alias 3 f0
alias 3 f1
canon lift 10 6:0 7:11
export run
`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := tc.program()
			c, err := p.write()
			if err != nil {
				t.Fatal(err)
			}
			if got := outline(c); got != tc.want[1:] {
				t.Errorf("the component is\n%s\nexpected\n%s", got, tc.want[1:])
			}
			wasm := encode.Component(c)
			back, err := decode.Component(wasm)
			if err != nil {
				t.Fatal(err)
			}
			check := validate.Options{CoreModule: func(m *corewasm.Module) error { return corevalidate.Module(context.Background(), m, corevalidate.All) }}
			if err := check.Component(back); err != nil {
				t.Fatal(err)
			}
			g, err := instantiate.Component(back)
			if err != nil {
				t.Fatal(err)
			}
			want := stub.Print(p.p.Graph.World)
			if got := strings.ReplaceAll(stub.Print(g.World), "theirs = import t:w/in/theirs", "theirs = theirs#1"); got != want {
				t.Errorf("the world is\n%s\nexpected\n%s", got, want)
			}
			q := tc.program()
			if again, err := q.write(); err != nil || !bytes.Equal(encode.Component(again), wasm) {
				t.Errorf("wrapping again produces other bytes (%v)", err)
			}
		})
	}
}

// TestHolders checks that holders have the memories' initial content, and the first one trampoline for each function in its
// table.
func TestHolders(t *testing.T) {
	p := hostStrings()
	c, err := p.write()
	if err != nil {
		t.Fatal(err)
	}
	var modules []*corewasm.Module
	for _, d := range c.Defs {
		if d, ok := d.(*component.CoreModule); ok {
			modules = append(modules, d.Module)
		}
	}
	if m := modules[0]; len(m.Data) != 1 || string(m.Data[0].Bytes) != "hoisted" || len(m.Mems) != 1 || m.Mems[0].Limits.Is64 {
		t.Errorf("data %v, memories %v", m.Data, m.Mems)
	}
	if m := modules[1]; len(m.Data) != 0 || len(m.Mems) != 1 || !m.Mems[0].Limits.Is64 {
		t.Errorf("data %v, memories %v", m.Data, m.Mems)
	}
	m := modules[0]
	for i, want := range []corewasm.ValType{i32, i64} {
		if f := m.FuncTypeOf(uint32(i)); f == nil || len(f.Params) != 4 || f.Params[0] != want || f.Results[0] != want {
			t.Errorf("realloc%d has type %v", i, f)
		}
		want := []byte{0x20, 0, 0x20, 1, 0x20, 2, 0x20, 3, 0x41, byte(i), 0x11, byte(i), 0, 0x0b}
		if !bytes.Equal(m.Code[i].Code, want) {
			t.Errorf("realloc%d is % x, expected % x", i, m.Code[i].Code, want)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, tc := range []struct {
		name  string
		spoil func(*plan.Plan)
		from  func() program
		want  string
	}{
		{"no lift", func(p *plan.Plan) { p.Boundary.Exports = nil }, scalar, `the plan lifts no function for export "run"`},
		{"no such import", func(p *plan.Plan) { p.Graph.Funcs[0].Import[0] = "other" }, hostStrings, `there is no imported func "other/log"`},
		{"resource without definition", func(p *plan.Plan) { p.Boundary.Resources = nil; p.Boundary.Imports = nil }, handles,
			`the world shows the resource type "ours", which the plan does not define`},
	} {
		p := tc.from()
		tc.spoil(p.p)
		_, err := p.write()
		var e *diag.Internal
		if !errors.As(err, &e) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v, expected %q in it", tc.name, err, tc.want)
		}
	}
}
