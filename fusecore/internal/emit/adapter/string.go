// This file implements the translation of strings.

package adapter

// str translates a string.
func (g *gen) str(src, dst operand) {
	g.loadPair(src)
	g.passString()
	t := g.dst.ptr()
	if !dst.mem {
		g.set(dst.flat[1], t)
		g.set(dst.flat[0], t)
		return
	}
	length := g.f.SetTemp(t)
	ptr := g.f.SetTemp(t)
	g.storePair(dst, ptr, func() { g.f.LocalGet(length) })
	g.f.Release(ptr, length)
}
