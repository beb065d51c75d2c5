// Package program generates random core modules whose behaviour tests compare before and after a transformation. They
// have what an optimiser of whole modules can get wrong: many small functions that call one another, directly, by
// tail calls, through tables that change while they run, and by references; locals that are read before they are set,
// also in loops; branches of all kinds with values; exceptions that pass through calls; segments that are applied and
// dropped at run time; functions, types, tables, memories, globals, tags and imports that nothing uses.
//
//	(global $fuel (mut i32) (i32.const 0))
//	(func $f3 (export "f3") (param i32) (result i64) ...)
//	(func $f4 (param i64) (result i64) (call $f3 ...))
//	(func (export "refuel") (global.set $fuel (i32.const 60)))
//	(func (export "dump0") (result i64) ...)
//
// Every call ends: a function calls only earlier ones directly, with a bounded number of steps; calls that can lead
// anywhere use up fuel. No result depends on the bits of a NaN. What modules do is observed by results, by traps, by
// calls of the host, and by functions that return a hash of a memory, a table or a global: some have none of these, so
// that nothing keeps the item.
package program

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Func is an exported function, whose parameters and results are numbers.
type Func struct {
	Name            string
	Params, Results []string // "i32" and so on
}

// Program is a module and what can be observed of it.
type Program struct {
	Text  string
	Funcs []Func
	// Host are the functions that the module imports from "host".
	Host []Func
	// Dumps are exported functions without parameters that return an i64 that depends on the module's state.
	Dumps []string
}

// Options restrict what programs use.
type Options struct {
	// Host leaves out imports of the host if it is false.
	Host bool
	// Liftable restricts functions of the host and Funcs to those that components can lower and lift without memory.
	Liftable bool
	// NoTags leaves out exceptions.
	NoTags bool
	// From are modules whose exports this one may import, by the name of the import's module. They must have been made
	// with the same Types.
	From []*Module
	// Types are those of all modules that are linked. Nil stands for new ones.
	Types *Types
}

// Module is a program whose exports can be imported by another one.
type Module struct {
	Program
	name    string
	types   *Types
	exports []export
}

// export is an item that other modules can import.
type export struct {
	name, kind string // kind is the text of the import's description without its identifier, or of the function's type
	fn         *fn
	table      *table
	mem        *memory
	global     *global
	tag        *tag
}

// fn is a function of a module.
type fn struct {
	id   string
	typ  int
	cost int // steps that a call takes at most, without calls that need fuel
}

type table struct {
	id, elem string
	typ      int // of the elements' functions, or -1
	slots    []*fn
	dump     bool
	frozen   bool // no code changes it
}

type memory struct {
	id   string
	is64 bool
	dump bool
}

type global struct {
	id, typ string
	mutable bool
}

type tag struct {
	id     string
	params []string
}

type segment struct {
	id    string
	typ   int // of elements
	bytes int // length
}

// gen generates one module.
type gen struct {
	*rand.Rand
	o       Options
	name    string
	types   *Types
	head    strings.Builder // imports and definitions
	code    strings.Builder // functions
	out     *Module
	funcs   []*fn // those that can be called directly
	tables  []*table
	mems    []*memory
	filled  []*memory // those that segments fill
	globals []*global
	tags    []*tag
	elems   []segment
	datas   []segment
	refs    map[*fn]bool // in ref.func
	cur     *body
}

// Standalone returns the program of a seed.
func Standalone(seed uint64) *Program {
	m := New(rand.New(rand.NewPCG(seed, 11)), "m", Options{Host: true})
	return &m.Program
}

// New returns a module. name distinguishes what it computes from other modules.
func New(r *rand.Rand, name string, o Options) *Module {
	g := &gen{Rand: r, o: o, name: name, types: o.Types, refs: map[*fn]bool{}}
	if g.types == nil {
		g.types = NewTypes(r)
	}
	g.out = &Module{name: name, types: g.types}
	g.imports()
	g.items()
	g.functions()
	g.segments()
	g.finish()
	g.out.Text = "(module\n" + g.types.text + g.head.String() + g.code.String() + ")\n"
	return g.out
}

