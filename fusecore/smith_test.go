package fusecore_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	coredecode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/build"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/seeds"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/wasmtools"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// TestSmith puts pairs of random core modules side by side in a component, one of them twice, and calls their exports,
// composed and fused. Vector code, garbage collection, exceptions, 64-bit memories, tail calls, segments and start
// functions must behave the same in one module as in three. FUSE_SMITH sets the seeds, as N or FROM:N.
func TestSmith(t *testing.T) {
	tool := wasmtools.Need(t)
	from, to := seeds.Of(t, "FUSE_SMITH", 10)
	s := &smith{tool: tool}
	for seed := from; seed < to; seed++ {
		s.pair(t, seed)
	}
	t.Logf("%+v", s.counts)
	if s.counts.pairs*2 < int(to-from) || s.counts.calls < 10*s.counts.ran {
		t.Errorf("too little was compared: %+v", s.counts)
	}
}

// smith makes pairs of modules and counts the outcomes.
type smith struct {
	tool   wasmtools.Tool
	rng    *rand.Rand
	counts struct{ pairs, ran, trapAtStart, calls, traps int }
}

// smithFunc is an exported function that a component can lift directly.
type smithFunc struct {
	name string
	typ  *corewasm.FuncType
}

// options returns the options for one module.
func (s *smith) options() []string {
	o := []string{
		"--ensure-termination", "--max-imports", "0", "--export-everything", "true", "--min-funcs", "1", "--max-funcs", "12",
		"--max-memories", "3", "--max-tables", "3", "--max-memory32-bytes", "1000000", "--max-memory64-bytes", "1000000",
		"--max-table-elements", "1000", "--max-tags", "3", "--min-uleb-size", fmt.Sprint(1 + s.rng.IntN(5)),
		"--canonicalize-nans", "true", "--allow-start-export", "true", "--reference-types-enabled", "true", "--multi-value-enabled", "true",
	}
	for _, f := range []struct {
		feature string
		percent int
	}{
		{"exceptions", 50}, {"gc", 25}, {"memory64", 50}, {"tail-call", 70}, {"simd", 70}, {"bulk-memory", 90}, {"extended-const", 50},
		{"relaxed-simd", 0}, {"wide-arithmetic", 0}, {"threads", 0}, {"custom-page-sizes", 0}, {"shared-everything-threads", 0},
	} {
		o = append(o, "--"+f.feature+"-enabled", fmt.Sprint(s.rng.IntN(100) < f.percent))
	}
	return append(o, "--generate-custom-sections", fmt.Sprint(s.rng.IntN(5) == 0))
}

// module returns a module that exports at least one function on plain numbers, or nil if none was found.
func (s *smith) module(t *testing.T, seed uint64) ([]byte, []smithFunc) {
	t.Helper()
	for range 20 {
		raw := make([]byte, 400+s.rng.IntN(6000))
		for i := range raw {
			raw[i] = byte(s.rng.Uint32())
		}
		wasm, err := s.tool.Smith(raw, s.options()...)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		m, err := coredecode.Module(wasm, 0)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		var funcs []smithFunc
		for i := range m.Exports {
			e := &m.Exports[i]
			if e.Kind != corewasm.ExternFunc || len(funcs) == 20 {
				continue
			}
			ft := m.FuncTypeOf(e.Index)
			if m.PlainFunc(e.Index) && len(ft.Params) <= 16 && len(ft.Results) <= 1 && !slices.ContainsFunc(slices.Concat(ft.Params, ft.Results), notNumber) {
				funcs = append(funcs, smithFunc{e.Name, ft})
			}
		}
		if len(funcs) > 0 {
			return wasm, funcs
		}
	}
	return nil, nil
}

var numbers = map[corewasm.ValType]component.Prim{
	corewasm.I32: component.PrimU32, corewasm.I64: component.PrimU64, corewasm.F32: component.PrimF32, corewasm.F64: component.PrimF64,
}

func notNumber(t corewasm.ValType) bool { _, ok := numbers[t]; return !ok }

