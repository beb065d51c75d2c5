// This file implements staging.
//
// If caller and callee are one instance, both sides have the same memory and the same handle table. Effects of lowering
// a value, of realloc and of moved handles would be visible to the lifting of later values. So all arguments are lifted
// to a place that no guest can access before the first is lowered, and so are results, as in CanonicalABI.md for every
// call (canon_lift: lift_flat_values before lower_flat_values). That place is a side like any other, in the host
// memory; handles there are representations.

package adapter

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/hostmem"
)

// staging is a value between lifting and lowering.
type staging struct {
	value operand
	top   []slot // the previous top of the host memory's allocator
}

// stage lifts all of a value of k.src, which is replaced by the side on which the value then is.
func (k *call) stage(t *ctypes.Type, src operand) staging {
	if !k.p.Staged.Given() {
		return staging{value: src}
	}
	s := &side{inst: k.src.inst, enc: k.src.enc}
	var st staging
	if k.p.HostMemory.Given() {
		s = k.hostSide(k.src.inst, k.src.enc)
		k.f.GlobalGet(hostmem.In(k.u).Top)
		st.top = []slot{{k.f.SetTemp(corewasm.I32), corewasm.I32}}
	}
	s.stage = true
	layout := k.types.Of(t, false)
	if st.value.mem = src.mem; src.mem {
		st.value.addr = k.allocateArea(s, layout)
	} else {
		st.value.flat = k.temps(layout.Flat)
	}
	k.dst = s
	k.inline(t, src, st.value)
	k.src = s
	return st
}

// unstage frees the memory allocated by stage, once the value has been lowered.
func (k *call) unstage(st staging) {
	if !k.p.Staged.Given() {
		return
	}
	if st.value.mem {
		k.f.Release(st.value.addr)
	}
	k.release(st.value.flat)
	if st.top != nil {
		k.f.LocalGet(st.top[0].local).GlobalSet(hostmem.In(k.u).Top)
		k.release(st.top)
	}
}
