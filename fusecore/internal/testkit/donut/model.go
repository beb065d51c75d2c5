// This file implements the prediction of what calls do, by the rules of the specification.

package donut

import (
	"encoding/binary"
	"fmt"
)

// Model predicts the behaviour of a world according to the specification. It follows CanonicalABI.md function by
// function, with the specification's names.
type Model struct {
	w     *World
	insts []*instance
	// Host are the owning handles of the host, in the order in which it received them; nil for those it gave away.
	Host []*Resource
	// Log has the arguments of the calls of the host, in order.
	Log []uint32
	// OnHost is called during calls of the host's function.
	OnHost func()
	// Own, Related and Refused report whether an instance has called itself, or an ancestor or descendant of it, and
	// whether a call could not enter.
	Own, Related, Refused bool
	depth                 int
}

// Resource is a resource of an instance's type. Its representation denotes a program.
type Resource struct {
	Type int
	dtor []byte
}

type instance struct {
	id              int
	mayEnter        bool
	handles         table
	reallocs, posts uint32
}

// handle is a ResourceHandle.
type handle struct {
	res   *Resource
	own   bool
	lends int
	scope *task // for a borrow
}

// task is a Task, with the storage of its only thread.
type task struct {
	inst    *instance
	borrows int
	context uint32
}

// table is a Table, which reuses the index that was freed last first.
type table struct {
	entries []*handle // entries[i] has the index i+1
	free    []int
}

func (t *table) add(h *handle) uint32 {
	if n := len(t.free); n > 0 {
		i := t.free[n-1]
		t.free = t.free[:n-1]
		t.entries[i-1] = h
		return uint32(i)
	}
	t.entries = append(t.entries, h)
	return uint32(len(t.entries))
}

func (t *table) get(i uint32, typ int) *handle {
	if i == 0 || int(i) > len(t.entries) || t.entries[i-1] == nil {
		trap("no handle")
	}
	h := t.entries[i-1]
	if h.res.Type != typ {
		trap("handle of another type")
	}
	return h
}

func (t *table) remove(i uint32, typ int) *handle {
	h := t.get(i, typ)
	if h.lends > 0 {
		trap("lent")
	}
	t.entries[i-1] = nil
	t.free = append(t.free, int(i))
	return h
}

// Trap is the model's panic value where the specification traps.
type Trap string

func trap(why string) { panic(Trap(why)) }

// maxDepth limits the nesting of programs. Generated ones stay far below it.
const maxDepth = 64

// NewModel returns the state of a new instance of a world.
func NewModel(w *World) *Model {
	m := &Model{w: w}
	for i := range w.Parents {
		m.insts = append(m.insts, &instance{id: i, mayEnter: true})
	}
	return m
}

// enteringSet is ComponentInstance.entering_set; caller is nil for the host.
func (m *Model) enteringSet(callee, caller *instance) (set []*instance) {
	for i := callee.id; i >= 0; i = m.w.Parents[i] {
		if caller == nil || !m.w.within(caller.id, i) {
			set = append(set, m.insts[i])
		}
	}
	return set
}

// lift is Store.lift around canon_lift; body runs in a new task of the callee.
func (m *Model) lift(callee, caller *instance, body func(*task)) {
	set := m.enteringSet(callee, caller)
	for _, i := range set {
		if !i.mayEnter {
			m.Refused = true
			trap("cannot enter")
		}
	}
	for _, i := range set {
		i.mayEnter = false
	}
	if m.depth++; m.depth > maxDepth {
		panic("programs nest too deep")
	}
	body(&task{inst: callee})
	m.depth--
	for _, i := range set {
		i.mayEnter = true
	}
}

// Run calls opRun of an instance; caller is nil for the host.
func (m *Model) Run(inst int, program []byte) uint32 { return m.run(m.insts[inst], nil, program) }

func (m *Model) run(callee, caller *instance, program []byte) (acc uint32) {
	m.lift(callee, caller, func(t *task) {
		callee.reallocs++
		acc = m.exec(t, program)
		if caller != nil {
			caller.reallocs++
		}
		callee.posts++
	})
	return acc
}

// Lend calls opLend with a handle of the host.
func (m *Model) Lend(inst, n int, program []byte) uint32 {
	return m.lend(m.insts[inst], nil, m.Host[n], program)
}

func (m *Model) lend(callee, caller *instance, res *Resource, program []byte) (acc uint32) {
	m.lift(callee, caller, func(t *task) {
		var h uint32
		if res.Type != callee.id {
			h = callee.handles.add(&handle{res: res, scope: t})
			t.borrows++
		}
		callee.reallocs++
		acc = m.exec(t, program[1:])
		if res.Type != callee.id {
			if program[0] != 0 {
				m.drop(t, h, res.Type)
			}
			acc = acc*31 + h
		}
		if t.borrows > 0 {
			trap("borrows left")
		}
		if caller != nil {
			caller.reallocs++
		}
		callee.posts++
	})
	return acc
}

