// Package taskgen generates random graphs of component instances that mix synchronous libraries with instances that have
// tasks: callback, stackful and synchronous lifts of asynchronous functions, calls that wait or do not, streams, futures,
// cancellation, backpressure, context, and resources of libraries.
//
// Every instance runs programs: lists of bytes that name built-ins and functions of other instances, with a program for the
// callee. Whatever an instance observes, it tells the host, among it the number of every handle. An operation for which an
// instance has no handle, or no function, does nothing, so that few programs trap.
//
//	w := taskgen.New(rng)
//	text := w.Text()                    // a component that imports "log"
//	call := w.Call(rng)                 // of one of its exports
package taskgen

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// kind is how an instance lifts its functions.
type kind int

const (
	library    kind = iota // synchronous functions
	callback               // asynchronous, with a callback
	stackful               // asynchronous, without
	syncLifted             // asynchronous functions, lifted synchronously
	prompt                 // such functions, of an instance without asynchronous built-ins, which return at once
)

var kindNames = [...]string{"library", "callback", "stackful", "sync-lifted", "prompt"}

// node is an instance. It uses functions of earlier ones.
type node struct {
	kind kind
	// plays has the nodes whose synchronous function play it calls, texts and pairs those whose functions with values in memory.
	plays, texts, pairs []int
	wides               []int // whose function wide it calls, with more parameters than are passed flat
	runs                []int // whose function run it calls asynchronously
	lends               []int // whose function lend it calls, with a borrowed handle of the host's resources
	waits               []int // whose function run it calls synchronously
	pipes               []int // whose function pipe it calls, with a stream
	says                []int // whose function say it calls, with a text
	things              []int // whose resources it uses; those of the host have the number Host
	holds               []hold
	thing               bool // it has a resource type of its own
	dtor                bool
	sync                bool // it has the functions of a library, too
	start               bool // it calls the host when it is instantiated
	yields, contexts    bool
	backpressure, sets  bool
	streams, futures    bool
	cancels             bool
	shim                bool   // functions that need its memory are called through a table that is filled later
	reallocContext      bool   // its realloc reads the context
	encoding            string // of strings
	exported            bool   // from the root
}

// asynchronous reports whether a node has asynchronous functions.
func (n *node) asynchronous() bool { return n.kind != library }

// tasks reports whether a node uses built-ins for tasks.
func (n *node) tasks() bool { return n.asynchronous() && n.kind != prompt }

// atOnce reports whether a function of a node that runs without its own task can call one that returns at once. If the
// caller's task has returned, wasmtime 50 lets the host continue before such a call, but only if it is not fused. So programs
// make no such calls then.
func (w *World) atOnce(i int) bool {
	n := &w.nodes[i]
	isPrompt := func(j int) bool { return w.nodes[j].kind == prompt }
	return n.kind == prompt || slices.ContainsFunc(n.plays, w.atOnce) || slices.ContainsFunc(slices.Concat(n.waits, n.runs, n.says), isPrompt)
}

// libraryFuncs reports whether a node has the functions play, text and pairs.
func (n *node) libraryFuncs() bool { return n.kind == library || n.sync }

// lendable reports whether the node has a function with a borrowed handle of the host's resources.
func (n *node) lendable() bool { return n.asynchronous() && slices.Contains(n.things, Host) }

// hold is the use of another node's functions hold and fetch, which keep handles of a third one's resources.
type hold struct{ node, thing int }

// Host is the number of the host among those who define resource types.
const Host = 9

// World is a graph of instances.
type World struct {
	nodes []node
	elem  string // the type of streams' elements
	inner int    // the number of nodes, the first ones, that are within a component of their own
}

// elems are types of elements, with their sizes.
var elems = map[string]int{"u8": 1, "u32": 4, "string": 8}

