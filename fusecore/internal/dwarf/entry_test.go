package dwarf

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/origin"
)

// rewritten returns the debug sections of an output, for those of a module with two functions: one from address 2, with code from 4 to 14,
// and one from 16, with code from 17 to 37. The output begins with the latter, from 2, with code from 5 to 25, and does not have the former.
// marks are those of its code, if it is not as it was.
func rewritten(sections map[string][]byte, marks ...origin.Mark) (map[string][]byte, error) {
	s := Source{Code: &corewasm.Module{CodeOffset: 100, Code: []corewasm.Body{{Offset: 104, Code: make([]byte, 10)}, {Offset: 117, Code: make([]byte, 20)}}}}
	for name, b := range sections {
		s.Code.Customs = append(s.Code.Customs, corewasm.Custom{Name: prefix + name, Bytes: b})
	}
	kept := origin.Of(origin.Body{Index: 1})
	if marks != nil {
		kept.Marks = marks
	}
	code := []function{{2, 5, 25, &kept}}
	w := &writer{code: code, mentions: mentions(code, 1), sections: map[string][]byte{}, shared: map[*corewasm.Module]shared{}}
	err := w.source(0, &s)
	return w.sections, err
}

// entries are a unit with one entry for each of some attributes, and the tables of version 5 that they refer to.
func entries(version byte, attributes ...string) map[string][]byte {
	abbrev, info := []byte{}, []byte{version, 0, 0, 0, 0, 0, 4}
	if version == 5 {
		info = []byte{5, 0, unitCompile, 4, 0, 0, 0, 0}
	}
	for i, a := range slices.Insert(attributes, 0, "") {
		names, values, _ := strings.Cut(a, ": ")
		abbrev = append(append(append(abbrev, byte(i+1), 0x11, 0), names...), 0, 0)
		info = append(append(info, byte(i+1)), values...)
	}
	return map[string][]byte{
		"abbrev": append(abbrev, 0), "info": contribution(info),
		// Addresses of the first function, of the second one, its end, one of data, and the base of a unit with several ranges.
		"addr":     contribution([]byte("\x05\x00\x04\x00\x02\x00\x00\x00\x10\x00\x00\x00\x25\x00\x00\x00\x12\x00\x00\x00" + strings.Repeat("\x00", 8))),
		"rnglists": contribution([]byte("\x05\x00\x04\x00\x01\x00\x00\x00\x04\x00\x00\x00\x06\x12\x00\x00\x00\x15\x00\x00\x00\x00")),
		"ranges":   []byte("\x12\x00\x00\x00\x15\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
	}
}

// TestEntries checks what becomes of attributes that say where code is. An attribute is its names and forms, and values.
func TestEntries(t *testing.T) {
	const low, high = "\x11\x01", "\x12"
	for _, c := range []struct {
		name          string
		version       byte
		in, out, fail string
	}{
		{"a function", 4, low + high + "\x06: \x10\x00\x00\x00\x15\x00\x00\x00", "\x02\x00\x00\x00\x17\x00\x00\x00", ""},
		{"a function by its end", 2, low + high + "\x01: \x10\x00\x00\x00\x25\x00\x00\x00", "\x02\x00\x00\x00\x19\x00\x00\x00", ""},
		{"a function that is gone", 4, low + high + "\x06: \x02\x00\x00\x00\x0c\x00\x00\x00", "\xff\xff\xff\xff\x00\x00\x00\x00", ""},
		{"a function that the linker has removed", 4, low + high + "\x06: \xff\xff\xff\xff\x0c\x00\x00\x00", "\xff\xff\xff\xff\x00\x00\x00\x00", ""},
		{"a range of more than a function", 4, low + high + "\x06: \x10\x00\x00\x00\x40\x00\x00\x00", "\x02\x00\x00\x00\x17\x00\x00\x00", ""},
		{"one whose length has a byte", 4, low + high + "\x0b: \x10\x00\x00\x00\x15", "\x02\x00\x00\x00\x17", ""},
		{"one whose length has no size", 4, low + high + "\x0f: \x10\x00\x00\x00\x15", "", "attribute 0x12"},
		{"one whose length is in the abbreviation", 5, low + high + "\x21\x15: \x10\x00\x00\x00", "", "attribute 0x12"},
		{"one whose end is indexed", 5, "\x11\x1b\x12\x1b: \x01\x02", "", "the end of code"},
		{"a block", 4, low + high + "\x05: \x12\x00\x00\x00\x03\x00", "\x06\x00\x00\x00\x03\x00", ""},
		{"where a function is entered", 4, "\x52\x01: \x13\x00\x00\x00", "\x07\x00\x00\x00", ""},
		{"entered at its beginning", 5, "\x52\x0b: \x00", "\x00", ""},
		{"entered behind its beginning", 5, "\x52\x0b: \x02", "", "attribute 0x52"},
		{"a call", 5, "\x7d\x01\x81\x01\x01: \x15\x00\x00\x00\x03\x00\x00\x00", "\x09\x00\x00\x00\xff\xff\xff\xff", ""},
		{"a scope from its beginning", 4, "\x2c\x06: \x00\x00\x00\x00", "\x00\x00\x00\x00", ""},
		{"a scope from an offset", 4, "\x2c\x06: \x01\x00\x00\x00", "", "attribute 0x2c"},
		{"a scope that is a list", 4, "\x2c\x17: \x00\x00\x00\x00", "\x00\x00\x00\x00", ""},
		{"a scope that is an indexed list", 5, "\x2c\x23: \x00", "\x00", ""},
		{"an offset in a section that is left out", 5, "\x79\x17: \x04\x00\x00\x00", "\xff\xff\xff\xff", ""},
		{"an offset in a section that is not known", 5, "\x8c\x7c\x17: \x04\x00\x00\x00", "\xff\xff\xff\xff", ""},
		{"an integer of 10 bytes in an expression", 5, "\x02\x18: \x0c\x11\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7f\x9f", "\x0c\x11\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7f\x9f", ""},
	} {
		in := entries(c.version, c.in)
		if c.version == 5 { // the bases of its tables
			in = entries(5, c.in)
			in["abbrev"] = slices.Replace(in["abbrev"], 3, 3, atRnglistsBase, formSecOffset)
			in["abbrev"] = slices.Replace(in["abbrev"], 5, 5, 0x73, formSecOffset)
			in["info"] = contribution(slices.Insert(in["info"][4:], 9, []byte("\x0c\x00\x00\x00\x08\x00\x00\x00")...))
		}
		out, err := rewritten(in)
		if c.fail != "" {
			if err == nil || !strings.Contains(err.Error(), c.fail) {
				t.Errorf("%s: %v, want %s", c.name, err, c.fail)
			}
			continue
		}
		if err != nil || len(out["info"]) != len(in["info"]) {
			t.Errorf("%s: %v, %x", c.name, err, out["info"])
			continue
		}
		if got := string(out["info"][len(in["info"])-len(c.out):]); got != c.out {
			t.Errorf("%s: % x, want % x", c.name, got, c.out)
		}
		list := map[byte][]byte{4: []byte("\x06\x00\x00\x00\x09\x00\x00\x00"), 5: []byte("\x06\x06\x00\x00\x00\x09\x00\x00\x00\x00")}[c.version]
		if strings.HasSuffix(c.name, "list") && !bytes.Contains(slices.Concat(out["ranges"], out["rnglists"]), list) {
			t.Errorf("%s: the list is not in % x, % x", c.name, out["ranges"], out["rnglists"])
		}
	}
}

// TestAddresses checks the table of addresses: those of code are followed, those that only expressions name stay. Of tables that
// overlap, which is malformed, the same bytes become the same.
func TestAddresses(t *testing.T) {
	all := entries(5, "\x11\x1b: \x01", "\x02\x18: \x02\xa1\x02", "\x11\x1b: \x00", "\x11\x1b: \x04")
	all["abbrev"] = slices.Replace(all["abbrev"], 3, 3, atAddrBase, formSecOffset)
	all["info"] = contribution(slices.Insert(all["info"][4:], 9, 8, 0, 0, 0))
	out, err := rewritten(all)
	if want := "\xff\xff\xff\xff\x02\x00\x00\x00\x25\x00\x00\x00\x12\x00\x00\x00"; err != nil || string(out["addr"][8:]) != want+strings.Repeat("\x00", 8) {
		t.Errorf("%v, % x, want % x", err, out["addr"][8:], want)
	}
	// Another unit, whose table begins two bytes later.
	info := bytes.Clone(all["info"])
	info[4+9] += 2
	all["info"] = append(info, all["info"]...)
	out, err = rewritten(all)
	if want := "\xff\xff\xff\xff\x02\x00\xff\xff\xff\xff\x00\x00\x12\x00\x00\x00"; err != nil || string(out["addr"][8:]) != want+strings.Repeat("\x00", 8) {
		t.Errorf("tables that overlap: %v, % x, want % x", err, out["addr"][8:], want)
	}
}

// TestUnits checks the kinds of units: only those that have code have ranges.
func TestUnits(t *testing.T) {
	program := lineHeader{4, 1, -3, 12, standardLengths[:]}.program([]byte("\x00\x05\x02\x10\x00\x00\x00\x01\x02\x15\x00\x01\x01"))
	abbrev := []byte{1, 0x11, 0, atStmtList, formSecOffset, 0, 0, 0}
	unitOf := func(kind byte, extra ...byte) []byte {
		return contribution(slices.Concat([]byte{5, 0, kind, 4, 0, 0, 0, 0}, extra, []byte{1, 0, 0, 0, 0}))
	}
	compile := unitOf(unitCompile)
	of := func(info []byte) (map[string][]byte, error) {
		return rewritten(map[string][]byte{"line": program, "abbrev": abbrev, "info": info})
	}
	want, err := of(compile)
	if err != nil || len(want["aranges"]) == 0 {
		t.Fatal(err, want)
	}
	got, err := of(slices.Concat(compile, unitOf(unitType, make([]byte, 12)...)))
	if err != nil || !bytes.Equal(got["aranges"], want["aranges"]) {
		t.Errorf("with a unit of a type: %v, % x, want % x", err, got["aranges"], want["aranges"])
	}
	for kind, message := range map[byte]string{unitSkeleton: "split DWARF", unitSplit: "split DWARF", unitSplitType: "split DWARF", 0x80: "kind 128"} {
		if _, err := of(unitOf(kind, make([]byte, 12)...)); err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("kind %d: %v, want %s", kind, err, message)
		}
	}
}

