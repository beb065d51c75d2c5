// This file implements random calls of the host.

package donut

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
)

// Call is a call by the host, for the model and for an instance.
type Call struct {
	Text string // for a test's message
	Func string // "" for the drop of a handle
	Args []string
	Drop int
	// Model makes the call in a model and returns its result as text.
	Model func(m *Model) string
}

// Random returns a random call of a world in the state of a model. Most such calls succeed.
func Random(rng *rand.Rand, m *Model) Call {
	p := &programs{rng, m}
	inst := rng.IntN(len(m.insts))
	var held []int
	for n, r := range m.Host {
		if r != nil {
			held = append(held, n)
		}
	}
	op := []int{opRun, opRun, opRun, opRun, opFetch, opDrop, opGive, opLend}[rng.IntN(8)]
	if len(held) == 0 && op != opFetch {
		op = opRun
	}
	switch n := 0; op {
	case opFetch:
		if h, typ, ok := p.handle(inst); ok && typ <= inst {
			return Call{Func: Func(opFetch, inst, typ), Args: []string{fmt.Sprint(h)}, Model: func(m *Model) string {
				m.Fetch(inst, typ, uint32(h))
				return fmt.Sprintf("res(%d)", len(m.Host)-1)
			}}
		}
	case opDrop:
		n = held[rng.IntN(len(held))]
		return Call{Drop: n, Model: func(m *Model) string { m.Drop(n); return "" }}
	case opGive, opLend:
		n = held[rng.IntN(len(held))]
		typ := m.Host[n].Type
		if inst < typ {
			inst = typ
		}
		c := Call{Func: Func(op, inst, typ), Args: []string{fmt.Sprintf("res(%d)", n)}}
		if op == opGive {
			c.Model = func(m *Model) string { return fmt.Sprint(m.Give(inst, n)) }
			return c
		}
		sub := p.lent(inst)
		c.Args = append(c.Args, list(sub))
		c.Model = func(m *Model) string { return result(m.Lend(inst, n, sub)) }
		return c
	}
	sub := p.program(inst, 0)
	return Call{Func: Func(opRun, inst, 0), Args: []string{list(sub)}, Model: func(m *Model) string { return result(m.Run(inst, sub)) }}
}

// String returns the call for messages.
func (c Call) String() string {
	if c.Func == "" {
		return fmt.Sprintf("drop res(%d)", c.Drop)
	}
	return c.Func + "(" + strings.Join(c.Args, ", ") + ")"
}

func list(b []byte) string {
	var s []string
	for _, x := range b {
		s = append(s, fmt.Sprint(x))
	}
	return "[" + strings.Join(s, ", ") + "]"
}

func result(acc uint32) string { return list(binary.LittleEndian.AppendUint32(nil, acc)) }

// programs generates programs.
type programs struct {
	*rand.Rand
	m *Model
}

// handle chooses a handle in an instance's table, and its type; rarely an arbitrary one.
func (p *programs) handle(inst int) (h, typ int, ok bool) {
	entries := p.m.insts[inst].handles.entries
	if p.IntN(60) == 0 {
		return p.IntN(5), p.IntN(inst + 1), true
	}
	for range 4 {
		if len(entries) == 0 {
			return 1, inst, p.IntN(8) == 0
		}
		if i := p.IntN(len(entries)); entries[i] != nil {
			return i + 1, entries[i].res.Type, true
		}
	}
	return 0, 0, false
}

func (p *programs) program(inst, depth int) (b []byte) {
	for n := p.IntN(4) + 1 - depth/3; n > 0; n-- {
		b = append(b, p.operation(inst, depth)...)
	}
	return b
}

// lent returns a program for opLend. Its first byte reports whether the borrowed handle is dropped at the end.
func (p *programs) lent(inst int) []byte { return p.lentAt(inst, 0) }

func (p *programs) lentAt(inst, depth int) []byte {
	return append([]byte{byte(min(1, p.IntN(50)))}, p.program(inst, depth)...)
}

func (p *programs) operation(me, depth int) []byte {
	last := p.m.w.last(me)
	for range 20 {
		op := []int{opRun, opRun, opRun, opRun, opNew, opNew, opDrop, opGive, opLend, opLend, opFetch, opSet, opGet, opHost, opHost, opHost, opHost, opCount}[p.IntN(18)]
		if p.IntN(300) == 0 {
			op = []int{opThrow, opTrap}[p.IntN(2)]
		}
		inst, typ, h := 0, 0, p.IntN(256)
		var sub []byte
		ok := true
		switch op {
		case opRun, opNew:
			inst = p.IntN(last + 1)
			if ok = depth < 6; ok && op == opRun {
				sub = p.program(inst, depth+1)
			} else if ok {
				inst = 0
				sub = p.program(me, depth+2)
			}
		case opDrop:
			h, typ, ok = p.handle(me)
		case opGive, opLend:
			inst = p.IntN(last + 1)
			h, typ, ok = p.handle(me)
			if ok = ok && typ <= inst && depth < 6; ok && op == opLend {
				sub = p.lentAt(inst, depth+1)
			}
		case opFetch:
			inst = p.IntN(last + 1)
			h, typ, ok = p.handle(inst)
			ok = ok && typ <= inst
		case opHost:
			ok = p.m.w.Slots[me][slot(opHost, 0, 0)]
		}
		if op <= opFetch && !p.m.w.Slots[me][slot(op, inst, typ)] && p.IntN(300) > 0 || !ok {
			continue
		}
		b := []byte{byte(op), byte(inst), byte(typ), byte(h), 0, 0}
		binary.LittleEndian.PutUint16(b[4:], uint16(len(sub)))
		return append(b, sub...)
	}
	return []byte{opCount, 0, 0, 0, 0, 0}
}
