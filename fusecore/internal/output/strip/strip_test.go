package strip_test

import (
	"bytes"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	coreencode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/output/strip"
)

// module returns a module with a name, the world and another section.
func module() *corewasm.Module {
	m := &corewasm.Module{Name: "NAMED", Customs: []corewasm.Custom{
		{Name: "component-type", Bytes: []byte("WORLD")}, {Name: ".debug_info", Bytes: []byte("DEBUG")},
	}}
	m.Index()
	return m
}

// outer returns a component with all that can have names or custom sections: a new module, one of an input, and a component of
// an input that contains both.
func outer(t *testing.T) *component.Component {
	t.Helper()
	core := coreencode.Module(module())
	inner := &component.Component{Name: "NAMED", Defs: []component.Def{
		&component.CoreModule{Module: module(), Bytes: core},
		&component.Custom{Name: "producers", Bytes: []byte("PRODUCERS")},
	}}
	kept, err := decode.Component(encode.Component(inner))
	if err != nil {
		t.Fatal(err)
	}
	return &component.Component{Name: "NAMED", Defs: []component.Def{
		&component.CoreModule{Module: module()},
		&component.CoreModule{Module: module(), Bytes: core},
		&component.NestedComponent{Component: kept},
		&component.NestedComponent{Component: inner},
		&component.Custom{Name: "producers", Bytes: []byte("PRODUCERS")},
	}, Names: []component.SortNames{{Sort: component.SortComponent, Names: []component.NameAssoc{{Index: 0, Name: "NAMED"}}}}}
}

func TestComponent(t *testing.T) {
	for _, x := range []struct {
		what                            strip.What
		names, worlds, debug, producers int
	}{
		{strip.Names, 0, 4, 4, 3},
		{strip.Customs, 0, 1, 0, 0},
	} {
		c := outer(t)
		before := encode.Component(c)
		after := encode.Component(strip.Component(c, x.what))
		if !bytes.Equal(before, encode.Component(c)) {
			t.Errorf("%d: the component itself has changed", x.what)
		}
		if _, err := decode.Component(after); err != nil {
			t.Errorf("%d: %v", x.what, err)
		}
		for text, n := range map[string][2]int{
			"NAMED": {8, x.names}, "WORLD": {4, x.worlds}, "DEBUG": {4, x.debug}, "PRODUCERS": {3, x.producers},
		} {
			if b, a := bytes.Count(before, []byte(text)), bytes.Count(after, []byte(text)); b != n[0] || a != n[1] {
				t.Errorf("%d: %s is there %d times before and %d times after, want %d and %d", x.what, text, b, a, n[0], n[1])
			}
		}
	}
}

// TestBytesOfOther checks that what is not a list of sections stays, because Bytes also gets what was not validated.
func TestBytesOfOther(t *testing.T) {
	core := coreencode.Module(module())
	for _, b := range [][]byte{
		nil, []byte("\x00asm"), core[:len(core)-1], append(core[:8:8], 0), append(core[:8:8], 0, 0xff, 0xff, 0xff, 0xff, 0xff),
		leb128.AppendU32(append(core[:8:8], 0), 1<<31),
	} {
		if out := strip.Bytes(b, strip.Customs); !bytes.Equal(out, b) {
			t.Errorf("%x has become %x", b, out)
		}
	}
	unnamed := append(core[:8:8], 0, 1, 0x80)
	if out := strip.Bytes(unnamed, strip.Customs); !bytes.Equal(out, unnamed) {
		t.Errorf("a custom section without a name has become %x", out)
	}
}
