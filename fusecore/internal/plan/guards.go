// This file names the guards of a call, for reports.

package plan

import (
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// GuardOf is a guard of a call that has a reason.
type GuardOf struct {
	Name   string
	Does   string // completes "the call"
	Reason Reason
}

// Guards lists the guards of a call, in the order in which they take effect.
func (p *Plan) Guards(id graph.CallID) []GuardOf {
	c := &p.Calls[id]
	all := [...]GuardOf{
		{"may-leave", "traps if its caller may not leave its instance", c.CheckLeave},
		{"may-enter", p.enters(c.Enter), c.EnterReason},
		{"context", "gives the callee context slots of its own", c.SaveContext},
		{"lends", "counts the caller's handles as lent while it runs", c.Lends},
		{"borrow-scope", "traps at its end if the callee has not dropped all borrows", c.Scope},
		{"staged", "lifts all values before it lowers the first", c.Staged},
		{"host-memory", "passes values through a memory for the host", c.HostMemory},
		{"host-return", "keeps the result in the memory for the host until the host has read it", c.HostReturn},
		{"host-results", "allows the host to call the caller's realloc meanwhile", c.HostResults},
		{"callee-realloc", "keeps the callee's realloc and post-return from leaving its instance", c.CalleeLeave},
		{"caller-realloc", "keeps the caller's realloc from leaving its instance", c.CallerLeave},
		{"catch", "makes an exception of the callee a trap", c.Catch},
	}
	var out []GuardOf
	for _, g := range all {
		if g.Reason.Given() {
			out = append(out, g)
		}
	}
	return out
}

// enters says what a call does with may_enter flags.
func (p *Plan) enters(id EnterID) string {
	names := func(insts []graph.InstID) string {
		var out []string
		for _, i := range insts {
			out = append(out, p.Names.Inst(i))
		}
		return diag.List(out)
	}
	e := &p.Enters[id]
	var does []string
	if len(e.Test) > 0 {
		does = append(does, "traps if "+names(e.Test)+" may not be entered")
	}
	if len(e.Set) > 0 {
		does = append(does, "keeps others from entering "+names(e.Set)+" until it ends")
	}
	return strings.Join(does, ", and ")
}
