package dwarf

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/origin"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// lineHeader is what is in the header of a line program.
type lineHeader struct {
	version, minimum byte
	lineBase         int8
	lineRange        byte
	lengths          []byte
}

// program returns a line program of two files.
func (h lineHeader) program(opcodes []byte) []byte {
	return contribution(slices.Concat(h.head(), opcodes))
}

func (h lineHeader) head() []byte {
	var b []byte
	if h.version == 5 {
		b = append(b, 4, 0)
	}
	fields := []byte{h.minimum}
	if h.version >= 4 {
		fields = append(fields, 1)
	}
	fields = append(append(fields, 1, byte(h.lineBase), h.lineRange, byte(len(h.lengths)+1)), h.lengths...)
	if h.version == 5 {
		fields = append(fields, 1, 1, formString, 1, '/', 0, 2, 1, formString, 2, formUdata, 2, 'a', 0, 0, 'b', 0, 0)
	} else {
		fields = append(fields, 0, 'a', 0, 0, 0, 0, 'b', 0, 0, 0, 0, 0)
	}
	return slices.Concat([]byte{h.version, 0}, b, contribution(fields))
}

// opcodes writes a line program, and follows its address.
type opcodes struct {
	lineHeader
	b       []byte
	address uint64
}

func (o *opcodes) uleb(opcode byte, v uint64) { o.b = leb128.AppendU64(append(o.b, opcode), v) }

func (o *opcodes) extended(opcode byte, operand []byte) {
	o.uleb(lnsExtended, uint64(1+len(operand)))
	o.b = append(append(o.b, opcode), operand...)
}

func (o *opcodes) setAddress(address uint64) {
	o.address = address
	o.extended(lneSetAddress, appendUint(nil, 4, address))
}

// random writes opcodes that end in a row at an address that is not after another one.
func (o *opcodes) random(r *rand.Rand, limit uint64) {
	for range r.IntN(4) {
		switch r.IntN(9) {
		case 0:
			if o.version == 5 {
				o.uleb(lnsSetFile, r.Uint64N(2))
			} else {
				o.uleb(lnsSetFile, 1+r.Uint64N(3))
			}
		case 1:
			o.uleb(lnsSetColumn, r.Uint64N(300))
		case 2:
			o.b = append(o.b, lnsNegateStmt)
		case 3:
			o.b = append(o.b, lnsBasicBlock)
		case 4:
			o.b = leb128.AppendS64(append(o.b, lnsAdvanceLine), r.Int64N(2000))
		case 5:
			if len(o.lengths) >= lnsISA {
				o.uleb(lnsISA, r.Uint64N(3))
				o.b = append(o.b, lnsPrologueEnd, lnsEpilogueBegin)
			}
		case 6:
			o.extended(lneDiscriminator, []byte{byte(r.IntN(5))})
		case 7:
			o.extended(0x80, []byte("of another producer"))
		case 8:
			for n := lnsISA + 1; n <= len(o.lengths); n++ { // of a later version
				o.b = append(o.b, byte(n))
				for range o.lengths[n-1] {
					o.b = append(o.b, 0x85, 0x01)
				}
			}
		}
	}
	special := func(steps uint64) {
		if op := uint64(len(o.lengths)+1) + steps*uint64(o.lineRange) + r.Uint64N(uint64(o.lineRange)); op <= 255 {
			o.b = append(o.b, byte(op))
			o.address += steps
			return
		}
		o.b = append(o.b, lnsCopy)
	}
	left := limit - o.address
	constant, n := (255-uint64(len(o.lengths)+1))/uint64(o.lineRange), min(left, r.Uint64N(12))
	switch r.IntN(4) {
	case 0:
		o.b = append(o.b, lnsFixedAdvance, byte(n), 0)
		o.address += n
		special(0)
	case 1:
		if constant <= left {
			o.b = append(o.b, lnsConstAddPC)
			o.address += constant
		}
		special(0)
	case 2:
		o.uleb(lnsAdvancePC, n)
		o.address += n
		o.b = append(o.b, lnsCopy)
	default:
		special(n)
	}
}

