package adapter

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// Where caller and callee are one instance, both sides are the same memory and the same handle table: what lowering a value
// writes, what realloc does and which handles become free or taken would be seen by the lifting of the values that
// follow. There the arguments are lifted to a place that no guest sees before the first is lowered, and so are results, as
// CanonicalABI.md says for every call (canon_lift: lift_flat_values before lower_flat_values). That place is a side like
// any other, with the boundary memory's allocator; handles lie in it as representations.

// staging is a value between being lifted and being lowered.
type staging struct {
	value operand
	top   []slot // the top of the boundary memory's allocator before
}

// stage lifts all of a value of k.src, which is replaced by the side on which the value is then.
func (k *call) stage(t *ctypes.Type, src operand) staging {
	opts := k.c.Stage
	if opts == nil {
		return staging{value: src}
	}
	s := &side{
		inst: k.src.inst, mem: opts.Memory.Sym(), page: k.pageSize(opts.Memory), enc: k.src.enc,
		realloc: opts.Realloc.Sym(), stage: true,
	}
	var st staging
	if top := opts.Top.Sym(); !top.IsZero() {
		k.f.GlobalGet(top)
		st.top = []slot{{k.f.SetTemp(corewasm.I32), corewasm.I32}}
	}
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

// unstage gives back what stage took, when the value has been lowered.
func (k *call) unstage(st staging) {
	if k.c.Stage == nil {
		return
	}
	if st.value.mem {
		k.f.Release(st.value.addr)
	}
	k.release(st.value.flat)
	if st.top != nil {
		k.f.LocalGet(st.top[0].local).GlobalSet(k.c.Stage.Top.Sym())
		k.release(st.top)
	}
}
