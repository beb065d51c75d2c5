// This file implements the forms of attributes (7.5.6).

package dwarf

// Forms.
const (
	formAddr          = 0x01
	formBlock2        = 0x03
	formBlock4        = 0x04
	formData2         = 0x05
	formData4         = 0x06
	formData8         = 0x07
	formString        = 0x08
	formBlock         = 0x09
	formBlock1        = 0x0a
	formData1         = 0x0b
	formFlag          = 0x0c
	formSdata         = 0x0d
	formStrp          = 0x0e
	formUdata         = 0x0f
	formRefAddr       = 0x10
	formRef1          = 0x11
	formRef2          = 0x12
	formRef4          = 0x13
	formRef8          = 0x14
	formRefUdata      = 0x15
	formIndirect      = 0x16
	formSecOffset     = 0x17
	formExprloc       = 0x18
	formFlagPresent   = 0x19
	formStrx          = 0x1a
	formAddrx         = 0x1b
	formData16        = 0x1e
	formLineStrp      = 0x1f
	formRefSig8       = 0x20
	formImplicitConst = 0x21
	formLoclistx      = 0x22
	formRnglistx      = 0x23
	formStrx1         = 0x25
	formStrx2         = 0x26
	formStrx3         = 0x27
	formStrx4         = 0x28
	formAddrx1        = 0x29
	formAddrx2        = 0x2a
	formAddrx3        = 0x2b
	formAddrx4        = 0x2c
	formGNUAddrIndex  = 0x1f01
	formGNUStrIndex   = 0x1f02
)

// class is what a value is.
type class uint8

const (
	classOther     class = iota // what does not change
	classConstant               // an integer
	classAddress                // an address
	classIndexed                // the index of an address in .debug_addr
	classBlock                  // bytes, of which some are expressions
	classOffset                 // an offset in another section, by the attribute
	classString                 // an offset in .debug_str
	classLine                   // an offset in .debug_line_str
	classReference              // an offset in .debug_info
	classLocations              // the index of a list of locations
	classRanges                 // the index of a list of ranges
)

// value is the value of an attribute.
type value struct {
	class class
	n     uint64 // of an integer
	size  int    // in bytes, of one that can be overwritten, or 0
	pos   int    // in the section, of the integer or the bytes
	bytes []byte // of a block
	// expression reports whether the block is certainly an expression. Up to version 3 the attribute decides.
	expression bool
}

// fixed are the forms of integers with a fixed size.
var fixed = map[uint64]struct {
	class class
	size  int
}{
	formData1: {classConstant, 1}, formData2: {classConstant, 2}, formData4: {classConstant, 4}, formData8: {classConstant, 8},
	formFlag: {classOther, 1}, formRef1: {classOther, 1}, formRef2: {classOther, 2}, formRef4: {classOther, 4}, formRef8: {classOther, 8},
	formRefSig8: {classOther, 8}, formStrp: {classString, 4}, formLineStrp: {classLine, 4}, formSecOffset: {classOffset, 4},
	formStrx1: {classOther, 1}, formStrx2: {classOther, 2}, formStrx3: {classOther, 3}, formStrx4: {classOther, 4},
	formAddrx1: {classIndexed, 1}, formAddrx2: {classIndexed, 2}, formAddrx3: {classIndexed, 3}, formAddrx4: {classIndexed, 4},
}

// variable are the forms of integers without a fixed size.
var variable = map[uint64]class{
	formUdata: classConstant, formSdata: classConstant, formRefUdata: classOther, formStrx: classOther, formAddrx: classIndexed,
	formLoclistx: classLocations, formRnglistx: classRanges, formGNUAddrIndex: classIndexed, formGNUStrIndex: classOther,
}

// blocks are the forms of blocks, with the size of their length, or 0 for LEB128.
var blocks = map[uint64]int{formBlock1: 1, formBlock2: 2, formBlock4: 4, formBlock: 0, formExprloc: 0}

// read reads a value of a form. implicit is the value of formImplicitConst.
func (in *input) read(r *reader, u unit, form uint64, implicit int64) value {
	v := value{pos: r.pos}
	if f, ok := fixed[form]; ok {
		v.class, v.size, v.n = f.class, f.size, r.uint(f.size)
		return v
	}
	if c, ok := variable[form]; ok {
		v.class = c
		if form == formSdata {
			v.n = uint64(r.sleb())
		} else {
			v.n = r.uleb()
		}
		return v
	}
	if size, ok := blocks[form]; ok {
		n := uint64(0)
		if size == 0 {
			n = r.uleb()
		} else {
			n = r.uint(size)
		}
		v.class, v.pos, v.expression = classBlock, r.pos, form == formExprloc
		v.bytes = r.bytes(n)
		return v
	}
	switch form {
	case formAddr:
		v.class, v.size, v.n = classAddress, u.addressSize, r.uint(u.addressSize)
	case formRefAddr:
		v.class, v.size = classReference, 4
		if u.version < 3 {
			v.size = u.addressSize
		}
		v.n = r.uint(v.size)
	case formString:
		r.text()
	case formData16:
		r.bytes(16)
	case formFlagPresent:
	case formImplicitConst:
		v.class, v.n = classConstant, uint64(implicit)
	case formIndirect:
		if form = r.uleb(); form == formIndirect || form == formImplicitConst {
			r.fail("form 0x%x in the place of an indirect one", form)
		}
		return in.read(r, u, form, 0)
	default:
		r.fail("form 0x%x is not supported", form)
	}
	return v
}

// strings adjusts an offset of a string, at a position in the output.
func (in *input) strings(out []byte, v value, pos int) {
	switch v.class {
	case classString:
		put(out[pos:], v.size, v.n+in.shared.str)
	case classLine:
		put(out[pos:], v.size, v.n+in.shared.lineStr)
	}
}
