// This file implements the reasons for decisions.

package plan

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// Rule is a rule that determines a decision.
type Rule uint8

// The rules.
const (
	NoRule Rule = iota
	FlatAndFree
	HostFunction
	ExportedToHost
	ReExported
	HandlesToHost
	HandlesMove
	EncodingsDiffer
	InMemory
	Normalised
	HasPostReturn
	LowersAsync
	MayNotLeave
	ReallocLeaves
	MayThrow
	KeepsContext
	EntersAgain
	HostEntersAgain
	HostAllocates
	BorrowsPassed
	OwnsPassed
	OwnsTaken
	NotProven
	OneHolder
	SeveralHolders
	OtherElements
	NotNamed
	OneInstance
	OfTheRuntime
	ReachedInside
	NeverReached
	NeverProvided
	NeverCreated
)

var rules = [...]string{
	FlatAndFree:     "only flat values for which every bit pattern is valid, and nothing to guard",
	HostFunction:    "host function",
	ExportedToHost:  "exported to the host",
	ReExported:      "host function that the host calls",
	HandlesToHost:   "handles move between a table and the host",
	HandlesMove:     "handles move between tables",
	EncodingsDiffer: "the sides encode strings differently",
	InMemory:        "values are in memory",
	Normalised:      "values are checked or normalised",
	HasPostReturn:   "the callee has a post-return function",
	LowersAsync:     "the caller's function returns a state, and the result in memory",
	MayNotLeave:     "realloc or post-return of the caller could reach the call",
	ReallocLeaves:   "realloc or post-return could reach a lowered function or built-in",
	MayThrow:        "the callee, or the caller's realloc, could throw an exception",
	KeepsContext:    "the callee keeps context",
	EntersAgain:     "an instance could be entered a second time",
	HostEntersAgain: "the host could call while it is called",
	HostAllocates:   "the host could allocate when no value is lowered",
	BorrowsPassed:   "the callee must drop handles before it returns",
	OwnsPassed:      "the call also takes an owning handle of a borrowed type",
	OwnsTaken:       "the caller's instance could run before the call ends, and remove an owning handle of a borrowed type",
	NotProven:       "the graph is too large to find out how instances are entered",
	OneHolder:       "only one instance holds handles",
	SeveralHolders:  "several instances hold handles",
	OtherElements:   "handles share a table with waitable sets or error contexts",
	NotNamed:        "the world has no name for a resource type",
	OneInstance:     "caller and callee are one instance",
	OfTheRuntime:    "the runtime's table is that of the instance with the runtime's tasks",
	ReachedInside:   "only realloc or post-return could reach it",
	NeverReached:    "nothing that runs could reach it",
	NeverProvided:   "it needs what does not exist where calls are synchronous",
	NeverCreated:    "nothing in the instance creates what it works on",
}

// String returns the rule in words.
func (r Rule) String() string { return rules[r] }

// Reason is why a decision was made: a rule, and why it applies. A guard in a plan is its reason; the zero Reason means
// that the guard is not needed.
type Reason struct {
	Rule  Rule
	steps func() []graph.CoreRef // finds the steps on demand
}

// Steps lists the functions, each calling the next one, that lead to the item of the rule. It returns nil for rules
// that only depend on the item.
func (r Reason) Steps() []graph.CoreRef {
	if r.steps == nil {
		return nil
	}
	return r.steps()
}

// Because returns a rule without steps.
func Because(r Rule) Reason { return Reason{Rule: r} }

// because returns a rule without steps if it applies, else the zero Reason.
func because(r Rule, applies bool) Reason {
	if !applies {
		return Reason{}
	}
	return Because(r)
}

// Given reports whether there is a reason: whether a guard is needed.
func (r Reason) Given() bool { return r.Rule != NoRule }

// reachable returns the reason for something that is only reachable while a flag is false.
func reachable(r Rule, from *analyse.Reachable, to graph.CoreRef) Reason {
	return Reason{r, func() []graph.CoreRef { return from.Path(to) }}
}
