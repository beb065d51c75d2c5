package optimise_test

import (
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/optimise"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/optimise/inline"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/program"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/seeds"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// calls is the number of calls of each instance: more if other seeds than the usual ones are tried.
func calls() int {
	if os.Getenv("FUSE_PROGRAMS") != "" && !testing.Short() {
		return 300
	}
	return 60
}

// host is the host of an instance: what it answers depends on the calls so far.
type host struct {
	in    *wasmtime.CoreInstance
	funcs []program.Func // that it may call
	depth int
	n     uint64
	log   strings.Builder
}

// imports returns the host's functions.
func (h *host) imports(m *corewasm.Module) map[string]wasmtime.CoreFunc {
	out := map[string]wasmtime.CoreFunc{}
	for i := range m.Imports {
		im := &m.Imports[i]
		if im.Kind != corewasm.ExternFunc || m.SubTypeAt(im.Func) == nil {
			continue
		}
		f := m.SubTypeAt(im.Func).Func
		out[im.Module+"#"+im.Name] = func(args []uint64) ([]uint64, error) { return h.call(im.Name, f, args) }
	}
	return out
}

// call answers a call, sometimes after calling back.
func (h *host) call(name string, f corewasm.FuncType, args []uint64) ([]uint64, error) {
	h.n++
	fmt.Fprintf(&h.log, " %s%x", name, args)
	sum := h.n * 0x9e3779b97f4a7c15
	for _, a := range args {
		sum = (sum ^ a) * 0x100000001b3
	}
	if sum%17 == 0 {
		return nil, fmt.Errorf("the host refuses %s", name)
	}
	if sum%3 == 0 && h.depth < 2 && len(h.funcs) > 0 && h.in != nil {
		h.depth++
		r := rand.New(rand.NewPCG(sum, 1))
		fmt.Fprintf(&h.log, " (%s)", invoke(h.in, r, h.funcs))
		h.depth--
	}
	out := make([]uint64, len(f.Results))
	for i, t := range f.Results {
		out[i] = number(sum+uint64(i), t.String())
	}
	return out, nil
}

// number returns a value of a type with some of the bits of n. It is no NaN.
func number(n uint64, typ string) uint64 {
	switch typ {
	case "i32":
		return uint64(uint32(n))
	case "f32":
		return uint64(uint32(n) &^ 0x7f800000)
	case "f64":
		return n &^ (0x7ff << 52)
	}
	return n
}

// invoke calls one of some functions with random arguments, and returns what happens.
func invoke(in *wasmtime.CoreInstance, r *rand.Rand, funcs []program.Func) string {
	f := funcs[r.IntN(len(funcs))]
	var args []uint64
	for _, p := range f.Params {
		n := r.Uint64()
		if r.IntN(2) == 0 {
			n %= 20
		}
		args = append(args, number(n, p))
	}
	res, err := in.Call(f.Name, args...)
	return fmt.Sprintf("%s%x = %x%s", f.Name, args, res, kind(err))
}

// kind is what of an error must stay the same: the kind of a trap, and the function in which it occurs if it is named after
// a rule.
func kind(err error) string {
	if err == nil {
		return ""
	}
	text := err.Error()
	if i := strings.Index(text, "Caused by:"); i >= 0 {
		text = text[i:]
	}
	if t, ok := err.(*wasmtime.Trap); ok && strings.HasPrefix(t.Function, "trap: ") {
		text += t.Function
	}
	return " " + text
}

// play instantiates a module some times, makes calls that a seed determines, and returns what could be observed.
func play(e *wasmtime.Engine, wasm []byte, p *program.Program, seed uint64) ([]string, error) {
	m, err := decode.Module(wasm, 0)
	if err != nil {
		return nil, err
	}
	compiled, err := e.CompileCore(wasm)
	if err != nil {
		return nil, err
	}
	defer compiled.Close()
	var out []string
	for again := range uint64(3) {
		r := rand.New(rand.NewPCG(seed, again))
		h := &host{funcs: p.Funcs}
		in, err := compiled.Load(h.imports(m))
		if err != nil {
			return append(out, kind(err)), nil
		}
		h.in = in
		for i := range calls() {
			h.log.Reset()
			_, err := in.Call("refuel")
			line := kind(err) + invoke(in, r, p.Funcs) + h.log.String()
			if i%10 == 9 {
				for _, d := range p.Dumps {
					v, err := in.Call(d)
					line += fmt.Sprintf(" %s: %x%s", d, v, kind(err))
				}
			}
			out = append(out, line)
		}
		out = append(out, exported(in, m))
		in.Close()
	}
	return out, nil
}

// exported returns what the host sees of an instance's memories and globals.
func exported(in *wasmtime.CoreInstance, m *corewasm.Module) (out string) {
	for i := range m.Exports {
		switch x := &m.Exports[i]; x.Kind {
		case corewasm.ExternMem:
			b, err := in.Memory(x.Name)
			out += fmt.Sprintf(" %s: %d bytes, %x%s", x.Name, len(b), crc32.ChecksumIEEE(b), kind(err))
		case corewasm.ExternGlobal:
			if t := m.GlobalAt(int(x.Index)).Type.Type; !t.IsRef() && t != corewasm.V128 { // programs import no globals of the host
				v, err := in.Global(x.Name)
				out += fmt.Sprintf(" %s: %x%s", x.Name, v, kind(err))
			}
		}
	}
	return out
}

func parse(t testing.TB, wat string) *corewasm.Module {
	t.Helper()
	wasm, err := wasmtime.Text(wat)
	if err != nil {
		t.Fatalf("%v\n%s", err, wat)
	}
	return decoded(t, wasm)
}

func decoded(t testing.TB, wasm []byte) *corewasm.Module {
	t.Helper()
	m, err := decode.Module(wasm, 0)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// optimised returns the optimised form of a module, which is valid. Odd seeds optimise a draft that has been changed before:
// whose items have got other indices, and that has been optimised already.
func optimised(t testing.TB, m *corewasm.Module, seed uint64) []byte {
	t.Helper()
	d := draft.Of(m)
	o := optimise.Options{Inline: &inline.Options{Everything: true}, Share: true, Layout: seed%3 > 0}
	switch seed % 8 {
	case 1, 3, 5:
		if _, err := d.Renumber(shuffled(d, rand.New(rand.NewPCG(seed, 14)))); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	case 7:
		if _, err := optimise.Module(t.Context(), d, o); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	case 6:
		o.Inline = nil
	}
	if _, err := optimise.Module(t.Context(), d, o); err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	out, err := d.Write(t.Context())
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	wasm := encode.Module(out)
	if err := validate.Module(t.Context(), decoded(t, wasm), validate.All); err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	return wasm
}

// shuffled returns a random order of a draft's items. Segments, whose order matters, and types stay where they are.
func shuffled(d *draft.Module, r *rand.Rand) *draft.Order {
	o := new(draft.Order)
	for k := range corewasm.ExternKind(corewasm.NumExterns) {
		imported := int(d.NumImported(k))
		list := make([]uint32, d.Count(op.Space(k)))
		for i := range list {
			list[i] = uint32(i)
		}
		for _, part := range [][]uint32{list[:imported], list[imported:]} {
			r.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
		}
		o.Items[k] = list
	}
	return o
}

// counts are what a test has compared.
type counts struct{ programs, calls, traps, exceptions, hosts int }

// differential compares the two forms of the program of a seed.
func differential(t testing.TB, e *wasmtime.Engine, seed uint64, n *counts) {
	t.Helper()
	p := program.Standalone(seed)
	m := parse(t, p.Text)
	want, err := play(e, encode.Module(m), p, seed)
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, p.Text)
	}
	got, err := play(e, optimised(t, m, seed), p, seed)
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, p.Text)
	}
	n.programs++
	n.calls += len(want)
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Errorf("seed %d, call %d\noptimised: %s\n     as is: %s", seed, i, slices.Concat(got, []string{"nothing"})[min(i, len(got))], want[i])
			return
		}
		if strings.Contains(want[i], "Caused by") {
			n.traps++
		}
		if strings.Contains(want[i], "thrown") {
			n.exceptions++
		}
		if strings.Contains(want[i], " h") {
			n.hosts++
		}
	}
}

func engine() *wasmtime.Engine { return wasmtime.New(wasmtime.Options{Timeout: 20 * time.Second}) }

// TestRandom plays random programs (testkit/program) as they are and optimised.
func TestRandom(t *testing.T) {
	e := engine()
	defer e.Close()
	var n counts
	from, to := seeds.Of(t, "FUSE_PROGRAMS", 40)
	for seed := from; seed < to && !t.Failed(); seed++ {
		differential(t, e, seed, &n)
		if n.programs%100 == 0 {
			t.Logf("%+v", n)
		}
	}
	t.Logf("%+v", n)
	if n.traps == 0 || n.traps*2 > n.calls || n.exceptions == 0 || n.hosts == 0 {
		t.Errorf("the programs do too little: %+v", n)
	}
}

// FuzzOptimise is TestRandom with any seed.
func FuzzOptimise(f *testing.F) {
	e := engine()
	f.Cleanup(e.Close)
	for seed := range uint64(4) {
		f.Add(1_000_000 + seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { differential(t, e, seed, new(counts)) })
}
