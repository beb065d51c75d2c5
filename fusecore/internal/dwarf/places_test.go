package dwarf

import (
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/origin"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
)

// instruction is one of the output, with the offset in its function's body that it comes from.
type instruction struct {
	at uint64
	of uint32
}

// TestSpans checks of every range of instructions of every function that its place in the output has the same instructions, beside
// those that come from elsewhere.
func TestSpans(t *testing.T) {
	for _, name := range guests {
		for form, o := range forms {
			t.Run(name+"/"+form, func(t *testing.T) {
				f := fuse(t, guest(t, name), o)
				placed, err := layOut(f.out, f.traces)
				if err != nil {
					t.Fatal(err)
				}
				bodies, err := scan.Encoded(f.out)
				if err != nil {
					t.Fatal(err)
				}
				p := newPlaces(0, f.in, mentions(placed, 1)[0])
				checked := 0
				for i := range placed {
					body := placed[i].trace.Body
					if body == origin.Nowhere {
						continue
					}
					_, code, _ := scan.Locals(bodies[i])
					var out []instruction
					for r := op.NewReader(code, 0); r.Next(); {
						if b, of := originOf(placed[i].trace, uint32(r.In.Start), uint32(len(code))); b == body {
							out = append(out, instruction{placed[i].code + uint64(r.In.Start), of})
						}
					}
					checked += checkSpans(t, p, &p.bodies[body.Index], out, boundaries(f.in.Code[body.Index].Code))
				}
				if checked < 100 {
					t.Errorf("only %d ranges", checked)
				}
			})
		}
	}
}

// TestPlaces checks where code is between which there is other code, and of which there is a copy behind it.
func TestPlaces(t *testing.T) {
	own, other := origin.Body{}, origin.Body{Source: 1}
	f := function{10, 13, 50, &origin.Trace{Body: own, Marks: []origin.Mark{
		{Body: own}, {At: 6, Body: own, Of: 2}, {At: 6, Body: other}, {At: 10, Body: own, Of: 2}, {At: 18, Body: origin.Nowhere}, {At: 19, Body: own, Of: 4}, {At: 21, Body: own, Of: 12},
	}}}
	m := &corewasm.Module{CodeOffset: 100, Code: []corewasm.Body{{Offset: 104, Code: make([]byte, 16)}}}
	p := newPlaces(0, m, []*function{&f})
	for was, want := range map[uint64]uint64{2: 10, 4: 13, 5: 14, 6: 23, 7: 24, 8: 25, 13: 30, 14: 31, 16: 34, 19: 37, 20: 50} {
		if got, ok := p.address(was); !ok || got != want {
			t.Errorf("address %d is %d, %v, want %d", was, got, ok, want)
		}
	}
	for _, was := range []uint64{0, 1, 21} {
		if got, ok := p.address(was); ok {
			t.Errorf("address %d is %d", was, got)
		}
	}
}

// boundaries returns where instructions begin, and the end.
func boundaries(code []byte) (out []uint32) {
	for r := op.NewReader(code, 0); r.Next(); {
		out = append(out, uint32(r.In.Start))
	}
	return append(out, uint32(len(code)))
}

// checkSpans checks all ranges between boundaries of a body, and returns how many are in the output.
func checkSpans(t *testing.T, p *places, b *body, out []instruction, boundaries []uint32) (checked int) {
	for i, lo := range boundaries {
		for _, hi := range boundaries[i+1:] {
			s, ok := p.span(b.code+uint64(lo), b.code+uint64(hi))
			if ok {
				checked++
			}
			for _, in := range out {
				if inside := ok && s.lo <= in.at && in.at < s.hi; inside != (lo <= in.of && in.of < hi) {
					t.Fatalf("code %d to %d is at %x: instruction %x is from %d", lo, hi, s, in.at, in.of)
				}
			}
		}
	}
	return checked
}
