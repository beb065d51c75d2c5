// This file implements the entries of units: .debug_info and .debug_types (7.5).

package dwarf

import "slices"

// Attributes whose values change.
const (
	atLocation       = 0x02
	atStmtList       = 0x10
	atLowPC          = 0x11
	atHighPC         = 0x12
	atStringLength   = 0x19
	atReturnAddr     = 0x2a
	atStartScope     = 0x2c
	atDataMember     = 0x38
	atFrameBase      = 0x40
	atMacroInfo      = 0x43
	atSegment        = 0x46
	atStaticLink     = 0x48
	atUseLocation    = 0x4a
	atVtableLocation = 0x4d
	atEntryPC        = 0x52
	atRanges         = 0x55
	atStrOffsetsBase = 0x72
	atAddrBase       = 0x73
	atRnglistsBase   = 0x74
	atDwoName        = 0x76
	atLoclistsBase   = 0x8c
	atGNUDwoName     = 0x2130
)

// Types of units in version 5.
const (
	unitCompile   = 0x01
	unitType      = 0x02
	unitPartial   = 0x03
	unitSkeleton  = 0x04
	unitSplit     = 0x05
	unitSplitType = 0x06
)

// input is the debug information of a source, and what becomes of it.
type input struct {
	places   *places
	global   func(uint32) (uint32, bool)
	sections map[string][]byte // of the input, without prefix
	out      map[string][]byte // what is added to the output's
	base     map[string]uint64 // lengths of the output's sections before
	shared   shared

	tables   map[uint64]map[uint64]*abbreviation
	programs map[uint64]*program // by offset
	lineAt   map[uint64]uint64   // offset of a program in the output's section
	code     map[uint64]int      // entries of .debug_addr that are addresses of code, by offset, with their size
	units    []covered
	work     int // what may still be read; see spend
}

// split is the message about entries in other files.
const split = "entries are in other files (split DWARF), whose addresses cannot be followed"

// covered is what a unit describes.
type covered struct {
	info        uint64 // offset of the unit in the output's section
	addressSize int
	spans       []span
}

// unit is what the entries of a unit depend on.
type unit struct {
	version, addressSize int
	isType               bool   // it describes one type, and no code
	base                 uint64 // of lists: the address of the unit's root
	addrBase             uint64
	ranges, locations    *listWriter
}

// spend accounts for the reading of n items. Tables and lists are found by offsets, and values can be without bytes, so a
// malformed section could have much more to read than it has bytes.
func (in *input) spend(r *reader, n int) {
	if in.work -= n; in.work < 0 {
		r.fail("its tables or lists overlap, or have many values without content")
	}
}

// rereads is the number of items that may be read for each byte of the sections, on average.
const rereads = 8

// follow makes the output's sections of those of the input.
func (in *input) follow() {
	in.lines()
	in.code = map[uint64]int{}
	in.entries("info")
	in.entries("types")
	in.strOffsets()
	in.addresses()
	in.aranges()
}

// lines writes the line programs.
func (in *input) lines() {
	programs, sequences := in.readLines()
	w := &lineWriter{in: in, sequences: sequences}
	w.lines(in.places.out)
	in.programs, in.lineAt = map[uint64]*program{}, map[uint64]uint64{}
	for _, p := range programs {
		in.programs[p.offset] = p
		in.lineAt[p.offset] = in.base["line"] + uint64(len(in.out["line"]))
		in.out["line"] = p.append(in.out["line"])
	}
}

// entries copies all units of a section, and changes them.
func (in *input) entries(section string) {
	out := slices.Clone(in.sections[section])
	for r := at(section, in.sections[section], 0); r.more(); {
		start := r.pos
		in.unit(r.unit(), out, start)
	}
	in.out[section] = out
}