// randomLines returns a line program with sequences of code from one address to another.
func randomLines(r *rand.Rand, from, to uint64) []byte {
	lengths := standardLengths[:]
	switch r.IntN(3) {
	case 0:
		lengths = lengths[:lnsFixedAdvance]
	case 1:
		lengths = append(slices.Clone(lengths), 2, 0)
	}
	o := &opcodes{lineHeader: lineHeader{byte(2 + r.IntN(4)), 1, int8(-5 + r.IntN(7)), byte(4 + r.IntN(12)), lengths}}
	var sequences [][]byte
	for at := from; at < to; {
		at += r.Uint64N(20)
		end := min(at+r.Uint64N(60)+1, to)
		if at >= to {
			break
		}
		o.b = nil
		if o.setAddress(at); r.IntN(5) == 0 { // one without code, which says nothing
			o.extended(lneEndSequence, nil)
			o.setAddress(at)
		}
		o.b = leb128.AppendS64(append(o.b, lnsAdvanceLine), 1000)
		o.b = append(o.b, lnsCopy)
		for o.address < end {
			o.random(r, end)
		}
		o.extended(lneEndSequence, nil)
		sequences = append(sequences, o.b)
		at = end
	}
	o.b = nil
	o.setAddress(greatest(4)) // of a function that the linker has removed
	o.b = append(o.b, lnsCopy)
	o.uleb(lnsAdvancePC, 10)
	o.extended(lneEndSequence, nil)
	sequences = append(sequences, o.b)
	r.Shuffle(len(sequences), func(i, j int) { sequences[i], sequences[j] = sequences[j], sequences[i] })
	if o.b = nil; o.version < 5 {
		o.extended(lneDefineFile, []byte("c\x00\x00\x00\x00"))
	}
	return o.program(slices.Concat(o.b, slices.Concat(sequences...)))
}

// lineSections are the sections of a unit that has only lines.
func lineSections(program []byte) []corewasm.Custom {
	return []corewasm.Custom{
		{Name: ".debug_abbrev", Bytes: []byte{1, 0x11, 0, atStmtList, formSecOffset, 0, 0, 0}},
		{Name: ".debug_info", Bytes: contribution([]byte{4, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0})},
		{Name: ".debug_line", Bytes: program},
	}
}

// TestRandomLines compares the lines of outputs of random line programs, of which sequences contain several functions, and
// begin and end anywhere.
func TestRandomLines(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 0))
		m := *guest(t, guests[seed%3])
		last := &m.Code[len(m.Code)-1]
		to := uint64(last.Offset-m.CodeOffset) + uint64(len(last.Code))
		m.Customs = lineSections(randomLines(r, 2, min(to, 3000)))
		for _, form := range []string{"plain", "shaken", "optimised"} {
			t.Run(fmt.Sprint(seed, form), func(t *testing.T) {
				if told := fuse(t, &m, forms[form]).compareLines(t); told < 10 {
					t.Errorf("only %d instructions have lines", told)
				}
			})
		}
	}
}

// rows returns the rows of the output for those of a line program: see rewritten.
func rows(t *testing.T, program []byte, marks ...origin.Mark) string {
	out, err := rewritten(map[string][]byte{"line": program, "abbrev": lineSections(nil)[0].Bytes, "info": lineSections(nil)[1].Bytes}, marks...)
	if err != nil {
		return err.Error()
	}
	var customs []corewasm.Custom
	for name, b := range out {
		customs = append(customs, corewasm.Custom{Name: prefix + name, Bytes: b})
	}
	slices.SortFunc(customs, func(a, b corewasm.Custom) int { return cmp.Compare(a.Name, b.Name) })
	var all []string
	for _, s := range lines(t, read(t, customs)) {
		for _, e := range s {
			all = append(all, fmt.Sprintf("%d:%d", e.Address, e.Line))
			if e.PrologueEnd {
				all[len(all)-1] += "p"
			}
			if e.EndSequence {
				all[len(all)-1] = fmt.Sprintf("%d.", e.Address)
			}
		}
	}
	return strings.Join(all, " ")
}

