// Package module is a form of output: a bare core module, whose imports and exports have the names of one of the
// core-module ABIs of its world (package coreabi), with the world in a custom section. What instantiation may not do, because
// the host could not be called meanwhile, a function does that the host calls first.
//
//	(module
//	  (import "ns:pkg/log@1.0.0" "log" (func (param i32 i32)))
//	  (memory (export "memory") 1)
//	  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) ...)
//	  (func (export "ns:pkg/app@1.0.0#run") (result i32) ...)
//	  (func (export "cabi_post_ns:pkg/app@1.0.0#run") (param i32) ...)
//	  (func (export "_initialize") ...)
//	  (@custom "component-type" ...))
package module

import (
	"fmt"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/merge"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/preview1"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// Form is the names of the fused module of one plan.
type Form struct {
	p       *plan.Plan
	code    *emit.Code
	abi     *coreabi.ABI
	outside merge.Outside
	section []byte                    // the world, or nil if a module for preview1 has nothing else
	imports map[coreabi.Import]string // what has a name, for messages
	exports map[string]string
	// resources are the names of resource types that the world exports.
	resources map[*ctypes.Resource]coreabi.Item
	lifts     map[graph.FuncID]int   // indices in Boundary.Exports
	items     map[string]*world.Item // the world's imports
	preview1  bool
}

// Options are what can be chosen.
type Options struct {
	ABI *coreabi.ABI
	// Preview1 makes a module for engines with wasi_snapshot_preview1; see preview1.go.
	Preview1 bool
}

// Plan is what the form requires of a plan.
func (o Options) Plan() plan.Options {
	po := plan.Options{OneMemory: true, Flags: true, Named: true}
	if o.Preview1 {
		po.Raw = preview1.Functions
	}
	return po
}

// New decides the names of the fused module of a plan. It returns an error for a world that the ABI, or WIT, cannot
// express.
func New(p *plan.Plan, code *emit.Code, o Options) (*Form, error) {
	abi := o.ABI
	f := &Form{p: p, code: code, abi: abi, preview1: o.Preview1, imports: map[coreabi.Import]string{}, exports: map[string]string{},
		resources: map[*ctypes.Resource]coreabi.Item{}, lifts: map[graph.FuncID]int{}, items: map[string]*world.Item{}}
	for i := range p.Graph.World.Imports {
		f.items[p.Graph.World.Imports[i].Name] = &p.Graph.World.Imports[i]
	}
	for i := range p.Boundary.Exports {
		f.lifts[p.Boundary.Exports[i].Func] = i
	}
	w := f.named()
	if !o.Preview1 || len(w.Imports)+len(w.Exports) > 0 {
		var err error
		if f.section, err = coreabi.Section(w); err != nil {
			return nil, err
		}
	}
	f.world(w)
	for i := range p.Boundary.Imports {
		if err := f.importHost(&p.Boundary.Imports[i]); err != nil {
			return nil, err
		}
	}
	for i := range w.Exports {
		if err := f.exportItem(&w.Exports[i]); err != nil {
			return nil, diag.In(err, "", "", "export "+strconv.Quote(w.Exports[i].Name))
		}
	}
	for i, r := range p.Boundary.Resources {
		it, ok := f.resources[r]
		if dtor := code.Dtors[i]; ok && !dtor.IsZero() {
			if err := f.export(abi.Destructor(it), dtor, "destructor of "+it.Name); err != nil {
				return nil, err
			}
		}
	}
	for _, x := range []struct {
		name string
		item asm.Sym
	}{{abi.Memory, code.Memory}, {abi.Realloc, code.Realloc}} {
		if err := f.export(x.name, x.item, x.name); err != nil {
			return nil, err
		}
	}
	f.outside.Initialize = &merge.Initialize{Name: abi.Initialize, Before: code.Begin, After: code.End}
	if f.preview1 {
		return f, f.command()
	}
	return f, nil
}

// Outside returns the imports and exports of the fused module.
func (f *Form) Outside() *merge.Outside { return &f.outside }

// Write completes the merged module.
func (f *Form) Write(fused *merge.Fused) *corewasm.Module {
	m := fused.Module
	if f.section != nil {
		m.Customs = append(m.Customs, corewasm.Custom{Name: coreabi.SectionName, Bytes: f.section})
	}
	return m
}

// world finds the names of resource types that a world exports: the first of each, which the others rename.
func (f *Form) world(w *world.World) {
	for i := range w.Exports {
		it := &w.Exports[i]
		for _, in := range w.ItemsOf(it) {
			if _, again := f.resources[in.Resource]; in.Resource != nil && !again {
				f.resources[in.Resource] = coreabi.Item{Interface: coreabi.Name(it), Name: in.Name}
			}
		}
	}
}

// importHost imports a host function or a built-in.
func (f *Form) importHost(l *plan.HostImport) error {
	var name coreabi.Import
	var what string
	switch r := l.Resource; {
	case l.Of != nil:
		return &diag.Internal{Msg: "a core module cannot import the built-in " + l.Builtin.String()}
	case r == nil:
		it, err := f.imported(f.p.Graph.Funcs[l.Func].Import)
		if err != nil {
			return err
		}
		name, what = f.abi.Func(it), "function "+it.Name+" of "+it.Interface
		if f.preview1 && it.Interface == preview1.Functions {
			name = coreabi.Import{Module: preview1.Module, Name: preview1.CoreName(it.Name)}
		}
	case f.p.Graph.Resources[r.ID].Impl == graph.Host:
		it, err := f.imported(f.p.Graph.World.Outside[r])
		if err != nil {
			return err
		}
		name, what = f.abi.Imported(it), "type "+it.Name+" of "+it.Interface
	default:
		it, ok := f.resources[r]
		if !ok {
			return &diag.Internal{Msg: fmt.Sprintf("the world does not export the resource type %q, which the plan defines", r.Name)}
		}
		name, what = f.abi.Exported(intrinsics[l.Builtin], it), "type "+it.Name+" of "+it.Interface
	}
	if other, ok := f.imports[name]; ok {
		return coreabi.Unsayable("the %s and the %s have one name, %q of %q", other, what, name.Name, name.Module)
	}
	f.imports[name] = what
	f.outside.Funcs = append(f.outside.Funcs, merge.Func{Module: name.Module, Name: name.Name, Type: l.Type})
	return nil
}

var intrinsics = map[component.CanonOp]coreabi.Intrinsic{
	component.CanonResourceNew: coreabi.New, component.CanonResourceRep: coreabi.Rep, component.CanonResourceDrop: coreabi.Drop,
}

// imported returns the item with a path in the world's imports.
func (f *Form) imported(path []string) (coreabi.Item, error) {
	it := f.items[path[0]]
	if len(path) > 2 || it == nil {
		return coreabi.Item{}, &diag.Internal{Msg: fmt.Sprintf("the world has no import %q", path)}
	}
	if len(path) == 1 {
		return coreabi.Item{Name: path[0]}, nil
	}
	return coreabi.Item{Interface: coreabi.Name(it), Name: path[1]}, nil
}

// exportItem exports the functions of an export of the world.
func (f *Form) exportItem(it *world.Item) error {
	if it.Sort == component.SortFunc {
		return f.exportFunc(coreabi.Item{Name: it.Name}, it)
	}
	items := f.p.Graph.World.ItemsOf(it)
	for i := range items {
		in := items[i]
		if in.Sort != component.SortFunc {
			continue
		}
		if it.Import != nil {
			in.Import = append(it.Import[:len(it.Import):len(it.Import)], in.Name)
		}
		if err := f.exportFunc(coreabi.Item{Interface: coreabi.Name(it), Name: in.Name}, &in); err != nil {
			return err
		}
	}
	return nil
}

// exportFunc exports a lifted function.
func (f *Form) exportFunc(name coreabi.Item, it *world.Item) error {
	if it.Import != nil {
		if err := f.reExportable(it); err != nil {
			return err
		}
	}
	pos, ok := f.lifts[it.Func]
	if !ok {
		return &diag.Internal{Msg: fmt.Sprintf("the plan lifts no function for export %q", it.Name)}
	}
	l := &f.code.Exports[pos]
	if err := f.export(f.abi.Export(name), l.Core, it.Name); err != nil {
		return err
	}
	return f.export(f.abi.PostReturn(name), l.PostReturn, it.Name)
}

// reExportable rejects an import that the world exports again if the module cannot call it for the host with the same values.
func (f *Form) reExportable(it *world.Item) error {
	switch {
	case it.FuncType.Async:
		return coreabi.Unsayable("%q is an import of the world, and asynchronous", it.Name)
	case it.FuncType.Any(func(t *ctypes.Type) bool { return t.Kind == ctypes.Borrow }):
		return coreabi.Unsayable("%q is an import of the world, and is passed borrowed handles, which a core module would have to drop", it.Name)
	}
	return nil
}

// export exports an item of the module, unless it is zero.
func (f *Form) export(name string, s asm.Sym, what string) error {
	if s.IsZero() {
		return nil
	}
	if other, ok := f.exports[name]; ok {
		return coreabi.Unsayable("%s and %s have one name, %q", other, what, name)
	}
	f.exports[name] = what
	f.outside.Exports = append(f.outside.Exports, merge.Export{Name: name, Sym: s})
	return nil
}
