// This file generates the statements of functions: code that leaves the stack as it was.

package program

import (
	"fmt"
	"strings"
)

// Limits of the steps that a call takes without fuel: cost of a body, and of one call in it.
const (
	maxCost = 4000
	maxCall = 1500
)

// body is a function that is being generated.
type body struct {
	g        *gen
	b        strings.Builder
	fn       *fn // nil for the start function
	params   int
	locals   []string // types of parameters and locals
	counters int      // locals that count iterations
	labels   []label  // the last one is label 0
	budget   int      // statements that are left
	cost     int
	mult     int // product of the iterations of the loops around
}

// label is a block's label, with the types that a branch takes.
type label struct {
	types []string
	loop  bool // a branch could repeat forever
}

func (c *body) line(format string, args ...any) {
	fmt.Fprintf(&c.b, format+"\n", args...)
	c.cost += c.mult
}

// declarations returns the locals' declarations.
func (c *body) declarations() string {
	out := ""
	for _, t := range c.locals[c.params:] {
		out += " (local " + t + ")"
	}
	for i := range c.counters {
		out += fmt.Sprintf(" (local $n%d i32)", i)
	}
	return out
}

// localOf returns a local of a type.
func (c *body) localOf(typ string) (int, bool) {
	var all []int
	for i, t := range c.locals {
		if t == typ {
			all = append(all, i)
		}
	}
	if len(all) == 0 {
		return 0, false
	}
	return pick(c.g, all), true
}

func (c *body) statements() {
	for range 1 + c.g.IntN(4) {
		if c.budget--; c.budget < 0 || c.cost > maxCost {
			return
		}
		c.statement()
	}
}

func (c *body) statement() {
	g := c.g
	switch g.IntN(26) {
	case 0, 1, 2, 3:
		c.assign()
	case 4:
		c.store()
	case 5, 6, 7:
		c.callStatement()
	case 8:
		c.expr("i32", 1)
		c.line("if")
		c.inside(nil, false, c.statements)
		if g.chance(50) {
			c.line("else")
			c.inside(nil, false, c.statements)
		}
		c.line("end")
	case 9, 10:
		c.loop()
	case 11:
		c.block()
	case 12:
		c.branch()
	case 13:
		c.brTable()
	case 14, 15:
		c.tableStatement()
	case 16:
		c.memoryStatement()
	case 17:
		c.throwing()
	case 18, 19:
		c.try()
	case 20:
		c.brOnNull()
	case 21:
		if g.chance(20) {
			c.line("global.get $fuel i32.const 7 i32.eq if")
			c.line(pick(g, []string{"unreachable", "i32.const 1 i32.const 0 i32.div_u drop", "ref.null $struct struct.get $struct 0 drop"}))
			c.line("end")
		} else if g.chance(30) {
			c.expr("i32", 1)
			c.line("i32.const 7 i32.and i32.const 3 i32.eq if call $\"trap: rule %d\" end", g.IntN(2))
		}
	case 22:
		c.structs()
	case 23, 24:
		c.maybe()
	default:
		c.assign()
	}
}

// inside generates the content of a block.
func (c *body) inside(types []string, loop bool, f func()) {
	c.labels = append(c.labels, label{types, loop})
	f()
	c.labels = c.labels[:len(c.labels)-1]
}

// assign sets a local or a global.
func (c *body) assign() {
	if len(c.locals) > 0 && c.g.chance(60) {
		i := c.g.IntN(len(c.locals))
		c.expr(c.locals[i], 2)
		c.line("local.set %d", i)
		return
	}
	if v := pick(c.g, c.g.globals); v.mutable {
		c.expr(v.typ, 2)
		c.line("global.set %s", v.id)
	}
}

// results returns the type of a block in the text format.
func results(types []string) (out string) {
	for _, t := range types {
		out += " (result " + t + ")"
	}
	return out
}

func params(types []string) (out string) {
	for _, t := range types {
		out += " (param " + t + ")"
	}
	return out
}

