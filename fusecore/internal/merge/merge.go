// Package merge puts the core modules of a plan and the generated code of an asm.Unit into one core module: one index
// space of each kind, types shared by recursion group, segments and start functions in the order in which the original
// instantiations would have run (core specification, "Execution / Modules / Instantiation").
package merge

import (
	"slices"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/remap"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// Fused is the merged module and what must be created before it.
type Fused struct {
	Module *corewasm.Module
	// Memories are the types of plan.Boundary.Memories, which the module imports.
	Memories []corewasm.MemType
	// Data are segments for those memories that may be applied when the memories are made, before the module exists:
	// Mem is the position in Memories, every offset is constant and in bounds.
	Data []corewasm.Data
}

// Module merges a decided plan with its generated code.
func Module(g *plan.Graph, u *asm.Unit) (*Fused, error) {
	m := &merger{g: g, u: u, out: &corewasm.Module{Name: "fused"}, fused: &Fused{}, filled: map[uint32]bool{}, values: map[plan.CoreRef][]byte{}}
	m.types = newTypes(typeBytes(g))
	m.firstStart = len(g.Cores)
	for id := range g.Cores {
		if !g.Cores[id].Dropped && g.Cores[id].Module.Start != nil {
			m.firstStart = id
			break
		}
	}
	for _, step := range []func() error{m.internTypes, m.layout, m.mapIndices, m.definitions, m.segments, m.coalesce, m.code, m.start, m.exports} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if err := decode.Types(m.out, m.types.coded()); err != nil {
		return nil, err
	}
	m.out.Index()
	m.fused.Module = m.out
	return m.fused, nil
}

// merger is the state of one merge. Its steps run in the order of Module and each fills in what later ones read.
type merger struct {
	g          *plan.Graph
	u          *asm.Unit
	out        *corewasm.Module
	fused      *Fused
	types      *types
	firstStart int // first core instance with a start function; len(Cores) when there is none

	// maps are the index maps of each live core instance.
	maps []*remap.Maps
	// first is the index in the output of a core instance's first definition of each kind.
	first [][corewasm.NumExterns]uint32
	// synth is the index of the unit's first item of each kind.
	synth [corewasm.NumExterns]uint32
	// placed is the index of each memory.
	placed map[asm.Sym]uint32
	// defined are the memories that the output defines.
	defined []asm.Sym
	// lateElems and lateDatas are the segments that the start function applies, in order.
	lateElems []elemPending
	lateDatas []dataPending
	emptyData *uint32 // see appliedIndex
	// fillings are tables that the start function fills; filled names them.
	fillings []filling
	filled   map[uint32]bool
	values   map[plan.CoreRef][]byte // see initial
	startFn  uint32                  // index of the generated start function
	// startFuncs are the generated start function and those it calls, from startFn on.
	startFuncs []startFunc
}

// internTypes gives the types of all live modules their place in the output.
func (m *merger) internTypes() error {
	m.maps = make([]*remap.Maps, len(m.g.Cores))
	for id := range m.g.Cores {
		if m.g.Cores[id].Dropped {
			continue
		}
		mod := m.g.Cores[id].Module
		mp := &remap.Maps{Types: make([]uint32, 0, mod.NumTypes())}
		if err := mod.EachGroup(func(g corewasm.Group) error { return m.types.group(mp, g) }); err != nil {
			return m.in(plan.CoreID(id), err)
		}
		m.maps[id] = mp
	}
	return nil
}

// typeBytes is about how long the type sections of all different modules are together.
func typeBytes(g *plan.Graph) (n int) {
	seen := map[*corewasm.Module]bool{}
	for id := range g.Cores {
		if ci := &g.Cores[id]; !ci.Dropped && !seen[ci.Module] {
			seen[ci.Module] = true
			n += ci.Module.TypeBytes
		}
	}
	return n
}

// numImported counts the output's imports of a kind.
func (m *merger) numImported(k corewasm.ExternKind) (n uint32) {
	for i := range m.out.Imports {
		if m.out.Imports[i].Kind == k {
			n++
		}
	}
	return n
}

func (m *merger) in(id plan.CoreID, err error) error {
	return diag.In(err, "", m.g.Cores[id].Path, "")
}

// layout gives every item of the output its index: imports, then the definitions of the core instances in order, then
// generated items. The core instances' memories are in the plan's order.
func (m *merger) layout() error {
	b := &m.g.Boundary
	m.first = make([][corewasm.NumExterns]uint32, len(m.g.Cores))
	m.placed = map[asm.Sym]uint32{}
	var next [corewasm.NumExterns]uint32
	for i, l := range b.Lowers {
		m.out.Imports = append(m.out.Imports, corewasm.Import{
			Module: plan.HostModule, Name: strconv.Itoa(i), Kind: corewasm.ExternFunc, Func: m.types.funcType(l.Type),
		})
	}
	next[corewasm.ExternFunc] = uint32(len(b.Lowers))
	for i, s := range b.Memories {
		t, err := m.memType(s)
		if err != nil {
			return err
		}
		m.fused.Memories = append(m.fused.Memories, t)
		m.out.Imports = append(m.out.Imports, corewasm.Import{
			Module: plan.EnvModule, Name: plan.MemoryName(i), Kind: corewasm.ExternMem, Mem: t,
		})
		m.placed[s] = uint32(i)
	}
	next[corewasm.ExternMem] = uint32(len(b.Memories))
	if n := uint64(len(b.Table())); n > 0 {
		m.out.Imports = append(m.out.Imports, corewasm.Import{
			Module: plan.EnvModule, Name: plan.TableName, Kind: corewasm.ExternTable,
			Table: corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: n, Max: n, HasMax: true}},
		})
		next[corewasm.ExternTable] = 1
	}
	for id := range m.g.Cores {
		if m.g.Cores[id].Dropped {
			continue
		}
		mod := m.g.Cores[id].Module
		m.first[id] = next
		for k := range next {
			if kind := corewasm.ExternKind(k); kind != corewasm.ExternMem {
				next[k] += mod.Count(kind) - mod.NumImported(kind)
			}
		}
	}
	m.defined = slices.Clone(m.g.Memories)
	for i := range m.u.Mems {
		s := asm.Sym{Kind: corewasm.ExternMem, Origin: asm.OriginSynth, Index: uint32(i)}
		if _, imported := m.placed[s]; !imported {
			m.defined = append(m.defined, s)
		}
	}
	for _, s := range m.defined {
		m.placed[s] = next[corewasm.ExternMem]
		next[corewasm.ExternMem]++
	}
	m.synth = next
	m.startFn = next[corewasm.ExternFunc] + uint32(len(m.u.Funcs))
	return nil
}

