// Package merge merges the core modules of a graph and the generated code in an asm.Unit into one core module. Each
// index space of the output has imports, then the definitions of core instances, in the order of their instantiation,
// then generated items. Merging fills maps from the modules' indices, and from symbols, to the output's:
//
//	core instance a                      core instance b, whose import "f" is a's function 0
//	(func $0 ...)                        (import "m" "f" (func $0))  (func $1 (call $0))
//	a: func 0 -> 0                       b: func 0 -> 0, func 1 -> 1
//
//	(func $0 ...)                        a's
//	(func $1 (call $0))                  b's
//	(func $2 ...)                        generated
//
// Instantiating the output has the same observable effects as instantiating the modules one after the other (core
// specification, "Execution / Modules / Instantiation"): segments and start functions take effect in the original
// order.
package merge

import (
	"context"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/edit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/origin"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/typing"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// Fused is the merged module with what must be created before it.
type Fused struct {
	// Draft is the merged module, until it is written: then Module is.
	Draft  *draft.Module
	Module *corewasm.Module
	// Traces say where the code of each function that Module defines comes from, if Draft is traced.
	Traces []origin.Trace
	// Stay are the imports that the module has.
	Stay Stay
	// Memories are the types of Stay.Memories.
	Memories []corewasm.MemType
	// Tables are the types of Stay.Guests. Type indices are those of the module.
	Tables []corewasm.TableType
	// Data are segments for those memories that can be applied when the memories are created, before the module exists.
	// Mem is an index in Memories, and every offset is constant and in bounds.
	Data []corewasm.Data
	// LateData are all segments for some of Memories, instead of ones in Data.
	LateData map[uint32]*corewasm.LateData
	// Owners name what each memory of the module belongs to, for messages: the path of a core instance, or what was generated.
	Owners []string
	// Names are those of the core instances that have functions with names, in the order of their instantiation.
	Names []Name
}

// Name is a short name of a core instance.
type Name struct {
	Name string // precedes the names of functions, with a slash between; or empty
	Path string
}

// Module merges the live core instances of a graph with the code that was generated for it. Names are those of what is live.
func Module(ctx context.Context, g *graph.Graph, live *analyse.Live, names *analyse.Names, u *asm.Unit, o *Outside) (*Fused, error) {
	m := newMerger(g, live, names, u, o)
	// Types are structural: equal recursion groups become one.
	if err := m.internTypes(); err != nil {
		return nil, err
	}
	// Assign all indices first, so that everything else can refer to any item.
	if err := m.layout(); err != nil {
		return nil, err
	}
	m.mapIndices()
	if err := m.definitions(); err != nil {
		return nil, err
	}
	// Segments stay active if that is unobservable, and are otherwise deferred to the start function.
	if err := m.segments(); err != nil {
		return nil, err
	}
	// Engines limit the number of data segments. Bodies refer to segments, so this precedes them.
	m.coalesce()
	if err := m.code(ctx); err != nil {
		return nil, err
	}
	if err := m.start(); err != nil {
		return nil, err
	}
	m.exports()
	// Generated functions may have added types until here.
	if err := decode.Types(m.out, m.types.Section()); err != nil {
		return nil, err
	}
	m.out.Index()
	m.fused.Owners = m.owners()
	m.fused.Draft.Distinct = true
	m.fused.Draft.Outside = m.uses()
	m.fused.Stay = Everything(m.outside)
	return m.fused, nil
}

// merger is the state of one merge. Its steps run in the order of Module, and each computes fields that later ones use.
type merger struct {
	g          *graph.Graph
	live       *analyse.Live
	short      *analyse.Names
	u          *asm.Unit
	outside    *Outside
	out        *corewasm.Module
	fused      *Fused
	types      *typing.Groups // the output's type section
	firstStart int            // first core instance with a start function, or len(Cores)

	// imported counts the output's imports.
	imported [corewasm.NumExterns]uint32
	// edits have the index maps of each live core instance.
	edits []*edit.Editor
	// first is the index in the output of a core instance's first definition of each kind, except memories and tables.
	first [][corewasm.NumExterns]uint32
	// synth is the index of the unit's first item of each kind, except memories.
	synth [corewasm.NumExterns]uint32
	// memories are those that the output defines. memIndex has the indices of these and of imported ones.
	memories []asm.Sym
	memIndex map[asm.Sym]uint32
	// tableIndex has the indices of the tables that are used.
	tableIndex map[asm.Sym]uint32
	startFn    uint32 // index of the generated start function

	values    map[graph.CoreRef][]byte // see initial
	emptyData *uint32                  // see appliedIndex
	deferred  []deferred               // by core instance
	// initDeferred has the tables whose initializers are deferred.
	initDeferred map[uint32]bool
	// startFuncs are the generated start function and its helpers, from startFn on.
	startFuncs []startFunc
}

func newMerger(g *graph.Graph, live *analyse.Live, names *analyse.Names, u *asm.Unit, o *Outside) *merger {
	m := &merger{
		g: g, live: live, short: names, u: u, outside: o, out: &corewasm.Module{Name: "fused"}, fused: &Fused{Draft: &draft.Module{}, LateData: map[uint32]*corewasm.LateData{}}, types: typing.NewSection(typeBytes(live)), firstStart: len(g.Cores),
		memIndex: map[asm.Sym]uint32{}, tableIndex: map[asm.Sym]uint32{}, values: map[graph.CoreRef][]byte{},
		deferred: make([]deferred, len(g.Cores)), initDeferred: map[uint32]bool{},
	}
	for id, ci := range live.Cores() {
		if ci.Module.Start != nil {
			m.firstStart = int(id)
			break
		}
	}
	return m
}

// typeBytes estimates the total length of the type sections of all different modules.
func typeBytes(l *analyse.Live) (n int) {
	seen := map[*corewasm.Module]bool{}
	for _, ci := range l.Cores() {
		if !seen[ci.Module] {
			seen[ci.Module] = true
			n += ci.Module.TypeBytes
		}
	}
	return n
}

// internTypes assigns indices in the output to the types of all live modules.
func (m *merger) internTypes() error {
	m.edits = make([]*edit.Editor, len(m.g.Cores))
	for id, ci := range m.live.Cores() {
		mod := ci.Module
		ed := new(edit.Editor)
		types := &ed.Maps[op.SpaceType]
		*types = make([]uint32, 0, mod.NumTypes())
		place := func(i uint32) (uint32, error) { return ed.Index(op.SpaceType, i) }
		if err := mod.EachGroup(func(g corewasm.Group) error {
			n, _, err := m.types.Add(g, place)
			for i := range g.N {
				*types = append(*types, n+uint32(i))
			}
			return err
		}); err != nil {
			return m.in(id, err)
		}
		m.edits[id] = ed
	}
	return nil
}

// in adds a core instance to an error.
func (m *merger) in(id graph.CoreID, err error) error {
	return diag.In(err, "", m.g.Cores[id].Path, "")
}

// owners names the owners of the output's memories.
func (m *merger) owners() []string {
	out := make([]string, len(m.memIndex))
	for s, i := range m.memIndex {
		if s.Origin == asm.OriginSynth {
			out[i] = m.u.Mems[s.Index].Name
		} else {
			out[i] = m.g.Cores[s.Owner].Path
		}
	}
	return out
}
