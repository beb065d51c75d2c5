package onememory_test

import (
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/mutants"
)

// changes are mutants of the package that some test must notice.
var changes = []mutants.Mutant{
	{"access.go", "e := in.Offset + 1<<in.Info.Align", "e := in.Offset + 1<<in.Info.Align - 1"},
	{"access.go", "return r.Base+e <= near", "return true || r.Base+e <= near"},
	{"access.go", "return uint64(address.value)+e <= r.Size", "return uint64(address.value)+e <= r.Size+8"},
	{"access.go", "f.version == w.version[f.local] && f.extent >= e", "f.extent >= e"},
	{"access.go", "f.version == w.version[f.local] && f.extent >= e", "f.version == w.version[f.local]"},
	{"access.go", "f.memory == r.Memory && ", ""},
	{"access.go", "w.i32(int32(^uint32(r.Base)))", "w.i32(int32(-uint32(r.Base)))"},
	{"access.go", "case e > r.Size:", "case e > r.Size+page:"},
	{"access.go", "w.i32(int32(uint32(r.Size - e)))", "w.i32(int32(uint32(r.Size - e + 1)))"},
	{"access.go", "w.op(op.I64ExtendI32U, op.I64GtU)", "w.op(op.I64ExtendI32U, op.I64GtU, op.Drop)\n\t\tw.i32(0)"},
	{"access.go", "in.Offset += r.Base", "in.Offset += r.Base / 2"},
	{"rewrite.go", "w.floor = len(w.known)", "_ = w.floor"},
	{"rewrite.go", "w.known, w.stack = w.known[:b.known], w.stack[:0]", "w.stack = w.stack[:0]"},
	{"rewrite.go", "if l.calls || w.copied != nil {", "if w.copied != nil {"},
	{"rewrite.go", "if w.depth == w.until {", "if false {"},
	{"rewrite.go", "if o.kind == copied && w.version[o.local] != o.version {", "if false {"},
	{"rewrite.go", "if s == op.SpaceLabel && i == w.depth && w.wrapped {", "if false {"},
	{"counted.go", "w.i64(int64(f.extent))", "w.i64(int64(f.extent) - 1)"},
	{"counted.go", "w.i64(int64(c.strides[f.local]))", "w.i64(1)"},
	{"counted.go", "w.op(op.I32Sub, op.I64ExtendI32U)", "w.op(op.I32Sub, op.I32Clz, op.I64ExtendI32U)"},
	{"counted.go", "if assigned[l] != 1 || l == c.counter {", "if false {"},
	{"survey.go", "case in.Op == op.MemoryGrow || calls(in):", "case calls(in):"},
	{"access.go", "if compare {", "if false {"},
	{"access.go", "w.inRange(w.layout.at(from), n, to != from)", "w.inRange(w.layout.at(from), n, false)"},
	{"access.go", "w.op(op.I32Sub, op.I32GtU)\n\tw.trapIf()", "w.op(op.I32Sub, op.I32GtU, op.Drop)"},
	{"access.go", "w.check(r, a, 0)\n", ""},
	{"generate.go", "w.out = op.MemoryCopy.Append(w.out, 0, 0)", "w.op(op.Drop, op.Drop, op.Drop)"},
	{"generate.go", "w.out = op.MemoryFill.Append(w.out, 0)", "w.op(op.Drop, op.Drop, op.Drop)"},
	{"generate.go", "w.op(op.I32Sub, op.I32GtU)\n\tw.ifReturn(-1)", "w.op(op.I32Sub, op.I32GtU, op.Drop)"},
	{"generate.go", "for k := i + 1; k < len(w.layout.Regions); k++ {", "for k := i + 2; k < len(w.layout.Regions); k++ {"},
	{"generate.go", "w.get(capacity)\n\tw.op(op.I32GtU)\n\tw.begin", "w.get(capacity)\n\tw.op(op.I32GtU, op.Drop)\n\tw.i32(0)\n\tw.begin"},
	{"rebuild.go", "inside = at+uint64(len(d.Bytes)) <= g.Size", "inside = true"},
	{"rebuild.go", "l.Max = min(maxPages, t.Base/page+t.max)", "l.Max = maxPages"},
	{"layout.go", "moves = moves || l.Slides && m.grows", "moves = false"},
}

// TestMutants checks that the tests notice every mutant. See mutants.Check.
func TestMutants(t *testing.T) {
	mutants.Check(t, changes, func(string) [][]string {
		return [][]string{{"-failfast", "-run", "Regions|Zero|Edges|Flows|Random|Segments|Layout|Checked", "."}}
	})
}
