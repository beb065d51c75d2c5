// This file generates expressions, calls, and accesses of memories and tables.

package program

import (
	"fmt"
	"strings"
)

// exprs generates an expression of each type.
func (c *body) exprs(types []string, depth int) {
	for _, t := range types {
		c.expr(t, depth)
	}
}

// expr generates code that pushes a value. depth limits its size.
func (c *body) expr(typ string, depth int) {
	g := c.g
	if depth > 0 && c.cost < maxCost {
		switch g.IntN(10) {
		case 0, 1:
			if c.callOf(typ) {
				return
			}
		case 2:
			c.expr("i32", depth-1)
			c.line("if (result %s)", typ)
			c.inside([]string{typ}, false, func() { c.expr(typ, depth-1) })
			c.line("else")
			c.inside([]string{typ}, false, func() { c.expr(typ, depth-1) })
			c.line("end")
			return
		case 3:
			c.expr(typ, depth-1)
			c.expr(typ, depth-1)
			c.expr("i32", depth-1)
			if strings.Contains(typ, "ref") || g.chance(30) {
				c.line("select (result %s)", typ)
			} else {
				c.line("select")
			}
			return
		case 4:
			c.line("block (result %s)", typ)
			c.inside([]string{typ}, false, func() {
				if c.budget > 0 {
					c.budget--
					c.statement()
				}
				c.expr(typ, depth-1)
			})
			c.line("end")
			return
		case 5:
			if l, ok := c.localOf(typ); ok && l >= c.params {
				c.expr(typ, depth-1)
				c.line("local.tee %d", l)
				return
			}
		default:
			if c.operation(typ, depth-1) {
				return
			}
		}
	}
	if l, ok := c.localOf(typ); ok && g.chance(65) {
		c.line("local.get %d", l)
		return
	}
	for range 2 {
		if v := pick(g, g.globals); v.typ == typ {
			c.line("global.get %s", v.id)
			return
		}
	}
	c.leaf(typ)
}

// leaf generates a value without operands.
func (c *body) leaf(typ string) {
	g := c.g
	var k int
	switch {
	case typ == "funcref" && len(g.funcs) > 0 && g.chance(60):
		c.refFunc(pick(g, g.funcs))
	case typ == "(ref null $struct)" && g.chance(60):
		c.line("i32.const %d i64.const 7 ref.null func struct.new $struct", g.small())
	case scan(typ, "(ref null $t%d)", &k) && len(g.ofType(k)) > 0 && g.chance(70):
		c.refFunc(pick(g, g.ofType(k)))
	case scan(typ, "(ref $t%d)", &k):
		if all := g.ofType(k); len(all) > 0 {
			c.refFunc(pick(g, all))
		} else {
			c.line("ref.null $t%d ref.as_non_null", k) // traps
		}
	default:
		c.line("%s", g.constant(typ))
	}
}

func scan(text, format string, k *int) bool {
	n, err := fmt.Sscanf(text, format, k)
	return n == 1 && err == nil
}

func (c *body) refFunc(f *fn) {
	c.g.refs[f] = true
	c.line("ref.func %s", f.id)
}

var binary = map[string][]string{
	"i32": {"i32.add", "i32.sub", "i32.mul", "i32.and", "i32.or", "i32.xor", "i32.shl", "i32.shr_u", "i32.lt_s", "i32.ge_u", "i32.eq", "i32.ne", "i32.rotl"},
	"i64": {"i64.add", "i64.sub", "i64.mul", "i64.and", "i64.xor", "i64.shr_s", "i64.rotr"},
	"f32": {"f32.add call $canon32", "f32.mul call $canon32", "f32.copysign"},
	"f64": {"f64.add call $canon64", "f64.div call $canon64", "f64.sub call $canon64"},
	"v128": {"i32x4.add", "v128.xor", "i8x16.swizzle", "i8x16.shuffle 0 1 2 3 4 5 6 7 24 25 26 27 28 29 30 31",
		"i64x2.sub"},
}

