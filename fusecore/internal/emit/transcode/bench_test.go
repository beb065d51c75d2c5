package transcode

import (
	"fmt"
	"testing"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/asmtest"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// fixedRealloc returns the same block for every string, and keeps a block that is reallocated.
func fixedRealloc(u *asm.Unit, _, _ asm.Sym, wide bool) asm.Sym {
	f := u.Func("realloc", reallocType(wide))
	if wide {
		f.LocalGet(f.Param(0)).I64Const(4096).LocalGet(f.Param(0)).I64Const(0).Op(op.I64Ne, op.Select)
	} else {
		f.LocalGet(f.Param(0)).I32Const(4096).LocalGet(f.Param(0)).Op(op.Select)
	}
	f.Finish()
	return f.Sym()
}

// repeated adds a function that passes a string a number of times: [ptr length times] -> [].
func repeated(u *asm.Unit, c config, name string, once asm.Sym) {
	p := Side{Ptr64: c.src64}.Ptr()
	f := u.Func(name+" repeated", corewasm.FuncType{Params: []corewasm.ValType{p, p, corewasm.I32}})
	again := f.Loop()
	f.LocalGet(f.Param(0)).LocalGet(f.Param(1)).Call(once).Op(op.Drop, op.Drop)
	f.LocalGet(f.Param(2)).I32Const(1).Op(op.I32Sub).LocalTee(f.Param(2))
	f.BrIf(again)
	f.End()
	f.Finish()
}

// benchTexts are texts to repeat. latin1 reports whether latin1+utf16 sources use latin1.
var benchTexts = []struct {
	name   string
	text   string
	latin1 bool
}{
	{"ascii", "the quick brown fox jumps over the lazy dog! ", true},
	{"western", "Größe für naïve Übung, déjà vu à la façade: ", true},
	{"cyrillic", "съешь же ещё этих мягких французских булок ", false},
	{"cjk", "敏捷的棕色狐狸跳过了懒狗的背部然后跑走了", false},
	{"emoji", "😀🎉🚀🌍", false},
}

// BenchmarkPass measures each pair within one call of the engine, so that only the passing counts.
func BenchmarkPass(b *testing.B) {
	for _, c := range configs[:2] {
		u, pairs := build(c, fixedRealloc)
		for _, from := range encodings {
			for _, to := range encodings {
				name := pairName(from, to)
				repeated(u, c, name, pairs[name])
			}
		}
		for i := range u.Mems {
			u.Mems[i].Type.Limits.Min = 16
		}
		in := asmtest.Start(b, asmtest.Module(u, asmtest.Imports{}), nil)
		for _, from := range encodings {
			for _, to := range encodings {
				for _, text := range benchTexts {
					for _, size := range []int{8, 32, 1 << 16} {
						if size < len(text.text) && text.name != "ascii" {
							continue
						}
						benchPair(b, in, c, from, to, text.name, text.text, text.latin1, size)
					}
				}
			}
		}
	}
}

func benchPair(b *testing.B, in *wasmtime.CoreInstance, c config, from, to cabi.Encoding, kind, text string, latin1 bool, size int) {
	mode := map[bool]string{false: "scalar", true: "simd"}[c.simd]
	b.Run(fmt.Sprintf("%s/%s/%s/%d", mode, pairName(from, to), kind, size), func(b *testing.B) {
		var s []rune
		for n := 0; n < size; {
			for _, r := range text {
				if k := len(string(r)); n+k <= size {
					s = append(s, r)
					n += k
				} else {
					n = size
				}
			}
		}
		bytes, units, tagged := source(from, s, latin1)
		src, err := in.Memory("src")
		if err != nil {
			b.Fatal(err)
		}
		copy(src[1024:], bytes)
		// The best of many short intervals is more meaningful than the mean on a machine that is not idle.
		best := time.Duration(1 << 62)
		times := max(1, 100_000/(len(bytes)+20))
		for b.Loop() {
			start := time.Now()
			if _, err := in.Call(pairName(from, to)+" repeated", 1024, length(units, tagged, c.src64), uint64(times)); err != nil {
				b.Fatal(err)
			}
			best = min(best, time.Since(start))
		}
		ns := float64(best.Nanoseconds()) / float64(times)
		b.ReportMetric(ns, "ns/pass")
		b.ReportMetric(float64(len(bytes))*1000/ns, "MB/s")
		b.ReportMetric(0, "ns/op")
	})
}
