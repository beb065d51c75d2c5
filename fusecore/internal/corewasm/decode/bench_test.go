package decode_test

import (
	"bytes"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/edit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
)

// large returns a module with about 4 MB of code and a typical mix of instructions.
func large() *corewasm.Module {
	one := []byte{
		0x20, 0x00, 0x41, 0xe4, 0x00, 0x6a, 0x21, 0x01, 0x20, 0x01, 0x28, 0x02, 0x10, 0x22, 0x02, 0x45, 0x04, 0x40, 0x20, 0x02,
		0x20, 0x01, 0x36, 0x02, 0x08, 0x0b, 0x02, 0x40, 0x03, 0x40, 0x20, 0x02, 0x41, 0x01, 0x6b, 0x22, 0x02, 0x0d, 0x00, 0x0b,
		0x0b, 0x20, 0x01, 0x10, 0x05, 0x21, 0x01, 0x23, 0x00, 0x41, 0x10, 0x6b, 0x24, 0x00, 0x42, 0x80, 0x80, 0x04, 0xa7, 0x1a,
		0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x1a,
	}
	i32 := []corewasm.ValType{corewasm.I32}
	m := &corewasm.Module{
		Types: []corewasm.RecGroup{{Types: []corewasm.SubType{
			{Final: true, Kind: corewasm.CompFunc, Func: corewasm.FuncType{Params: i32, Results: i32}},
		}}},
		Mems:    []corewasm.MemType{{Limits: corewasm.Limits{Min: 1}, PageSizeLog2: 16}},
		Globals: []corewasm.Global{{Type: corewasm.GlobalType{Type: corewasm.I32, Mutable: true}, Init: encode.I32Const(0)}},
	}
	code := append(bytes.Repeat(one, 6), 0x20, 0x00, 0x0b)
	for range 10_000 {
		m.Funcs = append(m.Funcs, 0)
		m.Code = append(m.Code, corewasm.Body{Locals: []corewasm.LocalRun{{Count: 2, Type: corewasm.I32}}, Code: code})
	}
	return m
}

// BenchmarkPipeline measures the stages that every core module of an input goes through.
func BenchmarkPipeline(b *testing.B) {
	data := encode.Module(large())
	m, err := decode.Module(data, 0)
	if err != nil {
		b.Fatal(err)
	}
	run := func(name string, f func() error) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if err := f(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	var e edit.Editor
	e.Maps[op.SpaceFunc], e.Maps[op.SpaceMem], e.Maps[op.SpaceGlobal] = make([]uint32, len(m.Funcs)), []uint32{1}, []uint32{3}
	for i := range e.Maps[op.SpaceFunc] {
		e.Maps[op.SpaceFunc][i] = uint32(i) + 5000
	}
	dst := make([]byte, 0, 2*len(data))
	run("decode", func() error { _, err := decode.Module(data, 0); return err })
	run("edit", func() error {
		dst = dst[:0]
		for i := range m.Code {
			var err error
			if dst, err = e.Body(dst, &m.Code[i]); err != nil {
				return err
			}
		}
		return nil
	})
	run("encode", func() error { encode.Module(m); return nil })
	run("validate", func() error { return validate.Module(b.Context(), m, validate.Core3) })
}
