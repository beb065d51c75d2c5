// This file implements the initialisation of a fused component:
//
//	(component                                       (component
//	  (import "log" (func $log))                       (import "log" (func $log))
//	  (core instance $h (instantiate $holder))         (core instance $h (instantiate $holder'))    ;; memory with more data
//	  (core instance $m (instantiate $fused            (core instance $m (instantiate $fused'       ;; no start function
//	    (with "holder0" (instance $h)) ...))             (with "holder0" (instance $h)) ...))
//	  (export "run" (func $run)))                      (export "run" (func $run)))
//
// The module that runs is the fused one with the holders' memories and tables as its own: they are imports before, and come
// first in their index spaces, so no index changes.

package preinit

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/constexpr"
	coreencode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/input"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/instantiate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits/check"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// fused is a component with one fused module, which its last core instance is of. The others are holders.
type fused struct {
	c    *component.Component
	g    *graph.Graph
	main graph.CoreID
	// mems and tables are what the fused module's imported memories and tables are in their holders.
	mems, tables []graph.CoreRef
}

// ofComponent is File of a component.
func ofComponent(ctx context.Context, name string, wasm []byte, o Options) (*Output, error) {
	if o.WASI != nil {
		return nil, diag.New("", "this is a component, whose initialisation can call no import").
			WithHint("initialise it without --wasi, or the attribute wasi; or initialise a core module made of it: `wasmfuse fuse --emit=module --memory=single --wasi=preview1`")
	}
	file := input.File{Name: name, Bytes: wasm}
	c, _, err := file.Component(ctx, true)
	if err != nil {
		return nil, err
	}
	g, err := instantiate.Component(c)
	if err != nil {
		return nil, err
	}
	f := &fused{c: c, g: g}
	if err := f.find(); err != nil {
		return nil, err
	}
	p, err := f.join(o)
	if err != nil {
		return nil, err
	}
	out, after, err := p.initialise(ctx, nil)
	if err != nil {
		return nil, err
	}
	if out.DebugDropped, err = f.divide(after); err != nil {
		return nil, err
	}
	if err := check.Component(f.c); err != nil {
		return nil, err
	}
	if err := corrupt(validate.Component(f.c)); err != nil {
		return nil, err
	}
	all, err := encode.Pieces(f.c)
	if err != nil {
		return nil, err
	}
	out.Wasm = all.Join()
	file.Bytes = out.Wasm
	_, _, err = file.Component(ctx, true)
	return out, corrupt(err)
}

// notFused returns the error for a component that does not have the form of a fused one.
func notFused(what string, args ...any) error {
	return diag.New("", "this component cannot be initialised: "+what, args...).
		WithHint("fuse it to one module first: `wasmfuse fuse`, or a wasm_component_fuse, also of a single component")
}

// find finds the fused module and its holders.
func (f *fused) find() error {
	for i := range f.g.Insts {
		if k := f.g.Insts[i].Kept; k != nil {
			return notFused("%s stays composed", f.g.Insts[i].Path)
		}
	}
	owner := graph.InstID(-1)
	for i := range f.g.Cores {
		if ci := &f.g.Cores[i]; owner >= 0 && ci.Owner != owner {
			return notFused("it has several components with code, %s and %s", f.g.Insts[owner].Path, f.g.Insts[ci.Owner].Path)
		}
		owner = f.g.Cores[i].Owner
	}
	if len(f.g.Cores) == 0 {
		return diag.New("", "there is no initialisation to run: the component has no code")
	}
	f.main = graph.CoreID(len(f.g.Cores) - 1)
	for i := range f.g.Cores {
		// The modules of nested components are not replaced.
		if ci := &f.g.Cores[i]; !slices.ContainsFunc(f.c.Defs, func(d component.Def) bool {
			own, ok := d.(*component.CoreModule)
			return ok && own.Module == ci.Module
		}) {
			return notFused("the module of its core instance %s is in another component", ci.Path)
		}
	}
	for i := range f.g.Cores[:f.main] {
		ci := &f.g.Cores[i]
		twice := slices.ContainsFunc(f.g.Cores[i+1:], func(other graph.CoreInst) bool { return other.Module == ci.Module })
		if m := ci.Module; len(m.Imports) > 0 || m.Start != nil || len(m.Elems) > 0 || twice {
			return notFused("its core instance %s is more than a memory or a table of %s", ci.Path, f.g.Cores[f.main].Path)
		}
	}
	return nil
}

