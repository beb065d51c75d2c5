package taskgen

import (
	"fmt"
	"strings"
)

// A task has a record in its instance's memory:
//
//	0 program  4 its end  8 waitable set  12 whether it has returned  16 number of events to come  20 result  24 whether it is a pipe
//	28 number of its subtasks to end
//	32 eight registers: kind, number of the handle, whether it is in use, address of a buffer
const (
	taskSize = 32 + 8*16

	kSubtask = 1
	kReader  = 2
	kWriter  = 3
	kFuture  = 4 // readable
	kPromise = 5 // writable
	kPipe    = 7 // subtask that returns a stream
	kSay     = 8 // subtask that returns a text
	kLent    = 9 // handle of a resource of the host, borrowed
	kDone    = 10
	kThing   = 32 // + the node with the resource type
	kHeld    = 64 // + the position in node.holds: a number to fetch a handle by
)

// Operations of programs. Each is followed by an argument, and those of calls with a program by its length and the program.
const (
	opYield = 1 + iota
	opWait  // in a callback's way
	opBlock // with a built-in
	opPoll
	opLog
	opReturn
	opContextSet
	opContextGet
	opBackpressureInc
	opBackpressureDec
	opPlay
	opText
	opPairs
	opRun
	opWaitRun
	opPipe
	opSay
	opLend
	opWide
	opStreamNew
	opStreamRead
	opStreamWrite
	opStreamCancelRead
	opStreamCancelWrite
	opStreamDropReadable
	opStreamDropWritable
	opFutureNew
	opFutureRead
	opFutureWrite
	opFutureCancelRead
	opFutureCancelWrite
	opFutureDropReadable
	opFutureDropWritable
	opCancel
	opCancelAsync
	opMake
	opGet
	opTake
	opDrop
	opHold
	opFetch
	opSet
	opCount
	opTrap
	opWild
	numOps
)

// Tags are those under which instances tell the host what they observe, without rare ones: starts, ends of programs, yields,
// results of calls, handles, events, and what libraries do.
var Tags = []int{
	1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 30, 31, 32, 33, 40, 41, 42, 43, 50, 51, 52, 53, 54, 55, 56, 60, 61, 62, 63, 64, 65, 66, 67,
	100, 101, 103, 110, 200,
}

// guestWriter writes a node's core module.
type guestWriter struct {
	b    strings.Builder
	n    *node
	w    *World
	elem string
}

func (g *guestWriter) p(format string, args ...any) { fmt.Fprintf(&g.b, format+"\n", args...) }

