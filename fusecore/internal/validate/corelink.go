// This file implements types of core modules, and import matching between them.

package validate

import (
	"fmt"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/typing"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// coreEntry is an entry of a core type index space: a type, or a module type if mod is set.
type coreEntry struct {
	id  coreTypeID
	mod *moduleType
}

// coreExtern is the type of a core item. Types in it are interned.
type coreExtern struct {
	kind   corewasm.ExternKind
	typ    coreTypeID // functions and tags
	table  corewasm.TableType
	mem    corewasm.MemType
	global corewasm.GlobalType
}

// coreImport is an import of a module type.
type coreImport struct {
	module, name string
	ext          coreExtern
}

// coreExports is an ordered map from export names to core items. It is also the type of a core instance.
type coreExports struct {
	names []string
	exts  []coreExtern
	at    map[string]int32 // position of each name
}

func (e *coreExports) add(name string, x coreExtern) bool {
	if _, dup := e.at[name]; dup {
		return false
	}
	if e.at == nil {
		e.at = map[string]int32{}
	}
	e.at[name] = int32(len(e.names))
	e.names, e.exts = append(e.names, name), append(e.exts, x)
	return true
}

// grow makes room for a number of exports.
func (e *coreExports) grow(n int) {
	e.names, e.exts, e.at = make([]string, 0, n), make([]coreExtern, 0, n), make(map[string]int32, n)
}

// get returns the item with a name.
func (e *coreExports) get(name string) (x coreExtern, ok bool) {
	i, ok := e.at[name]
	if ok {
		x = e.exts[i]
	}
	return x, ok
}

// moduleType is the type of a core module.
type moduleType struct {
	info
	unknown bool // it belongs to a proposal that is not supported
	imports []coreImport
	exports coreExports
}

// addImport adds an import. Two imports with the same name are rejected, because a module type is a map (Binary.md).
func (m *moduleType) addImport(seen map[[2]string]bool, imp coreImport) error {
	k := [2]string{imp.module, imp.name}
	if seen[k] {
		return fmt.Errorf("duplicate import name `%s:%s`", imp.module, imp.name)
	}
	seen[k] = true
	m.imports = append(m.imports, imp)
	return nil
}

// finish computes the size of a module type: 1 for each import or export, and for a function type also 1 plus the
// number of its parameters and results.
func (t *moduleTyper) finish() *moduleType {
	m := &t.m
	m.info = info{size: 1}
	part := func(x coreExtern) {
		size := 1
		if x.kind == corewasm.ExternFunc || x.kind == corewasm.ExternTag {
			ft, _ := t.types.funcType(x.typ)
			size = 2 + len(ft.Params) + len(ft.Results)
		}
		m.add(info{size: size})
	}
	for i := range m.imports {
		part(m.imports[i].ext)
	}
	for _, x := range m.exports.exts {
		part(x)
	}
	return m
}

// moduleTyper computes module types: of modules, and of module type definitions.
type moduleTyper struct {
	types *coreTypes
	space []coreEntry
	m     moduleType
	seen  map[[2]string]bool
}

// importType interns the type of an import or export declaration.
func (t *moduleTyper) importType(imp *corewasm.Import) (coreExtern, error) {
	x := coreExtern{kind: imp.Kind}
	var err error
	switch imp.Kind {
	case corewasm.ExternFunc:
		x.typ, err = t.funcID(imp.Func)
	case corewasm.ExternTag:
		if x.typ, err = t.funcID(imp.Tag); err == nil {
			if ft, _ := t.types.funcType(x.typ); len(ft.Results) != 0 {
				err = fmt.Errorf("a tag's type must have no results")
			}
		}
	case corewasm.ExternTable:
		x.table, err = t.table(imp.Table)
	case corewasm.ExternMem:
		x.mem, err = imp.Mem, checkMem(imp.Mem)
	case corewasm.ExternGlobal:
		x.global.Mutable = imp.Global.Mutable
		x.global.Type, err = t.val(imp.Global.Type)
	default:
		err = fmt.Errorf("unknown sort of core item 0x%02x", byte(imp.Kind))
	}
	return x, err
}

func (t *moduleTyper) funcID(i uint32) (coreTypeID, error) {
	if int64(i) >= int64(len(t.space)) {
		return 0, fmt.Errorf("unknown type %d: type index out of bounds", i)
	}
	e := t.space[i]
	if e.mod != nil {
		return 0, fmt.Errorf("type index %d is not a function type", i)
	}
	if _, ok := t.types.funcType(e.id); !ok {
		return 0, fmt.Errorf("type index %d is not a function type", i)
	}
	return e.id, nil
}

func (t *moduleTyper) val(v corewasm.ValType) (corewasm.ValType, error) {
	if v.IsRef() && v.Heap >= 0 {
		if int64(v.Heap) >= int64(len(t.space)) || t.space[v.Heap].mod != nil {
			return v, fmt.Errorf("unknown type %d: type index out of bounds", int64(v.Heap))
		}
		v.Heap = corewasm.HeapType(t.space[v.Heap].id)
	}
	return v, nil
}

func (t *moduleTyper) table(tt corewasm.TableType) (corewasm.TableType, error) {
	if l := tt.Limits; l.HasMax && l.Min > l.Max {
		return tt, fmt.Errorf("table size minimum %d must not be greater than maximum %d", l.Min, l.Max)
	}
	elem, err := t.val(tt.Elem)
	tt.Elem = elem
	return tt, err
}

// checkMem checks a memory type's limits (core specification, "Memory Types").
func checkMem(m corewasm.MemType) error {
	l := m.Limits
	limit := uint64(1)<<32 - 1
	bits := uint32(32)
	if l.Is64 {
		limit, bits = 1<<63, 64
	}
	if m.PageSizeLog2 > 0 {
		limit = 1 << (bits - min(m.PageSizeLog2, bits))
	}
	if l.Min > limit || l.HasMax && l.Max > limit {
		return fmt.Errorf("memory size must be at most %d pages", limit)
	}
	if l.HasMax && l.Min > l.Max {
		return fmt.Errorf("memory size minimum %d must not be greater than maximum %d", l.Min, l.Max)
	}
	if l.Shared && !l.HasMax {
		return fmt.Errorf("a shared memory must have a maximum size")
	}
	return nil
}

// moduleOf computes the type of a core module from its imports and exports. It relies on nothing else in the module,
// whose code corewasm/validate checks.
func (v *validator) moduleOf(m *corewasm.Module) (*moduleType, error) {
	t := moduleTyper{types: &v.core, seen: make(map[[2]string]bool, len(m.Imports))}
	t.m.imports = make([]coreImport, 0, len(m.Imports))
	t.m.exports.grow(len(m.Exports))
	if err := v.moduleTypes(&t, m); err != nil {
		return nil, diag.At(m.Offset, "core module: %v", err)
	}
	for i := range m.Imports {
		imp := &m.Imports[i]
		x, err := t.importType(imp)
		if err == nil {
			err = t.m.addImport(t.seen, coreImport{imp.Module, imp.Name, x})
		}
		if err != nil {
			return nil, diag.At(imp.Offset, "core module import `%s` `%s`: %v", imp.Module, imp.Name, err)
		}
	}
	for i := range m.Exports {
		e := &m.Exports[i]
		x, err := t.exportType(m, e)
		if err == nil && !t.m.exports.add(e.Name, x) {
			err = fmt.Errorf("duplicate export name: export name `%s` already defined", e.Name)
		}
		if err != nil {
			return nil, diag.At(e.Offset, "core module export `%s`: %v", e.Name, err)
		}
	}
	return t.finish(), nil
}

// moduleTypes interns the types that a module's imports and exports refer to, directly or indirectly. The others are
// not needed.
func (v *validator) moduleTypes(t *moduleTyper, m *corewasm.Module) error {
	t.space = make([]coreEntry, m.NumTypes())
	needed := make([]bool, len(t.space))
	mark := func(i uint32) {
		if int64(i) < int64(len(needed)) { // otherwise using it is an error
			needed[i] = true
		}
	}
	markVal := func(v corewasm.ValType) {
		if v.IsRef() && v.Heap >= 0 {
			mark(uint32(min(v.Heap, 1<<32-1)))
		}
	}
	markImport := func(imp *corewasm.Import) {
		switch imp.Kind {
		case corewasm.ExternFunc:
			mark(imp.Func)
		case corewasm.ExternTag:
			mark(imp.Tag)
		case corewasm.ExternTable:
			markVal(imp.Table.Elem)
		case corewasm.ExternGlobal:
			markVal(imp.Global.Type)
		}
	}
	for i := range m.Imports {
		markImport(&m.Imports[i])
	}
	for i := range m.Exports {
		if imp, ok := exported(m, &m.Exports[i]); ok {
			markImport(&imp)
		}
	}
	has := func(group int) bool {
		first, end := m.GroupTypes(group)
		return slices.Contains(needed[first:end], true)
	}
	for i := m.NumGroups() - 1; i >= 0; i-- {
		if !has(i) {
			continue
		}
		g := m.GroupAt(i)
		for k := range g.N {
			g.At(k).EachIndex(mark)
		}
	}
	for i := range m.NumGroups() {
		if !has(i) {
			continue
		}
		g := m.GroupAt(i)
		id, err := v.core.intern(g, t.space[:g.First])
		if err != nil {
			return err
		}
		for k := range g.N {
			t.space[int(g.First)+k].id = id + coreTypeID(k)
		}
	}
	return nil
}

// exported describes an export like an import. ok is false if its index is out of range.
func exported(m *corewasm.Module, e *corewasm.Export) (imp corewasm.Import, ok bool) {
	if e.Kind >= corewasm.NumExterns || e.Index >= m.Count(e.Kind) {
		return imp, false
	}
	if i, imported := m.ImportAt(e.Kind, e.Index); imported {
		return m.Imports[i], true
	}
	k := e.Index - m.NumImported(e.Kind)
	imp.Kind = e.Kind
	switch e.Kind {
	case corewasm.ExternFunc:
		imp.Func = m.Funcs[k]
	case corewasm.ExternTable:
		imp.Table = m.Tables[k].Type
	case corewasm.ExternMem:
		imp.Mem = m.Mems[k]
	case corewasm.ExternGlobal:
		imp.Global = m.GlobalAt(int(k)).Type
	case corewasm.ExternTag:
		imp.Tag = m.Tags[k]
	}
	return imp, true
}

// exportType returns the type of an export by its index.
func (t *moduleTyper) exportType(m *corewasm.Module, e *corewasm.Export) (coreExtern, error) {
	imp, ok := exported(m, e)
	if !ok {
		return coreExtern{}, fmt.Errorf("unknown %s %d: index out of bounds", e.Kind, e.Index)
	}
	return t.importType(&imp)
}

// coreMatch returns an error if a core item does not match an import (core specification, "Import Matching").
func (c *coreTypes) coreMatch(got, want coreExtern) error {
	if got.kind != want.kind {
		return diag.Differ("expected %s, found %s", want.kind, got.kind)
	}
	switch got.kind {
	case corewasm.ExternFunc:
		if !typing.MatchDef(c, uint32(got.typ), uint32(want.typ)) {
			return diag.Differ("expected: %s, found: %s", c.describe(want.typ), c.describe(got.typ))
		}
	case corewasm.ExternTag:
		if got.typ != want.typ {
			return diag.Differ("expected tag type %s, found %s", c.describe(want.typ), c.describe(got.typ))
		}
	case corewasm.ExternGlobal:
		return c.globalMatch(got.global, want.global)
	case corewasm.ExternTable:
		g, w := got.table, want.table
		if g.Elem != w.Elem {
			return diag.Differ("expected table element type %s, found %s", c.show(w.Elem), c.show(g.Elem))
		}
		return limitsMatch("table", g.Limits, w.Limits)
	case corewasm.ExternMem:
		g, w := got.mem, want.mem
		if g.PageSizeLog2 != w.PageSizeLog2 {
			return diag.Differ("mismatch in memory page sizes: expected 2^%d, found 2^%d", w.PageSizeLog2, g.PageSizeLog2)
		}
		if g.Limits.Shared != w.Limits.Shared {
			return diag.Differ("mismatch in the shared flag for memories: expected %t, found %t", w.Limits.Shared,
				g.Limits.Shared)
		}
		return limitsMatch("memory", g.Limits, w.Limits)
	}
	return nil
}

func (c *coreTypes) globalMatch(got, want corewasm.GlobalType) error {
	if got.Mutable != want.Mutable {
		return diag.Differ("expected a global with mutable %t, found %t", want.Mutable, got.Mutable)
	}
	ok := typing.Match(c, got.Type, want.Type)
	if ok && got.Mutable {
		ok = typing.Match(c, want.Type, got.Type)
	}
	if !ok {
		return diag.Differ("expected global type %s, found %s", c.show(want.Type), c.show(got.Type))
	}
	return nil
}

func limitsMatch(what string, got, want corewasm.Limits) error {
	if got.Is64 != want.Is64 {
		return diag.Differ("mismatch in %s index type: expected %s, found %s", what, indexType(want), indexType(got))
	}
	if got.Shared != want.Shared {
		return diag.Differ("mismatch in the shared flag of a %s: expected %t, found %t", what, want.Shared, got.Shared)
	}
	if got.Min < want.Min || want.HasMax && (!got.HasMax || got.Max > want.Max) {
		return diag.Differ("mismatch in %s limits: expected %s, found %s", what, showLimits(want), showLimits(got))
	}
	return nil
}

func indexType(l corewasm.Limits) corewasm.ValType {
	if l.Is64 {
		return corewasm.I64
	}
	return corewasm.I32
}

func showLimits(l corewasm.Limits) string {
	if l.HasMax {
		return fmt.Sprintf("(%d %d)", l.Min, l.Max)
	}
	return fmt.Sprintf("(%d)", l.Min)
}

// show returns the text format of a value type. A defined type that it refers to is spelled out one level deep.
func (c *coreTypes) show(t corewasm.ValType) string {
	if t.Code == corewasm.CodeRefNull && t.Heap < 0 {
		return t.Heap.String() + "ref"
	}
	if !t.IsRef() || t.Heap < 0 {
		return t.String()
	}
	null := ""
	if t.Code == corewasm.CodeRefNull {
		null = "null "
	}
	return fmt.Sprintf("(ref %s%s)", null, c.describe(coreTypeID(t.Heap)))
}

// describe returns the text format of a type, in which references to other types are not indices in any index space.
func (c *coreTypes) describe(id coreTypeID) string {
	if ft, ok := c.funcType(id); ok {
		return ft.String()
	}
	word := "(struct"
	if c.Def(uint32(id)).Kind == corewasm.CompArray {
		word = "(array"
	}
	for _, f := range c.Def(uint32(id)).Fields {
		if f.Mutable {
			word += " (mut " + f.Storage.String() + ")"
		} else {
			word += " " + f.Storage.String()
		}
	}
	return word + ")"
}

// moduleMatch returns an error if a module type is not a subtype of another: imports are contravariant, exports
// covariant.
func (v *validator) moduleMatch(got, want *moduleType) error {
	c := &v.core
	if got == want || got.unknown || want.unknown {
		return nil
	}
	if v.steps += len(got.imports) + len(want.imports) + len(want.exports.names); v.steps > maxSteps {
		return errTooMuch
	}
	offered := make(map[[2]string]coreExtern, len(want.imports))
	for _, imp := range want.imports {
		offered[[2]string{imp.module, imp.name}] = imp.ext
	}
	for _, imp := range got.imports {
		x, ok := offered[[2]string{imp.module, imp.name}]
		if !ok {
			return fmt.Errorf("missing expected import `%s::%s`", imp.module, imp.name)
		}
		if err := c.coreMatch(x, imp.ext); err != nil {
			return fmt.Errorf("type mismatch in import `%s::%s`: %w", imp.module, imp.name, err)
		}
	}
	for i, name := range want.exports.names {
		x, ok := got.exports.get(name)
		if !ok {
			return fmt.Errorf("missing expected export `%s`", name)
		}
		if err := c.coreMatch(x, want.exports.exts[i]); err != nil {
			return fmt.Errorf("type mismatch in export `%s`: %w", name, err)
		}
	}
	return nil
}
