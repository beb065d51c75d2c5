// This file implements closing: making a nested component self-contained, so that it can stand in another place.
//
//	(component $C (alias outer 1 $t (type $u)) (import "f" (func (param "x" $u))))
//
// becomes, with a copy of $t before what $C had:
//
//	(component $C (type $t (list u8)) (alias outer 0 $t (type $u)) (import "f" (func (param "x" $u))))

package instantiate

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/typing"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/worldtype"
)

// closed is a component without outer aliases that lead out of it, with its type.
type closed struct {
	comp  *component.Component
	world *world.World // nil until it is needed
}

// close returns a component as it stands outside of those around it.
func (ev *evaluator) close(c *compVal) (*closed, error) {
	if k := ev.closed[c]; k != nil {
		return k, nil
	}
	k := &closed{comp: c.c}
	if component.LeadsOut(c.c.Defs, 0) {
		before := &component.Component{}
		cl := &closer{copies: &copies{ev: ev, w: worldtype.New(before), indices: map[any]uint32{}}, env: c.env}
		m := component.Mover{Outer: cl.outer}
		m.Defs(c.c.Defs) // fills before
		m.By = before.IndexSpaces()
		moved := *c.c
		moved.Bytes, moved.Names = nil, nil
		moved.Defs = append(before.Defs, m.Defs(c.c.Defs)...)
		if k.comp = &moved; cl.err != nil {
			return nil, cl.err
		}
	}
	ev.closed[c] = k
	return k, nil
}

// declare returns the type of a closed component.
func (k *closed) declare() (*world.World, error) {
	if k.world == nil {
		s, err := validate.Options{}.Surface(k.comp)
		if err != nil {
			return nil, err
		}
		if k.world, err = declared(s); err != nil {
			return nil, err
		}
	}
	return k.world, nil
}

// closer is the state of closing one component.
type closer struct {
	*copies
	env *scope // around the component, or around a type that is copied
	out int    // how many scopes are between that component or type and the copies
}

// copies are the definitions that precede a component.
type copies struct {
	ev      *evaluator
	w       *worldtype.Writer
	indices map[any]uint32 // of the items copied so far, by the item
	err     error
}

// outer returns the alias of the copy of what an outer alias leads to.
func (c *closer) outer(a *component.Alias, depth int) *component.Alias {
	out := *a
	out.Outer = uint32(depth + c.out)
	var err error
	if out.Index, err = c.index(c.env.at(a.Outer-uint32(depth)-1), a); err != nil && c.err == nil {
		c.err = err
	}
	return &out
}

// index returns the index of a copy of an item of a scope, which it makes the first time.
func (c *closer) index(s *scope, a *component.Alias) (uint32, error) {
	if s == nil {
		return 0, diag.New("", "outer alias beyond the outermost scope")
	}
	if a.Sort == component.SortCore && a.Core == component.CoreTypeSort {
		t, err := component.Pick(s.coreTypes, a.Index, "core type")
		if err != nil {
			return 0, err
		}
		return c.once(t, func() (uint32, error) { return c.coreType(t) })
	}
	it, err := s.lookup(component.SortIdx{Sort: a.Sort, Core: a.Core, Index: a.Index})
	if err != nil {
		return 0, err
	}
	switch {
	case it.typ != nil:
		return c.once(it.typ, func() (uint32, error) { return c.typ(it.typ) })
	case it.comp != nil && it.comp.c != nil:
		return c.once(it.comp, func() (uint32, error) {
			k, err := c.ev.close(it.comp)
			if err != nil {
				return 0, err
			}
			return c.w.Add(&component.NestedComponent{Component: k.comp}), nil
		})
	case it.module != nil && it.module.def != nil:
		return c.once(it.module, func() (uint32, error) { return c.w.Add(it.module.def), nil })
	}
	return 0, diag.New("", "it uses a definition of the component around it that is supplied from outside")
}

func (c *closer) once(item any, add func() (uint32, error)) (uint32, error) {
	if i, ok := c.indices[item]; ok {
		return i, nil
	}
	i, err := add()
	c.indices[item] = i
	return i, err
}

func (c *closer) typ(t *typeVal) (uint32, error) {
	switch {
	case t.val != nil:
		return c.w.Type(t.val)
	case t.fn != nil:
		return c.w.Definition(&world.Def{Func: t.fn})
	case t.def != nil && t.def.inst != nil:
		return c.define(t.def.env, &component.Type{Def: t.def.inst})
	case t.def != nil && t.def.comp != nil:
		return c.define(t.def.env, &component.Type{Def: t.def.comp})
	}
	return 0, diag.New("", "it uses a resource type of the component around it")
}

// coreType adds a copy of a core type that refers to no other.
func (c *closer) coreType(t *coreTypeVal) (uint32, error) {
	if g := t.def.Rec; g != nil {
		refers := false
		for i := range g.Types {
			_, err := typing.Renumber(&g.Types[i], func(i uint32) (uint32, error) { refers = true; return i, nil })
			refers = refers || err != nil
		}
		if len(g.Types) != 1 || refers {
			return 0, diag.New("", "it uses a core type of the component around it that belongs to others")
		}
	}
	return c.define(t.env, t.def)
}

// define adds a copy of the definition of a type in a scope.
func (c *closer) define(env *scope, d component.Def) (uint32, error) {
	m := component.Mover{Outer: (&closer{copies: c.copies, env: env, out: 1}).outer}
	return c.w.Add(m.Type(d)), nil
}
