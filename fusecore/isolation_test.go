package fusecore_test

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/instantiate"
	output "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/output/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// private is the owner of items that no guest may access.
const private = graph.Host

// fusedModule is a fused component's core module, with the instance that owns each item.
type fusedModule struct {
	p      *plan.Plan
	code   *emit.Code
	out    *output.Form
	g      *graph.Graph
	c      *component.Component
	m      *corewasm.Module
	owners [corewasm.NumExterns][]graph.InstID
}

// merged is the form of a fused component whose module is as it was merged, without optimising. Only generated functions
// that nothing needs are missing.
var merged = fuseWith(fusecore.FuseOptions{Optimize: fusecore.OptimizeNone, NoShake: true})

// fuseModule fuses a component, in the form of merged, and determines the owners of the module's items: imports come first, then definitions of
// core instances, in order, without tables that nothing uses, and with the memories that are accessed most first, then
// generated items.
func fuseModule(t *testing.T, in fusecore.Graph, fuse form) *fusedModule {
	t.Helper()
	composed, err := compose(in)
	if err != nil {
		t.Fatal(err)
	}
	fused, err := fuse(in)
	if err != nil {
		t.Fatal(err)
	}
	f := &fusedModule{}
	c, err := decode.Options{Unsupported: true}.Component(t.Context(), composed.Bytes())
	if err == nil {
		f.g, err = instantiate.Component(c)
	}
	if err == nil {
		f.g = analyse.Devirtualise(f.g)
		found := f.g.Replace(func(r graph.CoreRef) graph.CoreRef { return r })
		if f.p, err = plan.Decide(f.g, plan.Options{}); err == nil {
			f.code = emit.Module(f.p, emit.Options{SIMD: true})
		}
		if !reflect.DeepEqual(found, f.g) {
			t.Error("deciding or generating code changes the graph")
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	f.out = output.New(f.p, f.code)
	if c, err = (decode.Options{Unsupported: true}).Component(t.Context(), fused.Bytes()); err != nil {
		t.Fatal(err)
	}
	f.c = c
	for _, d := range c.Defs {
		if m, ok := d.(*component.CoreModule); ok && (f.m == nil || len(m.Module.Code) > len(f.m.Code)) {
			f.m = m.Module
		}
	}
	f.owners[corewasm.ExternMem], f.owners[corewasm.ExternTable] = f.memoryOwners(), f.tableOwners()
	for k := range f.owners {
		kind := corewasm.ExternKind(k)
		for len(f.owners[k]) < int(f.m.NumImported(kind)) {
			f.owners[k] = append(f.owners[k], private)
		}
		for _, ci := range f.p.Live.Cores() {
			if kind == corewasm.ExternMem || kind == corewasm.ExternTable {
				continue
			}
			for i := ci.Module.NumImported(kind); i < ci.Module.Count(kind); i++ {
				f.owners[k] = append(f.owners[k], ci.Owner)
			}
		}
		if n := int(f.m.Count(kind)); len(f.owners[k]) > n {
			t.Fatalf("%d items of kind %v, want %d or more", n, kind, len(f.owners[k]))
		}
		for len(f.owners[k]) < int(f.m.Count(kind)) {
			f.owners[k] = append(f.owners[k], private)
		}
	}
	return f
}

// memoryOwners lists the owners of imported memories and of those that core instances define.
func (f *fusedModule) memoryOwners() (out []graph.InstID) {
	imported := map[asm.Sym]bool{}
	for _, m := range f.out.Outside().Memories {
		imported[m.Sym] = true
		out = append(out, f.owner(m.Sym))
	}
	var defined []graph.CoreRef
	for id, ci := range f.p.Live.Cores() {
		for i := ci.Module.NumImported(corewasm.ExternMem); i < ci.Module.Count(corewasm.ExternMem); i++ {
			if r := f.g.Item(id, corewasm.ExternMem, i); !imported[sym.Of(r)] {
				defined = append(defined, r)
			}
		}
	}
	uses := f.p.Live.MemoryUses()
	slices.SortStableFunc(defined, func(a, b graph.CoreRef) int { return cmp.Compare(uses[b], uses[a]) })
	for _, r := range defined {
		out = append(out, f.g.Cores[r.Core].Owner)
	}
	return out
}

// tableOwners lists the owners of imported tables and of those that core instances define, among them all that any
// instruction names.
func (f *fusedModule) tableOwners() (out []graph.InstID) {
	for range f.out.Outside().Tables {
		out = append(out, private)
	}
	imported, defined := map[asm.Sym]bool{}, map[asm.Sym]bool{}
	for _, t := range f.out.Outside().Guests {
		imported[t.Sym] = true
		out = append(out, f.owner(t.Sym))
	}
	for _, t := range f.p.Live.Tables() {
		if s := sym.Of(t.Ref); !imported[s] {
			defined[s] = true
			out = append(out, f.owner(s))
		}
	}
	for id, ci := range f.p.Live.Cores() {
		for _, b := range ci.Module.Code {
			for r := op.NewReader(b.Code, 0); r.Next(); {
				r.In.EachIndex(func(s op.Space, n uint32) {
					if s != op.SpaceTable {
						return
					}
					if t := sym.Of(f.g.Item(id, corewasm.ExternTable, n)); !imported[t] && !defined[t] {
						panic(fmt.Sprintf("table %v is used", t))
					}
				})
			}
		}
	}
	return out
}

// owner is the instance that defines a guest's item.
func (f *fusedModule) owner(s asm.Sym) graph.InstID {
	if s.Origin != asm.OriginGuest {
		return private
	}
	return f.g.Cores[s.Owner].Owner
}

// shown counts the private memories that the component around the module refers to.
func (f *fusedModule) shown() int {
	holders := map[string]uint32{} // core instances by the module name of the main module's import
	aliased := map[uint32]bool{}
	for _, d := range f.c.Defs {
		switch d := d.(type) {
		case *component.CoreInstance:
			for _, a := range d.Args {
				holders[a.Name] = a.Instance
			}
		case *component.Alias:
			if d.Target == component.AliasCoreExport && d.Core == component.CoreMemory {
				aliased[d.Instance] = true
			}
		}
	}
	n := 0
	for _, m := range f.out.Outside().Memories {
		if f.owner(m.Sym) == private && aliased[holders[m.Module]] {
			n++
		}
	}
	for _, e := range f.m.Exports {
		if e.Kind == corewasm.ExternMem && f.owners[corewasm.ExternMem][e.Index] == private {
			n++
		}
	}
	return n
}

// check reports accesses of code to items of others, and returns the number of accesses of generated code to private
// memories.
func (f *fusedModule) check(t *testing.T) (used int) {
	t.Helper()
	direct := map[[2]graph.InstID]bool{}
	for id, c := range f.p.Live.Calls() {
		if f.p.Calls[id].Class == plan.Direct {
			direct[[2]graph.InstID{c.Caller.Inst, c.Callee.Inst}] = true
		}
	}
	first := int(f.m.NumImported(corewasm.ExternFunc))
	for i := range f.m.Code {
		owner := f.owners[corewasm.ExternFunc][first+i]
		r := op.NewReader(f.m.Code[i].Code, f.m.Code[i].Offset)
		for r.Next() {
			r.In.EachIndex(func(s op.Space, n uint32) {
				if int(s) >= corewasm.NumExterns {
					return
				}
				other := f.owners[s][n]
				switch {
				case owner == private:
					if s == op.SpaceMem && other == private {
						used++
					}
				case other == owner:
				case s != op.SpaceFunc:
					t.Errorf("function %d of %s names %v %d of %s", first+i, f.g.Insts[owner].Path, s, n, f.path(other))
				case other != private && !direct[[2]graph.InstID{owner, other}]:
					t.Errorf("function %d of %s names function %d of %s", first+i, f.g.Insts[owner].Path, n, f.path(other))
				}
			})
		}
		if r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	return used
}

func (f *fusedModule) path(i graph.InstID) string {
	if i == private {
		return "generated code"
	}
	return f.g.Insts[i].Path
}

// TestIsolation checks that the code of guests accesses only memories, tables, globals and tags of their own instance.
// No guest owns handle tables and the host memory.
func TestIsolation(t *testing.T) {
	check := func(name string, in fusecore.Graph) {
		t.Run(name, func(t *testing.T) {
			f := fuseModule(t, in, merged)
			used := f.check(t)
			if want := f.p.Tables == plan.OwnTables; want != (used > 0) {
				t.Errorf("private memories are used %d times, although tables exist is %v", used, want)
			}
			if n := f.shown(); n > 1 || n > 0 && !f.throughHost() {
				t.Errorf("the outside sees %d private memories", n)
			}
		})
	}
	for _, name := range []string{"tables", "dtors", "chains", "ancestors", "nested", "nested-long", "nested-host", "nested-host-type", "alone"} {
		s := resources.subject(t, name)
		check(name, s.in)
	}
	for _, s := range examples.subjects(t) {
		check(s.name, s.in)
	}
}

// throughHost reports whether values pass through the host memory, which the outside sees.
func (f *fusedModule) throughHost() bool {
	return slices.ContainsFunc(f.p.Boundary.Exports, func(l plan.HostExport) bool { return l.Memory.Host }) ||
		slices.ContainsFunc(f.p.Boundary.Imports, func(l plan.HostImport) bool { return l.Memory.Host })
}

// TestCyclesKeepMemory checks that creating and dropping ten million resources through two components does not grow any
// memory.
func TestCyclesKeepMemory(t *testing.T) {
	n := uint64(10_000_000)
	if testing.Short() {
		n = 100_000
	}
	f := fuseModule(t, benchInputs(t), merged)
	for i := range f.owners[corewasm.ExternMem] {
		f.m.Exports = append(f.m.Exports, corewasm.Export{Name: fmt.Sprint("memory ", i), Kind: corewasm.ExternMem, Index: uint32(i)})
	}
	e := wasmtime.New(wasmtime.Options{})
	defer e.Close()
	in, err := e.LoadCore(encode.Module(f.m), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	sizes := func() (out []int) {
		for i := range f.owners[corewasm.ExternMem] {
			b, err := in.Memory(fmt.Sprint("memory ", i))
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, len(b))
		}
		return out
	}
	before := sizes()
	if !slices.Contains(f.owners[corewasm.ExternMem], private) {
		t.Fatal("no memory of tables")
	}
	out, err := in.Call(f.export(t, "run-create"), n, 0)
	if err != nil {
		t.Fatal(err)
	}
	// Every handle has index 1.
	if out[0] != n {
		t.Errorf("the sum of %d handles is %d", n, out[0])
	}
	if after := sizes(); !slices.Equal(before, after) {
		t.Errorf("memories of %v bytes, want %v as at first", after, before)
	}
}

// export returns the name of the core function that is lifted to a function of the world.
func (f *fusedModule) export(t *testing.T, name string) string {
	t.Helper()
	for i, l := range f.p.Boundary.Exports {
		if f.g.Funcs[l.Func].Name != name {
			continue
		}
		for _, e := range f.out.Outside().Exports {
			if e.Sym == f.code.Exports[i].Core {
				return e.Name
			}
		}
	}
	t.Fatalf("no core function behind %q", name)
	return ""
}
