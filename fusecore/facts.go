// This file collects what the stages do with the modules of an output, for the report.

package fusecore

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/merge"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/optimise"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/optimise/shake"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// observer sees what an attempt to fuse does.
type observer struct {
	detailed bool
	strip    Strip
	names    map[string]string // of core instances, by path
	shaken   []*shake.Result   // of each module, also of those that were too large
	modules  []*facts          // of each module of the output, if detailed
	warnings []*Error          // about what is left out of the output although it was to be kept
}

func (o *observer) warn(w *Error) { o.warnings = append(o.warnings, w) }

// facts are about one fused module. Functions of the merged module, before it is optimised, have their numbers in bodies.
type facts struct {
	plan    *plan.Plan
	code    *emit.Code
	bodies  []draft.Body
	sources []draft.Source
	// imported is the number of imported functions, generated the number of the first generated one.
	imported  uint32
	generated int
	dataOf    []int // source of each data segment that is not for a memory, or -1
	owners    []string

	done     *optimise.Result
	after    []Size // what is in the output of each source
	bytes    []int  // of the body in the output of each generated function, of those that it has
	memories []Memory
}

// merged returns the facts about a merged module, or nil.
func (o *observer) merged(p *plan.Plan, code *emit.Code, m *merge.Fused) *facts {
	for _, n := range m.Names {
		o.names[n.Path] = n.Name
	}
	if !o.detailed {
		return nil
	}
	d := m.Draft
	f := &facts{
		plan: p, code: code, bodies: slices.Clone(d.Bodies), sources: slices.Clone(d.Sources), imported: d.NumImported(corewasm.ExternFunc),
		after: make([]Size, len(d.Sources)), dataOf: slices.Repeat([]int{-1}, len(d.Data)), owners: m.Owners,
	}
	for f.generated < len(f.bodies) && !f.sources[f.bodies[f.generated].Source].Generated {
		f.generated++
	}
	f.bytes = make([]int, len(f.bodies)-f.generated)
	for s := range f.sources {
		for _, at := range f.sources[s].Edit.Maps[op.SpaceData] {
			if int(at) < len(f.dataOf) {
				f.dataOf[at] = s
			}
		}
	}
	return f
}

// optimised records what optimising has done with a module.
func (o *observer) optimised(f *facts, r *optimise.Result) {
	o.shaken = append(o.shaken, r.Shake)
	if f != nil {
		f.done = r
	}
}

// fused records that a module is part of the output.
func (o *observer) fused(f *facts, m *corewasm.Module) {
	if f != nil {
		f.measure(m, o.strip)
		o.modules = append(o.modules, f)
	}
}

// written counts the data of the optimised module, and lists its memories.
func (f *facts) written(m *merge.Fused) {
	if f == nil {
		return
	}
	source := map[string]int{}
	for i := range f.sources {
		source[f.sources[i].Name] = i
	}
	add := func(s, bytes int) {
		if s < 0 || f.sources[s].Generated {
			s = len(f.after) - 1
		}
		f.after[s].Data += bytes
	}
	memory := func(mem uint32, bytes int) {
		f.memories[mem].Data += bytes
		s, ok := source[m.Owners[mem]]
		if !ok {
			s = -1
		}
		add(s, bytes)
	}
	imported := m.Module.NumImported(corewasm.ExternMem)
	for i := range m.Module.Count(corewasm.ExternMem) {
		t, _ := m.Module.MemTypeOf(i)
		f.memories = append(f.memories, newMemory(t, int(i), m.Owners[i], i < imported))
	}
	of := make([]int, m.Draft.Count(op.SpaceData))
	for old, s := range f.dataOf {
		if now, ok := f.done.Places.At(op.SpaceData, uint32(old)); ok && int(now) < len(of) {
			of[now] = s
		}
	}
	for i, d := range m.Module.AllData() {
		if d.Mode == corewasm.SegActive {
			memory(d.Mem, len(d.Bytes))
		} else {
			add(of[i], len(d.Bytes))
		}
	}
	for _, d := range m.Data {
		memory(d.Mem, len(d.Bytes))
	}
	for mem, late := range m.LateData {
		for _, d := range late.All {
			memory(mem, len(d.Bytes))
		}
	}
}

// newMemory describes a memory.
func newMemory(t corewasm.MemType, index int, owner string, holder bool) Memory {
	m := Memory{Index: index, Owner: owner, Minimum: t.Limits.Min << t.PageSizeLog2, PageSize: 1 << t.PageSizeLog2,
		Is64: t.Limits.Is64, Shared: t.Limits.Shared, Holder: holder}
	if t.Limits.HasMax {
		m.Maximum = t.Limits.Max << t.PageSizeLog2
	}
	return m
}

