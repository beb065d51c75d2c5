// This file is the table of rules that keep instances apart.

package partition

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
	UsesContext         // results for the user are allocated by code that uses context slots
	UsedBetween         // what the domain uses, uses the used one
	StartsBetween       // another instance is instantiated between them, and the order can be observed
	NotSearched         // the search for what lies between was given up
	FusedElsewhere      // the used one is in the domain of another async instance
	Between             // async or kept instances lie between two synchronous ones
	NotCalled           // the user only uses its types
)

// texts complete "they are not fused because". %[1]s is the used instance, %[2]s whatever else is to be named.
var texts = [...]string{
	NoRule:         "",
	StaysKept:      "%[1]s stays composed: %[2]s",
	IsAsync:        "%[1]s is async: %[2]s",
	MovesHandles:   "handles of %[2]s pass between them",
	HoldsHandles:   "%[1]s holds handles of %[2]s",
	LendsHandles:   "%[1]s implements %[2]s, whose handles others hold",
	CallsItself:    "%[1]s can be entered again while it runs",
	UsesContext:    "%[2]s allocates results with code that uses context slots",
	UsedBetween:    "%[1]s is also used by %[2]s",
	StartsBetween:  "%[2]s is instantiated between them",
	NotSearched:    "too much depends on %[1]s",
	FusedElsewhere: "%[1]s is fused with %[2]s",
	Between:        "%[2]s is between them",
	NotCalled:      "only types of %[1]s are used",
}
