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

// Reach answers what core functions can end up calling within their component instance: indirect calls are taken to
// reach everything whose reference exists.
type Reach struct{ r *reach }

// NewReach prepares to answer for a graph.
func NewReach(g *Graph) *Reach { return &Reach{newReach(g)} }

// From lists the lowered functions and built-ins that a function can call. It fails on code that cannot be read.
func (r *Reach) From(f CoreRef) ([]CallID, []BuiltinID, error) {
	out, err := r.r.walk(f)
	if err != nil {
		return nil, nil, err
	}
	return out.calls, out.builtins, nil
}