// join returns the program of the fused module with its holders.
func (f *fused) join(o Options) (*program, error) {
	main := &f.g.Cores[f.main]
	m := copied(main.Module)
	p := &program{Module: m, steps: steps{start: m.Start != nil, keeps: true}}
	m.Imports = nil
	var mems []corewasm.MemType
	var tables []corewasm.Table
	for i := range main.Module.Imports {
		im, from := &main.Module.Imports[i], main.Args[i]
		held := from.Origin == graph.RefDef && from.Core != f.main
		switch {
		case im.Kind == corewasm.ExternFunc && from.Origin != graph.RefDef:
			m.Imports = append(m.Imports, *im)
			p.imports = append(p.imports, f.importName(from))
		case im.Kind == corewasm.ExternMem && held && !slices.Contains(f.mems, from):
			f.mems = append(f.mems, from)
			t, _ := f.holder(from).MemTypeOf(from.Index)
			mems = append(mems, t)
			for _, d := range f.holder(from).AllData() {
				if d.Mode == corewasm.SegActive && d.Mem == from.Index {
					if constexpr.ReadsGlobal(d.Offset) {
						return nil, notFused("the place of data of %s depends on a global", f.g.Cores[from.Core].Path)
					}
					d.Mem = uint32(len(mems) - 1)
					p.below = append(p.below, d)
				}
			}
		case im.Kind == corewasm.ExternTable && held && !slices.Contains(f.tables, from) && f.holder(from).Tables[from.Index].Init == nil:
			f.tables = append(f.tables, from)
			t := im.Table // its types are those of the module
			t.Limits = f.holder(from).Tables[from.Index].Type.Limits
			tables = append(tables, corewasm.Table{Type: t})
		default:
			return nil, notFused("%s imports a %s of another core instance", main.Path, im.Kind)
		}
	}
	m.Mems, m.Tables = append(mems, m.Mems...), append(tables, m.Tables...)
	m.Index()
	return p, f.exports(&p.steps, o)
}

// holder returns the module that defines an item.
func (f *fused) holder(r graph.CoreRef) *corewasm.Module { return f.g.Cores[r.Core].Module }

// importName returns the name in messages of what supplies an import.
func (f *fused) importName(r graph.CoreRef) string {
	switch r.Origin {
	case graph.RefCall:
		return "import " + strconv.Quote(f.g.Funcs[f.g.Calls[r.Call].Func].Name)
	case graph.RefBuiltin:
		b := &f.g.Builtins[r.Builtin]
		if b.Resource != nil && f.g.Resources[b.Resource.ID].Name != "" {
			return fmt.Sprintf("built-in function %s of %q", b.Op, f.g.Resources[b.Resource.ID].Name)
		}
		return fmt.Sprintf("built-in function %s", b.Op)
	default:
		return "import"
	}
}

// exports decides which exports run: exports of the fused module that the component's are lifted from.
func (f *fused) exports(s *steps, o Options) error {
	all := map[string]*graph.Func{}
	f.functions("", f.g.World.Exports, all)
	names := DefaultInit
	if o.Init != "" {
		names = []string{o.Init}
	}
	for _, name := range names {
		if all[name] == nil {
			continue
		}
		s.label = name
		return f.runs(s, all[name])
	}
	if o.Init == "" && !s.start {
		return diag.New("", "there is no initialisation to run: the component has no start function, and does not export %s", DefaultInit[0]).
			WithHint("name the export that initialises it")
	}
	if o.Init == "" {
		return nil
	}
	var can []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if initialises(all[name]) {
			can = append(can, strconv.Quote(name))
		}
	}
	return diag.New("export "+strconv.Quote(o.Init), "the component has no such function of its own").
		WithHint("it exports %s", cmp.Or(diag.List(can), noFunctions))
}

// functions adds functions of the component by the names of their exports, `function` or `interface#function`.
func (f *fused) functions(prefix string, items []world.Item, all map[string]*graph.Func) {
	for i := range items {
		it := &items[i]
		switch it.Sort {
		case component.SortFunc:
			if fn := &f.g.Funcs[it.Func]; fn.Lift != nil {
				all[prefix+it.Name] = fn
			}
		case component.SortInstance:
			f.functions(prefix+it.Name+"#", it.Items, all)
		}
	}
}

