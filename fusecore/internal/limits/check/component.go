// This file implements the check of components and their definitions.

package check

import (
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
)

// Component checks a component and everything nested in it.
func Component(c *component.Component) error { return nested(c, "") }

func nested(c *component.Component, path string) error {
	spaces := component.IndexSpaces{}
	exports := 0
	for _, d := range c.Defs {
		if _, ok := d.(*component.Export); ok {
			exports++
		}
		if err := definition(d, &spaces, path); err != nil {
			return diag.In(err, "", path, "")
		}
		spaces.Add(d)
	}
	if err := counts(&spaces, exports); err != nil {
		return diag.In(err, "", path, "")
	}
	return nil
}

// counts checks the sizes of a component's index spaces.
func counts(s *component.IndexSpaces, exports int) error {
	for _, c := range []struct {
		what string
		n    uint32
		most int
	}{
		{"core modules", s[component.SpaceCoreModule], limits.Modules},
		{"components", s[component.SpaceComponent], limits.Components},
		{"instances, core instances among them", s[component.SpaceInstance] + s[component.SpaceCoreInstance], limits.Instances},
		{"types, core types among them", s[component.SpaceType] + s[component.SpaceCoreType], limits.ComponentTypes},
		{"functions, core functions among them", s[component.SpaceFunc] + s[component.SpaceCoreFunc], limits.ComponentFuncs},
		{"core tables", s[component.SpaceCoreTable], limits.CoreItems},
		{"core memories", s[component.SpaceCoreMemory], limits.CoreItems},
		{"core globals", s[component.SpaceCoreGlobal], limits.CoreItems},
		{"core tags", s[component.SpaceCoreTag], limits.CoreItems},
		{"exports", uint32(exports), limits.ComponentExports},
	} {
		if err := limits.Check("", c.what, int(c.n), c.most); err != nil {
			return err
		}
	}
	return nil
}

// definition checks one definition; spaces are the index spaces before it.
func definition(d component.Def, spaces *component.IndexSpaces, path string) error {
	switch d := d.(type) {
	case *component.CoreModule:
		item := "core module " + strconv.Itoa(int(spaces[component.SpaceCoreModule]))
		if d.Module.Name != "" {
			item += " (" + d.Module.Name + ")"
		}
		if err := limits.Section(item, len(d.Bytes)); err != nil {
			return err
		}
		return at(Module(item, d.Module), d)
	case *component.NestedComponent:
		n := strconv.Itoa(int(spaces[component.SpaceComponent]))
		if err := limits.Section("component "+n, len(d.Component.Bytes)); err != nil {
			return err
		}
		if path != "" {
			n = path + "/" + n
		}
		return nested(d.Component, n)
	case *component.CoreInstance:
		item := "core instance " + strconv.Itoa(int(spaces[component.SpaceCoreInstance]))
		if err := limits.Check(item, "arguments", len(d.Args), limits.Args); err != nil {
			return at(err, d)
		}
		return at(limits.Check(item, "inline exports", len(d.Exports), limits.Args), d)
	case *component.Instance:
		item := "instance " + strconv.Itoa(int(spaces[component.SpaceInstance]))
		if err := limits.Check(item, "arguments", len(d.Args), limits.Args); err != nil {
			return at(err, d)
		}
		return at(limits.Check(item, "inline exports", len(d.Exports), limits.InlineExports), d)
	case *component.Canon:
		return at(limits.Check("canon "+d.Op.String(), "canonical options", len(d.Opts), limits.CanonOptions), d)
	case *component.Type:
		return at(typeDef("type "+strconv.Itoa(int(spaces[component.SpaceType])), d.Def), d)
	case *component.CoreType:
		return at(coreType("core type "+strconv.Itoa(int(spaces[component.SpaceCoreType])), d), d)
	}
	return nil
}

func at(err error, d component.Def) error {
	if e, ok := err.(*diag.Error); ok && e.Offset < 0 && d.Pos() > 0 {
		e.Offset = d.Pos()
	}
	return err
}

func typeDef(item string, def component.TypeDef) error {
	switch t := def.(type) {
	case *component.FuncDef:
		return limits.Check(item, "parameters", len(t.Params), limits.ComponentParams)
	case *component.ComponentDef:
		return decls(item, t.Decls)
	case *component.InstanceDef:
		return decls(item, t.Decls)
	case *component.ValDef:
		switch t.Kind {
		case component.KindRecord:
			return limits.Check(item, "fields", len(t.Fields), limits.RecordFields)
		case component.KindVariant:
			return limits.Check(item, "cases", len(t.Fields), limits.VariantCases)
		case component.KindTuple:
			return limits.Check(item, "tuple types", len(t.Types), limits.TupleTypes)
		case component.KindEnum:
			return limits.Check(item, "enum cases", len(t.Labels), limits.EnumCases)
		case component.KindFixedList:
			return limits.Check(item, "list elements", int(t.Len), limits.FixedListElements)
		}
	}
	return nil
}

// decls checks the declarators of a component or instance type, which has its own index spaces.
func decls(item string, ds []component.Decl) error {
	if err := limits.Check(item, "declarators", len(ds), limits.TypeDecls); err != nil {
		return err
	}
	spaces := component.IndexSpaces{}
	exports := 0
	for _, d := range ds {
		var err error
		switch d := d.(type) {
		case *component.Export:
			exports++
		case *component.Type:
			err = typeDef(item, d.Def)
		case *component.CoreType:
			err = coreType(item, d)
		}
		if err != nil {
			return err
		}
		spaces.Add(d)
	}
	return diag.In(counts(&spaces, exports), "", "", item)
}

func coreType(item string, d *component.CoreType) error {
	if d.Module != nil {
		return limits.Check(item, "declarators", len(d.Module.Decls), limits.ModuleTypeDecls)
	}
	for i := range d.Rec.Types {
		t := &d.Rec.Types[i]
		if err := limits.SubType(item, len(t.Func.Params), len(t.Func.Results), len(t.Fields)); err != nil {
			return err
		}
	}
	return nil
}
