// This file is the table of rules that keep instances apart.

package partition

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// Rule is a rule by which two instances stay in different domains. ARCHITECTURE.md, "Domains", has the proofs.
type Rule uint8

// The rules.
const (
	NoRule         Rule = iota
	StaysKept           // one of them is kept
	IsAsync             // the used one needs the runtime's tasks itself
	MixesHandles        // an async instance passes both owned and borrowed handles in one call
	HoldsHandles        // the used one holds handles of types that are implemented outside the domain
	LendsHandles        // others hold handles of types that the used one implements
	Awaits              // async functions of the used one return at once only together with those who call them
	Yields              // others call the used one, and through it a synchronous function that can yield
	UsedBetween         // what the domain uses, uses the used one
	StartsBetween       // another instance is instantiated between them, and the order can be observed
	NotSearched         // the search for what lies between was given up
	FusedElsewhere      // the used one is in the domain of another async instance
	Between             // async or kept instances lie between two synchronous ones
	TooLarge            // one module would exceed a limit of engines
)

// rules has a name for each rule, and a text that completes "they are not fused because", in which "it" is the used
// instance and %s what else the rule is about.
var rules = [...]struct{ name, text string }{
	StaysKept:      {"kept", "one stays composed: %s"},
	IsAsync:        {"async", "it is async: %s"},
	MixesHandles:   {"handles mixed", "a call between them passes both owned and borrowed handles of %s"},
	HoldsHandles:   {"handles held", "it holds handles of %s, which is implemented elsewhere"},
	LendsHandles:   {"handles lent", "others hold handles of %s, which it implements"},
	Awaits:         {"awaits", "an async function is called between it and %s"},
	Yields:         {"yields", "others call it, and through it %s, which can yield"},
	UsedBetween:    {"used between", "it is also used by %s"},
	StartsBetween:  {"starts between", "%s is instantiated between them"},
	NotSearched:    {"not searched", "too much depends on it"},
	FusedElsewhere: {"fused elsewhere", "it is fused with %s"},
	Between:        {"between", "%s is between them"},
	TooLarge:       {"too large", "one module would exceed a limit of engines"},
}

// String returns the rule's name.
func (r Rule) String() string { return rules[r].name }

// About is what a rule is about besides the two instances: an instance or something else, or neither.
type About struct {
	Inst graph.InstID
	Text string
}

// Reason returns a text that completes "they are not fused because", with the names of instances.
func (e *Edge) Reason(name func(graph.InstID) string) string {
	text := rules[e.Rule].text
	switch {
	case e.About.Inst != graph.Host:
		return fmt.Sprintf(text, name(e.About.Inst))
	case e.About.Text != "":
		return fmt.Sprintf(text, e.About.Text)
	}
	return text
}
