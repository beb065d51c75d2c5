// This file implements the core modules of echoing components with asynchronous functions.

package echogen

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// tasksModule assembles a module whose functions call imported ones by name.
type tasksModule struct {
	types, imports, funcs, exports, bodies [][]byte
	index                                  map[string]int // of imported functions
	isRoot                                 bool
}

// typ adds a function type.
func (m *tasksModule) typ(params, results string) []byte {
	m.types = append(m.types, functype(params, results))
	return u(len(m.types) - 1)
}

// imp imports a function.
func (m *tasksModule) imp(from, name, params, results string) {
	m.imports = append(m.imports, cat(str(from), str(name), []byte{0}, m.typ(params, results)))
	m.index[name] = len(m.index)
}

// call returns the call of an imported function.
func (m *tasksModule) call(name string) []byte {
	i, ok := m.index[name]
	if !ok {
		panic("echogen: no import " + name)
	}
	return code(op.Call, i)
}

// fn exports a function.
func (m *tasksModule) fn(name, params, results string, body []byte) {
	m.exports = append(m.exports, cat(str(name), []byte{0}, u(len(m.index)+len(m.funcs))))
	m.funcs = append(m.funcs, m.typ(params, results))
	m.bodies = append(m.bodies, body)
}

// maxElem is the largest size of a generated element of a stream.
const maxElem = 4096

// asyncModule returns the core module of the root or the dependency.
func asyncModule(tasks []*task, isRoot bool) []byte {
	m := &tasksModule{index: map[string]int{}, isRoot: isRoot}
	m.imp("libc", "realloc", "iiii", "i")
	m.imp("to", "yield", "", "i")
	m.imp("to", "set", "", "i")
	m.imp("to", "wait", "ii", "i")
	m.imp("to", "drop-set", "i", "")
	m.imp("to", "join", "ii", "")
	m.imp("to", "drop-subtask", "i", "")
	for _, t := range tasks {
		callee, exported := t.host, t.mid
		if isRoot {
			callee, exported = t.mid, t.out
		}
		params, results := lowered(callee, isRoot && t.lowerAsync)
		m.imp("to", t.name, params, results)
		if exported.async {
			m.imp("to", "return-"+t.name, spill(resultFlat(exported), maxFlatParams), "")
		}
		if n := "i"; t.carry != asIs {
			if m.imp("to", "new-"+t.name, "", "l"); t.carry == inStream {
				n = "ii"
			}
			m.imp("to", "read-"+t.name, "i"+n, "i")
			m.imp("to", "write-"+t.name, "i"+n, "i")
			m.imp("to", "drop-readable-"+t.name, "i", "")
			m.imp("to", "drop-writable-"+t.name, "i", "")
		}
	}
	for _, t := range tasks {
		m.task(t)
	}
	m.fn("callback", "iii", "i", body(u(0), i32(0)))
	memory := cat(str("libc"), str("memory"), []byte{2, 0, 1})
	return module(section(1, vec(m.types...)), section(2, vec(append(m.imports, memory)...)), section(3, vec(m.funcs...)),
		section(7, vec(m.exports...)), section(10, vec(m.bodies...)))
}

func paramFlat(f fn) (s string) {
	for _, p := range f.params {
		s += p.flat()
	}
	return s
}

func resultFlat(f fn) string {
	if f.result == nil {
		return ""
	}
	return f.result.flat()
}

// spill returns flat core values, or an address if there are more than limit.
func spill(flat string, limit int) string {
	if len(flat) > limit {
		return "i"
	}
	return flat
}

// lowered returns the core type of a lowered function.
func lowered(f fn, async bool) (params, results string) {
	params, results = paramFlat(f), resultFlat(f)
	limit, most := maxFlatParams, 1
	if async {
		limit, most = maxFlatAsyncParams, 0
	}
	if params = spill(params, limit); len(results) > most {
		params, results = params+"i", ""
	}
	if async {
		results = "i"
	}
	return params, results
}

// task adds the function of a task: it calls the imported function with the same arguments, in whatever way they pass,
// and returns the same result.
func (m *tasksModule) task(t *task) {
	exported, callee, how, later := t.mid, t.host, t.midLift, t.midLate
	if m.isRoot {
		exported, callee, how, later = t.out, t.mid, t.outLift, t.outLater
	}
	params := spill(paramFlat(exported), maxFlatParams)
	// Locals: the address of the result, the state of the subtask, its waitable set, the addresses of an event and of a
	// value, and both ends of a stream or future.
	n := len(params)
	ret, sub, set, event, value, ends := n, n+1, n+2, n+3, n+4, n+5
	async := m.isRoot && t.lowerAsync
	_, direct := lowered(callee, async)
	inMemory := callee.result != nil && (async || direct == "")
	var c []byte
	do := func(parts ...any) { c = append(c, code(parts...)...) }
	allocate := func(local int, size ...any) {
		do(i32(0), i32(0), i32(8))
		do(size...)
		do(m.call("realloc"), op.LocalSet, local)
	}
	if !m.isRoot && t.yields && exported.async {
		do(m.call("yield"), op.Drop)
	}
	if inMemory {
		allocate(ret, i32(8192))
	}
	switch {
	case t.carry == asIs:
		for i := range n {
			do(op.LocalGet, i)
		}
	case m.isRoot:
		do(m.call("new-"+t.name), op.LocalTee, ends, op.I32WrapI64)
		if t.carry == inStream {
			do(op.LocalGet, 1)
		}
	default:
		m.receive(t, do, allocate, value)
	}
	if inMemory {
		do(op.LocalGet, ret)
	}
	do(m.call(t.name))
	if async {
		do(op.LocalSet, sub)
	}
	if m.isRoot && t.carry != asIs {
		m.send(t, do, allocate, value, ends)
	}
	if async {
		m.await(do, allocate, sub, set, event)
	}
	m.deliver(t.name, exported, how, inMemory, ret, do)
	results := ""
	switch how {
	case liftCallback:
		results = "i"
		do(i32(map[bool]uint32{true: 1}[later])) // CallbackCode.YIELD or EXIT
	case liftSync:
		if results = resultFlat(exported); len(results) > 1 {
			results = "i"
		}
	}
	m.fn(t.name, params, results, body(vec([]byte{5, 0x7f}, []byte{1, 0x7e}), c))
}

