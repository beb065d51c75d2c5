// Package trap lists the rules of the Canonical ABI that generated code enforces. For each rule that it enforces, a
// fused module has one function whose body is `unreachable` and whose name in the name section describes the violation,
// so that an engine's backtrace shows it as the innermost frame.
package trap

// Rule is a rule that generated code enforces by a trap. The zero Rule means no rule.
type Rule uint8

// The rules, described by their Info.
const (
	None Rule = iota
	CannotEnter
	CannotLeave
	UncaughtException

	MisalignedPointer
	OutOfBoundsPointer
	MisalignedRealloc
	OutOfBoundsRealloc
	ListTooLong
	StringTooLong
	InvalidUTF8
	InvalidUTF16
	InvalidChar
	InvalidDiscriminant

	UnknownHandle
	WrongHandleType
	NotOwned
	HandleLent
	BorrowsLeft
	TableFull

	NotAsync
	NoWaitable
	CannotBlock
	NoOtherThread
	Backpressure

	OutOfMemory
	numRules
)

// Info describes a rule.
type Info struct {
	Name    string // the violation, as shown in an engine's backtrace
	Section string // of CanonicalABI.md; empty for a limit of the fused module itself
	Advice  string // where to look for the cause
}

var infos = [numRules]Info{
	CannotEnter: {
		"cannot enter component instance", "Embedding",
		"A call re-entered an instance that was waiting for a call to return: through a host function that calls an export, or " +
			"through a destructor. Return first and call afterwards. A bare module also traps like this before its " +
			"initialisation, and after a trap.",
	},
	CannotLeave: {
		"cannot leave component instance", "canon lower",
		"A realloc or post-return function called an import or a built-in. Neither may.",
	},
	UncaughtException: {
		"uncaught exception", "canon lift",
		"The callee, or a realloc or destructor, threw a core exception that it did not catch. Errors cross between components as " +
			"`result` values only.",
	},
	MisalignedPointer: {
		"misaligned pointer", "Loading",
		"The address of a list, a string, an argument area or a result area is not a multiple of its alignment. Hand-written bindings, " +
			"or memory that was overwritten.",
	},
	OutOfBoundsPointer: {
		"out-of-bounds pointer", "Loading",
		"A list, a string, an argument area or a result area ends beyond its memory: a wrong address or length. Often a value that was " +
			"freed, or a length in bytes where elements or code units are counted.",
	},
	MisalignedRealloc: {
		"realloc returned a misaligned pointer", "Storing",
		"The receiver's realloc ignores its alignment argument.",
	},
	OutOfBoundsRealloc: {
		"realloc returned an out-of-bounds pointer", "Storing",
		"The receiver's realloc returned an address without checking that its memory could grow.",
	},
	ListTooLong: {
		"list too long", "Loading",
		"A list has more than 2^28-1 bytes. Pass it in parts.",
	},
	StringTooLong: {
		"string too long", "Loading",
		"A string has more than 2^28-1 bytes. Pass it in parts.",
	},
	InvalidUTF8: {
		"string is not valid UTF-8", "Loading",
		"The sender's bytes are not UTF-8: binary data passed as a string, or a string cut within a character. Pass bytes as `list<u8>`.",
	},
	InvalidUTF16: {
		"string is not valid UTF-16", "Loading",
		"The sender's string has a surrogate without its other half, as strings of JavaScript and Java may.",
	},
	InvalidChar: {
		"invalid char", "Loading",
		"A `char` is 0x110000 or more, or a surrogate.",
	},
	InvalidDiscriminant: {
		"invalid discriminant", "Loading",
		"The number of a case of a variant, enum, option or result is not below the number of cases. Hand-written bindings, bindings " +
			"made from another version of the interface, or memory that was overwritten.",
	},
	UnknownHandle: {
		"unknown handle index", "Table State",
		"No handle has this number: it was dropped, given away as `own`, or never received.",
	},
	WrongHandleType: {
		"handle of another type", "Loading",
		"The number is that of a handle to another resource type, or of no resource at all.",
	},
	NotOwned: {
		"handle is not owned", "Loading",
		"A borrowed handle was passed as `own`. Only the owner can give a resource away.",
	},
	HandleLent: {
		"handle is lent", "Loading",
		"A handle was dropped or given away while a call that borrows it is running.",
	},
	BorrowsLeft: {
		"borrow handles left at return", "Tasks",
		"The callee returned before it dropped every `borrow` that it was called with.",
	},
	TableFull: {
		"handle table is full", "Table State",
		"An instance holds more handles than a table has room for. Usually handles that are never dropped.",
	},
	NotAsync: {
		"task is not asynchronous", "canon task.return",
		"`task.return` or `task.cancel` was called by a function that is lifted without `async`.",
	},
	NoWaitable: {
		"no such subtask, stream or future", "Table State",
		"A built-in was given the index of a subtask, stream or future, and the instance cannot have any.",
	},
	CannotBlock: {
		"nothing can resume the blocked task", "canon lift",
		"A synchronous task waits for an event or another thread, and there is none.",
	},
	NoOtherThread: {
		"no other thread to switch to", "Threads",
		"A built-in was given the index of a thread, and the instance has no other one.",
	},
	Backpressure: {
		"backpressure counter out of range", "canon backpressure.{inc,dec}",
		"`backpressure.dec` was called more often than `backpressure.inc`, or that 2^16 times.",
	},
	OutOfMemory: {
		"out of memory", "",
		"A memory of the fused module, for handles or for values that the host exchanges, could not grow.",
	},
}

// Info returns the description of a rule.
func (r Rule) Info() Info { return infos[r] }

// Function returns the name of the function that traps when the rule is violated.
func (r Rule) Function() string { return Prefix + infos[r].Name }

// Prefix begins the name of every function that traps for a rule.
const Prefix = "trap: "

// Rules lists all rules, in the order of the documentation.
func Rules() []Rule {
	var out []Rule
	for r := None + 1; r < numRules; r++ {
		out = append(out, r)
	}
	return out
}
