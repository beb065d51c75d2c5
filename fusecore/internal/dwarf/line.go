// This file implements line tables (6.2): it reads those of an input, and writes those of the output.

package dwarf

import (
	"cmp"
	"slices"
	"sort"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// Standard and extended opcodes of line programs (7.22).
const (
	lnsExtended      = 0
	lnsCopy          = 1
	lnsAdvancePC     = 2
	lnsAdvanceLine   = 3
	lnsSetFile       = 4
	lnsSetColumn     = 5
	lnsNegateStmt    = 6
	lnsBasicBlock    = 7
	lnsConstAddPC    = 8
	lnsFixedAdvance  = 9
	lnsPrologueEnd   = 10
	lnsEpilogueBegin = 11
	lnsISA           = 12

	lneEndSequence   = 1
	lneSetAddress    = 2
	lneDefineFile    = 3
	lneDiscriminator = 4
)

// standardLengths are the numbers of operands of the standard opcodes, from lnsCopy on (6.2.5.2).
var standardLengths = [lnsISA]byte{0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1}

// row is a row of a line table.
type row struct {
	address                                               uint64
	file, line, column, isa, discriminator                uint64
	isStmt, basicBlock, prologueEnd, epilogueBegin, isEnd bool
}

// sequence is a run of rows with ascending addresses. The last one is its end.
type sequence struct {
	program *program
	rows    []row
}

// program is one line program.
type program struct {
	offset      uint64 // in the input's section
	version     int
	addressSize int
	head        []byte // from the length of instructions to the first opcode of the program
	isStmt      bool   // at first
	lineBase    int64
	lineRange   uint64
	opcodeBase  uint64
	lengths     []byte     // of the standard opcodes' operands
	files       []byte     // opcodes that define files
	output      []sequence // see lineWriter
	described   bool       // a unit describes its code
}

// readLines reads all programs of an input. Sequences are sorted by address; those of code that the linker has removed, which
// begin at 0 or at a tombstone, and those of no code are not among them.
func (in *input) readLines() (programs []*program, sequences []sequence) {
	for r := at("line", in.sections["line"], 0); r.more(); {
		p := &program{offset: uint64(r.pos)}
		u := r.unit()
		p.header(in, u)
		for _, rows := range p.run(u) {
			if b, _ := in.places.find(rows[0].address); b != nil && rows[0].address < rows[len(rows)-1].address {
				sequences = append(sequences, sequence{p, rows})
			}
		}
		programs = append(programs, p)
	}
	slices.SortStableFunc(sequences, func(a, b sequence) int { return cmp.Compare(a.rows[0].address, b.rows[0].address) })
	return programs, sequences
}

// header reads the header of a program (6.2.4).
func (p *program) header(in *input, r *reader) {
	p.version = r.version(2, 5)
	p.addressSize = 4
	if p.version >= 5 {
		p.addressSize = r.addressSize(r.uint(1))
		if r.uint(1) != 0 {
			r.fail("segment selectors are not supported")
		}
	}
	n := r.uint(4)
	start := r.pos
	p.head = slices.Clone(r.bytes(n))
	h := &reader{r.section, r.b[:r.pos], start}
	if n := h.uint(1); n != 1 {
		h.fail("instructions of %d bytes", n)
	}
	if p.version >= 4 {
		if ops := h.uint(1); ops > 1 {
			h.fail("%d operations in an instruction", ops)
		}
	}
	p.isStmt = h.uint(1) != 0
	p.lineBase = int64(int8(h.uint(1)))
	p.lineRange = h.uint(1)
	if p.opcodeBase = h.uint(1); p.lineRange == 0 || p.opcodeBase <= lnsFixedAdvance {
		// Programs of the output use the standard opcodes of version 2, which all have.
		h.fail("a line range of %d, and %d is the first special opcode", p.lineRange, p.opcodeBase)
	}
	p.lengths = h.bytes(p.opcodeBase - 1)
	for i, n := range p.lengths[:min(len(p.lengths), len(standardLengths))] {
		if n != standardLengths[i] {
			h.fail("standard opcode %d has %d operands, and %d are expected", i+1, n, standardLengths[i])
		}
	}
	if p.version >= 5 {
		p.names(in, h, start)
	}
}

// names adjusts the offsets of strings in the lists of directories and files, which begin at start in the section.
func (p *program) names(in *input, h *reader, start int) {
	for range 2 {
		type format struct{ content, form uint64 }
		formats := make([]format, h.uint(1))
		for i := range formats {
			formats[i] = format{h.uleb(), h.uleb()}
		}
		count := h.uleb()
		if left := uint64(len(h.b) - h.pos); count > left {
			h.fail("%d names in %d bytes", count, left)
		}
		for range count {
			in.spend(h, len(formats)) // which can be without bytes
			for _, f := range formats {
				v := in.read(h, unit{version: p.version, addressSize: p.addressSize}, f.form, 0)
				in.strings(p.head, v, v.pos-start)
			}
		}
	}
}

// rowsOfAddress is the greatest number of rows of one address that are kept, among them the last one, which counts. Code can be
// copied many times, and its rows with it.
const rowsOfAddress = 16

// run executes the program, and returns the rows of each sequence.
func (p *program) run(r *reader) (out [][]row) {
	first := row{file: 1, line: 1, isStmt: p.isStmt}
	now := first
	var rows []row
	add := func() {
		n := len(rows)
		if n > 0 && rows[n-1].address > now.address {
			r.fail("addresses in a sequence descend")
		}
		if n >= rowsOfAddress && rows[n-rowsOfAddress].address == now.address && !now.isEnd {
			n--
		}
		rows = append(rows[:n], now)
		now.basicBlock, now.prologueEnd, now.epilogueBegin, now.discriminator = false, false, false, 0
	}
	for r.more() {
		switch o := r.uint(1); {
		case o >= p.opcodeBase:
			o -= p.opcodeBase
			now.address = plus(now.address, o/p.lineRange)
			now.line += uint64(p.lineBase + int64(o%p.lineRange))
			add()
		case o == lnsExtended:
			x := &reader{r.section, nil, 0}
			n := r.uleb()
			start := r.pos
			r.bytes(n)
			x.b, x.pos = r.b[:r.pos], start
			if n == 0 {
				continue
			}
			switch x.uint(1) {
			case lneEndSequence:
				now.isEnd = true
				add()
				out, rows, now = append(out, rows), nil, first
			case lneSetAddress:
				p.addressSize = x.addressSize(n - 1)
				now.address = x.uint(p.addressSize)
			case lneDefineFile:
				p.files = append(append(p.files, lnsExtended), leb128.AppendU64(nil, n)...)
				p.files = append(p.files, r.b[start:r.pos]...)
			case lneDiscriminator:
				now.discriminator = x.uleb()
			}
		default:
			p.standard(r, o, &now, add)
		}
	}
	return out
}

// standard executes a standard opcode.
func (p *program) standard(r *reader, o uint64, now *row, add func()) {
	switch o {
	case lnsCopy:
		add()
	case lnsAdvancePC:
		now.address = plus(now.address, r.uleb())
	case lnsAdvanceLine:
		now.line += uint64(r.sleb())
	case lnsSetFile:
		now.file = r.uleb()
	case lnsSetColumn:
		now.column = r.uleb()
	case lnsNegateStmt:
		now.isStmt = !now.isStmt
	case lnsBasicBlock:
		now.basicBlock = true
	case lnsConstAddPC:
		now.address = plus(now.address, (255-p.opcodeBase)/p.lineRange)
	case lnsFixedAdvance:
		now.address = plus(now.address, r.uint(2))
	case lnsPrologueEnd:
		now.prologueEnd = true
	case lnsEpilogueBegin:
		now.epilogueBegin = true
	case lnsISA:
		now.isa = r.uleb()
	default:
		for range p.lengths[o-1] {
			r.uleb()
		}
	}
}

// lineWriter finds the lines of the output's code.
type lineWriter struct {
	in        *input
	sequences []sequence // of the input
	open      *sequence  // of the output, or nil
	last      int        // position of the last row of open in the sequence that it is of
	from      *sequence  // that sequence
}

// lines finds the rows of all code of the output that comes from the input, and gives them to their programs.
func (w *lineWriter) lines(out []*function) {
	for _, f := range out {
		if b := f.trace.Body; b.Source == int32(w.in.places.number) {
			w.head(f, &w.in.places.bodies[b.Index])
		}
		for k, m := range f.trace.Marks {
			lo, hi := f.code+uint64(m.At), f.end
			if k+1 < len(f.trace.Marks) {
				hi = f.code + uint64(f.trace.Marks[k+1].At)
			}
			if lo == hi {
				continue // it only says where the code before ends
			}
			if m.Body.Source != w.in.places.number {
				w.close(lo)
				continue
			}
			b := &w.in.places.bodies[m.Body.Index]
			from := b.code + uint64(m.Of)
			w.run(lo, from, min(b.code+uint64(f.trace.End(k, uint32(f.end-f.code))), b.end))
		}
		w.close(f.end)
	}
}

// head writes the first row of a function, which is that of its beginning, before the code.
func (w *lineWriter) head(f *function, b *body) {
	i := sort.Search(len(w.sequences), func(i int) bool { return w.sequences[i].rows[0].address > b.code })
	if i == 0 {
		return
	}
	s := &w.sequences[i-1]
	k := sort.Search(len(s.rows), func(k int) bool { return s.rows[k].address > b.after })
	if k < len(s.rows)-1 && s.rows[k].address <= b.code {
		w.add(s, k, f.start)
	}
}

// run writes the rows of the code of the input from one address to another, which is at an address of the output.
func (w *lineWriter) run(at, from, to uint64) {
	i := sort.Search(len(w.sequences), func(i int) bool { return w.sequences[i].rows[0].address > from })
	for address := from; address < to; {
		if i > 0 {
			if s := &w.sequences[i-1]; s.rows[len(s.rows)-1].address > address {
				address = w.runIn(s, at+(address-from), address, to)
				continue
			}
		}
		w.close(at + (address - from))
		if i == len(w.sequences) {
			return
		}
		address = max(address, w.sequences[i].rows[0].address)
		i++
	}
}

// runIn is like run, for the code of one sequence. It returns the address in the input where that ends.
func (w *lineWriter) runIn(s *sequence, at, from, to uint64) uint64 {
	rows := s.rows
	k := sort.Search(len(rows), func(k int) bool { return rows[k].address > from }) - 1
	if w.open == nil || w.from != s || w.last != k {
		w.add(s, k, at)
		if first := &w.open.rows[len(w.open.rows)-1]; rows[k].address < from { // in the middle of what the row describes
			first.basicBlock, first.prologueEnd, first.epilogueBegin = false, false, false
		}
	}
	for k++; k < len(rows)-1 && rows[k].address < to; k++ {
		w.add(s, k, at+(rows[k].address-from))
	}
	return min(to, rows[len(rows)-1].address)
}

// add writes the k-th row of a sequence of the input at an address of the output.
func (w *lineWriter) add(s *sequence, k int, address uint64) {
	if w.open == nil || w.open.program != s.program {
		w.close(address)
		w.open = &sequence{program: s.program}
	}
	r := s.rows[k]
	r.address = address
	w.open.rows = append(w.open.rows, r)
	w.from, w.last = s, k
}

// close ends the open sequence at an address.
func (w *lineWriter) close(address uint64) {
	if s := w.open; s != nil {
		s.rows = append(s.rows, row{address: address, isEnd: true})
		s.program.output = append(s.program.output, *s)
		w.open = nil
	}
}

// spans returns the addresses of the output that a program describes.
func (p *program) spans() (out []span) {
	for _, s := range p.output {
		out = append(out, span{s.rows[0].address, s.rows[len(s.rows)-1].address})
	}
	return out
}

// append appends the program with the sequences of the output.
func (p *program) append(b []byte) []byte {
	return appendUnit(b, func(b []byte) []byte {
		b = appendUint(b, 2, uint64(p.version))
		if p.version >= 5 {
			b = append(b, byte(p.addressSize), 0)
		}
		b = appendUint(b, 4, uint64(len(p.head)))
		b = append(append(b, p.head...), p.files...)
		for i := range p.output {
			b = p.appendSequence(b, p.output[i].rows)
		}
		return b
	})
}

// appendSequence appends the opcodes for a sequence.
func (p *program) appendSequence(b []byte, rows []row) []byte {
	now := row{file: 1, line: 1, isStmt: p.isStmt, address: rows[0].address}
	b = append(leb128.AppendU64(append(b, lnsExtended), uint64(1+p.addressSize)), lneSetAddress)
	b = appendUint(b, p.addressSize, now.address)
	for _, r := range rows {
		if r.isEnd {
			b = leb128.AppendU64(append(b, lnsAdvancePC), r.address-now.address)
			return append(b, lnsExtended, 1, lneEndSequence)
		}
		b = p.appendRow(b, &now, r)
	}
	return b
}

// appendRow appends the opcodes for a row that follows another one.
func (p *program) appendRow(b []byte, now *row, r row) []byte {
	set := func(opcode byte, old *uint64, v uint64) {
		if *old != v {
			b, *old = leb128.AppendU64(append(b, opcode), v), v
		}
	}
	set(lnsSetFile, &now.file, r.file)
	set(lnsSetColumn, &now.column, r.column)
	if p.opcodeBase > lnsISA {
		set(lnsISA, &now.isa, r.isa)
	}
	if now.isStmt != r.isStmt {
		b, now.isStmt = append(b, lnsNegateStmt), r.isStmt
	}
	if r.basicBlock {
		b = append(b, lnsBasicBlock)
	}
	if r.prologueEnd && p.opcodeBase > lnsPrologueEnd {
		b = append(b, lnsPrologueEnd)
	}
	if r.epilogueBegin && p.opcodeBase > lnsEpilogueBegin {
		b = append(b, lnsEpilogueBegin)
	}
	if r.discriminator != 0 {
		n := uint64(1 + leb128.Size(r.discriminator))
		b = append(leb128.AppendU64(append(b, lnsExtended), n), lneDiscriminator)
		b = leb128.AppendU64(b, r.discriminator)
	}
	lines, steps := int64(r.line-now.line), r.address-now.address
	now.line, now.address = r.line, r.address
	if lines < p.lineBase || lines >= p.lineBase+int64(p.lineRange) {
		b = leb128.AppendS64(append(b, lnsAdvanceLine), lines)
		lines = 0
	}
	if special, ok := p.special(lines, steps); ok {
		return append(b, special)
	}
	b = leb128.AppendU64(append(b, lnsAdvancePC), steps)
	if special, ok := p.special(lines, 0); ok {
		return append(b, special)
	}
	if lines != 0 {
		b = leb128.AppendS64(append(b, lnsAdvanceLine), lines)
	}
	return append(b, lnsCopy)
}

// special returns the special opcode that advances the line and the address, if there is one (6.2.5.1).
func (p *program) special(lines int64, steps uint64) (byte, bool) {
	if lines < p.lineBase || lines >= p.lineBase+int64(p.lineRange) || steps > 255 {
		return 0, false
	}
	o := uint64(lines-p.lineBase) + p.lineRange*steps + p.opcodeBase
	return byte(o), o <= 255
}
