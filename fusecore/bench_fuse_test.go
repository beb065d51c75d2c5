package fusecore_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	coreencode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/build"
)

// mixture is code with a typical mix of instructions: parameters and locals 0 to 2, global 0 and function 5.
var mixture = []byte{
	0x20, 0x00, 0x41, 0xe4, 0x00, 0x6a, 0x21, 0x01, 0x20, 0x01, 0x28, 0x02, 0x10, 0x22, 0x02, 0x45, 0x04, 0x40, 0x20, 0x02,
	0x20, 0x01, 0x36, 0x02, 0x08, 0x0b, 0x02, 0x40, 0x03, 0x40, 0x20, 0x02, 0x41, 0x01, 0x6b, 0x22, 0x02, 0x0d, 0x00, 0x0b,
	0x0b, 0x20, 0x01, 0x10, 0x05, 0x21, 0x01, 0x23, 0x00, 0x41, 0x10, 0x6b, 0x24, 0x00, 0x42, 0x80, 0x80, 0x04, 0xa7, 0x1a,
	0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x1a,
}

// perExport is the number of functions of a big module for each one that it exports.
const perExport = 400

func exportName(i int) string { return fmt.Sprintf("f%d", i) }

// bigModule returns a core module with n functions of type (i32) -> i32 of about 420 bytes, each of which calls the
// next one or, one in sixteen, any through the table. With imports, it imports as many of them from "to" as it exports.
// Data makes up about a third of it, names a tenth.
func bigModule(n int, imports bool) []byte {
	i32 := corewasm.I32
	one := []corewasm.ValType{i32}
	m := &corewasm.Module{
		Name:    "big",
		Types:   []corewasm.RecGroup{{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc, Func: corewasm.FuncType{Params: one, Results: one}}}}},
		Mems:    []corewasm.MemType{{Limits: corewasm.Limits{Min: uint64(n)/256 + 1}, PageSizeLog2: 16}},
		Globals: []corewasm.Global{{Type: corewasm.GlobalType{Type: i32, Mutable: true}, Init: coreencode.I32Const(0)}},
	}
	first := 0
	if imports {
		for ; first < n/perExport; first++ {
			m.Imports = append(m.Imports, corewasm.Import{Module: "to", Name: exportName(first), Kind: corewasm.ExternFunc})
		}
	}
	all := uint32(first + n)
	m.Tables = []corewasm.Table{{Type: corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: uint64(all)}}}}
	elem := corewasm.Elem{Offset: coreencode.I32Const(0), Type: corewasm.ValType{Code: corewasm.CodeRef, Heap: corewasm.HeapFunc}}
	for f := range all {
		elem.Funcs = append(elem.Funcs, f)
	}
	m.Elems = []corewasm.Elem{elem}
	for i := range n {
		code := append(bytes.Repeat(mixture, 6), 0x20, 0x00)
		if i%16 == 0 {
			code = append(code, 0x20, 0x02, 0x11, 0x00, 0x00) // call_indirect
		} else {
			code = leb128.AppendU32(append(code, 0x10), uint32(first+i+1)%all)
		}
		m.Funcs = append(m.Funcs, 0)
		m.Code = append(m.Code, corewasm.Body{Locals: []corewasm.LocalRun{{Count: 2, Type: i32}}, Code: append(code, 0x0b)})
		m.Names.SetFunc(uint32(first+i), fmt.Sprintf("namespace::a_type<of_another>::function_%d", i))
		if i%perExport == 0 && i/perExport < n/perExport {
			m.Exports = append(m.Exports, corewasm.Export{Name: exportName(i / perExport), Kind: corewasm.ExternFunc, Index: uint32(first + i)})
		}
	}
	data := make([]byte, n*200)
	rng := rand.NewChaCha8([32]byte{})
	_, _ = rng.Read(data) // never fails
	m.Data = []corewasm.Data{{Offset: coreencode.I32Const(0), Bytes: data}}
	return coreencode.Module(m)
}

// bigComponent wraps a bigModule. With imports it imports from the interface that it otherwise exports.
func bigComponent(n int, imports bool) []byte {
	const iface = "bench:pair/work@1.0.0"
	u32 := component.ValType{Prim: component.PrimU32}
	fn := &component.FuncDef{Params: []component.Field{{Label: "x", Type: &u32}}, Result: &u32}
	b := build.New()
	var args []component.CoreArg
	if imports {
		tb := build.NewType()
		for i := range n / perExport {
			tb.Export(component.ExternName{Name: exportName(i)}, component.ExternType{Kind: component.ExternFunc, Index: tb.Type(fn)})
		}
		inst := b.Import(iface, component.ExternType{Kind: component.ExternInstance, Index: b.Type(tb.Instance())})
		var to []component.CoreInlineExport
		for i := range n / perExport {
			f := b.CanonLower(b.AliasExport(inst, exportName(i), component.SortFunc))
			to = append(to, component.CoreInlineExport{Name: exportName(i), Item: component.CoreSortIdx{Sort: component.CoreFunc, Index: f}})
		}
		args = append(args, component.CoreArg{Name: "to", Instance: b.CoreExports(to...)})
	}
	main := b.CoreInstantiate(b.CoreModule(bigModule(n, imports)), args...)
	typ := b.Type(fn)
	var exports []component.InlineExport
	for i := range n / perExport {
		f := b.CanonLift(b.AliasCoreExport(main, exportName(i), component.CoreFunc), typ)
		if imports {
			b.ExportFunc(exportName(i), f)
			continue
		}
		exports = append(exports, component.InlineExport{Name: component.ExternName{Name: exportName(i)}, Item: component.SortIdx{Sort: component.SortFunc, Index: f}})
	}
	if !imports {
		b.ExportInstance(iface, b.Exports(exports...))
	}
	return encode.Component(b.Finish())
}

// BenchmarkFuse fuses pairs of big components of several sizes, whose rates must be about the same.
func BenchmarkFuse(b *testing.B) {
	for _, n := range []int{1600, 6400, 25600} {
		in := fusecore.Graph{
			Root: fusecore.Input{Name: "root.wasm", Bytes: bigComponent(n, true)},
			Deps: []fusecore.Input{{Name: "dep.wasm", Bytes: bigComponent(n, false)}},
		}
		size := len(in.Root.Bytes) + len(in.Deps[0].Bytes)
		for _, o := range []fusecore.FuseOptions{{SkipBodyValidation: true}, {}} {
			name := "validated"
			if o.SkipBodyValidation {
				name = "trusted"
			}
			b.Run(fmt.Sprintf("%s/%.1fMB", name, float64(size)/1e6), func(b *testing.B) {
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := fuseWith(o)(in); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// cpuTime is the time that the processor has spent on the current thread.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	const thread = 3 // CLOCK_THREAD_CPUTIME_ID
	var ts syscall.Timespec
	if _, _, err := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, thread, uintptr(unsafe.Pointer(&ts)), 0); err != 0 {
		b.Fatal(err)
	}
	return time.Duration(ts.Nano())
}