func (g *gen) headf(format string, args ...any) { fmt.Fprintf(&g.head, format+"\n", args...) }
func (g *gen) codef(format string, args ...any) { fmt.Fprintf(&g.code, format+"\n", args...) }

// chance reports true in a number of percent of all cases.
func (g *gen) chance(percent int) bool { return g.IntN(100) < percent }

// pick returns one of some items. There must be one.
func pick[T any](g *gen, all []T) T { return all[g.IntN(len(all))] }

// imports declares the imports of the host and of other modules.
func (g *gen) imports() {
	if g.o.Host {
		for i := range g.IntN(4) {
			f := &fn{id: fmt.Sprintf("$h%d", i), typ: g.types.number(g.Rand), cost: -1}
			t := &g.types.funcs[f.typ]
			if g.o.Liftable && !t.liftable() {
				continue
			}
			g.out.Host = append(g.out.Host, Func{fmt.Sprintf("h%d", i), t.params, t.results})
			g.headf(`(import "host" "h%d" (func %s (type $t%d)))`, i, f.id, f.typ)
			if g.chance(80) {
				g.funcs = append(g.funcs, f)
			}
		}
	}
	for _, from := range g.o.From {
		for i := range from.exports {
			x := &from.exports[i]
			if x.global != nil && x.name == "fuel" {
				g.headf(`(import %q "fuel" (global $fuel (mut i32)))`, from.name)
				continue
			}
			if g.chance(50) {
				continue
			}
			id := fmt.Sprintf("$%s_%s", from.name, x.name)
			switch {
			case x.fn != nil:
				f := &fn{id: id, typ: x.fn.typ, cost: x.fn.cost + 1}
				g.funcs = append(g.funcs, f)
				g.headf("(import %q %q (func %s (type $t%d)))", from.name, x.name, id, f.typ)
			case x.table != nil:
				t := *x.table
				t.id, t.dump, t.slots = id, false, nil
				g.tables = append(g.tables, &t)
				g.headf("(import %q %q (table %s %s))", from.name, x.name, id, x.kind)
			case x.mem != nil:
				g.mems = append(g.mems, &memory{id: id, is64: x.mem.is64})
				g.headf("(import %q %q (memory %s %s))", from.name, x.name, id, x.kind)
			case x.global != nil:
				g.globals = append(g.globals, &global{id, x.global.typ, x.global.mutable})
				g.headf("(import %q %q (global %s %s))", from.name, x.name, id, x.kind)
			case x.tag != nil:
				g.tags = append(g.tags, &tag{id, x.tag.params})
				g.headf("(import %q %q (tag %s %s))", from.name, x.name, id, x.kind)
			}
		}
	}
}

// export exports an item, so that other modules can import it.
func (g *gen) export(sort, id string, x export) {
	g.headf("(export %q (%s %s))", x.name, sort, id)
	g.out.exports = append(g.out.exports, x)
}