// initialises reports whether a function can initialise the component, as far as its type tells.
func initialises(fn *graph.Func) bool { return len(fn.Type.Params) == 0 && fn.Type.Result == nil }

// runs decides which exports run for a function.
func (f *fused) runs(s *steps, fn *graph.Func) (err error) {
	item := "export " + strconv.Quote(s.label)
	if !initialises(fn) {
		return diag.New(item, "the function that initialises a component has no parameters and no result")
	}
	if fn.Lift.Opts.Async {
		return diag.New(item, "it is asynchronous, and only the host can run its tasks").WithHint("export a function that is not")
	}
	if s.init, err = f.export(fn.Lift.Core); err == nil && !fn.Lift.Opts.PostReturn.IsZero() {
		s.post, err = f.export(fn.Lift.Opts.PostReturn)
	}
	return err
}

// export returns the name by which the fused module exports a function.
func (f *fused) export(r graph.CoreRef) (string, error) {
	if r.Origin == graph.RefDef && r.Core == f.main {
		for _, x := range f.g.Cores[f.main].Module.Exports {
			if x.Kind == corewasm.ExternFunc && x.Index == r.Index {
				return x.Name, nil
			}
		}
	}
	return "", notFused("%s does not define the function that initialises it", f.g.Cores[f.main].Path)
}

// divide replaces the modules of the component by those with the state of the joined module, and reports whether debug
// information has been left out.
func (f *fused) divide(after *corewasm.Module) (debugDropped bool, err error) {
	main := f.g.Cores[f.main].Module
	held := map[graph.CoreID]*corewasm.Module{}
	for i, r := range f.mems {
		h := f.copyOf(held, r.Core)
		h.Mems[r.Index].Limits = after.Mems[i].Limits
		h.DataCount = nil
		h.Data = slices.DeleteFunc(h.Data, func(d corewasm.Data) bool { return d.Mode == corewasm.SegActive && d.Mem == r.Index })
		for _, d := range after.Data {
			if d.Mode == corewasm.SegActive && int(d.Mem) == i {
				d.Mem = r.Index
				h.Data = append(h.Data, d)
			}
		}
	}
	for i, r := range f.tables {
		f.copyOf(held, r.Core).Tables[r.Index].Type.Limits = after.Tables[i].Type.Limits
	}
	after.Data = slices.DeleteFunc(after.Data, func(d corewasm.Data) bool { return d.Mode == corewasm.SegActive && int(d.Mem) < len(f.mems) })
	after.Imports = slices.Clone(main.Imports)
	mem, table := 0, 0
	for i := range after.Imports {
		switch im := &after.Imports[i]; im.Kind {
		case corewasm.ExternMem:
			im.Mem.Limits.Min = after.Mems[mem].Limits.Min
			mem++
		case corewasm.ExternTable:
			im.Table.Limits.Min = after.Tables[table].Type.Limits.Min
			table++
		}
	}
	after.Mems, after.Tables = after.Mems[mem:], after.Tables[table:]
	after.Index()
	c := *f.c
	c.Bytes, c.Defs = nil, slices.Clone(f.c.Defs)
	for i, d := range c.Defs {
		old, ok := d.(*component.CoreModule)
		if !ok {
			continue
		}
		if old.Module == main {
			now := &component.CoreModule{Module: after}
			now.Bytes, debugDropped = encoded(after, old.Bytes)
			c.Defs[i] = now
			continue
		}
		for id, h := range held {
			if f.g.Cores[id].Module == old.Module {
				h.Index()
				c.Defs[i] = &component.CoreModule{Module: h, Bytes: coreencode.Module(h)}
			}
		}
	}
	f.c = &c
	return debugDropped, nil
}

// copyOf returns the module of a holder, which may be changed.
func (f *fused) copyOf(held map[graph.CoreID]*corewasm.Module, id graph.CoreID) *corewasm.Module {
	if held[id] == nil {
		held[id] = copied(f.g.Cores[id].Module)
	}
	return held[id]
}
