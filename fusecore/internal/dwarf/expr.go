// This file implements expressions (7.7.1): what of them changes is numbers of globals, and references to entries.

package dwarf

import "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"

// Operations with operands that need care. opWasmLocation is that of "DWARF for WebAssembly".
const (
	opAddr            = 0x03
	opBra             = 0x28
	opSkip            = 0x2f
	opCallRef         = 0x9a
	opNop             = 0x96
	opImplicitPointer = 0xa0
	opEntryValue      = 0xa3
	opWasmLocation    = 0xed
	opGNUEntryValue   = 0xf3
)

// Kinds of opWasmLocation: of a global by LEB128, and by four bytes, which linkers can write.
const (
	wasmGlobal      = 1
	wasmGlobalFixed = 3
)

// operand is the form of an operand.
type operand uint8

const (
	operandU1 operand = iota + 1
	operandU2
	operandU4
	operandU8
	operandAddress
	operandLEB
	operandRef   // an offset in .debug_info
	operandBlock // a length as LEB128, and bytes
	operandSmall // a length in one byte, and bytes
)

// operands are those of the operations that have any.
var operands = func() map[uint64][]operand {
	m := map[uint64][]operand{
		opAddr: {operandAddress}, 0x08: {operandU1}, 0x09: {operandU1}, 0x0a: {operandU2}, 0x0b: {operandU2}, 0x0c: {operandU4}, 0x0d: {operandU4},
		0x0e: {operandU8}, 0x0f: {operandU8}, 0x10: {operandLEB}, 0x11: {operandLEB}, 0x15: {operandU1}, 0x23: {operandLEB},
		opBra: {operandU2}, opSkip: {operandU2}, 0x90: {operandLEB}, 0x91: {operandLEB}, 0x92: {operandLEB, operandLEB}, 0x93: {operandLEB},
		0x94: {operandU1}, 0x95: {operandU1}, 0x98: {operandU2}, 0x99: {operandU4}, opCallRef: {operandRef}, 0x9d: {operandLEB, operandLEB},
		0x9e: {operandBlock}, opImplicitPointer: {operandRef, operandLEB}, 0xa1: {operandLEB}, 0xa2: {operandLEB}, opEntryValue: {operandBlock},
		0xa4: {operandLEB, operandSmall}, 0xa5: {operandLEB, operandLEB}, 0xa6: {operandU1, operandLEB}, 0xa7: {operandU1, operandLEB},
		0xa8: {operandLEB}, 0xa9: {operandLEB}, opGNUEntryValue: {operandBlock}, 0xfb: {operandLEB}, 0xfc: {operandLEB},
	}
	for o := uint64(0x70); o <= 0x8f; o++ { // DW_OP_breg0 to 31
		m[o] = []operand{operandLEB}
	}
	return m
}()

// known reports whether an operation is one of which the operands are known.
func known(o uint64) bool {
	return o == opAddr || o == 0x06 || o >= 0x08 && o <= 0xa9 || o == opWasmLocation || o == 0xe0 || o == opGNUEntryValue || o == 0xfb || o == 0xfc
}

// expression returns an expression for the output, or false if that has no place for what it names.
func (in *input) expression(section string, b []byte, u unit) (out []byte, ok bool) {
	return in.nested(section, b, u, 0)
}

// maxNested limits the expressions in others, which producers do not write in more than one level.
const maxNested = 4

// nested is like expression, for one that is inside a number of others.
func (in *input) nested(section string, b []byte, u unit, depth int) (out []byte, ok bool) {
	if depth > maxNested {
		return nil, false
	}
	branches, moved := false, false
	for r := at(section, b, 0); r.more(); {
		o := r.uint(1)
		branches = branches || o == opBra || o == opSkip
		switch {
		case o == opWasmLocation:
			kind := r.uint(1)
			out = append(out, byte(o), byte(kind))
			switch kind {
			case wasmGlobal, wasmGlobalFixed:
				n := uint64(0)
				if kind == wasmGlobal {
					n = r.uleb()
				} else {
					n = r.uint(4)
				}
				now, ok := in.global(uint32(n))
				if !ok || n>>32 != 0 {
					return nil, false
				}
				if kind == wasmGlobal {
					out = leb128.AppendU32(out, now)
				} else {
					out = appendUint(out, 4, uint64(now))
				}
			case 0, 2: // a local, a place on the stack
				out = leb128.AppendU64(out, r.uleb())
			default:
				return nil, false
			}
		case o == opEntryValue || o == opGNUEntryValue:
			inner, ok := in.nested(section, r.bytes(r.uleb()), u, depth+1)
			if !ok {
				return nil, false
			}
			out = append(leb128.AppendU64(append(out, byte(o)), uint64(len(inner))), inner...)
		case !known(o):
			return nil, false
		default:
			out = append(out, byte(o))
			for _, operand := range operands[o] {
				out = in.operand(r, out, operand, u)
			}
		}
		moved = moved || len(out) != r.pos
	}
	if branches && moved { // whose operands are numbers of bytes
		return nil, false
	}
	return out, true
}

// operand copies an operand.
func (in *input) operand(r *reader, out []byte, o operand, u unit) []byte {
	start := r.pos
	switch o {
	case operandU1:
		r.bytes(1)
	case operandU2:
		r.bytes(2)
	case operandU4:
		r.bytes(4)
	case operandU8:
		r.bytes(8)
	case operandAddress:
		r.bytes(uint64(u.addressSize))
	case operandLEB: // with a sign or without
		for r.uint(1) >= 0x80 {
		}
	case operandRef:
		size := 4
		if u.version < 3 {
			size = u.addressSize
		}
		return appendUint(out, size, r.uint(size)+in.base["info"])
	case operandBlock:
		r.bytes(r.uleb())
	case operandSmall:
		r.bytes(r.uint(1))
	}
	return append(out, r.b[start:r.pos]...)
}

// patchExpression changes an expression in place. One that becomes longer, or cannot be followed, becomes one without a
// value.
func (in *input) patchExpression(section string, b []byte, u unit) {
	out, ok := in.expression(section, b, u)
	if !ok || len(out) > len(b) {
		out = nil
	}
	for n := copy(b, out); n < len(b); n++ {
		b[n] = opNop
	}
}
