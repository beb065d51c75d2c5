package limits_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	coreencode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/build"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/wasmtools"
)

// running returns a component that instantiates modules and exports the first function of each, which has type () ->
// ().
func running(ms ...*corewasm.Module) *component.Component {
	b := build.New()
	typ := b.Type(&component.FuncDef{})
	for i, m := range ms {
		m.Exports = append(m.Exports, corewasm.Export{Name: "run"})
		m.Index()
		inst := b.CoreInstantiate(b.CoreModule(coreencode.Module(m)))
		b.ExportFunc(label(i), b.CanonLift(b.AliasCoreExport(inst, "run", component.CoreFunc), typ))
	}
	return b.Finish()
}

// runnable returns a module with one function of type () -> ().
func runnable(code ...byte) *corewasm.Module {
	return &corewasm.Module{
		Types: []corewasm.RecGroup{funcGroup(0, 0)}, Funcs: []uint32{0}, Code: []corewasm.Body{{Code: append(code, byte(op.End))}},
	}
}

// halves returns a component with two modules that have n items in total.
func halves(n int, with func(m *corewasm.Module, n int)) *component.Component {
	a, b := runnable(), runnable()
	with(a, n/2)
	with(b, n-n/2)
	return running(a, b)
}

func memories(m *corewasm.Module, n int) {
	m.Mems = bytesOf(n, corewasm.MemType{PageSizeLog2: 16})
}

// tables adds tables and uses each.
func tables(m *corewasm.Module, n int) {
	m.Tables = bytesOf(n, corewasm.Table{Type: corewasm.TableType{Elem: corewasm.FuncRef}})
	var code []byte
	for i := range n {
		code = op.Drop.Append(op.TableSize.Append(code, uint32(i)))
	}
	m.Code[0].Code = op.End.Append(code)
}

// each returns a component that instantiates n components, with one item each.
func each(n int, with func(m *corewasm.Module, n int)) *component.Component {
	m := runnable()
	with(m, 1)
	b := build.New()
	c := b.Component(running(m))
	for i := range n {
		b.ExportFunc(label(i), b.AliasExport(b.Instantiate(c), label(0), component.SortFunc))
	}
	return b.Finish()
}

// lowering returns a component that imports functions with params parameters and instantiates twice a component that
// imports and calls them: n imports in total.
func lowering(n, params int) *component.Component {
	half := (n + 1) / 2
	ft := &component.FuncDef{Params: fields(params)}
	inner := func(n int) *component.Component {
		b := build.New()
		typ := component.ExternType{Kind: component.ExternFunc, Index: b.Type(ft)}
		calls := op.Unreachable.Append(nil) // calls of all imports follow, with any operands
		for i := range n {
			calls = op.Call.Append(calls, uint32(i))
		}
		m := runnable(calls...)
		m.Types = append(m.Types, funcGroup(params, 0))
		var exports []component.CoreInlineExport
		for i := range n {
			f := b.CanonLower(b.Import(label(i), typ))
			exports = append(exports, component.CoreInlineExport{Name: label(i), Item: component.CoreSortIdx{Sort: component.CoreFunc, Index: f}})
			m.Imports = append(m.Imports, corewasm.Import{Name: label(i), Kind: corewasm.ExternFunc, Func: 1})
		}
		m.Exports = []corewasm.Export{{Name: "run", Index: uint32(n)}}
		m.Index()
		inst := b.CoreInstantiate(b.CoreModule(coreencode.Module(m)), component.CoreArg{Name: "", Instance: b.CoreExports(exports...)})
		b.ExportFunc("run", b.CanonLift(b.AliasCoreExport(inst, "run", component.CoreFunc), b.Type(&component.FuncDef{})))
		return b.Finish()
	}
	b := build.New()
	typ := component.ExternType{Kind: component.ExternFunc, Index: b.Type(ft)}
	args := make([]component.Arg, half)
	for i := range args {
		args[i] = component.Arg{Name: label(i), Item: component.SortIdx{Sort: component.SortFunc, Index: b.Import(label(i), typ)}}
	}
	for i, n := range []int{half, n - half} {
		inst := b.Instantiate(b.Component(inner(n)), args[:n]...)
		b.ExportFunc("run-"+label(i), b.AliasExport(inst, "run", component.SortFunc))
	}
	return b.Finish()
}

