// Package abi is the Canonical ABI's glue for Go, whose pointers are wider than its memory's addresses.
package abi

import (
	"runtime/debug"
	"unsafe"
)

// blocks keeps what the caller allocates.
var blocks = map[uint32][]byte{}

// Nothing is collected: strings that are passed must stay where they are.
func init() { debug.SetGCPercent(-1) }

//go:wasmexport cabi_realloc
func realloc(old, oldSize, align, size uint32) uint32 {
	if size == 0 {
		return align
	}
	p := alloc(size, align)
	copy(Bytes(p, oldSize), Bytes(old, oldSize))
	return p
}

func alloc(size, align uint32) uint32 {
	b := make([]byte, size+align)
	p := (Addr(unsafe.Pointer(&b[0])) + align - 1) &^ (align - 1)
	blocks[p] = b
	return p
}

// Addr is the address of a value.
func Addr(p unsafe.Pointer) uint32 { return uint32(uintptr(p)) }

// Bytes are n bytes at an address.
func Bytes(p, n uint32) []byte {
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(uintptr(p))), n)
}

// Pair is where a string of a result lies: its address and its length.
type Pair [2]uint32

// Text makes a copy of the string that a function has returned.
func (p *Pair) Text() string { return string(Bytes(p[0], p[1])) }

// Set returns the address of a pair with a string, which stays there.
func (p *Pair) Set(s string) uint32 {
	b := []byte(s)
	*p = Pair{alloc(uint32(len(b)+1), 1), uint32(len(b))}
	copy(Bytes(p[0], p[1]), b)
	return Addr(unsafe.Pointer(p))
}