// measure counts the code and the names of the module as it is in the output, from which some things are left out.
func (f *facts) measure(m *corewasm.Module, strip Strip) {
	f.joined(m)
	imported := m.NumImported(corewasm.ExternFunc)
	of := make([]int, len(m.Funcs)) // number of each function before, or -1
	for i := range of {
		of[i] = -1
	}
	for n := range f.bodies {
		if now, ok := f.place(n); ok {
			of[now-imported] = n
		}
	}
	last := len(f.after) - 1 // the generated code
	at := 0
	count := func(bytes int) {
		s := last
		if n := of[at]; n >= 0 {
			s = int(f.bodies[n].Source)
			if n >= f.generated {
				f.bytes[n-f.generated] = bytes
			}
		}
		f.after[s].Functions++
		f.after[s].Code += bytes
		at++
	}
	for _, c := range m.Coded {
		for b := c.Bytes; len(b) > 0; {
			size, n, _ := leb128.U32(b)
			count(int(size))
			b = b[n+int(size):]
		}
	}
	for i := range m.Code {
		count(bodySize(&m.Code[i]))
	}
	if strip == StripNothing {
		f.measureNames(m, of)
	}
	for i := range m.Customs {
		if strip != StripAll {
			f.after[last].Customs += len(m.Customs[i].Name) + len(m.Customs[i].Bytes)
		}
	}
}

// joined replaces the memories by the single one of the module, if they have become parts of it.
func (f *facts) joined(m *corewasm.Module) {
	if len(f.memories) < 2 || m.Count(corewasm.ExternMem) != 1 {
		return
	}
	t, _ := m.MemTypeOf(0)
	one := newMemory(t, 0, "", m.NumImported(corewasm.ExternMem) > 0)
	for i := range f.memories {
		one.Data += f.memories[i].Data
	}
	f.memories = []Memory{one}
}

// measureNames counts the names of functions. of has the number before of each defined function.
func (f *facts) measureNames(m *corewasm.Module, of []int) {
	imported := m.NumImported(corewasm.ExternFunc)
	for _, run := range m.Names.All() {
		for i, name := range run.Names {
			index := run.First + uint32(i)
			if name == "" || index < imported || int(index-imported) >= len(of) {
				continue
			}
			s := len(f.after) - 1
			if n := of[index-imported]; n >= 0 {
				s = int(f.bodies[n].Source)
			}
			f.after[s].Names += nameSize(index, len(run.Prefix)+len(name))
		}
	}
}

// place returns the index in the output of a function that stays.
func (f *facts) place(n int) (uint32, bool) {
	if !f.stays(draft.Item{Space: op.SpaceFunc, Index: f.imported + uint32(n)}) {
		return 0, false
	}
	return f.done.Places.At(op.SpaceFunc, f.imported+uint32(n))
}

// stays reports whether something reaches an item of the merged module.
func (f *facts) stays(it draft.Item) bool {
	_, root := f.done.Shake.Why(it)
	return root != shake.NoRoot
}

// function returns the index of the function behind a symbol in the merged module.
func (f *facts) function(s asm.Sym) (index uint32, ok bool) {
	if to, provided := f.code.Provided[s]; provided {
		s = to
	}
	switch s.Origin {
	case asm.OriginHost:
		return s.Index, true
	case asm.OriginSynth:
		return f.imported + uint32(f.generated) + s.Index, true
	}
	return 0, false
}

// adapter describes the generated function behind a symbol, or returns nil if there is none.
func (f *facts) adapter(s asm.Sym) *Adapter {
	if to, provided := f.code.Provided[s]; provided {
		s = to
	}
	if s.Origin != asm.OriginSynth {
		return nil
	}
	n := f.generated + int(s.Index)
	b := f.bodies[n]
	a := &Adapter{Name: f.code.Funcs[s.Index].Name, Bytes: bodySize(&f.sources[b.Source].Code.Code[b.Index]), Inlined: f.done.Copies[int32(n)]}
	it := draft.Item{Space: op.SpaceFunc, Index: f.imported + uint32(n)}
	if same := f.same(it.Index); same != it.Index {
		it.Index = same
		a.Name = f.done.Shake.Text(it) // of the one that has taken its place
	}
	a.Left = f.stays(it)
	return a
}

// same returns the function that has taken the place of one of the merged module, usually itself.
func (f *facts) same(index uint32) uint32 {
	if f.done.Same == nil {
		return index
	}
	return f.done.Same[index]
}

// bodySize is the size of a function's entry in a code section, without the length at its beginning.
func bodySize(b *corewasm.Body) int { return len(encode.AppendLocals(nil, b.Locals)) + len(b.Code) }

// nameSize is the size of an entry of a name section.
func nameSize(index uint32, length int) int {
	return len(leb128.AppendU32(nil, index)) + len(leb128.AppendU32(nil, uint32(length))) + length
}

// sizeOf counts what is in a core module.
func sizeOf(m *corewasm.Module) Size {
	s := Size{Functions: len(m.Funcs)}
	for i := range m.Code {
		s.Code += bodySize(&m.Code[i])
	}
	for _, d := range m.AllData() {
		s.Data += len(d.Bytes)
	}
	for i, name := range m.Names.Funcs {
		if name != "" {
			s.Names += nameSize(uint32(i), len(name))
		}
	}
	for i := range m.Customs {
		s.Customs += len(m.Customs[i].Name) + len(m.Customs[i].Bytes)
	}
	return s
}