func (m *merger) memType(s asm.Sym) (corewasm.MemType, error) {
	if s.Origin == asm.OriginSynth {
		return m.u.Mems[s.Index].Type, nil
	}
	t, ok := m.g.Cores[s.Owner].Module.MemTypeOf(s.Index)
	if !ok {
		return t, m.in(plan.CoreID(s.Owner), diag.New("", "memory %d does not exist", s.Index))
	}
	return t, nil
}

// Sym implements asm.Resolver.
func (m *merger) Sym(s asm.Sym) uint32 {
	if i, ok := m.placed[s]; ok {
		return i
	}
	switch s.Origin {
	case asm.OriginGuest:
		id := plan.CoreID(s.Owner)
		return m.first[id][s.Kind] + s.Index - m.g.Cores[id].Module.NumImported(s.Kind)
	case asm.OriginCall:
		if f, ok := m.u.Provided[s]; ok {
			return m.Sym(f)
		}
		c := &m.g.Calls[s.Index]
		if c.Lower >= 0 {
			return uint32(c.Lower)
		}
		return m.Sym(c.Target.Sym())
	case asm.OriginBuiltin:
		if f, ok := m.u.Provided[s]; ok {
			return m.Sym(f)
		}
		return uint32(m.g.Builtins[s.Index].Lower)
	case asm.OriginHost:
		return s.Index
	default:
		return m.synth[s.Kind] + s.Index
	}
}

// FuncType implements asm.Resolver.
func (m *merger) FuncType(t corewasm.FuncType) uint32 { return m.types.funcType(t) }

