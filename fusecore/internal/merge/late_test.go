package merge

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// TestLateData merges modules whose data sections stay encoded, and the same modules with decoded ones: the outcomes are
// equal, and the sections stay encoded where nothing keeps them from it.
func TestLateData(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	stay := 0
	for round := range 100 {
		gap, pages := 7+rnd.IntN(20), uint64(1+rnd.IntN(3))
		if rnd.IntN(4) == 0 {
			gap = 1 // some are joined
		}
		drops, shares, starts, defined := rnd.IntN(3) == 0, rnd.IntN(4) == 0, rnd.IntN(4) == 0, rnd.IntN(8) == 0
		build := func(late bool, seed uint64) *Fused {
			rnd := rand.New(rand.NewPCG(3, seed))
			module := func(body []byte) *corewasm.Module {
				m := guest(body)
				m.Mems = []corewasm.MemType{page}
				m.Mems[0].Limits.Min = pages
				m.Data = scattered(rnd, gap)
				if drops {
					m.DataCount = ptr(uint32(len(m.Data)))
				}
				m.Index()
				decoded, err := decode.Module(encode.Module(m), 0)
				if err != nil {
					t.Fatal(err)
				}
				if decoded.LateData == nil {
					t.Fatal("the section was decoded")
				}
				if !late {
					decoded.Data, decoded.LateData = m.Data, nil
				}
				return decoded
			}
			body := in(op.Nop)
			if drops {
				body = in(op.DataDrop, 70)
			}
			p := newProgram()
			if starts { // it cannot see the other memories, but may precede a trap
				p.instance(starting(in(op.Nop)))
			}
			a := p.instance(module(body))
			b := p.instance(module(body))
			if !defined {
				p.imports(def(externMem, a, 0))
				p.imports(def(externMem, b, 0))
			}
			if shares {
				c := importing(guest(), externMem)
				c.Data = []corewasm.Data{data(40, "later")}
				p.instance(c, def(externMem, a, 0))
			}
			_, f := p.merge(t)
			return f
		}
		want, got := build(false, uint64(round)), build(true, uint64(round))
		if !bytes.Equal(encode.Module(got.Module), encode.Module(want.Module)) {
			t.Errorf("round %d: another module", round)
		}
		if !slices.EqualFunc(want.AllData(), got.AllData(), func(a, b corewasm.Data) bool {
			return a.Mode == b.Mode && a.Mem == b.Mem && bytes.Equal(a.Offset.Bytes, b.Offset.Bytes) && bytes.Equal(a.Bytes, b.Bytes)
		}) {
			t.Errorf("round %d: other data of memories", round)
		}
		stay += len(got.LateData)
		fits := pages == 3 // all are below this
		if mayStay := fits && gap > 6 && !defined; mayStay && !shares && len(got.LateData) != 2 || len(got.LateData) > 0 && gap == 1 {
			t.Errorf("round %d: %d sections stay encoded", round, len(got.LateData))
		}
	}
	if stay < 20 {
		t.Errorf("only %d sections stay encoded", stay)
	}
}

// scattered returns segments in two ascending runs with at least so many bytes between two of them.
func scattered(rnd *rand.Rand, gap int) []corewasm.Data {
	var list []corewasm.Data
	at := 0
	for range 100 + rnd.IntN(100) {
		d := data(int32(at), string(bytes.Repeat([]byte{byte(rnd.IntN(256))}, 1+rnd.IntN(700))))
		at += len(d.Bytes) + gap + rnd.IntN(20)
		list = append(list, d)
	}
	k := rnd.IntN(len(list))
	return append(list[k:len(list):len(list)], list[:k]...)
}
