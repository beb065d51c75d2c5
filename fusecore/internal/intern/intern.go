// Package intern numbers byte strings: equal ones get the same number. A string costs its bytes and about 16 more.
package intern

import (
	"bytes"
	"hash/maphash"
)

// Table holds the strings seen so far.
type Table struct {
	seed  maphash.Seed // numbers do not depend on it
	bytes []byte
	ends  []uint32 // of each string in bytes
	slots []uint32 // open addressing: a number + 1, or 0
}

// New gives an empty table with room for strings of n bytes together.
func New(n int) *Table {
	return &Table{seed: maphash.MakeSeed(), bytes: make([]byte, 0, n), slots: make([]uint32, 64)}
}

// Len is how many strings there are.
func (t *Table) Len() int { return len(t.ends) }

// At gives a string by its number.
func (t *Table) At(i int) []byte {
	start := uint32(0)
	if i > 0 {
		start = t.ends[i-1]
	}
	return t.bytes[start:t.ends[i]:t.ends[i]]
}

// Bytes are all strings in the order of their numbers.
func (t *Table) Bytes() []byte { return t.bytes }

// Add gives the number of a string, and whether it is a new one: the number is Len before the call then.
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

// find gives the slot of a string, or the one where it belongs.
func (t *Table) find(s []byte) int {
	n := uint64(len(t.slots))
	for slot := maphash.Bytes(t.seed, s) % n; ; slot = (slot + 1) % n {
		if i := t.slots[slot]; i == 0 || bytes.Equal(t.At(int(i-1)), s) {
			return int(slot)
		}
	}
}