// smithComponent lifts the functions of one module: fa, fb and so on.
func smithComponent(module []byte, funcs []smithFunc) *component.Component {
	b := build.New()
	i := b.CoreInstantiate(b.CoreModule(module))
	prim := func(t corewasm.ValType) *component.ValType { return &component.ValType{Prim: numbers[t]} }
	for n, f := range funcs {
		d := &component.FuncDef{}
		for k, p := range f.typ.Params {
			d.Params = append(d.Params, component.Field{Label: fmt.Sprintf("p%d", k), Type: prim(p)})
		}
		if len(f.typ.Results) == 1 {
			d.Result = prim(f.typ.Results[0])
		}
		b.ExportFunc(smithName(n), b.CanonLift(b.AliasCoreExport(i, f.name, component.CoreFunc), b.Type(d)))
	}
	return b.Finish()
}

func smithName(n int) string { return "f" + string(rune('a'+n)) }

// smithCall is an export of a whole component.
type smithCall struct {
	name string
	typ  *corewasm.FuncType
}

// pair compares the component of one seed.
func (s *smith) pair(t *testing.T, seed uint64) {
	t.Helper()
	s.rng = rand.New(rand.NewPCG(seed, 5))
	first, firstFuncs := s.module(t, seed)
	second, secondFuncs := s.module(t, seed)
	if first == nil || second == nil {
		return
	}
	s.counts.pairs++
	b := build.New()
	one, two := b.Component(smithComponent(first, firstFuncs)), b.Component(smithComponent(second, secondFuncs))
	var calls []smithCall
	for i, c := range []uint32{one, two, one} {
		inst := b.Instantiate(c)
		for n, f := range [][]smithFunc{firstFuncs, secondFuncs, firstFuncs}[i] {
			name := string(rune('x'+i)) + smithName(n)
			b.ExportFunc(name, b.AliasExport(inst, smithName(n), component.SortFunc))
			calls = append(calls, smithCall{name, f.typ})
		}
	}
	composed := encode.Component(b.Finish())
	if err := s.tool.Validate(composed); err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	fused, err := fuse(single("smith", composed))
	if err != nil {
		t.Errorf("seed %d: %v", seed, err)
		return
	}
	if err := s.tool.Validate(fused.Bytes()); err != nil {
		t.Errorf("seed %d: %v", seed, err)
		return
	}
	s.compare(t, seed, composed, fused.Bytes(), calls)
}

// compare makes random calls until one traps, then continues in new instances.
func (s *smith) compare(t *testing.T, seed uint64, composed, fused []byte, calls []smithCall) {
	t.Helper()
	e := wasmtime.New(wasmtime.Options{Timeout: 20 * time.Second})
	defer e.Close()
	var forms [2]*wasmtime.Instance
	load := func() bool {
		var errs [2]error
		for i, wasm := range [][]byte{composed, fused} {
			forms[i], errs[i] = e.Load(wasm)
		}
		if (errs[0] == nil) != (errs[1] == nil) || errs[0] != nil && wasmtime.IsTrap(errs[0]) != wasmtime.IsTrap(errs[1]) {
			t.Errorf("seed %d: instantiation: composed %v, fused %v", seed, errs[0], errs[1])
		}
		return errs[0] == nil && errs[1] == nil
	}
	unload := func() {
		for _, in := range forms {
			if in != nil {
				in.Close()
			}
		}
	}
	defer func() { unload() }()
	if !load() {
		s.counts.trapAtStart++
		return
	}
	s.counts.ran++
	for range 60 {
		c := calls[s.rng.IntN(len(calls))]
		var args []string
		for _, p := range c.typ.Params {
			args = append(args, s.argument(p))
		}
		s.counts.calls++
		want, _ := outcome(forms[0], c.name, args...)
		got, rule := outcome(forms[1], c.name, args...)
		if want != got || rule != "" {
			t.Errorf("seed %d: %s(%s): composed %s, fused %s %s", seed, c.name, strings.Join(args, ", "), want, got, rule)
			return
		}
		if got == trapped {
			s.counts.traps++
			unload()
			if !load() {
				return
			}
		}
	}
}

func (s *smith) argument(t corewasm.ValType) string {
	switch t {
	case corewasm.I32:
		return fmt.Sprint([]uint32{0, 1, s.rng.Uint32(), s.rng.Uint32() % 70000, 1<<32 - 1}[s.rng.IntN(5)])
	case corewasm.I64:
		return fmt.Sprint([]uint64{0, 1, s.rng.Uint64(), s.rng.Uint64() % 70000}[s.rng.IntN(4)])
	}
	return []string{"0", "1.5", "-3", "nan", "inf"}[s.rng.IntN(5)]
}
