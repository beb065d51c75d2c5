package optimise_test

import (
	"path/filepath"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/mutants"
)

// changes are mutants of the passes that tests must notice.
var changes = []mutants.Mutant{
	// Locals that are not zero.
	{"inline/splice.go", "if p.loops == 0 && !p.used[l-p.own] {", "if true {"},
	{"inline/splice.go", "if p.loops == 0 && !p.used[l-p.own] {", "if !p.used[l-p.own] {"},
	{"inline/splice.go", "w.used[l-1-w.own] = true", "w.used[l-1-w.own] = false"},
	{"inline/callee.go", "a.now &= b.out\n", "_ = b.out\n"},
	{"inline/callee.go", "a.now &= b.entry\n", "_ = b.entry\n"},
	{"inline/callee.go", "b.out &= a.now\n", "_ = a.now\n"},
	{"inline/callee.go", "case op.BrIf, op.BrOnNull, op.BrOnNonNull, op.BrOnCast, op.BrOnCastFail:\n\t\ta.branches(in)", "case op.BrIf:"},
	{"inline/callee.go", "a.now>>local&1 != 0", "a.now>>(local/2)&1 != 0"},
	{"inline/callee.go", "return local < 64 && a.now>>local&1 != 0", "return a.now>>(local&63)&1 != 0"},
	{"inline/callee.go", "a.branch(c.Label, a.now)\n", "_ = c\n"},
	{"inline/callee.go", "a.now, b.op = b.entry, op.Else", "b.op = op.Else"},
	{"inline/callee.go", "case op.Br, op.BrTable:\n\t\ta.branches(in)\n", "case op.Br, op.BrTable:\n"},
	// Arguments that are not what the callee reads.
	{"inline/splice.go", "for k := len(p.waiting) - 1; k >= 0; k-- {", "for k := range p.waiting {"},
	{"inline/splice.go", "return uint32(e.value) < p.own", "return true"},
	{"inline/splice.go", "case p.c.sets[i] == 0 && p.replaces(", "case p.replaces("},
	{"inline/splice.go", "if p.c.gets[i] == 1 && p.c.sets[i] == 0 {", "if p.c.sets[i] == 0 {"},
	{"inline/splice.go", "p.effect(op.LocalTee.Append(nil, p.local(i))...)", "p.effect(op.LocalTee.Append(nil, p.local(0))...)"},
	{"inline/splice.go", "p.count[t]++", "_ = t"},
	{"inline/splice.go", "if i < p.c.params && p.c.sets[i] == 0 {\n\t\t\tp.stable", "if true {\n\t\t\tp.stable"},
	{"inline/splice.go", "p.c.sets[i] == 1 && !p.c.zero[i]", "!p.c.zero[i]"},
	{"inline/splice.go", "p.c.sets[i] == 1 && !p.c.zero[i]", "p.c.sets[i] == 1"},
	{"inline/splice.go", "if p.c.gets[i] > 1 {", "if false {"},
	{"inline/write.go", "return w.lastEnd == len(w.out) && w.lastEnd > 0 && ", "return "},
	// Branches and folding.
	{"inline/callee.go", "c.leaves = c.leaves || branchesTo(in, uint32(len(a.blocks)-1))", "_ = branchesTo"},
	{"inline/callee.go", "case op.ReturnCall, op.ReturnCallIndirect, op.ReturnCallRef,\n", "case "},
	{"inline/callee.go", "if op.Op(c.code[0]) == op.Unreachable {", "if false {"},
	{"inline/splice.go", "if uint32(v) == 0 {", "if uint32(v) != 0 {"},
	{"inline/splice.go", "min(int64(cond), int64(len(in.Labels)-1))", "min(int64(cond)+1, int64(len(in.Labels)-1))"},
	{"inline/splice.go", "if cond != 0 {\n\t\t\tp.leave", "if cond == 0 {\n\t\t\tp.leave"},
	{"inline/splice.go", "uint32(len(p.blocks)))...)", "uint32(0))...)"},
	{"inline/fold.go", "case known && neutral(o, b.value):", "case known && b.value == 0:"},
	{"inline/fold.go", "&& commutes(o) && neutral(o, 0)", "&& neutral(o, 0)"},
	{"inline/fold.go", "case o >= 0x6d && o <= 0x70, ", "case "},
	{"inline/fold.go", "x << (y & 31)", "x << y"},
	{"inline/fold.go", "a < b, sa > sb", "sa < sb, sa > sb"},
	{"inline/fold.go", "uint64(int64(int32(v)))", "uint64(v)"},

	// Functions that can be called.
	{"shake/references.go", "for up, ok := t, true; ok; up, ok = r.types.super(up) {", "for up, ok := t, true; ok; up, ok = 0, false {"},
	{"shake/references.go", "for _, sub := range r.types.subs[t] {", "for _, sub := range r.types.subs[t][:0] {"},
	{"shake/references.go", "if r.read[at] {", "if false {"},
	{"shake/references.go", "for _, w := range r.take(int(table)) {\n\t\tr.refer(", "for _, w := range r.take(int(table))[:0] {\n\t\tr.refer("},
	{"shake/references.go", "t.numbers = append(t.numbers, first[n+k])", "t.numbers = append(t.numbers, g.First+k)"},
	{"shake/reach.go", "s.refs.called(s, s.refs.any, t)\n", "_ = t\n"},
	{"shake/reach.go", "s.refs.called(s, int(table), t)", "_ = table"},
	{"shake/reach.go", "case corewasm.UseTable:\n\t\t\ts.refs.readTable(s, i)", "case corewasm.UseTable:"},
	// What replaces the others.
	{"shake/rebuild.go", "stub, ok := of[t]\n", "stub, ok := n, len(of) > 0\n"},
	{"shake/rebuild.go", "o.Same[f] = stub", "o.Same[f] = stub - stub + uint32(f)"},
	// Segments and start functions.
	{"shake/reach.go", "return ok && at <= size && n <= size-at", "return ok && at <= size"},
	{"shake/reach.go", "return len(b.Code) != 1", "return len(b.Code) > 60"},
	{"shake/reach.go", "if s.d.Elems[i].Mode == corewasm.SegPassive {", "if false {"},
	{"shake/reach.go", "if s.d.Data[i].Mode == corewasm.SegPassive {", "if false {"},
	{"shake/rebuild.go", "m.Data[i] = corewasm.Data{Mode: corewasm.SegPassive}", "m.Data[i] = corewasm.Data{Mode: corewasm.SegPassive, Bytes: m.Data[i].Bytes}"},
	{"shake/rebuild.go", "*e = corewasm.Elem{Mode: corewasm.SegPassive, Type: e.Type, UseExprs: e.UseExprs, Pos: e.Pos}", "e.Mode = corewasm.SegPassive"},
	// New indices.
	{"../corewasm/draft/renumber.go", "now.Maps[space] = then(old, r.places[space])", "now.Maps[space] = old"},
	{"../corewasm/draft/renumber.go", "First: uint32(now), Prefix", "First: uint32(now) + 1, Prefix"},
	{"../corewasm/draft/renumber.go", "bodies[i] = t, d.Bodies[f]", "bodies[i] = t, d.Bodies[i]"},
	{"../corewasm/draft/renumber.go", "r.out.Mems = append(r.out.Mems, r.d.Mems[i])", "r.out.Mems = append(r.out.Mems, r.d.Mems[len(r.out.Mems)])"},
}

// TestMutants checks that the tests of its package notice every mutant, or else TestRandom. See mutants.Check.
func TestMutants(t *testing.T) {
	t.Setenv("FUSE_PROGRAMS", "200")
	mutants.Check(t, changes, func(file string) [][]string {
		return [][]string{{"-run", ".", "-skip", "Mutants", "./" + filepath.Dir(file)}, {"-run", "TestRandom", "."}}
	})
}
