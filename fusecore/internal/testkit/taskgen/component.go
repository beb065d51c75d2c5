package taskgen

import (
	"fmt"
	"strings"
)

// component writes the component of a node.
func (w *World) component(b *strings.Builder, i int) {
	n := &w.nodes[i]
	p := func(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }
	p(`(component $C%d (type $Stream (stream %s)) (import "log" (func $log %s))`, i, w.elem, logType)
	for _, f := range w.imports(i) {
		if f.resource {
			p(`(import "r%d" (type $r%d (sub resource)))`, f.node, f.node)
			continue
		}
		t := funcTypes[strings.TrimRight(f.name, "0123456789x")]
		if strings.Contains(t, "%[1]d") {
			t = fmt.Sprintf(t, f.thing)
		}
		p(`(import "%s%d" (func $%s%d %s))`, f.name, f.node, f.name, f.node, t)
	}
	p(`(type $Future (future u32)) (core func $log' (canon lower (func $log)))`)
	given := `(export "log" (func $log'))`
	var late []string // functions that the shim calls through its table
	give := func(name, canon string) {
		p(`(core func $%s (canon %s))`, name, canon)
		if n.shim && strings.Contains(canon, "(memory") {
			late = append(late, name)
			return
		}
		given += fmt.Sprintf(` (export "%s" (func $%s))`, name, name)
	}
	if n.contexts {
		give("context.get", "context.get i32 0")
		give("context.set", "context.set i32 0")
	}
	w.memory(b, n)
	given += ` (export "memory" (memory $memory)) (export "realloc" (func $realloc)) (export "count" (global $count))`
	w.builtins(n, give)
	w.lowers(n, give)
	if n.thing {
		w.thing(b, i)
		give("resource.new", "resource.new $own")
		give("resource.rep", "resource.rep $own")
		give("resource.drop", "resource.drop $own")
	}
	b.WriteString(w.guest(i))
	fill := shim(b, late)
	for _, name := range late {
		given += fmt.Sprintf(` (export "%s" (func $shim "%s"))`, name, name)
	}
	p(`(core instance $m (instantiate $M (with "" (instance %s))))`, given)
	b.WriteString(fill)
	w.lifts(b, i)
	p(`)`)
}

// shim writes a module with functions that call those with the given names through a table, as component tools do, and
// returns the text that fills the table.
func shim(b *strings.Builder, names []string) (fill string) {
	if len(names) == 0 {
		return ""
	}
	var f, imports, items, with strings.Builder
	for i, name := range names {
		t := coreType(name)
		params := len(strings.Fields(strings.Split(t, "(result")[0])) - strings.Count(t, "(param")
		fmt.Fprintf(&f, "  (type $t%d (func %s)) (func (export %q) (type $t%d)", i, t, name, i)
		for k := range params {
			fmt.Fprintf(&f, " (local.get %d)", k)
		}
		fmt.Fprintf(&f, " (call_indirect (type $t%d) (i32.const %d)))\n", i, i)
		fmt.Fprintf(&imports, "  (import \"\" %q (func %s))\n", name, t)
		fmt.Fprintf(&items, " %d", i)
		fmt.Fprintf(&with, " (export %q (func $%s))", name, name)
	}
	fmt.Fprintf(b, "(core module $Shim (table (export \"table\") %d %d funcref)\n%s)\n(core instance $shim (instantiate $Shim))\n", len(names), len(names), f.String())
	return fmt.Sprintf(`(core module $Fill
%s  (import "" "table" (table %d funcref)) (elem (i32.const 0) func%s))
(core instance (instantiate $Fill (with "" (instance%s (export "table" (table $shim "table"))))))
`, imports.String(), len(names), items.String(), with.String())
}

// memory writes the module with the node's memory and realloc.
func (w *World) memory(b *strings.Builder, n *node) {
	imports, use, with := "", "", ""
	if n.reallocContext {
		imports = `(import "" "get" (func $get (result i32)))`
		use = `(global.set $count (i32.add (global.get $count) (call $get)))`
		with = `(with "" (instance (export "get" (func $context.get))))`
	}
	fmt.Fprintf(b, `(core module $Mem %[1]s
  (memory (export "memory") 4) (data (i32.const 16) "\%02[4]x\07\%02[4]x\08\%02[5]x\00")
  (global $next (mut i32) (i32.const 4096))
  (global $count (export "count") (mut i32) (i32.const 0))
  (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32) (local $p i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1))) %[2]s
    (local.set $p (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.set $next (i32.add (local.get $p) (local.get $new)))
    (if (i32.gt_u (global.get $next) (i32.mul (memory.size) (i32.const 65536)))
      (then (if (i32.eq (memory.grow (i32.const 4)) (i32.const -1)) (then unreachable))))
    (if (local.get $old) (then (memory.copy (local.get $p) (local.get $old) (local.get $size))))
    (local.get $p)))
(core instance $mem (instantiate $Mem %[3]s))
(alias core export $mem "memory" (core memory $memory))
(alias core export $mem "realloc" (core func $realloc))
(alias core export $mem "count" (core global $count))
`, imports, use, with, opLog, opCount)
}