// New returns a random world.
func New(rng *rand.Rand) *World {
	w := &World{elem: []string{"u8", "u8", "u32", "string"}[rng.IntN(4)]}
	chance := func(p float64) bool { return rng.Float64() < p }
	count := 2 + rng.IntN(5)
	if chance(0.1) {
		count = Host - 1
	}
	things := chance(0.6)
	if chance(0.3) {
		w.inner = 1 + rng.IntN(count-1)
	}
	density := 0.2 + 0.6*rng.Float64()
	for i := range count {
		n := node{
			start: chance(0.2), yields: chance(0.6), contexts: chance(0.5), backpressure: chance(0.3), sets: chance(0.5),
			encoding: []string{"", "", " string-encoding=utf16", " string-encoding=latin1+utf16"}[rng.IntN(4)], exported: chance(0.4),
		}
		if last := i == count-1; last || chance(0.45) {
			n.kind = callback + kind(rng.IntN(4))
			n.sync = chance(0.2)
			n.streams, n.futures = chance(0.6), chance(0.5)
			n.cancels = chance(0.5)
			n.yields, n.sets = true, true
			n.contexts = n.contexts || n.kind == callback
			n.exported = n.exported || last
			if n.kind == prompt {
				n.yields, n.sets, n.streams, n.futures, n.cancels, n.backpressure = false, false, false, false, false, false
			}
		}
		n.thing = things && n.libraryFuncs() && chance(0.5)
		n.dtor = chance(0.7)
		n.shim = chance(0.3)
		n.reallocContext = n.contexts && chance(0.1)
		if things && chance(0.3) {
			n.things = append(n.things, Host)
		}
		for j := range i {
			m := &w.nodes[j]
			if m.libraryFuncs() && chance(density) {
				n.plays = append(n.plays, j)
				if chance(0.5) {
					n.texts = append(n.texts, j)
				}
				if chance(0.3) {
					n.pairs = append(n.pairs, j)
				}
				if chance(0.3) {
					n.wides = append(n.wides, j)
				}
			}
			if m.thing && chance(0.8*density) {
				n.things = append(n.things, j)
			}
			for _, thing := range m.things {
				if m.libraryFuncs() && slices.Contains(n.things, thing) && chance(0.8) {
					n.holds = append(n.holds, hold{j, thing})
				}
			}
			if !m.asynchronous() {
				continue
			}
			if n.kind == prompt && m.kind != prompt && chance(0.9) {
				continue // it would not return at once
			}
			if n.asynchronous() && chance(density) {
				n.runs = append(n.runs, j)
				if chance(0.5) {
					n.says = append(n.says, j)
				}
				if n.lendable() && m.lendable() {
					n.lends = append(n.lends, j)
				}
				if n.streams && m.streams {
					n.pipes = append(n.pipes, j)
				}
			}
			if n.asynchronous() && chance(density/2) || chance(0.05) || m.kind == prompt && chance(0.3) {
				n.waits = append(n.waits, j)
			}
		}
		w.nodes = append(w.nodes, n)
	}
	return w
}

// String describes the world.
func (w *World) String() string {
	var b strings.Builder
	for i := range w.nodes {
		n := w.nodes[i]
		fmt.Fprintf(&b, "%d %s: play %v text %v pairs %v run %v wait %v pipe %v say %v things %v holds %v; thing %t sync %t exported %t context %t shim %t\n",
			i, kindNames[n.kind], n.plays, n.texts, n.pairs, n.runs, n.waits, n.pipes, n.says, n.things, n.holds, n.thing, n.sync, n.exported, n.contexts, n.shim)
	}
	return b.String()
}

// Call is a call of an export of the root.
type Call struct {
	Func string
	Args []string
}

// Call returns a random call.
func (w *World) Call(rng *rand.Rand) Call {
	for {
		i := rng.IntN(len(w.nodes))
		if rng.IntN(2) == 0 {
			i = len(w.nodes) - 1
		}
		n := &w.nodes[i]
		if !n.exported {
			continue
		}
		name := "run"
		switch {
		case n.asynchronous() && rng.IntN(8) == 0:
			return Call{fmt.Sprintf("say%d", i), []string{fmt.Sprintf("%q", strings.Repeat("xyz", rng.IntN(4)))}}
		case n.libraryFuncs() && rng.IntN(8) == 0:
			return Call{fmt.Sprintf("text%d", i), []string{fmt.Sprintf("%q", strings.Repeat("xyz", rng.IntN(4)))}}
		case n.libraryFuncs() && (!n.asynchronous() || rng.IntN(4) == 0):
			name = "play"
		}
		return Call{fmt.Sprintf("%s%d", name, i), []string{strings.ReplaceAll(fmt.Sprint(w.program(rng, i, 150, 0)), " ", ", ")}}
	}
}

// Text returns the world as a component in text. It imports the function "log", of an instance, a tag and a value, the resource
// type "r9", and its functions "make9", "get9" and "take9".
func (w *World) Text() string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p(`(component`)
	w.host(&b)
	if w.inner > 0 {
		p(`(component $Inner`)
		w.host(&b)
		w.instances(&b, 0, w.inner)
		for i := range w.inner {
			p(`(export "n%d" (instance $n%d))`, i, i)
		}
		p(`)`)
		p(`(instance $inner (instantiate $Inner (with "log" (func $log)) (with "r%[1]d" (type $r%[1]d))
  (with "make%[1]d" (func $make%[1]d)) (with "get%[1]d" (func $get%[1]d)) (with "take%[1]d" (func $take%[1]d))))`, Host)
		for i := range w.inner {
			p(`(alias export $inner "n%d" (instance $n%d))`, i, i)
		}
	}
	w.instances(&b, w.inner, len(w.nodes))
	for i := range w.nodes {
		for _, name := range w.exports(i) {
			p(`(export "%s%d" (func $n%d "%s"))`, name, i, i, name)
		}
	}
	p(`)`)
	return b.String()
}

