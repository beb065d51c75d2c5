// Package donut generates random trees of component instances that call each other up, down and sideways, and models
// their behaviour according to the specification (CanonicalABI.md, "Component Instances", "Resource State", canon_lift
// and canon_lower).
//
// Every instance runs programs: lists of bytes that name a function or built-in, its arguments and, for the callee, a
// program to run. It calls others through a table. It has a resource type whose destructor also runs a program.
package donut

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// World is a tree of instances, numbered so that a parent precedes its children, and they their siblings. An instance
// can be given everything that is complete before it, and the exports of its children.
type World struct {
	Parents []int // -1 for the root, which is instance 0
	// Dtor reports which resource types have destructors; type n belongs to instance n.
	Dtor []bool
	// Slots reports what an instance's table contains.
	Slots []map[int]bool
	// Contexts reports whether instances use context-local storage, and Tags whether they throw exceptions.
	Contexts, Tags bool
}

// Operations of a program. The arguments of all are an instance, a type, a number, and a program.
const (
	opRun     = 1 + iota // call run of an instance
	opNew                // make a resource whose destructor runs the program
	opDrop               // drop a handle of a type
	opGive               // pass an owning handle to an instance
	opLend               // lend a handle to an instance, which runs the program
	opFetch              // get an owning handle from an instance
	opSet                // context.set
	opGet                // context.get
	opHost               // call the host
	opCount              // number of calls of realloc and post-return
	opThrow              // throw an exception
	opTrap               // trap
	headerLen = 6
)

// slot returns the table index of the function that an operation calls.
func slot(op, inst, typ int) int { return op*64 + inst*8 + typ }

const tableSize = 512

// New returns a random world. Callers may turn on Contexts and Tags.
func New(rng *rand.Rand) *World {
	n := 2 + rng.IntN(5)
	w := &World{Parents: []int{-1}}
	for i := 1; i < n; i++ {
		p := i - 1
		for w.Parents[p] >= 0 && rng.IntN(2) == 0 {
			p = w.Parents[p]
		}
		w.Parents = append(w.Parents, p)
	}
	density := 0.3 + 0.7*rng.Float64()
	for j := range n {
		w.Dtor = append(w.Dtor, rng.IntN(4) > 0)
		slots := map[int]bool{slot(opNew, 0, 0): true, slot(opHost, 0, 0): rng.Float64() < density}
		for k := 0; k <= w.last(j); k++ {
			slots[slot(opDrop, 0, k)] = true
			slots[slot(opRun, k, 0)] = rng.Float64() < density
			for t := 0; t <= k; t++ {
				for _, op := range []int{opGive, opLend, opFetch} {
					slots[slot(op, k, t)] = rng.Float64() < density
				}
			}
		}
		w.Slots = append(w.Slots, slots)
	}
	return w
}

// within reports whether an instance is another one or inside it.
func (w *World) within(i, holder int) bool {
	for ; i >= 0; i = w.Parents[i] {
		if i == holder {
			return true
		}
	}
	return false
}

// last returns the last instance inside another one.
func (w *World) last(j int) int {
	last := j
	for i := range w.Parents {
		if w.within(i, j) {
			last = i
		}
	}
	return last
}

// Text returns the world as a component in text. Its only import is the function "h". It exports every instance's
// functions and type, under the names that Func and Type return.
func (w *World) Text() string {
	var b strings.Builder
	w.component(&b, 0)
	return b.String()
}

// Func returns the name of an instance's function: of opRun, opGive, opLend or opFetch.
func Func(op, inst, typ int) string {
	if op == opRun {
		return fmt.Sprintf("run%d", inst)
	}
	return fmt.Sprintf("%s%dx%d", map[int]string{opGive: "give", opLend: "lend", opFetch: "fetch"}[op], inst, typ)
}

