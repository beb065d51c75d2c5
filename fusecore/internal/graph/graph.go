// Package graph is an instantiated composition as instantiation finds it: which core modules are instantiated in what order, what
// stands behind each of their imports, which functions cross the borders of component instances, and which resource types
// there are. The outside, called the host, is an instance like any other, so that calls to and from it are calls.
//
//	(component $root (import "log" (func $log (param string)))
//	  (instance $a (instantiate $A (with "log" (func $log)))) (export "run" (func $a "run")))
//
//	Insts  host, root, root/A
//	Cores  root/A/main, whose argument "log" is call 0
//	Calls  0: root/A calls log of the host; 1: the host calls run of root/A
//
// A graph is facts only. Nothing changes it after it has been made: a pass that finds better facts makes another graph
// ([Graph.Replace]). What follows from the facts is found by package analyse, and what is done about it is decided by
// package plan.
package graph

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
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

// Host is the outside: the side of a call that is not fused. Root is the outermost instance that is.
const (
	Host InstID = iota
	Root
)

// Graph is an instantiated composition, flat. Order matters in Cores (instantiation order) and is the order of
// discovery elsewhere, so that the same inputs give the same graph.
type Graph struct {
	Insts     []Inst // the host first, parents before their children
	Cores     []CoreInst
	Resources []Resource // by ctypes.Resource.ID
	Funcs     []Func
	Calls     []Call
	Builtins  []Builtin
	World     world.World
}

// Inst is a component instance.
type Inst struct {
	Parent InstID // Host for the root, and for the host itself
	Path   string // names from the root on, for messages and the name section; unique
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

// Origin is what stands behind a core item.
type Origin uint8

const (
	RefNone    Origin = iota
	RefDef            // a definition in a core instance: Core and Index
	RefCall           // a lowered function: Call
	RefBuiltin        // a canonical built-in: Builtin
)

// CoreRef names a core item, followed through imports and re-exports to what defines it; two references to one item are
// equal. The zero CoreRef names nothing.
type CoreRef struct {
	Origin  Origin
	Kind    corewasm.ExternKind
	Core    CoreID    // RefDef
	Index   uint32    // RefDef: in the index space of Kind of the core instance's module, beyond its imports
	Call    CallID    // RefCall
	Builtin BuiltinID // RefBuiltin
}

// IsZero reports whether r names nothing.
func (r CoreRef) IsZero() bool { return r.Origin == RefNone }

// OfCall is the lowered function of a call, OfBuiltin the function of a built-in.
func OfCall(id CallID) CoreRef       { return CoreRef{Origin: RefCall, Call: id} }
func OfBuiltin(id BuiltinID) CoreRef { return CoreRef{Origin: RefBuiltin, Builtin: id} }

// Resource is a resource type. World.Outside names the imports of those that the host implements.
type Resource struct {
	Type *ctypes.Resource
	Impl InstID  // the instance that implements it (CanonicalABI.md, ResourceType.impl), the host for an imported type
	Dtor CoreRef // its destructor, if it has one
}

// Options are the canonical options of one lift or lower.
type Options struct {
	Memory, Realloc, PostReturn, Callback CoreRef // zero when absent
	Encoding                              cabi.Encoding
	Ptr64                                 bool // addresses of Memory are i64
	Async                                 bool
}

// Func is a component-level function: lifted from a core function of an instance, or imported from the host.
type Func struct {
	Type   *ctypes.Func
	Name   string   // `ns:pkg/iface#func` or the like, for messages and the name section
	Inst   InstID   // that lifts it, or Host
	Core   CoreRef  // lifted
	Opts   Options  // lifted
	Import []string // host: import name, then export names inside the instance
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

// ByHost reports whether the host makes the call, ToHost whether it is one of a function of the host.
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
}
