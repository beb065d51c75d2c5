package onememory_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/onememory"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// TestEdges accesses a memory of one page, in every kind of region, with every instruction, around its edges and those of 32
// bits: at an address in a local, at a sum, and at constant ones. An access traps exactly if it is not in bounds.
func TestEdges(t *testing.T) {
	const size = 1 << 16
	for _, tc := range []struct {
		name, others, code string
		bottom             int
	}{
		{"engine", "(memory 1)", "", 1},
		{"engine, far", "(memory 600)", "", 1},
		{"constant, never grows", "(memory 1) (memory 1)", "(func (drop (memory.grow 2 (i32.const 0))))", 1},
		{"constant, far", "(memory 600) (memory 1)", "(func (drop (memory.grow 2 (i32.const 0))))", 1},
		{"constant, grows", "(memory 1) (memory 1)", "(func (drop (memory.grow 0 (i32.const 0))) (drop (memory.grow 2 (i32.const 0))))", 1},
		{"moving", "(memory 1) (memory 1)", "(func (drop (memory.grow 0 (i32.const 0))) (drop (memory.grow 1 (i32.const 0))))", 1},
	} {
		var b strings.Builder
		fmt.Fprintf(&b, "(module (memory 1) %s %s\n", tc.others, tc.code)
		type access struct {
			name string
			args []uint64
			in   bool
		}
		var all []access
		for n, o := range accesses() {
			w := uint64(1) << o.Get().Align
			for k, offset := range []uint64{0, 3, size - w, size - w + 1, 1 << 31, 1<<32 - 1} {
				if k > 1 && n%4 != k%4 && !testing.Verbose() {
					continue // not each with each
				}
				inBounds := func(a uint64) bool { return a+offset+w <= size }
				name := fmt.Sprintf("%s %d", o, offset)
				fmt.Fprintf(&b, "(func (export %q) (param i32) local.get 0 %s)\n", name, accessText(o, offset))
				fmt.Fprintf(&b, "(func (export \"sum %s\") (param i32) local.get 0 i32.const 1 i32.add %s)\n", name, accessText(o, offset))
				for _, a := range []uint64{0, 1, size - w - offset, size - w - offset + 1, size - offset, size - 1, size, 1<<32 - size - offset, 1<<32 - offset, 1<<32 - w, 1<<32 - 1} {
					a &= 1<<32 - 1
					all = append(all, access{name, []uint64{a}, inBounds(a)}, access{"sum " + name, []uint64{(a - 1) & (1<<32 - 1)}, inBounds(a)})
					constant := fmt.Sprintf("%s at %d", name, a)
					if !strings.Contains(b.String()[max(0, b.Len()-3000):], fmt.Sprintf("%q", constant)) {
						fmt.Fprintf(&b, "(func (export %q) i32.const %d %s)\n", constant, int32(a), accessText(o, offset))
						all = append(all, access{constant, nil, inBounds(a)})
					}
				}
			}
		}
		b.WriteString(")")
		wasm, l := single(t, parse(t, b.String()), onememory.Options{Bottom: tc.bottom})
		if kind, _, _ := strings.Cut(tc.name, ","); !strings.Contains(regionOf(l, 0).Check.String(), kind) {
			t.Fatalf("%s: %v", tc.name, l)
		}
		e := wasmtime.New(wasmtime.Options{Unoptimised: true, Timeout: -1})
		in, err := e.LoadCore(wasm, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range all {
			if _, err := in.Call(a.name, a.args...); a.in != (err == nil) || err != nil && kind(err) != "out of bounds memory access" {
				t.Errorf("%s: %s%v: %v, in bounds: %v", tc.name, a.name, a.args, err, a.in)
			}
		}
		in.Close()
		e.Close()
	}
}

func regionOf(l *onememory.Layout, mem uint32) *onememory.Region {
	for i := range l.Regions {
		if l.Regions[i].Memory == mem {
			return &l.Regions[i]
		}
	}
	return nil
}

// accessText is an access of memory 0 at the address on the stack, and the drop of its result.
func accessText(o op.Op, offset uint64) string {
	in := o.Get()
	text := fmt.Sprintf("%s offset=%d", in.Name, offset)
	if in.Imm == op.MemargLane {
		text += " 0"
	}
	if len(in.Params) > 1 {
		text = map[byte]string{'i': "i32.const 7 ", 'l': "i64.const 7 ", 'f': "f32.const 7 ", 'd': "f64.const 7 ", 'v': "i32.const 7 i8x16.splat "}[in.Params[1]] + text
	}
	if len(in.Results) > 0 {
		text += " drop"
	}
	return text
}
