// This file implements subtyping, with inference of abstract resources.

package validate

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// matcher checks that one type is a subtype of another, and at the same time infers the abstract resources on the
// expected side (Explainer.md, "Type Checking").
type matcher struct {
	v *validator
	// bound maps a bindable resource to the inferred one, or to nil while that is unknown.
	bound map[*resource]*resource
	// types maps identities introduced by the expected entities to those supplied for them.
	types map[*typ]*typ
	// done has the pairs of nodes that have already matched.
	done map[[2]any]bool
	// depth counts the nested matches of component and instance types around the current one.
	depth int
}

func newMatcher(v *validator) *matcher {
	return &matcher{v: v, bound: map[*resource]*resource{}, types: map[*typ]*typ{}, done: map[[2]any]bool{}}
}

// bindable declares resources that the match may infer.
func (m *matcher) bindable(rs []*resource) {
	for _, r := range rs {
		m.bound[r] = nil
	}
}

// resolve follows what is known about a resource.
func (m *matcher) resolve(r *resource) *resource {
	for {
		to := m.bound[r]
		if to == nil || to == r {
			return r
		}
		r = to
	}
}

// bind binds the resources that the expected entity introduces as types, given the entity to match. It leaves
// mismatches to match.
func (m *matcher) bind(got, want entity) error {
	if got.kind != want.kind {
		return nil
	}
	switch want.kind {
	case entType:
		if got.typ.kind != want.typ.kind {
			return nil
		}
		if m.depth == 0 {
			m.types[want.typ] = got.typ
		}
		if want.typ.kind != kindResource {
			return nil
		}
		if to, ok := m.bound[want.typ.res]; ok && to == nil {
			m.bound[want.typ.res] = m.resolve(got.typ.res)
		}
	case entInstance:
		if !want.inst.ident {
			return nil
		}
		for i := range want.inst.exports.list {
			if err := m.v.step(); err != nil {
				return err
			}
			it := &want.inst.exports.list[i]
			if x, ok := got.inst.exports.get(it.name); ok {
				if err := m.bind(x, it.ent); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// match returns an error if an entity is not a subtype of the expected one.
func (m *matcher) match(got, want entity) error {
	if err := m.bind(got, want); err != nil {
		return err
	}
	return m.entity(got, want)
}

func (m *matcher) entity(got, want entity) error {
	if got.kind != want.kind {
		return diag.Differ("expected %s, found %s", want.kind, got.kind)
	}
	switch want.kind {
	case entFunc:
		return m.fn(got.fn, want.fn)
	case entType:
		return m.equal(got.typ, want.typ)
	case entInstance:
		return m.inst(got.inst, want.inst)
	case entComponent:
		return m.comp(got.comp, want.comp)
	default:
		return m.v.moduleMatch(got.mod, want.mod)
	}
}

// visit reports whether a pair of nodes still needs to be compared, and records it. An error ends the whole match, so a
// recorded pair has matched or is being compared further out, which is impossible because types are acyclic.
func (m *matcher) visit(got, want any) (bool, error) {
	k := [2]any{got, want}
	if m.done[k] {
		return false, nil
	}
	m.done[k] = true
	return true, m.v.step()
}

// equal returns an error if two type definitions are not equal.
func (m *matcher) equal(got, want *typ) error {
	if got.kind != want.kind {
		return diag.Differ("expected %s, found %s", want.kind, got.kind)
	}
	switch want.kind {
	case kindValue:
		return m.val(got, want)
	case kindFunc:
		return m.fn(got.fn, want.fn)
	case kindResource:
		return m.res(got, want)
	case kindInstance:
		// Equal instance types are subtypes of each other.
		if err := m.instTypes(got.inst, want.inst); err != nil {
			return err
		}
		return m.instTypes(want.inst, got.inst)
	default:
		if err := m.comp(got.comp, want.comp); err != nil {
			return err
		}
		return m.comp(want.comp, got.comp)
	}
}

func (m *matcher) res(got, want *typ) error {
	if g, w := m.resolve(got.res), m.resolve(want.res); g != w {
		return diag.Differ("resource types are not the same: expected %s, found %s", w.describe(), g.describe())
	}
	return nil
}

func (m *matcher) fn(got, want *funcType) error {
	if more, err := m.visit(got, want); !more || err != nil {
		return err
	}
	if got.async != want.async {
		return diag.Differ("expected %s, found %s", asyncName(want.async), asyncName(got.async))
	}
	if len(got.params) != len(want.params) {
		return diag.Differ("expected %d parameters, found %d", len(want.params), len(got.params))
	}
	for i, w := range want.params {
		g := got.params[i]
		if g.label != w.label {
			return diag.Differ("expected parameter named `%s`, found `%s`", w.label, g.label)
		}
		if err := m.val(g.t, w.t); err != nil {
			return fmt.Errorf("type mismatch in function parameter `%s`: %w", w.label, err)
		}
	}
	switch {
	case got.result == nil && want.result == nil:
		return nil
	case want.result == nil:
		return diag.Differ("expected %s, found %s", "no result", got.result)
	case got.result == nil:
		return diag.Differ("expected a result of type %s, found %s", want.result, "none")
	}
	if err := m.val(got.result, want.result); err != nil {
		return fmt.Errorf("type mismatch with result type: %w", err)
	}
	return nil
}

func asyncName(async bool) string {
	if async {
		return "an async function"
	}
	return "a function that is not async"
}

// inst returns an error if an actual instance is not a subtype of another instance's type.
func (m *matcher) inst(got, want *instanceType) error {
	if more, err := m.visit(got, want); !more || err != nil {
		return err
	}
	for i := range want.exports.list {
		it := &want.exports.list[i]
		x, ok := got.exports.get(it.name)
		if !ok {
			return fmt.Errorf("missing expected export `%s`", it.name)
		}
		if err := m.v.step(); err != nil {
			return err
		}
		if err := m.entity(x, it.ent); err != nil {
			return fmt.Errorf("type mismatch in instance export `%s`: %w", it.name, err)
		}
	}
	return nil
}

// instTypes returns an error if a declared instance type is not a subtype of another, whose bound resources may be
// inferred.
func (m *matcher) instTypes(got, want *instanceType) error {
	if len(got.bound) > 0 {
		c := componentType{info: got.info, exports: got.exports, defined: got.bound}
		fresh, err := m.v.freshened(&c)
		if err != nil {
			return err
		}
		got = &instanceType{info: got.info, exports: fresh.exports}
	}
	return m.nested(want.bound, func() error {
		return m.match(entity{kind: entInstance, inst: got}, entity{kind: entInstance, inst: want})
	})
}

// nested runs a match in which further resources are bindable, and forgets them afterwards.
func (m *matcher) nested(rs []*resource, f func() error) error {
	done := m.done
	m.done = map[[2]any]bool{}
	m.bindable(rs)
	m.depth++
	err := f()
	m.depth--
	for _, r := range rs {
		delete(m.bound, r)
	}
	m.done = done
	return err
}

// comp returns an error if a component type is not a subtype of another: it must be possible to instantiate it given
// the expected imports, and the resulting instance must have the expected exports.
func (m *matcher) comp(got, want *componentType) error {
	if !got.ident && got == want {
		return nil
	}
	got, err := m.v.freshened(got)
	if err != nil {
		return err
	}
	return m.nested(got.imported, func() error {
		for i := range got.imports.list {
			it := &got.imports.list[i]
			x, ok := want.imports.get(it.name)
			if !ok {
				return fmt.Errorf("missing expected import `%s`", it.name)
			}
			if err := m.match(x, it.ent); err != nil {
				return fmt.Errorf("type mismatch in import `%s`: %w", it.name, err)
			}
		}
		return m.nested(want.defined, func() error {
			g := &instanceType{info: got.exports.info(), exports: got.exports}
			w := &instanceType{info: want.exports.info(), exports: want.exports}
			return m.match(entity{kind: entInstance, inst: g}, entity{kind: entInstance, inst: w})
		})
	})
}

// val returns an error if two value types are not equal.
func (m *matcher) val(got, want *typ) error {
	if got == want && !got.ident {
		return nil
	}
	g, w := got.val, want.val
	if g.kind != w.kind {
		return mismatch(got, want)
	}
	if more, err := m.visit(got, want); !more || err != nil {
		return err
	}
	switch w.kind {
	case component.KindPrim:
		if g.prim != w.prim {
			return diag.Differ("expected primitive `%s` found primitive `%s`", w.prim, g.prim)
		}
		return nil
	case component.KindRecord:
		return m.fields(g, w, "field", "record field")
	case component.KindVariant:
		return m.fields(g, w, "case", "variant case")
	case component.KindFlags, component.KindEnum:
		return sameLabels(g, w)
	case component.KindTuple:
		if len(g.types) != len(w.types) {
			return diag.Differ("expected %d types, found %d", len(w.types), len(g.types))
		}
		for i := range w.types {
			if err := m.val(g.types[i], w.types[i]); err != nil {
				return fmt.Errorf("type mismatch in tuple field %d: %w", i, err)
			}
		}
		return nil
	case component.KindOwn, component.KindBorrow:
		return m.res(g.resource, w.resource)
	}
	return m.elems(g, w)
}

// mismatch returns the error for two different constructors.
func mismatch(got, want *typ) error {
	name := func(t *typ) string {
		if t.val.kind == component.KindPrim {
			return t.val.prim.String()
		}
		return kindName(t.val.kind)
	}
	if want.val.kind == component.KindPrim {
		return &diag.Mismatch{Expected: want.val.prim.String(), Found: name(got), Text: fmt.Sprintf("expected primitive, found %s: expected %s", name(got), want.val.prim)}
	}
	return diag.Differ("expected %s, found %s", name(want), name(got))
}

func (m *matcher) fields(g, w *valType, what, where string) error {
	if len(g.fields) != len(w.fields) {
		return fmt.Errorf("expected %s, found %d", fmt.Sprintf("%d %ss", len(w.fields), what), len(g.fields))
	}
	for i, wf := range w.fields {
		gf := g.fields[i]
		if gf.label != wf.label {
			return diag.Differ("expected %s name `%s`, found `%s`", what, wf.label, gf.label)
		}
		switch {
		case gf.t == nil && wf.t == nil:
			continue
		case gf.t == nil:
			return diag.Differ("expected %s `%s` to have %s, found %s", what, wf.label, "a type", "none")
		case wf.t == nil:
			return diag.Differ("expected %s `%s` to have %s, found %s", what, wf.label, "no type", gf.t)
		}
		if err := m.val(gf.t, wf.t); err != nil {
			return fmt.Errorf("type mismatch in %s `%s`: %w", where, wf.label, err)
		}
	}
	return nil
}

func sameLabels(g, w *valType) error {
	if len(g.labels) != len(w.labels) {
		return diag.Differ("mismatch in %s elements: expected %d, found %d", kindName(w.kind), len(w.labels), len(g.labels))
	}
	for i := range w.labels {
		if g.labels[i] != w.labels[i] {
			return diag.Differ("mismatch in %s elements: expected `%s`, found `%s`", kindName(w.kind), w.labels[i], g.labels[i])
		}
	}
	return nil
}

// elems compares the types built from elements: lists, maps, options, results, streams and futures.
func (m *matcher) elems(g, w *valType) error {
	if g.len != w.len {
		return diag.Differ("expected a list of length %d, found %d", w.len, g.len)
	}
	parts := []struct {
		got, want *typ
		what      string
	}{{g.key, w.key, "map key"}, {g.elem, w.elem, elemName(w.kind)}, {g.err, w.err, "err"}}
	for _, p := range parts {
		switch {
		case p.got == nil && p.want == nil:
			continue
		case p.got == nil:
			return &diag.Mismatch{Expected: p.want.String(), Found: "none", Text: fmt.Sprintf("expected %s type, but found none: expected %s", p.what, p.want)}
		case p.want == nil:
			return &diag.Mismatch{Expected: "none", Found: p.got.String(), Text: fmt.Sprintf("expected %s type to not be present, found %s", p.what, p.got)}
		}
		if err := m.val(p.got, p.want); err != nil {
			where := p.what
			if w.kind == component.KindResult {
				where += " variant"
			}
			return fmt.Errorf("type mismatch in %s: %w", where, err)
		}
	}
	return nil
}

func elemName(k component.ValKind) string {
	if k == component.KindResult {
		return "ok"
	}
	return kindName(k) + " element"
}
