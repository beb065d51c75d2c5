package transcode

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/asmtest"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// config is the configuration of one test module, which has all nine pairs.
type config struct{ src64, dst64, simd, compact bool }

func (c config) String() string {
	width := map[bool]string{false: "32", true: "64"}
	s := width[c.src64] + "to" + width[c.dst64]
	if c.simd {
		s += "simd"
	}
	if c.compact {
		s += "compact"
	}
	return s
}

var configs = []config{
	{simd: true}, {}, {src64: true, dst64: true, simd: true}, {src64: true, dst64: true}, {dst64: true, simd: true},
	{src64: true, simd: true}, {dst64: true}, {src64: true},
	{simd: true, compact: true}, {src64: true, dst64: true, compact: true},
}

var encodings = []cabi.Encoding{cabi.UTF8, cabi.UTF16, cabi.Latin1UTF16}

func pairName(src, dst cabi.Encoding) string { return src.String() + "->" + dst.String() }

// Layout of the memory from which realloc is scripted and in which its calls are recorded: a count of calls, the
// script, then the calls. All numbers have 64 bits.
const (
	scriptAt   = 64
	scriptSize = 24 // pointer, whether to copy, number of pages to grow by
	callsAt    = 1024
	callSize   = 32
)

// build makes the unit for a configuration, with one function for each pair and the memories src, dst and script.
func build(c config, realloc func(u *asm.Unit, dst, script asm.Sym, wide bool) asm.Sym) (*asm.Unit, map[string]asm.Sym) {
	u := asm.NewUnit()
	mem := func(name string, wide bool) asm.Sym {
		return u.Memory(asm.Memory{Name: name, Type: corewasm.MemType{PageSizeLog2: 16, Limits: corewasm.Limits{Min: 1, Is64: wide}}})
	}
	src := Side{Mem: mem("src", c.src64), Ptr64: c.src64}
	dst := Side{Mem: mem("dst", c.dst64), Ptr64: c.dst64}
	re := realloc(u, dst.Mem, mem("script", false), c.dst64)
	dst.CallRealloc = func(f *asm.Func) { f.Call(re) }
	pairs := map[string]asm.Sym{}
	for _, from := range encodings {
		for _, to := range encodings {
			src.Encoding, dst.Encoding = from, to
			f := u.Func(pairName(from, to), corewasm.FuncType{
				Params:  []corewasm.ValType{src.Ptr(), src.Ptr()},
				Results: []corewasm.ValType{dst.Ptr(), dst.Ptr()},
			})
			p, n := Emit(u, f, src, dst, f.Param(0), f.Param(1), Options{SIMD: c.simd, Compact: c.compact})
			f.LocalGet(p).LocalGet(n)
			f.Finish()
			pairs[f.Name] = f.Sym()
		}
	}
	return u, pairs
}

func reallocType(wide bool) corewasm.FuncType {
	p := Side{Ptr64: wide}.Ptr()
	return corewasm.FuncType{Params: []corewasm.ValType{p, p, p, p}, Results: []corewasm.ValType{p}}
}

// scriptedRealloc records its arguments and follows the script.
func scriptedRealloc(u *asm.Unit, dst, script asm.Sym, wide bool) asm.Sym {
	f := u.Func("realloc", reallocType(wide))
	at, k := f.Local(corewasm.I32), f.Local(corewasm.I32)
	to64 := func() {
		if !wide {
			f.Op(op.I64ExtendI32U)
		}
	}
	from64 := func() {
		if !wide {
			f.Op(op.I32WrapI64)
		}
	}
	f.I32Const(0).Mem(op.I32Load, script, 0, 0).LocalTee(k)
	f.I32Const(callSize).Op(op.I32Mul).LocalSet(at)
	for i := range 4 {
		f.LocalGet(at).LocalGet(f.Param(i))
		to64()
		f.Mem(op.I64Store, script, 0, uint64(callsAt+8*i))
	}
	f.I32Const(0).LocalGet(k).I32Const(1).Op(op.I32Add).Mem(op.I32Store, script, 0, 0)
	f.LocalGet(k).I32Const(scriptSize).Op(op.I32Mul).LocalSet(at)
	f.LocalGet(at).Mem(op.I64Load, script, 0, scriptAt+16)
	from64()
	f.MemoryGrow(dst).Op(op.Drop)
	f.LocalGet(at).Mem(op.I32Load, script, 0, scriptAt+8)
	f.If()
	f.LocalGet(at).Mem(op.I64Load, script, 0, scriptAt)
	from64()
	f.LocalGet(f.Param(0))
	f.LocalGet(f.Param(1)).LocalGet(f.Param(3)).LocalGet(f.Param(1)).LocalGet(f.Param(3))
	if wide {
		f.Op(op.I64LtU)
	} else {
		f.Op(op.I32LtU)
	}
	f.Op(op.Select)
	f.MemoryCopy(dst, dst)
	f.End()
	f.LocalGet(at).Mem(op.I64Load, script, 0, scriptAt)
	from64()
	f.Finish()
	return f.Sym()
}

