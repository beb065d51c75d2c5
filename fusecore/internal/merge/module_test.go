package merge

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/coretest"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/graphtest"
)

const (
	externFunc, externTable = corewasm.ExternFunc, corewasm.ExternTable
	externMem, externGlobal = corewasm.ExternMem, corewasm.ExternGlobal
	externTag               = corewasm.ExternTag
)

// TestIndexSpaces checks that each index space has imports, then definitions of instances in order, then generated
// items, whatever the order of code that uses them.
func TestIndexSpaces(t *testing.T) {
	p := newProgram()
	host := asm.Sym{Kind: externFunc, Origin: asm.OriginHost, Index: 0}
	adapter := p.u.Func("adapter", corewasm.FuncType{})
	p.g.Calls = []graph.Call{{Caller: graph.Side{Inst: graph.Root}, Callee: graph.Side{Inst: graph.Root}}}
	p.g.Funcs = []graph.Func{{Name: "run"}}
	p.g.Builtins = []graph.Builtin{{Inst: graph.Root}}
	p.u.Provided[sym.Call(0)] = adapter.Sym()
	p.u.Provided[sym.Builtin(0)] = host

	a := importing(guest(code(in(op.Call, 0), in(op.Call, 1)), code(in(op.MemorySize, 0), in(op.Drop))), externFunc)
	a.Mems, a.Globals, a.Tags = []corewasm.MemType{page}, []corewasm.Global{global(corewasm.I32, encode.I32Const(7))}, []uint32{tI32}
	a.Names.Funcs = []string{"imported", "first"}
	a.Exports = []corewasm.Export{{Name: "second", Kind: externFunc, Index: 2}}
	ida := p.instance(a, graph.OfBuiltin(0))

	graphtest.AddCore(p.g, guest(in(op.Unreachable))) // nothing refers to it

	b := importing(guest(code(in(op.Call, 0), in(op.Call, 1), in(op.Call, 2), in(op.MemorySize, 0), in(op.Drop), in(op.MemorySize, 1),
		in(op.Drop), in(op.GlobalGet, 0), in(op.Throw, 0))), externFunc, externFunc, externMem, externGlobal, externTag)
	b.Imports[4].Tag = tI32
	b.Mems = []corewasm.MemType{page}
	idb := p.instance(b, def(externFunc, ida, 2), graph.OfCall(0), def(externMem, ida, 0),
		def(externGlobal, ida, 0), def(externTag, ida, 0))

	state := p.u.Global(asm.Global{Type: corewasm.I64, Mutable: true, Init: 5})
	own := p.u.Memory(asm.Memory{Type: page})
	adapter.Call(sym.Of(def(externFunc, idb, 2))).Call(host).MemorySize(own).Op(op.Drop).MemorySize(sym.Of(def(externMem, ida, 0))).Op(op.Drop)
	adapter.I64Const(1).GlobalSet(state)
	adapter.Finish()

	p.imports(def(externMem, ida, 0))
	p.o.Funcs = []Func{{Module: "host", Name: "0"}}
	p.o.Tables = []Table{{Module: "env", Name: "table", Funcs: []asm.Sym{sym.Of(def(externFunc, ida, 1)), adapter.Sym()}}}
	p.o.Exports = []Export{{"run", sym.Of(def(externFunc, idb, 2))}, {"memory", own}}

	p.expect(t, `
		import host.0: func 0 (func)
		import env.memory: memory 0 1
		import env.table: table 0 2..2 (ref null func)
		memory 1: 1
		memory 2: 1
		tag 0: (func (param i32))
		global 0: i32 = i32.const 7
		global 1: mut i64 = i64.const 5
		elem 0: table 0 at i32.const 0: 1 4
		func 1 first: (func)
		  call 0
		  call 1 first
		func 2 second: (func)
		  memory.size 0
		  drop
		func 3: (func)
		  call 2 second
		  call 4 adapter
		  call 3
		  memory.size 0
		  drop
		  memory.size 1
		  drop
		  global.get 0
		  throw 0
		func 4 adapter: (func)
		  call 3
		  call 0
		  memory.size 2
		  drop
		  memory.size 0
		  drop
		  i64.const 1
		  global.set 1
		export run: func 3
		export memory: memory 2
`)
}

