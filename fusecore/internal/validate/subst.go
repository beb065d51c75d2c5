// This file implements substitution of resources and type identities.

package validate

// subst replaces resources and identities of types throughout a type. Every node is visited once, however often it is
// used, and unchanged parts are not copied.
type subst struct {
	v     *validator
	res   map[*resource]*resource
	types map[*typ]*typ // given, and computed so far
	fns   map[*funcType]*funcType
	insts map[*instanceType]*instanceType
	comps map[*componentType]*componentType
	err   error // the first error; results are meaningless afterwards
}

func newSubst(v *validator) *subst {
	return &subst{v: v, res: map[*resource]*resource{}, types: map[*typ]*typ{}, fns: map[*funcType]*funcType{},
		insts: map[*instanceType]*instanceType{}, comps: map[*componentType]*componentType{}}
}

func (s *subst) step() bool {
	if s.err == nil {
		s.err = s.v.step()
	}
	return s.err == nil
}

// copied accounts for n new nodes.
func (s *subst) copied(n int) {
	if s.v.copies += n; s.v.copies > maxCopies && s.err == nil {
		s.err = errTooManyCopies
	}
}

func (s *subst) typ(t *typ) *typ {
	if t == nil || !t.ident {
		return t
	}
	if to, ok := s.types[t]; ok {
		return to
	}
	if !s.step() {
		return t
	}
	c := *t
	switch t.kind {
	case kindValue:
		c.val = s.val(t.val)
	case kindFunc:
		c.fn = s.fn(t.fn)
	case kindInstance:
		c.inst = s.inst(t.inst)
	case kindComponent:
		c.comp = s.comp(t.comp)
	case kindResource:
		if r, ok := s.res[t.res]; ok {
			c.res = r
		}
	}
	to := t
	if c.val != t.val || c.fn != t.fn || c.inst != t.inst || c.comp != t.comp || c.res != t.res {
		to = &c
		if to.of = nil; t.kind == kindResource {
			to.of = s.typ(t.of)
		}
		s.copied(1)
	}
	s.types[t] = to
	return to
}

func (s *subst) val(v *valType) *valType {
	c := *v
	changed := false
	one := func(t *typ) *typ {
		to := s.typ(t)
		changed = changed || to != t
		return to
	}
	c.elem, c.err, c.key, c.resource = one(v.elem), one(v.err), one(v.key), one(v.resource)
	c.fields, changed = s.fields(v.fields, changed)
	c.types = nil
	for _, t := range v.types {
		c.types = append(c.types, one(t))
	}
	if !changed {
		return v
	}
	return &c
}

func (s *subst) fields(fs []field, changed bool) ([]field, bool) {
	if len(fs) == 0 {
		return fs, changed
	}
	out := make([]field, len(fs))
	for i, f := range fs {
		out[i] = field{f.label, s.typ(f.t)}
		changed = changed || out[i].t != f.t
	}
	return out, changed
}

func (s *subst) fn(f *funcType) *funcType {
	if !f.ident {
		return f
	}
	if to, ok := s.fns[f]; ok {
		return to
	}
	if !s.step() {
		return f
	}
	c := *f
	c.result = s.typ(f.result)
	changed := c.result != f.result
	c.params, changed = s.fields(f.params, changed)
	to := f
	if changed {
		to = &c
		s.copied(1 + len(c.params))
	}
	s.fns[f] = to
	return to
}

func (s *subst) inst(it *instanceType) *instanceType {
	if !it.ident {
		return it
	}
	if to, ok := s.insts[it]; ok {
		return to
	}
	c := *it
	to := it
	var changed bool
	if c.exports, changed = s.items(&it.exports); changed {
		to = &c
	}
	s.insts[it] = to
	return to
}

func (s *subst) comp(ct *componentType) *componentType {
	if !ct.ident {
		return ct
	}
	if to, ok := s.comps[ct]; ok {
		return to
	}
	c := *ct
	var a, b bool
	c.imports, a = s.items(&ct.imports)
	c.exports, b = s.items(&ct.exports)
	to := ct
	if a || b {
		to = &c
	}
	s.comps[ct] = to
	return to
}

func (s *subst) items(m *items) (items, bool) {
	var list []item // created at the first change
	for i, it := range m.list {
		if !s.step() {
			return *m, false
		}
		to := s.entity(it.ent)
		if to != it.ent && list == nil {
			s.copied(len(m.list))
			list = append(make([]item, 0, len(m.list)), m.list[:i]...)
		}
		if list != nil {
			list = append(list, item{it.name, to})
		}
	}
	if list == nil {
		return *m, false
	}
	return items{list: list, at: m.index()}, true
}

