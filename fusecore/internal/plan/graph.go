// Package plan is the fused program before code is generated: what instantiate finds out (data only), and the
// decisions about it that later stages only follow: which calls need an adapter and what it must guard, where memories
// live, what the component around the fused module must supply.
package plan

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// Identifiers are positions in the graph's slices.
type (
	InstID    int32 // component instance
	CoreID    int32 // core instance
	FuncID    = world.FuncID
	CallID    int32
	BuiltinID int32
)

// Host is the instance outside: the side of a call that is not fused.
const Host InstID = -1

// Graph is an instantiated composition, flat. Order matters in Cores (instantiation order) and is the order of
// discovery elsewhere, so that the same inputs give the same graph.
type Graph struct {
	Insts     []CompInst
	Cores     []CoreInst
	Resources []Resource // by ctypes.Resource.ID
	Funcs     []Func
	Calls     []Call
	Builtins  []Builtin
	World     world.World
	Handles   Handles
	// Boundary is filled in by [Decide], and so is Memories: those of core instances that the fused module defines, in
	// their order there.
	Boundary Boundary
	Memories []asm.Sym
}

// CompInst is a component instance. Insts[0] is the root.
type CompInst struct {
	Parent InstID // Host for the root
	Path   string // names from the root on, for messages and the name section; unique
}

// CoreInst is the instantiation of a core module. Instantiations run in the order of Graph.Cores, each in the order of
// the core specification ("Execution / Modules / Instantiation"): globals and tables, element segments, data segments,
// start.
type CoreInst struct {
	Owner  InstID
	Path   string // unique: the owner's path and a name or number
	Module *corewasm.Module
	Args   []CoreRef // one for each of Module.Imports
	// Dropped says that the instance takes no part in the result: nothing refers to it and instantiating it has no effect.
	Dropped bool
}

// RefKind is what stands behind a core item.
type RefKind uint8

const (
	RefNone    RefKind = iota
	RefDef             // a definition in a core instance: Core and Index
	RefCall            // a lowered function: Call
	RefBuiltin         // a canonical built-in: Builtin
	RefSynth           // a generated item: Index is its position in the asm.Unit
)

// CoreRef names a core item, followed through imports and re-exports to what defines it; two references to one item are
// equal.
type CoreRef struct {
	Kind    RefKind
	Sort    corewasm.ExternKind
	Core    CoreID    // RefDef
	Index   uint32    // RefDef: in the index space of Sort of the core instance's module, beyond its imports; RefSynth
	Call    CallID    // RefCall
	Builtin BuiltinID // RefBuiltin
}

// Sym gives the symbol that generated code uses for the item.
func (r CoreRef) Sym() asm.Sym {
	switch r.Kind {
	case RefDef:
		return asm.Sym{Kind: r.Sort, Origin: asm.OriginGuest, Owner: int32(r.Core), Index: r.Index}
	case RefCall:
		return CallSym(r.Call)
	case RefBuiltin:
		return BuiltinSym(r.Builtin)
	case RefSynth:
		return asm.Sym{Kind: r.Sort, Origin: asm.OriginSynth, Index: r.Index}
	}
	return asm.Sym{}
}

// CallSym is the symbol of the function that makes a call.
func CallSym(c CallID) asm.Sym {
	return asm.Sym{Kind: corewasm.ExternFunc, Origin: asm.OriginCall, Index: uint32(c)}
}

// BuiltinSym is the symbol of a canonical built-in's function.
func BuiltinSym(b BuiltinID) asm.Sym {
	return asm.Sym{Kind: corewasm.ExternFunc, Origin: asm.OriginBuiltin, Index: uint32(b)}
}

// Resource is a resource type: defined by an instance, or imported from the host (Definer is Host; World.Outside names the import).
type Resource struct {
	Type    *ctypes.Resource
	Definer InstID
	Dtor    CoreRef // of a defined resource; RefNone when it has none
	// HostHeld says that the host can be given owning handles of a defined type; HostEnter is what its drop of one does.
	HostHeld  bool
	HostEnter Enter
	// HostNew, HostRep and HostDrop are positions in Boundary.Lowers of the surrounding component's built-ins for the type,
	// or -1 where none is needed.
	HostNew, HostRep, HostDrop int
}

// Handles says who keeps the instances' handle tables.
type Handles uint8

const (
	// HandlesNone: no handle exists.
	HandlesNone Handles = iota
	// HandlesRuntime: one instance alone holds handles, so that the table of the surrounding component is that instance's.
	HandlesRuntime
	// HandlesTables: tables of ours, one for each instance.
	HandlesTables
)

// Options are the canonical options of one lift or lower.
type Options struct {
	Memory, Realloc, PostReturn, Callback CoreRef // RefNone when absent
	Encoding                              cabi.Encoding
	Ptr64                                 bool // addresses of Memory are i64
	// Top is the global with the top of the boundary memory's stack allocator: of a host's side whose values pass through
	// that memory. A call gives back what it allocated there by restoring it.
	Top   CoreRef
	Async bool
}

// Func is a component-level function: lifted from a core function of an instance, or imported from the host.
type Func struct {
	Type   *ctypes.Func
	Name   string   // `ns:pkg/iface#func` or the like, for messages and the name section
	Inst   InstID   // that lifted it, or Host
	Core   CoreRef  // lifted
	Opts   Options  // lifted
	Import []string // host: import name, then export names inside the instance
}

// Side is one side of a call. A host side has Inst == Host.
type Side struct {
	Inst InstID
	Opts Options
}

// Class says how a call is carried out.
type Class uint8

