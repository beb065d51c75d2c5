// This file implements what contains code: bodies and the initializers of globals and tables.

package shake

import (
	"context"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// initializers rewrites the initializers of tables, and those of globals if one of them names a function.
func (s *shaker) initializers(out *corewasm.Module) error {
	out.Tables = slices.Clone(s.in.Tables)
	for i := range out.Tables {
		if x := out.Tables[i].Init; x != nil {
			now, err := s.ed.Expr(*x)
			if err != nil {
				return err
			}
			out.Tables[i].Init = &now
		}
	}
	section := corewasm.Coded{Count: s.in.NumGlobals()}
	changed := false
	for i := range s.in.NumGlobals() {
		g := s.in.GlobalAt(i)
		init, err := s.ed.Expr(g.Init)
		if err != nil {
			return err
		}
		changed = changed || !slices.Equal(init.Bytes, g.Init.Bytes)
		section.Bytes = encode.Global(section.Bytes, corewasm.Global{Type: g.Type, Init: init})
	}
	if !changed {
		return nil
	}
	out.Globals, out.LateGlobals = nil, nil
	return decode.Globals(out, section)
}

// code rewrites the bodies that stay.
func (s *shaker) code(ctx context.Context, out *corewasm.Module) error {
	var stay []body
	for i, b := range s.bodies {
		if s.live[s.imported+uint32(i)] {
			stay = append(stay, b)
		}
	}
	batches := corewasm.Batches(stay, func(b *body) int { return len(b.bytes) })
	out.Code, out.Coded = nil, make([]corewasm.Coded, len(batches))
	return corewasm.InParallel(ctx, len(batches), func() func(int) error {
		return func(i int) (err error) {
			c := corewasm.Coded{Count: len(batches[i].Bodies)}
			for _, b := range batches[i].Bodies {
				c.Bytes = leb128.AppendSized(c.Bytes, len(b.bytes), func(dst []byte) []byte {
					if err == nil {
						dst, err = s.ed.Body(append(dst, b.bytes[:b.code]...), &corewasm.Body{Code: b.bytes[b.code:]})
					}
					return dst
				})
			}
			out.Coded[i] = c
			return err
		}
	})
}
