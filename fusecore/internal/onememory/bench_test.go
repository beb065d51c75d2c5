package onememory_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/onememory"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// kernels are the exported functions of testdata/kernels.wasm, with the iterations that take some milliseconds.
var kernels = []struct {
	name string
	n    uint64
}{
	{"sort", 30}, {"hash", 30}, {"parse", 50}, {"copy", 150}, {"walk", 60}, {"sha256", 15}, {"json", 40}, {"bulk", 60}, {"tree", 20},
}

// placement is how the memory of the kernels lies in one memory.
type placement struct {
	name   string
	grows  bool // whether the kernels' memory grows
	others []bool
	bottom int
	check  onememory.Check
	many   bool // several memories instead of one
}

var placements = []placement{
	{"several", true, []bool{false}, onememory.NoBottom, 0, true},
	{"engine", true, []bool{false}, onememory.NoBottom, onememory.Engine, false},
	{"fixed", false, []bool{false, true}, 1, onememory.Constant, false},
	{"constant", true, []bool{false, true}, 1, onememory.Constant, false},
	{"moving", true, []bool{true}, 1, onememory.Moving, false},
}

// place adds other memories of 1 MiB to the kernels' module, each with a function that uses it, and makes them one.
func (p *placement) place(t testing.TB, wasm []byte) []byte {
	m := decoded(t, wasm)
	var typ uint32
	for i := range m.Exports {
		if e := &m.Exports[i]; e.Name == "grow" {
			typ, _ = m.FuncTypeIndex(e.Index)
			if !p.grows {
				m.Code[e.Index].Code = op.End.Append(op.LocalGet.Append(nil, 0))
			}
		}
	}
	m.Exports = slices.DeleteFunc(m.Exports, func(e corewasm.Export) bool { return e.Kind == corewasm.ExternMem })
	for i, grows := range p.others {
		mem := uint32(len(m.Mems))
		m.Mems = append(m.Mems, corewasm.MemType{Limits: corewasm.Limits{Min: 16}, PageSizeLog2: 16})
		body := op.LocalGet.Append(nil, 0)
		if grows {
			body = op.MemoryGrow.Append(body, mem)
		} else {
			body = op.AppendMemarg(op.I32Load.Append(body), 2, mem, 0)
		}
		m.Exports = append(m.Exports, corewasm.Export{Name: fmt.Sprintf("other%d", i), Kind: corewasm.ExternFunc, Index: m.Count(corewasm.ExternFunc)})
		m.Funcs = append(m.Funcs, typ)
		m.Code = append(m.Code, corewasm.Body{Code: op.End.Append(body)})
		m.Index()
	}
	if p.many {
		return encode.Module(m)
	}
	r, err := onememory.Module(t.Context(), m, nil, onememory.Options{Bottom: p.bottom})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range r.Layout.Regions {
		if g.Memory == 0 && (g.Check != p.check || g.Base == 0) {
			t.Fatalf("%s: %v", p.name, r.Layout)
		}
	}
	return encode.Module(r.Module)
}

// codeSize returns the size of the bodies of a module.
func codeSize(t testing.TB, wasm []byte) (n int) {
	m := decoded(t, wasm)
	for i := range m.Code {
		n += len(encode.Body(nil, &m.Code[i]))
	}
	return n
}

func readKernels(t testing.TB) []byte {
	wasm, err := os.ReadFile("testdata/kernels.wasm")
	if err != nil {
		t.Fatal(err)
	}
	return wasm
}

// TestKernels checks that the kernels compute the same in every placement.
func TestKernels(t *testing.T) {
	wasm := readKernels(t)
	e := wasmtime.New(wasmtime.Options{Timeout: -1})
	defer e.Close()
	results := func(wasm []byte) (out []uint64) {
		in, err := e.LoadCore(wasm, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		for _, k := range kernels {
			res, err := in.Call(k.name, 2)
			if err != nil {
				t.Fatal(k.name, err)
			}
			out = append(out, res[0])
		}
		return out
	}
	want := results(wasm)
	for i := range placements {
		if got := results(placements[i].place(t, wasm)); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", placements[i].name, got, want)
		}
	}
}

// BenchmarkKernels compares the kernels with their own memory, the only one, with the placements, alternately in one
// process: the median of the ratios of CPU time. geo is the geometric mean of the kernels, worst the greatest, bytes the
// ratio of the sizes of their code.
func BenchmarkKernels(b *testing.B) {
	plain := readKernels(b)
	engines := []struct {
		name  string
		ratio func(b *testing.B, plain, placed []byte) []float64
	}{{wasmtime.Name(), inWasmtime}, {"wazero", ratiosInWazero}}
	for _, node := range nodes(b) {
		engines = append(engines, struct {
			name  string
			ratio func(b *testing.B, plain, placed []byte) []float64
		}{node.name, node.ratios})
	}
	for _, e := range engines {
		for i := range placements {
			p := &placements[i]
			if p.many && (e.name == "wazero" || strings.HasPrefix(e.name, "Node 20")) {
				continue // it has no module with several memories
			}
			b.Run(e.name+"/"+p.name, func(b *testing.B) {
				placed := p.place(b, plain)
				ratios := e.ratio(b, plain, placed)
				sum, worst := 0.0, 0
				for k, r := range ratios {
					sum += math.Log(r)
					if r > ratios[worst] {
						worst = k
					}
				}
				b.ReportMetric(math.Exp(sum/float64(len(ratios))), "geo")
				b.ReportMetric(ratios[worst], "worst-"+kernels[worst].name)
				b.ReportMetric(float64(codeSize(b, placed))/float64(codeSize(b, plain)), "bytes")
				b.ReportMetric(0, "ns/op")
				for k, r := range ratios {
					b.Logf("%s %.2f", kernels[k].name, r)
				}
			})
		}
	}
}