// TestLinePrograms checks the rows of line programs, which may be ones that producers do not write.
func TestLinePrograms(t *testing.T) {
	standard := lineHeader{4, 1, -3, 12, standardLengths[:]}
	lengths := func(opcode int, n byte) lineHeader {
		h := standard
		h.lengths = slices.Clone(h.lengths)
		h.lengths[opcode-1] = n
		return h
	}
	sequence := func(code string) string { return "\x00\x05\x02\x10\x00\x00\x00" + code + "\x00\x01\x01" }
	wide := standard
	wide.minimum = 4
	for _, c := range []struct {
		name   string
		header lineHeader
		code   string
		want   string
	}{
		{"rows", standard, sequence("\x01\x02\x04\x03\x05\x01\x02\x11"), "2:1 8:6 25."},
		{"a special opcode", standard, sequence("\x01\x44\x02\x11"), "2:1 8:5 25."},
		{"the address of the last special opcode", standard, sequence("\x01\x08\x01"), "2:1 24:1 24."},
		{"an address without a factor", standard, sequence("\x01\x09\x04\x00\x01\x02\x02"), "2:1 8:1 10."},
		{"a prologue", standard, sequence("\x01\x02\x02\x0a\x01\x02\x04"), "2:1 6:1p 10."},
		{"an address in the middle of a sequence", standard, sequence("\x01\x00\x05\x02\x15\x00\x00\x00\x03\x07\x01\x02\x04"), "2:1 9:8 13."},
		{"a sequence of no code before another one", standard, sequence("") + sequence("\x01\x02\x11"), "2:1 21."},
		{"a sequence of no code behind another one", standard, sequence("\x01\x02\x11") + sequence(""), "2:1 21."},
		{"a sequence of two functions", standard, "\x00\x05\x02\x02\x00\x00\x00\x01\x02\x0e\x03\x01\x01\x02\x04\x00\x01\x01", "2:2 8."},
		{"sequences out of order", standard, "\x00\x05\x02\x15\x00\x00\x00\x03\x01\x01\x02\x10\x00\x01\x01" + sequence("\x01\x02\x05"), "2:1 9. 9:2 25."},
		{"a sequence without an end", standard, "\x00\x05\x02\x10\x00\x00\x00\x01\x02\x11\x01", ""},
		{"the tombstone of 64 bits", standard, "\x00\x09\x02\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02\x18\x01\x00\x01\x01", ""},
		{"addresses that descend", standard, sequence("\x01\x00\x05\x02\x0f\x00\x00\x00\x01"), "section .debug_line, offset 0x38: addresses in a sequence descend"},
		{"wide instructions", wide, sequence("\x01"), "section .debug_line, offset 0xb: instructions of 4 bytes"},
		{"operands of a standard opcode", lengths(lnsSetFile, 2), "", "section .debug_line, offset 0x1c: standard opcode 4 has 2 operands, and 1 are expected"},
		{"no operand of a standard opcode", lengths(lnsFixedAdvance, 0), "", "section .debug_line, offset 0x1c: standard opcode 9 has 0 operands, and 1 are expected"},
		{"a few standard opcodes", lineHeader{2, 1, 1, 4, standardLengths[:8]}, "", "section .debug_line, offset 0xf: a line range of 4, and 9 is the first special opcode"},
	} {
		if got := rows(t, c.header.program([]byte(c.code))); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestPartOfRow checks that code from the middle of what a row describes does not begin with what is about the row's address.
func TestPartOfRow(t *testing.T) {
	program := lineHeader{4, 1, -3, 12, standardLengths[:]}.program([]byte("\x00\x05\x02\x11\x00\x00\x00\x0a\x01\x03\x01\x02\x02\x01\x02\x12\x00\x01\x01"))
	var marks []origin.Mark
	for i, of := range []uint32{2, 1} {
		marks = append(marks, origin.Mark{At: uint32(8 * i), Body: origin.Body{Index: 1}, Of: of})
	}
	if got, want := rows(t, program, marks...), "2:1p 5:2 13:1 14:2 25."; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestRowsOfAddress checks that rows of one address are not copied without a limit.
func TestRowsOfAddress(t *testing.T) {
	code := slices.Concat([]byte("\x00\x05\x02\x12\x00\x00\x00\x01\x02\x01"), []byte(strings.Repeat("\x03\x01\x01", 1000)), []byte("\x02\x12\x00\x01\x01"))
	got := strings.Fields(rows(t, lineHeader{4, 1, -3, 12, standardLengths[:]}.program(code)))
	if n := len(got); n != rowsOfAddress+2 || got[n-2] != "7:1001" {
		t.Errorf("%d rows: %s", n, got)
	}
}