// TestConstantExpressions checks that constant expressions only read globals of the output whose values have an
// identity.
func TestConstantExpressions(t *testing.T) {
	ref := func(heap corewasm.HeapType) corewasm.ValType {
		return corewasm.ValType{Code: corewasm.CodeRefNull, Heap: heap}
	}
	p := newProgram()
	a := guest(in(op.Nop))
	object := code(i32(0), i32(1), in(op.ArrayNew, tArray))
	a.Globals = []corewasm.Global{
		global(corewasm.I32, encode.I32Const(40)),
		global(corewasm.I32, expr(in(op.GlobalGet, 0), i32(2), in(op.I32Add))), // its own
		global(ref(corewasm.HeapFunc), coretest.RefFunc(0)),
		global(ref(tArray), expr(object)),
	}
	ida := p.instance(a)
	b := importing(guest(), externGlobal, externGlobal, externGlobal, externGlobal)
	b.Imports[2].Global.Type, b.Imports[3].Global.Type = ref(corewasm.HeapFunc), ref(tArray)
	b.Globals = []corewasm.Global{
		global(corewasm.I32, expr(in(op.GlobalGet, 0), in(op.GlobalGet, 0), in(op.I32Mul), i32(1), in(op.I32Sub))),
		global(corewasm.I32, coretest.GlobalGet(1)),
		global(ref(corewasm.HeapFunc), coretest.GlobalGet(2)),
		global(ref(tArray), coretest.GlobalGet(3)),
	}
	arg := func(i uint32) graph.CoreRef { return def(externGlobal, ida, i) }
	p.instance(b, arg(0), arg(1), arg(2), arg(3))
	p.expect(t, `
		global 0: i32 = i32.const 40
		global 1: i32 = global.get 0; i32.const 2; i32.add
		global 2: (ref null func) = ref.func 0
		global 3: (ref null 2) = i32.const 0; i32.const 1; array.new 2
		global 4: i32 = i32.const 1599
		global 5: i32 = global.get 0; i32.const 2; i32.add
		global 6: (ref null func) = ref.func 0
		global 7: (ref null 2) = global.get 3
		func 0: (func)
		  nop
`)
}

// TestUnfoldedExpressionsAreBounded checks that an expression that doubles with every instance is unfolded up to a
// limit.
func TestUnfoldedExpressionsAreBounded(t *testing.T) {
	p := newProgram()
	a := guest()
	a.Globals = []corewasm.Global{global(corewasm.I32, encode.I32Const(1)), global(corewasm.I32, coretest.GlobalGet(0))}
	last := def(externGlobal, p.instance(a), 1)
	for range 20 {
		b := importing(guest(), externGlobal)
		b.Globals = []corewasm.Global{global(corewasm.I32, expr(in(op.GlobalGet, 0), in(op.GlobalGet, 0), in(op.I32Add)))}
		last = def(externGlobal, p.instance(b, last), 1)
	}
	_, err := p.module(t)
	if err == nil || !strings.Contains(err.Error(), "unfolds to more than 65536 bytes") {
		t.Error(err)
	}
}

// TestTableInitializers checks that a table whose initializer reads a global of the output is filled by the start
// function, before segments.
func TestTableInitializers(t *testing.T) {
	for _, tc := range []struct {
		name string
		code byte
		init string // of the table itself
	}{
		{"null is allowed", corewasm.CodeRefNull, ""},
		{"null is not allowed", corewasm.CodeRef, "  = i32.const 0; i32.const 1; array.new 2\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			array := corewasm.ValType{Code: tc.code, Heap: tArray}
			p := newProgram()
			a := guest()
			a.Globals = []corewasm.Global{global(array, expr(i32(0), i32(1), in(op.ArrayNew, tArray)))}
			b := importing(guest(), externGlobal)
			b.Imports[0].Global.Type = array
			b.Tables = []corewasm.Table{{Type: corewasm.TableType{Elem: array, Limits: corewasm.Limits{Min: 3}}, Init: ptr(coretest.GlobalGet(0))}}
			b.Elems = []corewasm.Elem{{Offset: encode.I32Const(1), Type: array, UseExprs: true, Exprs: []corewasm.Expr{coretest.GlobalGet(0)}}}
			p.instance(b, def(externGlobal, p.instance(a), 0))
			p.expect(t, fmt.Sprintf(`
				table 0: 3 %v
				%sglobal 0: %v = i32.const 0; i32.const 1; array.new 2
				elem 0: passive: (global.get 0)
				func 0 start: (func)
				  i32.const 0
				  global.get 0
				  i32.const 3
				  table.fill 0
				  i32.const 1
				  i32.const 0
				  i32.const 1
				  table.init 0 0
				  elem.drop 0
				start 0
`, array, tc.init, array))
		})
	}
}

