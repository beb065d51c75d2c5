// Package validate checks components against the static rules of the component model: index spaces, types and
// subtyping, resources, names and canonical definitions (Explainer.md "Type Checking", Binary.md's notes,
// CanonicalABI.md's "validation specifies"). A valid component can be instantiated symbolically without further checks.
package validate

import (
	"errors"
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	corevalidate "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
)

// Caps that prevent validation, and everything that evaluates a valid component, from exploding on types that double.
const (
	maxTypeSize  = limits.TypeSize // nodes of one type written out as a tree
	maxTypeDepth = 500             // nesting of one type
	maxScopes    = 100             // nesting of component definitions and types
	maxSteps     = 10_000_000      // nodes and items visited by matching, substitution and visibility in total
	maxCopies    = 2_000_000       // nodes copied by substitution in total
)

// Options controls validation.
type Options struct {
	// CoreModule validates the core modules in the component, including their code. If it is nil, only the imports,
	// exports and types of modules are checked.
	CoreModule func(*corewasm.Module) error
	// Unsupported reports whether code that belongs to a proposal that is not supported is no error.
	Unsupported bool
}

// Component validates a component and everything nested in it. The error is a [diag.Error] that names the nested
// component and the item.
func Component(c *component.Component) error { return Options{}.Component(c) }

// Component is like the function [Component], with options.
func (o Options) Component(c *component.Component) error {
	_, err := o.validator().root(c)
	return err
}

func (o Options) validator() *validator { return &validator{opts: o, core: newCoreTypes()} }

func (v *validator) root(c *component.Component) (*componentType, error) {
	path := "$root"
	if c.Name != "" {
		path = c.Name
	}
	return v.component(c, nil, path, 1)
}

// validator is the state of one validation.
type validator struct {
	opts  Options
	core  coreTypes
	steps int
	// copies counts the nodes created by substitution, whose memory the size of the input does not bound.
	copies int
}

var errTooMuch = fmt.Errorf("the component's types are too large: validating them takes more than %d steps", maxSteps)

// step accounts for one visited node.
func (v *validator) step() error {
	if v.steps++; v.steps > maxSteps {
		return errTooMuch
	}
	return nil
}

var errTooManyCopies = fmt.Errorf("the component's types are too large: instantiating them makes more than %d nodes",
	maxCopies)

// check rejects a type that is too large.
func (i *info) check() error {
	if i.size > maxTypeSize {
		return fmt.Errorf("effective type size exceeds the limit of %d", maxTypeSize)
	}
	if i.depth > maxTypeDepth {
		return fmt.Errorf("type nesting is too deep: the limit is %d", maxTypeDepth)
	}
	return nil
}

// component validates a component definition and computes its type.
func (v *validator) component(c *component.Component, parent *scope, path string, depth int) (*componentType, error) {
	if depth > maxScopes {
		return nil, locate(errors.New("components are nested too deeply"), c.Offset, path, "")
	}
	s := newScope(scopeComponent, parent, path)
	var imports, exports int
	for _, d := range c.Defs {
		switch d.(type) {
		case *component.Import:
			imports++
		case *component.Export:
			exports++
		}
	}
	s.space.Reserve(c.IndexSpaces())
	s.imports.list, s.exports.list = make([]item, 0, imports), make([]item, 0, exports)
	s.importNames.taken, s.exportNames.taken = make(map[string]string, imports), make(map[string]string, exports)
	for _, d := range c.Defs {
		if err := v.def(s, d, depth); err != nil {
			return nil, locate(err, d.Pos(), path, describe(s, d)+givenName(c, s, d))
		}
	}
	ct, err := v.finish(s)
	if err != nil {
		return nil, locate(err, c.Offset, path, "")
	}
	return ct, nil
}

// locate completes an error with the position of the definition.
func locate(err error, offset int64, path, item string) error {
	var e *diag.Error
	if !errors.As(err, &e) {
		e = diag.At(offset, "%s", err)
		err = e
	}
	if e.Offset < 0 {
		e.Offset = offset
	}
	return diag.In(err, "", path, item)
}

