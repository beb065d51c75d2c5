// This file implements the order of instantiation.

package match

import (
	"fmt"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// sort orders the inputs so that providers precede importers, with the root last and otherwise by position. If there is
// no such order, imports of only types go without their provider.
func (m *matcher) sort() (order []*input, err error) {
	for len(order) < len(m.in) {
		next := m.next(func(*world.Item) bool { return false })
		if next == nil {
			if next = m.next((*world.Item).TypesOnly); next == nil {
				return nil, m.cycle()
			}
			for pos := range next.args {
				if a := &next.args[pos]; a.from != nil && !a.from.done {
					*a = argument{}
				}
			}
		}
		next.done = true
		order = append(order, next)
	}
	return order, nil
}

// next returns the first input that is not placed and whose providers are placed, except for imports that can go
// without, or nil.
func (m *matcher) next(without func(*world.Item) bool) *input {
	for n := range m.in {
		in := m.in[(n+1)%len(m.in)]
		waits := false
		for pos, a := range in.args {
			waits = waits || a.from != nil && !a.from.done && !without(&in.World.Imports[pos])
		}
		if !in.done && !waits {
			return in
		}
	}
	return nil
}

// cycle describes a cycle among the inputs that are not placed. The root, which needs all others, is not in it.
func (m *matcher) cycle() error {
	at := m.in[0]
	seen := map[*input]int{}
	var steps []string
	for {
		if n, again := seen[at]; again {
			return &diag.Error{File: at.label(), Offset: diag.NoOffset,
				Msg:  "components depend on each other in a cycle: " + strings.Join(steps[n:], ", "),
				Hint: "components are instantiated one after the other; break the cycle, or have one of these imports supplied from outside"}
		}
		seen[at] = len(steps)
		for i, a := range at.args {
			if a.from != nil && !a.from.done {
				steps = append(steps, fmt.Sprintf("%s imports %q from %s", at.label(), at.World.Imports[i].Name, a.from.label()))
				at = a.from
				break
			}
		}
	}
}
