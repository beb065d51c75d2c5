// This file is the table of rules that keep instances apart.

package partition

import "fmt"

// Rule is a rule by which two instances stay in different domains. ARCHITECTURE.md, "Domains", has the proofs.
type Rule uint8

// The rules.
const (
	NoRule         Rule = iota
	StaysKept           // one of them is kept
	IsAsync             // the used one needs the runtime's tasks itself
	MovesHandles        // handles pass between the used one and an async instance
	HoldsHandles        // the used one holds handles of types that are implemented outside the domain
	LendsHandles        // others hold handles of types that the used one implements
	CallsItself         // the used one can be entered a second time
	UsedBetween         // what the domain uses, uses the used one
	StartsBetween       // another instance is instantiated between them, and the order can be observed
	NotSearched         // the search for what lies between was given up
	FusedElsewhere      // the used one is in the domain of another async instance
	Between             // async or kept instances lie between two synchronous ones
)

// rules has a name for each rule, and a text that completes "they are not fused because", about the used instance and
// whatever else is to be named.
var rules = [...]struct{ name, text string }{
	StaysKept:      {"kept", "%[1]s stays composed: %[2]s"},
	IsAsync:        {"async", "%[1]s is async: %[2]s"},
	MovesHandles:   {"handles move", "handles of %[2]s pass between them"},
	HoldsHandles:   {"handles held", "%[1]s holds handles of %[2]s, which is implemented elsewhere"},
	LendsHandles:   {"handles lent", "others hold handles of %[2]s, which %[1]s implements"},
	CallsItself:    {"calls itself", "%[1]s can be entered again while it runs"},
	UsedBetween:    {"used between", "%[1]s is also used by %[2]s"},
	StartsBetween:  {"starts between", "%[2]s is instantiated between them"},
	NotSearched:    {"not searched", "too much depends on %[1]s"},
	FusedElsewhere: {"fused elsewhere", "%[1]s is fused with %[2]s"},
	Between:        {"between", "%[2]s is between %[1]s and the user"},
}

// String returns the rule's name.
func (r Rule) String() string { return rules[r].name }

func (r Rule) text(used, about string) string { return fmt.Sprintf(rules[r].text, used, about) }
