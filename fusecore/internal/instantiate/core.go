// This file implements core instances, canonical definitions and calls.

package instantiate

import (
	"slices"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

func externKind(s component.CoreSort) (corewasm.ExternKind, bool) {
	return corewasm.ExternKind(s), s <= component.CoreTag
}

// coreInstance instantiates a core module, or bundles items.
func (f *frame) coreInstance(d *component.CoreInstance) error {
	if d.Inline {
		v := &coreInstVal{exports: map[string]graph.CoreRef{}}
		for _, e := range d.Exports {
			k, ok := externKind(e.Item.Sort)
			if !ok {
				return diag.New("", "core export %q is of a sort that an instance cannot have", e.Name)
			}
			ref, err := component.Pick(f.core[k], e.Item.Index, "core "+k.String())
			if err != nil {
				return err
			}
			v.exports[e.Name] = ref
		}
		f.coreInsts = append(f.coreInsts, v)
		return nil
	}
	mod, err := f.space.At(component.SortCore, d.Module)
	if err != nil {
		return err
	}
	switch {
	case mod.module.def == nil:
		return diag.New("", "the core module that it instantiates is supplied from outside")
	case mod.module.def.Unsupported != nil:
		return unsupported(mod.module.def.Unsupported)
	}
	m := mod.module.def.Module
	args := map[string]*coreInstVal{}
	for _, a := range d.Args {
		if args[a.Name], err = component.Pick(f.coreInsts, a.Instance, "core instance"); err != nil {
			return err
		}
	}
	if err := f.ev.countCore(m); err != nil {
		return err
	}
	name := m.Name
	if name == "" {
		name = "core" + strconv.Itoa(len(f.coreInsts))
	}
	ci := graph.CoreInst{Owner: f.inst, Path: f.ev.path(f.path(), name), Module: m}
	for i := range m.Imports {
		im := &m.Imports[i]
		arg := args[im.Module]
		if arg == nil {
			return diag.New("core instance "+strconv.Itoa(len(f.coreInsts)), "no argument supplies the module's imports from %q", im.Module)
		}
		ref, ok := f.ev.coreExport(arg, im.Name)
		if !ok || ref.Kind != im.Kind {
			return diag.New("core instance "+strconv.Itoa(len(f.coreInsts)), "the argument %q has no %v %q", im.Module, im.Kind, im.Name)
		}
		ci.Args = append(ci.Args, ref)
	}
	f.coreInsts = append(f.coreInsts, &coreInstVal{core: graph.CoreID(len(f.ev.g.Cores))})
	f.ev.g.Cores = append(f.ev.g.Cores, ci)
	return nil
}

// coreExport returns the item that an export of a core instance refers to. For a re-exported import that is the
// supplied item.
func (ev *evaluator) coreExport(v *coreInstVal, name string) (graph.CoreRef, bool) {
	if v.exports != nil {
		ref, ok := v.exports[name]
		return ref, ok
	}
	ci := &ev.g.Cores[v.core]
	e, ok := ev.exportsOf(ci.Module)[name]
	if !ok {
		return graph.CoreRef{}, false
	}
	if pos, imported := ci.Module.ImportAt(e.Kind, e.Index); imported {
		return ci.Args[pos], true
	}
	return graph.CoreRef{Origin: graph.RefDef, Kind: e.Kind, Core: v.core, Index: e.Index}, true
}

// exportsOf returns a module's exports by name.
func (ev *evaluator) exportsOf(m *corewasm.Module) map[string]corewasm.Export {
	if x, ok := ev.exports[m]; ok {
		return x
	}
	x := map[string]corewasm.Export{}
	for _, e := range m.Exports {
		x[e.Name] = e
	}
	ev.exports[m] = x
	return x
}

// canon evaluates a canonical definition.
func (f *frame) canon(d *component.Canon) error {
	if what, proposal := d.Unsupported(); what != "" {
		return diag.New("", "%s belongs to the proposal %s, which is not supported", what, proposal)
	}
	opts, err := f.options(d.Opts)
	if err != nil {
		return err
	}
	g := f.ev.g
	switch d.Op {
	case component.CanonLift:
		ft, err := f.funcType(d.Type)
		if err != nil {
			return err
		}
		core, err := component.Pick(f.core[corewasm.ExternFunc], d.CoreFunc, "core function")
		if err != nil {
			return err
		}
		f.bind(item{sort: component.SortFunc, fn: graph.FuncID(len(g.Funcs))})
		g.Funcs = append(g.Funcs, graph.Func{Type: ft, Inst: f.inst, Lift: &graph.Lift{Core: core, Opts: opts}})
		return nil
	case component.CanonLower:
		callee, err := f.space.At(component.SortFunc, d.Func)
		if err != nil {
			return err
		}
		id := f.ev.call(callee.fn, graph.Side{Inst: f.inst, Opts: opts})
		f.core[corewasm.ExternFunc] = append(f.core[corewasm.ExternFunc], graph.OfCall(id))
		return nil
	}
	return f.builtin(d, opts)
}

// call returns the call of a function by a caller, creating it once for each different caller.
func (ev *evaluator) call(fn graph.FuncID, caller graph.Side) graph.CallID {
	key := callKey{fn: fn, caller: caller}
	if id, ok := ev.calls[key]; ok {
		return id
	}
	id := graph.CallID(len(ev.g.Calls))
	callee := &ev.g.Funcs[fn]
	c := graph.Call{Func: fn, Caller: caller, Callee: graph.Side{Inst: callee.Inst}}
	if callee.Lift != nil {
		c.Callee.Opts, c.Target = callee.Lift.Opts, callee.Lift.Core
	}
	ev.g.Calls = append(ev.g.Calls, c)
	ev.calls[key] = id
	return id
}

// exportCall creates the call by which the host calls an exported function.
func (ev *evaluator) exportCall(fn graph.FuncID) {
	ev.call(fn, graph.Side{Inst: graph.Host})
}

func (f *frame) options(opts []component.CanonOpt) (o graph.Options, err error) {
	for _, opt := range opts {
		switch opt.Kind {
		case component.OptUTF8, component.OptUTF16, component.OptLatin1UTF16:
			o.Encoding = cabi.Encoding(opt.Kind)
		case component.OptMemory:
			if o.Memory, err = component.Pick(f.core[corewasm.ExternMem], opt.Index, "core memory"); err == nil {
				o.Ptr64, err = f.ev.memory64(o.Memory)
			}
		case component.OptRealloc:
			o.Realloc, err = component.Pick(f.core[corewasm.ExternFunc], opt.Index, "core function")
		case component.OptPostReturn:
			o.PostReturn, err = component.Pick(f.core[corewasm.ExternFunc], opt.Index, "core function")
		case component.OptCallback:
			o.Callback, err = component.Pick(f.core[corewasm.ExternFunc], opt.Index, "core function")
		case component.OptAsync:
			o.Async = true
		}
		if err != nil {
			return o, err
		}
	}
	return o, nil
}

func (ev *evaluator) memory64(ref graph.CoreRef) (bool, error) {
	t, ok := ev.g.Cores[ref.Core].Module.MemTypeOf(ref.Index)
	if !ok {
		return false, diag.New("", "core memory %d does not exist", ref.Index)
	}
	return t.Limits.Is64, nil
}

// builtin evaluates a canonical definition other than lift and lower.
func (f *frame) builtin(d *component.Canon, opts graph.Options) error {
	b := graph.Builtin{Op: d.Op, Inst: f.inst, Opts: opts, Slot: d.Index, ValType: d.ValType, Async: d.Async,
		Cancellable: d.Cancellable, Shared: d.Shared}
	var err error
	operands, _ := d.Op.Operands()
	switch d.Op {
	case component.CanonResourceNew, component.CanonResourceDrop, component.CanonResourceRep:
		b.Resource, err = f.ResourceType(d.Type)
	case component.CanonTaskReturn:
		b.Result, err = ctypes.EvalUse(f.scope, d.Result)
	case component.CanonWaitableSetWait, component.CanonWaitableSetPoll:
		if b.Opts.Memory, err = component.Pick(f.core[corewasm.ExternMem], d.Memory, "core memory"); err == nil {
			b.Opts.Ptr64, err = f.ev.memory64(b.Opts.Memory)
		}
	case component.CanonThreadNewIndirect, component.CanonThreadSpawnIndirect:
		b.Table, err = component.Pick(f.core[corewasm.ExternTable], d.Table, "core table")
	default:
		if slices.Contains(operands, component.OperandType) { // a stream or future type
			b.Type, err = f.ValueType(d.Type)
		}
	}
	if err != nil {
		return err
	}
	g := f.ev.g
	ref := graph.OfBuiltin(graph.BuiltinID(len(g.Builtins)))
	g.Builtins = append(g.Builtins, b)
	f.core[corewasm.ExternFunc] = append(f.core[corewasm.ExternFunc], ref)
	return nil
}
