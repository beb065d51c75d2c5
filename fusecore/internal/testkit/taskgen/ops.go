package taskgen

import "fmt"

// run writes the interpreter. Its mode is 0 in a synchronous function, 1 in one with a callback, whose code it returns, and 2
// in another asynchronous function.
func (g *guestWriter) run(i int) {
	g.p(`  (func $acc (param $t i32) (param $tag i32) (param $v i32)
    (call $log (local.get $tag) (local.get $v)) (call $add (local.get $t) (local.get $v)))`)
	n := g.n
	if n.streams {
		g.p(`  ;; A readable end to give away.
  (func $given (param $t i32) (result i32) (local $r i32) (local $h i32) (local $new i64)
    (local.set $r (call $pick (local.get $t) (i32.const 0) (i32.const %d) (i32.const 0)))
    (if (local.get $r)
      (then
        (local.set $h (i32.load offset=4 (local.get $r)))
        (call $join (local.get $h) (i32.const 0))
        (i32.store (local.get $r) (i32.const 0)))
      (else
        (local.set $new (call $stream.new))
        (local.set $h (i32.wrap_i64 (local.get $new)))
        (call $put (local.get $t) (i32.const %d) (i32.wrap_i64 (i64.shr_u (local.get $new) (i64.const 32))) (i32.const 0) (i32.const 0))))
    (call $log (i32.const 51) (local.get $h))
    (local.get $h))`, kReader, kWriter)
	}
	if n.streams && g.elem == "string" {
		g.p(`  (func $texts (param $p i32) (param $n i32) (local $i i32) (local $q i32)
    (local.set $q (call $alloc (i32.const 16)))
    (memory.fill (local.get $q) (i32.const 97) (i32.const 16))
    (loop $l
      (i32.store (local.get $p) (local.get $q)) (i32.store offset=4 (local.get $p) (local.get $n))
      (local.set $p (i32.add (local.get $p) (i32.const 8))) (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (i32.const 16)))))`)
	}
	mode := map[kind]int{library: 0, callback: 1, stackful: 2, syncLifted: 2, prompt: 2}[n.kind]
	g.p(`  (func $return (param $t i32) (local $r i32)
    (if (i32.load offset=12 (local.get $t)) (then (return)))
    (i32.store offset=12 (local.get $t) (i32.const 1))`)
	if n.lendable() {
		g.p(`    (local.set $r (call $pick (local.get $t) (i32.const 0) (i32.const %d) (i32.const 0)))
    (if (local.get $r) (then (i32.store (local.get $r) (i32.const 0)) (call $drop%d' (i32.load offset=4 (local.get $r)))))`, kLent, Host)
	}
	if n.kind == callback || n.kind == stackful {
		if n.streams {
			g.p(`    (if (i32.load offset=24 (local.get $t)) (then (call $return.stream (call $given (local.get $t))) (return)))`)
		}
		g.p(`    (call $return.u32 (i32.load offset=20 (local.get $t)))`)
	}
	release := ""
	if n.backpressure {
		release = `(if (global.get $pressure) (then (global.set $pressure (i32.sub (global.get $pressure) (i32.const 1))) (call $backpressure.dec)))`
	}
	g.p(`  )
  (func $run (param $t i32) (result i32) (call $step (local.get $t) (i32.const %d)))
  (func $run.sync (param $t i32) (drop (call $step (local.get $t) (i32.const 0))))
  (func $step (param $t i32) (param $mode i32) (result i32)
    (local $pc i32) (local $op i32) (local $a i32) (local $r i32) (local $h i32) (local $p i32) (local $new i64)
    (loop $next
      (local.set $pc (i32.load (local.get $t)))
      (if (i32.ge_u (local.get $pc) (i32.load offset=4 (local.get $t))) (then
        (call $log (i32.const 2) (i32.load offset=20 (local.get $t)))
        %s
        (if (local.get $mode) (then (call $return (local.get $t))))
        (return (i32.const 0))))
      (local.set $op (i32.load8_u (local.get $pc)))
      (local.set $a (i32.load8_u offset=1 (local.get $pc)))
      (i32.store (local.get $t) (i32.add (local.get $pc) (i32.const 2)))`, mode, release)
	g.ops(i)
	g.p(`      (br $next))
    (i32.const 0))`)
}