// guest returns the text of the core module that runs programs.
func (w *World) guest(i int) string {
	g := &guestWriter{n: &w.nodes[i], w: w, elem: w.elem}
	n := g.n
	g.p(`(core module $M
  (import "" "memory" (memory 1))
  (import "" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
  (import "" "count" (global $count (mut i32)))
  (import "" "log" (func $host.log (param i32 i32 i32) (result i32)))`)
	g.imports(i)
	g.p(`
  (global $pressure (mut i32) (i32.const 0))
  (global $posts (mut i32) (i32.const 0))
  (func $log (param $tag i32) (param $v i32) (drop (call $host.log (i32.const %d) (local.get $tag) (local.get $v))))
  (func $alloc (param $n i32) (result i32)
    (local $p i32) (local.set $p (call $realloc (i32.const 0) (i32.const 0) (i32.const 8) (local.get $n)))
    (memory.fill (local.get $p) (i32.const 0) (local.get $n)) (local.get $p))
  (func $sum (param $p i32) (param $n i32) (result i32) (local $s i32)
    (block $end (loop $l (br_if $end (i32.eqz (local.get $n)))
      (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 31)) (i32.load8_u (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 1))) (local.set $n (i32.sub (local.get $n) (i32.const 1))) (br $l)))
    (local.get $s))
  (func $new (param $p i32) (param $n i32) (param $pipe i32) (result i32) (local $t i32)
    (local.set $t (call $alloc (i32.const %d)))
    (i32.store (local.get $t) (local.get $p))
    (i32.store offset=4 (local.get $t) (i32.add (local.get $p) (local.get $n)))
    (i32.store offset=24 (local.get $t) (local.get $pipe))
    (local.get $t))
  ;; The register for which kind and use match, from the one that an argument names on; or 0.
  (func $pick (param $t i32) (param $a i32) (param $kind i32) (param $busy i32) (result i32) (local $i i32) (local $r i32)
    (loop $l
      (local.set $r (i32.add (i32.add (local.get $t) (i32.const 32))
        (i32.mul (i32.and (i32.add (local.get $a) (local.get $i)) (i32.const 7)) (i32.const 16))))
      (if (i32.and (i32.eq (i32.load (local.get $r)) (local.get $kind)) (i32.eq (i32.load offset=8 (local.get $r)) (local.get $busy)))
        (then (return (local.get $r))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (i32.const 8))))
    (i32.const 0))
  (func $busy (param $t i32) (param $handle i32) (result i32) (local $i i32) (local $r i32)
    (local.set $r (i32.add (local.get $t) (i32.const 32)))
    (loop $l
      (if (i32.and (i32.eq (i32.load offset=4 (local.get $r)) (local.get $handle)) (i32.ne (i32.load offset=8 (local.get $r)) (i32.const 0)))
        (then (return (local.get $r))))
      (local.set $r (i32.add (local.get $r) (i32.const 16))) (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (i32.const 8))))
    (i32.const 0))
  (func $put (param $t i32) (param $kind i32) (param $handle i32) (param $busy i32) (param $buf i32) (local $r i32)
    (call $log (i32.const 50) (i32.add (local.get $handle) (i32.shl (local.get $kind) (i32.const 16))))
    (local.set $r (call $pick (local.get $t) (i32.const 0) (i32.const 0) (i32.const 0)))
    (if (i32.eqz (local.get $r)) (then (local.set $r (i32.add (local.get $t) (i32.const %d))))) ;; the last one is overwritten
    (i32.store (local.get $r) (local.get $kind)) (i32.store offset=4 (local.get $r) (local.get $handle))
    (i32.store offset=8 (local.get $r) (local.get $busy)) (i32.store offset=12 (local.get $r) (local.get $buf)))
  ;; The program inside a program: its address. $sub.len is its length.
  (global $sub.len (mut i32) (i32.const 0))
  (func $sub (param $t i32) (result i32) (local $p i32) (local $n i32)
    (local.set $p (i32.load (local.get $t)))
    (if (i32.ge_u (local.get $p) (i32.load offset=4 (local.get $t))) (then (global.set $sub.len (i32.const 0)) (return (local.get $p))))
    (local.set $n (i32.load8_u (local.get $p)))
    (local.set $p (i32.add (local.get $p) (i32.const 1)))
    (if (i32.gt_u (i32.add (local.get $p) (local.get $n)) (i32.load offset=4 (local.get $t)))
      (then (local.set $n (i32.sub (i32.load offset=4 (local.get $t)) (local.get $p)))))
    (i32.store (local.get $t) (i32.add (local.get $p) (local.get $n)))
    (global.set $sub.len (local.get $n))
    (local.get $p))
  (func $add (param $t i32) (param $v i32)
    (i32.store offset=20 (local.get $t) (i32.add (i32.mul (i32.load offset=20 (local.get $t)) (i32.const 7)) (local.get $v))))`,
		i, taskSize, taskSize-16)
	switch {
	case n.tasks():
		g.waiting()
	case n.asynchronous():
		g.p(`  ;; After a call that does not wait, which has returned.
  (func $called (param $t i32) (param $kind i32) (param $buf i32) (param $status i32)
    (call $log (i32.const 53) (local.get $status))
    (if (i32.ne (local.get $status) (i32.const 2)) (then (unreachable)))
    (if (i32.eq (local.get $kind) (i32.const %d))
      (then (call $log (i32.const 33) (i32.load offset=4 (local.get $buf))))
      (else (call $log (i32.const 33) (i32.load (local.get $buf))))))`, kSay)
	}
	g.run(i)
	g.exports(i)
	g.p(`)`)
	return g.b.String()
}

