// This file implements lists of ranges and of locations: .debug_ranges and .debug_loc up to version 4, .debug_rnglists and
// .debug_loclists of version 5 (7.25, 7.29).

package dwarf

import (
	"math"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// kind is a kind of list.
type kind struct {
	old, section string  // sections up to version 4, and of version 5
	located      bool    // whether entries have expressions
	shapes       []shape // of version 5, by the number of the kind of entry
	startEnd     byte    // the kind of entry that is written
}

// shape is what the entry of a list has.
type shape uint8

const (
	shapeEnd         shape = iota
	shapeBaseIndex         // the index of an address, the base of what follows
	shapeIndices           // two indices
	shapeIndexLength       // an index and a length
	shapeOffsets           // two offsets from the base
	shapeDefault           // nothing: where no other entry applies
	shapeBase              // an address, the base of what follows
	shapeAddresses         // two addresses
	shapeLength            // an address and a length
)

var (
	ranges = kind{"ranges", "rnglists", false,
		[]shape{shapeEnd, shapeBaseIndex, shapeIndices, shapeIndexLength, shapeOffsets, shapeBase, shapeAddresses, shapeLength}, 6}
	locations = kind{"loc", "loclists", true,
		[]shape{shapeEnd, shapeBaseIndex, shapeIndices, shapeIndexLength, shapeOffsets, shapeDefault, shapeBase, shapeAddresses, shapeLength}, 7}
)

// entry is an entry of a list.
type entry struct {
	lo, hi     uint64
	isDefault  bool
	expression []byte
}

// listAt reads the list at an offset.
func (in *input) listAt(k *kind, u *unit, offset uint64) []entry {
	if u.version < 5 {
		return in.oldList(k, u, offset)
	}
	var out []entry
	base := u.base
	r := at(k.section, in.sections[k.section], offset)
	for {
		in.spend(r, 1)
		n := r.uint(1)
		if n >= uint64(len(k.shapes)) {
			r.fail("an entry of the unknown kind %d", n)
		}
		var e entry
		switch k.shapes[n] {
		case shapeEnd:
			return out
		case shapeBaseIndex:
			base = in.indexed(u, r.uleb())
			continue
		case shapeBase:
			base = r.uint(u.addressSize)
			continue
		case shapeIndices:
			e.lo = in.indexed(u, r.uleb())
			e.hi = in.indexed(u, r.uleb())
		case shapeIndexLength:
			e.lo = in.indexed(u, r.uleb())
			e.hi = plus(e.lo, r.uleb())
		case shapeOffsets:
			e.lo = plus(base, r.uleb())
			e.hi = plus(base, r.uleb())
		case shapeAddresses:
			e.lo = r.uint(u.addressSize)
			e.hi = r.uint(u.addressSize)
		case shapeLength:
			e.lo = r.uint(u.addressSize)
			e.hi = plus(e.lo, r.uleb())
		case shapeDefault:
			e.isDefault = true
		}
		if k.located {
			e.expression = r.bytes(r.uleb())
		}
		out = append(out, e)
	}
}

// oldList reads a list of up to version 4 (DWARF 4, 2.17.3 and 2.6.2).
func (in *input) oldList(k *kind, u *unit, offset uint64) (out []entry) {
	base, greatest := u.base, greatest(u.addressSize)
	r := at(k.old, in.sections[k.old], offset)
	for {
		in.spend(r, 1)
		e := entry{lo: r.uint(u.addressSize), hi: r.uint(u.addressSize)}
		if e.lo == 0 && e.hi == 0 {
			return out
		}
		if e.lo == greatest {
			base = e.hi
			continue
		}
		e.lo, e.hi = plus(base, e.lo), plus(base, e.hi)
		if k.located {
			e.expression = r.bytes(r.uint(2))
		}
		out = append(out, e)
	}
}

// greatest returns the greatest address, the tombstone.
func greatest(addressSize int) uint64 { return 1<<(8*addressSize) - 1 }

// plus adds to an address. What is behind a tombstone stays there.
func plus(address, n uint64) uint64 {
	if sum := address + n; sum >= address {
		return sum
	}
	return math.MaxUint64
}

// moved returns the entries of a list for the output.
func (in *input) moved(k *kind, u *unit, list []entry) (out []entry) {
	for _, e := range list {
		if !e.isDefault {
			s, ok := in.places.span(e.lo, e.hi)
			if !ok {
				continue
			}
			e.lo, e.hi = s.lo, s.hi
		}
		if k.located {
			x, ok := in.expression(k.section, e.expression, *u)
			if !ok || u.version < 5 && len(x) > math.MaxUint16 { // its length has two bytes
				continue
			}
			e.expression = x
		}
		out = append(out, e)
	}
	return out
}

// spans returns the ranges of a list.
func spansOf(list []entry) (out []span) {
	for _, e := range list {
		out = append(out, span{e.lo, e.hi})
	}
	return out
}

// entriesOf is the reverse of spansOf.
func entriesOf(spans []span) (out []entry) {
	for _, s := range spans {
		out = append(out, entry{lo: s.lo, hi: s.hi})
	}
	return out
}

// append appends a list.
func (k *kind) append(b []byte, u *unit, list []entry) []byte {
	size := u.addressSize
	if u.version < 5 {
		b = appendUint(appendUint(b, size, greatest(size)), size, 0) // the base is 0
	}
	for _, e := range list {
		switch {
		case u.version < 5:
			b = appendUint(appendUint(b, size, e.lo), size, e.hi)
			if k.located {
				b = appendUint(b, 2, uint64(len(e.expression)))
			}
		case e.isDefault:
			b = append(b, byte(shapeDefault))
		default:
			b = appendUint(appendUint(append(b, k.startEnd), size, e.lo), size, e.hi)
		}
		if k.located && u.version >= 5 {
			b = leb128.AppendU64(b, uint64(len(e.expression)))
		}
		b = append(b, e.expression...)
	}
	if u.version < 5 {
		return appendUint(appendUint(b, size, 0), size, 0)
	}
	return append(b, 0)
}

// listWriter writes the lists of one kind of a unit: in version 5, a contribution to the section with a table of offsets.
type listWriter struct {
	in    *input
	kind  *kind
	unit  *unit
	named bool     // the unit says where its table is
	table []uint64 // offsets in the input, in version 5
	first uint64   // offset in the output's section of what follows the table
	body  []byte
	at    map[uint64]uint64 // offset in the output's section, by that in the input's
}

// tableEntries is the number of entries of a table that are an item for spend. Units that were linked as one have a table in
// common, which each of them reads.
const tableEntries = 8

// header is the length of what precedes the table of a contribution (7.28, 7.29).
const listHeader = 12

// newListWriter begins the lists of a unit whose table is at an offset in the input's section, or 0 if it has none.
func newListWriter(in *input, k *kind, u *unit, base uint64) *listWriter {
	w := &listWriter{in: in, kind: k, unit: u, named: base > 0, at: map[uint64]uint64{}}
	section := w.section()
	w.first = in.base[section] + uint64(len(in.out[section]))
	if u.version < 5 {
		return w
	}
	w.first += listHeader
	if base >= listHeader {
		r := at(section, in.sections[section], base-4)
		count := r.uint(4)
		in.spend(r, int(count)/tableEntries)
		for range count {
			w.table = append(w.table, base+r.uint(4))
		}
		w.first += 4 * count
	}
	return w
}

func (w *listWriter) section() string {
	if w.unit.version < 5 {
		return w.kind.old
	}
	return w.kind.section
}

// base returns the offset of the table in the output's section.
func (w *listWriter) base() uint64 { return w.first - 4*uint64(len(w.table)) }

// resolve returns the offset of a list in the input's section, by its number in the table.
func (w *listWriter) resolve(r *reader, index uint64) uint64 {
	if index >= uint64(len(w.table)) {
		r.fail("list %d of %d", index, len(w.table))
	}
	return w.table[index]
}

// add writes the list at an offset in the input's section, and returns its offset in the output's.
func (w *listWriter) add(offset uint64) uint64 {
	if now, ok := w.at[offset]; ok {
		return now
	}
	return w.replace(offset, w.in.moved(w.kind, w.unit, w.in.listAt(w.kind, w.unit, offset)))
}

// replace writes a list of the output in the place of that at an offset in the input's section.
func (w *listWriter) replace(offset uint64, list []entry) uint64 {
	w.at[offset] = w.first + uint64(len(w.body))
	w.body = w.kind.append(w.body, w.unit, list)
	return w.at[offset]
}

// finish adds the lists to the output.
func (w *listWriter) finish() {
	section := w.section()
	b := w.in.out[section]
	if w.unit.version < 5 {
		w.in.out[section] = append(b, w.body...)
		return
	}
	if len(w.body) == 0 && !w.named {
		return
	}
	nothing := w.first + uint64(len(w.body)) // the list of those that the unit does not name
	w.body = w.kind.append(w.body, w.unit, nil)
	w.in.out[section] = appendUnit(b, func(b []byte) []byte {
		b = append(appendUint(b, 2, uint64(w.unit.version)), byte(w.unit.addressSize), 0)
		b = appendUint(b, 4, uint64(len(w.table)))
		for _, offset := range w.table {
			now, ok := w.at[offset]
			if !ok {
				now = nothing
			}
			b = appendUint(b, 4, now-w.base())
		}
		return append(b, w.body...)
	})
}