// outputLimits are components within all limits whose fused form has n items of a kind that engines limit.
var outputLimits = []struct {
	name  string
	limit int
	want  string // in the error about one item more; %d is the number
	newer bool   // engines have the limit, but wasm-tools may be too old for it
	slow  bool
	// modules is how many there are with one item more, if its instances can be in several.
	modules int
	make    func(n int) *component.Component
}{
	{name: "memories", limit: limits.Memories, want: "core module 101 (fused): %d memories, 1 more", make: func(n int) *component.Component {
		return halves(n, memories)
	}},
	{name: "tables", limit: limits.Tables, want: "core module 100 (fused): %d tables, 1 more", make: func(n int) *component.Component {
		return halves(n, tables)
	}},
	{name: "memories of components", limit: limits.Memories, modules: 2, make: func(n int) *component.Component { return each(n, memories) }},
	{name: "tables of components", limit: limits.Tables, modules: 2, make: func(n int) *component.Component { return each(n, tables) }},
	{name: "memories of many components", limit: 249, modules: 4, make: func(n int) *component.Component { return each(n, memories) }},
	{name: "tables of many components", limit: 249, modules: 4, make: func(n int) *component.Component { return each(n, tables) }},
	{name: "globals", limit: limits.Globals, slow: true, want: "core module 0 (fused): %d globals, 1 more", make: func(n int) *component.Component {
		return halves(n, func(m *corewasm.Module, n int) {
			m.Globals = bytesOf(n, corewasm.Global{Type: corewasm.GlobalType{Type: corewasm.I32}, Init: coreencode.I32Const(0)})
		})
	}},
	{name: "tags", limit: limits.Tags, slow: true, want: "core module 0 (fused): %d tags, 1 more", make: func(n int) *component.Component {
		return halves(n, func(m *corewasm.Module, n int) { m.Tags = make([]uint32, n) })
	}},
	{name: "functions", limit: limits.Funcs, slow: true, want: "core module 0 (fused): %d functions, 1 more", make: func(n int) *component.Component {
		return halves(n, func(m *corewasm.Module, n int) {
			m.Funcs, m.Code = make([]uint32, n), bytesOf(n, corewasm.Body{Code: []byte{byte(op.End)}})
		})
	}},
	{name: "types", limit: limits.Types, slow: true, want: "core module 0 (fused): %d types, 1 more", make: func(n int) *component.Component {
		a, b := runnable(), runnable()
		a.Types = append(a.Types, distinct(n/2, corewasm.I32)...)
		b.Types = append(b.Types, distinct(n-n/2-1, corewasm.I64)...)
		return running(a, b)
	}},
	{name: "element segments", limit: limits.Elems, want: "core module 0 (fused): %d element segments, 1 more", make: func(n int) *component.Component {
		return halves(n, func(m *corewasm.Module, n int) { m.Elems = bytesOf(n, corewasm.Elem{Mode: corewasm.SegPassive}) })
	}},
	{name: "passive data segments", limit: limits.Datas, want: "core module 0 (fused): %d data segments, 1 more", make: func(n int) *component.Component {
		return halves(n, func(m *corewasm.Module, n int) { m.Data = bytesOf(n, corewasm.Data{Mode: corewasm.SegPassive}) })
	}},
	{name: "data segments far apart", limit: limits.Datas, want: "core module 0 (fused): %d data segments, 1 more", make: func(n int) *component.Component {
		return sharing(n, false, func(m *corewasm.Module, from, to int) {
			m.Mems = []corewasm.MemType{{Limits: corewasm.Limits{Min: 1600}, PageSizeLog2: 16}}
			for i := from; i < to; i++ {
				m.Data = append(m.Data, corewasm.Data{Offset: coreencode.I32Const(int32(i * 1024)), Bytes: []byte("x")})
			}
		})
	}},
	// Two more bytes for the locals and the end.
	{name: "body", limit: limits.BodyBytes - 3*2_551_439 - 2, newer: true, want: "function 0: a body of 5102882 bytes, 7654322 in the fused module",
		make: func(n int) *component.Component {
			first := runnable()
			first.Funcs, first.Code = make([]uint32, 200), bytesOf(200, corewasm.Body{Code: []byte{byte(op.End)}})
			code := append(bytes.Repeat([]byte{0x10, 0}, 2_551_439), bytes.Repeat([]byte{byte(op.Nop)}, n)...)
			return running(first, runnable(code...))
		}},
	// An import of a function with 16 parameters counts for 18; 1 for the module and 2 for each of 2 exports.
	{name: "parts of types", limit: (limits.TypeSize - 5) / 18, modules: 2, make: func(n int) *component.Component {
		return lowering(n, 16)
	}},
	{name: "host functions", limit: limits.Args, modules: 2, make: func(n int) *component.Component {
		return lowering(n, 0)
	}},
}

