// Package component is a form of output: a component around the fused core module. It declares the world's imports,
// lowers the host's functions for the module, instantiates it and lifts its exports to the world's. A host function
// whose options name a memory or a realloc of the module would have to be lowered before the module exists and
// instantiated after it. Modules that are instantiated first break this cycle: holders, which define its memories and tables,
// and functions that call its reallocs (holder.go). Holders also keep the fused module within the limits of engines that take
// memories and tables from pools, by default one of each that a module defines.
//
//	(component
//	  (import "ns:pkg/log" (instance $log ...))
//	  (core instance $holder0 (instantiate $memory-of-guest))
//	  (core func $0 (canon lower (func $log "log") (memory (core memory $holder0 "memory"))))
//	  (core instance $main (instantiate $fused (with "host" (instance (export "0" (func $0)))) (with "holder0" (instance $holder0))))
//	  (func $run (canon lift (core func $main "f0") ...))
//	  (export "run" (func $run)))
package component

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/merge"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/worldtype"
)

// Write writes the component around the merged module. Its world is that of the plan's graph.
func (f *Form) Write(fused *merge.Fused) (*component.Component, error) {
	c := &component.Component{Name: "fused"}
	w := &wrapper{Form: f, world: worldtype.New(c), resources: map[*ctypes.Resource]uint32{}, lifts: map[graph.FuncID]int{}, holders: map[int]uint32{},
		aliases: map[coreExport]uint32{}, starts: map[corewasm.ValType]uint32{}, lifted: map[graph.FuncID][]lift{}}
	for i := range f.p.Boundary.Exports {
		w.lifts[f.p.Boundary.Exports[i].Func] = i
	}
	if err := w.world.Imports(f.p.Graph.World.Imports); err != nil {
		return nil, err
	}
	if err := w.hold(fused); err != nil {
		return nil, err
	}
	if err := w.instantiate(fused); err != nil {
		return nil, err
	}
	if err := w.world.Exports(f.p.Graph.World.Exports, w); err != nil {
		return nil, err
	}
	return c, nil
}

// wrapper is the state of writing one component. It is the worldtype.Source of its exports.
type wrapper struct {
	*Form
	world     *worldtype.Writer
	holders   map[int]uint32              // core instances, by the holder's number
	main      uint32                      // core instance of the fused module
	resources map[*ctypes.Resource]uint32 // types of resources that the component defines
	starts    map[corewasm.ValType]uint32 // see startType
	lifts     map[graph.FuncID]int        // indices in Boundary.Exports
	aliases   map[coreExport]uint32       // core exports aliased so far
	lifted    map[graph.FuncID][]lift     // functions lifted so far
}

type coreExport struct {
	inst uint32
	sort component.CoreSort
	name string
}

// lift is a lifted function, by the indices of its type and of itself. The types of one function's lifts are equal but for
// the names they use.
type lift struct{ typ, index uint32 }

func (w *wrapper) module(m *corewasm.Module) uint32 {
	return w.world.Add(&component.CoreModule{Module: m})
}

// alias returns the index of a core instance's export.
func (w *wrapper) alias(inst uint32, sort component.CoreSort, name string) uint32 {
	key := coreExport{inst, sort, name}
	i, ok := w.aliases[key]
	if !ok {
		i = w.world.Add(&component.Alias{Sort: component.SortCore, Core: sort, Target: component.AliasCoreExport, Instance: inst, Name: name})
		w.aliases[key] = i
	}
	return i
}

// instantiate lowers the functions that the fused module imports, and instantiates it.
func (w *wrapper) instantiate(fused *merge.Fused) error {
	host := &component.CoreInstance{Inline: true}
	for _, i := range fused.Stay.Funcs {
		f, err := w.lower(&w.p.Boundary.Imports[i], w.code.Imports[i])
		if err != nil {
			return err
		}
		host.Exports = append(host.Exports, component.CoreInlineExport{
			Name: w.outside.Funcs[i].Name, Item: component.CoreSortIdx{Sort: component.CoreFunc, Index: f},
		})
	}
	main := &component.CoreInstance{Module: w.module(fused.Module)}
	if len(host.Exports) > 0 {
		main.Args = append(main.Args, component.CoreArg{Name: hostModule, Instance: w.world.Add(host)})
	}
	for _, i := range slices.Sorted(maps.Keys(w.holders)) {
		main.Args = append(main.Args, component.CoreArg{Name: holderModule(i), Instance: w.holders[i]})
	}
	w.main = w.world.Add(main)
	return nil
}

// lower returns the core function for one host import of the fused module.
func (w *wrapper) lower(l *plan.HostImport, opts emit.HostImport) (uint32, error) {
	d := &component.Canon{Op: l.Builtin}
	if l.Resource != nil {
		t, err := w.resourceType(l.Resource)
		d.Type = t
		return w.world.Add(d), err
	}
	var err error
	if l.Of != nil {
		err = w.operands(d, l)
	} else {
		d.Func, err = w.world.ImportFunc(w.p.Graph.Funcs[l.Func].Import)
	}
	if err != nil {
		return 0, err
	}
	d.Opts = encoding(l.Encoding)
	if !opts.Memory.IsZero() {
		d.Memory = w.alias(w.holders[w.held[opts.Memory]], component.CoreMemory, memoryName)
		d.Opts = append(d.Opts, component.CanonOpt{Kind: component.OptMemory, Index: d.Memory})
	}
	if !opts.Realloc.IsZero() {
		r := w.alias(w.holders[0], component.CoreFunc, w.reallocs[opts.Realloc])
		d.Opts = append(d.Opts, component.CanonOpt{Kind: component.OptRealloc, Index: r})
	}
	if l.Async {
		d.Opts = append(d.Opts, component.CanonOpt{Kind: component.OptAsync})
	}
	return w.world.Add(d), nil
}

