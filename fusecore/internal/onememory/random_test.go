package onememory_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/onememory"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// instance is an instance of a module in any engine.
type instance interface {
	Call(name string, args ...uint64) ([]uint64, error)
	Close()
}

// host is the function that programs import: it calls back, if the depth allows it.
type host struct {
	in    instance
	depth int
	log   []string
}

func (h *host) call(args []uint64) ([]uint64, error) {
	h.log = append(h.log, fmt.Sprint(args))
	if h.depth >= 3 {
		return []uint64{7}, nil
	}
	h.depth++
	defer func() { h.depth-- }()
	res, err := h.in.Call(fmt.Sprintf("f%d", args[1]%numFuncs), args[0], args[1], args[1]<<16, 5)
	if err != nil {
		h.log = append(h.log, kind(err))
		return []uint64{uint64(len(kind(err)))}, nil
	}
	return []uint64{uint64(uint32(res[0]))}, nil
}

// kind is what of an error must be the same in every form and engine.
func kind(err error) string {
	if err == nil {
		return ""
	}
	text := err.Error()
	for _, k := range []string{"out of bounds memory access", "unreachable", "stack overflow", "exhausted"} {
		if strings.Contains(text, k) {
			return k
		}
	}
	return text
}

// wazeroInstance is an instance in wazero.
type wazeroInstance struct {
	r wazero.Runtime
	m api.Module
}

func (w *wazeroInstance) Call(name string, args ...uint64) ([]uint64, error) {
	f := w.m.ExportedFunction(name)
	if f == nil {
		return nil, errors.New("no function " + name)
	}
	return f.Call(context.Background(), args...)
}

func (w *wazeroInstance) Close() { w.r.Close(context.Background()) }

func inWazero(wasm []byte, h *host) (*wazeroInstance, error) {
	ctx := context.Background()
	w := &wazeroInstance{r: wazero.NewRuntime(ctx)}
	_, err := w.r.NewHostModuleBuilder("host").NewFunctionBuilder().WithGoFunction(api.GoFunc(func(_ context.Context, stack []uint64) {
		res, _ := h.call([]uint64{uint64(uint32(stack[0])), uint64(uint32(stack[1]))}) // the upper halves are undefined
		stack[0] = res[0]
	}), []api.ValueType{api.ValueTypeI32, api.ValueTypeI32}, []api.ValueType{api.ValueTypeI32}).Export("call").Instantiate(ctx)
	if err == nil {
		w.m, err = w.r.Instantiate(ctx, wasm)
	}
	if err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// run calls an instance's functions in an order that a seed determines, and returns what could be observed.
func run(p *program, seed uint64, in instance, h *host) []string {
	r := rand.New(rand.NewPCG(seed, 2))
	edges := &program{Rand: r, mins: p.mins, sum: p.sum}
	var out []string
	for range 12 {
		f := fmt.Sprintf("f%d", r.IntN(numFuncs))
		args := []uint64{uint64(edges.edge()), uint64(edges.edge()), uint64(edges.edge()), r.Uint64()}
		h.log = nil
		res, err := in.Call(f, args...)
		line := fmt.Sprintf("%s%x = %x %s %v", f, args, res, kind(err), h.log)
		for i := range p.mins {
			d, err := in.Call(fmt.Sprintf("dump%d", i))
			line += fmt.Sprintf(" %x%s", d, kind(err))
		}
		out = append(out, line)
	}
	return out
}

// differential runs the program of a seed with several memories and with one, and reports the first difference.
func differential(t *testing.T, e *wasmtime.Engine, seed uint64, inWazeroToo bool) (slides, traps bool) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	limited := r.IntN(4) == 0
	p := newProgram(seed, limited)
	m := parse(t, p.b.String())
	o := onememory.Options{Bottom: r.IntN(len(p.mins)+1) - 1}
	if limited {
		o.Reserve = 1 << 20
	}
	one, l := single(t, m, o)
	load := func(wasm []byte) ([]string, error) {
		h := &host{}
		in, err := e.LoadCore(wasm, map[string]wasmtime.CoreFunc{"host#call": h.call})
		if err != nil {
			return nil, err
		}
		defer in.Close()
		h.in = in
		return run(p, seed, in, h), nil
	}
	want, err := load(encode.Module(m))
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, p.b.String())
	}
	compare := func(engine string, got []string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("seed %d in %s: %v", seed, engine, err)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("seed %d, %+v in %s, call %d: %s\nwith several memories: %s\n%v\n%s", seed, o, engine, i, got[i], want[i], l, p.b.String())
			}
		}
	}
	got, err := load(one)
	compare(wasmtime.Name(), got, err)
	if inWazeroToo {
		h := &host{}
		in, err := inWazero(one, h)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		defer in.Close()
		h.in = in
		compare("wazero", run(p, seed, in, h), nil)
	}
	return l.Slides, strings.Contains(strings.Join(want, ""), "out of bounds")
}