// unit changes the unit that begins at an offset of its section.
func (in *input) unit(r *reader, out []byte, start int) {
	u := &unit{version: r.version(2, 5), isType: r.section == "types"}
	if u.version >= 5 {
		switch kind := r.uint(1); kind {
		case unitCompile, unitPartial:
		case unitType:
			u.isType = true
		case unitSkeleton, unitSplit, unitSplitType:
			r.fail(split)
		default:
			r.fail("a unit of the unknown kind %d", kind)
		}
		u.addressSize = r.addressSize(r.uint(1))
	}
	offset := r.pos
	abbreviations := in.abbreviations(r.uint(4))
	put(out[offset:], 4, in.shared.abbrev+uint64(abbrevOffset(r, offset)))
	if u.version < 5 {
		u.addressSize = r.addressSize(r.uint(1))
	}
	if u.isType {
		r.bytes(8 + 4) // its signature, and where its type is in the unit
	}
	for root := true; r.more(); {
		code := r.uleb()
		if code == 0 {
			continue
		}
		a := abbreviations[code]
		if a == nil {
			r.fail("abbreviation %d is not in the table", code)
		}
		e := in.entry(r, out, u, a)
		if root {
			in.root(e, start)
			root = false
			continue
		}
		in.patch(e, e.low(), false)
	}
	if u.ranges != nil {
		u.ranges.finish()
		u.locations.finish()
	}
}

// abbrevOffset returns the offset of a unit's table of abbreviations, which is at an offset of the section.
func abbrevOffset(r *reader, offset int) uint32 {
	return uint32((&reader{r.section, r.b, offset}).uint(4))
}

// dwarfEntry is an entry of a unit.
type dwarfEntry struct {
	in     *input
	r      *reader
	out    []byte // the section
	unit   *unit
	names  []uint64
	values []value
}

// entry reads an entry.
func (in *input) entry(r *reader, out []byte, u *unit, a *abbreviation) *dwarfEntry {
	in.spend(r, len(a.attributes)) // which can be without bytes
	e := &dwarfEntry{in: in, r: r, out: out, unit: u}
	for _, s := range a.attributes {
		v := in.read(r, *u, s.form, s.implicit)
		if v.class == classConstant && u.version < 4 && isOffset(s.name) && (v.size == 4 || v.size == 8) {
			v.class = classOffset // which has a form of its own since version 4
		}
		e.names, e.values = append(e.names, s.name), append(e.values, v)
	}
	return e
}

// isOffset reports whether an attribute's integer is an offset in another section, up to version 3.
func isOffset(name uint64) bool {
	return name == atStmtList || name == atRanges || name == atMacroInfo || isLocation(name) && name != atDataMember
}

// isLocation reports whether an attribute has an expression or a list of locations.
func isLocation(name uint64) bool {
	switch name {
	case atLocation, atStringLength, atReturnAddr, atDataMember, atFrameBase, atSegment, atStaticLink, atUseLocation, atVtableLocation:
		return true
	}
	return false
}

// get returns the value of an attribute, or nil.
func (e *dwarfEntry) get(name uint64) *value {
	if i := slices.Index(e.names, name); i >= 0 {
		return &e.values[i]
	}
	return nil
}

// address returns an address that is a value or the index of one.
func (e *dwarfEntry) address(v *value) uint64 {
	if v.class == classIndexed {
		return e.in.indexed(e.unit, v.n)
	}
	return v.n
}

// low returns the address where an entry's code begins, or 0.
func (e *dwarfEntry) low() uint64 {
	if v := e.get(atLowPC); v != nil {
		return e.address(v)
	}
	return 0
}

// root changes the first entry of the unit at an offset, on which the others depend.
func (in *input) root(e *dwarfEntry, start int) {
	u := e.unit
	if e.get(atDwoName) != nil || e.get(atGNUDwoName) != nil {
		e.r.fail(split)
	}
	number := func(name uint64) uint64 {
		if v := e.get(name); v != nil {
			return v.n
		}
		return 0
	}
	u.addrBase = number(atAddrBase)
	u.base = e.low()
	u.ranges = newListWriter(in, &ranges, u, number(atRnglistsBase))
	u.locations = newListWriter(in, &locations, u, number(atLoclistsBase))
	var spans []span
	if v := e.get(atStmtList); v != nil {
		p := in.programs[v.n]
		if p == nil {
			e.r.fail("there is no line program at offset 0x%x", v.n)
		}
		if !u.isType { // which has the program of another unit, for names of files
			if p.described {
				in.spend(e.r, len(p.output))
			}
			p.described = true
			spans = p.spans()
		}
	}
	list := e.get(atRanges)
	if list != nil {
		offset := e.listOffset(u.ranges, list)
		spans = append(spans, spansOf(in.moved(&ranges, u, in.listAt(&ranges, u, offset)))...)
		spans = joined(spans)
		u.ranges.replace(offset, entriesOf(spans))
	} else if s, ok := in.places.span(u.base, e.high(u.base)); ok {
		spans = joined(append(spans, s))
	}
	in.patch(e, u.base, list != nil)
	if !u.isType {
		in.units = append(in.units, covered{in.base["info"] + uint64(start), u.addressSize, joined(spans)})
	}
}