// describe names a definition for messages, by the index it adds.
func describe(s *scope, d component.Def) string {
	switch d := d.(type) {
	case *component.CoreModule:
		return fmt.Sprintf("core module %d", s.space.Len(component.SortCore))
	case *component.CoreInstance:
		return fmt.Sprintf("core instance %d", len(s.coreInsts))
	case *component.CoreType:
		return fmt.Sprintf("core type %d", len(s.coreTypes))
	case *component.NestedComponent:
		return fmt.Sprintf("component %d", s.space.Len(component.SortComponent))
	case *component.Instance:
		return fmt.Sprintf("instance %d", s.space.Len(component.SortInstance))
	case *component.Alias:
		return describeAlias(d)
	case *component.Type:
		return fmt.Sprintf("type %d", s.space.Len(component.SortType))
	case *component.Canon:
		if d.Op == component.CanonLift {
			return fmt.Sprintf("canon lift %d", s.space.Len(component.SortFunc))
		}
		return fmt.Sprintf("canon %s %d", d.Op, len(s.coreFuncs))
	case *component.Import:
		return fmt.Sprintf("import %q", d.Name.Name)
	case *component.Export:
		return fmt.Sprintf("export %q", d.Name.Name)
	case *component.Start:
		return "start"
	case *component.Value:
		return "value"
	}
	return ""
}

// givenName returns the definition's name in the component's name section, in parentheses, or "".
func givenName(c *component.Component, s *scope, d component.Def) string {
	index := 0
	switch d.(type) {
	case *component.CoreModule:
		index = s.space.Len(component.SortCore)
	case *component.CoreInstance:
		index = len(s.coreInsts)
	case *component.NestedComponent:
		index = s.space.Len(component.SortComponent)
	case *component.Instance:
		index = s.space.Len(component.SortInstance)
	case *component.Type:
		index = s.space.Len(component.SortType)
	default:
		return ""
	}
	space, _ := component.Adds(d)
	at := space.Item(uint32(index))
	for _, n := range c.Names {
		if n.Sort != at.Sort || n.Core != at.Core {
			continue
		}
		for _, a := range n.Names {
			if a.Index == at.Index {
				return fmt.Sprintf(" (%q)", a.Name)
			}
		}
	}
	return ""
}

func describeAlias(a *component.Alias) string {
	what := component.SortIdx{Sort: a.Sort, Core: a.Core}.Kind()
	switch a.Target {
	case component.AliasExport:
		return fmt.Sprintf("alias of %s %q of instance %d", what, a.Name, a.Instance)
	case component.AliasCoreExport:
		return fmt.Sprintf("alias of %s %q of core instance %d", what, a.Name, a.Instance)
	}
	return fmt.Sprintf("outer alias of %s %d, %d scopes out", what, a.Index, a.Outer)
}

// def validates one definition of a component and adds it to its index space.
func (v *validator) def(s *scope, d component.Def, depth int) error {
	if err := v.step(); err != nil {
		return err
	}
	if uncheckable(s, d) {
		return v.unchecked(s, d)
	}
	switch d := d.(type) {
	case *component.CoreModule:
		return v.coreModule(s, d)
	case *component.CoreInstance:
		return v.coreInstance(s, d)
	case *component.NestedComponent:
		return v.nested(s, d, depth)
	case *component.Instance:
		return v.instance(s, d)
	case *component.Canon:
		return v.canon(s, d)
	case *component.Export:
		return v.export(s, d)
	case *component.Start, *component.Value:
		return errValues()
	case *component.Custom:
		return nil
	}
	return v.decl(s, d, depth)
}

// decl validates a definition that may also stand in a component or instance type.
func (v *validator) decl(s *scope, d component.Def, depth int) error {
	switch d := d.(type) {
	case *component.CoreType:
		return v.coreType(s, d)
	case *component.Type:
		t, err := v.typeDef(s, d.Def, depth)
		if err != nil {
			return err
		}
		if err := t.check(); err != nil {
			return err
		}
		s.push(entity{kind: entType, typ: t})
		return nil
	case *component.Alias:
		return v.alias(s, d)
	case *component.Import:
		if s.kind == scopeInstanceType {
			return errors.New("an instance type cannot have imports")
		}
		e, err := v.externType(s, d.Type, d.Name.Name, true)
		if err != nil {
			return err
		}
		return v.register(s, &s.importNames, &d.Name, e)
	case *component.Export:
		if d.Type == nil {
			return errors.New("an export declaration needs a type")
		}
		e, err := v.externType(s, *d.Type, d.Name.Name, false)
		if err != nil {
			return err
		}
		return v.register(s, &s.exportNames, &d.Name, e)
	}
	return fmt.Errorf("unknown definition %T", d)
}

func (v *validator) nested(s *scope, d *component.NestedComponent, depth int) error {
	name := d.Component.Name
	if name == "" {
		name = fmt.Sprint(s.space.Len(component.SortComponent))
	}
	ct, err := v.component(d.Component, s, s.path+"/"+name, depth+1)
	if err != nil {
		return err
	}
	s.push(entity{kind: entComponent, comp: ct})
	return nil
}