// imports writes the imports of built-ins and functions.
func (g *guestWriter) imports(i int) {
	give := func(name, _ string) { g.p(`  (import "" "%s" (func $%s %s))`, name, name, coreType(name)) }
	n, w := g.n, &World{}
	if n.contexts {
		for _, name := range []string{"context.get", "context.set"} {
			give(name, "")
		}
	}
	w.builtins(n, give)
	w.lowers(n, give)
	if n.thing {
		give("resource.new", "")
		give("resource.rep", "")
		give("resource.drop", "")
	}
}

// coreTypes are the types of imported functions, by their names without numbers of nodes.
var coreTypes = map[string]string{
	"yield": "(result i32)", "set.new": "(result i32)", "set.drop": "(param i32)", "set.wait": "(param i32 i32) (result i32)",
	"set.poll": "(param i32 i32) (result i32)", "join": "(param i32 i32)", "subtask.drop": "(param i32)",
	"subtask.cancel": "(param i32) (result i32)", "subtask.cancel.async": "(param i32) (result i32)",
	"return.u32": "(param i32)", "return.text": "(param i32 i32)", "return.stream": "(param i32)", "task.cancel": "",
	"backpressure.inc": "", "backpressure.dec": "", "context.get": "(result i32)", "context.set": "(param i32)",
	"stream.new": "(result i64)", "stream.read": "(param i32 i32 i32) (result i32)", "stream.write": "(param i32 i32 i32) (result i32)",
	"stream.cancel-read": "(param i32) (result i32)", "stream.cancel-write": "(param i32) (result i32)",
	"stream.drop-readable": "(param i32)", "stream.drop-writable": "(param i32)",
	"future.new": "(result i64)", "future.read": "(param i32 i32) (result i32)", "future.write": "(param i32 i32) (result i32)",
	"future.cancel-read": "(param i32) (result i32)", "future.cancel-write": "(param i32) (result i32)",
	"future.drop-readable": "(param i32)", "future.drop-writable": "(param i32)",
	"resource.new": "(param i32) (result i32)", "resource.rep": "(param i32) (result i32)", "resource.drop": "(param i32)",
	"play": "(param i32 i32) (result i32)", "text": "(param i32 i32 i32)", "pairs": "(param i32 i32 i32)",
	"run": "(param i32 i32 i32) (result i32)", "wait": "(param i32 i32) (result i32)", "pipe": "(param i32 i32 i32 i32) (result i32)",
	"say": "(param i32 i32 i32) (result i32)", "wide": "(param i32 i32 i64 i32 i32 i32) (result i32)", "lend": "(param i32 i32 i32 i32) (result i32)", "make": "(param i32) (result i32)", "get": "(param i32) (result i32)",
	"take": "(param i32) (result i32)", "hold": "(param i32) (result i32)", "fetch": "(param i32) (result i32)", "drop": "(param i32)",
}

// coreType returns the type of an imported function.
func coreType(name string) string {
	if t, ok := coreTypes[name]; ok {
		return t
	}
	return coreTypes[strings.TrimRight(name, "0123456789x'")]
}