// FuzzRandom is TestRandom with any seed.
func FuzzRandom(f *testing.F) {
	e := wasmtime.New(wasmtime.Options{})
	f.Cleanup(e.Close)
	for seed := range uint64(4) {
		f.Add(1_000_000 + seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { differential(t, e, seed, seed%4 == 0) })
}

func TestRandom(t *testing.T) {
	e := wasmtime.New(wasmtime.Options{})
	defer e.Close()
	n := uint64(150)
	if testing.Short() {
		n = 50
	}
	slides, traps := 0, 0
	for seed := range n {
		s, tr := differential(t, e, seed, seed%4 == 0)
		if s {
			slides++
		}
		if tr {
			traps++
		}
	}
	if slides == 0 || slides == int(n) || traps == 0 {
		t.Errorf("of %d programs, %d have memories that move and %d trap", n, slides, traps)
	}
}

// TestChecked checks the code of random programs and of the kernels, and that the checker finds every check that is left out.
func TestChecked(t *testing.T) {
	inputs := []*corewasm.Module{decoded(t, readKernels(t))}
	for seed := range uint64(40) {
		inputs = append(inputs, parse(t, newProgram(1000+seed, seed%4 == 0).b.String()))
	}
	for i := range placements {
		if p := &placements[i]; !p.many {
			several := *p
			several.many = true
			inputs = append(inputs, decoded(t, several.place(t, readKernels(t))))
		}
	}
	mutants, found := 0, 0
	for n, m := range inputs {
		if m.Count(corewasm.ExternMem) < 2 {
			continue
		}
		wasm, l := single(t, m, onememory.Options{Bottom: n%3 - 1})
		for _, wrong := range check(t, m, decoded(t, wasm), l) {
			t.Errorf("input %d: %s", n, wrong)
		}
		for k := range numChecks(decoded(t, wasm)) {
			out := decoded(t, wasm)
			leaveOut(out, k)
			mutants++
			if len(check(t, m, out, l)) > 0 {
				found++
			}
		}
	}
	// The others are not needed: nothing reaches them, or the value has been checked before, in another local or before a loop.
	if mutants < 200 || found < mutants*85/100 {
		t.Errorf("of %d modules without one check, %d are found", mutants, found)
	}
}

func decoded(t testing.TB, wasm []byte) *corewasm.Module {
	t.Helper()
	m, err := decode.Module(wasm, 0)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// eachCheck calls f for the comparisons whose result leads to the trap of a body.
func eachCheck(m *corewasm.Module, f func(body int, in *op.Instr)) {
	for i := range m.Code {
		depth := uint32(0)
		for _, in := range instructions(m.Code[i].Code) {
			switch {
			case in.Info.Imm == op.BlockType || in.Info.Imm == op.TryTable:
				depth++
			case in.Op == op.End:
				depth--
			case in.Op == op.BrIf && in.Index+1 == depth:
				f(i, &in)
			}
		}
	}
}

func numChecks(m *corewasm.Module) (n int) {
	eachCheck(m, func(int, *op.Instr) { n++ })
	return n
}

// leaveOut makes the n-th check ineffective.
func leaveOut(m *corewasm.Module, n int) {
	eachCheck(m, func(body int, in *op.Instr) {
		if n == 0 {
			code := m.Code[body].Code
			rest := code[in.Start+len(in.Append(nil)):]
			m.Code[body].Code = append(op.Drop.Append(append([]byte{}, code[:in.Start]...)), rest...)
		}
		n--
	})
}