// receive reads what the root has sent, and pushes the list's address and length.
func (m *tasksModule) receive(t *task, do func(...any), allocate func(int, ...any), value int) {
	if t.carry == inFuture {
		allocate(value, i32(8))
		do(op.LocalGet, 0, op.LocalGet, value, m.call("read-"+t.name), op.Drop, op.LocalGet, 0, m.call("drop-readable-"+t.name))
		do(op.LocalGet, value, op.I32Load, 2, 0, op.LocalGet, value, op.I32Load, 2, 4)
		return
	}
	allocate(value, op.LocalGet, 1, i32(maxElem), op.I32Mul)
	do(op.LocalGet, 1, op.If, empty)
	do(op.LocalGet, 0, op.LocalGet, value, op.LocalGet, 1, m.call("read-"+t.name))
	do(i32(4), op.I32ShrU, op.LocalGet, 1, op.I32Ne, op.If, empty, op.Unreachable, op.End) // all at once
	do(op.End, op.LocalGet, 0, m.call("drop-readable-"+t.name))
	do(op.LocalGet, value, op.LocalGet, 1)
}

// send writes the list in parameters 0 and 1.
func (m *tasksModule) send(t *task, do func(...any), allocate func(int, ...any), value, ends int) {
	writable := code(op.LocalGet, ends, op.I64Const, 32, op.I64ShrU, op.I32WrapI64)
	if t.carry == inFuture {
		allocate(value, i32(8))
		do(op.LocalGet, value, op.LocalGet, 0, op.I32Store, 2, 0, op.LocalGet, value, op.LocalGet, 1, op.I32Store, 2, 4)
		do(writable, op.LocalGet, value, m.call("write-"+t.name), op.Drop)
	} else {
		do(op.LocalGet, 1, op.If, empty)
		do(writable, op.LocalGet, 0, op.LocalGet, 1, m.call("write-"+t.name), op.Drop)
		do(op.End)
	}
	do(writable, m.call("drop-writable-"+t.name))
}

// await waits until a subtask has returned.
func (m *tasksModule) await(do func(...any), allocate func(int, ...any), sub, set, event int) {
	const returned = 2
	index := code(op.LocalGet, sub, i32(4), op.I32ShrU)
	do(op.LocalGet, sub, i32(15), op.I32And, i32(returned), op.I32Ne, op.If, empty)
	allocate(event, i32(8))
	do(m.call("set"), op.LocalSet, set, index, op.LocalGet, set, m.call("join"))
	do(op.Loop, empty, op.LocalGet, set, op.LocalGet, event, m.call("wait"), op.Drop)
	do(op.LocalGet, event, op.I32Load, 2, 4, i32(returned), op.I32Ne, op.BrIf, 0, op.End)
	do(index, i32(0), m.call("join"), index, m.call("drop-subtask"), op.LocalGet, set, m.call("drop-set"), op.End)
}

// deliver returns the result, which is on the stack or in memory.
func (m *tasksModule) deliver(name string, f fn, how lift, inMemory bool, ret int, do func(...any)) {
	flat := resultFlat(f)
	switch {
	case !inMemory:
	case len(flat) == 1:
		do(op.LocalGet, ret, load(f.result))
	case how != liftSync && len(flat) <= maxFlatParams: // an address and a length
		do(op.LocalGet, ret, op.I32Load, 2, 0, op.LocalGet, ret, op.I32Load, 2, 4)
	default:
		do(op.LocalGet, ret)
	}
	if how != liftSync {
		do(m.call("return-" + name))
	}
}

// load returns the instruction that loads the only core value of a type.
func load(t *typ) []byte {
	size := func(n int) []byte {
		switch {
		case n <= 1:
			return code(op.I32Load8U, 0, 0)
		case n == 2:
			return code(op.I32Load16U, 1, 0)
		}
		return code(op.I32Load, 2, 0)
	}
	switch t.kind {
	case component.KindRecord, component.KindTuple:
		return load(t.parts[0])
	case component.KindVariant, component.KindResult, component.KindEnum:
		if max(len(t.parts), t.n) > 256 {
			return size(2)
		}
		return size(1)
	case component.KindFlags:
		switch {
		case t.n <= 8:
			return size(1)
		case t.n <= 16:
			return size(2)
		}
		return size(4)
	case component.KindOwn:
		return size(4)
	}
	switch t.prim {
	case component.PrimBool, component.PrimU8:
		return size(1)
	case component.PrimS8:
		return code(op.I32Load8S, 0, 0)
	case component.PrimU16:
		return size(2)
	case component.PrimS16:
		return code(op.I32Load16S, 1, 0)
	case component.PrimS64, component.PrimU64:
		return code(op.I64Load, 3, 0)
	case component.PrimF32:
		return code(op.F32Load, 2, 0)
	case component.PrimF64:
		return code(op.F64Load, 3, 0)
	}
	return size(4)
}
