// This file implements the check of function bodies: nesting, indices and immediates.

package decode

import (
	"context"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// checkBodies checks all bodies and returns the error with the lowest offset.
func checkBodies(ctx context.Context, m *corewasm.Module, n *counts, locals []uint32) error {
	return corewasm.EachBody(ctx, m.Code, func() func(int) error {
		var w walker
		return func(i int) error {
			err := w.body(&m.Code[i], n, locals[i])
			if e, ok := err.(*diag.Error); ok {
				e.Item = item("code", i)
			}
			return err
		}
	})
}

// walker checks bodies one after the other, and reuses its buffers.
type walker struct {
	r     op.Reader
	stack []op.Op // instructions that opened the enclosing blocks, innermost last; the function itself is a block
}

func (w *walker) body(b *corewasm.Body, n *counts, locals uint32) error {
	r := &w.r
	r.Cursor = op.Cursor{B: b.Code, Base: b.Offset}
	w.stack = append(w.stack[:0], op.Block)
	in := &r.In
	for w.skip(n, locals); r.Next(); w.skip(n, locals) {
		switch in.Info.Imm {
		case op.None:
			if in.Op >= op.Else && in.Op <= op.LegacyCatchAll {
				w.structure(in)
			}
		case op.Local:
			if in.Index >= locals {
				r.Fail(in.Start, "local index %d is out of range: there are %d", in.Index, locals)
			}
		case op.Memarg:
			if in.Index >= n.of[op.SpaceMem] {
				checkIndices(r, n, len(w.stack))
			}
		case op.Func:
			if in.Index >= n.of[op.SpaceFunc] {
				checkIndices(r, n, len(w.stack))
			}
		case op.Global:
			if in.Index >= n.of[op.SpaceGlobal] {
				checkIndices(r, n, len(w.stack))
			}
		case op.Label:
			if in.Op == op.LegacyDelegate {
				w.structure(in)
			}
			if int64(in.Index) >= int64(len(w.stack)) {
				checkIndices(r, n, len(w.stack))
			}
		case op.BlockType, op.TryTable:
			if in.Block.Form != op.BlockEmpty || in.Op == op.TryTableOp {
				checkIndices(r, n, len(w.stack))
			}
			w.stack = append(w.stack, in.Op)
		case op.Lane, op.Shuffle, op.I32, op.I64, op.F32, op.F64, op.V128, op.Reserved:
		default:
			if in.Op == op.LegacyCatch {
				w.structure(in)
			}
			checkIndices(r, n, len(w.stack))
		}
		if len(w.stack) == 0 {
			break
		}
	}
	switch {
	case r.Err != nil:
	case len(w.stack) != 0:
		r.Fail(r.Pos, "function body ends inside of a block: expected end")
	case r.Pos != len(r.B):
		r.Fail(r.Pos, "%d bytes left over after the end of the function body", r.Left())
	}
	return r.Err
}

// Classes of first bytes for skip.
const (
	skipNot   byte = iota
	skipPlain      // no immediates, not part of the block structure
	skipLocal
	skipFunc
	skipGlobal
	skipConst
	skipFloat4
	skipFloat8
	skipMemarg
	skipBlock
	skipEnd
	skipBranch
)

var skipClasses = func() (t [256]byte) {
	for b := range t {
		in := op.One(byte(b))
		switch {
		case in.Name == "":
		case in.Imm == op.None && (in.Typed || op.Op(b) == op.Drop || op.Op(b) == op.Select || op.Op(b) == op.Return):
			t[b] = skipPlain
		case in.Imm == op.Local:
			t[b] = skipLocal
		case in.Imm == op.Func:
			t[b] = skipFunc
		case in.Imm == op.Global:
			t[b] = skipGlobal
		case in.Imm == op.I32 || in.Imm == op.I64:
			t[b] = skipConst
		case in.Imm == op.F32:
			t[b] = skipFloat4
		case in.Imm == op.F64:
			t[b] = skipFloat8
		case in.Imm == op.Memarg:
			t[b] = skipMemarg
		case op.Op(b) == op.Block || op.Op(b) == op.Loop || op.Op(b) == op.If:
			t[b] = skipBlock
		case op.Op(b) == op.End:
			t[b] = skipEnd
		case op.Op(b) == op.Br || op.Op(b) == op.BrIf:
			t[b] = skipBranch
		}
	}
	return t
}()

// skip steps over the most frequent instructions, which are simple to check if their integers are short. It stops
// at anything else, including errors, which the general path reports.
func (w *walker) skip(n *counts, locals uint32) {
	code, p := w.r.B, w.r.Pos
	// The longest instruction has nine bytes.
	for p+9 <= len(code) {
		next := code[p+1]
		class := skipClasses[code[p]]
		switch class {
		case skipPlain:
			p++
			continue
		case skipLocal, skipFunc, skipGlobal:
			size := locals
			switch class {
			case skipFunc:
				size = n.of[op.SpaceFunc]
			case skipGlobal:
				size = n.of[op.SpaceGlobal]
			}
			if next < 0x80 && uint32(next) < size {
				p += 2
				continue
			}
			if hi := code[p+2]; next >= 0x80 && hi < 0x80 && uint32(next)&0x7f|uint32(hi)<<7 < size {
				p += 3
				continue
			}
		case skipConst:
			if end := short(code, p+1); end != 0 {
				p = end
				continue
			}
		case skipFloat4:
			p += 5
			continue
		case skipFloat8:
			p += 9
			continue
		case skipMemarg:
			if next < 0x40 && n.of[op.SpaceMem] != 0 {
				if end := short(code, p+2); end != 0 {
					p = end
					continue
				}
			}
		case skipBlock:
			if next == op.EmptyBlock || next >= corewasm.CodeF64 && next <= corewasm.CodeI32 {
				w.stack = append(w.stack, op.Op(code[p]))
				p += 2
				continue
			}
		case skipEnd:
			if len(w.stack) > 1 {
				w.stack = w.stack[:len(w.stack)-1]
				p++
				continue
			}
		case skipBranch:
			if next < 0x80 && int(next) < len(w.stack) {
				p += 2
				continue
			}
		}
		break
	}
	w.r.Pos = p
}

// short returns the end of a LEB128 integer if it has at most four bytes, which is in range for every type, or zero. There
// must be four bytes.
func short(code []byte, p int) int {
	for i, b := range code[p : p+4] {
		if b < 0x80 {
			return p + i + 1
		}
	}
	return 0
}

// structure follows the instructions that continue or end a block.
func (w *walker) structure(in *op.Instr) {
	top := &w.stack[len(w.stack)-1]
	ok := true
	switch in.Op {
	case op.End:
		w.stack = w.stack[:len(w.stack)-1]
	case op.Else:
		ok = *top == op.If
		*top = op.Else
	case op.LegacyCatch, op.LegacyCatchAll:
		ok = *top == op.LegacyTry || *top == op.LegacyCatch
		*top = in.Op
	case op.LegacyDelegate:
		ok = *top == op.LegacyTry
		w.stack = w.stack[:len(w.stack)-1]
	}
	if !ok {
		w.r.Fail(in.Start, "%s does not belong to the block around it", in.Info.Name)
	}
}

// checkIndices checks the immediates of the current instruction against the index spaces, and labels against the
// nesting depth.
func checkIndices(r *op.Reader, n *counts, depth int) {
	in := &r.In
	in.EachIndex(func(s op.Space, i uint32) {
		size := n.of[s]
		if s == op.SpaceLabel {
			size = uint32(depth)
		}
		if s == op.SpaceData && n.noData {
			r.Fail(in.Start, "%s: a data segment is used without a data count section", in.Info.Name)
		}
		if i >= size {
			r.Fail(in.Start, "%s: %s index %d is out of range: there are %d", in.Info.Name, s, i, size)
		}
	})
}
