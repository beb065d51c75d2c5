// This file implements echoing components with asynchronous functions.

package echogen

import (
	"fmt"
	"math/rand/v2"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
)

// lift is how a function is lifted.
type lift byte

const (
	liftSync lift = iota
	liftStackful
	liftCallback
)

// carry is how an argument passes from the root to the dependency.
type carry byte

const (
	asIs     carry = iota
	inStream       // the elements of a list one after the other, with their number
	inFuture       // a list as one value
)

// task is one function of an asynchronous pair. Its types in the interfaces differ: those of the host are synchronous.
type task struct {
	name              string
	out, mid, host    fn
	carry             carry
	outLift, midLift  lift
	lowerAsync        bool // the root's use of mid
	yields            bool // in the dependency, before it calls the host
	outLater, midLate bool // with a callback: yields once after it has returned
}

// GenerateAsync is [Generate] for pairs in which some functions of Out, and mostly of Mid, are asynchronous, are lifted and
// lowered in different ways, and pass some values in streams and futures.
func GenerateAsync(seed uint64, handles bool) Case {
	g := &gen{Rand: rand.New(rand.NewPCG(seed, 1)), handles: handles}
	var tasks []*task
	library := g.IntN(3) == 0
	for i := range 1 + g.IntN(4) {
		tasks = append(tasks, g.task(fmt.Sprintf("f%d", i), library))
	}
	var c Case
	for _, t := range tasks {
		for range 4 {
			call := Call{Func: t.name}
			for _, p := range t.out.params {
				call.Args = append(call.Args, g.value(p))
			}
			if t.out.result != nil {
				call.Result = g.value(t.out.result)
			}
			c.Calls = append(c.Calls, call)
		}
	}
	encoding := func() component.OptKind {
		return []component.OptKind{component.OptUTF8, component.OptUTF16, component.OptLatin1UTF16}[g.IntN(3)]
	}
	c.Root = asyncSide(tasks, g, encoding(), true)
	c.Dep = asyncSide(tasks, g, encoding(), false)
	return c
}

// task returns a random task. The dependency is synchronous if it is a library.
func (g *gen) task(name string, library bool) *task {
	t := &task{name: name, lowerAsync: g.IntN(2) == 0, yields: g.IntN(2) == 0}
	t.outLater, t.midLate = g.IntN(2) == 0, g.IntN(2) == 0
	if !library {
		t.carry = carry(g.IntN(3))
	}
	u8 := &typ{kind: component.KindPrim, prim: component.PrimU8}
	f := fn{name: name}
	if t.carry != asIs {
		elem := g.typ(2)
		for elem.kind == component.KindPrim && elem.prim == component.PrimChar {
			elem = g.typ(2) // a stream of characters is not valid
		}
		list := &typ{kind: component.KindList, parts: []*typ{elem}}
		f.params, f.result = []*typ{list}, list
		t.out, t.mid, t.host = f, f, f
		if t.lowerAsync = true; t.carry == inStream {
			t.mid.params = []*typ{{kind: component.KindStream, parts: []*typ{elem}}, {kind: component.KindPrim, prim: component.PrimU32}}
		} else {
			t.mid.params = []*typ{{kind: component.KindFuture, parts: []*typ{list}}}
		}
		t.mid.async = true
	} else {
		for range g.IntN(5) {
			f.params = append(f.params, g.typ(3))
		}
		if n := flat(f.params); n > maxFlatAsyncParams && n <= maxFlatParams {
			for range maxFlatParams {
				f.params = append(f.params, u8) // so that all callers pass parameters in memory
			}
		}
		if g.IntN(6) > 0 {
			f.result = g.typ(3)
		}
		if r := f.result; r != nil && !pair(r) && len(r.flat()) > 1 && len(r.flat()) <= maxFlatParams {
			// So that task.return takes either one core value, or the address of the result.
			f.result = &typ{kind: component.KindTuple, parts: []*typ{r}}
			for range maxFlatParams {
				f.result.parts = append(f.result.parts, u8)
			}
		}
		t.out, t.mid, t.host = f, f, f
		t.mid.async = !library && g.IntN(2) == 0
		t.lowerAsync = t.lowerAsync && t.mid.async
	}
	if t.out.async = t.mid.async || g.IntN(2) == 0; t.out.async {
		t.outLift = lift(g.IntN(3))
	}
	if t.mid.async {
		t.midLift = lift(g.IntN(3))
	}
	return t
}

const maxFlatAsyncParams = 4