// loop generates a loop with a counter of its own, which starts at zero because locals do.
func (c *body) loop() {
	g := c.g
	n := c.counters
	c.counters++
	times := 2 + g.IntN(4)
	var types []string
	if g.chance(25) {
		types = []string{pick(g, numberTypes)}
		c.expr(types[0], 1)
	}
	if g.chance(50) {
		c.line("i32.const 0 local.set $n%d", n)
	}
	c.line("loop%s%s", params(types), results(types))
	saved := c.mult
	c.mult *= times
	c.inside(types, true, func() {
		c.statements()
		c.line("local.get $n%[1]d i32.const 1 i32.add local.tee $n%[1]d i32.const %[2]d i32.lt_u br_if 0", n, times)
		if g.chance(20) {
			c.statements()
		}
	})
	c.mult = saved
	c.line("end")
	c.consume(types)
}

// block generates a block, with parameters and results, and branches out of it.
func (c *body) block() {
	g := c.g
	var in, out []string
	for range g.IntN(3) {
		in = append(in, c.anyType())
	}
	for range g.IntN(3) {
		out = append(out, c.anyType())
	}
	c.exprs(in, 1)
	c.line("block%s%s", params(in), results(out))
	c.inside(out, false, func() {
		c.consume(in)
		c.statements()
		c.exprs(out, 1)
		if len(out) > 0 && g.chance(60) {
			c.expr("i32", 1)
			c.line("br_if 0")
		}
	})
	c.line("end")
	c.consume(out)
}

// anyType returns a type that has a default value.
func (c *body) anyType() string { return c.g.types.local(c.g.Rand) }

// consume takes values from the stack.
func (c *body) consume(types []string) {
	for i := len(types) - 1; i >= 0; i-- {
		if l, ok := c.localOf(types[i]); ok && c.g.chance(70) {
			c.line("local.set %d", l)
			continue
		}
		for _, v := range c.g.globals {
			if v.mutable && v.typ == types[i] && c.g.chance(50) {
				c.line("global.set %s", v.id)
				types = append([]string{}, types...)
				types[i] = ""
				break
			}
		}
		if types[i] != "" {
			c.line("drop")
		}
	}
}

// target returns a label that can be branched to.
func (c *body) target(ok func(l *label) bool) (int, bool) {
	var all []int
	for i := range c.labels {
		if l := &c.labels[len(c.labels)-1-i]; !l.loop && ok(l) {
			all = append(all, i)
		}
	}
	if len(all) == 0 {
		return 0, false
	}
	return pick(c.g, all), true
}

func anyLabel(*label) bool     { return true }
func emptyLabel(l *label) bool { return len(l.types) == 0 }

// branch generates a branch or return, under a condition.
func (c *body) branch() {
	k, ok := c.target(anyLabel)
	if !ok {
		return
	}
	types := c.labels[len(c.labels)-1-k].types
	if c.g.chance(40) {
		c.exprs(types, 1)
		c.expr("i32", 1)
		c.line("br_if %d", k)
		c.consume(types)
		return
	}
	c.expr("i32", 1)
	c.line("i32.const 3 i32.and i32.eqz if")
	c.inside(nil, false, func() {
		switch c.g.IntN(4) {
		case 0:
			c.exprs(c.labels[0].types, 1)
			c.line("return")
		case 1:
			if c.tailCall() {
				break
			}
			fallthrough
		default:
			c.exprs(types, 1)
			c.line("br %d", k+1)
		}
		c.dead()
	})
	c.line("end")
}

// dead generates code that cannot be reached.
func (c *body) dead() {
	switch c.g.IntN(8) {
	case 0:
		c.line("i32.add drop")
	case 1:
		c.line("select drop")
	case 2:
		c.line("block (result i32) unreachable br 0 end drop")
	case 3:
		c.statements()
	case 4:
		c.line("unreachable")
	}
}

