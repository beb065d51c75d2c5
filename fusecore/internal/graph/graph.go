// Package graph represents the result of instantiation: which core modules are instantiated in what order, what their
// imports refer to, which functions cross the boundaries of component instances, and which resource types there are.
// The outside, called the host, is an instance like any other, so calls to and from it are calls.
//
//	(component $root (import "log" (func $log (param string)))
//	  (instance $a (instantiate $A (with "log" (func $log)))) (export "run" (func $a "run")))
//
//	Insts  host, root, root/A
//	Cores  root/A/main, whose argument "log" is call 0
//	Calls  0: root/A calls log of the host; 1: the host calls run of root/A
//
// A graph contains only facts, and never changes: a pass that finds better facts makes another graph ([Graph.Replace]).
// Package analyse draws conclusions from the facts, and package plan makes decisions.
package graph

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// Identifiers are indices in the graph's slices.
type (
	InstID    int32 // component instance
	CoreID    int32 // core instance
	FuncID    = world.FuncID
	CallID    int32
	BuiltinID int32
	OpaqueID  = world.OpaqueID
)

// Host is the outside: the side of a call that is not fused. Root is the outermost fused instance.
const (
	Host InstID = iota
	Root
)

// Graph is an instantiated composition. Cores are in instantiation order, which matters; other slices are in the order
// of discovery, so that the same inputs lead to the same graph.
type Graph struct {
	Insts     []Inst // the host first, parents before their children
	Cores     []CoreInst
	Resources []Resource // by ctypes.Resource.ID
	Funcs     []Func
	Calls     []Call
	Builtins  []Builtin
	Opaques   []Opaque
	World     world.World
}

// Inst is a component instance.
type Inst struct {
	Parent InstID // Host for the root, and for the host itself
	Path   string // names from the root, for messages and the name section; unique
	Kept   *Kept  // nil for an instance that is evaluated
}

// Kept is an instance whose component is instantiated as it is, because its definitions cannot be evaluated. Nothing
// inside it is part of the graph. Its functions are entries of Graph.Funcs without a Lift, and resource types that it
// exports as new ones have it as Impl.
type Kept struct {
	// Component has no outer aliases.
	Component *component.Component
	// Args are what supplies its imports, under the imports' names, Exports are what it exports. Items of the host have
	// their path in Item.Import.
	Args, Exports []world.Item
	Before        CoreID // core instances before this one are instantiated earlier
	Why           string // completes "it stays composed because"
}

// Outside is the host as an entry of Graph.Insts.
var Outside = Inst{Path: "host"}

// CoreInst is the instantiation of a core module. Instantiations run in the order of Graph.Cores, each in the order of
// the core specification ("Execution / Modules / Instantiation"): globals and tables, element segments, data segments,
// start.
type CoreInst struct {
	Owner  InstID
	Path   string // unique: the owner's path and a name or number
	Module *corewasm.Module
	Args   []CoreRef // one for each of Module.Imports
}

// Origin is the kind of item that a reference refers to.
type Origin uint8

const (
	RefNone    Origin = iota
	RefDef            // a definition in a core instance: Core and Index
	RefCall           // a lowered function: Call
	RefBuiltin        // a canonical built-in: Builtin
)

// CoreRef refers to a core item, after following imports and re-exports to its definition. Two references to one item
// are equal. The zero CoreRef refers to nothing.
type CoreRef struct {
	Origin  Origin
	Kind    corewasm.ExternKind
	Core    CoreID    // RefDef
	Index   uint32    // RefDef: in the core instance's index space of Kind, after its imports
	Call    CallID    // RefCall
	Builtin BuiltinID // RefBuiltin
}

// IsZero reports whether r names nothing.
func (r CoreRef) IsZero() bool { return r.Origin == RefNone }

// OfCall returns a reference to the lowered function of a call, OfBuiltin to the function of a built-in.
func OfCall(id CallID) CoreRef       { return CoreRef{Origin: RefCall, Call: id} }
func OfBuiltin(id BuiltinID) CoreRef { return CoreRef{Origin: RefBuiltin, Builtin: id} }

// Resource is a resource type. World.Outside has the imports of those that the host implements.
type Resource struct {
	Type *ctypes.Resource
	Impl InstID  // the implementing instance (CanonicalABI.md, ResourceType.impl), or the host for an imported type
	Name string  // the first name under which the implementing instance exports it, for messages; like Func.Name
	Dtor CoreRef // its destructor, or zero
}

// Options are the canonical options of one lift or lower.
type Options struct {
	Memory, Realloc, PostReturn, Callback CoreRef // zero if absent
	Encoding                              cabi.Encoding
	Ptr64                                 bool // addresses of Memory are i64
	Async                                 bool
}

// Func is a component-level function: lifted from a core function of an instance, or imported from the host.
type Func struct {
	Type   *ctypes.Func
	Name   string   // such as `ns:pkg/iface#func`, for messages and the name section
	Inst   InstID   // the instance that lifts or, if kept, exports it, or Host
	Lift   *Lift    // nil for a function of the host or of a kept instance
	Import []string // without Lift: name of the import or export, then export names inside the instance
}

// Opaque is a core module or component that an instance is given, or exports: one of the host or of a kept instance, or a
// definition.
type Opaque struct {
	Inst   InstID   // the kept instance that exports it, or Host
	Import []string // name of the import or export, then export names inside the instance; nil for a definition
	// Def is the definition, a *component.CoreModule or a *component.NestedComponent without outer aliases, or nil.
	Def component.Def
}

// Lift is the core function that is lifted to a function, and how.
type Lift struct {
	Core CoreRef
	Opts Options
}

// Side is one side of a call.
type Side struct {
	Inst InstID
	Opts Options
}

// Call is one use of a component-level function: a `canon lower` of an instance, or an export to the host. Its core
// function has the type of the caller's side: for a guest caller the flattened lowered type, for a host caller the
// flattened lifted type (CanonicalABI.md, "Flattening").
type Call struct {
	Func           FuncID
	Caller, Callee Side
	// Target is the callee's core function: the lifted one, or zero for a host callee.
	Target CoreRef
}

// ByHost reports whether the host makes the call, ToHost whether the host is called.
func (c *Call) ByHost() bool { return c.Caller.Inst == Host }
func (c *Call) ToHost() bool { return c.Callee.Inst == Host }

// Builtin is a canonical built-in as one instance uses it.
type Builtin struct {
	Op       component.CanonOp
	Inst     InstID
	Resource *ctypes.Resource // resource.*
	Opts     Options
	Slot     uint32           // context.*
	ValType  corewasm.ValType // context.*
	Result   *ctypes.Type     // task.return
	Type     *ctypes.Type     // stream.*, future.*: the stream or future type
	// Async and Cancellable are immediates of the operations that have them. Shared and Table are those of thread.*.
	Async, Cancellable, Shared bool
	Table                      CoreRef
}