// TestEmptyTable checks that a table of lists is there if a unit names it.
func TestEmptyTable(t *testing.T) {
	empty := contribution([]byte{5, 0, 4, 0, 0, 0, 0, 0})
	out, err := rewritten(map[string][]byte{
		"rnglists": empty,
		"abbrev":   {1, 0x11, 0, atRnglistsBase, formSecOffset, 0, 0, 0},
		"info":     contribution([]byte{5, 0, unitCompile, 4, 0, 0, 0, 0, 1, listHeader, 0, 0, 0}),
	})
	if err != nil || len(out["rnglists"]) < len(empty) {
		t.Errorf("%v, % x", err, out)
	}
}

// TestTombstones checks that lists of code that the linker has removed, at the greatest address, do not come round to the
// beginning.
func TestTombstones(t *testing.T) {
	const gone = "\xff\xff\xff\xff\xff\xff\xff\xff"
	for version, sections := range map[int]map[string][]byte{
		4: {"ranges": []byte(gone + gone[:4] + "\xff\xff\xff\xff" + "\x13\x00\x00\x00\x00\x00\x00\x00\x15\x00\x00\x00\x00\x00\x00\x00" + strings.Repeat("\x00", 16))},
		5: {"rnglists": []byte("\x05" + gone + "\x04\x13\x15\x07" + gone + "\x20\x00")},
	} {
		in := &input{work: 100, sections: sections, places: newPlaces(0, &corewasm.Module{Code: []corewasm.Body{{Offset: 4, Code: make([]byte, 100)}}}, nil)}
		for _, s := range spansOf(in.listAt(&ranges, &unit{version: version, addressSize: 8}, 0)) {
			if b, _ := in.places.find(s.lo); b != nil {
				t.Errorf("version %d: %x", version, s)
			}
		}
	}
}