// starting returns a module with a memory, a start function and a data segment.
func starting(start []byte, datas ...corewasm.Data) *corewasm.Module {
	m := guest(start)
	m.Mems, m.Start, m.Data = []corewasm.MemType{page}, ptr(uint32(0)), datas
	return m
}

// TestOneStartFunction checks that the only start function is used directly if nothing is deferred to it.
func TestOneStartFunction(t *testing.T) {
	p := newProgram()
	p.instance(starting(in(op.Nop), data(0, "a")))
	b := guest()
	b.Mems, b.Data = []corewasm.MemType{page}, []corewasm.Data{data(0, "b")}
	p.instance(b) // its memory is not seen by a
	p.expect(t, `
		memory 0: 1
		memory 1: 1
		data 0: memory 0 at i32.const 0: "a"
		data 1: memory 1 at i32.const 0: "b"
		func 0: (func)
		  nop
		start 0
`)
}

// TestSegmentsBehindStartFunctions checks that a segment after a start function is deferred if that could see the
// memory, or if the segment could trap, and that so are those after it.
func TestSegmentsBehindStartFunctions(t *testing.T) {
	p := newProgram()
	a := starting(code(in(op.MemorySize, 0), in(op.Drop)), data(0, "seen"))
	a.Tables = []corewasm.Table{{Type: table}}
	ida := p.instance(a)
	b := importing(guest(in(op.Nop)), externMem, externTable)
	b.Mems = []corewasm.MemType{page}
	in1 := func(d corewasm.Data) corewasm.Data { d.Mem = 1; return d }
	b.Data = []corewasm.Data{data(8, "into a"), in1(data(0, "own")), in1(data(1<<16-1, "may trap")), in1(data(4, "later")), {Mode: corewasm.SegPassive, Bytes: []byte("passive")}}
	b.Elems = []corewasm.Elem{{Offset: encode.I32Const(0), Funcs: []uint32{0}}, {Offset: encode.I32Const(2), Funcs: []uint32{0}}}
	p.instance(b, def(externMem, ida, 0), def(externTable, ida, 0))
	p.instance(starting(in(op.Nop)))
	p.expect(t, `
		table 0: 2 (ref null func)
		memory 0: 1
		memory 1: 1
		memory 2: 1
		elem 0: table 0 at i32.const 0: 1
		elem 1: passive: 1
		data 0: memory 0 at i32.const 0: "seen"
		data 1: memory 1 at i32.const 0: "own"
		data 2: passive: "passive"
		data 3: passive: "into a"
		data 4: passive: "latermay trap"
		func 0: (func)
		  memory.size 0
		  drop
		func 1: (func)
		  nop
		func 2: (func)
		  nop
		func 3 start: (func)
		  call 0
		  i32.const 2
		  i32.const 0
		  i32.const 1
		  table.init 1 0
		  elem.drop 1
		  i32.const 8
		  i32.const 0
		  i32.const 6
		  memory.init 3 0
		  data.drop 3
		  i32.const 0
		  i32.const 4
		  i32.const 5
		  call 4 start data 4
		  i32.const 65535
		  i32.const 8
		  call 4 start data 4
		  drop
		  data.drop 4
		  call 2
		func 4 start data 4: (func (param i32) (param i32) (param i32) (result i32))
		  local.get 1
		  local.get 0
		  local.get 2
		  memory.init 4 1
		  local.get 0
		  local.get 2
		  i32.add
		start 3
`)
}