// op writes an operation, if the node has what it needs.
func (g *guestWriter) op(op int, has bool, code string, args ...any) {
	if has {
		g.p("      (if (i32.eq (local.get $op) (i32.const %d)) (then %s (br $next)))", op, fmt.Sprintf(code, args...))
	}
}

func (g *guestWriter) ops(i int) {
	n := g.n
	async := n.tasks()
	const argument = "(i32.and (local.get $a) (i32.const 15))"
	const handle = "(i32.load offset=4 (local.get $r))"
	// with does something with a register of a kind.
	with := func(kind int, busy int, code string) string {
		return fmt.Sprintf(`(local.set $r (call $pick (local.get $t) (local.get $a) (i32.const %d) (i32.const %d)))
        (if (local.get $r) (then %s))`, kind, busy, code)
	}
	const clear = "(i32.store (local.get $r) (i32.const 0)) (i32.store offset=8 (local.get $r) (i32.const 0))"
	if n.kind == callback {
		g.p(`      (if (i32.and (i32.eq (local.get $op) (i32.const %d)) (local.get $mode)) (then (return (i32.const 1))))`, opYield)
		g.p(`      (if (i32.and (i32.eq (local.get $op) (i32.const %d)) (local.get $mode)) (then
        (if (call $waits (local.get $t) (local.get $a)) (then (return (i32.or (i32.const 2) (i32.shl (call $set (local.get $t)) (i32.const 4))))))
        (br $next)))`, opWait)
	}
	g.op(opYield, n.yields, `(call $log (i32.const 3) (call $yield))`)
	const wait = `(if (i32.and (i32.ne (local.get $mode) (i32.const 0)) (call $waits (local.get $t) (local.get $a))) (then
          (local.set $p (call $alloc (i32.const 8)))
          (local.set $h (call $set.wait (call $set (local.get $t)) (local.get $p)))
          (call $event (local.get $t) (local.get $h) (i32.load (local.get $p)) (i32.load offset=4 (local.get $p)))))`
	g.op(opWait, async, wait)
	g.op(opBlock, async, wait)
	g.op(opPoll, async, `(local.set $p (call $alloc (i32.const 8)))
        (local.set $h (call $set.poll (call $set (local.get $t)) (local.get $p)))
        (call $event (local.get $t) (local.get $h) (i32.load (local.get $p)) (i32.load offset=4 (local.get $p)))`)
	g.op(opLog, true, `(call $acc (local.get $t) (i32.const 4) (local.get $a))`)
	g.op(opReturn, async, `(if (local.get $mode) (then (call $return (local.get $t))))`)
	free := "(i32.const 1)" // whether the context is free for the program's use
	if n.kind == callback {
		free = "(i32.eqz (local.get $mode))"
	}
	g.op(opContextSet, n.contexts, `(if %s (then (call $context.set (local.get $a))))`, free)
	g.op(opContextGet, n.contexts, `(if %s (then (call $acc (local.get $t) (i32.const 5) (call $context.get))))`, free)
	g.op(opBackpressureInc, n.backpressure, `(global.set $pressure (i32.add (global.get $pressure) (i32.const 1))) (call $backpressure.inc)`)
	g.op(opBackpressureDec, n.backpressure, `(if (global.get $pressure) (then
        (global.set $pressure (i32.sub (global.get $pressure) (i32.const 1))) (call $backpressure.dec)))`)
	g.calls(i, with, clear)
	end := func(what string, reader, writer int, length string, first int) {
		size := 4
		if what == "stream" {
			size = 16 * elems[g.elem]
		}
		has := async && (n.streams && what == "stream" || n.futures && what == "future")
		g.op(first, has, `(local.set $new (call $%s.new))
        (call $put (local.get $t) (i32.const %d) (i32.wrap_i64 (local.get $new)) (i32.const 0) (i32.const 0))
        (call $put (local.get $t) (i32.const %d) (i32.wrap_i64 (i64.shr_u (local.get $new) (i64.const 32))) (i32.const 0) (i32.const 0))`,
			what, reader, writer)
		for k, e := range []struct {
			kind int
			name string
		}{{reader, "read"}, {writer, "write"}} {
			fill := ""
			if k == 1 {
				fill = fmt.Sprintf(`(memory.fill (local.get $p) (local.get $a) (i32.const %d))`, size)
				if what == "stream" && g.elem == "string" { // of up to seven letters, in the text of a call
					fill = `(call $texts (local.get $p) (i32.and (local.get $a) (i32.const 7)))`
				}
			}
			g.op(first+1+k, has, "%s", with(e.kind, 0, fmt.Sprintf(`(local.set $p (call $alloc (i32.const %d))) %s
          (i32.store offset=12 (local.get $r) (local.get $p))
          (call $copying (local.get $t) (local.get $r) (call $%s.%s %s (local.get $p) %s))`, size, fill, what, e.name, handle, length)))
			g.op(first+3+k, has && n.cancels, "%s", with(e.kind, 1, fmt.Sprintf(`(call $join %s (i32.const 0)) (call $unpend (local.get $t))
          (call $copied (local.get $r) (call $%s.cancel-%s %s))`, handle, what, e.name, handle)))
			drop := fmt.Sprintf(`(call $log (i32.const 54) %s) (call $%s.drop-%sable %s) %s`, handle, what, map[string]string{"read": "read", "write": "writ"}[e.name], handle, clear)
			dropped := with(e.kind+kDone, 0, drop)
			if what == "stream" || k == 0 {
				dropped += with(e.kind, 0, drop)
			}
			g.op(first+5+k, has, "%s", dropped)
		}
	}
	end("stream", kReader, kWriter, argument, opStreamNew)
	end("future", kFuture, kPromise, "", opFutureNew)
	for k, name := range []string{"subtask.cancel", "subtask.cancel.async"} {
		for _, kind := range []int{kSubtask, kPipe, kSay} {
			code := fmt.Sprintf(`(call $join %[1]s (i32.const 0)) (call $unpend (local.get $t))
          (local.set $h (call $%[2]s %[1]s)) (call $log (i32.const 55) (local.get $h)) (call $ended (local.get $t) (local.get $r) (local.get $h)) (br $next)`, handle, name)
			if k == 1 {
				code = fmt.Sprintf(`(call $join %[1]s (i32.const 0))
          (local.set $h (call $%[2]s %[1]s)) (call $log (i32.const 56) (local.get $h))
          (if (i32.eq (local.get $h) (i32.const -1))
            (then (i32.store offset=8 (local.get $r) (i32.const 2)) (call $join %[1]s (call $set (local.get $t))))
            (else (call $unpend (local.get $t)) (call $ended (local.get $t) (local.get $r) (local.get $h)))) (br $next)`, handle, name)
			}
			if async && n.cancels && (kind != kPipe || n.streams) {
				g.p("      (if (i32.eq (local.get $op) (i32.const %d)) (then %s))", opCancel+k, with(kind, 1, code))
			}
		}
	}
	g.op(opSet, n.sets, `(local.set $h (call $set.new)) (call $acc (local.get $t) (i32.const 6) (local.get $h)) (call $set.drop (local.get $h))`)
	g.op(opCount, true, `(call $log (i32.const 7) (global.get $count)) (call $log (i32.const 8) (global.get $posts))`)
	g.op(opTrap, true, `unreachable`)
	wild := func(k int, has bool, code string) {
		if has {
			g.p(`      (if (i32.and (i32.eq (local.get $op) (i32.const %d)) (i32.eq (i32.and (local.get $a) (i32.const 7)) (i32.const %d))) (then %s (br $next)))`, opWild, k, code)
		}
	}
	const any = "(i32.shr_u (local.get $a) (i32.const 3))"
	wild(0, async, `(call $join `+any+` (call $set (local.get $t)))`)
	wild(1, async, `(call $subtask.drop `+any+`)`)
	wild(2, n.streams, `(call $stream.drop-readable `+any+`)`)
	wild(3, n.thing, `(call $resource.drop `+any+`)`)
	wild(4, n.backpressure, `(call $backpressure.dec)`)
	wild(5, n.kind == callback || n.kind == stackful, `(call $task.cancel)`)
	wild(6, (n.kind == callback || n.kind == stackful) && !g.w.atOnce(i), `(call $return.u32 (local.get $a))`)
	wild(7, n.sets, `(call $set.drop `+any+`)`)
}

