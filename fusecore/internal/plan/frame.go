package plan

import "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"

// Frame is what one call keeps about handles while it runs: the borrows that the callee must give back and the handles
// of the caller that are lent (CanonicalABI.md, Task.num_borrows and Subtask.lenders). Where both are false nothing
// of the kind can be observed and the call keeps nothing.
type Frame struct {
	Scope, Lends bool
	// Local is an i32 of which only the handle tables know the meaning; valid where Scope or Lends is true.
	Local asm.Local
}

// Open says whether the call keeps anything.
func (fr Frame) Open() bool { return fr.Scope || fr.Lends }
