package plan

import (
	"bytes"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// devirtualise makes calls through shim modules plain calls. Component tools break the cycle between a module and the
// lowered functions that need its memory with a module of trampolines, each a call_indirect through a table that a later
// module's element segments fill. Where the table's contents are known for good, a trampoline is its target:
//
//   - every function of the trampolines' module is a trampoline through the module's own table;
//   - the table is imported only by modules without code, whose active segments write it at constant offsets;
//   - no start function of the same component instance runs before the last such write.
func devirtualise(g *Graph, abi *cabi.Types) {
	users := tableUsers(g)
	to := map[CoreRef]CoreRef{}
	var order []CoreRef
	for id := range g.Cores {
		for i, target := range trampolines(g, abi, CoreID(id), users) {
			r := CoreRef{Kind: RefDef, Sort: corewasm.ExternFunc, Core: CoreID(id), Index: uint32(i)}
			to[r], order = target, append(order, r)
		}
	}
	if len(to) == 0 {
		return
	}
	settle(to, order)
	g.eachRef(func(r *CoreRef) {
		if target, ok := to[*r]; ok {
			*r = target
		}
	})
}

// settle replaces targets that are trampolines themselves by what these lead to in the end. Of trampolines that lead to
// each other in a circle all become one of them, which calls itself for ever.
func settle(to map[CoreRef]CoreRef, order []CoreRef) {
	on := map[CoreRef]bool{}
	var path []CoreRef
	for _, r := range order {
		path = path[:0]
		for next, ok := to[r]; ok && next != r && !on[r]; next, ok = to[r] {
			on[r] = true
			path = append(path, r)
			r = next
		}
		for _, p := range path {
			to[p], on[p] = r, false
		}
	}
}

// eachRef visits every reference to a core item in the graph.
func (g *Graph) eachRef(visit func(*CoreRef)) {
	opts := func(o *Options) {
		visit(&o.Memory)
		visit(&o.Realloc)
		visit(&o.PostReturn)
		visit(&o.Callback)
	}
	for i := range g.Cores {
		for j := range g.Cores[i].Args {
			visit(&g.Cores[i].Args[j])
		}
	}
	for i := range g.Resources {
		visit(&g.Resources[i].Dtor)
	}
	for i := range g.Funcs {
		visit(&g.Funcs[i].Core)
		opts(&g.Funcs[i].Opts)
	}
	for i := range g.Calls {
		visit(&g.Calls[i].Target)
		opts(&g.Calls[i].Caller.Opts)
		opts(&g.Calls[i].Callee.Opts)
	}
	for i := range g.Builtins {
		opts(&g.Builtins[i].Opts)
	}
}

// tableUsers lists the core instances that import each table.
func tableUsers(g *Graph) map[CoreRef][]CoreID {
	users := map[CoreRef][]CoreID{}
	for id := range g.Cores {
		for _, a := range g.Cores[id].Args {
			if a.Kind == RefDef && a.Sort == corewasm.ExternTable {
				users[a] = append(users[a], CoreID(id))
			}
		}
	}
	return users
}

// trampolines gives the target of every function of a shim, by index, or nil when the core instance is none.
func trampolines(g *Graph, abi *cabi.Types, id CoreID, users map[CoreRef][]CoreID) []CoreRef {
	m := g.Cores[id].Module
	if len(m.Tables) != 1 || m.NumImported(corewasm.ExternTable) != 0 || len(m.Code) == 0 ||
		m.NumImported(corewasm.ExternFunc) != 0 || m.Start != nil || m.Tables[0].Init != nil {
		return nil
	}
	slots := make([]uint32, len(m.Code))
	for i := range m.Code {
		slot, ok := trampolineSlot(m, uint32(i))
		if !ok {
			return nil
		}
		slots[i] = slot
	}
	table := CoreRef{Kind: RefDef, Sort: corewasm.ExternTable, Core: id, Index: 0}
	filled, last, ok := tableContents(g, table, users[table])
	if !ok {
		return nil
	}
	for c := id + 1; c < last; c++ {
		if g.Cores[c].Owner == g.Cores[id].Owner && g.Cores[c].Module.Start != nil {
			return nil
		}
	}
	out := make([]CoreRef, len(slots))
	for i, slot := range slots {
		target, ok := filled[slot]
		if !ok || !sameType(g, abi, m, uint32(i), target) {
			return nil // stays a call that traps
		}
		out[i] = target
	}
	return out
}

// trampolineSlot matches `local.get 0 ... local.get n-1, i32.const slot, call_indirect own-type table 0, end`.
func trampolineSlot(m *corewasm.Module, defined uint32) (uint32, bool) {
	ft := m.FuncTypeOf(defined)
	body := &m.Code[defined]
	if ft == nil || len(body.Locals) != 0 {
		return 0, false
	}
	var want []byte
	for i := range ft.Params {
		want = leb128.AppendU32(append(want, 0x20), uint32(i))
	}
	want = append(want, 0x41)
	code, ok := bytes.CutPrefix(body.Code, want)
	if !ok {
		return 0, false
	}
	slot, n, err := leb128.S32(code)
	if err != nil || slot < 0 {
		return 0, false
	}
	code, ok = bytes.CutPrefix(code[n:], []byte{0x11})
	if !ok {
		return 0, false
	}
	ti, n, err := leb128.U32(code)
	if err != nil || ti != m.Funcs[defined] {
		return 0, false
	}
	return uint32(slot), bytes.Equal(code[n:], []byte{0x00, asm.End})
}

// tableContents gives what a table holds for good and the last core instance that writes it; ok is false when that is
// not known.
func tableContents(g *Graph, table CoreRef, users []CoreID) (filled map[uint32]CoreRef, last CoreID, ok bool) {
	filled, last = map[uint32]CoreRef{}, table.Core
	for _, u := range append([]CoreID{table.Core}, users...) {
		ci := &g.Cores[u]
		if u != table.Core && (len(ci.Module.Code) != 0 || ci.Module.Start != nil || len(ci.Module.Exports) != 0) {
			return nil, 0, false
		}
		for i := range ci.Module.Elems {
			seg := &ci.Module.Elems[i]
			if seg.Mode != corewasm.SegActive || seg.UseExprs || ci.item(corewasm.ExternTable, u, seg.Table) != table {
				return nil, 0, false
			}
			at, isConst := constI32(seg.Offset.Bytes)
			if !isConst || uint64(at)+uint64(len(seg.Funcs)) > g.Cores[table.Core].Module.Tables[0].Type.Limits.Min {
				return nil, 0, false // unknown, or instantiation traps
			}
			for j, fn := range seg.Funcs {
				filled[at+uint32(j)] = ci.item(corewasm.ExternFunc, u, fn)
			}
		}
		last = max(last, u)
	}
	return filled, last, true
}

// item gives what an index of a core instance's index space stands for; id is the instance's own identifier.
func (ci *CoreInst) item(k corewasm.ExternKind, id CoreID, index uint32) CoreRef {
	if pos, imported := ci.Module.ImportAt(k, index); imported {
		return ci.Args[pos]
	}
	return CoreRef{Kind: RefDef, Sort: k, Core: id, Index: index}
}

// constI32 matches the constant expression `i32.const n, end`.
func constI32(expr []byte) (uint32, bool) {
	if len(expr) < 3 || expr[0] != 0x41 {
		return 0, false
	}
	v, n, err := leb128.S32(expr[1:])
	if err != nil || len(expr) != n+2 {
		return 0, false
	}
	return uint32(v), true
}

// sameType says whether call_indirect with a trampoline's own type finds that a target has it. Types whose equality is
// not seen in the function types alone are left out: members of larger recursion groups and of subtype hierarchies.
func sameType(g *Graph, abi *cabi.Types, m *corewasm.Module, trampoline uint32, target CoreRef) bool {
	ft, tt := m.FuncTypeOf(trampoline), g.coreType(abi, target)
	if tt == nil || ft == nil || !tt.Equal(*ft) || usesIndices(*ft) || !m.PlainFunc(trampoline) {
		return false
	}
	return target.Kind != RefDef || g.Cores[target.Core].Module.PlainFunc(target.Index)
}

// coreType gives the type of a core function; nil for one that cannot be fused.
func (g *Graph) coreType(abi *cabi.Types, r CoreRef) *corewasm.FuncType {
	switch r.Kind {
	case RefDef:
		return g.Cores[r.Core].Module.FuncTypeOf(r.Index)
	case RefCall:
		c := &g.Calls[r.Call]
		t := abi.Lowered(g.Funcs[c.Func].Type, cabi.Options{Ptr64: c.Caller.Opts.Ptr64})
		return &t
	case RefBuiltin:
		b := &g.Builtins[r.Builtin]
		switch b.Op {
		case component.CanonContextGet:
			return &corewasm.FuncType{Results: []corewasm.ValType{b.ValType}}
		case component.CanonContextSet:
			return &corewasm.FuncType{Params: []corewasm.ValType{b.ValType}}
		case component.CanonResourceNew, component.CanonResourceDrop, component.CanonResourceRep:
			t := builtinType(b.Op)
			return &t
		}
		return asyncType(abi, b)
	}
	return nil
}

// usesIndices says whether a type refers to other types, whose indices mean something else in another module.
func usesIndices(ft corewasm.FuncType) bool {
	indexed := func(t corewasm.ValType) bool { return t.IsRef() && t.Heap >= 0 }
	return slices.ContainsFunc(ft.Params, indexed) || slices.ContainsFunc(ft.Results, indexed)
}
