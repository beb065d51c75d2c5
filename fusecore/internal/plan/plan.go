// Package plan makes the decisions about an instantiated composition that generating, merging and writing only follow:
// which calls need an adapter and what it must guard, who keeps handle tables, and what the fused module imports and
// exports.
//
// A [Plan] is tables by the graph's identifiers. It says what runs and what must hold meanwhile, never how: it knows no
// instructions and no symbols. For a call from C to D that passes a string and may enter D a second time, it only says
//
//	Calls[3]  = {Class: Copy, Reason: values are in memory, Enter: 1, EnterReason: an instance could be entered a second time}
//	Enters[1] = {Test: D, Set: D}
//
// A guard that is not in the plan has been proven to be unobservable. For one that is, [Reason] says why.
package plan

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// Options are what a form of output requires of a plan.
type Options struct {
	// OneMemory means that all values that the host reads or writes are in one memory, Boundary.Memory, with one realloc,
	// as UTF-8. It is the host memory, unless the options of all calls allow a guest's own.
	OneMemory bool
	// Joined means that all memories will be parts of one, against which the host checks addresses that guests give it. So
	// Boundary.Memory is a guest's own only if there is no other memory.
	Joined bool
	// Raw is the name of an imported instance whose functions take addresses as plain numbers, like those of
	// wasi_snapshot_preview1, or empty. Boundary.Memory is then the memory of the core instance that calls them, at the end
	// of which the host memory is, if there is one, and always exists.
	Raw string
	// Flags means that nothing outside keeps the root's may_enter flag, so the module does: a call by the host traps before
	// the module is initialised, while another one runs, and after a trap.
	Flags bool
	// Named means that the outside only knows items by the names that they have in the world: it has one import for each
	// function and built-in, and built-ins only of resource types that the world imports or exports.
	Named bool
}

// Plan is the decisions about a graph.
type Plan struct {
	Options
	Graph *graph.Graph
	// Live is the part of the graph that becomes part of the fused module. Table entries below that belong to anything
	// else are zero.
	Live *analyse.Live
	// Names are for names of generated functions, and for the name section.
	Names *analyse.Names
	// Contexts are the context slots that each instance uses, Throws the instances that can throw exceptions.
	Contexts map[graph.InstID][]analyse.ContextSlot
	Throws   map[graph.InstID]bool
	// Async is the instance that needs the runtime's tasks, or the host. The runtime keeps its handle table, and its
	// context slots, which are not in Contexts. AsyncContexts are those that its realloc, called by an adapter, could
	// find or leave changed.
	Async         graph.InstID
	AsyncContexts []AsyncContext

	Calls     []Call     // by graph.CallID
	Builtins  []Builtin  // by graph.BuiltinID
	Resources []Resource // by ctypes.Resource.ID
	Enters    []Enter    // by EnterID
	Boundary  Boundary
	// Tables is who keeps the handle tables of instances other than Async, for TablesReason. NoTables has none.
	Tables       TableMode
	TablesReason Reason
}

// AsyncContext is a context slot that the runtime keeps, with the indices in Boundary.Imports of its built-ins.
type AsyncContext struct {
	Type     corewasm.ValType
	Get, Set Slot
}

// Slot is an index in a list. The zero Slot means none.
type Slot int

// At returns the Slot of an index.
func At(i int) Slot { return Slot(i + 1) }

// Ok reports whether the slot is an index, which Index returns.
func (s Slot) Ok() bool { return s > 0 }

// Index returns the index, and panics if there is none.
func (s Slot) Index() int {
	if !s.Ok() {
		panic("plan: an empty slot has no index")
	}
	return int(s) - 1
}

// TableMode is who keeps the instances' handle tables.
type TableMode uint8

const (
	// NoTables means that there are no handles.
	NoTables TableMode = iota
	// RuntimeTable means that only one instance holds handles, in the outer component's table.
	RuntimeTable
	// OwnTables means generated tables, one for each instance.
	OwnTables
)

// Class is how a call is carried out.
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

// String returns the name for reports.
func (c Class) String() string { return classNames[c] }

