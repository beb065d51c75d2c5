// This file implements validation of type definitions.

package validate

import (
	"errors"
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// typeDef validates a type definition.
func (v *validator) typeDef(s *scope, def component.TypeDef, depth int) (*typ, error) {
	switch d := def.(type) {
	case *component.ValDef:
		return s.valDef(d)
	case *component.FuncDef:
		ft, err := s.funcDef(d)
		if err != nil {
			return nil, err
		}
		return typeOf(ft), nil
	case *component.ComponentDef:
		in, err := v.decls(newScope(scopeComponentType, s, s.path), d.Decls, depth+1)
		if err != nil {
			return nil, err
		}
		ct, err := v.finish(in)
		if err != nil {
			return nil, err
		}
		return typeOf(ct), nil
	case *component.InstanceDef:
		in, err := v.decls(newScope(scopeInstanceType, s, s.path), d.Decls, depth+1)
		if err != nil {
			return nil, err
		}
		it := &instanceType{exports: in.exports, bound: in.defined}
		it.info = it.exports.info()
		return typeOf(it), nil
	case *component.ResourceDef:
		return v.resourceDef(s, d)
	}
	return nil, fmt.Errorf("unknown type definition %T", def)
}

func (v *validator) decls(s *scope, decls []component.Decl, depth int) (*scope, error) {
	if depth > maxScopes {
		return nil, errors.New("types are nested too deeply")
	}
	for _, d := range decls {
		err := v.step()
		if err == nil {
			err = v.decl(s, d, depth)
		}
		if err == nil {
			continue
		}
		e := diag.At(diag.NoOffset, "%s", err)
		if errors.As(err, &e); e.Offset >= 0 {
			return nil, err
		}
		at := diag.At(d.Pos(), "%s: %s", describe(s, d), e.Msg).WithHint("%s", e.Hint)
		at.Proposal, at.Expected, at.Found = e.Proposal, e.Expected, e.Found
		return nil, at
	}
	return s, nil
}

func (v *validator) resourceDef(s *scope, d *component.ResourceDef) (*typ, error) {
	if s.kind != scopeComponent {
		return nil, errors.New("resources can only be defined within a concrete component")
	}
	if d.Rep != corewasm.I32 && d.Rep != corewasm.I64 {
		return nil, diag.Differ("resources can only be represented by %s, found %s", "i32 or i64", d.Rep)
	}
	if d.Dtor != nil && !s.unchecked {
		id, err := component.Pick(s.coreFuncs, *d.Dtor, "core function")
		if err != nil {
			return nil, err
		}
		ft, _ := v.core.funcType(id)
		if want := (corewasm.FuncType{Params: []corewasm.ValType{d.Rep}}); !ft.Equal(want) {
			return nil, diag.Differ("core function %d has wrong signature for a destructor: expected %s, found %s", *d.Dtor,
				want, ft)
		}
	}
	r := s.fresh("", false)
	r.local, r.rep = true, d.Rep
	return typeOf(r), nil
}

func (s *scope) funcDef(d *component.FuncDef) (*funcType, error) {
	ft := &funcType{async: d.Async}
	labels := labelSet{what: "function parameter name", short: "parameter name"}
	for _, p := range d.Params {
		if err := labels.add(p.Label); err != nil {
			return nil, err
		}
		if p.Type == nil {
			return nil, fmt.Errorf("function parameter `%s` has no type", p.Label)
		}
		t, err := s.valType(*p.Type)
		if err != nil {
			return nil, err
		}
		ft.params = append(ft.params, field{p.Label, t})
	}
	if d.Result != nil {
		t, err := s.valType(*d.Result)
		if err != nil {
			return nil, err
		}
		if t.val.borrow {
			return nil, errors.New("function result cannot contain a `borrow` type")
		}
		ft.result = t
	}
	return newFuncType(ft), nil
}

// valDef validates a defined value type.
func (s *scope) valDef(d *component.ValDef) (*typ, error) {
	v := &valType{kind: d.Kind, prim: d.Prim, len: d.Len}
	var err error
	switch d.Kind {
	case component.KindPrim:
		if _, ok := primTypes[d.Prim]; !ok {
			return nil, fmt.Errorf("unknown primitive type 0x%02x", byte(d.Prim))
		}
	case component.KindRecord:
		err = s.fields(v, d.Fields, labelSet{what: "record field name", short: "field name"}, true,
			"record type must have at least one field")
	case component.KindVariant:
		err = s.fields(v, d.Fields, labelSet{what: "variant case name", short: "case name"}, false,
			"variant type must have at least one case")
	case component.KindFlags:
		if len(d.Labels) > 32 {
			return nil, diag.Differ("cannot have more than %s, found %d", "32 flags", len(d.Labels))
		}
		err = v.setLabels(d.Labels, labelSet{what: "flag name", short: "flag name"}, "flags must have at least one entry")
	case component.KindEnum:
		err = v.setLabels(d.Labels, labelSet{what: "enum tag name", short: "tag name"},
			"enum type must have at least one variant")
	case component.KindTuple:
		if len(d.Types) == 0 {
			return nil, errors.New("tuple type must have at least one type")
		}
		for i := range d.Types {
			t, err := s.valType(d.Types[i])
			if err != nil {
				return nil, err
			}
			v.types = append(v.types, t)
		}
	case component.KindOwn, component.KindBorrow:
		v.resource, err = s.typeOfKind(d.Resource, kindResource)
	default:
		err = s.container(v, d)
	}
	if err != nil {
		return nil, err
	}
	t := newValType(v)
	if v.layout(true).Size >= cabi.MaxBytes {
		return nil, fmt.Errorf("type exceeds maximum byte size of %d when stored in a 64-bit memory", cabi.MaxBytes-1)
	}
	return t, nil
}

func (v *valType) setLabels(labels []string, set labelSet, empty string) error {
	if len(labels) == 0 {
		return errors.New(empty)
	}
	for _, l := range labels {
		if err := set.add(l); err != nil {
			return err
		}
	}
	v.labels = labels
	return nil
}

func (s *scope) fields(v *valType, fields []component.Field, set labelSet, typed bool, empty string) error {
	if len(fields) == 0 {
		return errors.New(empty)
	}
	for _, f := range fields {
		if err := set.add(f.Label); err != nil {
			return err
		}
		t, err := s.optional(f.Type)
		if err != nil {
			return err
		}
		if t == nil && typed {
			return fmt.Errorf("%s `%s` has no type", set.short, f.Label)
		}
		v.fields = append(v.fields, field{f.Label, t})
	}
	return nil
}

func (s *scope) optional(t *component.ValType) (*typ, error) {
	if t == nil {
		return nil, nil
	}
	return s.valType(*t)
}

// container resolves the types built from an element: lists, maps, options, results, streams and futures.
func (s *scope) container(v *valType, d *component.ValDef) (err error) {
	if v.elem, err = s.optional(d.Elem); err != nil {
		return err
	}
	if v.elem == nil {
		switch d.Kind {
		case component.KindList, component.KindFixedList, component.KindOption, component.KindMap:
			return errors.New("the type has no element type")
		}
	}
	switch d.Kind {
	case component.KindList, component.KindOption:
	case component.KindFixedList:
		if d.Len == 0 {
			return errors.New("fixed-length lists must have more than zero elements")
		}
	case component.KindResult:
		v.err, err = s.optional(d.Err)
	case component.KindMap:
		if v.key, err = s.optional(d.Key); err == nil && !isMapKey(v.key) {
			err = diag.Differ("expected a map key of type %s, found %s", "bool, an integer, char or string", v.key)
		}
	case component.KindStream, component.KindFuture:
		if v.elem == nil {
			return nil
		}
		if v.elem.val.borrow {
			return errors.New("streams and futures cannot contain a `borrow` type")
		}
		if d.Kind == component.KindStream && v.elem.val.kind == component.KindPrim && v.elem.val.prim == component.PrimChar {
			return errors.New("`stream<char>` is not valid at this time, use `stream<u8>` with a chosen encoding")
		}
	default:
		return fmt.Errorf("unknown value type constructor 0x%02x", byte(d.Kind))
	}
	return err
}

// isMapKey reports whether a type is in keytype.
func isMapKey(t *typ) bool {
	if t == nil || t.val.kind != component.KindPrim {
		return false
	}
	switch t.val.prim {
	case component.PrimF32, component.PrimF64, component.PrimErrorContext:
		return false
	}
	return true
}

// externType resolves the type of an import or export. A (sub resource) bound creates a fresh resource that the scope
// owns.
func (v *validator) externType(s *scope, x component.ExternType, name string, importing bool) (entity, error) {
	switch x.Kind {
	case component.ExternModule:
		c, err := component.Pick(s.coreTypes, x.Index, "core type")
		if err != nil {
			return entity{}, err
		}
		if c.mod == nil {
			return entity{}, fmt.Errorf("core type index %d is not a module type", x.Index)
		}
		return entity{kind: entModule, mod: c.mod}, nil
	case component.ExternFunc:
		t, err := s.typeOfKind(x.Index, kindFunc)
		if err != nil {
			return entity{}, err
		}
		return entity{kind: entFunc, fn: t.fn}, nil
	case component.ExternValue:
		return entity{}, errValues()
	case component.ExternTypeBound:
		if x.SubResource {
			return entity{kind: entType, typ: typeOf(s.fresh(name, importing))}, nil
		}
		t, err := s.typeAt(x.Index)
		if err != nil {
			return entity{}, err
		}
		return entity{kind: entType, typ: t.renamed(), ref: t}, nil
	case component.ExternComponent:
		t, err := s.typeOfKind(x.Index, kindComponent)
		if err != nil {
			return entity{}, err
		}
		return entity{kind: entComponent, comp: t.comp}, nil
	case component.ExternInstance:
		t, err := s.typeOfKind(x.Index, kindInstance)
		if err != nil {
			return entity{}, err
		}
		return entity{kind: entInstance, inst: t.inst}, nil
	}
	return entity{}, fmt.Errorf("unknown sort of external type 0x%02x", byte(x.Kind))
}

// coreType validates a core type definition.
func (v *validator) coreType(s *scope, d *component.CoreType) (err error) {
	if d.Rec != nil {
		s.coreTypes, err = v.core.appendGroup(s.coreTypes, d.Rec)
		return err
	}
	if d.Module == nil {
		return errors.New("a core type definition needs a type")
	}
	t := moduleTyper{types: &v.core, seen: map[[2]string]bool{}}
	for i := range d.Module.Decls {
		if err := v.moduleDecl(s, &t, &d.Module.Decls[i]); err != nil {
			return fmt.Errorf("in module type: %w", err)
		}
	}
	mod := t.finish()
	s.coreTypes = append(s.coreTypes, coreEntry{mod: mod})
	return mod.check()
}

func (v *validator) moduleDecl(s *scope, t *moduleTyper, d *component.ModuleDecl) error {
	switch {
	case d.Type != nil:
		if d.Type.Rec == nil {
			return errors.New("invalid leading byte: a module type cannot define a module type")
		}
		var err error
		t.space, err = v.core.appendGroup(t.space, d.Type.Rec)
		return err
	case d.Alias != nil:
		return v.moduleAlias(s, t, d.Alias)
	case d.Import != nil:
		x, err := t.importType(d.Import)
		if err != nil {
			return err
		}
		return t.m.addImport(t.seen, coreImport{d.Import.Module, d.Import.Name, x})
	case d.Export != nil:
		x, err := t.importType(&d.Export.Import)
		if err != nil {
			return err
		}
		if !t.m.exports.add(d.Export.Name, x) {
			return fmt.Errorf("duplicate export name: export name `%s` already defined", d.Export.Name)
		}
		return nil
	}
	return errors.New("empty module type declarator")
}

// moduleAlias brings a core type of an enclosing scope into a module type, which is a scope itself.
func (v *validator) moduleAlias(s *scope, t *moduleTyper, a *component.Alias) error {
	if a.Target != component.AliasOuter || a.Sort != component.SortCore || a.Core != component.CoreTypeSort {
		return errors.New("an alias in a module type may only be an outer alias of a core type")
	}
	space := t.space
	if a.Outer > 0 {
		from, _, err := s.outer(a.Outer - 1)
		if err != nil {
			return err
		}
		space = from.coreTypes
	}
	e, err := component.Pick(space, a.Index, "core type")
	if err != nil {
		return err
	}
	if e.mod != nil {
		return errors.New("a module type cannot alias a module type")
	}
	t.space = append(t.space, e)
	return nil
}
