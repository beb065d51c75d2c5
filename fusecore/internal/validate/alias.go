// This file implements validation of aliases.

package validate

import (
	"errors"
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// alias validates an alias definition or declarator.
func (v *validator) alias(s *scope, al *component.Alias) error {
	if s.kind != scopeComponent {
		core := al.Sort == component.SortCore && al.Core == component.CoreTypeSort && al.Target == component.AliasOuter
		inst := al.Sort == component.SortInstance && al.Target == component.AliasExport
		if al.Target == component.AliasCoreExport || al.Sort != component.SortType && !core && !inst {
			return errors.New("aliases in component and instance types may only refer to types or instances")
		}
	}
	switch al.Target {
	case component.AliasExport:
		return s.aliasExport(al)
	case component.AliasCoreExport:
		return s.aliasCoreExport(al)
	case component.AliasOuter:
		return v.aliasOuter(s, al)
	}
	return fmt.Errorf("unknown alias target 0x%02x", byte(al.Target))
}

func (s *scope) aliasExport(al *component.Alias) error {
	from, err := s.space.At(component.SortInstance, al.Instance)
	if err != nil {
		return err
	}
	e, ok := from.inst.exports.get(al.Name)
	if !ok {
		return fmt.Errorf("instance %d has no export named `%s`", al.Instance, al.Name)
	}
	want := component.SortIdx{Sort: al.Sort, Core: al.Core}.Kind()
	if found := e.sort(); found != want {
		return diag.Differ("export `%s` for instance %d is not %s, it is %s", al.Name, al.Instance, a(want), a(found))
	}
	s.push(e)
	return nil
}

// sort returns the entity's sort in aliases.
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

func (s *scope) aliasCoreExport(al *component.Alias) error {
	inst, err := component.Pick(s.coreInsts, al.Instance, "core instance")
	if err != nil {
		return err
	}
	want, ok := coreExternSorts[al.Core]
	if al.Sort != component.SortCore || !ok {
		return fmt.Errorf("a core instance has no exports of sort %s", component.SortIdx{Sort: al.Sort, Core: al.Core}.Kind())
	}
	x, ok := inst.get(al.Name)
	if !ok {
		return fmt.Errorf("core instance %d has no export named `%s`", al.Instance, al.Name)
	}
	if x.kind != want {
		return fmt.Errorf("export `%s` for core instance %d is not %s, it is %s", al.Name, al.Instance, a(want.String()),
			a(x.kind.String()))
	}
	s.pushCore(x)
	return nil
}

func (v *validator) aliasOuter(s *scope, al *component.Alias) error {
	from, crosses, err := s.outer(al.Outer)
	if err != nil {
		return err
	}
	switch {
	case al.Sort == component.SortType:
		t, err := from.typeAt(al.Index)
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
		s.push(entity{kind: entType, typ: t})
		return nil
	case al.Sort == component.SortComponent || al.Sort == component.SortCore && al.Core == component.CoreModSort:
		e, err := from.space.At(al.Sort, al.Index)
		if err != nil {
			return err
		}
		s.push(e)
		return nil
	case al.Sort == component.SortCore && al.Core == component.CoreTypeSort:
		e, err := component.Pick(from.coreTypes, al.Index, "core type")
		if err != nil {
			return err
		}
		s.coreTypes = append(s.coreTypes, e)
		return nil
	}
	return fmt.Errorf("an outer alias may only refer to types, core types, components and modules, not to a %s",
		component.SortIdx{Sort: al.Sort, Core: al.Core}.Kind())
}