// Call is how a call is made. Its guards are those of CanonicalABI.md, "Component Instances", canon_lift and
// canon_lower; each is needed if it has a reason.
type Call struct {
	Class  Class
	Reason Reason // why this class
	// Enter is what the call does with may_enter flags. EnterReason says how one of them can be false, or why another
	// call must find it false.
	Enter       EnterID
	EnterReason Reason
	// CheckLeave traps if the caller's may_leave flag is false.
	CheckLeave Reason
	// CallerLeave clears the caller's may_leave flag around its realloc (lowering results).
	CallerLeave Reason
	// CalleeLeave clears the callee's may_leave flag around its realloc (lowering arguments) and post-return.
	CalleeLeave Reason
	// Catch makes an exception that leaves the callee a trap.
	Catch Reason
	// SaveContext zeroes the callee's context slots on entry (including realloc) and restores them at the end.
	SaveContext Reason
	// Scope counts the callee's borrows and traps at return if any remain.
	Scope Reason
	// Lends counts lends of the caller's handles for the duration of the call.
	Lends Reason
	// Staged lifts all values before lowering the first, because caller and callee are one instance.
	Staged Reason
	// HostMemory passes values through the host memory: everything that the host sees of a call that moves handles to
	// or from it, or the values between lifting and lowering in a staged call.
	HostMemory Reason
	// HostReturn means that the host reads the result in the host memory until it calls the post-return function.
	HostReturn Reason
	// HostResults sets the flag that lets the host call the guest's realloc while the call of a host function runs.
	HostResults Reason
	// Import is the index in Boundary.Imports of the host's function, for a call of the host.
	Import Slot
}

// Builtin is how a canonical built-in of one instance is provided.
type Builtin struct {
	// CheckLeave traps if the instance's may_leave flag is false.
	CheckLeave Reason
	// Enter is what resource.drop does with the may_enter flags when it ends a resource's life, for EnterReason.
	Enter       EnterID
	EnterReason Reason
	// Dropping means that resource.drop is the runtime's and must tell its destructor who drops.
	Dropping bool
	// Traps is the rule that every call violates, if any, for TrapsReason. Core is the core type. They are for async
	// built-ins.
	Traps       trap.Rule
	TrapsReason Reason
	Core        corewasm.FuncType
	// Entry means that the built-in works on table elements that are not resource handles.
	Entry bool
	// Realloc is the realloc option of error-context.debug-message.
	Realloc Func
	// Import is the index in Boundary.Imports of the built-in that the outer component supplies, with which nothing else
	// is needed but CheckLeave and Dropping.
	Import Slot
}

// Resource is the decisions about a resource type.
type Resource struct {
	// HostHeld means that the host can be given owning handles of a type that an instance implements. HostEnter is what
	// its drop of one does.
	HostHeld        bool
	HostEnter       EnterID
	HostEnterReason Reason
	// HostNew, HostRep and HostDrop are the indices in Boundary.Imports of the outer component's built-ins for the type,
	// as far as they are needed.
	HostNew, HostRep, HostDrop Slot
}

// Memory identifies a memory: one of a core instance, or the host memory, in which the host sees values that contain
// handles. It is comparable; the zero Memory means none.
type Memory struct {
	Host bool
	Ref  graph.CoreRef
}

func memoryOf(r graph.CoreRef) Memory { return Memory{Ref: r} }

// FuncKind is the kind of a [Func].
type FuncKind uint8

const (
	NoFunc      FuncKind = iota
	Core                 // the core function Ref, with Guard
	Entry                // the lifted function of Call, as called by the host
	Adapter              // the adapter of Call
	HostAlloc            // the realloc of the host memory
	HostArgs             // the same, beginning a call by the host: Guard.First
	HostReturn           // the post-return of results in the host memory: Guard.Last
	HostRealloc          // HostAlloc for results of host functions, HostArgs for arguments of a call by the host
)

// Func identifies a function of the fused module that the outer component calls, with its guards. The zero Func means
// none.
type Func struct {
	Kind  FuncKind
	Ref   graph.CoreRef
	Call  graph.CallID
	Guard Guard
}

// Guard is what must hold while a realloc or post-return function of an instance runs. The zero Guard requires nothing.
type Guard struct {
	Inst graph.InstID
	// Leave clears the instance's may_leave flag.
	Leave Reason
	// Context runs the function with its own zeroed context slots.
	Context Reason
	// First is what the function enters, because it begins a call. Last is what it leaves, because it ends one. Both are
	// for EnterReason, the call's.
	First, Last EnterID
	EnterReason Reason
	// Lowers is given for a realloc that the host may only call to lower arguments of a call that may begin, or results of
	// a call with HostResults.
	Lowers Reason
}

// Any reports whether anything must hold.
func (g Guard) Any() bool {
	return g.Leave.Given() || g.Context.Given() || g.First != 0 || g.Last != 0 || g.Lowers.Given()
}
