// Package partition divides the instances of a graph into domains: sets of component instances that become one core
// module, with one component instance around it. What crosses from one domain to another stays a call between
// components, by the runtime's `canon lift` and `canon lower`.
//
//	(component $root ...
//	  (component $d0 ...) (instance $d0 (instantiate $d0 (with "f3" (func $log))))      ;; a domain
//	  (component $k ...)  (instance $k (instantiate $k (with "get" (func $d0 "f7"))))   ;; a kept instance
//	  (export "run" (func $k "run")))
//
// [Decide] merges instances only if neither a guest nor the host can tell. [Cut] makes a graph of each domain, whose
// host is everything else, so that the later stages need not know that there are others.
package partition

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// DomainID is a position in Partition.Domains.
type DomainID int32

// None is the domain of the host, and of instances that consist of definitions only: nothing of them exists at run
// time.
const None DomainID = -1

// Partition is a division of a graph's instances.
type Partition struct {
	Of      []DomainID // by graph.InstID
	Domains []Domain   // in the order of their instantiation
	Edges   []Edge     // what stays between domains, sorted by user and used instance
	// Keep lists instances that must be kept before the others can be divided, in order. The rest is then empty.
	Keep []Keep
}

// Domain is a set of instances.
type Domain struct {
	Insts []graph.InstID // in order
	// Async is the member that uses the runtime's async built-ins, or the host. A domain has one at most.
	Async graph.InstID
	Why   analyse.Cause // why Async needs the runtime
	// Kept reports whether the domain is one kept instance (graph.Kept).
	Kept bool
}

// Edge is a dependency that stays a dependency between components: User calls functions of Used, uses its resource
// types or is given other items of it.
type Edge struct {
	User, Used graph.InstID
	Rule       Rule // why they are not fused
	About      About
}

// Keep is an instance whose parts depend on each other in a way that only the runtime can handle.
type Keep struct {
	Inst   graph.InstID
	Reason string // completes "it stays composed because"
}

// OneModule reports whether all instances are fused into one module.
func (p *Partition) OneModule() bool {
	return len(p.Domains) == 0 || len(p.Domains) == 1 && !p.Domains[0].Kept
}