// mapIndices fills in the index maps of functions, tables, memories, globals and tags.
func (m *merger) mapIndices() error {
	for id := range m.g.Cores {
		ci := &m.g.Cores[id]
		if ci.Dropped {
			continue
		}
		spaces := [corewasm.NumExterns][]uint32{}
		pos := 0
		for k := range spaces {
			kind := corewasm.ExternKind(k)
			n := ci.Module.Count(kind)
			spaces[k] = make([]uint32, n)
			for i := range n {
				if p, imported := ci.Module.ImportAt(kind, i); imported {
					spaces[k][i] = m.Sym(ci.Args[p].Sym())
				} else {
					spaces[k][i] = m.Sym(asm.Sym{Kind: kind, Origin: asm.OriginGuest, Owner: int32(id), Index: i})
				}
				pos++
			}
		}
		mp := m.maps[id]
		mp.Funcs, mp.Tables, mp.Mems = spaces[corewasm.ExternFunc], spaces[corewasm.ExternTable], spaces[corewasm.ExternMem]
		mp.Globals, mp.Tags = spaces[corewasm.ExternGlobal], spaces[corewasm.ExternTag]
	}
	return nil
}

// definitions appends functions' types, tables, memories, globals and tags.
func (m *merger) definitions() error {
	var globals corewasm.Coded
	for id := range m.g.Cores {
		if m.g.Cores[id].Dropped {
			continue
		}
		if err := m.coreDefinitions(plan.CoreID(id), &globals); err != nil {
			return m.in(plan.CoreID(id), err)
		}
	}
	for _, f := range m.u.Funcs {
		m.out.Funcs = append(m.out.Funcs, m.types.funcType(f.Type))
	}
	for _, s := range m.defined {
		t, err := m.memType(s)
		if err != nil {
			return err
		}
		m.out.Mems = append(m.out.Mems, t)
	}
	for i := range m.u.Globals {
		gl := &m.u.Globals[i]
		init, err := constant(gl)
		if err != nil {
			return err
		}
		appendGlobal(&globals, corewasm.Global{Type: corewasm.GlobalType{Type: gl.Type, Mutable: gl.Mutable}, Init: init})
	}
	for i := range m.u.Tables {
		m.out.Tables = append(m.out.Tables, corewasm.Table{Type: m.u.Tables[i].Type})
	}
	return decode.Globals(m.out, globals)
}

func appendGlobal(globals *corewasm.Coded, g corewasm.Global) {
	globals.Bytes = encode.Global(globals.Bytes, g)
	globals.Count++
}

func constant(g *asm.Global) (corewasm.Expr, error) {
	switch g.Type {
	case corewasm.I32:
		return encode.I32Const(int32(g.Init)), nil
	case corewasm.I64:
		return encode.I64Const(g.Init), nil
	case corewasm.F32:
		return encode.F32Const(0), nil
	case corewasm.F64:
		return encode.F64Const(0), nil
	case corewasm.V128:
		return encode.V128Const([16]byte{}), nil
	}
	if g.Type.Code == corewasm.CodeRefNull {
		return encode.RefNull(g.Type.Heap), nil
	}
	return corewasm.Expr{}, diag.New("global "+g.Name, "type %v has no initial value", g.Type)
}

func (m *merger) coreDefinitions(id plan.CoreID, globals *corewasm.Coded) error {
	mod, mp := m.g.Cores[id].Module, m.maps[id]
	for _, t := range mod.Funcs {
		n, err := remap.Index(mp.Types, t, "type")
		if err != nil {
			return err
		}
		m.out.Funcs = append(m.out.Funcs, n)
	}
	for i := range mod.Tables {
		t, err := mp.TableType(mod.Tables[i].Type)
		if err != nil {
			return err
		}
		tab := corewasm.Table{Type: t}
		if x := mod.Tables[i].Init; x != nil {
			if tab.Init, err = m.tableInit(id, t, *x); err != nil {
				return err
			}
		}
		m.out.Tables = append(m.out.Tables, tab)
	}
	for i := range mod.NumGlobals() {
		g := mod.GlobalAt(i)
		t, err := mp.GlobalType(g.Type)
		if err != nil {
			return err
		}
		init, err := m.expr(id, g.Init)
		if err != nil {
			return err
		}
		appendGlobal(globals, corewasm.Global{Type: t, Init: init})
	}
	for _, t := range mod.Tags {
		n, err := remap.Index(mp.Types, t, "type")
		if err != nil {
			return err
		}
		m.out.Tags = append(m.out.Tags, n)
	}
	return nil
}

// exports appends what plan's boundary names.
func (m *merger) exports() error {
	for _, e := range m.g.Boundary.Exports() {
		m.out.Exports = append(m.out.Exports, corewasm.Export{Name: e.Name, Kind: e.Sym.Kind, Index: m.Sym(e.Sym)})
	}
	return nil
}