// builtins gives the node's canonical built-ins.
func (w *World) builtins(n *node, give func(name, canon string)) {
	if n.yields {
		give("yield", "thread.yield")
	}
	if n.backpressure {
		give("backpressure.inc", "backpressure.inc")
		give("backpressure.dec", "backpressure.dec")
	}
	if n.sets {
		give("set.new", "waitable-set.new")
		give("set.drop", "waitable-set.drop")
	}
	if !n.tasks() {
		return
	}
	give("set.wait", "waitable-set.wait (memory $memory)")
	give("set.poll", "waitable-set.poll (memory $memory)")
	give("join", "waitable.join")
	give("subtask.drop", "subtask.drop")
	if n.kind != syncLifted {
		give("return.u32", "task.return (result u32) (memory $memory)"+n.encoding)
		give("return.text", "task.return (result string) (memory $memory)"+n.encoding)
		give("task.cancel", "task.cancel")
	}
	if n.streams {
		end(n, give, "stream", "$Stream")
		if n.kind != syncLifted {
			give("return.stream", "task.return (result $Stream) (memory $memory)"+n.encoding)
		}
	}
	if n.futures {
		end(n, give, "future", "$Future")
	}
	if n.cancels {
		give("subtask.cancel", "subtask.cancel")
		give("subtask.cancel.async", "subtask.cancel async")
	}
}

// end gives the built-ins of streams or futures.
func end(n *node, give func(name, canon string), what, typ string) {
	for _, f := range []string{"new", "drop-readable", "drop-writable"} {
		give(what+"."+f, what+"."+f+" "+typ)
	}
	for _, f := range []string{"read", "write"} {
		give(what+"."+f, what+"."+f+" "+typ+" async (memory $memory) (realloc $realloc)"+n.encoding)
		if n.cancels {
			give(what+".cancel-"+f, what+".cancel-"+f+" "+typ)
		}
	}
}

// lowers gives the functions that the node calls.
func (w *World) lowers(n *node, give func(name, canon string)) {
	mem := ` (memory $memory) (realloc $realloc)` + n.encoding
	each := func(from []int, name, as, opts string) {
		for _, j := range from {
			give(fmt.Sprintf("%s%d'", as, j), fmt.Sprintf("lower (func $%s%d)%s", name, j, opts))
		}
	}
	each(n.plays, "play", "play", mem)
	each(n.texts, "text", "text", mem)
	each(n.pairs, "pairs", "pairs", mem)
	each(n.runs, "run", "run", mem+" async")
	each(n.waits, "run", "wait", mem)
	each(n.pipes, "pipe", "pipe", mem+" async")
	each(n.says, "say", "say", mem+" async")
	each(n.wides, "wide", "wide", mem)
	each(n.lends, "lend", "lend", mem+" async")
	for _, j := range n.things {
		for _, name := range []string{"make", "get", "take"} {
			give(fmt.Sprintf("%s%d'", name, j), fmt.Sprintf("lower (func $%s%d)", name, j))
		}
		give(fmt.Sprintf("drop%d'", j), fmt.Sprintf("resource.drop $r%d", j))
	}
	for _, h := range n.holds {
		for _, name := range []string{"hold", "fetch"} {
			f := held(name, h.thing) + fmt.Sprint(h.node)
			give(f+"'", fmt.Sprintf("lower (func $%s)", f))
		}
	}
}

// thing writes the node's resource type.
func (w *World) thing(b *strings.Builder, i int) {
	dtor := ""
	if w.nodes[i].dtor {
		fmt.Fprintf(b, `(core module $Dtor (import "" "log" (func $log (param i32 i32 i32) (result i32)))
  (func (export "dtor") (param i32) (drop (call $log (i32.const %d) (i32.const 200) (local.get 0)))))
(core instance $dtor (instantiate $Dtor (with "" (instance (export "log" (func $log'))))))
`, i)
		dtor = ` (dtor (func $dtor "dtor"))`
	}
	fmt.Fprintf(b, "(type $own (resource (rep i32)%s))\n", dtor)
}

// lifts writes the node's exports.
func (w *World) lifts(b *strings.Builder, i int) {
	n := &w.nodes[i]
	p := func(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }
	mem := ` (memory $memory) (realloc $realloc)` + n.encoding
	if n.thing {
		p(`(export $r%d "r" (type $own))`, i)
		for _, name := range []string{"make", "get", "take"} {
			p(`(func (export "%s") %s (canon lift (core func $m "%s")))`, name, fmt.Sprintf(funcTypes[name], i), name)
		}
	}
	if n.libraryFuncs() {
		p(`(func (export "play") %s (canon lift (core func $m "play")%s))`, playType, mem)
		p(`(func (export "text") %s (canon lift (core func $m "text")%s (post-return (func $m "post"))))`, textType, mem)
		p(`(func (export "pairs") %s (canon lift (core func $m "text")%s))`, pairType, mem)
		p(`(func (export "wide") %s (canon lift (core func $m "wide")))`, wideType)
		for _, j := range n.things {
			for _, name := range []string{"hold", "fetch"} {
				p(`(func (export "%s") %s (canon lift (core func $m "%s")))`, held(name, j), fmt.Sprintf(funcTypes[name], j), name)
			}
		}
	}
	if !n.asynchronous() {
		return
	}
	opts := ""
	switch n.kind {
	case callback:
		opts = ` async (callback (func $m "callback"))`
	case stackful:
		opts = ` async`
	}
	p(`(func (export "run") %s (canon lift (core func $m "run")%s%s))`, runType, mem, opts)
	p(`(func (export "say") %s (canon lift (core func $m "say")%s%s))`, sayType, mem, opts)
	if n.lendable() {
		p(`(func (export "lend") %s (canon lift (core func $m "lend")%s%s))`, fmt.Sprintf(lendType, Host), mem, opts)
	}
	if n.streams {
		p(`(func (export "pipe") %s (canon lift (core func $m "pipe")%s%s))`, pipeType, mem, opts)
	}
}
