package dwarf

import (
	"bytes"
	"cmp"
	"debug/dwarf"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/origin"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/optimise"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/optimise/inline"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/sections"
)

// guests are components with debug information: of DWARF 5, optimised, of DWARF 4, and one in Rust.
var guests = []string{"lib", "app", "lib-rust"}

// guest returns the core module of a component of testdata/dwarf.
func guest(t testing.TB, name string) *corewasm.Module {
	b, err := os.ReadFile("../../testdata/dwarf/" + name + ".wasm")
	if err != nil {
		t.Fatal(err)
	}
	f, _ := sections.Read(b)
	var core []byte
	for i := range f.Sections {
		if s := &f.Sections[i]; f.Contains(s) && len(s.Content) > len(core) {
			core = s.Content
		}
	}
	m, err := decode.Module(core, 0)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// fused is a module made of one, with its debug sections.
type fused struct {
	in, out  *corewasm.Module
	traces   []origin.Trace
	sections []corewasm.Custom
}

// forms are changes of a module.
var forms = map[string]optimise.Options{
	"plain":     {Keep: func(*draft.Source) bool { return true }},
	"shaken":    {Layout: true},
	"optimised": {Layout: true, Share: true, Inline: &inline.Options{Everything: true}},
}

func fuse(t testing.TB, m *corewasm.Module, o optimise.Options) *fused {
	d := draft.Of(m)
	d.Traced = true
	if _, err := optimise.Module(t.Context(), d, o); err != nil {
		t.Fatal(err)
	}
	out, err := d.Write(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var sources []Source
	for i := range d.Sources {
		s := &d.Sources[i]
		sources = append(sources, Source{s.Name, s.Code, func(index uint32) (uint32, bool) {
			now, err := s.Edit.Index(op.SpaceGlobal, index)
			return now, err == nil
		}})
	}
	customs, problems, err := Sections(out, d.Traces, sources)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	return &fused{m, out, d.Traces, customs}
}

// read reads debug sections with the standard library.
func read(t testing.TB, customs []corewasm.Custom) *dwarf.Data {
	s := map[string][]byte{}
	for _, c := range customs {
		s[strings.TrimPrefix(c.Name, prefix)] = c.Bytes
	}
	d, err := dwarf.New(s["abbrev"], s["aranges"], nil, s["info"], s["line"], nil, s["ranges"], s["str"])
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"addr", "line_str", "str_offsets", "rnglists"} {
		if err := d.AddSection(prefix+name, s[name]); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// table has the lines of all units, sorted by sequence.
type table [][]dwarf.LineEntry

func lines(t testing.TB, d *dwarf.Data) (out table) {
	for r := d.Reader(); ; r.SkipChildren() {
		unit, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if unit == nil {
			break
		}
		lr, err := d.LineReader(unit)
		if err != nil {
			t.Fatal(err)
		}
		if lr == nil {
			continue
		}
		var sequence []dwarf.LineEntry
		for {
			var e dwarf.LineEntry
			if lr.Next(&e) != nil {
				break
			}
			if sequence = append(sequence, e); e.EndSequence {
				out, sequence = append(out, sequence), nil
			}
		}
	}
	slices.SortStableFunc(out, func(a, b []dwarf.LineEntry) int { return cmp.Compare(a[0].Address, b[0].Address) })
	return out
}

// at returns what the row of an address says, the place in a source first, or "".
func (l table) at(address uint64) (place string) {
	for _, s := range l {
		if s[0].Address > address || s[len(s)-1].Address <= address {
			continue
		}
		for i := range s {
			if s[i].Address <= address {
				e := &s[i]
				place = fmt.Sprintf("%s:%d:%d %v %d %d", e.File.Name, e.Line, e.Column, e.IsStmt, e.Discriminator, e.ISA)
			}
		}
	}
	return place
}

// TestLines compares the line of every instruction of the output with that of the instruction that it comes from.
func TestLines(t *testing.T) {
	for _, name := range guests {
		for form, o := range forms {
			t.Run(name+"/"+form, func(t *testing.T) {
				f := fuse(t, guest(t, name), o)
				if told := f.compareLines(t); told < 30 {
					t.Errorf("only %d instructions have lines", told)
				}
			})
		}
	}
}

// compareLines compares the line of every instruction of the output with that of the instruction that it comes from, and returns
// how many have one.
func (f *fused) compareLines(t *testing.T) (told int) {
	was, now := lines(t, read(t, f.in.Customs)), lines(t, read(t, f.sections))
	placed, err := layOut(f.out, f.traces)
	if err != nil {
		t.Fatal(err)
	}
	bodies, err := scan.Encoded(f.out)
	if err != nil {
		t.Fatal(err)
	}
	for i := range placed {
		_, code, _ := scan.Locals(bodies[i])
		for r := op.NewReader(code, 0); r.Next(); {
			at, want := placed[i].code+uint64(r.In.Start), ""
			if body, of := originOf(&f.traces[i], uint32(r.In.Start), uint32(len(code))); body != origin.Nowhere {
				b := &f.in.Code[body.Index]
				want = was.at(uint64(b.Offset-f.in.CodeOffset) + uint64(of))
			}
			if got := now.at(at); got != want {
				t.Errorf("function %d, offset %d: %q, want %q", i, r.In.Start, got, want)
			} else if want != "" {
				told++
			}
		}
	}
	return told
}

// originOf returns the body that an instruction comes from and its offset there. Code that a mark leaves over, because the next
// mark is of what follows in the same body, is part of the last instruction.
func originOf(t *origin.Trace, at, codeEnd uint32) (origin.Body, uint32) {
	i := sort.Search(len(t.Marks), func(i int) bool { return t.Marks[i].At > at }) - 1
	of, end := t.Marks[i].Of+at-t.Marks[i].At, t.End(i, codeEnd)
	if of >= end && end > 0 {
		of = end - 1
	}
	return t.Marks[i].Body, of
}

// TestFunctions compares the ranges of functions with where the output has them.
func TestFunctions(t *testing.T) {
	for _, name := range guests {
		for form, o := range forms {
			t.Run(name+"/"+form, func(t *testing.T) {
				f := fuse(t, guest(t, name), o)
				placed, err := layOut(f.out, f.traces)
				if err != nil {
					t.Fatal(err)
				}
				was, now := read(t, f.in.Customs), read(t, f.sections)
				old, r := was.Reader(), now.Reader()
				found, gone := 0, 0
				for {
					before, err := old.Next()
					if err != nil || before == nil {
						break
					}
					after, err := r.Next()
					if err != nil || after == nil || after.Tag != before.Tag {
						t.Fatalf("%v, %v", after, err)
					}
					if got, want := after.Val(dwarf.AttrName), before.Val(dwarf.AttrName); got != want {
						t.Errorf("the name %v, want %v", got, want)
					}
					ranges, err := was.Ranges(before)
					if before.Tag != dwarf.TagSubprogram || len(ranges) == 0 || err != nil {
						continue
					}
					got, err := now.Ranges(after)
					if err != nil {
						t.Fatal(err)
					}
					// A function that the linker has removed has no body.
					body := slices.IndexFunc(f.in.Code, func(b corewasm.Body) bool {
						return uint64(b.Offset-f.in.CodeOffset)+uint64(len(b.Code)) == ranges[0][1]
					})
					want := [][2]uint64{}
					for i := range placed {
						if f.traces[i].Body == (origin.Body{Index: int32(body)}) {
							want = append(want, [2]uint64{placed[i].start, placed[i].end})
						}
					}
					got = slices.DeleteFunc(got, func(r [2]uint64) bool { return r[0] >= r[1] })
					if !slices.Equal(got, want) {
						t.Errorf("%v is at %x, want %x", before.Val(dwarf.AttrName), got, want)
					}
					if found += len(want); body >= 0 {
						gone += 1 - len(want)
					}
				}
				if found == 0 || (form == "optimised") != (gone > 0) {
					t.Errorf("%d functions are there, %d not", found, gone)
				}
			})
		}
	}
}

func TestExpressions(t *testing.T) {
	in := &input{base: map[string]uint64{"info": 0x100}, global: func(i uint32) (uint32, bool) { return i + 200, i < 2 }}
	u := unit{version: 5, addressSize: 4}
	for _, c := range []struct{ name, in, want string }{
		{"local", "\xed\x00\x05\x9f", "\xed\x00\x05\x9f"},
		{"global", "\xed\x01\x01\x9f", "\xed\x01\xc9\x01\x9f"},
		{"fixed global", "\xed\x03\x01\x00\x00\x00\x9f", "\xed\x03\xc9\x00\x00\x00\x9f"},
		{"global that is gone", "\xed\x01\x02\x9f", ""},
		{"unknown location", "\xed\x07\x01", ""},
		{"unknown operation", "\x01", ""},
		{"address", "\x03\x10\x20\x30\x40\x23\x08", "\x03\x10\x20\x30\x40\x23\x08"},
		{"base", "\x91\x10\x06\x1c", "\x91\x10\x06\x1c"},
		{"value at the entry", "\xa3\x03\xed\x01\x00\x9f", "\xa3\x04\xed\x01\xc8\x01\x9f"},
		{"reference", "\xa0\x01\x02\x00\x00\x05", "\xa0\x01\x03\x00\x00\x05"},
		{"branch", "\x28\x01\x00\x96\xed\x00\x05", "\x28\x01\x00\x96\xed\x00\x05"},
		{"branch over what becomes longer", "\x28\x03\x00\xed\x01\x01\x9f", ""},
		{"block", "\x9e\x02\x01\x02\x93\x04", "\x9e\x02\x01\x02\x93\x04"},
	} {
		got, ok := in.expression("info", []byte(c.in), u)
		if string(got) != c.want || ok != (c.want != "") {
			t.Errorf("%s: % x, %v, want % x", c.name, got, ok, c.want)
		}
		patched := []byte(c.in)
		in.patchExpression("info", patched, u)
		want := c.want
		if len(want) != len(c.in) {
			want = strings.Repeat("\x96", len(c.in))
		}
		if string(patched) != want {
			t.Errorf("%s in place: % x, want % x", c.name, patched, want)
		}
	}
}

// TestLists reads lists of version 5 in all their forms, and writes them.
func TestLists(t *testing.T) {
	m := &corewasm.Module{CodeOffset: 100, Code: []corewasm.Body{{Offset: 104, Code: make([]byte, 10)}, {Offset: 117, Code: make([]byte, 20)}}}
	// The second body comes first, and the first one is gone.
	out := []*function{{2, 5, 25, &origin.Trace{Body: origin.Body{Index: 1}, Marks: []origin.Mark{{Body: origin.Body{Index: 1}}}}}}
	in := &input{
		work:   100,
		places: newPlaces(0, m, out),
		sections: map[string][]byte{
			"addr":     []byte("\x0c\x00\x00\x00\x05\x00\x04\x00\x11\x00\x00\x00\x15\x00\x00\x00"),
			"rnglists": []byte("\x01\x00\x04\x01\x03\x02\x00\x01\x03\x00\x05\x05\x13\x00\x00\x00\x04\x01\x03\x06\x11\x00\x00\x00\x12\x00\x00\x00\x07\x04\x00\x00\x00\x02\x00"),
		},
	}
	u := &unit{version: 5, addressSize: 4, addrBase: 8}
	list := in.listAt(&ranges, u, 0)
	want := []span{{0x12, 0x14}, {0x11, 0x15}, {0x11, 0x16}, {0x14, 0x16}, {0x11, 0x12}, {4, 6}}
	if got := spansOf(list); !slices.Equal(got, want) {
		t.Errorf("read %x, want %x", got, want)
	}
	want = []span{{6, 8}, {5, 9}, {5, 10}, {8, 10}, {5, 6}}
	if got := spansOf(in.moved(&ranges, u, list)); !slices.Equal(got, want) {
		t.Errorf("moved to %x, want %x", got, want)
	}
	for _, version := range []int{4, 5} {
		v := &unit{version: version, addressSize: 4}
		section := ranges.section
		if version < 5 {
			section = ranges.old
		}
		again := &input{work: 100, sections: map[string][]byte{section: ranges.append(nil, v, entriesOf(want))}}
		if got := spansOf(again.listAt(&ranges, v, 0)); !slices.Equal(got, want) {
			t.Errorf("version %d: written and read, %x, want %x", version, got, want)
		}
	}
}

// TestLongLocation checks that an expression that becomes longer than its length can say is left out.
func TestLongLocation(t *testing.T) {
	in := &input{global: func(uint32) (uint32, bool) { return 128, true },
		places: newPlaces(0, &corewasm.Module{Code: []corewasm.Body{{Offset: 4, Code: make([]byte, 10)}}}, []*function{{2, 4, 14, &origin.Trace{}}})}
	for n, want := range map[int]int{math.MaxUint16 - 1: 1, math.MaxUint16: 0} {
		list := []entry{{lo: 2, hi: 14, expression: append([]byte("\xed\x01\x00"), bytes.Repeat([]byte{opNop}, n-3)...)}}
		if got := len(in.moved(&locations, &unit{version: 4, addressSize: 4}, list)); got != want {
			t.Errorf("%d bytes: %d entries, want %d", n, got, want)
		}
	}
}

// FuzzSections changes debug sections: the bytes at an offset become others, or, if there are none, the section ends there.
func FuzzSections(f *testing.F) {
	for i := range guests {
		for s := range 10 {
			f.Add(uint(i), uint(s), uint(0x20), []byte{0xff, 0xff, 0xff, 0x7f})
			f.Add(uint(i), uint(s), uint(0), []byte{0})
			f.Add(uint(i), uint(s), uint(0x60), []byte{})
		}
	}
	f.Fuzz(func(t *testing.T, which, section, at uint, change []byte) {
		m := guest(t, guests[which%uint(len(guests))])
		source := *m
		source.Customs = slices.Clone(m.Customs)
		c := &source.Customs[section%uint(len(m.Customs))]
		from := at % uint(len(c.Bytes))
		b := slices.Concat(c.Bytes[:from], change)
		if n := len(b); len(change) > 0 && n < len(c.Bytes) {
			b = append(b, c.Bytes[n:]...)
		}
		c.Bytes = b
		d := draft.Of(m)
		d.Traced = true
		out, err := d.Write(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := Sections(out, d.Traces, []Source{{"guest", &source, func(i uint32) (uint32, bool) { return i, true }}}); err != nil {
			t.Error(err)
		}
	})
}

// endless are malformed sections that say that there is much more to read than there are bytes.
var endless = []struct {
	name     string
	sections map[string][]byte
}{
	{"values without content", map[string][]byte{
		"abbrev": slices.Concat([]byte{1, 0x11, 0}, bytes.Repeat([]byte{0x03, formFlagPresent}, 2000), []byte{0, 0, 0}),
		"info":   contribution(slices.Concat([]byte{5, 0, 1, 4, 0, 0, 0, 0}, bytes.Repeat([]byte{1}, 2000))),
	}},
	{"names without content", map[string][]byte{
		"line": contribution(slices.Concat([]byte{5, 0, 4, 0}, contribution(slices.Concat([]byte{1, 1, 1, 0xfb, 14, 13}, standardLengths[:],
			[]byte{255}, bytes.Repeat([]byte{1, formFlagPresent}, 255), []byte{0xff, 0x1f}, make([]byte, 4096))))),
	}},
	{"units with one line program", map[string][]byte{
		"abbrev": {1, 0x11, 0, atStmtList, formSecOffset, 0, 0, 0},
		"info":   bytes.Repeat(contribution([]byte{5, 0, 1, 4, 0, 0, 0, 0, 1, 0, 0, 0, 0}), 8000),
		"line":   lineHeader{4, 1, -3, 12, standardLengths[:]}.program(instructions(500)),
	}},
	{"units with one table", map[string][]byte{
		"abbrev":   {1, 0x11, 0, atRnglistsBase, formSecOffset, 0, 0, 0},
		"info":     bytes.Repeat(contribution([]byte{5, 0, 1, 4, 0, 0, 0, 0, 1, listHeader, 0, 0, 0}), 8000),
		"rnglists": slices.Concat([]byte{0, 0, 0, 0, 5, 0, 4, 0, 0, 0x10, 0, 0}, make([]byte, 4*0x1000+1)),
	}},
}

// instructions returns sequences of one byte of code each.
func instructions(n int) (b []byte) {
	for i := range n {
		b = append(appendUint(append(b, lnsExtended, 5, lneSetAddress), 4, uint64(2+i)), lnsCopy, lnsAdvancePC, 1, lnsExtended, 1, lneEndSequence)
	}
	return b
}

// contribution returns a contribution to a section.
func contribution(content []byte) []byte {
	return appendUnit(nil, func(b []byte) []byte { return append(b, content...) })
}

// TestWork checks that the work is bounded by the size of the sections.
func TestWork(t *testing.T) {
	m := guest(t, "lib")
	source := *m
	d := draft.Of(m)
	d.Traced = true
	out, err := d.Write(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range endless {
		source.Customs = nil
		for _, name := range slices.Sorted(maps.Keys(c.sections)) {
			source.Customs = append(source.Customs, corewasm.Custom{Name: prefix + name, Bytes: c.sections[name]})
		}
		customs, problems, err := Sections(out, d.Traces, []Source{{"guest", &source, func(i uint32) (uint32, bool) { return i, true }}})
		if err != nil || len(customs) > 0 || len(problems) != 1 || !strings.Contains(fmt.Sprint(problems[0].Err), "overlap") {
			t.Errorf("%s: %v, %v, %d sections", c.name, err, problems, len(customs))
		}
	}
}

// TestListsOfUnit checks the lists of a unit that are named by their number in a table that other units use, too.
func TestListsOfUnit(t *testing.T) {
	in := &input{work: 100, out: map[string][]byte{}, base: map[string]uint64{}, places: &places{},
		sections: map[string][]byte{ranges.section: slices.Concat([]byte{0, 0, 0, 0, 5, 0, 4, 0, 2, 0, 0, 0}, []byte{8, 0, 0, 0, 9, 0, 0, 0}, []byte{0, 0})}}
	u := &unit{version: 5, addressSize: 4}
	w := newListWriter(in, &ranges, u, listHeader)
	want := []span{{5, 9}}
	w.replace(w.resolve(nil, 1), entriesOf(want))
	w.finish()
	again := &input{work: 100, sections: in.out}
	table := newListWriter(again, &ranges, u, w.base())
	for index, want := range [][]span{nil, want} {
		if got := spansOf(again.listAt(&ranges, u, table.resolve(nil, uint64(index)))); !slices.Equal(got, want) {
			t.Errorf("list %d is %x, want %x", index, got, want)
		}
	}
}
