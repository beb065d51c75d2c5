package input_test

import (
	"fmt"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/input"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// file returns a component, of which custom sections precede a core module with a function.
func file(name string, customs int, code ...byte) *input.File {
	m := encode.Module(&corewasm.Module{
		Types: []corewasm.RecGroup{{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc}}}},
		Funcs: []uint32{0},
		Code:  []corewasm.Body{{Code: append(code, 0x0b)}},
	})
	b := []byte("\x00asm\x0d\x00\x01\x00")
	for range customs {
		b = append(b, 0, 2, 1, 'c')
	}
	b = leb128.AppendU32(append(b, 1), uint32(len(m)))
	return &input.File{Name: name, Bytes: append(b, m...)}
}

// TestModules reads files with the same modules at different offsets together, and each by itself: validity and errors, with
// their offsets, are the same, and the references of the same bytes are listed once.
func TestModules(t *testing.T) {
	for _, code := range [][]byte{{0x10, 0}, {0x10, 1}, {0x1a}, {0xff}, {0x41, 0x80}} {
		for _, bodies := range []bool{true, false} {
			modules := new(input.Modules)
			var refs []*corewasm.RefsOnce
			for i := range 3 {
				alone, together := file(fmt.Sprint("f", i), i, code...), file(fmt.Sprint("f", i), i, code...)
				together.Modules = modules
				one, _, err := alone.Component(t.Context(), bodies)
				other, _, again := together.Component(t.Context(), bodies)
				if fmt.Sprint(err) != fmt.Sprint(again) {
					t.Errorf("% x: %v\ntogether with others: %v", code, err, again)
				}
				if err != nil {
					continue
				}
				m, n := module(one), module(other)
				_, err = scan.Refs(t.Context(), m)
				_, again = scan.Refs(t.Context(), n)
				if fmt.Sprint(err) != fmt.Sprint(again) {
					t.Errorf("% x: %v\ntogether with others: %v", code, err, again)
				}
				refs = append(refs, n.Refs)
			}
			for _, r := range refs {
				if r != refs[0] {
					t.Errorf("% x: the references are not shared", code)
				}
			}
		}
	}
}

func module(c *component.Component) *corewasm.Module {
	for _, d := range c.Defs {
		if m, ok := d.(*component.CoreModule); ok {
			return m.Module
		}
	}
	return nil
}
