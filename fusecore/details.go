// This file declares what a report says in detail: where components meet, and what each costs.

package fusecore

// Details are the parts of a report that take time to find out. [FuseOptions.Details] asks for them.
type Details struct {
	Instances  []Instance      `json:"instances"`  // in the order of the composition: parents before their children
	Boundaries []Boundary      `json:"boundaries"` // between components, then those with the host, each in the order of discovery
	Tables     []HandleTable   `json:"handleTables"`
	Memories   []Memory        `json:"memories"`
	Imports    []WorldImport   `json:"imports"`  // of the output, in order
	Features   []Feature       `json:"features"` // sorted by name
	Sizes      Sizes           `json:"sizes"`
	Helpers    []GeneratedFunc `json:"helpers"` // generated functions other than adapters, in the order of the output
}

// Instance is a component instance of the composition.
type Instance struct {
	ReportedComponent
	// Domain is an index in Report.Domains, or -1 if the component is kept.
	Domain  int          `json:"domain"`
	Modules []CoreModule `json:"modules"` // its core instances, in the order of their instantiation
	// Before and After are the sums of those of its modules. What is kept stays as it is.
	Before Size `json:"before"`
	After  Size `json:"after"`
}

// CoreModule is a core instance.
type CoreModule struct {
	Path   string `json:"path"`   // names of instances from the root, then of the core instance, joined by "/"
	Before Size   `json:"before"` // in the input
	After  Size   `json:"after"`  // in the output; what calls of others have inlined is theirs
}

// Size counts what is in a core module, or in a part of one. All but Functions are in bytes.
type Size struct {
	Functions int `json:"functions"`
	Code      int `json:"code"`    // bodies of functions
	Data      int `json:"data"`    // of data segments
	Names     int `json:"names"`   // of functions, in the name section
	Customs   int `json:"customs"` // custom sections but the name section
}

func (s *Size) add(o Size) {
	s.Functions += o.Functions
	s.Code += o.Code
	s.Data += o.Data
	s.Names += o.Names
	s.Customs += o.Customs
}

// Sizes are those of whole files, in bytes.
type Sizes struct {
	Inputs []InputSize `json:"inputs"` // in the order of the graph
	Output int         `json:"output"`
	// Guests is what is in the output of the instances, Generated what fusing has added. The rest of the output is types,
	// imports, exports and the like.
	Guests    Size `json:"guests"`
	Generated Size `json:"generated"`
}

// InputSize is the size of a file, in bytes.
type InputSize struct {
	Input string `json:"input"`
	Size  int    `json:"size"`
}

// Boundary is a function of one component as another one calls it. A call by or to the surroundings has the host, whose path is
// [HostPath], as caller or callee.
type Boundary struct {
	Caller   ReportedComponent `json:"caller"`
	Callee   ReportedComponent `json:"callee"`
	Function string            `json:"function"` // such as ns:pkg/iface#func
	Type     string            `json:"type"`     // in WIT syntax
	Class    string            `json:"class"`    // one of those below
	Reason   string            `json:"reason"`   // completes "it is of this class because:"
	// Copies names the parameters that are copied from memory to memory, and "result".
	Copies []string `json:"copies,omitempty"`
	// Encodings are the caller's and callee's encodings of strings, if the function has any and one of them is not UTF-8.
	Encodings []string        `json:"encodings,omitempty"`
	Guards    []BoundaryGuard `json:"guards,omitempty"`
	Adapter   *Adapter        `json:"adapter,omitempty"` // nil if the caller calls the callee's function itself
	// Unused reports whether nothing that can run makes the call, so that no code is left of it.
	Unused bool `json:"unused,omitempty"`
}

// Adapter is the generated function of a boundary.
type Adapter struct {
	Name    string `json:"name"`    // in backtraces
	Bytes   int    `json:"bytes"`   // of its code as generated, without that of functions that adapters share
	Inlined int    `json:"inlined"` // calls that its code has taken the place of
	Left    bool   `json:"left"`    // whether the output has the function
}

// BoundaryGuard is something that a call does, besides passing values, because its absence could be observed.
type BoundaryGuard struct {
	Name   string `json:"name"`   // see plan.Call
	Does   string `json:"does"`   // completes "it"
	Reason string `json:"reason"` // why it cannot be left out
	// Steps are functions, each of which calls the next one, that lead to what the reason is about.
	Steps []string `json:"steps,omitempty"`
}

// The classes of boundaries, from the cheapest to the most expensive one.
const (
	ClassDirect    = "direct"    // the caller calls the callee's function itself
	ClassForward   = "forward"   // a check, then a call of the host with the same values
	ClassScalar    = "scalar"    // values that are not in memory are checked and passed
	ClassCopy      = "copy"      // values are copied from memory to memory
	ClassTranscode = "transcode" // strings are converted from one encoding to another
	ClassHandles   = "handles"   // handles move between tables of handles
	ClassComposed  = "composed"  // the engine passes the call from one component of the output to another
)

// HandleTable is who keeps the table of resource handles of an instance.
type HandleTable struct {
	ReportedComponent
	Keeper    string   `json:"keeper"` // "engine", or "module" if fused code does
	Reason    string   `json:"reason"`
	Resources []string `json:"resources"` // sorted
}

// Memory is a memory of a fused module.
type Memory struct {
	Domain int    `json:"domain"` // index in Report.Domains
	Index  int    `json:"index"`  // in the module; instructions that name memory 0 are the shortest
	Owner  string `json:"owner"`  // path of a core instance, or what the memory is for; empty if all have parts of it
	// Minimum and Maximum are sizes in bytes. Maximum is 0 if the memory is not limited.
	Minimum  uint64 `json:"minimum"`
	Maximum  uint64 `json:"maximum"`
	PageSize uint64 `json:"pageSize"`
	Is64     bool   `json:"is64"` // addresses have 64 bits
	Shared   bool   `json:"shared"`
	Holder   bool   `json:"holder"` // a small module beside the fused one defines it
	Data     int    `json:"data"`   // bytes of segments that are applied when it is instantiated
}

// WorldImport is a function or resource type that the output imports from the host.
type WorldImport struct {
	Name  string   `json:"name"` // such as ns:pkg/iface#func
	Kind  string   `json:"kind"` // "func" or "resource"
	Users []Needer `json:"users"`
}

// Needer is a component that needs an import.
type Needer struct {
	ReportedComponent
	// Way is why: functions, each of which calls the next one, the last of which calls the import, after the reason why the
	// first one is in the output. It is nil for a kept component.
	Way []string `json:"way,omitempty"`
}

// Feature is a feature of WebAssembly that the output uses.
type Feature struct {
	Name string `json:"name"` // as in the section target_features of core modules, or "component-model" and parts of it
	// In has the names of core modules that use it, each once, in order; nil for features of components.
	In []string `json:"in,omitempty"`
}

// GeneratedFunc is a generated function.
type GeneratedFunc struct {
	Name  string `json:"name"`
	Bytes int    `json:"bytes"` // of its code in the output
}
