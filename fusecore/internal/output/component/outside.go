// This file implements the imports and exports of the fused module.

package component

import (
	"slices"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/merge"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// hostModule is the module name of the lowered functions that the fused module imports, memoryName and tableName are the names
// of what it imports from holders.
const (
	hostModule = "host"
	memoryName = "memory"
	tableName  = "table"
)

// holderModule is the module name of what the fused module imports from a holder.
func holderModule(i int) string { return "holder" + strconv.Itoa(i) }

// Form is the component around the fused module of one plan.
type Form struct {
	p       *plan.Plan
	code    *emit.Code
	outside merge.Outside
	held    map[asm.Sym]int // the holders of memories and tables
	table   []callee        // the functions of the fused module that the first holder calls, by table index
	// Names of the first holder's exports that call reallocs and destructors. A type without destructor has none.
	reallocs map[asm.Sym]string
	dtors    map[*ctypes.Resource]string
	exports  map[asm.Sym]string // names of the fused module's exports
}

// callee is a function that an export of the first holder calls.
type callee struct {
	name   string
	fn     asm.Sym
	memory asm.Sym  // of a realloc: the memory that it allocates in
	by     []uint32 // imported functions that need it; nil for a destructor
}

// New decides how the fused module of a plan is connected to the component around it.
func New(p *plan.Plan, code *emit.Code) *Form {
	f := &Form{p: p, code: code, held: map[asm.Sym]int{}, reallocs: map[asm.Sym]string{}, dtors: map[*ctypes.Resource]string{}, exports: map[asm.Sym]string{}}
	f.importHost()
	f.importMemories()
	f.importCalls()
	f.importTables()
	f.needs()
	for _, l := range code.Exports {
		for _, s := range []asm.Sym{l.Core, l.PostReturn, l.Realloc, l.Callback, l.Memory} {
			f.export(s)
		}
	}
	return f
}

// Outside returns the imports and exports of the fused module.
func (f *Form) Outside() *merge.Outside { return &f.outside }

// importHost imports the lowered functions.
func (f *Form) importHost() {
	for i, l := range f.p.Boundary.Imports {
		f.outside.Funcs = append(f.outside.Funcs, merge.Func{Module: hostModule, Name: strconv.Itoa(i), Type: l.Type})
	}
}

// importMemories decides which memories holders define: all if there are several, and one that lowered functions use. So the
// fused module defines at most one memory, as engines with pools of memories require by default. The one that the guests'
// code accesses most comes first.
func (f *Form) importMemories() {
	all := merge.Memories(f.p.Graph, f.p.Live, f.code.Unit)
	if f.p.OneMemory { // the others will be parts of it
		all = []asm.Sym{f.code.Memory}
	}
	lowered := slices.ContainsFunc(f.code.Imports, func(l emit.HostImport) bool { return !l.Memory.IsZero() })
	if len(all) < 2 && !lowered {
		return
	}
	for i, s := range all {
		f.held[s] = i
		f.outside.Memories = append(f.outside.Memories, merge.Memory{Module: holderModule(i), Name: memoryName, Sym: s})
	}
}

// importTables decides which tables holders define: those from which threads start, and then all but one. Preferably one
// that cannot be null stays, or else the one with the most elements: engines fill that when its elements are first used, but
// an imported one during instantiation.
func (f *Form) importTables() {
	hold := func(s asm.Sym) {
		if _, again := f.held[s]; !again {
			i := len(f.outside.Tables) + len(f.outside.Guests)
			f.held[s] = i
			f.outside.Guests = append(f.outside.Guests, merge.GuestTable{Module: holderModule(i), Name: tableName, Sym: s})
		}
	}
	for _, l := range f.p.Boundary.Imports {
		if l.Of != nil && !l.Of.Table.IsZero() {
			hold(sym.Of(l.Of.Table))
		}
	}
	var rest []analyse.Table
	fixed := false // whether a table has to stay
	for _, t := range f.p.Live.Tables() {
		typ, _ := f.p.Graph.Cores[t.Ref.Core].Module.TableTypeOf(t.Ref.Index)
		_, held := f.held[sym.Of(t.Ref)]
		switch {
		case typ.Elem.Code != corewasm.CodeRefNull:
			fixed = true
		case !held:
			rest = append(rest, t)
		}
	}
	stays := -1
	for i := range rest {
		if !fixed && (stays < 0 || rest[i].Items > rest[stays].Items) {
			stays = i
		}
	}
	for i, t := range rest {
		if i != stays {
			hold(sym.Of(t.Ref))
		}
	}
}

// importCalls imports a table through which the first holder calls the fused module, if lowering the host's functions or
// defining resource types requires it.
func (f *Form) importCalls() {
	slots := map[asm.Sym]int{}
	for i, l := range f.code.Imports {
		if l.Realloc.IsZero() {
			continue
		}
		if f.reallocs[l.Realloc] == "" {
			slots[l.Realloc] = len(f.table)
			f.reallocs[l.Realloc] = f.callee("realloc", l.Realloc, l.Memory)
		}
		c := &f.table[slots[l.Realloc]]
		c.by = append(c.by, uint32(i))
	}
	for i, r := range f.p.Boundary.Resources {
		f.dtors[r] = ""
		if d := f.code.Dtors[i]; !d.IsZero() {
			f.dtors[r] = f.callee("dtor", d, asm.Sym{})
		}
	}
	if len(f.table) > 0 {
		t := merge.Table{Module: holderModule(0), Name: tableName}
		for _, c := range f.table {
			t.Funcs, t.By = append(t.Funcs, c.fn), append(t.By, c.by)
		}
		f.outside.Tables = []merge.Table{t}
	}
}

// callee adds a function to the table and returns the name of the holder's function that calls it.
func (f *Form) callee(kind string, fn, memory asm.Sym) string {
	name := kind + strconv.Itoa(len(f.table))
	f.table = append(f.table, callee{name, fn, memory, nil})
	return name
}

// needs lists what lowered functions and lifts name of what the fused module imports.
func (f *Form) needs() {
	for i := range f.outside.Funcs {
		fn, l := &f.outside.Funcs[i], &f.code.Imports[i]
		if !l.Memory.IsZero() {
			fn.Needs = append(fn.Needs, l.Memory)
		}
		if of := f.p.Boundary.Imports[i].Of; of != nil && !of.Table.IsZero() {
			fn.Needs = append(fn.Needs, sym.Of(of.Table))
		}
	}
	for _, l := range f.code.Exports {
		if _, held := f.held[l.Memory]; held {
			f.outside.Open = append(f.outside.Open, l.Memory)
		}
	}
}

// export exports an item of the fused module, once. Those in holders need no export.
func (f *Form) export(s asm.Sym) {
	if _, held := f.held[s]; held || s.IsZero() || f.exports[s] != "" {
		return
	}
	prefix := "f"
	if s.Kind == corewasm.ExternMem {
		prefix = "m"
	}
	f.exports[s] = prefix + strconv.Itoa(len(f.outside.Exports))
	f.outside.Exports = append(f.outside.Exports, merge.Export{Name: f.exports[s], Sym: s})
}
