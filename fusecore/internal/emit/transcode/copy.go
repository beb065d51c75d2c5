// This file implements copying strings without conversion.

package transcode

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// EmitCopy appends to f code that copies a string unchanged to a memory with 32-bit pointers that no guest can access,
// from which Emit passes it on. It checks the length and the location of the string as Emit does, and leaves it to Emit
// to check that the string is valid. It returns the pointer and the length of the copy, in the source's encoding, in
// locals.
func EmitCopy(u *asm.Unit, f *asm.Func, src, dst Side, ptr, length asm.Local) (dptr, dlen asm.Local) {
	g := &gen{u: u, src: src, dst: dst}
	n := g.checkLength(f, length)
	bytes := func() {
		f.LocalGet(n)
		switch src.Encoding {
		case cabi.UTF16:
			f.I32Const(1).Op(op.I32Shl)
		case cabi.Latin1UTF16:
			f.I32Const(^tag).Op(op.I32And).LocalGet(n).I32Const(31).Op(op.I32ShrU, op.I32Shl)
		}
	}
	if src.Encoding != cabi.UTF8 {
		f.TrapMisaligned(ptr, src.Ptr64, 2, trap.MisalignedPointer)
	}
	f.TrapOutside(src.end().view(), ptr, func() {
		bytes()
		f.Op(op.I64ExtendI32U)
	}, trap.OutOfBoundsPointer)
	f.I32Const(0).I32Const(0).I32Const(2)
	bytes()
	dst.CallRealloc(f)
	dptr = setLocal(f)
	f.LocalGet(dptr).LocalGet(ptr)
	bytes()
	f.MemoryCopy(dst.Mem, src.Mem)
	return dptr, n
}