// listOffset returns the offset of a list in the input's section.
func (e *dwarfEntry) listOffset(w *listWriter, v *value) uint64 {
	if v.class == classRanges {
		return w.resolve(e.r, v.n)
	}
	return v.n
}

// high returns where an entry's code ends that begins at an address.
func (e *dwarfEntry) high(low uint64) uint64 {
	v := e.get(atHighPC)
	switch {
	case v == nil:
		return low
	case v.class == classConstant:
		return low + v.n
	}
	return e.address(v)
}

// patch changes the values of an entry whose code begins at an address. isBase says that this is only the base of lists.
func (in *input) patch(e *dwarfEntry, low uint64, isBase bool) {
	code, ok := in.places.span(low, e.high(low))
	for i := range e.values {
		v := &e.values[i]
		name := e.names[i]
		switch v.class {
		case classAddress:
			now := greatest(v.size)
			at, found := in.places.address(v.n)
			switch {
			case name == atLowPC && isBase:
				now = 0
			case name == atLowPC && e.get(atHighPC) != nil && !ok:
			case name == atHighPC && ok:
				now = code.hi
			case name == atHighPC:
			case found:
				now = at
			}
			put(e.out[v.pos:], v.size, now)
		case classIndexed:
			if name == atHighPC {
				e.r.fail("the end of code as the index of an address is not supported")
			}
			in.code[in.addressAt(e.unit, v.n)] = e.unit.addressSize
		case classConstant:
			switch {
			case name == atHighPC && v.size > 0:
				n := uint64(0)
				if ok {
					n = code.hi - code.lo
				}
				put(e.out[v.pos:], v.size, n)
			case name == atHighPC || (name == atEntryPC || name == atStartScope) && v.n > 0:
				e.r.fail("attribute 0x%x: an offset of code in this form is not supported", name)
			}
		case classString, classLine:
			in.strings(e.out, *v, v.pos)
		case classRanges:
			e.unit.ranges.add(e.unit.ranges.resolve(e.r, v.n))
		case classLocations:
			e.unit.locations.add(e.unit.locations.resolve(e.r, v.n))
		case classReference:
			put(e.out[v.pos:], v.size, v.n+in.base["info"])
		case classOffset:
			put(e.out[v.pos:], v.size, in.offset(e, name, v.n))
		case classBlock:
			if v.expression || isLocation(name) {
				in.patchExpression(e.r.section, e.out[v.pos:v.pos+len(v.bytes)], *e.unit)
			}
		}
	}
}

// offset returns an attribute's offset in another section, for the output.
func (in *input) offset(e *dwarfEntry, name, offset uint64) uint64 {
	switch {
	case name == atStmtList:
		now, ok := in.lineAt[offset]
		if !ok {
			e.r.fail("there is no line program at offset 0x%x", offset)
		}
		return now
	case name == atRanges || name == atStartScope:
		return e.unit.ranges.add(offset)
	case isLocation(name):
		return e.unit.locations.add(offset)
	case name == atRnglistsBase:
		return e.unit.ranges.base()
	case name == atLoclistsBase:
		return e.unit.locations.base()
	case name == atStrOffsetsBase:
		return offset + in.base["str_offsets"]
	case name == atAddrBase:
		return offset + in.base["addr"]
	}
	return greatest(4) // in a section that the output does not have, or of an attribute that is not known
}
