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
	HandlesToHost
	HandlesMove
	EncodingsDiffer
	InMemory
	Normalised
	HasPostReturn
	MayNotLeave
	MayThrow
	KeepsContext
	EntersAgain
	HostEntersAgain
	NotProven
)

var rules = [...]string{
	FlatAndFree:     "only flat values for which every bit pattern is valid, and nothing to guard",
	HostFunction:    "host function",
	ExportedToHost:  "exported to the host",
	HandlesToHost:   "handles move between a table and the host",
	HandlesMove:     "handles move between tables",
	EncodingsDiffer: "the sides encode strings differently",
	InMemory:        "values are in memory",
	Normalised:      "values are checked or normalised",
	HasPostReturn:   "the callee has a post-return function",
	MayNotLeave:     "realloc or post-return of the caller could reach the call",
	MayThrow:        "the callee could throw an exception",
	KeepsContext:    "the callee keeps context",
	EntersAgain:     "an instance could be entered a second time",
	HostEntersAgain: "the host could call while it is called",
	NotProven:       "the graph is too large to find out how instances are entered",
}

// String returns the rule in words.
func (r Rule) String() string { return rules[r] }

// Reason is why a decision was made: a rule, and why it applies. The zero Reason means none.
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

// because returns a rule without steps.
func because(r Rule) Reason { return Reason{Rule: r} }

// reachable returns the reason for something that is only reachable while a flag is false.
func reachable(r Rule, from *analyse.Reachable, to graph.CoreRef) Reason {
	return Reason{r, func() []graph.CoreRef { return from.Path(to) }}
}