const (
	// ClassDirect needs no code of ours: the caller calls the target itself.
	ClassDirect Class = iota
	// ClassGate checks the caller's may_leave flag and calls a host function with the same core values.
	ClassGate
	// ClassScalar converts flat values only.
	ClassScalar
	// ClassCopy also copies through memories without changing string encodings.
	ClassCopy
	// ClassTranscode also changes a string encoding.
	ClassTranscode
	// ClassHandles also moves handles between tables.
	ClassHandles
)

var classNames = [...]string{"direct", "gate", "scalar", "copy", "transcode", "handles"}

// String gives the name that reports use.
func (c Class) String() string { return classNames[c] }

// Call is one use of a component-level function: a `canon lower` of an instance, or an export to the host. The
// function behind [CallSym] has the core type of the caller's side: for a guest caller the flattened lowered type, for a
// host caller the flattened lifted type (CanonicalABI.md, "Flattening").
type Call struct {
	Func           FuncID
	Name           string
	Caller, Callee Side
	// Target is the callee's core function: the lifted one, or RefNone for a host callee (whose function is Lower's).
	Target CoreRef
	Class  Class
	Reason string // why this class, for reports
	Gate   Gate
	// Export is the position in Boundary.Lifts for a host caller, Lower the one in Boundary.Lowers for a host callee; -1 else.
	Export, Lower int
	// Stage is where all values are put between being lifted and being lowered, in a call of an instance by itself; nil
	// where the two can go together. It names no memory where values need none, and its encoding means nothing.
	Stage *Options
	// Dropped says that nothing can make the call.
	Dropped bool
}

// Gate is what a call must guard (CanonicalABI.md, "Component Instances", canon_lift and canon_lower). Everything that
// is proven not to be observable is false.
type Gate struct {
	// Enter: the may_enter flags of the entering set.
	Enter Enter
	// CheckLeave: trap when the caller's may_leave flag is false.
	CheckLeave bool
	// CallerLeave: clear the caller's may_leave flag around its realloc (lowering results).
	CallerLeave bool
	// CalleeLeave: clear the callee's may_leave flag around its realloc (lowering arguments) and post-return.
	CalleeLeave bool
	// Catch: an exception that leaves the callee becomes a trap.
	Catch bool
	// SaveContext: zero the callee's context slots on entry (realloc included) and restore them at the end.
	SaveContext bool
	// Scope: count the callee's borrows and trap at return while any is left.
	Scope bool
	// Lends: count lends of the caller's handles for the time of the call.
	Lends bool
}

// Builtin is a canonical built-in as one instance uses it.
type Builtin struct {
	Op         component.CanonOp
	Inst       InstID
	Resource   *ctypes.Resource // resource.*
	Type       *ctypes.Type     // stream.*, future.*: the stream or future type
	Opts       Options
	Slot       uint32           // context.*
	ValType    corewasm.ValType // context.*
	Result     *ctypes.Type     // task.return
	HasResult  bool
	Async      bool
	CheckLeave bool // trap when the instance's may_leave flag is false
	// Enter is what resource.drop does with the may_enter flags when it ends a resource's life.
	Enter Enter
	// Dropping says that resource.drop is the runtime's and must tell its destructor who drops, see plan.DropOwn.
	Dropping bool
	// Traps is the rule that every call breaks, if one is. Core is the core type. Both are of the built-ins for concurrency.
	Traps trap.Rule
	Core  corewasm.FuncType
	// Realloc is the realloc option as error-context.debug-message calls it.
	Realloc asm.Sym
	// Lower is the position in Boundary.Lowers of the built-in that the surrounding component supplies, or -1.
	Lower   int
	Dropped bool // nothing can call it
}

// Boundary is what the component around the fused module supplies and uses.
type Boundary struct {
	// Lowers are the host functions that the fused module imports, in the order of its imports.
	Lowers []Lower
	// Lifts are the functions that the fused module exports for lifting.
	Lifts []Lift
	// Memories must exist before the fused module, because options of Lowers name them; the module imports them.
	Memories []asm.Sym
	// Reallocs are functions of the fused module that options of Lowers name; they are reached through a table.
	Reallocs []asm.Sym
	// Resources are the resource types that the surrounding component defines. Their destructors are reached through the
	// same table, after Reallocs.
	Resources []Defined
}

// Defined is a resource type of an instance that the surrounding component defines, because the host sees it or because
// it keeps the instance's handles.
type Defined struct {
	Resource *ctypes.Resource
	Dtor     asm.Sym // [i32] -> [], or zero
}

// Table lists the functions of the fused module that are reached through its table, by position.
func (b *Boundary) Table() []asm.Sym {
	out := slices.Clone(b.Reallocs)
	for _, r := range b.Resources {
		if !r.Dtor.IsZero() {
			out = append(out, r.Dtor)
		}
	}
	return out
}

// Lower is one host function as the fused module imports it: `canon lower` of Func with these options.
type Lower struct {
	Func   FuncID
	Call   CallID
	Type   corewasm.FuncType // core signature
	Memory int               // position in Boundary.Memories, or -1
	// Realloc is a position in Boundary.Reallocs, or -1.
	Realloc  int
	Encoding cabi.Encoding
	Builtin  component.CanonOp // CanonLower, or the resource built-in of Resource
	Resource *ctypes.Resource
}

// Lift is one function that the fused module exports and the component lifts.
type Lift struct {
	Func       FuncID
	Call       CallID
	Type       corewasm.FuncType
	Core       asm.Sym // the function to export
	PostReturn asm.Sym // or zero
	Memory     asm.Sym // or zero
	Realloc    asm.Sym // or zero
	Encoding   cabi.Encoding
}
