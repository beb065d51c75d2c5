// This file implements handle tables and the resources of guests.

package engine

import (
	"context"
	"fmt"
	"reflect"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// resourceType is a resource type of a world.
type resourceType struct {
	name     string   // "interface#type"
	names    []string // under which interfaces import it, name among them
	imported bool
	dtor     string // core export, of an exported type
}

// handle is an element of a guest's table of handles (CanonicalABI.md, "Table State" and "Resource State").
type handle struct {
	rt    *resourceType // nil if free
	rep   uint32        // of an exported type
	value any           // of an imported type
	own   bool
	lends int
	scope *call // of a borrow
}

// maxHandles is Table.MAX_LENGTH.
const maxHandles = 1<<28 - 1

// table is a guest's table of handles. Index 0 is not used.
type table struct {
	handles []handle
	free    []uint32
}

func (t *table) add(h handle) uint32 {
	if n := len(t.free); n > 0 {
		i := t.free[n-1]
		t.free = t.free[:n-1]
		t.handles[i] = h
		return i
	}
	if len(t.handles) == 0 {
		t.handles = make([]handle, 1, 8)
	}
	if len(t.handles) > maxHandles {
		trap("too many handles")
	}
	t.handles = append(t.handles, h)
	return uint32(len(t.handles) - 1)
}

// get returns the handle with an index, which must be of a type. It is valid until the next change of the table.
func (t *table) get(i uint32, rt *resourceType) *handle {
	if i >= uint32(len(t.handles)) || t.handles[i].rt == nil {
		trap("unknown handle index %d", i)
	}
	h := &t.handles[i]
	if h.rt != rt {
		trap("handle index %d is of type %s, used with %s", i, h.rt.name, rt.name)
	}
	return h
}

// remove removes a handle that is not lent.
func (t *table) remove(i uint32, rt *resourceType) handle {
	h := *t.get(i, rt)
	if h.lends > 0 {
		trap("cannot remove owned resource while borrowed")
	}
	t.handles[i] = handle{}
	t.free = append(t.free, i)
	return h
}

// Resource is a resource that a guest implements and the host owns. It must be dropped, or passed to a function that
// takes ownership. Rules for goroutines are those of its [Instance].
type Resource struct {
	in    *Instance
	rt    *resourceType
	rep   uint32
	gone  bool // dropped or passed on
	lends int
}

// String returns the resource's type, for messages.
func (r *Resource) String() string { return "resource " + r.rt.name }

// Drop drops the resource: its destructor runs. Dropping twice is an error, as is dropping a resource that was passed
// on or that a running call has borrowed.
func (r *Resource) Drop(ctx context.Context) (err error) {
	if err := r.usable(); err != nil {
		return fmt.Errorf("drop: %w", err)
	}
	if r.lends > 0 {
		return resourceError("drop: %v is lent to a running call", r)
	}
	if err := r.in.enter(r.rt.name + " destructor"); err != nil {
		return err
	}
	r.gone = true
	err = errUnfinished
	defer r.in.leave(r.rt.name+" destructor", &err)
	return r.in.destroy(ctx, r.rt, r.rep)
}

// ResourceError is why a [Resource] cannot be used: it was dropped or passed on, it is lent to a running call, or it is
// of another type or instance.
type ResourceError string

func (e ResourceError) Error() string { return string(e) }

func resourceError(format string, args ...any) error {
	return ResourceError(fmt.Sprintf(format, args...))
}

func (r *Resource) usable() error {
	if r.gone {
		return resourceError("%v was dropped or passed on", r)
	}
	return nil
}

// handleCodec converts handles of one resource type.
func (in *Instance) handleCodec(t *Type, g reflect.Type) (codec, error) {
	rt := in.comp.resources[t.Resource]
	if rt == nil {
		return nil, fmt.Errorf("the resource type %s is not part of the world", t.Resource.Name)
	}
	own := t.Kind == ctypes.Own
	if rt.imported {
		of := in.goTypes[rt]
		if of == nil {
			of = reflect.TypeFor[any]()
		}
		if g != of && !isAny(g) {
			return nil, fmt.Errorf("values of the host's resource type %s have the Go type %v, not %v", rt.name, of, g)
		}
		return in.hostHandle(rt, of, own), nil
	}
	if g != reflect.TypeFor[*Resource]() && !isAny(g) {
		return nil, fmt.Errorf("values of the guest's resource type %s have the Go type *engine.Resource, not %v", rt.name, g)
	}
	return in.guestHandle(rt, own), nil
}

// hostHandle converts handles of a type that the host implements: lift_own, lift_borrow, lower_own and lower_borrow.
func (in *Instance) hostHandle(rt *resourceType, of reflect.Type, own bool) codec {
	return &scalar{size: 4,
		get: func(c *call, bits uint64, v reflect.Value) {
			var value any
			if own {
				h := in.table.remove(uint32(bits), rt)
				if !h.own {
					trap("expected owned resource handle of type %s, found a borrowed one", rt.name)
				}
				value = h.value
			} else {
				h := in.table.get(uint32(bits), rt)
				h.lends++
				c.lenders = append(c.lenders, uint32(bits))
				value = h.value
			}
			if value != nil {
				v.Set(reflect.ValueOf(value))
			}
		},
		put: func(c *call, v reflect.Value) uint64 {
			value := v.Interface()
			if value != nil && !reflect.TypeOf(value).AssignableTo(of) {
				badValue("%T is not the Go type of the host's resource type %s, which is %v", value, rt.name, of)
			}
			h := handle{rt: rt, value: value, own: own}
			if !own {
				h.scope = c
				c.borrows++
			}
			return uint64(c.give(h))
		}}
}

// give adds a handle that the guest is given.
func (c *call) give(h handle) uint32 {
	i := c.in.table.add(h)
	c.given = append(c.given, i)
	return i
}

// guestHandle converts handles of a type that the guest implements. A borrow is passed to it as its representation.
func (in *Instance) guestHandle(rt *resourceType, own bool) codec {
	return &scalar{size: 4,
		get: func(c *call, bits uint64, v reflect.Value) {
			h := in.table.remove(uint32(bits), rt)
			if !h.own {
				trap("expected owned resource handle of type %s, found a borrowed one", rt.name)
			}
			v.Set(reflect.ValueOf(&Resource{in: in, rt: rt, rep: h.rep}))
		},
		put: func(c *call, v reflect.Value) uint64 {
			r, ok := v.Interface().(*Resource)
			switch {
			case !ok || r == nil:
				badValue("%v is not a resource of type %s", v.Interface(), rt.name)
			case r.in != in || r.rt != rt:
				panic(valueError{resourceError("%v is not a resource of type %s of this instance", r, rt.name)})
			}
			if err := r.usable(); err != nil {
				panic(valueError{err})
			}
			if !own {
				r.lends++
				c.lent = append(c.lent, r)
				return uint64(r.rep)
			}
			if r.lends > 0 {
				panic(valueError{resourceError("%v is lent to a running call", r)})
			}
			r.gone = true
			c.passed = append(c.passed, r)
			return uint64(c.give(handle{rt: rt, rep: r.rep, own: true}))
		}}
}

// dropHandle implements resource.drop.
func (in *Instance) dropHandle(ctx context.Context, rt *resourceType, i uint32) {
	h := in.table.remove(i, rt)
	var err error
	switch {
	case !h.own && h.scope != nil:
		h.scope.borrows--
	case rt.imported && in.drops[rt] != nil:
		err = in.drops[rt](ctx, h.value)
	case !rt.imported:
		err = in.destroy(ctx, rt, h.rep)
	}
	if err != nil {
		panic(asTrap(err))
	}
}
