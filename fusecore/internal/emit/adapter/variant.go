// This file implements the translation of variants.

package adapter

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// variant translates a variant, enum, option or result: the discriminant, then the payload of its case. Core values
// that the case does not use become zero; bytes that it does not use are left unchanged (CanonicalABI.md,
// lower_flat_variant and store_variant).
func (g *gen) variant(t *ctypes.Type, src, dst operand) {
	from := g.types.Of(t, g.src.ptr64)
	a := sized(from.Disc)
	g.load(src, a)
	disc := g.f.SetTemp(corewasm.I32)
	defer g.f.Release(disc)
	if !src.mem || len(from.Parts) < 1<<(8*from.Disc) {
		g.f.LocalGet(disc).I32Const(int32(uint32(len(from.Parts)))).Op(op.I32GeU)
		g.f.TrapIf(trap.InvalidDiscriminant)
	}
	g.store(dst, a, func() { g.f.LocalGet(disc) })

	groups, of := groupCases(from.Parts)
	if len(groups) == 1 {
		g.payload(t, groups[0], src, dst)
		return
	}
	if len(of) == 2 {
		g.f.LocalGet(disc)
		g.f.If()
		g.payload(t, groups[of[1]], src, dst)
		g.f.Else()
		g.payload(t, groups[of[0]], src, dst)
		g.f.End()
		return
	}
	done := g.f.Block()
	labels := make([]asm.Label, len(groups))
	for i := len(groups) - 1; i >= 0; i-- {
		labels[i] = g.f.Block()
	}
	targets := make([]asm.Label, len(of))
	for i, group := range of {
		targets[i] = labels[group]
	}
	// The discriminant is in range, so the last case can be the default.
	g.f.LocalGet(disc).BrTable(targets[:len(of)-1], targets[len(of)-1])
	for _, p := range groups {
		g.f.End()
		g.payload(t, p, src, dst)
		g.f.Br(done)
	}
	g.f.End()
}

// groupCases returns the distinct payload types in the order of their first cases, and each case's group.
func groupCases(parts []*ctypes.Type) (groups []*ctypes.Type, of []int) {
	at := map[*ctypes.Type]int{}
	for _, p := range parts {
		i, ok := at[p]
		if !ok {
			i = len(groups)
			at[p] = i
			groups = append(groups, p)
		}
		of = append(of, i)
	}
	return groups, of
}

// payload translates the payload, of type p or nil, of a case of t.
func (g *gen) payload(t, p *ctypes.Type, src, dst operand) {
	from, to := g.types.Of(t, g.src.ptr64), g.types.Of(t, g.dst.ptr64)
	n := 0
	if p != nil {
		n = len(g.types.Of(p, false).Flat)
		g.translate(p, src.part(1, n, from.Payload), dst.part(1, n, to.Payload))
	}
	if !dst.mem {
		g.zero(dst.flat[1+n:])
	}
}