// calls writes the operations that call other nodes.
func (g *guestWriter) calls(i int, with func(int, int, string) string, clear string) {
	n := g.n
	const sub = "(local.set $p (call $sub (local.get $t)))"
	// each writes a choice between nodes, by the argument.
	each := func(op int, from []int, before string, code func(j int) string) {
		if len(from) == 0 {
			return
		}
		g.p("      (if (i32.eq (local.get $op) (i32.const %d)) (then %s", op, before)
		for k, j := range from {
			g.p("        (if (i32.eq (i32.rem_u (local.get $a) (i32.const %d)) (i32.const %d)) (then %s))", len(from), k, code(j))
		}
		g.p("        (br $next)))")
	}
	// unless makes a call only if the task has not returned, or if it does not matter.
	unless := func(matters bool, code string) string {
		if n.tasks() && matters {
			return "(if (i32.eqz (i32.load offset=12 (local.get $t))) (then " + code + "))"
		}
		return code
	}
	unreturned := func(j int, code string) string { return unless(g.w.nodes[j].kind == prompt, code) }
	each(opPlay, n.plays, sub, func(j int) string {
		return unless(g.w.atOnce(j), fmt.Sprintf(`(call $acc (local.get $t) (i32.const 10) (call $play%d' (local.get $p) (global.get $sub.len)))`, j))
	})
	buffer := `(local.set $p (call $alloc (i32.const 64))) (memory.fill (local.get $p) (i32.const 97) (i32.const 64))
          (i32.store16 (local.get $p) (i32.const 98))`
	text := func(shift int) func(name string, j int) string {
		return func(name string, j int) string {
			return fmt.Sprintf(`(call $%s%d' (local.get $p) (i32.and (local.get $a) (i32.const 15)) (i32.add (local.get $p) (i32.const 48)))
          (call $acc (local.get $t) (i32.const 11) (i32.load offset=52 (local.get $p)))
          (call $acc (local.get $t) (i32.const 12) (call $sum (i32.load offset=48 (local.get $p))
            (i32.shl (i32.and (i32.load offset=52 (local.get $p)) (i32.const 0x7fffffff)) (i32.const %d))))`, name, j, shift)
		}
	}
	shift := 0
	if n.encoding == " string-encoding=utf16" {
		shift = 1
		buffer = `(local.set $p (call $alloc (i32.const 64))) (memory.fill (local.get $p) (i32.const 97) (i32.const 48))`
	}
	each(opText, n.texts, buffer, func(j int) string { return text(shift)("text", j) })
	// Three tuples at most, of a number and a text.
	each(opPairs, n.pairs, `(local.set $p (call $alloc (i32.const 64))) (i32.store (local.get $p) (local.get $a))
          (i32.store offset=4 (local.get $p) (local.get $p)) (i32.store offset=12 (local.get $p) (i32.const 7))
          (i32.store offset=16 (local.get $p) (local.get $p)) (i32.store offset=24 (local.get $p) (i32.const 8))
          (local.set $a (i32.and (local.get $a) (i32.const 3)))`, func(j int) string {
		return fmt.Sprintf(`(call $pairs%d' (local.get $p) (local.get $a) (i32.add (local.get $p) (i32.const 48)))
          (call $acc (local.get $t) (i32.const 13) (i32.load offset=52 (local.get $p)))
          (if (i32.load offset=52 (local.get $p)) (then (call $acc (local.get $t) (i32.const 14) (i32.load (i32.load offset=48 (local.get $p))))))`, j)
	})
	each(opRun, n.runs, sub+`(local.set $h (call $alloc (i32.const 8)))`, func(j int) string {
		return unreturned(j, fmt.Sprintf(`(call $called (local.get $t) (i32.const %d) (local.get $h)
          (call $run%d' (local.get $p) (global.get $sub.len) (local.get $h)))`, kSubtask, j))
	})
	each(opWaitRun, n.waits, sub, func(j int) string {
		return unreturned(j, fmt.Sprintf(`(call $acc (local.get $t) (i32.const 15) (call $wait%d' (local.get $p) (global.get $sub.len)))`, j))
	})
	each(opPipe, n.pipes, sub+`(local.set $h (call $alloc (i32.const 8)))`, func(j int) string {
		return fmt.Sprintf(`(local.set $r (global.get $sub.len)) (call $called (local.get $t) (i32.const %d) (local.get $h)
          (call $pipe%d' (local.get $p) (local.get $r) (call $given (local.get $t)) (local.get $h)))`, kPipe, j)
	})
	each(opSay, n.says, buffer+`(local.set $h (call $alloc (i32.const 8)))`, func(j int) string {
		return unreturned(j, fmt.Sprintf(`(call $called (local.get $t) (i32.const %d) (local.get $h)
          (call $say%d' (local.get $p) (i32.and (local.get $a) (i32.const 15)) (local.get $h)))`, kSay, j))
	})
	each(opLend, n.lends, sub+`(local.set $h (call $alloc (i32.const 8)))`, func(j int) string {
		return with(kThing+Host, 0, fmt.Sprintf(`(local.set $r (i32.load offset=4 (local.get $r))) (call $called (local.get $t) (i32.const %d) (local.get $h)
          (call $lend%d' (local.get $r) (local.get $p) (global.get $sub.len) (local.get $h)))`, kSubtask, j))
	})
	each(opWide, n.wides, "", func(j int) string {
		return fmt.Sprintf(`(call $acc (local.get $t) (i32.const 18) (call $wide%d' (local.get $a) (i32.or (local.get $a) (i32.const 0x100))
          (i64.extend_i32_u (local.get $a)) (local.get $a) (i32.const 1) (i32.const 2)))`, j)
	})
	each(opMake, n.things, "", func(j int) string {
		return fmt.Sprintf(`(call $put (local.get $t) (i32.const %d) (call $make%d' (local.get $a)) (i32.const 0) (i32.const 0))`, kThing+j, j)
	})
	for k, name := range []string{"get", "take"} {
		op := opGet + k
		each(op, n.things, "", func(j int) string {
			code := fmt.Sprintf(`(call $acc (local.get $t) (i32.const %d) (call $%s%d' (i32.load offset=4 (local.get $r))))`, 16+k, name, j)
			if op == opTake {
				code += clear
			}
			return with(kThing+j, 0, code)
		})
	}
	each(opDrop, n.things, "", func(j int) string {
		return with(kThing+j, 0, fmt.Sprintf(`(call $drop%d' (i32.load offset=4 (local.get $r))) %s`, j, clear))
	})
	// Holding and fetching choose by the argument, like each.
	for k, h := range n.holds {
		f := fmt.Sprintf("%d'", h.node)
		chosen := fmt.Sprintf("(i32.eq (i32.rem_u (local.get $a) (i32.const %d)) (i32.const %d))", len(n.holds), k)
		g.p(`      (if (i32.and (i32.eq (local.get $op) (i32.const %d)) %s) (then %s (br $next)))`, opHold, chosen,
			with(kThing+h.thing, 0, fmt.Sprintf(`(call $put (local.get $t) (i32.const %d) (call $%s%s (i32.load offset=4 (local.get $r))) (i32.const 0) (i32.const 0)) %s`,
				kHeld+k, held("hold", h.thing), f, clear)))
		g.p(`      (if (i32.and (i32.eq (local.get $op) (i32.const %d)) %s) (then %s (br $next)))`, opFetch, chosen,
			with(kHeld+k, 0, fmt.Sprintf(`(call $put (local.get $t) (i32.const %d) (call $%s%s (i32.load offset=4 (local.get $r))) (i32.const 0) (i32.const 0)) %s`,
				kThing+h.thing, held("fetch", h.thing), f, clear)))
	}
}