// operands sets the operands of a built-in's definition, except its options and memory.
func (w *wrapper) operands(d *component.Canon, l *plan.HostImport) error {
	b := l.Of
	d.ValType, d.Index, d.Async, d.Cancellable, d.Shared = b.ValType, b.Slot, b.Async, b.Cancellable, b.Shared
	if b.Type != nil {
		t, err := w.world.Use(b.Type, w)
		if err != nil {
			return err
		}
		d.Type = t.Index
	}
	if !b.Table.IsZero() {
		d.CoreType = w.startType(l.Type.Params[len(l.Type.Params)-1])
		d.Table = w.alias(w.holders[w.held[sym.Of(b.Table)]], component.CoreTable, tableName)
	}
	var err error
	d.Result, err = w.world.Use(b.Result, w)
	return err
}

// startType returns the core type of functions with which threads start, by the type of their parameter.
func (w *wrapper) startType(t corewasm.ValType) uint32 {
	i, ok := w.starts[t]
	if !ok {
		start := corewasm.SubType{Final: true, Kind: corewasm.CompFunc, Func: corewasm.FuncType{Params: []corewasm.ValType{t}}}
		i = w.world.Add(&component.CoreType{Rec: &corewasm.RecGroup{Types: []corewasm.SubType{start}}})
		w.starts[t] = i
	}
	return i
}

// encoding returns the options for a string encoding; UTF-8 is the default.
func encoding(e cabi.Encoding) []component.CanonOpt {
	if e == cabi.UTF8 {
		return nil
	}
	return []component.CanonOpt{{Kind: component.OptKind(e)}}
}

// resourceType returns the type of a resource that the component imports or defines.
func (w *wrapper) resourceType(r *ctypes.Resource) (uint32, error) {
	if w.p.Graph.Resources[r.ID].Impl == graph.Host {
		return w.world.Resource(r, nil)
	}
	return w.Resource(r)
}

// Resource implements worldtype.Source: it defines a resource type of the fused instances in the component.
func (w *wrapper) Resource(r *ctypes.Resource) (uint32, error) {
	if i, ok := w.resources[r]; ok {
		return i, nil
	}
	dtor, ok := w.dtors[r]
	if !ok {
		return 0, &diag.Internal{Msg: fmt.Sprintf("the world shows the resource type %q, which the plan does not define", r.Name)}
	}
	def := &component.ResourceDef{Rep: corewasm.I32}
	if dtor != "" {
		f := w.alias(w.holders[0], component.CoreFunc, dtor)
		def.Dtor = &f
	}
	i := w.world.Add(&component.Type{Def: def})
	w.resources[r] = i
	return i, nil
}

// Opaque implements worldtype.Source.
func (w *wrapper) Opaque(it *world.Item) (uint32, error) {
	return w.world.Define(w.p.Graph.Opaques[it.Opaque].Def), nil
}

// Func implements worldtype.Source: it lifts a function of the fused module.
func (w *wrapper) Func(path []string, it *world.Item, typ func() uint32) (uint32, error) {
	lifted := w.lifted[it.Func]
	if len(lifted) > 0 && len(path) > 1 {
		return lifted[0].index, nil
	}
	t := typ()
	for _, l := range lifted {
		if l.typ == t {
			return l.index, nil
		}
	}
	pos, ok := w.lifts[it.Func]
	if !ok {
		return 0, &diag.Internal{Msg: fmt.Sprintf("the plan lifts no function for export %q", strings.Join(path, "/"))}
	}
	l := &w.code.Exports[pos]
	d := &component.Canon{Op: component.CanonLift, Type: t, Opts: encoding(w.p.Boundary.Exports[pos].Encoding)}
	var err error
	core := func(s asm.Sym, sort component.CoreSort) uint32 {
		if i, held := w.held[s]; held {
			return w.alias(w.holders[i], sort, memoryName)
		}
		name, ok := w.exports[s]
		if !ok && err == nil {
			err = &diag.Internal{Msg: fmt.Sprintf("the fused module does not export %v, for export %q", s, strings.Join(path, "/"))}
		}
		return w.alias(w.main, sort, name)
	}
	d.CoreFunc = core(l.Core, component.CoreFunc)
	opt := func(kind component.OptKind, s asm.Sym, sort component.CoreSort) {
		if !s.IsZero() {
			d.Opts = append(d.Opts, component.CanonOpt{Kind: kind, Index: core(s, sort)})
		}
	}
	opt(component.OptMemory, l.Memory, component.CoreMemory)
	opt(component.OptRealloc, l.Realloc, component.CoreFunc)
	opt(component.OptPostReturn, l.PostReturn, component.CoreFunc)
	if w.p.Boundary.Exports[pos].Async {
		d.Opts = append(d.Opts, component.CanonOpt{Kind: component.OptAsync})
	}
	opt(component.OptCallback, l.Callback, component.CoreFunc)
	if err != nil {
		return 0, err
	}
	i := w.world.Add(d)
	w.lifted[it.Func] = append(lifted, lift{t, i})
	return i, nil
}