// funcs lists an instance's functions with their types in text.
func (w *World) funcs(k int, visit func(op, typ int, name, sig string)) {
	visit(opRun, 0, Func(opRun, k, 0), `(param "p" (list u8)) (result (list u8))`)
	for t := 0; t <= k; t++ {
		visit(opGive, t, Func(opGive, k, t), fmt.Sprintf(`(param "h" (own $r%d)) (result u32)`, t))
		visit(opLend, t, Func(opLend, k, t), fmt.Sprintf(`(param "h" (borrow $r%d)) (param "p" (list u8)) (result (list u8))`, t))
		visit(opFetch, t, Func(opFetch, k, t), fmt.Sprintf(`(param "h" u32) (result (own $r%d))`, t))
	}
}

const memory = ` (memory $memory) (realloc $realloc)`

// component writes an instance's component.
func (w *World) component(b *strings.Builder, j int) {
	p := func(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }
	p(`(component $c%d (import "h" (func $h (param "x" u32) (result u32)))`, j)
	for k := range j {
		p(`(import "r%d" (type $r%d (sub resource)))`, k, k)
		w.funcs(k, func(_, _ int, name, sig string) { p(`(import "%s" (func $%s %s))`, name, name, sig) })
	}
	p(`(core func $h' (canon lower (func $h)))`)
	context := ""
	if w.Contexts {
		p(`(core func $get (canon context.get i32 0)) (core func $set (canon context.set i32 0))`)
		context = `(export "get" (func $get)) (export "set" (func $set))`
	}
	w.player(b, j)
	p(`(core instance $m (instantiate $M (with "" (instance (export "h" (func $h')) %s))))`, context)
	p(`(alias core export $m "memory" (core memory $memory))`)
	for _, name := range []string{"realloc", "post", "dtor"} {
		p(`(alias core export $m "%s" (core func $%s))`, name, name)
	}
	dtor := ""
	if w.Dtor[j] {
		dtor = `(dtor (func $dtor))`
	}
	p(`(type $own (resource (rep i32) %s)) (export $r%d "r%d" (type $own))`, dtor, j, j)
	w.funcs(j, func(op, typ int, name, sig string) {
		core, opts := map[int]string{opRun: "run", opGive: "same", opFetch: "same"}[op], ""
		if op == opLend {
			core = fmt.Sprintf("lend%d", typ)
		}
		if op == opRun || op == opLend {
			opts = memory + ` (post-return $post)`
		}
		p(`(func $%s %s (canon lift (core func $m "%s")%s)) (export "%s" (func $%s))`, name, sig, core, opts, name, name)
	})
	for c := j + 1; c < len(w.Parents); c++ {
		if w.Parents[c] == j {
			w.child(b, j, c)
		}
	}
	w.table(b, j)
	p(`)`)
}

// child instantiates an instance inside another one and exports its exports.
func (w *World) child(b *strings.Builder, j, c int) {
	p := func(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }
	w.component(b, c)
	p(`(instance $i%d (instantiate $c%d (with "h" (func $h))`, c, c)
	for k := range c {
		p(`(with "r%d" (type $r%d))`, k, k)
		w.funcs(k, func(_, _ int, name, _ string) { p(`(with "%s" (func $%s))`, name, name) })
	}
	p(`))`)
	for k := c; k <= w.last(c); k++ {
		p(`(alias export $i%d "r%d" (type $r%d)) (export $e%d "r%d" (type $r%d))`, c, k, k, k, k, k)
		w.funcs(k, func(_, typ int, name, sig string) {
			if typ > j {
				sig = strings.ReplaceAll(sig, "$r", "$e")
			}
			p(`(alias export $i%d "%s" (func $%s)) (export "%s" (func $%s) (func %s))`, c, name, name, name, name, sig)
		})
	}
}