// conversion is code from other types.
var conversions = map[string][][2]string{
	"i32": {{"i64", "i32.wrap_i64"}, {"i64", "i64.eqz"}, {"f32", "i32.trunc_sat_f32_s"}, {"f64", "i32.trunc_sat_f64_u"}, {"v128", "i32x4.extract_lane 2"},
		{"funcref", "ref.is_null"}, {"externref", "ref.is_null"}, {"i32", "i32.eqz"}, {"i32", "i32.clz"}, {"i32", "i32.extend8_s"}},
	"i64":  {{"i32", "i64.extend_i32_s"}, {"i32", "i64.extend_i32_u"}, {"v128", "i64x2.extract_lane 0"}, {"f64", "i64.trunc_sat_f64_s"}},
	"f32":  {{"i32", "f32.convert_i32_s"}, {"f64", "f32.demote_f64 call $canon32"}, {"f32", "f32.neg"}},
	"f64":  {{"i64", "f64.convert_i64_u"}, {"f32", "f64.promote_f32 call $canon64"}, {"f64", "f64.abs"}},
	"v128": {{"i32", "i32x4.splat"}, {"i64", "i64x2.splat"}, {"f64", "f64x2.splat"}},
}

// operation generates an operation of a type, and reports whether there is one.
func (c *body) operation(typ string, depth int) bool {
	g := c.g
	var k int
	switch {
	case conversions[typ] != nil && g.chance(40):
		v := pick(g, conversions[typ])
		c.expr(v[0], depth)
		c.line("%s", v[1])
	case binary[typ] != nil && g.chance(75):
		c.expr(typ, depth)
		c.expr(typ, depth)
		c.line("%s", pick(g, binary[typ]))
	case typ == "i32":
		c.integer(depth)
	case typ == "i64" || typ == "f64" || typ == "v128" || typ == "f32":
		m := pick(g, g.mems)
		c.address(m)
		c.line("%s %s offset=%d", map[string]string{"i64": "i64.load", "f64": "f64.load", "v128": "v128.load", "f32": "f32.load"}[typ], m.id, g.IntN(20))
		if typ[0] == 'f' {
			c.line("call $canon%s", typ[1:])
		}
	case typ == "funcref" || scan(typ, "(ref null $t%d)", &k):
		for _, t := range g.tables {
			if t.elem == typ && !t.frozen {
				c.slot(t)
				c.line("table.get %s", t.id)
				return true
			}
		}
		return false
	default:
		return false
	}
	return true
}

// integer generates an i32 operation with other operands.
func (c *body) integer(depth int) {
	g := c.g
	m, t := pick(g, g.mems), pick(g, g.tables)
	switch g.IntN(8) {
	case 0:
		c.line("memory.size %s%s", m.id, map[bool]string{true: " i32.wrap_i64"}[m.is64])
	case 1:
		c.line("table.size %s", t.id)
	case 2:
		c.line("%s memory.grow %s%s", map[bool]string{true: "i64.const 1", false: "i32.const 1"}[m.is64], m.id, map[bool]string{true: " i32.wrap_i64"}[m.is64])
	case 3:
		c.expr("funcref", depth)
		c.line("ref.test (ref $t%d)", g.IntN(len(g.types.funcs)))
	case 4:
		c.expr("(ref null $struct)", depth)
		c.line("ref.is_null")
	case 5:
		c.expr("i32", depth)
		c.expr("i32", depth)
		switch k := g.IntN(20); k {
		case 0, 1:
			c.line("%s", []string{"i32.div_u", "i32.rem_s"}[k]) // may trap
		case 2:
			c.line("drop f32.convert_i32_s f32.const 1e3 f32.mul i32.trunc_f32_u") // may trap
		default:
			c.line("i32.const 1 i32.or i32.rem_u")
		}
	default:
		c.address(m)
		c.line("%s %s offset=%d", pick(g, []string{"i32.load", "i32.load8_u", "i32.load16_s"}), m.id, g.IntN(100))
	}
}

// address generates an address, which is in bounds in most cases.
func (c *body) address(m *memory) {
	c.expr("i32", 1)
	if c.g.chance(97) {
		c.line("i32.const 0xff8 i32.and")
	}
	if m.is64 {
		c.line("i64.extend_i32_u")
	}
}

// slot generates an index of a table, which is in bounds in most cases.
func (c *body) slot(t *table) {
	c.expr("i32", 1)
	if c.g.chance(97) {
		c.line("i32.const 7 i32.and")
	}
}

// callStatement generates a call of anything.
func (c *body) callStatement() {
	if len(c.g.funcs) > 0 && c.g.chance(60) {
		f := pick(c.g, c.g.funcs)
		if c.call(f) {
			c.consume(c.g.types.funcs[f.typ].results)
		}
		return
	}
	k := c.g.IntN(len(c.g.types.funcs))
	if len(c.g.ofType(k)) == 0 && c.g.chance(95) {
		return
	}
	c.dynamic(k, false)
	c.consume(c.g.types.funcs[k].results)
}