// uncheckable reports whether a definition cannot be checked because of a proposal that is not supported, or follows
// one that cannot be and depends on core items.
func uncheckable(s *scope, d component.Def) bool {
	switch d := d.(type) {
	case *component.CoreModule:
		return d.Unsupported != nil
	case *component.Canon:
		what, _ := d.Unsupported()
		return what != "" || s.unchecked
	case *component.CoreInstance:
		return s.unchecked
	case *component.Alias:
		return s.unchecked && d.Target == component.AliasCoreExport
	}
	return false
}

// unchecked adds what an uncheckable definition adds to component-level index spaces.
func (v *validator) unchecked(s *scope, d component.Def) error {
	s.unchecked = true
	switch d := d.(type) {
	case *component.CoreModule:
		s.push(entity{kind: entModule, mod: &moduleType{unknown: true, info: info{size: 1}}})
	case *component.Canon:
		if d.Op != component.CanonLift {
			return nil
		}
		t, err := s.typeOfKind(d.Type, kindFunc)
		if err != nil {
			return err
		}
		s.push(entity{kind: entFunc, fn: t.fn})
	}
	return nil
}

func (v *validator) coreModule(s *scope, d *component.CoreModule) error {
	mt, err := v.moduleOf(d.Module)
	if err != nil {
		return err
	}
	if v.opts.CoreModule != nil {
		if err = v.opts.CoreModule(d.Module); v.opts.Unsupported && diag.Unsupported(err) {
			err = nil
		}
	} else if err = corevalidate.Types(d.Module); err != nil {
		err = fmt.Errorf("core module: %w", err)
	}
	if err != nil {
		return err
	}
	s.push(entity{kind: entModule, mod: mt})
	return nil
}

// export validates an export of a component.
func (v *validator) export(s *scope, d *component.Export) error {
	e, err := s.lookup(d.Item)
	if err != nil {
		return err
	}
	if e.kind == entType {
		e.typ, e.ref = e.typ.renamed(), e.typ
	}
	if d.Type != nil {
		before := len(s.defined)
		want, err := v.externType(s, *d.Type, d.Name.Name, false)
		if err != nil {
			return err
		}
		if want.kind == entInstance && len(want.inst.bound) > 0 {
			if want.inst, err = v.open(s, want.inst, false); err != nil {
				return err
			}
		}
		m := newMatcher(v)
		m.bindable(s.defined[before:]) // the ascribed type hides the identities of these resources
		if err := m.match(e, want); err != nil {
			return fmt.Errorf("ascribed type of export is not compatible with item's type: %w", err)
		}
		e = want
	}
	return v.register(s, &s.exportNames, &d.Name, e)
}

// finish computes the type of a finished component or component type.
func (v *validator) finish(s *scope) (*componentType, error) {
	ct := &componentType{imports: s.imports, exports: s.exports, imported: s.imported}
	used := v.free()
	for i := range ct.imports.list {
		if err := used.entity(ct.imports.list[i].ent); err != nil {
			return nil, err
		}
	}
	for _, r := range s.defined {
		if used.has(r) {
			return nil, fmt.Errorf("local resource type %sfound in imports", r.quoted())
		}
	}
	used = v.free()
	explicit := map[*resource]bool{}
	for i := range ct.exports.list {
		e := ct.exports.list[i].ent
		if err := used.entity(e); err != nil {
			return nil, err
		}
		if err := v.explicit(e, explicit); err != nil {
			return nil, err
		}
	}
	for _, r := range s.defined {
		if !used.has(r) {
			continue
		}
		if !explicit[r] {
			return nil, fmt.Errorf("local resource type %sfound in export but not exported itself", r.quoted())
		}
		ct.defined = append(ct.defined, r)
	}
	ct.exported = ct.exports.info()
	ct.info = info{size: 1}
	for _, list := range [][]item{ct.imports.list, ct.exports.list} {
		for i := range list {
			ct.add(list[i].ent.info())
		}
	}
	return ct, ct.check()
}

// explicit collects the resources that an entity exports as types.
func (v *validator) explicit(e entity, into map[*resource]bool) error {
	switch e.kind {
	case entType:
		if e.typ.kind == kindResource {
			into[e.typ.res] = true
		}
	case entInstance:
		if !e.inst.ident {
			return nil
		}
		for i := range e.inst.exports.list {
			if err := v.step(); err != nil {
				return err
			}
			if err := v.explicit(e.inst.exports.list[i].ent, into); err != nil {
				return err
			}
		}
	}
	return nil
}