// table fills an instance's table.
func (w *World) table(b *strings.Builder, j int) {
	p := func(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }
	var imports, exports strings.Builder
	add := func(at int, sig, def string) {
		if w.Slots[j][at] {
			p(`(core func $t%d %s)`, at, def)
			fmt.Fprintf(&imports, "(import \"\" \"%d\" (func $t%d %s)) (elem (i32.const %d) func $t%d)\n", at, at, sig, at, at)
			fmt.Fprintf(&exports, "(export \"%d\" (func $t%d))\n", at, at)
		}
	}
	add(slot(opNew, 0, 0), "(param i32) (result i32)", "(canon resource.new $own)")
	for k := 0; k <= w.last(j); k++ {
		add(slot(opDrop, 0, k), "(param i32)", fmt.Sprintf("(canon resource.drop $r%d)", k))
		w.funcs(k, func(op, typ int, name, _ string) {
			sig := map[int]string{opRun: "(param i32 i32 i32)", opLend: "(param i32 i32 i32 i32)"}[op]
			if sig == "" {
				sig = "(param i32) (result i32)"
			}
			add(slot(op, k, typ), sig, fmt.Sprintf("(canon lower (func $%s)%s)", name, memory))
		})
	}
	// All imports come before the segments.
	var order [2]strings.Builder
	for line := range strings.Lines(imports.String()) {
		im, elem, _ := strings.Cut(strings.TrimSpace(line), "(elem")
		order[0].WriteString(im + "\n")
		order[1].WriteString("(elem" + elem + "\n")
	}
	p("(core module $F (import \"\" \"table\" (table %d funcref))\n%s%s)", tableSize, order[0].String(), order[1].String())
	p("(core instance (instantiate $F (with \"\" (instance (export \"table\" (table $m \"table\"))\n%s))))", exports.String())
}

// player writes the core module that runs programs.
func (w *World) player(b *strings.Builder, j int) {
	get, set, tag, throw := "(i32.const 0)", "(drop (local.get $h))", "", "(unreachable)"
	imports := ""
	if w.Contexts {
		get, set = "(call $get)", "(call $set (local.get $h))"
		imports = `(import "" "get" (func $get (result i32))) (import "" "set" (func $set (param i32)))`
	}
	if w.Tags {
		tag, throw = "(tag $x)", "(throw $x)"
	}
	host := "(unreachable)"
	if w.Slots[j][slot(opHost, 0, 0)] {
		host = "(call $h (local.get $h))"
	}
	fmt.Fprintf(b, playerText, imports, tag, get, set, host, throw)
	for t := 0; t <= j; t++ {
		drop, mix := fmt.Sprintf("(if (i32.load8_u (local.get $p)) (then (call_indirect (type $drop) (local.get $h) (i32.const %d))))", slot(opDrop, 0, t)),
			"(local.set $acc (i32.add (i32.mul (local.get $acc) (i32.const 31)) (local.get $h)))"
		if t == j {
			drop, mix = "", "" // the argument is the representation
		}
		fmt.Fprintf(b, `(func (export "lend%d") (param $h i32) (param $p i32) (param $n i32) (result i32) (local $acc i32)
    (local.set $acc (call $exec (i32.add (local.get $p) (i32.const 1)) (i32.sub (local.get $n) (i32.const 1))))
    %s %s (call $pack (local.get $acc)))
`, t, drop, mix)
	}
	fmt.Fprintln(b, ")")
}