// items defines tables, memories, globals and tags.
func (g *gen) items() {
	if len(g.o.From) == 0 {
		g.headf("(global $fuel (mut i32) (i32.const 0))")
		g.export("global", "$fuel", export{name: "fuel", global: &global{"$fuel", "i32", true}})
	}
	for i := range 1 + g.IntN(3) {
		m := &memory{id: fmt.Sprintf("$m%d", i), is64: g.chance(15), dump: g.chance(60)}
		limits := fmt.Sprint(1 + g.IntN(2))
		if g.chance(50) {
			limits += fmt.Sprint(" ", 2+g.IntN(3))
		}
		if m.is64 {
			limits = "i64 " + limits
		}
		g.headf("(memory %s %s)", m.id, limits)
		g.filled = append(g.filled, m)
		if i > 0 && g.chance(25) {
			continue // no code uses it
		}
		g.mems = append(g.mems, m)
		if g.chance(30) {
			g.export("memory", m.id, export{name: fmt.Sprintf("mem%d", i), kind: limits, mem: m})
		}
	}
	for i := range 1 + g.IntN(3) {
		t := &table{id: fmt.Sprintf("$tab%d", i), elem: "funcref", typ: -1, dump: g.chance(30), frozen: g.chance(50)}
		if g.chance(40) {
			t.typ = g.IntN(len(g.types.funcs))
			t.elem = fmt.Sprintf("(ref null $t%d)", t.typ)
		}
		limits := fmt.Sprint(10)
		if g.chance(50) {
			limits += fmt.Sprint(" ", 10+g.IntN(8))
		}
		g.headf("(table %s %s %s)", t.id, limits, t.elem)
		g.tables = append(g.tables, t)
		if g.chance(25) {
			t.frozen = false
			g.export("table", t.id, export{name: fmt.Sprintf("tab%d", i), kind: limits + " " + t.elem, table: t})
		}
	}
	n := 1 + g.IntN(6)
	if g.types.many {
		n += 130
	}
	for i := range n {
		v := &global{fmt.Sprintf("$g%d", i), pick(g, []string{"i32", "i64", "f64", "v128", "funcref", "externref"}), g.chance(70)}
		desc := v.typ
		if v.mutable {
			desc = "(mut " + v.typ + ")"
		}
		g.headf("(global %s %s (%s))", v.id, desc, g.constant(v.typ))
		g.globals = append(g.globals, v)
		if g.chance(30) && i < 6 {
			g.export("global", v.id, export{name: fmt.Sprintf("g%d", i), kind: desc, global: v})
		}
	}
	for i := range g.IntN(3) {
		if g.o.NoTags {
			break
		}
		t := &tag{fmt.Sprintf("$e%d", i), []string{"i32", "i64"}[:g.IntN(3)]}
		desc := ""
		for _, p := range t.params {
			desc += "(param " + p + ")"
		}
		g.headf("(tag %s %s)", t.id, desc)
		g.tags = append(g.tags, t)
		if g.chance(40) {
			g.export("tag", t.id, export{name: fmt.Sprintf("e%d", i), kind: desc, tag: t})
		}
	}
	for i := range g.IntN(4) {
		g.elems = append(g.elems, segment{id: fmt.Sprintf("$s%d", i), typ: g.IntN(len(g.types.funcs)+1) - 1})
	}
	for i := range 1 + g.IntN(3) {
		g.datas = append(g.datas, segment{id: fmt.Sprintf("$d%d", i), bytes: 8 + g.IntN(60)})
	}
}

// constant returns a constant instruction of a type that is not a non-nullable reference.
func (g *gen) constant(typ string) string {
	switch typ {
	case "i32":
		return fmt.Sprintf("i32.const %d", g.small())
	case "i64":
		return fmt.Sprintf("i64.const %d", g.small())
	case "f32":
		return fmt.Sprintf("f32.const %d.5", g.IntN(100))
	case "f64":
		return fmt.Sprintf("f64.const -%d.25", g.IntN(100))
	case "v128":
		return fmt.Sprintf("v128.const i64x2 %d %d", g.small(), g.small())
	case "funcref":
		return "ref.null func"
	case "externref":
		return "ref.null extern"
	}
	heap := strings.TrimSuffix(strings.TrimPrefix(typ, "(ref null "), ")")
	return "ref.null " + heap
}

// small returns a number that is often small or at an edge.
func (g *gen) small() int64 {
	switch g.IntN(8) {
	case 0:
		return 0
	case 1:
		return -1
	case 2:
		return int64(int32(g.Uint32()))
	case 3:
		return 1 << g.IntN(31)
	}
	return int64(g.IntN(20))
}

// functions defines the functions.
func (g *gen) functions() {
	g.codef("(func $canon64 (param f64) (result f64) f64.const nan local.get 0 local.get 0 local.get 0 f64.ne select)")
	g.codef("(func $canon32 (param f32) (result f32) local.get 0 local.get 0 f32.ne if f32.const nan return end local.get 0)")
	g.codef(`(func $burn (result i32) global.get $fuel i32.const 0 i32.le_s if i32.const 0 return end
global.get $fuel i32.const 1 i32.sub global.set $fuel i32.const 1)`)
	for i := range 2 {
		g.codef("(func $\"trap: rule %d\" unreachable)", i)
	}
	n := 8 + g.IntN(25)
	if g.types.many {
		n += 130 // with more than indices of one byte
	}
	for i := range n {
		g.function(i)
	}
	if g.chance(50) {
		g.cur = &body{g: g, budget: 3, mult: 1, labels: []label{{}}}
		g.cur.statements()
		g.codef("(func $start %s i32.const 20 global.set $fuel\n%s)\n(start $start)", g.cur.declarations(), g.cur.b.String())
	}
}