// waiting writes functions about events.
func (g *guestWriter) waiting() {
	n := g.n
	cancel := ""
	if n.kind != syncLifted {
		cancel = `(if (i32.eqz (i32.load offset=12 (local.get $t)))
      (then (i32.store offset=12 (local.get $t) (i32.const 1)) (call $task.cancel)))`
	}
	stream := ""
	if n.streams {
		stream = fmt.Sprintf(`(if (i32.eq (i32.load (local.get $r)) (i32.const %d))
      (then (call $log (i32.const 31) (i32.load (i32.load offset=12 (local.get $r))))
        (i32.store (local.get $r) (i32.const %d)) (i32.store offset=8 (local.get $r) (i32.const 0))
        (i32.store offset=4 (local.get $r) (i32.load (i32.load offset=12 (local.get $r)))) (return)))`, kPipe, kReader)
	}
	read := fmt.Sprintf(`(call $log (i32.const 41) (call $sum (i32.load offset=12 (local.get $r)) (i32.mul (i32.const %d) (i32.shr_u (local.get $code) (i32.const 4)))))`, elems[g.elem])
	if g.elem == "string" {
		read = `(if (i32.shr_u (local.get $code) (i32.const 4)) (then
        (call $log (i32.const 41) (i32.load offset=4 (i32.load offset=12 (local.get $r))))
        (call $log (i32.const 41) (i32.load8_u (i32.load (i32.load offset=12 (local.get $r)))))))`
	}
	g.p(`
  (func $set (param $t i32) (result i32)
    (if (i32.eqz (i32.load offset=8 (local.get $t)))
      (then (i32.store offset=8 (local.get $t) (call $set.new)) (call $log (i32.const 52) (i32.load offset=8 (local.get $t)))))
    (i32.load offset=8 (local.get $t)))
  (func $pend (param $t i32) (param $handle i32)
    (call $join (local.get $handle) (call $set (local.get $t)))
    (i32.store offset=16 (local.get $t) (i32.add (i32.load offset=16 (local.get $t)) (i32.const 1))))
  (func $unpend (param $t i32)
    (i32.store offset=16 (local.get $t) (i32.sub (i32.load offset=16 (local.get $t)) (i32.const 1))))
  ;; A subtask has returned, and its handle is gone.
  (func $returned (param $r i32)
    %s
    (if (i32.eq (i32.load (local.get $r)) (i32.const %d)) (then
      (call $log (i32.const 32) (i32.load offset=4 (i32.load offset=12 (local.get $r))))
      (if (i32.load offset=4 (i32.load offset=12 (local.get $r)))
        (then (call $log (i32.const 32) (i32.load8_u (i32.load (i32.load offset=12 (local.get $r)))))))
      (i32.store (local.get $r) (i32.const 0)) (i32.store offset=8 (local.get $r) (i32.const 0)) (return)))
    (call $log (i32.const 30) (i32.load (i32.load offset=12 (local.get $r))))
    (i32.store (local.get $r) (i32.const 0)) (i32.store offset=8 (local.get $r) (i32.const 0)))
  (func $ended (param $t i32) (param $r i32) (param $state i32)
    (i32.store offset=28 (local.get $t) (i32.sub (i32.load offset=28 (local.get $t)) (i32.const 1)))
    (call $subtask.drop (i32.load offset=4 (local.get $r)))
    (if (i32.eq (local.get $state) (i32.const 2)) (then (call $returned (local.get $r))))
    (if (i32.gt_u (local.get $state) (i32.const 2)) (then
      (i32.store (local.get $r) (i32.const 0)) (i32.store offset=8 (local.get $r) (i32.const 0)))))
  ;; A read or write has ended.
  (func $copied (param $r i32) (param $code i32) (local $k i32)
    (i32.store offset=8 (local.get $r) (i32.const 0))
    (call $log (i32.const 40) (local.get $code))
    (local.set $k (i32.load (local.get $r)))
    (if (i32.eq (local.get $k) (i32.const %d))
      (then %s))
    (if (i32.eq (local.get $k) (i32.const %d))
      (then (call $log (i32.const 42) (i32.load (i32.load offset=12 (local.get $r))))))
    ;; The other end is gone, or the value of a future has passed.
    (if (i32.or (i32.eq (i32.and (local.get $code) (i32.const 15)) (i32.const 1))
          (i32.and (i32.ge_u (local.get $k) (i32.const %d)) (i32.ne (i32.and (local.get $code) (i32.const 15)) (i32.const 2))))
      (then (i32.store (local.get $r) (i32.add (local.get $k) (i32.const %d))))))
  (func $event (param $t i32) (param $e i32) (param $p i32) (param $q i32) (local $r i32)
    (call $log (i32.add (i32.const 100) (local.get $e)) (local.get $p))
    (call $log (i32.const 110) (local.get $q))
    (if (i32.eqz (local.get $e)) (then (return)))
    (if (i32.eq (local.get $e) (i32.const 6)) (then
      %s
      (return)))
    (local.set $r (call $busy (local.get $t) (local.get $p)))
    (if (i32.eqz (local.get $r)) (then (return)))
    (if (i32.eq (local.get $e) (i32.const 1))
      (then
        (if (i32.lt_u (local.get $q) (i32.const 2)) (then (return)))
        (call $unpend (local.get $t))
        (call $ended (local.get $t) (local.get $r) (local.get $q)))
      (else
        (call $unpend (local.get $t))
        (call $copied (local.get $r) (local.get $q)))))
  ;; After a call that does not wait.
  (func $called (param $t i32) (param $kind i32) (param $buf i32) (param $status i32) (local $r i32)
    (call $log (i32.const 53) (local.get $status))
    (call $put (local.get $t) (local.get $kind) (i32.shr_u (local.get $status) (i32.const 4)) (i32.const 1) (local.get $buf))
    (if (i32.eq (i32.and (local.get $status) (i32.const 15)) (i32.const 2))
      (then (local.set $r (call $busy (local.get $t) (i32.const 0)))
        (if (local.get $r) (then (call $returned (local.get $r)))))
      (else
        (i32.store offset=28 (local.get $t) (i32.add (i32.load offset=28 (local.get $t)) (i32.const 1)))
        (call $pend (local.get $t) (i32.shr_u (local.get $status) (i32.const 4))))))
  ;; Whether to wait: usually only for subtasks, which end.
  (func $waits (param $t i32) (param $a i32) (result i32)
    (i32.or (i32.ne (i32.load offset=28 (local.get $t)) (i32.const 0))
      (i32.and (i32.ne (i32.load offset=16 (local.get $t)) (i32.const 0)) (i32.eqz (i32.and (local.get $a) (i32.const 31))))))
  ;; After the begin of a read or write.
  (func $copying (param $t i32) (param $r i32) (param $code i32)
    (i32.store offset=8 (local.get $r) (i32.const 1))
    (if (i32.eq (local.get $code) (i32.const -1))
      (then (call $log (i32.const 43) (i32.load offset=4 (local.get $r))) (call $pend (local.get $t) (i32.load offset=4 (local.get $r))))
      (else (call $copied (local.get $r) (local.get $code)))))`, stream, kSay, kReader, read, kFuture, kFuture, kDone, cancel)
}