// rounds is how often the two sides of a ratio alternate.
const rounds = 15

func median(f []float64) float64 {
	slices.Sort(f)
	return f[len(f)/2]
}

// cpu returns the CPU time of the process.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// alternate returns the ratios of b's CPU time to a's, by kernel.
func alternate(b *testing.B, x, y instance) (out []float64) {
	for _, k := range kernels {
		times := func(in instance) float64 {
			start := cpu()
			if _, err := in.Call(k.name, k.n); err != nil {
				b.Fatal(k.name, err)
			}
			return float64(cpu() - start)
		}
		times(x)
		times(y)
		var all []float64
		for range rounds {
			base := times(x)
			all = append(all, times(y)/base)
		}
		out = append(out, median(all))
	}
	return out
}

func inWasmtime(b *testing.B, plain, placed []byte) []float64 {
	e := wasmtime.New(wasmtime.Options{Timeout: -1})
	defer e.Close()
	var in [2]instance
	for i, wasm := range [][]byte{plain, placed} {
		x, err := e.LoadCore(wasm, nil)
		if err != nil {
			b.Fatal(err)
		}
		defer x.Close()
		in[i] = x
	}
	return alternate(b, in[0], in[1])
}

func ratiosInWazero(b *testing.B, plain, placed []byte) []float64 {
	var in [2]instance
	for i, wasm := range [][]byte{plain, placed} {
		x, err := inWazero(wasm, &host{})
		if err != nil {
			b.Fatal(err)
		}
		defer x.Close()
		in[i] = x
	}
	return alternate(b, in[0], in[1])
}

// node is a Node.js program.
type node struct{ name, path string }

// nodes finds Node.js: that on the PATH, and 24 where e2e/engines installs it.
func nodes(b *testing.B) (out []node) {
	engines := os.Getenv("ENGINES")
	if engines == "" {
		cache, _ := os.UserCacheDir()
		engines = filepath.Join(cache, "rules_wasm_fuse/engines")
	}
	for _, path := range []string{"node", filepath.Join(engines, "npm/node_modules/node24/bin/node")} {
		version, err := exec.Command(path, "--version").Output()
		if err != nil {
			b.Logf("NOT MEASURED: %s: %v", path, err)
			continue
		}
		major, _, _ := strings.Cut(strings.TrimPrefix(string(version), "v"), ".")
		out = append(out, node{"Node " + major, path})
	}
	return out
}

func (n node) ratios(b *testing.B, plain, placed []byte) []float64 {
	dir := b.TempDir()
	args := []string{"--no-liftoff", "testdata/kernels.mjs", fmt.Sprint(rounds)}
	for i, wasm := range [][]byte{plain, placed} {
		file := filepath.Join(dir, fmt.Sprint(i, ".wasm"))
		if err := os.WriteFile(file, wasm, 0o600); err != nil {
			b.Fatal(err)
		}
		args = append(args, file)
	}
	for _, k := range kernels {
		args = append(args, k.name, fmt.Sprint(k.n))
	}
	cmd := exec.Command(n.path, args...)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	var ratios []float64
	if err == nil {
		err = json.Unmarshal(text, &ratios)
	}
	if err != nil {
		b.Fatal(err)
	}
	return ratios
}

// BenchmarkGrow measures a memory that grows by single pages, from 1 to 256, below 16 MiB of another one that also grows:
// in one memory and in several. moves is the number of times that the other one moves.
func BenchmarkGrow(b *testing.B) {
	m := parse(b, `(module (memory $a 1) (memory $b 256)
  (func (export "run") (param $n i32) (result i32) (local $i i32)
    (loop $next
      (drop (memory.grow $a (i32.const 1)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (memory.size $a))
  (func (export "other") (drop (memory.grow $b (i32.const 0)))))`)
	one, l := single(b, m, onememory.Options{Bottom: 0})
	if !l.Slides {
		b.Fatal(l)
	}
	e := wasmtime.New(wasmtime.Options{Timeout: -1})
	defer e.Close()
	times := map[string][]float64{}
	for range rounds {
		for name, wasm := range map[string][]byte{"several": encode.Module(m), "one": one} {
			in, err := e.LoadCore(wasm, nil)
			if err != nil {
				b.Fatal(err)
			}
			start := cpu()
			if res, err := in.Call("run", 255); err != nil || res[0] != 256 {
				b.Fatal(res, err)
			}
			times[name] = append(times[name], float64(cpu()-start)/255/1000)
			in.Close()
		}
	}
	b.ReportMetric(median(times["one"]), "us/page")
	b.ReportMetric(median(times["several"]), "us/page-in-several")
	b.ReportMetric(0, "ns/op")
}