// distinct returns n different function types whose results have a given type.
func distinct(n int, result corewasm.ValType) []corewasm.RecGroup {
	out := make([]corewasm.RecGroup, n)
	for i := range out {
		params := make([]corewasm.ValType, 20)
		for bit := range params {
			params[bit] = corewasm.I32
			if i>>bit&1 != 0 {
				params[bit] = corewasm.I64
			}
		}
		out[i].Types = []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc, Func: corewasm.FuncType{Params: params, Results: []corewasm.ValType{result}}}}
	}
	return out
}

// asMerged leaves in outputs what nothing uses, and every index as it is.
var asMerged = fusecore.FuseOptions{Optimize: fusecore.OptimizeNone, NoShake: true}

// TestOutputLimits checks both sides of every limit that fusing may cross: at the limit wasm-tools accepts the output,
// and beyond it fusing makes more modules, or leaves the input as it is.
func TestOutputLimits(t *testing.T) {
	tool := wasmtools.Need(t)
	for _, tc := range outputLimits {
		t.Run(tc.name, func(t *testing.T) {
			if tc.slow && testing.Short() {
				t.Skip("takes seconds")
			}
			for _, over := range []int{0, 1} {
				wasm := encode.Component(tc.make(tc.limit + over))
				if err := tool.Validate(wasm); err != nil {
					t.Fatalf("the input is over a limit itself: %v", err)
				}
				in := fusecore.Graph{Root: fusecore.Input{Name: "in.wasm", Bytes: wasm}}
				out, err := fusecore.Fuse(t.Context(), in, asMerged)
				if over == 0 {
					if err != nil {
						t.Errorf("at the limit: %v", err)
					} else if err := tool.Validate(out.Bytes()); err != nil {
						t.Errorf("the output at the limit: %v", err)
					}
					continue
				}
				want := tc.want
				if strings.Contains(want, "%d") {
					want = fmt.Sprintf(want, tc.limit+over)
				}
				if err != nil {
					t.Fatalf("one over the limit: %v", err)
				}
				if tc.modules > 0 {
					if err := tool.Validate(out.Bytes()); err != nil || out.Report.Modules != tc.modules || len(out.Report.Kept) > 0 {
						t.Errorf("one over the limit: %v: %v", out.Report, err)
					}
					continue
				}
				kept := out.Report.Reasons()
				if len(kept) != 1 || !strings.Contains(kept[0], want) || !strings.HasSuffix(kept[0], "that engines accept)") {
					t.Errorf("one over the limit: kept because of %v, want %q", kept, want)
				}
				if !bytes.Equal(out.Bytes(), wasm) {
					t.Error("one over the limit: the output is not the input")
				}
			}
		})
	}
}