// call generates a call of a function, unless it could take too long.
func (c *body) call(f *fn) bool {
	t := &c.g.types.funcs[f.typ]
	if f.cost < 0 { // the host's
		c.line("call $burn if%s", results(t.results))
		c.exprs(t.params, 0)
		c.line("call %s else", f.id)
		c.exprs(t.results, 0)
		c.line("end")
		return true
	}
	if f.cost > maxCall || c.cost+f.cost*c.mult > maxCost {
		return false
	}
	c.cost += f.cost * c.mult
	depth := 1
	if c.g.chance(40) {
		depth = 0
	}
	c.exprs(t.params, depth)
	c.line("call %s", f.id)
	return true
}

// callOf generates a call of a function whose only result has a type.
func (c *body) callOf(typ string) bool {
	var all []*fn
	for _, f := range c.g.funcs {
		if r := c.g.types.funcs[f.typ].results; len(r) == 1 && r[0] == typ {
			all = append(all, f)
		}
	}
	if len(all) > 0 && c.g.chance(80) {
		return c.call(pick(c.g, all))
	}
	var types []int
	for k := range c.g.types.funcs {
		if r := c.g.types.funcs[k].results; len(r) == 1 && r[0] == typ && len(c.g.ofType(k)) > 0 {
			types = append(types, k)
		}
	}
	if len(types) == 0 {
		return false
	}
	c.dynamic(pick(c.g, types), false)
	return true
}

// dynamic generates a call by a table or a reference, of which fuel limits the number. As a tail call it ends the function
// if there is fuel.
func (c *body) dynamic(typ int, tail bool) {
	g := c.g
	t := &g.types.funcs[typ]
	if t.super >= 0 && g.chance(60) {
		typ = t.super // which has the same parameters and results
	}
	rets := t.results
	prefix := ""
	if tail {
		rets, prefix = nil, "return_"
	}
	c.line("call $burn if%s", results(rets))
	c.labels = append(c.labels, label{types: rets})
	defer func() { c.labels = c.labels[:len(c.labels)-1] }()
	c.exprs(t.params, 0)
	var tables []*table
	for _, tab := range g.tables {
		if tab.typ < 0 || g.types.sub(tab.typ, typ) || g.types.sub(typ, tab.typ) {
			tables = append(tables, tab)
		}
	}
	if tab, slot, ok := c.knownOf(tables, typ); ok && g.chance(70) {
		if g.chance(90) {
			c.line("i32.const %d", slot)
		} else {
			c.slot(tab)
		}
		c.line("%scall_indirect %s (type $t%d)", prefix, tab.id, typ)
	} else if ok && g.chance(60) {
		c.line("i32.const %d table.get %s", slot, tab.id)
		if tab.typ < 0 || !g.types.sub(tab.typ, typ) {
			c.line("ref.cast (ref $t%d)", typ)
		}
		c.line("%scall_ref $t%d", prefix, typ)
	} else if len(tables) > 0 && g.chance(8) {
		tab := pick(g, tables)
		c.slot(tab)
		c.line("%scall_indirect %s (type $t%d)", prefix, tab.id, typ)
	} else {
		ref := fmt.Sprintf("(ref $t%d)", typ)
		if g.chance(8) {
			ref = fmt.Sprintf("(ref null $t%d)", typ)
		}
		c.expr(ref, 1)
		c.line("%scall_ref $t%d", prefix, typ)
	}
	if !tail {
		c.line("else")
		c.exprs(rets, 0)
	}
	c.line("end")
}

// knownOf returns one of some tables, with a slot as known returns it.
func (c *body) knownOf(tables []*table, typ int) (*table, int, bool) {
	if len(tables) == 0 {
		return nil, 0, false
	}
	tab := pick(c.g, tables)
	slot, ok := c.known(tab, typ)
	return tab, slot, ok
}

// known returns a slot of a table that initially has a function of a type. There may be none yet: then one of the earlier
// functions is put there.
func (c *body) known(tab *table, typ int) (int, bool) {
	g := c.g
	if strings.Contains(tab.id, "_") { // imported
		return 0, false
	}
	for i, f := range tab.slots {
		if f != nil && g.types.sub(f.typ, typ) && g.chance(70) {
			return i, true
		}
	}
	if all := g.ofType(typ); len(all) > 0 && len(tab.slots) < 10 {
		f := pick(g, all)
		if tab.typ < 0 || g.types.sub(f.typ, tab.typ) {
			tab.slots = append(tab.slots, f)
			return len(tab.slots) - 1, true
		}
	}
	return 0, false
}