const playerText = `(core module $M (import "" "h" (func $h (param i32) (result i32))) %[1]s
  (type $run (func (param i32 i32 i32))) (type $lend (func (param i32 i32 i32 i32)))
  (type $one (func (param i32) (result i32))) (type $drop (func (param i32)))
  (memory (export "memory") 1) (table (export "table") 512 funcref) %[2]s
  (global $heap (mut i32) (i32.const 1024)) (global $reallocs (mut i32) (i32.const 0)) (global $posts (mut i32) (i32.const 0))
  (func $alloc (param $n i32) (result i32) (local $at i32)
    (local.set $at (global.get $heap))
    (global.set $heap (i32.and (i32.add (i32.add (local.get $at) (local.get $n)) (i32.const 15)) (i32.const -8)))
    (if (i32.gt_u (global.get $heap) (i32.mul (memory.size) (i32.const 65536))) (then (drop (memory.grow (i32.const 1)))))
    (local.get $at))
  (func (export "realloc") (param i32 i32 i32 i32) (result i32)
    (global.set $reallocs (i32.add (global.get $reallocs) (i32.const 1))) (call $alloc (local.get 3)))
  (func (export "post") (param i32) (global.set $posts (i32.add (global.get $posts) (i32.const 1))))
  (func (export "same") (param i32) (result i32) (local.get 0))
  (func $pack (param $v i32) (result i32) (local $r i32)
    (local.set $r (call $alloc (i32.const 16)))
    (i32.store (local.get $r) (i32.add (local.get $r) (i32.const 8))) (i32.store offset=4 (local.get $r) (i32.const 4))
    (i32.store offset=8 (local.get $r) (local.get $v)) (local.get $r))
  (func (export "run") (param $p i32) (param $n i32) (result i32) (call $pack (call $exec (local.get $p) (local.get $n))))
  (func (export "dtor") (param $rep i32)
    (drop (call $exec (i32.add (local.get $rep) (i32.const 4)) (i32.load (local.get $rep)))))
  (func $exec (param $p i32) (param $n i32) (result i32)
    (local $acc i32) (local $end i32) (local $op i32) (local $at i32) (local $h i32) (local $len i32) (local $sub i32) (local $v i32) (local $r i32)
    (local.set $end (i32.add (local.get $p) (local.get $n)))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $p) (local.get $end)))
      (local.set $op (i32.load8_u (local.get $p)))
      (local.set $at (i32.add (i32.mul (local.get $op) (i32.const 64))
        (i32.add (i32.mul (i32.load8_u offset=1 (local.get $p)) (i32.const 8)) (i32.load8_u offset=2 (local.get $p)))))
      (local.set $h (i32.load8_u offset=3 (local.get $p)))
      (local.set $len (i32.load16_u offset=4 (local.get $p)))
      (local.set $sub (i32.add (local.get $p) (i32.const 6)))
      (local.set $p (i32.add (local.get $sub) (local.get $len)))
      (local.set $v (i32.const 0))
      (block $end (block $trap (block $throw (block $count (block $host (block $get (block $set (block $fetch (block $lend (block $give (block $drop
        (block $new (block $run
          (br_table $trap $run $new $drop $give $lend $fetch $set $get $host $count $throw $trap (local.get $op)))
          (local.set $r (call $alloc (i32.const 8)))
          (call_indirect (type $run) (local.get $sub) (local.get $len) (local.get $r) (local.get $at))
          (local.set $v (i32.load (i32.load (local.get $r)))) (br $end))
          (local.set $r (call $alloc (i32.add (local.get $len) (i32.const 4))))
          (i32.store (local.get $r) (local.get $len))
          (memory.copy (i32.add (local.get $r) (i32.const 4)) (local.get $sub) (local.get $len))
          (local.set $v (call_indirect (type $one) (local.get $r) (local.get $at))) (br $end))
          (call_indirect (type $drop) (local.get $h) (local.get $at)) (br $end))
          (local.set $v (call_indirect (type $one) (local.get $h) (local.get $at))) (br $end))
          (local.set $r (call $alloc (i32.const 8)))
          (call_indirect (type $lend) (local.get $h) (local.get $sub) (local.get $len) (local.get $r) (local.get $at))
          (local.set $v (i32.load (i32.load (local.get $r)))) (br $end))
          (local.set $v (call_indirect (type $one) (local.get $h) (local.get $at))) (br $end))
          %[4]s (br $end))
          (local.set $v %[3]s) (br $end))
          (local.set $v %[5]s) (br $end))
          (local.set $v (i32.add (i32.mul (global.get $reallocs) (i32.const 1000)) (global.get $posts))) (br $end))
          %[6]s)
        (unreachable))
      (local.set $acc (i32.add (i32.mul (local.get $acc) (i32.const 31)) (local.get $v)))
      (br $next)))
    (local.get $acc))
`
