// Package intern numbers byte strings, giving equal ones the same number. A string costs its length and about 16 bytes
// more.
package intern

import (
	"bytes"
	"hash/maphash"
)

// Table is a set of numbered strings.
type Table struct {
	seed  maphash.Seed // does not affect the numbers
	bytes []byte
	ends  []uint32 // end offset of each string
	slots []uint32 // open addressing: a number + 1, or 0
}

// New returns an empty table with room for strings with n bytes in total.
func New(n int) *Table {
	return &Table{seed: maphash.MakeSeed(), bytes: make([]byte, 0, n), slots: make([]uint32, 64)}
}

// Len returns the number of strings.
func (t *Table) Len() int { return len(t.ends) }

// At returns a string by its number.
func (t *Table) At(i int) []byte {
	start := uint32(0)
	if i > 0 {
		start = t.ends[i-1]
	}
	return t.bytes[start:t.ends[i]:t.ends[i]]
}

// Bytes returns the concatenation of all strings in the order of their numbers.
func (t *Table) Bytes() []byte { return t.bytes }

// Add returns the number of a string, and whether it is new, in which case the number is the previous Len.
func (t *Table) Add(s []byte) (i int, added bool) {
	slot := t.find(s)
	if n := t.slots[slot]; n != 0 {
		return int(n - 1), false
	}
	t.bytes = append(t.bytes, s...)
	t.ends = append(t.ends, uint32(len(t.bytes)))
	t.slots[slot] = uint32(len(t.ends))
	if 2*len(t.ends) > len(t.slots) {
		t.slots = make([]uint32, 4*len(t.ends))
		for i := range t.ends {
			t.slots[t.find(t.At(i))] = uint32(i) + 1
		}
	}
	return len(t.ends) - 1, true
}

// find returns the slot of a string, or the free slot where it belongs.
func (t *Table) find(s []byte) int {
	n := uint64(len(t.slots))
	for slot := maphash.Bytes(t.seed, s) % n; ; slot = (slot + 1) % n {
		if i := t.slots[slot]; i == 0 || bytes.Equal(t.At(int(i-1)), s) {
			return int(slot)
		}
	}
}
