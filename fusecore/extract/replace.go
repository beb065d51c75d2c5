// This file implements the replacement of a core module.

package extract

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi/worldsection"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	coredecode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/typing"
	corevalidate "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits/check"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/output/producers"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/pieces"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
)

// Output is a file whose core modules have been replaced.
type Output struct{ wasm pieces.Pieces }

// Bytes returns a copy of the output.
func (o *Output) Bytes() []byte { return o.wasm.Join() }

// WriteTo implements io.WriterTo. Unlike Bytes, it makes no copy.
func (o *Output) WriteTo(w io.Writer) (int64, error) { return o.wasm.WriteTo(w) }

// Replace returns a file with core modules, by number, replaced by other forms of them. These must be valid, must import
// nothing else, and must export the same; imports may be missing. Of a bare module, the sections with its world and its
// producers are kept, if the new form lacks them.
func Replace(ctx context.Context, f File, with map[int]File) (out *Output, err error) {
	defer diag.Settle(ctx, &err)
	c, err := f.decode(ctx)
	if err != nil {
		return nil, err
	}
	all := modules(c)
	for _, number := range slices.Sorted(maps.Keys(with)) {
		if number < 0 || number >= len(all) {
			return nil, diag.In(diag.New("", "there is no core module %d: the file has %d", number, len(all)), f.Name, "", "")
		}
		file, old := with[number], &all[number]
		m, err := file.module(ctx)
		if err != nil {
			return nil, err
		}
		if err := fits(old.core.Module, m); err != nil {
			return nil, diag.In(err.WithHint("replace core module %d of %s by what a tool has made of that one", number, f.Name), file.Name, "", "")
		}
		b := without(file.Bytes, featuresName)
		if f.isModule() {
			return &Output{append(pieces.Pieces{b}, missing(old.core.Module, m)...)}, nil
		}
		c = replaced(c, old.path, &component.CoreModule{Module: m, Bytes: b})
	}
	if err = check.Component(c); err == nil {
		err = validate.Component(c)
	}
	if err != nil {
		return nil, diag.In(err, f.Name, "", "")
	}
	wasm, err := encode.Pieces(c)
	return &Output{wasm}, diag.In(err, f.Name, "", "")
}

// module decodes and validates a core module.
func (f *File) module(ctx context.Context) (*corewasm.Module, error) {
	if !f.isModule() {
		return nil, diag.In(diag.New("", "this is not a core module").WithHint("name the file that a tool has made of the extracted core module"), f.Name, "", "")
	}
	m, err := coredecode.ModuleWith(ctx, f.Bytes, 0, coredecode.Options{CustomPageSizes: true})
	if err == nil {
		err = corevalidate.Module(ctx, m, corevalidate.All)
	}
	return m, diag.In(err, f.Name, "", "")
}

// replaced returns a component with the core module at the end of a path replaced. It shares everything else.
func replaced(c *component.Component, path []int, with *component.CoreModule) *component.Component {
	out := *c
	out.Bytes, out.Defs = nil, slices.Clone(c.Defs)
	if len(path) == 1 {
		out.Defs[path[0]] = with
		return &out
	}
	nested := *c.Defs[path[0]].(*component.NestedComponent)
	nested.Component = replaced(nested.Component, path[1:], with)
	out.Defs[path[0]] = &nested
	return &out
}

// missing returns the encoded custom sections of a bare module with its world and its producers, as far as another form lacks
// them.
func missing(old, m *corewasm.Module) (out pieces.Pieces) {
	for _, x := range old.Customs {
		has := slices.ContainsFunc(m.Customs, func(y corewasm.Custom) bool { return y.Name == x.Name })
		if !has && (worldsection.Named(x.Name) || x.Name == producers.Name) {
			out = append(out, customSection(x.Name, x.Bytes))
		}
	}
	return out
}

// fits checks that a module can take another's place.
func fits(old, m *corewasm.Module) *Error {
	same := newComparison(old, m)
	imports := map[[2]string]*corewasm.Import{}
	for i := range old.Imports {
		imports[[2]string{old.Imports[i].Module, old.Imports[i].Name}] = &old.Imports[i]
	}
	for i := range m.Imports {
		im := &m.Imports[i]
		item := fmt.Sprintf("import %q of %q", im.Name, im.Module)
		was, ok := imports[[2]string{im.Module, im.Name}]
		switch {
		case !ok:
			return diag.New(item, "the module that it replaces does not import this")
		case was.Kind != im.Kind:
			return diag.New(item, "the module that it replaces imports this as a %v, not a %v", was.Kind, im.Kind)
		case !same.imports(was, im):
			return diag.New(item, "the module that it replaces imports this %v with another type", im.Kind)
		}
	}
	exports := map[string]*corewasm.Export{}
	for i := range m.Exports {
		exports[m.Exports[i].Name] = &m.Exports[i]
	}
	for i := range old.Exports {
		was := &old.Exports[i]
		item := "export " + strconv.Quote(was.Name)
		e, ok := exports[was.Name]
		switch {
		case !ok:
			return diag.New(item, "the module lacks this %v, which the one that it replaces exports", was.Kind)
		case was.Kind != e.Kind:
			return diag.New(item, "the module that it replaces exports this as a %v, not a %v", was.Kind, e.Kind)
		case !same.items(was.Kind, was.Index, e.Index):
			return diag.New(item, "the module that it replaces exports this %v with another type", e.Kind)
		}
	}
	return nil
}

