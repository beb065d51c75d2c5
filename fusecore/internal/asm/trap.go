// This file implements traps by rules.

package asm

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// trapSize is the approximate number of bytes in a trap.
const trapSize = 4

// trapSite is a place where a function traps. It becomes code when the function is encoded, once all sites are known.
type trapSite struct {
	pos   int
	depth int
	rule  trap.Rule
	sym   Sym  // the rule's function
	cond  bool // only if the i32 on the stack is not zero
}

// Trap traps because a rule is violated. The rest of the block is unreachable.
func (f *Func) Trap(r trap.Rule) *Func { return f.trap(r, false) }

// TrapIf traps because a rule is violated, if the popped i32 is not zero.
func (f *Func) TrapIf(r trap.Rule) *Func { return f.trap(r, true) }

func (f *Func) trap(r trap.Rule, cond bool) *Func {
	if r == trap.None {
		panic("asm: " + f.Name + ": a trap without a rule")
	}
	f.traps = append(f.traps, trapSite{len(f.code), f.depth, r, f.unit.trap(r), cond})
	return f
}

// trap returns the function that traps for a rule, whose only purpose is its name.
func (u *Unit) trap(r trap.Rule) Sym {
	return u.Helper(r.Function(), corewasm.FuncType{}, func(f *Func) {
		f.Outlined = true
		f.code = op.Unreachable.Append(f.code)
		f.Finish()
	})
}

// trapExits are the rules for which a function checks more than once. They have one call of the rule's function each, to
// which the checks branch: the body is wrapped in a block for each rule, and the calls follow it.
//
//	(block $b (block $a BODY (return)) (call $"trap: a") (unreachable)) (call $"trap: b") (unreachable)
type trapExits []trapSite // one site of each rule

func (f *Func) newTrapExits() (exits trapExits) {
	checks := map[trap.Rule]int{}
	for _, s := range f.traps {
		if s.cond {
			if checks[s.rule]++; checks[s.rule] == 2 {
				exits = append(exits, s)
			}
		}
	}
	return exits
}

// open appends the code before the body.
func (e trapExits) open(code []byte) []byte {
	for range e {
		code = append(op.Block.Append(code), op.EmptyBlock)
	}
	return code
}

// close appends the calls after the body, which ends with the function's end.
func (e trapExits) close(code []byte, r Resolver) []byte {
	if len(e) == 0 {
		return code
	}
	code = op.Return.Append(code[:len(code)-1])
	for i := range e {
		code = op.Call.Append(op.End.Append(code), r.Sym(e[i].sym))
		code = op.Unreachable.Append(code)
	}
	return op.End.Append(code)
}

// site appends the code of a site.
func (e trapExits) site(code []byte, s *trapSite, r Resolver) []byte {
	for i := range e {
		if e[i].rule == s.rule {
			branch := op.Br
			if s.cond {
				branch = op.BrIf
			}
			return branch.Append(code, uint32(s.depth+i))
		}
	}
	if s.cond {
		code = append(op.If.Append(code), op.EmptyBlock)
	}
	code = op.Call.Append(code, r.Sym(s.sym))
	code = op.Unreachable.Append(code)
	if s.cond {
		code = op.End.Append(code)
	}
	return code
}