// machine runs one configuration beside the model.
type machine struct {
	c    config
	in   *wasmtime.CoreInstance
	dst  []byte // the model's destination memory, equal to the machine's before each case
	runs int
}

func newMachine(t testing.TB, c config) *machine {
	t.Helper()
	u, _ := build(c, scriptedRealloc)
	m := &machine{c: c, in: asmtest.Start(t, asmtest.Module(u, asmtest.Imports{}), nil)}
	d := m.mem(t, "dst")
	for i := range d {
		d[i] = byte(i*7 + 1)
	}
	m.dst = bytes.Clone(d)
	return m
}

func (m *machine) mem(t testing.TB, name string) []byte {
	b, err := m.in.Memory(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// input is one case: a string's location and encoding, and the behaviour of realloc. The bytes are already in the
// machine's source memory.
type input struct {
	from, to    cabi.Encoding
	ptr, length uint64
	script      []allocation
}

func (in input) String() string {
	return fmt.Sprintf("%s ptr %#x length %#x script %v", pairName(in.from, in.to), in.ptr, in.length, in.script)
}

// check runs a case on the machine and on the model, and fails t if they differ. It reports whether the string passed.
func (m *machine) check(t testing.TB, in input) bool {
	t.Helper()
	m.runs++
	src, script := m.mem(t, "src"), m.mem(t, "script")
	ref := &model{src: src, dst: m.dst, srcEnc: in.from, dstEnc: in.to, src64: m.c.src64, dst64: m.c.dst64, script: in.script}
	wantPtr, wantLen, ok := ref.pass(in.ptr, in.length)
	put := func(at int, v uint64) {
		for i := range 8 {
			script[at+i] = byte(v >> (8 * i))
		}
	}
	put(0, 0)
	for i, a := range in.script {
		put(scriptAt+i*scriptSize, a.ptr)
		put(scriptAt+i*scriptSize+8, map[bool]uint64{true: 1}[a.copy])
	}
	got, err := m.in.Call(pairName(in.from, in.to), in.ptr, in.length)
	dst := m.mem(t, "dst")
	switch {
	case err != nil && !wasmtime.IsTrap(err):
		t.Fatalf("%v: %v: %v", m.c, in, err)
	case err != nil && ok:
		t.Fatalf("%v: %v: trapped, want pointer %#x length %#x: %v", m.c, in, wantPtr, wantLen, err)
	case err == nil && !ok:
		t.Fatalf("%v: %v: gave %#x, want a trap", m.c, in, got)
	case err != nil:
		copy(m.dst, dst) // the content of the destination is undefined after a trap
		return false
	}
	if got[0] != wantPtr || got[1] != wantLen {
		t.Fatalf("%v: %v: gave pointer and length %#x, want %#x %#x", m.c, in, got, wantPtr, wantLen)
	}
	get := func(at int) (v uint64) {
		for i := range 8 {
			v |= uint64(script[at+i]) << (8 * i)
		}
		return v
	}
	if n := get(0); n != uint64(len(ref.calls)) {
		t.Fatalf("%v: %v: %d calls of realloc, want %v", m.c, in, n, ref.calls)
	}
	for i, want := range ref.calls {
		var call [4]uint64
		for j := range call {
			call[j] = get(callsAt + i*callSize + 8*j)
		}
		if call != want {
			t.Fatalf("%v: %v: call %d of realloc has arguments %#x, want %#x", m.c, in, i, call, want)
		}
	}
	if !bytes.Equal(dst, m.dst) {
		for i := range dst {
			if dst[i] != m.dst[i] {
				t.Fatalf("%v: %v: destination byte %#x is %#x, want %#x", m.c, in, i, dst[i], m.dst[i])
			}
		}
	}
	return true
}