// function defines function i.
func (g *gen) function(i int) {
	f := &fn{id: fmt.Sprintf("$f%d", i), typ: g.IntN(len(g.types.funcs))}
	if g.chance(40) {
		f.typ = g.types.number(g.Rand)
	}
	if i == 0 {
		f.typ = 0 // so that there is a function that the host can call
	}
	t := &g.types.funcs[f.typ]
	c := &body{g: g, budget: g.IntN(4), mult: 1, locals: append([]string{}, t.params...), fn: f, labels: []label{{types: t.results}}}
	if g.chance(35) {
		c.budget = 4 + g.IntN(10)
	}
	c.params = len(t.params)
	for range g.IntN(4) {
		c.locals = append(c.locals, g.types.local(g.Rand))
	}
	g.cur = c
	c.statements()
	if !(g.chance(15) && c.tailCall()) {
		for _, r := range t.results {
			c.expr(r, 2)
		}
		if g.chance(10) {
			c.line("return")
		}
	}
	f.cost = c.cost + 1
	head := ""
	numbers := t.numbers()
	if exported := g.chance(45) || i == 0; exported {
		name := fmt.Sprintf("f%d", i)
		head = fmt.Sprintf("(export %q) ", name)
		g.out.exports = append(g.out.exports, export{name: name, fn: f})
		if numbers && (!g.o.Liftable || t.liftable()) {
			g.out.Funcs = append(g.out.Funcs, Func{name, t.params, t.results})
		}
	}
	g.codef("(func %s %s(type $t%d) %s\n%s)", f.id, head, f.typ, c.declarations(), c.b.String())
	g.funcs = append(g.funcs, f)
	g.cur = nil
}

// ofType returns the functions that a reference to a type can denote, or all for -1. Imports of the host are among them.
func (g *gen) ofType(typ int) (out []*fn) {
	for _, f := range g.funcs {
		if typ < 0 || g.types.sub(f.typ, typ) {
			out = append(out, f)
		}
	}
	return out
}

// segments defines the segments.
func (g *gen) segments() {
	for i, t := range g.tables {
		all := g.ofType(t.typ)
		if len(all) == 0 || strings.Contains(t.id, "_") {
			continue
		}
		// Bodies refer to slots before they are known: they name the functions that slots will have.
		for k := range t.slots {
			if t.slots[k] == nil {
				t.slots[k] = pick(g, all)
			}
		}
		for len(t.slots) < 10 {
			t.slots = append(t.slots, pick(g, all))
		}
		from := 0
		for from < 10 {
			n := 1 + g.IntN(10-from)
			if g.chance(95) {
				g.elem(fmt.Sprintf("$a%d_%d (table %s) (i32.const %d)", i, from, t.id, from), t.elem, t.slots[from:from+n])
			}
			from += n
		}
		if g.chance(2) {
			g.elem(fmt.Sprintf("(table %s) (i32.const 9)", t.id), t.elem, []*fn{pick(g, all), pick(g, all)}) // does not fit
		}
	}
	for i := range g.elems {
		s := &g.elems[i]
		elem := "funcref"
		if s.typ >= 0 {
			elem = fmt.Sprintf("(ref null $t%d)", s.typ)
		}
		var list []*fn
		if all := g.ofType(s.typ); len(all) > 0 {
			for range 2 + g.IntN(6) {
				list = append(list, pick(g, all))
			}
		}
		if len(list) == 0 {
			g.headf("(elem %s %s)", s.id, elem)
			continue
		}
		g.elem(s.id, elem, list)
	}
	at := 0
	for i := range g.datas {
		d := &g.datas[i]
		if at += g.IntN(100) - 40; at < 0 || g.chance(60) {
			at = g.IntN(60000)
		}
		text := strings.Repeat(string(rune('A'+i)), d.bytes)
		if m := pick(g, g.filled); g.chance(50) {
			g.headf("(data %s %q)", d.id, text)
		} else if off := at + map[bool]int{true: 1 << 18}[g.chance(2)]; m.is64 { // which may not fit
			g.headf("(data %s (memory %s) (i64.const %d) %q)", d.id, m.id, off, text)
		} else {
			g.headf("(data %s (memory %s) (i32.const %d) %q)", d.id, m.id, off, text)
		}
	}
	if len(g.refs) > 0 || g.chance(20) {
		var list []string
		for _, f := range g.funcs {
			if g.refs[f] || g.chance(2) {
				list = append(list, f.id)
			}
		}
		g.headf("(elem declare func %s)", strings.Join(list, " "))
	}
}

