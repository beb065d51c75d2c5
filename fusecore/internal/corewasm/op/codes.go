// This file implements names for opcodes used by generated code.

package op

// Opcodes of instructions that generated code uses and that need no treatment beyond their type.
const (
	I32Load           Op = 0x28
	I64Load           Op = 0x29
	F32Load           Op = 0x2a
	F64Load           Op = 0x2b
	I32Load8S         Op = 0x2c
	I32Load8U         Op = 0x2d
	I32Load16S        Op = 0x2e
	I32Load16U        Op = 0x2f
	I32Store          Op = 0x36
	I64Store          Op = 0x37
	F32Store          Op = 0x38
	F64Store          Op = 0x39
	I32Store8         Op = 0x3a
	I32Store16        Op = 0x3b
	I32Eqz            Op = 0x45
	I32Eq             Op = 0x46
	I32Ne             Op = 0x47
	I32LtS            Op = 0x48
	I32LtU            Op = 0x49
	I32GtS            Op = 0x4a
	I32GtU            Op = 0x4b
	I32GeU            Op = 0x4f
	I64Eq             Op = 0x51
	I64Ne             Op = 0x52
	I64LtU            Op = 0x54
	I64GtU            Op = 0x56
	I64LeU            Op = 0x58
	I32Clz            Op = 0x67
	I32Ctz            Op = 0x68
	I32Add            Op = 0x6a
	I32Sub            Op = 0x6b
	I32Mul            Op = 0x6c
	I32And            Op = 0x71
	I32Or             Op = 0x72
	I32Xor            Op = 0x73
	I32Shl            Op = 0x74
	I32ShrU           Op = 0x76
	I64Add            Op = 0x7c
	I64Sub            Op = 0x7d
	I64Mul            Op = 0x7e
	I64And            Op = 0x83
	I64Or             Op = 0x84
	I64Xor            Op = 0x85
	I64Shl            Op = 0x86
	I64ShrU           Op = 0x88
	I32WrapI64        Op = 0xa7
	I64ExtendI32U     Op = 0xad
	I32ReinterpretF32 Op = 0xbc
	I64ReinterpretF64 Op = 0xbd
	F32ReinterpretI32 Op = 0xbe
	F64ReinterpretI64 Op = 0xbf
	I32Extend8S       Op = 0xc0
	I32Extend16S      Op = 0xc1

	V128Load              = simd | 0x00
	V128Store             = simd | 0x0b
	I8x16Swizzle          = simd | 0x0e
	I8x16Splat            = simd | 0x0f
	I16x8Splat            = simd | 0x10
	I8x16GeU              = simd | 0x2c
	I16x8Eq               = simd | 0x2d
	V128And               = simd | 0x4e
	V128Or                = simd | 0x50
	V128Xor               = simd | 0x51
	V128AnyTrue           = simd | 0x53
	I8x16Bitmask          = simd | 0x64
	I8x16NarrowI16x8S     = simd | 0x65
	I8x16NarrowI16x8U     = simd | 0x66
	I8x16ShrU             = simd | 0x6d
	I8x16Add              = simd | 0x6e
	I8x16SubSatU          = simd | 0x73
	I16x8ExtendLowI8x16U  = simd | 0x89
	I16x8ExtendHighI8x16U = simd | 0x8a
)
