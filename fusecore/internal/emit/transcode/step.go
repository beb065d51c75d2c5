// This file implements the step functions, which decide on allocations.

package transcode

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// checkSource traps if the source string is misaligned or out of bounds. The length is packed and within the limit.
func (g *gen) checkSource(b *body) {
	one := func() { b.I32Const(1) }
	switch g.src.Encoding {
	case cabi.UTF8:
		b.checkRange(b.src, b.sp, sourceRules, nil, func() { b.LocalGet(b.n) })
	case cabi.UTF16:
		b.checkRange(b.src, b.sp, sourceRules, one, func() { b.LocalGet(b.n).I32Const(1).Op(op.I32Shl) })
	default:
		// latin1 needs the alignment of utf16.
		b.checkRange(b.src, b.sp, sourceRules, one, func() {
			b.units()
			b.LocalGet(b.n).I32Const(31).Op(op.I32ShrU, op.I32Shl)
		})
	}
}

// units pushes the number of code units of the packed length.
func (b *body) units() { b.masked(b.n, ^tag) }

// ifTagged opens an if that is taken for utf16 in latin1+utf16, and removes the tag there.
func (b *body) ifTagged(utf16, latin1 func()) {
	b.LocalGet(b.n).I32Const(0).Op(op.I32LtS)
	b.If()
	b.units()
	b.LocalSet(b.n)
	utf16()
	b.Else()
	latin1()
	b.End()
}

// between returns the key of a function for the pair.
func (g *gen) between(what string) between {
	return between{what, g.src.end(), g.dst.end(), g.simd, g.compact}
}

// copyStep returns the shared function of a pair with a single allocation: checks and conversion, () -> ().
func (g *gen) copyStep() asm.Sym {
	what := g.src.Encoding.String() + "->" + g.dst.Encoding.String()
	return fn(g.u, g.between(what), 0, 0, func(b *body) {
		g.checkSource(b)
		if g.dst.Encoding == cabi.UTF8 {
			b.checkRange(b.dst, b.dp, resultRules, nil, func() { b.LocalGet(b.n) })
			b.copyUTF8()
			return
		}
		b.checkRange(b.dst, b.dp, resultRules, func() { b.I32Const(1) }, func() { b.LocalGet(b.n).I32Const(1).Op(op.I32Shl) })
		utf16 := func() { b.get(b.sp, b.dp, b.n).Call(b.fn("copy utf16", 0, 0, (*body).copyUTF16)) }
		if g.src.Encoding == cabi.UTF16 {
			utf16()
			return
		}
		b.ifTagged(utf16, func() { b.get(b.sp, b.dp, b.n).Call(b.fn("widen latin1", 0, 0, (*body).widenLatin1)) })
	})
}

// step returns the function that continues after each allocation. Its parameters are the body's followed by [stage pos
// out size], its results are [stage pos out size]. Stage is the purpose of the block at dp, of size bytes. pos is the
// number of source units converted, out the number of destination units written. A stage in the results requests
// another realloc, to the size in the results; zero means that the string is finished, with packed length out.
func (g *gen) step() asm.Sym {
	what := g.src.Encoding.String() + "->" + g.dst.Encoding.String()
	return fn(g.u, g.between(what), 4, 4, func(b *body) {
		s := &stepBody{body: b, stage: b.Param(3), pos: b.Param(4), out: b.Param(5), size: b.Param(6)}
		var odd func()
		switch {
		case g.dst.Encoding == cabi.Latin1UTF16 && g.src.Encoding == cabi.Latin1UTF16:
			odd = func() { b.LocalGet(s.stage).Op(op.I32Eqz) }
		case g.dst.Encoding != cabi.UTF8:
			odd = func() { b.I32Const(1) }
		}
		b.checkRange(b.dst, b.dp, resultRules, odd, func() { b.LocalGet(s.size) })
		b.LocalGet(s.stage).Op(op.I32Eqz)
		b.If()
		g.checkSource(b)
		b.End()
		switch {
		case g.src.Encoding == cabi.UTF8 && g.dst.Encoding == cabi.UTF16:
			s.utf8ToUTF16()
		case g.src.Encoding == cabi.UTF8:
			s.utf8ToLatin1()
		case g.src.Encoding == cabi.UTF16 && g.dst.Encoding == cabi.UTF8:
			s.utf16ToUTF8()
		case g.src.Encoding == cabi.UTF16:
			s.utf16ToLatin1()
		case g.dst.Encoding == cabi.UTF8:
			b.ifTagged(s.utf16ToUTF8, s.latin1ToUTF8)
		default:
			b.ifTagged(s.probablyUTF16, s.copyLatin1)
		}
		s.done(func() { s.LocalGet(s.out) })
	})
}

