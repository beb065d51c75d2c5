package validate

import (
	"errors"
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// alias validates an alias definition or declarator.
func (v *validator) alias(s *scope, a *component.Alias) error {
	if s.kind != scopeComponent {
		core := a.Sort == component.SortCore && a.Core == component.CoreTypeSort && a.Target == component.AliasOuter
		inst := a.Sort == component.SortInstance && a.Target == component.AliasExport
		if a.Target == component.AliasCoreExport || a.Sort != component.SortType && !core && !inst {
			return errors.New("aliases in component and instance types may only refer to types or instances")
		}
	}
	switch a.Target {
	case component.AliasExport:
		return s.aliasExport(a)
	case component.AliasCoreExport:
		return s.aliasCoreExport(a)
	case component.AliasOuter:
		return v.aliasOuter(s, a)
	}
	return fmt.Errorf("unknown alias target 0x%02x", byte(a.Target))
}

func (s *scope) aliasExport(a *component.Alias) error {
	inst, err := at(s.instances, a.Instance, "instance")
	if err != nil {
		return err
	}
	e, ok := inst.exports.get(a.Name)
	if !ok {
		return fmt.Errorf("instance %d has no export named `%s`", a.Instance, a.Name)
	}
	want := component.SortIdx{Sort: a.Sort, Core: a.Core}.Kind()
	if found := e.sort(); found != want {
		return fmt.Errorf("export `%s` for instance %d is not a %s, it is a %s", a.Name, a.Instance, want, found)
	}
	s.push(e)
	return nil
}

// sort gives the entity's sort as aliases write it.
func (e entity) sort() string {
	if e.kind == entModule {
		return component.CoreModSort.String()
	}
	return e.kind.String()
}

var coreExternSorts = map[component.CoreSort]corewasm.ExternKind{
	component.CoreFunc: corewasm.ExternFunc, component.CoreTable: corewasm.ExternTable,
	component.CoreMemory: corewasm.ExternMem, component.CoreGlobal: corewasm.ExternGlobal,
	component.CoreTag: corewasm.ExternTag,
}

func (s *scope) aliasCoreExport(a *component.Alias) error {
	inst, err := at(s.coreInsts, a.Instance, "core instance")
	if err != nil {
		return err
	}
	want, ok := coreExternSorts[a.Core]
	if a.Sort != component.SortCore || !ok {
		return fmt.Errorf("a core instance has no exports of sort %s", component.SortIdx{Sort: a.Sort, Core: a.Core}.Kind())
	}
	x, ok := inst.exts[a.Name]
	if !ok {
		return fmt.Errorf("core instance %d has no export named `%s`", a.Instance, a.Name)
	}
	if x.kind != want {
		return fmt.Errorf("export `%s` for core instance %d is not a %s, it is a %s", a.Name, a.Instance, want, x.kind)
	}
	s.pushCore(x)
	return nil
}

func (v *validator) aliasOuter(s *scope, a *component.Alias) error {
	from, crosses, err := s.outer(a.Outer)
	if err != nil {
		return err
	}
	switch {
	case a.Sort == component.SortType:
		t, err := from.typeAt(a.Index)
		if err != nil {
			return err
		}
		if crosses {
			used := v.free()
			if err := used.typ(t); err != nil {
				return err
			}
			if used.any() {
				return errors.New("cannot alias outer type which transitively refers to resources not defined in the " +
					"current component")
			}
		}
		s.types = append(s.types, t)
		return nil
	case a.Sort == component.SortComponent:
		c, err := at(from.components, a.Index, "component")
		if err != nil {
			return err
		}
		s.components = append(s.components, c)
		return nil
	case a.Sort == component.SortCore && a.Core == component.CoreTypeSort:
		e, err := at(from.coreTypes, a.Index, "core type")
		if err != nil {
			return err
		}
		s.coreTypes = append(s.coreTypes, e)
		return nil
	case a.Sort == component.SortCore && a.Core == component.CoreModSort:
		m, err := at(from.coreModules, a.Index, "module")
		if err != nil {
			return err
		}
		s.coreModules = append(s.coreModules, m)
		return nil
	}
	return fmt.Errorf("an outer alias may only refer to types, core types, components and modules, not to a %s",
		component.SortIdx{Sort: a.Sort, Core: a.Core}.Kind())
}
