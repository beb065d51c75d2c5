// This file implements the imports and exports of the fused module.

package component

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/merge"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// Module names of the fused module's imports: the lowered functions, and the memory shim.
const (
	hostModule = "host"
	shimModule = "env"
)

// tableName is the memory shim's export name of its table, guestTableName begins those of guests' tables.
const (
	tableName      = "table"
	guestTableName = "threads"
)

// Form is the component around the fused module of one plan.
type Form struct {
	p       *plan.Plan
	code    *emit.Code
	outside merge.Outside
	table   []callee // the functions of the fused module that the memory shim calls, by table index
	// Names of the memory shim's exports: memories, tables of guests, and functions that call reallocs and destructors. A type without
	// destructor has none.
	memories map[asm.Sym]string
	tables   map[asm.Sym]string
	reallocs map[asm.Sym]string
	dtors    map[*ctypes.Resource]string
	exports  map[asm.Sym]string // names of the fused module's exports
}

// callee is a function that an export of the memory shim calls.
type callee struct {
	name   string
	fn     asm.Sym
	memory asm.Sym // of a realloc: the memory that it allocates in
}

// New decides how the fused module of a plan is connected to the component around it.
func New(p *plan.Plan, code *emit.Code) *Form {
	f := &Form{p: p, code: code, memories: map[asm.Sym]string{}, tables: map[asm.Sym]string{}, reallocs: map[asm.Sym]string{}, dtors: map[*ctypes.Resource]string{},
		exports: map[asm.Sym]string{}}
	f.importHost()
	f.importShim()
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

// importShim imports what lowering the host's functions and defining resource types requires: memories, and a table for
// functions.
func (f *Form) importShim() {
	for i, s := range f.loweredMemories() {
		f.memories[s] = "memory" + strconv.Itoa(i)
		f.outside.Memories = append(f.outside.Memories, merge.Memory{Module: shimModule, Name: f.memories[s], Sym: s})
	}
	for _, l := range f.code.Imports {
		if !l.Realloc.IsZero() && f.reallocs[l.Realloc] == "" {
			f.reallocs[l.Realloc] = f.callee("realloc", l.Realloc, l.Memory)
		}
	}
	for i, r := range f.p.Boundary.Resources {
		f.dtors[r] = ""
		if d := f.code.Dtors[i]; !d.IsZero() {
			f.dtors[r] = f.callee("dtor", d, asm.Sym{})
		}
	}
	if len(f.table) > 0 {
		t := merge.Table{Module: shimModule, Name: tableName}
		for _, c := range f.table {
			t.Funcs = append(t.Funcs, c.fn)
		}
		f.outside.Tables = []merge.Table{t}
	}
	for _, l := range f.p.Boundary.Imports {
		if l.Of == nil || l.Of.Table.IsZero() {
			continue
		}
		if s := sym.Of(l.Of.Table); f.tables[s] == "" {
			f.tables[s] = guestTableName + strconv.Itoa(len(f.tables))
			f.outside.Guests = append(f.outside.Guests, merge.GuestTable{Module: shimModule, Name: f.tables[s], Sym: s})
		}
	}
}

// loweredMemories lists the memories that lowered functions use, starting with the one that the guests' code accesses
// most.
func (f *Form) loweredMemories() (out []asm.Sym) {
	ref := map[asm.Sym]plan.Memory{}
	for i, l := range f.code.Imports {
		if _, ok := ref[l.Memory]; !ok && !l.Memory.IsZero() {
			ref[l.Memory] = f.p.Boundary.Imports[i].Memory
			out = append(out, l.Memory)
		}
	}
	if len(out) > 1 {
		uses := f.p.Live.MemoryUses()
		slices.SortStableFunc(out, func(a, b asm.Sym) int { return cmp.Compare(uses[ref[b].Ref], uses[ref[a].Ref]) })
	}
	return out
}

// callee adds a function to the table and returns the name of the shim's function that calls it.
func (f *Form) callee(kind string, fn, memory asm.Sym) string {
	name := kind + strconv.Itoa(len(f.table))
	f.table = append(f.table, callee{name, fn, memory})
	return name
}

// export exports an item of the fused module, once.
func (f *Form) export(s asm.Sym) {
	if s.IsZero() || f.exports[s] != "" {
		return
	}
	prefix := "f"
	if s.Kind == corewasm.ExternMem {
		prefix = "m"
	}
	f.exports[s] = prefix + strconv.Itoa(len(f.outside.Exports))
	f.outside.Exports = append(f.outside.Exports, merge.Export{Name: f.exports[s], Sym: s})
}
