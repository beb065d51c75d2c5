// This file generates locals that are written on some paths only.

package program

// maybe writes a local of its own on some paths only, and then reads it: it may still be zero. In a copy of the body that
// runs again it may have another value if the copy does not begin as a call does. A memory depends on the value.
func (c *body) maybe() {
	if len(c.locals)-c.params > 20 {
		return
	}
	i, typ := len(c.locals), c.anyType()
	c.locals = append(c.locals, typ)
	set := func() {
		c.expr(typ, 1)
		c.line("local.set %d", i)
	}
	if c.g.chance(20) { // in some iterations
		n := c.counters
		c.counters++
		c.line("i32.const 0 local.set $n%d loop", n)
		saved := c.mult
		c.mult *= 3
		c.inside(nil, true, func() {
			c.sometimes(set)
			c.sink(i)
			c.line("local.get $n%[1]d i32.const 1 i32.add local.tee $n%[1]d i32.const 3 i32.lt_u br_if 0", n)
		})
		c.mult = saved
		c.line("end")
		return
	}
	c.sometimes(set)
	c.sink(i)
}

// sometimes executes what set generates on one of two paths.
func (c *body) sometimes(set func()) {
	switch k := c.g.IntN(9); k {
	case 0, 1:
		c.expr("i32", 1)
		c.line("if")
		c.inside(nil, false, func() {
			if k == 0 {
				set()
			}
		})
		c.line("else")
		c.inside(nil, false, func() {
			if k == 1 {
				set()
			}
		})
		c.line("end")
	case 2:
		c.expr("i32", 1)
		c.line("if")
		c.inside(nil, false, set)
		c.line("end")
	case 3, 4:
		c.line("block")
		c.inside(nil, false, func() {
			if k == 3 {
				c.expr("i32", 1)
				c.line("br_if 0")
			} else {
				c.expr("funcref", 1)
				c.line("br_on_null 0 drop")
			}
			set()
		})
		c.line("end")
	case 5:
		c.line("block block")
		c.labels = append(c.labels, label{}, label{})
		c.expr("i32", 1)
		c.line("br_table 0 1 end")
		c.labels = c.labels[:len(c.labels)-1]
		set()
		c.labels = c.labels[:len(c.labels)-1]
		c.line("end")
	case 6, 7:
		branch := "br_on_cast 0 funcref (ref $t0)"
		if k == 7 {
			branch = "br_on_cast_fail 0 funcref (ref $t0)"
		}
		c.line("block (result funcref)")
		c.inside([]string{"funcref"}, true, func() {
			c.expr("funcref", 1)
			c.line(branch)
			set()
		})
		c.line("end drop")
	case 8:
		if len(c.g.tags) == 0 {
			set()
			return
		}
		t := pick(c.g, c.g.tags)
		c.line("block try_table (catch_all 0)")
		c.labels = append(c.labels, label{}, label{})
		c.expr("i32", 1)
		c.line("if")
		c.inside(nil, false, func() {
			c.exprs(t.params, 0)
			c.line("throw %s", t.id)
		})
		c.line("end")
		set()
		c.labels = c.labels[:len(c.labels)-2]
		c.line("end end")
	}
}

// sink makes a memory depend on a local, or consumes it in another way.
func (c *body) sink(i int) {
	typ := c.locals[i]
	convert := map[string]string{"i32": "i64.extend_i32_u", "i64": "i64.const 0 i64.add", "f32": "i32.reinterpret_f32 i64.extend_i32_u",
		"f64": "i64.reinterpret_f64", "v128": "i64x2.extract_lane 1"}[typ]
	if convert == "" {
		convert = "ref.is_null i64.extend_i32_u"
	}
	if c.g.chance(20) {
		c.line("local.get %d", i)
		c.consume([]string{typ})
		return
	}
	m := pick(c.g, c.g.mems)
	address := "i32.const 24"
	if m.is64 {
		address = "i64.const 24"
	}
	c.line("%[1]s %[1]s i64.load %[2]s i64.const 31 i64.mul local.get %[3]d %[4]s i64.add i64.store %[2]s", address, m.id, i, convert)
}
