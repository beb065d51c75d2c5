// This file implements the check of modules whose bodies have not been read before.

package validate

import (
	"context"
	"errors"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
)

// Accept reads each body of a module once, and reports whether the module is certain to be valid: whether decoding accepts
// the bodies, which it must have trusted (decode.Options.TrustBodies), and [Module] the module. The references of an accepted
// module are listed, see scan.Refs. Accept makes no errors, since decoding has to report its own first, and those of
// all bodies before any of validation.
func Accept(ctx context.Context, m *corewasm.Module, features Features) bool {
	e, err := newEnv(m, features)
	if err != nil {
		return false
	}
	sizes, ok := e.sizes()
	if !ok {
		return false
	}
	refs, err := scan.Pass(ctx, m, func(l *scan.Lister) func(int) error {
		c := newChecker(e)
		c.refs, c.sizes = l, &sizes
		return c.function
	})
	if err != nil {
		return false
	}
	if m.Refs != nil {
		_, _ = m.Refs.Get(func() (*corewasm.Refs, error) { return refs, nil })
	}
	return true
}

// errUndecided stops the check of code that decoding may not accept.
var errUndecided = errors.New("the code may not be well-formed")

// sizes returns the sizes of the index spaces that all bodies share. ok is false if references could not be listed.
func (e *env) sizes() (sizes [op.NumSpaces]uint32, ok bool) {
	for k := range corewasm.ExternKind(corewasm.NumExterns) {
		sizes[k] = e.m.Count(k)
	}
	sizes[op.SpaceType], sizes[op.SpaceElem] = uint32(e.m.NumTypes()), uint32(len(e.m.Elems))
	if e.m.DataCount != nil { // without one, bodies must not name data segments
		sizes[op.SpaceData] = *e.m.DataCount
	}
	for _, n := range sizes {
		if n > corewasm.MaxRef {
			return sizes, false
		}
	}
	return sizes, true
}

// fits reports whether decoding accepts an instruction: its indices, and its place among the blocks around it.
func (c *checker) fits(in *op.Instr) bool {
	labels := uint32(len(c.ctrls))
	around := c.ctrls[labels-1].op
	ok := true
	switch in.Op {
	case op.Else:
		ok = around == op.If
	case op.LegacyCatch, op.LegacyCatchAll:
		ok = around == op.LegacyTry || around == op.LegacyCatch
	case op.LegacyDelegate: // which ends its block before the label counts
		ok = around == op.LegacyTry
		labels--
	}
	if in.Info.Imm == op.None || !ok {
		return ok
	}
	in.EachIndex(func(s op.Space, i uint32) {
		switch s {
		case op.SpaceLabel:
			ok = ok && i < labels
		case op.SpaceLocal:
			ok = ok && int64(i) < int64(c.numLocals())
		default:
			ok = ok && i < c.sizes[s]
		}
	})
	return ok && c.refs.Instr(in) == nil
}

// numLocals returns the number of the function's parameters and locals.
func (c *checker) numLocals() uint32 {
	if n := len(c.ends); n > 0 {
		return c.ends[n-1]
	}
	return uint32(len(c.params))
}