// TestTrapsOfSegments checks that of segments that could trap the first one stays the first, because those of tables and those of memories
// trap differently.
func TestTrapsOfSegments(t *testing.T) {
	segments := func(m *corewasm.Module) *corewasm.Module {
		m.Mems, m.Tables = []corewasm.MemType{page}, []corewasm.Table{{Type: table}}
		m.Elems = []corewasm.Elem{{Offset: encode.I32Const(2), Funcs: []uint32{0}}}
		m.Data = append(m.Data, data(1<<16-1, "may trap"), data(0, "fits"))
		return m
	}
	p := newProgram()
	p.instance(segments(guest(in(op.Nop))))
	p.instance(segments(guest(in(op.Nop))))
	p.expect(t, `
		table 0: 2 (ref null func)
		table 1: 2 (ref null func)
		memory 0: 1
		memory 1: 1
		elem 0: table 0 at i32.const 2: 0
		elem 1: passive: 1
		data 0: memory 0 at i32.const 65535: "may trap"
		data 1: memory 0 at i32.const 0: "fits"
		data 2: passive: "fitsmay trap"
		func 0: (func)
		  nop
		func 1: (func)
		  nop
		func 2 start: (func)
		  i32.const 2
		  i32.const 0
		  i32.const 1
		  table.init 1 1
		  elem.drop 1
		  i32.const 0
		  i32.const 0
		  i32.const 4
		  call 3 start data 2
		  i32.const 65535
		  i32.const 8
		  call 3 start data 2
		  drop
		  data.drop 2
		func 3 start data 2: (func (param i32) (param i32) (param i32) (result i32))
		  local.get 1
		  local.get 0
		  local.get 2
		  memory.init 2 1
		  local.get 0
		  local.get 2
		  i32.add
		start 2
`)
	p = newProgram()
	p.instance(starting(in(op.Nop)))
	p.instance(segments(guest(in(op.Nop))))
	p.instance(segments(guest(in(op.Nop))))
	p.expect(t, `
		table 0: 2 (ref null func)
		table 1: 2 (ref null func)
		memory 0: 1
		memory 1: 1
		memory 2: 1
		elem 0: passive: 1
		elem 1: passive: 2
		data 0: passive: "fitsmay trap"
		data 1: passive: "fitsmay trap"
		func 0: (func)
		  nop
		func 1: (func)
		  nop
		func 2: (func)
		  nop
		func 3 start: (func)
		  call 0
		  i32.const 2
		  i32.const 0
		  i32.const 1
		  table.init 0 0
		  elem.drop 0
		  i32.const 0
		  i32.const 0
		  i32.const 4
		  call 4 start data 0
		  i32.const 65535
		  i32.const 8
		  call 4 start data 0
		  drop
		  data.drop 0
		  i32.const 2
		  i32.const 0
		  i32.const 1
		  table.init 1 1
		  elem.drop 1
		  i32.const 0
		  i32.const 0
		  i32.const 4
		  call 5 start data 1
		  i32.const 65535
		  i32.const 8
		  call 5 start data 1
		  drop
		  data.drop 1
		func 4 start data 0: (func (param i32) (param i32) (param i32) (result i32))
		  local.get 1
		  local.get 0
		  local.get 2
		  memory.init 0 1
		  local.get 0
		  local.get 2
		  i32.add
		func 5 start data 1: (func (param i32) (param i32) (param i32) (result i32))
		  local.get 1
		  local.get 0
		  local.get 2
		  memory.init 1 2
		  local.get 0
		  local.get 2
		  i32.add
		start 3
`)
}

// TestDataOfImportedMemories checks that data for memories that exist before the output goes to their creator, and that
// bodies that refer to an applied segment refer to an empty one.
func TestDataOfImportedMemories(t *testing.T) {
	p := newProgram()
	a := guest(code(in(op.DataDrop, 0), in(op.DataDrop, 1)))
	a.Mems, a.DataCount = []corewasm.MemType{page}, ptr(uint32(3))
	a.Data = []corewasm.Data{data(0, "early"), {Mode: corewasm.SegPassive, Bytes: []byte("passive")}, data(1<<16, "traps")}
	p.imports(def(externMem, p.instance(a), 0))
	f := p.expect(t, `
		import env.memory: memory 0 1
		data 0: passive: ""
		data 1: passive: "passive"
		data 2: memory 0 at i32.const 65536: "traps"
		func 0: (func)
		  data.drop 0
		  data.drop 1
`)
	if len(f.Memories) != 1 || len(f.Data) != 1 || string(f.Data[0].Bytes) != "early" {
		t.Errorf("memories %v with %v", f.Memories, f.Data)
	}
}

