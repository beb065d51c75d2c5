package plan

// MayThrow says whether an exception can come out of an instance's own code.
func MayThrow(g *Graph, inst InstID) bool { return throwing(g)[inst] }

// Within says whether an instance is another one or is held by it, however deep.
func Within(g *Graph, inst, holder InstID) bool {
	for ; inst != Host; inst = g.Insts[inst].Parent {
		if inst == holder {
			return true
		}
	}
	return false
}