// sharing returns a component with two modules that have n data segments in total for one memory, which a host function
// takes a string from if it is lowered.
func sharing(n int, lowered bool, with func(m *corewasm.Module, from, to int)) *component.Component {
	first, second := runnable(), runnable()
	with(first, 0, n/2)
	with(second, n/2, n)
	first.Exports = []corewasm.Export{{Name: "mem", Kind: corewasm.ExternMem}}
	first.Index()
	second.Imports, second.Mems = []corewasm.Import{{Name: "mem", Kind: corewasm.ExternMem, Mem: second.Mems[0]}}, nil
	b := build.New()
	mem := b.AliasCoreExport(b.CoreInstantiate(b.CoreModule(coreencode.Module(first))), "mem", component.CoreMemory)
	args := []component.CoreInlineExport{{Name: "mem", Item: component.CoreSortIdx{Sort: component.CoreMemory, Index: mem}}}
	if lowered {
		str := component.ValType{Prim: component.PrimString}
		host := b.Import("h", component.ExternType{Kind: component.ExternFunc, Index: b.Type(&component.FuncDef{Params: []component.Field{{Label: "s", Type: &str}}})})
		f := b.CanonLower(host, component.CanonOpt{Kind: component.OptMemory, Index: mem})
		args = append(args, component.CoreInlineExport{Name: "h", Item: component.CoreSortIdx{Sort: component.CoreFunc, Index: f}})
		second.Types = append(second.Types, funcGroup(2, 0))
		second.Imports = append(second.Imports, corewasm.Import{Name: "h", Kind: corewasm.ExternFunc, Func: 1})
		second.Code[0].Code = []byte{0x41, 0, 0x41, 0, 0x10, 0, byte(op.End)} // i32.const, i32.const, call
	}
	second.Exports = []corewasm.Export{{Name: "run", Index: uint32(len(second.Imports)) - 1}}
	second.Index()
	inst := b.CoreInstantiate(b.CoreModule(coreencode.Module(second)), component.CoreArg{Instance: b.CoreExports(args...)})
	b.ExportFunc("run", b.CanonLift(b.AliasCoreExport(inst, "run", component.CoreFunc), b.Type(&component.FuncDef{})))
	return b.Finish()
}

// TestDataSegmentsAreJoined fuses components with more data segments for one memory than engines accept, and compares its
// content, both where the fused module has the segments and where the memory's holder does.
func TestDataSegmentsAreJoined(t *testing.T) {
	const n = 60_000
	tool := wasmtools.Need(t)
	with := func(m *corewasm.Module, from, to int) {
		m.Mems = []corewasm.MemType{{Limits: corewasm.Limits{Min: 100}, PageSizeLog2: 16}}
		for i := from; i < to; i++ {
			// Some overlap, some do not.
			at := i*37%n*97 + i%5
			m.Data = append(m.Data, corewasm.Data{Offset: coreencode.I32Const(int32(at)), Bytes: fmt.Appendf(nil, "%d", i)})
		}
	}
	m := runnable()
	with(m, 0, 2*n)
	want := image(t, m)
	for _, tc := range []struct {
		name    string
		lowered bool
		module  string
	}{{"in the fused module", false, "fused"}, {"with the memory", true, "memory of root/core0"}} {
		wasm := encode.Component(sharing(2*n, tc.lowered, with))
		out, err := fusecore.Fuse(t.Context(), fusecore.Graph{Root: fusecore.Input{Name: "in.wasm", Bytes: wasm}}, asMerged)
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if err := tool.Validate(out.Bytes()); err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
		c, err := decode.Component(out.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, d := range c.Defs {
			m, ok := d.(*component.CoreModule)
			if !ok || m.Module.NumData() == 0 {
				continue
			}
			names = append(names, m.Module.Name)
			if len(m.Module.Mems) != 1 || m.Module.NumData() > limits.Datas || !bytes.Equal(image(t, m.Module), want) {
				t.Errorf("%s: %d memories, %d data segments, or other contents", tc.name, len(m.Module.Mems), m.Module.NumData())
			}
		}
		if !slices.Equal(names, []string{tc.module}) {
			t.Errorf("%s: modules with data: %q, want %q", tc.name, names, tc.module)
		}
	}
}

// image returns the content that a module's active data segments, at constant offsets, produce in a memory.
func image(t *testing.T, m *corewasm.Module) []byte {
	t.Helper()
	memory := make([]byte, 100<<16)
	for _, d := range m.AllData() {
		if d.Mode != corewasm.SegActive {
			continue
		}
		at, _, err := leb128.S32(d.Offset.Bytes[1:])
		if err != nil {
			t.Fatal(err)
		}
		copy(memory[at:], d.Bytes)
	}
	return memory
}