// elem defines an element segment, as functions or as expressions.
func (g *gen) elem(head, elem string, list []*fn) {
	text := elem
	if elem == "funcref" && g.chance(60) {
		text = "func"
	}
	for _, f := range list {
		switch {
		case text == "func" || strings.HasPrefix(text, "func "):
			text += " " + f.id
		case g.chance(5):
			text += fmt.Sprintf(" (%s)", g.constant(elem))
		default:
			text += fmt.Sprintf(" (ref.func %s)", f.id)
		}
	}
	g.headf("(elem %s %s)", head, text)
}

// finish defines the functions that observe, and those that nothing uses.
func (g *gen) finish() {
	if len(g.o.From) == 0 {
		g.codef(`(func (export "refuel") i32.const 60 global.set $fuel)`)
	}
	for _, m := range g.mems {
		if m.dump {
			g.dump(memoryHash(m))
		}
	}
	for _, t := range g.tables {
		if t.dump {
			g.dump(g.tableHash(t))
		}
	}
	for _, v := range g.globals {
		if g.chance(50) || g.types.many && g.chance(90) {
			continue
		}
		g.dump("global.get " + v.id + " " + map[string]string{"i32": "i64.extend_i32_u", "i64": "", "f64": "i64.reinterpret_f64",
			"v128": "i64x2.extract_lane 1"}[v.typ] + map[bool]string{true: "ref.is_null i64.extend_i32_u"}[strings.HasSuffix(v.typ, "ref")])
	}
}

// dump exports a function that observes.
func (g *gen) dump(code string) {
	name := fmt.Sprintf("dump%d", len(g.out.Dumps))
	g.codef("(func (export %q) (result i64) (local $p i64) (local $a i64) (local $end i64)\n%s)", name, code)
	g.out.Dumps = append(g.out.Dumps, name)
}

// memoryHash returns code that hashes a memory.
func memoryHash(m *memory) string {
	size, wrap := "memory.size "+m.id+" i64.extend_i32_u", "i32.wrap_i64"
	if m.is64 {
		size, wrap = "memory.size "+m.id, ""
	}
	return fmt.Sprintf(`%[1]s local.tee $a i64.const 16 i64.shl local.set $end
block $done loop $next local.get $p local.get $end i64.ge_u br_if $done
local.get $a i64.const 0x100000001b3 i64.mul local.get $p %[2]s i64.load %[3]s i64.xor local.set $a
local.get $p i64.const 8 i64.add local.set $p br $next end end local.get $a`, size, wrap, m.id)
}

// tableHash returns code that hashes a table's size, which elements are null and of which types they are.
func (g *gen) tableHash(t *table) string {
	test := ""
	for k := range g.types.funcs {
		if g.chance(40) {
			test += fmt.Sprintf(`local.get $a i64.const 31 i64.mul local.get $p i32.wrap_i64 table.get %s ref.test (ref $t%d) i64.extend_i32_u i64.add local.set $a
`, t.id, k)
		}
	}
	return fmt.Sprintf(`table.size %[1]s i64.extend_i32_u local.tee $a local.set $end
block $done loop $next local.get $p local.get $end i64.ge_u br_if $done
local.get $a i64.const 33 i64.mul local.get $p i32.wrap_i64 table.get %[1]s ref.is_null i64.extend_i32_u i64.add local.set $a
%[2]slocal.get $p i64.const 1 i64.add local.set $p br $next end end local.get $a`, t.id, test)
}