// exports lists the functions of a node that the root exports.
func (w *World) exports(i int) (names []string) {
	n := &w.nodes[i]
	if n.exported && n.asynchronous() {
		names = append(names, "run", "say")
	}
	if n.exported && n.libraryFuncs() {
		names = append(names, "play", "text")
	}
	return names
}

// host writes the imports from the host.
func (w *World) host(b *strings.Builder) {
	p := func(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }
	p(`(import "log" (func $log %s))`, logType)
	p(`(import "r%[1]d" (type $r%[1]d (sub resource)))`, Host)
	for _, name := range []string{"make", "get", "take"} {
		p(`(import "%[1]s%[2]d" (func $%[1]s%[2]d %[3]s))`, name, Host, fmt.Sprintf(funcTypes[name], Host))
	}
}

// instances writes nodes, their components and instances.
func (w *World) instances(b *strings.Builder, from, to int) {
	p := func(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }
	for i := from; i < to; i++ {
		w.component(b, i)
		with := []string{`(with "log" (func $log))`}
		for _, f := range w.imports(i) {
			sort, of := "func", fmt.Sprintf("$n%d", f.node)
			if f.resource {
				sort = "type"
			}
			item := fmt.Sprintf(`%s "%s"`, of, f.name)
			if f.node == Host {
				item = fmt.Sprintf("$%s%d", f.name, Host)
			}
			with = append(with, fmt.Sprintf(`(with "%s%d" (%s %s))`, f.name, f.node, sort, item))
		}
		p(`(instance $n%d (instantiate $C%d %s))`, i, i, strings.Join(with, " "))
	}
}

// imported is an item that a node imports from another one.
type imported struct {
	node     int
	name     string
	resource bool
	thing    int // whose resource type the function's type has
}

// held returns the name of a function that keeps handles of a node's resources.
func held(name string, thing int) string { return fmt.Sprintf("%s%dx", name, thing) }

// Types of functions; %[1]d is the node with the resource type.
const (
	logType   = `(param "i" u32) (param "tag" u32) (param "value" u32) (result u32)`
	playType  = `(param "p" (list u8)) (result u32)`
	textType  = `(param "t" string) (result string)`
	pairType  = `(param "l" (list (tuple u32 string))) (result (list (tuple u32 string)))`
	runType   = `async (param "p" (list u8)) (result u32)`
	pipeType  = `async (param "p" (list u8)) (param "s" $Stream) (result $Stream)`
	makeType  = `(param "x" u32) (result (own $r%[1]d))`
	getType   = `(param "r" (borrow $r%[1]d)) (result u32)`
	wideType  = `(param "a" u32) (param "b" u8) (param "c" u64) (param "d" u32) (param "e" u32) (param "f" u32) (result u32)`
	lendType  = `async (param "r" (borrow $r%[1]d)) (param "p" (list u8)) (result u32)`
	sayType   = `async (param "t" string) (result string)`
	takeType  = `(param "r" (own $r%[1]d)) (result u32)`
	holdType  = takeType
	fetchType = makeType
)

var funcTypes = map[string]string{
	"play": playType, "text": textType, "pairs": pairType, "run": runType, "pipe": pipeType, "say": sayType, "wide": wideType, "lend": lendType, "make": makeType, "get": getType, "take": takeType,
	"hold": holdType, "fetch": fetchType,
}

// imports lists what a node imports besides the function of the host.
func (w *World) imports(i int) (out []imported) {
	n := &w.nodes[i]
	seen := map[imported]bool{}
	add := func(from []int, names ...string) {
		for _, j := range from {
			for _, name := range names {
				if f := (imported{j, name, name == "r", j}); !seen[f] {
					seen[f] = true
					out = append(out, f)
				}
			}
		}
	}
	add(n.things, "r")
	add(n.plays, "play")
	add(n.texts, "text")
	add(n.pairs, "pairs")
	add(n.runs, "run")
	add(n.waits, "run")
	add(n.pipes, "pipe")
	add(n.says, "say")
	add(n.wides, "wide")
	for _, j := range n.lends {
		out = append(out, imported{j, "lend", false, Host})
	}
	add(n.things, "make", "get", "take")
	for _, h := range n.holds {
		out = append(out, imported{h.node, held("hold", h.thing), false, h.thing}, imported{h.node, held("fetch", h.thing), false, h.thing})
	}
	return out
}
