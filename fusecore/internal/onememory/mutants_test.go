package onememory_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mutants are changes of the package that some test must notice.
var mutants = []struct{ file, from, to string }{
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

// TestMutants checks that every mutant changes the package, and, with MUTANTS=all, that the tests notice it. That compiles
// the package for each and takes minutes.
func TestMutants(t *testing.T) {
	for _, m := range mutants {
		source, err := os.ReadFile(m.file)
		if errors.Is(err, os.ErrNotExist) {
			t.Skip("needs the package's sources, which Bazel does not lay out")
		}
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(source), m.from, m.to, 1)
		if text == string(source) {
			t.Errorf("%s has no %q", m.file, m.from)
			continue
		}
		if os.Getenv("MUTANTS") != "all" {
			continue
		}
		dir := t.TempDir()
		mutant := filepath.Join(dir, m.file)
		original, err := filepath.Abs(m.file)
		if err != nil {
			t.Fatal(err)
		}
		overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{original: mutant}})
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "overlay.json")
		for name, content := range map[string][]byte{mutant: []byte(text), file: overlay} {
			if err := os.WriteFile(name, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		out, err := exec.Command("go", "test", "-short", "-vet=off", "-overlay", file, "-failfast", "-run", "Regions|Zero|Edges|Flows|Random|Segments|Layout|Checked", ".").CombinedOutput()
		switch text := string(out); {
		case err == nil:
			t.Errorf("nothing notices %s: %q instead of %q", m.file, m.to, m.from)
		case strings.Contains(text, "[build failed]"):
			t.Errorf("%s: %q: %s", m.file, m.to, text)
		}
	}
}