// flat returns the number of core values of some parameters.
func flat(params []*typ) (n int) {
	for _, p := range params {
		n += len(p.flat())
	}
	return n
}

// pair reports whether values of a type are an address and a length.
func pair(t *typ) bool {
	return t.kind == component.KindList || t.kind == component.KindPrim && t.prim == component.PrimString
}

// asyncSide returns the root or the dependency.
func asyncSide(tasks []*task, g *gen, encoding component.OptKind, isRoot bool) []byte {
	imp, exp := Host, Mid
	imported := func(t *task) fn { return t.host }
	exported := func(t *task) fn { return t.mid }
	if isRoot {
		imp, exp = Mid, Out
		imported, exported = exported, func(t *task) fn { return t.out }
	}
	var fns []fn
	for _, t := range tasks {
		fns = append(fns, imported(t))
	}
	b, inst, root, exports := g.begin(imp, fns)
	libc := b.CoreInstantiate(b.CoreModule(libcModule()))
	memory := b.AliasCoreExport(libc, "memory", component.CoreMemory)
	lifting := []component.CanonOpt{{Kind: encoding}, {Kind: component.OptMemory, Index: memory}}
	opts := append(lifting[:2:2], component.CanonOpt{Kind: component.OptRealloc, Index: b.AliasCoreExport(libc, "realloc", component.CoreFunc)})

	var funcs []component.CoreInlineExport
	to := func(name string, i uint32) {
		funcs = append(funcs, component.CoreInlineExport{Name: name, Item: component.CoreSortIdx{Sort: component.CoreFunc, Index: i}})
	}
	canon := func(name string, c component.Canon) { to(name, b.Canon(c)) }
	canon("yield", component.Canon{Op: component.CanonThreadYield})
	canon("set", component.Canon{Op: component.CanonWaitableSetNew})
	canon("wait", component.Canon{Op: component.CanonWaitableSetWait, Memory: memory})
	canon("drop-set", component.Canon{Op: component.CanonWaitableSetDrop})
	canon("join", component.Canon{Op: component.CanonWaitableJoin})
	canon("drop-subtask", component.Canon{Op: component.CanonSubtaskDrop})
	for _, t := range tasks {
		lower := opts
		if isRoot && t.lowerAsync {
			lower = append(opts[:3:3], component.CanonOpt{Kind: component.OptAsync})
		}
		to(t.name, b.CanonLower(b.AliasExport(inst, t.name, component.SortFunc), lower...))
		if r := exported(t).result; exported(t).async {
			canon("return-"+t.name, component.Canon{Op: component.CanonTaskReturn, Result: root.opt(r), Opts: lifting})
		}
		if t.carry == asIs {
			continue
		}
		ops := []component.CanonOp{component.CanonStreamNew, component.CanonStreamRead, component.CanonStreamWrite, component.CanonStreamDropReadable, component.CanonStreamDropWritable}
		if t.carry == inFuture {
			ops = []component.CanonOp{component.CanonFutureNew, component.CanonFutureRead, component.CanonFutureWrite, component.CanonFutureDropReadable, component.CanonFutureDropWritable}
		}
		end := root.use(t.mid.params[0]).Index
		for i, name := range []string{"new-", "read-", "write-", "drop-readable-", "drop-writable-"} {
			c := component.Canon{Op: ops[i], Type: end}
			if i == 1 || i == 2 {
				c.Opts = opts
			}
			canon(name+t.name, c)
		}
	}
	main := b.CoreInstantiate(b.CoreModule(asyncModule(tasks, isRoot)),
		component.CoreArg{Name: "libc", Instance: libc}, component.CoreArg{Name: "to", Instance: b.CoreExports(funcs...)})
	callback := b.AliasCoreExport(main, "callback", component.CoreFunc)
	for _, t := range tasks {
		o, how := opts[:3:3], t.midLift
		if isRoot {
			how = t.outLift
		}
		if how != liftSync {
			o = append(o, component.CanonOpt{Kind: component.OptAsync})
		}
		if how == liftCallback {
			o = append(o, component.CanonOpt{Kind: component.OptCallback, Index: callback})
		}
		i := b.CanonLift(b.AliasCoreExport(main, t.name, component.CoreFunc), root.function(exported(t)), o...)
		exports = append(exports, component.InlineExport{Name: externName(t.name), Item: component.SortIdx{Sort: component.SortFunc, Index: i}})
	}
	b.ExportInstance(exp, b.Exports(exports...))
	return encode.Component(b.Finish())
}