// comparison compares types of two modules.
type comparison struct {
	old, new *corewasm.Module
	a, b     []uint32 // numbers of their types: equal types have one
}

func newComparison(old, m *corewasm.Module) *comparison {
	groups := typing.NewGroups(0)
	number := func(m *corewasm.Module) (numbers []uint32) {
		_ = m.EachGroup(func(g corewasm.Group) error { // types are valid
			n, _, err := groups.Add(g, func(i uint32) (uint32, error) { return numbers[i], nil })
			for i := range g.N {
				numbers = append(numbers, n+uint32(i))
			}
			return err
		})
		return numbers
	}
	return &comparison{old, m, number(old), number(m)}
}

func (c *comparison) imports(a, b *corewasm.Import) bool {
	switch a.Kind {
	case corewasm.ExternFunc:
		return c.a[a.Func] == c.b[b.Func]
	case corewasm.ExternTag:
		return c.a[a.Tag] == c.b[b.Tag]
	case corewasm.ExternTable:
		return c.tables(a.Table, b.Table)
	case corewasm.ExternMem:
		return a.Mem == b.Mem
	default:
		return a.Global.Mutable == b.Global.Mutable && c.values(a.Global.Type, b.Global.Type)
	}
}

// items compares items of the modules by their indices, which exist.
func (c *comparison) items(k corewasm.ExternKind, a, b uint32) bool {
	switch k {
	case corewasm.ExternFunc:
		x, _ := c.old.FuncTypeIndex(a)
		y, _ := c.new.FuncTypeIndex(b)
		return c.a[x] == c.b[y]
	case corewasm.ExternTag:
		x, _ := c.old.TagTypeIndex(a)
		y, _ := c.new.TagTypeIndex(b)
		return c.a[x] == c.b[y]
	case corewasm.ExternTable:
		x, _ := c.old.TableTypeOf(a)
		y, _ := c.new.TableTypeOf(b)
		return c.tables(x, y)
	case corewasm.ExternMem:
		x, _ := c.old.MemTypeOf(a)
		y, _ := c.new.MemTypeOf(b)
		return x == y
	default:
		x, y := globalType(c.old, a), globalType(c.new, b)
		return x.Mutable == y.Mutable && c.values(x.Type, y.Type)
	}
}

func globalType(m *corewasm.Module, index uint32) corewasm.GlobalType {
	if i, imported := m.ImportAt(corewasm.ExternGlobal, index); imported {
		return m.Imports[i].Global
	}
	return m.DefinedGlobal(index).Type
}

func (c *comparison) tables(a, b corewasm.TableType) bool {
	return a.Limits == b.Limits && c.values(a.Elem, b.Elem)
}

func (c *comparison) values(a, b corewasm.ValType) bool {
	if a.IsRef() && b.IsRef() && a.Heap >= 0 && b.Heap >= 0 {
		return a.Code == b.Code && c.a[a.Heap] == c.b[b.Heap]
	}
	return a == b
}

// preamble is the length of what precedes the sections of a module.
const preamble = 8

// without returns the bytes of a valid module without the custom sections with a name.
func without(b []byte, name string) []byte {
	out := append(make([]byte, 0, len(b)), b[:preamble]...)
	for rest := b[preamble:]; len(rest) > 0; {
		size, n, _ := leb128.U32(rest[1:])
		end := 1 + n + int(size)
		if content := rest[1+n : end]; rest[0] != 0 || !named(content, name) {
			out = append(out, rest[:end]...)
		}
		rest = rest[end:]
	}
	return out
}

// named reports whether the content of a custom section begins with a name.
func named(content []byte, name string) bool {
	size, n, err := leb128.U32(content)
	return err == nil && int64(n)+int64(size) <= int64(len(content)) && string(content[n:n+int(size)]) == name
}

// customSection encodes a custom section.
func customSection(name string, content []byte) []byte {
	b := append(leb128.AppendU32(nil, uint32(len(name))), name...)
	b = append(b, content...)
	return append(leb128.AppendU32([]byte{0}, uint32(len(b))), b...)
}