// TestImportedTables checks the index spaces around guests' tables that exist before the output, after one for functions
// that are called from outside.
func TestImportedTables(t *testing.T) {
	p := newProgram()
	a := guest(code(in(op.TableSize, 0), in(op.Drop), in(op.TableSize, 1), in(op.Drop), in(op.TableSize, 2), in(op.Drop)))
	for range 3 {
		a.Tables = append(a.Tables, corewasm.Table{Type: table})
	}
	a.Elems = []corewasm.Elem{{Table: 1, Offset: encode.I32Const(1), Type: corewasm.FuncRef, Funcs: []uint32{0}},
		{Table: 2, Offset: encode.I32Const(0), Type: corewasm.FuncRef, Funcs: []uint32{0}}}
	ida := p.instance(a)
	b := importing(guest(code(in(op.TableSize, 0), in(op.Drop), in(op.TableSize, 1), in(op.Drop))), externTable)
	b.Tables = []corewasm.Table{{Type: table}}
	p.instance(b, def(externTable, ida, 1))
	p.o.Tables = []Table{{Module: "env", Name: "calls", Funcs: []asm.Sym{sym.Of(graphtest.Func(ida, 0))}}}
	p.o.Guests = []GuestTable{{"env", "threads", sym.Of(def(externTable, ida, 1))}}
	f := p.expect(t, `
		import env.calls: table 0 1..1 (ref null func)
		import env.threads: table 1 2 (ref null func)
		table 2: 2 (ref null func)
		table 3: 2 (ref null func)
		table 4: 2 (ref null func)
		elem 0: table 3 at i32.const 0: 0
		elem 1: table 0 at i32.const 0: 0
		elem 2: table 1 at i32.const 1: 0
		func 0: (func)
		  table.size 2
		  drop
		  table.size 1
		  drop
		  table.size 3
		  drop
		func 1: (func)
		  table.size 1
		  drop
		  table.size 4
		  drop
`)
	if len(f.Tables) != 1 || f.Tables[0] != table {
		t.Errorf("imported tables %v", f.Tables)
	}
}

// TestDeclaredFunctions checks that a function in a ref.func of a body is declared, because its export is gone.
func TestDeclaredFunctions(t *testing.T) {
	p := newProgram()
	a := guest(code(in(op.RefFunc, 0), in(op.Drop), in(op.RefFunc, 1), in(op.Drop)), in(op.Nop))
	a.Exports = []corewasm.Export{{Name: "f", Kind: externFunc}, {Name: "g", Kind: externFunc, Index: 1}}
	a.Globals = []corewasm.Global{global(corewasm.ValType{Code: corewasm.CodeRefNull, Heap: corewasm.HeapFunc}, coretest.RefFunc(1))}
	p.instance(a)
	p.expect(t, `
		global 0: (ref null func) = ref.func 1
		elem 0: declared: 0
		func 0 f: (func)
		  ref.func 0 f
		  drop
		  ref.func 1 g
		  drop
		func 1 g: (func)
		  nop
`)
}

// TestDataSegmentsAreJoinedWhereTheyAreTooMany checks that if there are more data segments than engines accept, those
// for new memories are joined, and bodies refer to the remaining ones.
func TestDataSegmentsAreJoinedWhereTheyAreTooMany(t *testing.T) {
	p := newProgram()
	a := guest(code(in(op.DataDrop, 0), in(op.DataDrop, limits.Datas)))
	a.Mems, a.DataCount = []corewasm.MemType{{Limits: corewasm.Limits{Min: 100}, PageSizeLog2: 16}}, ptr(uint32(limits.Datas+1))
	for i := range limits.Datas {
		a.Data = append(a.Data, data(int32(i*4), "x"))
	}
	a.Data = append(a.Data, corewasm.Data{Mode: corewasm.SegPassive, Bytes: []byte("passive")})
	p.instance(a)
	m, _ := p.merge(t)
	if len(m.Data) != 3 || len(m.Data[0].Bytes) != 4*limits.Datas-3 || len(m.Data[1].Bytes) != 0 || string(m.Data[2].Bytes) != "passive" {
		t.Fatalf("%d segments", len(m.Data))
	}
	if got, want := string(m.Code[0].Code), string(code(in(op.DataDrop, 1), in(op.DataDrop, 2), in(op.End))); got != want {
		t.Errorf("the body is % x, expected % x", got, want)
	}
}

func TestErrorsNameTheInstance(t *testing.T) {
	p := newProgram()
	a := guest(in(op.Call, 7))
	p.instance(a)
	_, err := p.module(t)
	if err == nil || !strings.Contains(err.Error(), "a: ") || !strings.Contains(err.Error(), "7") {
		t.Error(err)
	}
}

// TestMissingMemory checks that a memory which no instance has is not reported as a mistake in an input.
func TestMissingMemory(t *testing.T) {
	p := newProgram()
	p.imports(def(externMem, p.instance(guest(in(op.Nop))), 3))
	_, err := p.module(t)
	var e *diag.Internal
	if !errors.As(err, &e) || e.Msg != "memory 3 of a does not exist" {
		t.Error(err)
	}
}