func (s *subst) entity(e entity) entity {
	switch e.kind {
	case entFunc:
		e.fn = s.fn(e.fn)
	case entType:
		// The supplied type replaces the expected one, even if both have the same meaning.
		if to, given := s.types[e.ref]; given {
			e.ref = to
		} else {
			e.ref = s.typ(e.ref)
		}
		e.typ = s.typ(e.typ)
	case entInstance:
		e.inst = s.inst(e.inst)
	case entComponent:
		e.comp = s.comp(e.comp)
	}
	return e
}

// open returns the type of an actual instance of a declared type, with fresh resources of the scope for those that the
// declaration binds.
func (v *validator) open(s *scope, it *instanceType, imported bool) (*instanceType, error) {
	if len(it.bound) == 0 {
		return it, nil
	}
	sub := newSubst(v)
	for _, r := range it.bound {
		sub.res[r] = s.fresh(r.name, imported)
	}
	out := *sub.inst(it)
	out.bound = nil
	return &out, sub.err
}

// freshened returns a component type with its own bound resources renamed, to distinguish them from those of another
// use of the same type.
func (v *validator) freshened(ct *componentType) (*componentType, error) {
	if len(ct.imported)+len(ct.defined) == 0 {
		return ct, nil
	}
	sub := newSubst(v)
	rename := func(rs []*resource) []*resource {
		out := make([]*resource, len(rs))
		for i, r := range rs {
			out[i] = &resource{name: r.name}
			sub.res[r] = out[i]
		}
		return out
	}
	imported, defined := rename(ct.imported), rename(ct.defined)
	out := *sub.comp(ct)
	out.imported, out.defined = imported, defined
	return &out, sub.err
}

// freeResources collects the resources that a type refers to without binding them. A bound resource only occurs in
// types that bind it, so occurrences and binders can be collected in any order.
type freeResources struct {
	v     *validator
	used  map[*resource]bool
	bound map[*resource]bool
	seen  map[any]bool
}

func (v *validator) free() *freeResources {
	return &freeResources{v, map[*resource]bool{}, map[*resource]bool{}, map[any]bool{}}
}

func (f *freeResources) has(r *resource) bool { return f.used[r] && !f.bound[r] }

func (f *freeResources) any() bool {
	for r := range f.used {
		if !f.bound[r] {
			return true
		}
	}
	return false
}

// first reports whether a node is visited for the first time.
func (f *freeResources) first(node any) bool {
	if f.seen[node] {
		return false
	}
	f.seen[node] = true
	return true
}

func (f *freeResources) entity(e entity) error {
	switch e.kind {
	case entFunc:
		return f.fn(e.fn)
	case entType:
		return f.typ(e.typ)
	case entInstance:
		return f.inst(e.inst)
	case entComponent:
		return f.comp(e.comp)
	}
	return nil
}

func (f *freeResources) typ(t *typ) error {
	if t == nil || !t.ident || !f.first(t) {
		return nil
	}
	if err := f.v.step(); err != nil {
		return err
	}
	switch t.kind {
	case kindValue:
		for _, p := range t.val.parts() {
			if err := f.typ(p); err != nil {
				return err
			}
		}
	case kindFunc:
		return f.fn(t.fn)
	case kindInstance:
		return f.inst(t.inst)
	case kindComponent:
		return f.comp(t.comp)
	case kindResource:
		f.used[t.res] = true
	}
	return nil
}

func (f *freeResources) fn(fn *funcType) error {
	if !fn.ident || !f.first(fn) {
		return nil
	}
	for _, p := range fn.params {
		if err := f.typ(p.t); err != nil {
			return err
		}
	}
	return f.typ(fn.result)
}

func (f *freeResources) bind(rs []*resource) {
	for _, r := range rs {
		f.bound[r] = true
	}
}

func (f *freeResources) items(m *items) error {
	for i := range m.list {
		if err := f.v.step(); err != nil {
			return err
		}
		if err := f.entity(m.list[i].ent); err != nil {
			return err
		}
	}
	return nil
}

func (f *freeResources) inst(it *instanceType) error {
	if !it.ident || !f.first(it) {
		return nil
	}
	f.bind(it.bound)
	return f.items(&it.exports)
}

func (f *freeResources) comp(ct *componentType) error {
	if !ct.ident || !f.first(ct) {
		return nil
	}
	f.bind(ct.imported)
	f.bind(ct.defined)
	if err := f.items(&ct.imports); err != nil {
		return err
	}
	return f.items(&ct.exports)
}
