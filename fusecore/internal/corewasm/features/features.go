// Package features finds the features of WebAssembly that a core module uses.
package features

import (
	"maps"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// Of returns the names of the features that a valid module uses, sorted. They are those of tool-conventions, Linking.md, "Target
// Features Section", beyond the first version of the core specification.
func Of(m *corewasm.Module) []string {
	f := &featureSet{used: map[string]bool{}, imported: m.NumImported(corewasm.ExternGlobal)}
	f.types(m)
	f.items(m)
	for i := range m.Code {
		for _, l := range m.Code[i].Locals {
			f.valType(l.Type)
		}
		f.code(m.Code[i].Code)
	}
	return slices.Sorted(maps.Keys(f.used))
}

type featureSet struct {
	used     map[string]bool
	imported uint32 // globals
}

// on adds a feature if it is used.
func (f *featureSet) on(name string, used bool) {
	if used {
		f.used[name] = true
	}
}

func (f *featureSet) valType(t corewasm.ValType) {
	f.on("simd128", t.Code == corewasm.CodeV128)
	f.on("reference-types", t.IsRef())
	f.on("exception-handling", t.IsRef() && (t.Heap == corewasm.HeapExn || t.Heap == corewasm.HeapNoExn))
	f.on("gc", t.IsRef() && t != corewasm.FuncRef && t != corewasm.ExtRef)
}

func (f *featureSet) types(m *corewasm.Module) {
	for i := range m.NumTypes() {
		t := m.SubTypeAt(uint32(i))
		f.on("gc", t.Kind != corewasm.CompFunc || !m.PlainType(uint32(i)))
		f.on("multivalue", len(t.Func.Results) > 1)
		for _, v := range t.Func.Params {
			f.valType(v)
		}
		for _, v := range t.Func.Results {
			f.valType(v)
		}
		for _, x := range t.Fields {
			f.valType(x.Storage)
		}
	}
}

func (f *featureSet) items(m *corewasm.Module) {
	for i := range m.Count(corewasm.ExternTable) {
		t, _ := m.TableTypeOf(i)
		f.limits(t.Limits)
		if t.Elem != corewasm.FuncRef { // the only type of elements in the first version
			f.valType(t.Elem)
		}
	}
	f.on("reference-types", m.Count(corewasm.ExternTable) > 1)
	for i := range m.Count(corewasm.ExternMem) {
		t, _ := m.MemTypeOf(i)
		f.limits(t.Limits)
		f.on("custom-page-sizes", t.PageSizeLog2 != 16)
	}
	f.on("multimemory", m.Count(corewasm.ExternMem) > 1)
	f.on("exception-handling", m.Count(corewasm.ExternTag) > 0)
	for i := range m.Imports {
		if m.Imports[i].Kind == corewasm.ExternGlobal {
			f.valType(m.Imports[i].Global.Type)
			f.on("mutable-globals", m.Imports[i].Global.Mutable)
		}
	}
	for i := range m.Exports {
		if e := &m.Exports[i]; e.Kind == corewasm.ExternGlobal && e.Index >= f.imported {
			f.on("mutable-globals", m.DefinedGlobal(e.Index).Type.Mutable)
		}
	}
	for i := range m.NumGlobals() {
		g := m.GlobalAt(i)
		f.valType(g.Type.Type)
		f.constant(g.Init)
	}
	for i := range m.Tables {
		if init := m.Tables[i].Init; init != nil {
			f.on("gc", true) // an initializer comes from the proposal of typed references
			f.constant(*init)
		}
	}
	for i := range m.Elems {
		if m.Elems[i].UseExprs { // otherwise the type is not written
			f.valType(m.Elems[i].Type)
		}
		f.constant(m.Elems[i].Offset)
		for _, x := range m.Elems[i].Exprs {
			f.constant(x)
		}
	}
	for _, d := range m.AllData() {
		f.on("bulk-memory", d.Mode == corewasm.SegPassive)
		f.constant(d.Offset)
	}
}

func (f *featureSet) limits(l corewasm.Limits) {
	f.on("memory64", l.Is64)
	f.on("atomics", l.Shared)
}

// constant adds what a constant expression uses. One of more than one instruction extends those of WebAssembly 2.0, and so does
// the value of a global that is not imported.
func (f *featureSet) constant(x corewasm.Expr) {
	n := 0
	for r := op.NewReader(x.Bytes, 0); r.Next(); n++ {
		f.instr(&r.In)
		f.on("gc", r.In.Op == op.GlobalGet && r.In.Index >= f.imported)
	}
	f.on("extended-const", n > 2) // with its end
}

func (f *featureSet) code(body []byte) {
	for r := op.NewReader(body, 0); r.Next(); {
		f.instr(&r.In)
	}
}

// firstRelaxed is the first code of relaxed vector instructions, firstWide that of 128-bit arithmetic.
const (
	firstRelaxed = op.Op(op.PrefixSIMD)<<16 | 0x100
	firstWide    = op.Op(op.PrefixMisc)<<16 | 0x13
	lastSignExt  = op.Op(0xc4) // i64.extend32_s
)

func (f *featureSet) instr(in *op.Instr) {
	switch in.Op.Prefix() {
	case op.PrefixGC:
		f.used["gc"] = true
	case op.PrefixSIMD:
		f.used["simd128"] = true
		f.on("relaxed-simd", in.Op >= firstRelaxed)
	case op.PrefixAtomic:
		f.used["atomics"] = true
	case op.PrefixMisc:
		f.on("nontrapping-fptoint", in.Op < op.MemoryInit)
		f.on("bulk-memory", in.Op >= op.MemoryInit && in.Op <= op.TableCopy)
		f.on("reference-types", in.Op >= op.TableGrow && in.Op <= op.TableFill)
		f.on("wide-arithmetic", in.Op >= firstWide)
	}
	f.on("sign-ext", in.Op >= op.I32Extend8S && in.Op <= lastSignExt)
	switch in.Op {
	case op.ReturnCall, op.ReturnCallIndirect:
		f.used["tail-call"] = true
	case op.ReturnCallRef:
		f.used["tail-call"], f.used["gc"] = true, true
	case op.CallRef, op.RefAsNonNull, op.BrOnNull, op.BrOnNonNull, op.RefEq:
		f.used["gc"] = true
	case op.TableGet, op.TableSet, op.RefNull, op.RefIsNull, op.RefFunc, op.SelectT:
		f.used["reference-types"] = true
	case op.TryTableOp, op.Throw, op.ThrowRef, op.LegacyTry:
		f.used["exception-handling"] = true
	}
	switch in.Info.Imm {
	case op.Heap, op.CastLabel:
		f.on("gc", in.Heap != corewasm.HeapFunc && in.Heap != corewasm.HeapExtern)
	case op.BlockType, op.TryTable:
		switch in.Block.Form {
		case op.BlockValue:
			f.valType(in.Block.Value)
		case op.BlockIndex:
			f.used["multivalue"] = true
		}
	case op.Types:
		for _, t := range in.Types {
			f.valType(t)
		}
	}
}