// stepBody is a step function under construction.
type stepBody struct {
	*body
	stage, pos, out, size asm.Local
}

// done returns the packed length that the callback pushes.
func (s *stepBody) done(length func()) {
	s.I32Const(stageFirst).I32Const(0)
	length()
	s.I32Const(0).Return()
}

// at opens an if for a stage.
func (s *stepBody) at(stage int32) {
	s.LocalGet(s.stage).I32Const(stage).Op(op.I32Eq)
	s.If()
}

// next returns a request for another allocation; size pushes its size.
func (s *stepBody) next(stage int32, size func()) {
	s.I32Const(stage).LocalGet(s.pos).LocalGet(s.out)
	size()
	s.Return()
}

// widest pushes the number of source units times factor.
func (s *stepBody) widest(factor int32) func() {
	return func() { s.LocalGet(s.n).I32Const(factor).Op(op.I32Mul) }
}

// rest pushes the arguments of a conversion that continues after pos and out, with units of these sizes.
func (s *stepBody) rest(in, out int32) {
	s.LocalGet(s.pos).I32Const(in).Op(op.I32Mul)
	s.addTo(s.src, s.sp)
	s.LocalGet(s.out).I32Const(out).Op(op.I32Mul)
	s.addTo(s.dst, s.dp)
	s.LocalGet(s.n).LocalGet(s.pos).Op(op.I32Sub)
}

// shrink ends a stage with a request for a smaller block if out units of unit bytes are fewer than size bytes. Flag is
// the tag or zero for the packed length. Otherwise the string is finished.
func (s *stepBody) shrink(unit, flag int32) {
	bytes := s.i32()
	s.LocalGet(s.out).I32Const(unit).Op(op.I32Mul).LocalSet(bytes)
	if flag != 0 {
		s.LocalGet(s.out).I32Const(flag).Op(op.I32Or).LocalSet(s.out)
	}
	s.LocalGet(bytes).LocalGet(s.size).Op(op.I32LtU)
	s.If()
	s.next(stageShrunk, func() { s.LocalGet(bytes) })
	s.End()
}

// utf8ToUTF16 implements store_utf8_to_utf16.
func (s *stepBody) utf8ToUTF16() {
	s.at(stageFirst)
	s.get(s.sp, s.dp, s.n).Call(s.fn("utf8 to utf16", 0, 1, (*body).utf8ToUTF16)).LocalSet(s.out)
	s.shrink(2, 0)
	s.End()
}

// utf8ToLatin1 implements store_string_to_latin1_or_utf16 from utf8.
func (s *stepBody) utf8ToLatin1() {
	s.at(stageFirst)
	s.get(s.sp, s.dp, s.n).Call(s.fn("utf8 to latin1", 0, 2, (*body).utf8ToLatin1)).LocalSet(s.out).LocalTee(s.pos)
	s.LocalGet(s.n).Op(op.I32LtU)
	s.If()
	s.next(stageRest, s.widest(2))
	s.End()
	s.shrink(1, 0)
	s.End()
	s.at(stageRest)
	s.inflate()
	s.rest(1, 2)
	s.Call(s.fn("utf8 to utf16", 0, 1, (*body).utf8ToUTF16)).LocalGet(s.out).Op(op.I32Add).LocalSet(s.out)
	s.shrink(2, tag)
	s.End()
}

