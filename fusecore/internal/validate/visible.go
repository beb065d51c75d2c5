// This file implements external visibility of types.

package validate

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// register adds an import or export to its scope: it adds the name, opens the entity's bound resources, checks external
// visibility and pushes the entity to its index space.
func (v *validator) register(s *scope, names *nameSet, en *component.ExternName, e entity) error {
	importing := names == &s.importNames
	if e.kind == entInstance && len(e.inst.bound) > 0 {
		inst, err := v.open(s, e.inst, importing)
		if err != nil {
			return err
		}
		e.inst = inst
	}
	if e.kind == entType && e.typ.kind == kindResource {
		if r := e.typ.res; r.name == "" && r.owner == s {
			r.name = en.Name
		}
		names.resources[e.typ] = en.Name
		names.labels[en.Name] = true
	}
	if s.kind != scopeInstanceType {
		vis := visibility{v: v, set: s.exportedTypes}
		if importing {
			vis.set, vis.also = s.importedTypes, s.exportedTypes
		}
		if err := vis.entity(e); err != nil {
			return diag.New("", "%s not valid to be used as %s: %v", e.kind, names.what, err).
				WithHint("%s that type first, under a name of its own, and refer to it by that name", names.what)
		}
	}
	if err := checkName(names, en, e); err != nil {
		return err
	}
	s.size.add(e.info())
	if err := s.size.check(); err != nil {
		return err
	}
	if importing {
		s.imports.add(en.Name, e)
	} else {
		s.exports.add(en.Name, e)
	}
	s.push(e)
	return nil
}

// visibility checks that the types an import or export refers to have externally visible names (Explainer.md, "External
// Visibility of Types"), and names those that the import or export itself introduces.
type visibility struct {
	v    *validator
	set  map[*typ]bool // identities with a name
	also map[*typ]bool // gets every identity that set gets; may be nil
	ok   map[*typ]bool // found to need no name or to have one
	// outer is set inside an instance type: a name around it is also visible in it.
	outer *visibility
}

func (w *visibility) named(t *typ) bool {
	return w.set[t] || w.ok[t] || w.outer != nil && w.outer.named(t)
}

func (w *visibility) entity(e entity) error {
	switch e.kind {
	case entFunc:
		return w.fn(e.fn)
	case entType:
		// The new identity is named, but for the type that it was defined or supplied as (Binary.md, "typebound"),
		// whose parts may differ from those that the item was declared with.
		if err := w.typ(e.meaning()); err != nil {
			return err
		}
		w.name(e.typ)
	case entInstance:
		for i := range e.inst.exports.list {
			if err := w.v.step(); err != nil {
				return err
			}
			it := &e.inst.exports.list[i]
			if err := w.entity(it.ent); err != nil {
				return fmt.Errorf("in its export `%s`: %w", it.name, err)
			}
		}
	}
	return nil // components and modules are closed, so their own validation has checked this
}

func (w *visibility) name(t *typ) {
	w.set[t] = true
	if w.also != nil {
		w.also[t] = true
	}
}

// typ checks a type that is given a name itself: only the types that it refers to must have one.
func (w *visibility) typ(t *typ) error {
	switch t.kind {
	case kindValue:
		return w.parts(t.val)
	case kindFunc:
		return w.fn(t.fn)
	case kindInstance:
		// The exports of an instance type are named only within it.
		inner := visibility{v: w.v, set: map[*typ]bool{}, outer: w}
		return inner.entity(entity{kind: entInstance, inst: t.inst})
	}
	return nil
}

func (w *visibility) fn(f *funcType) error {
	for _, p := range f.params {
		if err := w.use(p.t); err != nil {
			return err
		}
	}
	if f.result != nil {
		return w.use(f.result)
	}
	return nil
}

func (w *visibility) parts(val *valType) error {
	for _, p := range val.parts() {
		if err := w.use(p); err != nil {
			return err
		}
	}
	return nil
}

// use checks a type that is referred to.
func (w *visibility) use(t *typ) error {
	if !t.ident || w.named(t) {
		return nil
	}
	if err := w.v.step(); err != nil {
		return err
	}
	if t.kind == kindResource || t.val.nameable() {
		return fmt.Errorf("it uses %s, which is not itself %s by name", t.short(), w.how())
	}
	if err := w.parts(t.val); err != nil {
		return err
	}
	if w.ok == nil {
		w.ok = map[*typ]bool{}
	}
	w.ok[t] = true
	return nil
}

func (w *visibility) how() string {
	if w.also != nil {
		return "imported"
	}
	return "imported or exported"
}
