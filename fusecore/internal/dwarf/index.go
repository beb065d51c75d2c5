// This file implements the sections that are lists for all units: addresses (7.27), offsets of strings (7.26) and the ranges of
// units (6.1.2).

package dwarf

import (
	"maps"
	"slices"
)

// addrHeader is the length of the header of a contribution to .debug_addr, where indices begin if a unit does not say it.
const addrHeader = 8

// addressAt returns the offset of an address in .debug_addr, by its index.
func (in *input) addressAt(u *unit, index uint64) uint64 {
	base := u.addrBase
	if base == 0 {
		base = addrHeader
	}
	size := uint64(u.addressSize)
	if b := uint64(len(in.sections["addr"])); base > b || index >= (b-base)/size {
		(&reader{section: "addr"}).fail("address %d of a table at offset 0x%x is outside", index, base)
	}
	return base + index*size
}

// indexed returns an address by its index.
func (in *input) indexed(u *unit, index uint64) uint64 {
	return at("addr", in.sections["addr"], in.addressAt(u, index)).uint(u.addressSize)
}

// addresses writes the table of addresses. Those that only expressions name are of data, and stay.
func (in *input) addresses() {
	out := slices.Clone(in.sections["addr"])
	for _, offset := range slices.Sorted(maps.Keys(in.code)) { // malformed tables can overlap
		size := in.code[offset]
		was := at("addr", in.sections["addr"], offset).uint(size)
		now, ok := in.places.address(was)
		if !ok && was != 0 { // 0 is the base of a unit that has several ranges
			now = greatest(size)
		}
		put(out[offset:], size, now)
	}
	in.out["addr"] = out
}

// strOffsets writes the tables of offsets of strings.
func (in *input) strOffsets() {
	out := slices.Clone(in.sections["str_offsets"])
	for r := at("str_offsets", in.sections["str_offsets"], 0); r.more(); {
		u := r.unit()
		u.version(5, 5)
		for u.bytes(2); u.more(); {
			pos := u.pos
			put(out[pos:], 4, u.uint(4)+in.shared.str)
		}
	}
	in.out["str_offsets"] = out
}

// aranges writes the ranges of all units.
func (in *input) aranges() {
	var b []byte
	for _, u := range in.units {
		if len(u.spans) == 0 {
			continue
		}
		b = appendUnit(b, func(b []byte) []byte {
			b = appendUint(appendUint(b, 2, 2), 4, u.info)
			b = append(b, byte(u.addressSize), 0)
			// The header has 12 bytes, and pairs of addresses begin at multiples of their length.
			b = append(b, make([]byte, 2*u.addressSize-12%(2*u.addressSize))...)
			for _, s := range u.spans {
				b = appendUint(appendUint(b, u.addressSize, s.lo), u.addressSize, s.hi-s.lo)
			}
			return append(b, make([]byte, 2*u.addressSize)...)
		})
	}
	in.out["aranges"] = b
}