// Give calls opGive with a handle of the host, which loses it.
func (m *Model) Give(inst, n int) (h uint32) {
	res := m.Host[n]
	m.lift(m.insts[inst], nil, func(*task) {
		m.Host[n] = nil
		h = m.insts[inst].handles.add(&handle{res: res, own: true})
	})
	return h
}

// Fetch calls opFetch from the host, which receives the handle.
func (m *Model) Fetch(inst, typ int, h uint32) {
	m.lift(m.insts[inst], nil, func(*task) { m.Host = append(m.Host, m.liftOwn(m.insts[inst], h, typ)) })
}

// Drop drops a handle of the host.
func (m *Model) Drop(n int) {
	res := m.Host[n]
	m.destroy(res, nil)
	m.Host[n] = nil
}

func (m *Model) liftOwn(i *instance, h uint32, typ int) *Resource {
	x := i.handles.remove(h, typ)
	if !x.own {
		trap("not owned")
	}
	return x.res
}

// drop is canon_resource_drop.
func (m *Model) drop(t *task, h uint32, typ int) {
	x := t.inst.handles.remove(h, typ)
	if x.own {
		m.destroy(x.res, t.inst)
	} else {
		x.scope.borrows--
	}
}

func (m *Model) destroy(res *Resource, caller *instance) {
	m.lift(m.insts[res.Type], caller, func(t *task) {
		if m.w.Dtor[res.Type] {
			m.exec(t, res.dtor)
		}
	})
}

// exec runs a program.
func (m *Model) exec(t *task, p []byte) (acc uint32) {
	for len(p) > 0 {
		op, inst, typ, n := int(p[0]), int(p[1]), int(p[2]), uint32(p[3])
		size := int(binary.LittleEndian.Uint16(p[4:]))
		sub := p[headerLen : headerLen+size]
		p = p[headerLen+size:]
		acc = acc*31 + m.step(t, op, inst, typ, n, sub)
	}
	return acc
}

func (m *Model) step(t *task, op, inst, typ int, n uint32, sub []byte) (v uint32) {
	me := t.inst
	switch at := slot(op, inst, typ); op {
	case opRun, opNew, opDrop, opGive, opLend, opFetch:
		if !m.w.Slots[me.id][at] {
			trap("nothing in the table")
		}
	case opHost:
		if !m.w.Slots[me.id][slot(opHost, 0, 0)] {
			trap("no host")
		}
	}
	switch op {
	case opRun, opGive, opLend, opFetch:
		m.Own = m.Own || inst == me.id
		m.Related = m.Related || inst != me.id && (m.w.within(inst, me.id) || m.w.within(me.id, inst))
	}
	switch op {
	case opRun:
		return m.run(m.insts[inst], me, sub)
	case opNew:
		return me.handles.add(&handle{res: &Resource{me.id, sub}, own: true})
	case opDrop:
		m.drop(t, n, typ)
	case opGive:
		callee := m.insts[inst]
		m.lift(callee, me, func(*task) { v = callee.handles.add(&handle{res: m.liftOwn(me, n, typ), own: true}) })
	case opLend:
		callee := m.insts[inst]
		// The callee is entered before its arguments are lifted; either can trap.
		h := me.handles.get(n, typ)
		h.lends++
		v = m.lend(callee, me, h.res, sub)
		h.lends--
	case opFetch:
		callee := m.insts[inst]
		m.lift(callee, me, func(*task) { v = me.handles.add(&handle{res: m.liftOwn(callee, n, typ), own: true}) })
	case opSet:
		if m.w.Contexts {
			t.context = n
		}
	case opGet:
		v = t.context
	case opHost:
		m.Log = append(m.Log, n)
		if m.OnHost != nil {
			m.OnHost()
		}
		v = n + 1
	case opCount:
		v = me.reallocs*1000 + me.posts
	default:
		trap(fmt.Sprint("operation ", op))
	}
	return v
}

// Try calls a function of the model, and reports whether it traps.
func (m *Model) Try(f func()) (trapped bool) {
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(Trap); !ok {
				panic(p)
			}
			trapped = true
		}
	}()
	f()
	return false
}

// Clone copies the model's state between calls by the host.
func (m *Model) Clone() *Model {
	c := &Model{w: m.w, Host: append([]*Resource(nil), m.Host...), Log: append([]uint32(nil), m.Log...)}
	for _, i := range m.insts {
		n := *i
		n.handles.entries = make([]*handle, len(i.handles.entries))
		for k, h := range i.handles.entries {
			if h != nil {
				copied := *h
				n.handles.entries[k] = &copied
			}
		}
		n.handles.free = append([]int(nil), i.handles.free...)
		c.insts = append(c.insts, &n)
	}
	return c
}