// brTable generates a branch table over some blocks and outer labels.
func (c *body) brTable() {
	n := 1 + c.g.IntN(3)
	for range n {
		c.line("block")
		c.labels = append(c.labels, label{})
	}
	c.expr("i32", 1)
	list := ""
	for range 1 + c.g.IntN(5) {
		k, _ := c.target(emptyLabel)
		list += fmt.Sprint(" ", k)
	}
	c.line("br_table%s", list)
	for range n {
		c.labels = c.labels[:len(c.labels)-1]
		c.line("end")
		if c.budget > 0 {
			c.budget--
			c.statement()
		}
	}
}

// brOnNull generates branches that depend on references.
func (c *body) brOnNull() {
	typ := pick(c.g, []string{"funcref", "(ref null $struct)", fmt.Sprintf("(ref null $t%d)", c.g.IntN(len(c.g.types.funcs)))})
	if k, ok := c.target(emptyLabel); ok && c.g.chance(50) {
		c.expr(typ, 1)
		c.line("br_on_null %d drop", k)
		return
	}
	to := fmt.Sprintf("(ref null $t%d)", c.g.IntN(len(c.g.types.funcs)))
	c.line("block (result %s)", to)
	c.inside([]string{to}, false, func() { c.expr("funcref", 1) })
	c.line("br_on_cast 0 funcref %s drop %s end", to, c.g.constant(to))
	c.consume([]string{to})
}

// throwing generates a throw under a condition.
func (c *body) throwing() {
	if len(c.g.tags) == 0 {
		return
	}
	t := pick(c.g, c.g.tags)
	c.expr("i32", 1)
	c.line("i32.const 5 i32.and i32.const 1 i32.eq if")
	c.inside(nil, false, func() {
		c.exprs(t.params, 1)
		c.line("throw %s", t.id)
		c.dead()
	})
	c.line("end")
}

// try generates handlers around statements.
func (c *body) try() {
	if len(c.g.tags) == 0 {
		return
	}
	t := pick(c.g, c.g.tags)
	with := c.g.chance(30)
	types := append([]string{}, t.params...)
	ref := ""
	if with {
		types, ref = append(types, "exnref"), "_ref"
	}
	all := c.g.chance(70)
	if all {
		c.line("block")
		c.labels = append(c.labels, label{})
	}
	c.line("block%s", results(types))
	inner := c.anyType()
	c.inside(types, false, func() {
		catchAll := ""
		if all {
			catchAll = " (catch_all 1)"
		}
		c.labels[len(c.labels)-1].loop = true // no branches with exceptions as values
		c.line("try_table%s (catch%s %s 0)%s", results([]string{inner}), ref, t.id, catchAll)
		c.inside([]string{inner}, false, func() {
			c.statements()
			if c.g.chance(50) {
				c.callStatement()
			}
			c.expr(inner, 1)
		})
		c.line("end")
		c.consume([]string{inner})
		for _, p := range t.params {
			c.line("%s", c.g.constant(p))
		}
		if with {
			c.line("ref.null exn")
		}
	})
	c.line("end")
	if with {
		if c.g.chance(30) {
			c.line("block (param exnref) br_on_null 0 throw_ref end") // exnref is consumed by either
		} else {
			c.line("drop")
		}
	}
	c.consume(t.params)
	if all {
		c.labels = c.labels[:len(c.labels)-1]
		c.line("end")
	}
}

// structs uses structures and arrays.
func (c *body) structs() {
	switch c.g.IntN(4) {
	case 0:
		c.line("block")
		c.inside(nil, false, func() {
			c.expr("(ref null $struct)", 1)
			c.line("br_on_null 0")
			c.expr("i32", 1)
			c.line("struct.set $struct 0")
		})
		c.line("end")
	case 1:
		d := pick(c.g, c.g.datas)
		c.line("i32.const %d i32.const %d array.new_data $array %s array.len", c.g.IntN(d.bytes+1), c.g.IntN(8), d.id)
		c.consume([]string{"i32"})
	case 2:
		for _, s := range c.g.elems {
			c.line("i32.const 0 i32.const %d array.new_elem $funcs %s array.len", c.g.IntN(2), s.id)
			c.consume([]string{"i32"})
			break
		}
	default:
		c.expr("(ref null $struct)", 1)
		c.line("ref.is_null")
		c.consume([]string{"i32"})
	}
}