// exports writes the functions that are lifted.
func (g *guestWriter) exports(i int) {
	n := g.n
	if n.start {
		call := ""
		if len(n.plays) > 0 && !n.shim { // otherwise it would trap
			call = fmt.Sprintf("(call $log (i32.const 9) (call $play%d' (i32.const 16) (i32.const 6)))", n.plays[0])
		}
		g.p(`  (func $start (call $log (i32.const 1) (i32.const %d)) %s) (start $start)`, i, call)
	}
	if n.thing {
		g.p(`  (func (export "make") (param i32) (result i32) (local $h i32)
    (local.set $h (call $resource.new (local.get 0))) (call $log (i32.const 60) (local.get $h)) (local.get $h))
  (func (export "get") (param i32) (result i32) (call $log (i32.const 61) (local.get 0)) (i32.add (local.get 0) (i32.const 1)))
  (func (export "take") (param i32) (result i32) (local $rep i32)
    (call $log (i32.const 62) (local.get 0))
    (local.set $rep (call $resource.rep (local.get 0))) (call $resource.drop (local.get 0)) (local.get $rep))`)
	}
	if n.libraryFuncs() {
		g.p(`  (func (export "play") (param i32 i32) (result i32) (local $t i32)
    (local.set $t (call $new (local.get 0) (local.get 1) (i32.const 0)))
    (i32.store offset=12 (local.get $t) (i32.const 1))
    (call $run.sync (local.get $t)) (i32.load offset=20 (local.get $t)))
  (func (export "text") (param i32 i32) (result i32) (local $p i32)
    (call $log (i32.const 63) (local.get 1))
    (local.set $p (call $alloc (i32.const 8)))
    (i32.store (local.get $p) (local.get 0)) (i32.store offset=4 (local.get $p) (local.get 1)) (local.get $p))
  (func (export "wide") (param i32 i32 i64 i32 i32 i32) (result i32)
    (call $log (i32.const 67) (local.get 1)) (call $log (i32.const 67) (i32.wrap_i64 (local.get 2)))
    (call $log (i32.const 67) (local.get 5)) (i32.add (local.get 0) (i32.add (local.get 3) (local.get 4))))
  (func (export "hold") (param i32) (result i32) (call $log (i32.const 64) (local.get 0)) (local.get 0))
  (func (export "fetch") (param i32) (result i32) (call $log (i32.const 65) (local.get 0)) (local.get 0))
  (func (export "post") (param i32) (global.set $posts (i32.add (global.get $posts) (i32.const 1))))`)
	}
	const said = `(call $log (i32.const 66) (local.get 1)) (call $return.text (local.get 0) (local.get 1))`
	switch n.kind {
	case callback:
		g.p(`  (func (export "say") (param i32 i32) (result i32) %s (i32.const 0))`, said)
		g.p(`  (func (export "run") (param i32 i32) (result i32) (local $t i32)
    (local.set $t (call $new (local.get 0) (local.get 1) (i32.const 0)))
    (call $context.set (local.get $t)) (call $run (local.get $t)))
  (func (export "callback") (param i32 i32 i32) (result i32) (local $t i32)
    (local.set $t (call $context.get))
    (call $event (local.get $t) (local.get 0) (local.get 1) (local.get 2)) (call $run (local.get $t)))`)
		if n.streams {
			g.p(`  (func (export "pipe") (param i32 i32 i32) (result i32) (local $t i32)
    (local.set $t (call $new (local.get 0) (local.get 1) (i32.const 1)))
    (call $put (local.get $t) (i32.const %d) (local.get 2) (i32.const 0) (i32.const 0))
    (call $context.set (local.get $t)) (call $run (local.get $t)))`, kReader)
		}
		if n.lendable() {
			g.p(`  (func (export "lend") (param i32 i32 i32) (result i32) (local $t i32)
    (local.set $t (call $new (local.get 1) (local.get 2) (i32.const 0)))
    (call $put (local.get $t) (i32.const %d) (local.get 0) (i32.const 0) (i32.const 0))
    (call $context.set (local.get $t)) (call $run (local.get $t)))`, kLent)
		}
	case stackful:
		g.p(`  (func (export "say") (param i32 i32) %s)`, said)
		g.p(`  (func (export "run") (param i32 i32) (drop (call $run (call $new (local.get 0) (local.get 1) (i32.const 0)))))`)
		if n.streams {
			g.p(`  (func (export "pipe") (param i32 i32 i32) (local $t i32)
    (local.set $t (call $new (local.get 0) (local.get 1) (i32.const 1)))
    (call $put (local.get $t) (i32.const %d) (local.get 2) (i32.const 0) (i32.const 0))
    (drop (call $run (local.get $t))))`, kReader)
		}
		if n.lendable() {
			g.p(`  (func (export "lend") (param i32 i32 i32) (local $t i32)
    (local.set $t (call $new (local.get 1) (local.get 2) (i32.const 0)))
    (call $put (local.get $t) (i32.const %d) (local.get 0) (i32.const 0) (i32.const 0))
    (drop (call $run (local.get $t))))`, kLent)
		}
	case syncLifted, prompt:
		g.p(`  (func (export "say") (param i32 i32) (result i32) (local $p i32) (call $log (i32.const 66) (local.get 1))
    (local.set $p (call $alloc (i32.const 8)))
    (i32.store (local.get $p) (local.get 0)) (i32.store offset=4 (local.get $p) (local.get 1)) (local.get $p))`)
		g.p(`  (func (export "run") (param i32 i32) (result i32) (local $t i32)
    (local.set $t (call $new (local.get 0) (local.get 1) (i32.const 0)))
    (drop (call $run (local.get $t))) (i32.load offset=20 (local.get $t)))`)
		if n.streams {
			g.p(`  (func (export "pipe") (param i32 i32 i32) (result i32) (local $t i32)
    (local.set $t (call $new (local.get 0) (local.get 1) (i32.const 1)))
    (call $put (local.get $t) (i32.const %d) (local.get 2) (i32.const 0) (i32.const 0))
    (drop (call $run (local.get $t))) (call $given (local.get $t)))`, kReader)
		}
		if n.lendable() {
			g.p(`  (func (export "lend") (param i32 i32 i32) (result i32) (local $t i32)
    (local.set $t (call $new (local.get 1) (local.get 2) (i32.const 0)))
    (call $put (local.get $t) (i32.const %d) (local.get 0) (i32.const 0) (i32.const 0))
    (drop (call $run (local.get $t))) (i32.load offset=20 (local.get $t)))`, kLent)
		}
	}
}
