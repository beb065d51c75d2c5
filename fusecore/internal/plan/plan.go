// Package plan takes the decisions about an instantiated composition that generating, merging and writing only follow:
// which calls need an adapter and what it must guard, who keeps handle tables, and what the
// fused module asks of its outside and offers to it.
//
// A [Plan] is tables by the graph's identifiers. It names what runs and what must hold meanwhile, never how: it knows no
// instruction and no symbol. For a call from C to D that passes a string and enters D a second time, all that it says is
//
//	Calls[3]  = {Class: Copy, Reason: values lie in memory, Enter: 1, EnterReason: an instance could be entered a second time}
//	Enters[1] = {Test: D, Set: D}
//
// Whatever is not decided to be guarded has been proven not to be observable; where something is, [Reason] says why.
package plan

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// Plan is what is decided about a graph.
type Plan struct {
	Graph *graph.Graph
	// Live is the part of the graph that becomes part of the fused module. The entries of the tables below that belong to
	// anything else are zero.
	Live *analyse.Live
	// Contexts are the context slots that each instance uses, Throws the instances that exceptions can come out of.
	Contexts map[graph.InstID][]analyse.ContextSlot
	Throws   map[graph.InstID]bool

	Calls     []Call     // by graph.CallID
	Builtins  []Builtin  // by graph.BuiltinID
	Resources []Resource // by ctypes.Resource.ID
	Enters    []Enter    // by EnterID
	Tables    TableMode
	Boundary  Boundary
}

// Slot is a position in a list, or none: the zero Slot.
type Slot int

// At returns the Slot of a position.
func At(i int) Slot { return Slot(i + 1) }

// Ok reports whether the slot is a position, which Index returns.
func (s Slot) Ok() bool   { return s > 0 }
func (s Slot) Index() int { return int(s) - 1 }

// TableMode says who keeps the instances' handle tables.
type TableMode uint8

const (
	// NoTables: no handle exists.
	NoTables TableMode = iota
	// RuntimeTable: one instance alone holds handles, so that the table of the surrounding component is that instance's.
	RuntimeTable
	// OwnTables: generated tables, one for each instance.
	OwnTables
)

// Class says how a call is carried out.
type Class uint8

const (
	// Direct needs no generated code: the caller calls the target itself.
	Direct Class = iota
	// Forward checks the caller's may_leave flag and calls a host function with the same core values.
	Forward
	// Scalar converts flat values only.
	Scalar
	// Copy also copies through memories without changing string encodings.
	Copy
	// Transcode also changes a string encoding.
	Transcode
	// Handles also moves handles between tables.
	Handles
)

var classNames = [...]string{"direct", "forward", "scalar", "copy", "transcode", "handles"}

// String returns the name that reports use.
func (c Class) String() string { return classNames[c] }

// Call is how a call is made. What it guards is of CanonicalABI.md, "Component Instances", canon_lift and canon_lower.
type Call struct {
	Class  Class
	Reason Reason // why this class
	// Enter is what the call does with may_enter flags; EnterReason says how one of them can be false, or why another call
	// must find it so.
	Enter       EnterID
	EnterReason Reason
	// CheckLeave says to trap when the caller's may_leave flag is false; LeaveReason says how that can be.
	CheckLeave  bool
	LeaveReason Reason
	// CallerLeave says to clear the caller's may_leave flag around its realloc (lowering results).
	CallerLeave bool
	// CalleeLeave says to clear the callee's may_leave flag around its realloc (lowering arguments) and post-return.
	CalleeLeave bool
	// Catch says that an exception which leaves the callee becomes a trap.
	Catch bool
	// SaveContext says to zero the callee's context slots on entry (realloc included) and restore them at the end.
	SaveContext bool
	// Scope says to count the callee's borrows and trap at return while any is left.
	Scope bool
	// Lends says to count lends of the caller's handles for the time of the call.
	Lends bool
	// Staged says to lift all values before the first is lowered, because caller and callee are one instance.
	Staged bool
	// HostMemory says that values pass through the host memory: all that the host sees of a call that moves handles to or
	// from it, or what is between being lifted and being lowered in a staged call.
	HostMemory bool
	// HostReturn says that the host reads the result in the host memory until the post-return function that it calls.
	HostReturn bool
	// Import is the position in Boundary.Lowers of the host's function, for a call of the host.
	Import Slot
}

// Builtin is what becomes of a canonical built-in as one instance uses it.
type Builtin struct {
	// CheckLeave says to trap when the instance's may_leave flag is false; LeaveReason says how that can be.
	CheckLeave  bool
	LeaveReason Reason
	// Enter is what resource.drop does with the may_enter flags when it ends a resource's life, for EnterReason.
	Enter       EnterID
	EnterReason Reason
	// Dropping says that resource.drop is the runtime's and must tell its destructor who drops.
	Dropping bool
	// Traps is the rule that every call breaks, if one is. Core is the core type. Both are of the built-ins for concurrency.
	Traps trap.Rule
	Core  corewasm.FuncType
	// Entry says that the built-in works with entries of the handle table that are no resource handles.
	Entry bool
	// Realloc is the realloc option as error-context.debug-message calls it.
	Realloc Func
	// Import is the position in Boundary.Lowers of the built-in that the surrounding component supplies.
	Import Slot
}

// Resource is what becomes of a resource type.
type Resource struct {
	// HostHeld says that the host can be given owning handles of a type that an instance implements; HostEnter is what its
	// drop of one does.
	HostHeld        bool
	HostEnter       EnterID
	HostEnterReason Reason
	// HostNew, HostRep and HostDrop are the positions in Boundary.Lowers of the surrounding component's built-ins for the
	// type, as far as they are needed.
	HostNew, HostRep, HostDrop Slot
}

// Memory names a memory: one of a core instance, or the host memory, in which the host sees values that hold handles. It is
// comparable; the zero Memory is none.
type Memory struct {
	Host bool
	Ref  graph.CoreRef
}

func memoryOf(r graph.CoreRef) Memory { return Memory{Ref: r} }

// FuncKind says what a [Func] is.
type FuncKind uint8

const (
	NoFunc     FuncKind = iota
	Core                // the core function Ref, under Guard
	Entry               // the lifted function of Call as the host calls it
	Adapter             // the adapter of Call
	HostAlloc           // the realloc of the host memory
	HostArgs            // the same, as it begins a call by the host: Guard.First
	HostReturn          // the post-return of results in the host memory: Guard.Last
)

// Func names a function of the fused module that the component around it calls: what runs, and what must hold meanwhile. It
// is comparable; the zero Func is none.
type Func struct {
	Kind  FuncKind
	Ref   graph.CoreRef
	Call  graph.CallID
	Guard Guard
}

// Guard is what must hold while a realloc or post-return function of an instance runs. The zero Guard is nothing.
type Guard struct {
	Inst graph.InstID
	// Leave says that the instance's may_leave flag is cleared.
	Leave bool
	// Context says that the function has zeroed context slots of its own.
	Context bool
	// First is what the function enters, because it begins a call, Last what it leaves, because it ends one.
	First, Last EnterID
}

// Any reports whether anything must hold.
func (g Guard) Any() bool { return g.Leave || g.Context || g.First != 0 || g.Last != 0 }
