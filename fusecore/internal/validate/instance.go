// This file implements validation of core instances and instances.

package validate

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// coreInstance validates a core instance definition.
func (v *validator) coreInstance(s *scope, d *component.CoreInstance) error {
	if d.Inline {
		inst := &coreExports{}
		for _, e := range d.Exports {
			x, err := s.coreItem(e.Item)
			if err != nil {
				return fmt.Errorf("export `%s`: %w", e.Name, err)
			}
			if !inst.add(e.Name, x) {
				return fmt.Errorf("export name `%s` already defined", e.Name)
			}
		}
		s.coreInsts = append(s.coreInsts, inst)
		return nil
	}
	e, err := s.space.At(component.SortCore, d.Module)
	if err != nil {
		return err
	}
	args := make(map[string]*coreExports, len(d.Args))
	for _, a := range d.Args {
		inst, err := component.Pick(s.coreInsts, a.Instance, "core instance")
		if err != nil {
			return fmt.Errorf("argument `%s`: %w", a.Name, err)
		}
		if _, dup := args[a.Name]; dup {
			return fmt.Errorf("duplicate module instantiation argument named `%s`", a.Name)
		}
		args[a.Name] = inst
	}
	mod := e.mod
	if mod.unknown {
		return v.unchecked(s, d)
	}
	for _, imp := range mod.imports {
		if err := v.step(); err != nil {
			return err
		}
		inst, ok := args[imp.module]
		if !ok {
			return fmt.Errorf("missing module instantiation argument named `%s`", imp.module)
		}
		x, ok := inst.get(imp.name)
		if !ok {
			return fmt.Errorf("module instantiation argument `%s` does not export an item named `%s`", imp.module, imp.name)
		}
		if err := v.core.coreMatch(x, imp.ext); err != nil {
			return fmt.Errorf("type mismatch for export `%s` of module instantiation argument `%s`: %w", imp.name, imp.module,
				err)
		}
	}
	s.coreInsts = append(s.coreInsts, &mod.exports)
	return nil
}

// coreItem looks a core item up.
func (s *scope) coreItem(si component.CoreSortIdx) (x coreExtern, err error) {
	switch si.Sort {
	case component.CoreFunc:
		x.kind = corewasm.ExternFunc
		x.typ, err = component.Pick(s.coreFuncs, si.Index, "function")
	case component.CoreTable:
		x.kind = corewasm.ExternTable
		x.table, err = component.Pick(s.coreTables, si.Index, "table")
	case component.CoreMemory:
		x.kind = corewasm.ExternMem
		x.mem, err = component.Pick(s.coreMems, si.Index, "memory")
	case component.CoreGlobal:
		x.kind = corewasm.ExternGlobal
		x.global, err = component.Pick(s.coreGlobals, si.Index, "global")
	case component.CoreTag:
		x.kind = corewasm.ExternTag
		x.typ, err = component.Pick(s.coreTags, si.Index, "tag")
	default:
		err = fmt.Errorf("a core instance cannot export a %s", si.Sort)
	}
	return x, err
}

// instance validates an instance definition.
func (v *validator) instance(s *scope, d *component.Instance) error {
	var it *instanceType
	var err error
	if d.Inline {
		it, err = s.bundle(d.Exports)
	} else {
		it, err = v.instantiate(s, d)
	}
	if err != nil {
		return err
	}
	if err := it.check(); err != nil {
		return err
	}
	s.push(entity{kind: entInstance, inst: it})
	return nil
}

// bundle returns the type of an instance made of existing items. It adds no indices, so annotated names find no
// resource in it.
func (s *scope) bundle(exports []component.InlineExport) (*instanceType, error) {
	it := &instanceType{}
	names := newNameSet("export")
	for i := range exports {
		x := &exports[i]
		e, err := s.lookup(x.Item)
		if err == nil {
			err = checkName(&names, &x.Name, e)
		}
		if err != nil {
			return nil, fmt.Errorf("export `%s`: %w", x.Name.Name, err)
		}
		it.exports.add(x.Name.Name, e)
	}
	it.info = it.exports.info()
	return it, nil
}

// instantiate returns the type of an instance of a component: its exports, with imported types replaced by supplied
// ones, and with fresh resources for those that it defines.
func (v *validator) instantiate(s *scope, d *component.Instance) (*instanceType, error) {
	e, err := s.space.At(component.SortComponent, d.Component)
	if err != nil {
		return nil, err
	}
	args := make(map[string]entity, len(d.Args))
	for _, arg := range d.Args {
		e, err := s.lookup(arg.Item)
		if err != nil {
			return nil, fmt.Errorf("argument `%s`: %w", arg.Name, err)
		}
		if _, dup := args[arg.Name]; dup {
			return nil, fmt.Errorf("instantiation argument `%s` conflicts with previous argument `%s`", arg.Name, arg.Name)
		}
		args[arg.Name] = e
	}
	ct := e.comp
	m := newMatcher(v)
	m.bindable(ct.imported)
	for i := range ct.imports.list {
		if err := v.step(); err != nil {
			return nil, err
		}
		it := &ct.imports.list[i]
		arg, ok := args[it.name]
		if !ok {
			return nil, fmt.Errorf("missing import named `%s`: expected %s as the argument of that name", it.name,
				a(it.ent.kind.String()))
		}
		if err := m.match(arg, it.ent); err != nil {
			return nil, fmt.Errorf("type mismatch for import `%s`: %w", it.name, err)
		}
	}
	sub := newSubst(v)
	sub.types = m.types
	for _, r := range ct.imported {
		sub.res[r] = m.resolve(r)
	}
	for _, r := range ct.defined {
		sub.res[r] = s.fresh(r.name, false)
	}
	// The info does not change: a supplied type is as large as the imported one, or the same resource.
	out := &instanceType{info: ct.exported, exports: ct.exports}
	if ct.exported.ident {
		out.exports, _ = sub.items(&ct.exports)
	}
	return out, sub.err
}