// utf16ToLatin1 implements store_string_to_latin1_or_utf16 from utf16, which never shrinks: both of its allocations
// have the size that is stored.
func (s *stepBody) utf16ToLatin1() {
	s.at(stageFirst)
	s.get(s.sp, s.dp, s.n).Call(s.narrow(s.src))
	s.LocalTee(s.pos).LocalTee(s.out).LocalGet(s.n).Op(op.I32LtU)
	s.If()
	s.next(stageRest, s.widest(2))
	s.End()
	s.Else()
	s.inflate()
	s.rest(2, 2)
	s.Call(s.fn("copy utf16", 0, 0, (*body).copyUTF16))
	s.LocalGet(s.n).I32Const(tag).Op(op.I32Or).LocalSet(s.out)
	s.End()
}

// inflate converts the out latin1 characters at the start of the block to utf16.
func (s *stepBody) inflate() {
	s.get(s.dp, s.dp, s.out).Call(s.within("inflate latin1", s.dst, 0, 0, (*body).inflateLatin1))
}

// utf16ToUTF8 implements store_utf16_to_utf8.
func (s *stepBody) utf16ToUTF8() { s.toUTF8(2, 3, s.fn("utf16 to utf8", 1, 1, (*body).utf16ToUTF8)) }

// latin1ToUTF8 implements store_latin1_to_utf8.
func (s *stepBody) latin1ToUTF8() { s.toUTF8(1, 2, s.fn("latin1 to utf8", 1, 1, (*body).latin1ToUTF8)) }

// toUTF8 implements store_string_to_utf8 for source units of a size, with a conversion that can stop after leading ASCII.
func (s *stepBody) toUTF8(unit, worst int32, convert asm.Sym) {
	s.at(stageFirst)
	s.get(s.sp, s.dp, s.n).I32Const(1).Call(convert)
	s.LocalTee(s.pos).LocalTee(s.out).LocalGet(s.n).Op(op.I32LtU)
	s.If()
	s.next(stageRest, s.widest(worst))
	s.End()
	s.End()
	s.at(stageRest)
	s.rest(unit, 1)
	s.I32Const(0).Call(convert).LocalGet(s.out).Op(op.I32Add).LocalSet(s.out)
	s.shrink(1, 0)
	s.End()
}

// probablyUTF16 implements store_probably_utf16_to_latin1_or_utf16. It always shrinks what fits in latin1, even if the
// string is empty and the size does not change.
func (s *stepBody) probablyUTF16() {
	s.at(stageFirst)
	s.get(s.sp, s.dp, s.n).Call(s.fn("copy utf16", 0, 0, (*body).copyUTF16))
	s.get(s.dp, s.dp, s.n).Call(s.within("is latin1", s.dst, 0, 1, (*body).isLatin1))
	s.If()
	s.get(s.dp, s.dp, s.n).Call(s.narrow(s.dst)).LocalSet(s.out)
	s.next(stageShrunk, func() { s.LocalGet(s.n) })
	s.End()
	s.LocalGet(s.n).I32Const(tag).Op(op.I32Or).LocalSet(s.out)
	s.End()
}

// copyLatin1 copies latin1 to latin1, where every byte is valid.
func (s *stepBody) copyLatin1() {
	s.get(s.dp, s.sp, s.n).copyBytes()
	s.LocalGet(s.n).LocalSet(s.out)
}

// narrow returns the function that converts utf16 in from to latin1 in the destination, up to the first unit that is not
// latin1, and returns the number of units.
func (s *stepBody) narrow(from end) asm.Sym {
	return s.within("narrow utf16 to latin1", from, 0, 1, (*body).narrowUTF16)
}
