package fusecore_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	coredecode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// A bare is an instance of a bare module, embedded by hand through the engine's interface for core modules as MODULE.md says,
// without a component around it.
type bare struct {
	t  testing.TB
	m  *bareModule
	in *wasmtime.CoreInstance
}

// bareFunc is a function of the host: flat arguments and results.
type bareFunc func(b *bare, args []uint64) ([]uint64, error)

// bareModule is a module to embed.
type bareModule struct {
	abi     *coreabi.ABI
	wasm    []byte
	imports map[coreabi.Import]*corewasm.FuncType
	exports map[string]*corewasm.FuncType // functions
	memory  bool                          // whether a memory is exported

	compiled *wasmtime.CoreModule
}

// bareForms are the forms that can be embedded.
func bareForms() (out []*outputForm) {
	for _, f := range outputForms {
		if f.emit == fusecore.EmitModule {
			out = append(out, f)
		}
	}
	return out
}

// bare makes the form of a graph, without the component around it.
func (f *outputForm) bare(t testing.TB, g fusecore.Graph) *bareModule {
	t.Helper()
	return f.bareWith(t, g, fusecore.FuseOptions{})
}

// bareWith is like bare, with other options.
func (f *outputForm) bareWith(t testing.TB, g fusecore.Graph, o fusecore.FuseOptions) *bareModule {
	t.Helper()
	out, err := fusecore.Fuse(t.Context(), g, f.options(o))
	if err != nil {
		t.Fatal(err)
	}
	m := &bareModule{abi: &coreabi.WITNames, wasm: out.Bytes(), imports: map[coreabi.Import]*corewasm.FuncType{}, exports: map[string]*corewasm.FuncType{}}
	if f.abi == fusecore.CM32P2 {
		m.abi = &coreabi.CM32P2
	}
	decoded, err := coredecode.Module(m.wasm, 0)
	if err == nil {
		err = validModule(m.wasm)
	}
	if err != nil {
		t.Fatal(err)
	}
	for i, im := range decoded.Imports {
		x := coreabi.Import{Module: im.Module, Name: im.Name}
		if m.imports[x] != nil || im.Kind != corewasm.ExternFunc {
			t.Errorf("the import %s is not a function, or repeated", x)
		}
		m.imports[x] = decoded.FuncTypeOf(uint32(i))
	}
	for _, e := range decoded.Exports {
		switch {
		case e.Kind == corewasm.ExternFunc:
			m.exports[e.Name] = decoded.FuncTypeOf(e.Index)
		case e.Kind == corewasm.ExternMem && e.Name == m.abi.Memory:
			m.memory = true
		default:
			t.Errorf("an export %s of kind %v", e.Name, e.Kind)
		}
	}
	return m
}

// compile compiles the module for an engine, until the test ends.
func (m *bareModule) compile(t testing.TB, e *wasmtime.Engine) {
	t.Helper()
	var err error
	if m.compiled, err = e.CompileCore(m.wasm); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.compiled.Close)
}

// instantiate makes an instance without initialising it. A function of the host that the module does not import is left out.
func (m *bareModule) instantiate(t testing.TB, host map[coreabi.Import]bareFunc) *bare {
	t.Helper()
	b := &bare{t: t, m: m}
	funcs := map[string]wasmtime.CoreFunc{}
	for im := range m.imports {
		f := host[im]
		if f == nil {
			t.Fatalf("the module imports %s, which the host does not have", im)
		}
		funcs[im.Module+"#"+im.Name] = func(args []uint64) ([]uint64, error) { return f(b, args) }
	}
	var err error
	if b.in, err = m.compiled.Load(funcs); err != nil {
		t.Fatal(err)
	}
	return b
}

// start makes an instance and initialises it.
func (m *bareModule) start(t testing.TB, host map[coreabi.Import]bareFunc) *bare {
	t.Helper()
	b := m.instantiate(t, host)
	if m.exports[b.m.abi.Initialize] != nil {
		b.must(b.m.abi.Initialize)
	}
	return b
}

// call calls a function of the world itself.
func (b *bare) call(name string, args ...uint64) ([]uint64, error) {
	return b.in.Call(b.m.abi.Export(coreabi.Item{Name: name}), args...)
}

// must calls an export that must not trap.
func (b *bare) must(export string, args ...uint64) []uint64 {
	b.t.Helper()
	out, err := b.in.Call(export, args...)
	if err != nil {
		b.t.Fatalf("%s: %v", export, err)
	}
	return out
}

// memory returns the memory that the host sees, or nil if there is none.
func (b *bare) memory() []byte {
	b.t.Helper()
	if !b.m.memory {
		return nil
	}
	mem, err := b.in.Memory(b.m.abi.Memory)
	if err != nil {
		b.t.Fatal(err)
	}
	return mem
}

// write allocates memory for a string.
func (b *bare) write(s string) (at, n uint64) {
	b.t.Helper()
	at = b.must(b.m.abi.Realloc, 0, 0, 1, uint64(len(s)))[0]
	copy(b.memory()[at:], s)
	return at, uint64(len(s))
}

// put writes 32-bit numbers into the memory.
func (b *bare) put(at uint64, numbers ...uint32) {
	for i, n := range numbers {
		binary.LittleEndian.PutUint32(b.memory()[at+4*uint64(i):], n)
	}
}

// get reads a 32-bit number from the memory.
func (b *bare) get(at uint64) uint64 { return uint64(binary.LittleEndian.Uint32(b.memory()[at:])) }

// read reads a string whose address and length are at an address. An error means that the module says what cannot be.
func (b *bare) read(at uint64) (string, error) {
	mem := b.memory()
	if at%4 != 0 || at+8 > uint64(len(mem)) {
		return "", fmt.Errorf("a result at %#x", at)
	}
	from, n := b.get(at), b.get(at+4)
	if from+n > uint64(len(mem)) {
		return "", fmt.Errorf("a string of %d bytes at %#x", n, from)
	}
	return string(mem[from : from+n]), nil
}

// list returns a copy of the list at an address, with a length, of values of a size, or nil if it is not in the memory.
func (b *bare) list(of [2]uint32, size uint64) []byte {
	mem, from, to := b.memory(), uint64(of[0]), uint64(of[0])+size*uint64(of[1])
	if to > uint64(len(mem)) {
		return nil
	}
	return bytes.Clone(mem[from:to])
}