// tailCall generates a tail call, which must be in a position from which the function's results can be returned.
func (c *body) tailCall() bool {
	g := c.g
	if c.fn == nil {
		return false
	}
	same := func(k int) bool {
		a, b := g.types.funcs[k].results, c.labels[0].types
		return strings.Join(a, ",") == strings.Join(b, ",")
	}
	if g.chance(40) {
		for k := range g.types.funcs {
			if same(k) && len(g.ofType(k)) > 0 && g.chance(60) {
				c.dynamic(k, true)
				c.exprs(c.labels[0].types, 0)
				c.line("return")
				return true
			}
		}
	}
	var all []*fn
	for _, f := range g.funcs {
		if f.cost >= 0 && same(f.typ) && c.cost+f.cost*c.mult < maxCost {
			all = append(all, f)
		}
	}
	if len(all) == 0 {
		return false
	}
	f := pick(g, all)
	c.cost += f.cost * c.mult
	c.exprs(g.types.funcs[f.typ].params, 1)
	c.line("return_call %s", f.id)
	return true
}

// store generates a store.
func (c *body) store() {
	m := pick(c.g, c.g.mems)
	c.address(m)
	v := pick(c.g, [][2]string{{"i32", "i32.store"}, {"i64", "i64.store"}, {"f64", "f64.store"}, {"v128", "v128.store"}, {"i32", "i32.store8"}})
	c.expr(v[0], 2)
	c.line("%s %s offset=%d", v[1], m.id, c.g.IntN(20))
}

// memoryStatement generates bulk operations.
func (c *body) memoryStatement() {
	g := c.g
	m := pick(g, g.mems)
	d := pick(g, g.datas)
	size := func(m *memory, n int) string {
		return fmt.Sprintf("%s.const %d", map[bool]string{true: "i64", false: "i32"}[m.is64], n)
	}
	switch g.IntN(5) {
	case 0:
		c.address(m)
		c.expr("i32", 1)
		c.line("%s memory.fill %s", size(m, g.IntN(30)), m.id)
	case 1:
		from := pick(g, g.mems)
		c.address(m)
		c.address(from)
		n := &memory{is64: m.is64 && from.is64}
		c.line("%s memory.copy %s %s", size(n, g.IntN(30)), m.id, from.id)
	case 2, 3:
		c.address(m)
		length := g.IntN(8)
		if g.chance(60) {
			length = 0 // it may have been dropped or applied
		}
		c.line("i32.const %d i32.const %d memory.init %s %s", g.IntN(4)*map[bool]int{true: 1}[length > 0], length, m.id, d.id)
	default:
		if g.chance(40) {
			c.line("data.drop %s", d.id)
		}
	}
}

// tableStatement generates operations on tables.
func (c *body) tableStatement() {
	g := c.g
	t := pick(g, g.tables)
	if t.frozen {
		return
	}
	value := t.elem
	switch g.IntN(7) {
	case 0, 1:
		c.slot(t)
		c.expr(value, 1)
		c.line("table.set %s", t.id)
	case 2:
		c.expr(value, 1)
		c.line("i32.const 1 table.grow %s", t.id)
		c.consume([]string{"i32"})
	case 3:
		c.slot(t)
		c.expr(value, 1)
		c.line("i32.const %d table.fill %s", g.IntN(3), t.id)
	case 4:
		from := pick(g, g.tables)
		if from.elem != t.elem && !(t.elem == "funcref") {
			return
		}
		c.slot(t)
		c.slot(from)
		c.line("i32.const %d table.copy %s %s", g.IntN(4), t.id, from.id)
	case 5:
		for _, s := range g.elems {
			if t.typ >= 0 && s.typ != t.typ {
				continue
			}
			c.slot(t)
			n := g.IntN(3)
			if g.chance(60) {
				n = 0
			}
			c.line("i32.const %d i32.const %d table.init %s %s", 0, n, t.id, s.id)
			return
		}
	default:
		if len(g.elems) > 0 && g.chance(40) {
			c.line("elem.drop %s", pick(g, g.elems).id)
		}
	}
}
