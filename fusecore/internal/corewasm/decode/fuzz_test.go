package decode_test

import (
	"bytes"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/edit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
)

// FuzzDecode checks that no input makes decoding or validation panic, and that a module that decodes survives encoding
// and an identity rewrite with the same validation result.
func FuzzDecode(f *testing.F) {
	f.Add(inFunc(0x0b))
	f.Add(inFunc(0x02, 0x40, 0x20, 0, 0x0d, 0, 0x0b, 0x0b))
	f.Add(inFunc(0x41, 0, 0x28, 2, 0, 0x1a, 0xfc, 0x0b, 0, 0xfd, 0x0c, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0x0b))
	f.Add(inFunc(0x1f, 0x40, 1, 2, 0, 0x0b, 0x0e, 1, 0, 0, 0x06, 0x40, 0x19, 0x0b, 0xd0, 0x6e, 0xfb, 24, 3, 0, 0x6e, 0x6d, 0x0b))
	f.Add(module(vec(1, []byte{0x4e, 2, 0x50, 0, 0x5f, 1, 0x64, 1, 1, 0x4f, 1, 0, 0x5f, 1, 0x64, 1, 1}),
		vec(2, []byte{0, 0, 1, 0x70, 1, 0, 5}, []byte{0, 0, 3, 0x7f, 0}),
		vec(5, []byte{7, 1, 2}), vec(6, []byte{0x7f, 1, 0x23, 0, 0x0b}), vec(7, []byte{1, 'm', 2, 0}),
		vec(9, append([]byte{5, 0x70, 1, 0xd0, 0x70}, 0x0b)), sec(12, 1), vec(11, []byte{1, 1, 'x'}),
		sec(0, append([]byte("\x04name"), 0, 2, 1, 'm')...), sec(0, 1, 'c', 9)))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := decode.ModuleWith(t.Context(), data, 0, decode.Options{CustomPageSizes: true})
		if err != nil {
			return
		}
		if _, err := scan.Refs(t.Context(), m); err != nil {
			t.Errorf("the references of a module that decodes cannot be listed: %v", err)
		}
		valid := validate.Module(t.Context(), m, validate.All) == nil
		again := reencode(t, m)
		for i := range m.Code {
			same(t, m, i)
		}
		if (validate.Module(t.Context(), again, validate.All) == nil) != valid {
			t.Errorf("valid before encoding: %v, after: %v", valid, !valid)
		}
	})
}

// reencode encodes and decodes a module and checks that doing so again changes nothing.
func reencode(t *testing.T, m *corewasm.Module) *corewasm.Module {
	data := encode.Module(m)
	again, err := decode.ModuleWith(t.Context(), data, 0, decode.Options{CustomPageSizes: true})
	if err != nil {
		t.Fatalf("the encoded module does not decode: %v", err)
	}
	if !bytes.Equal(encode.Module(again), data) {
		t.Fatal("encoding twice produces other bytes")
	}
	return again
}

// same rewrites a body with identity maps and compares the instructions.
func same(t *testing.T, m *corewasm.Module, i int) {
	identity := func(n uint32) []uint32 {
		s := make([]uint32, n)
		for i := range s {
			s[i] = uint32(i)
		}
		return s
	}
	types := uint32(0)
	for m.SubTypeAt(types) != nil {
		types++
	}
	var e edit.Editor
	for k := range corewasm.ExternKind(corewasm.NumExterns) {
		e.Maps[k] = identity(m.Count(k))
	}
	e.Maps[op.SpaceType], e.Maps[op.SpaceElem], e.Maps[op.SpaceData] = identity(types), identity(uint32(len(m.Elems))), identity(uint32(len(m.Data)))
	for _, offsets := range []func(int, int){nil, func(int, int) {}} {
		e.Offsets = offsets
		got, err := e.Body(nil, &m.Code[i])
		if err != nil {
			t.Fatalf("code %d: %v", i, err)
		}
		if !bytes.Equal(canonical(t, got), canonical(t, m.Code[i].Code)) {
			t.Fatalf("code %d changed: % x became % x", i, m.Code[i].Code, got)
		}
	}
}

// canonical encodes instructions in their shortest form.
func canonical(t *testing.T, code []byte) (out []byte) {
	r := op.NewReader(code, 0)
	for r.Next() {
		out = r.In.Append(out)
	}
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	return out
}
