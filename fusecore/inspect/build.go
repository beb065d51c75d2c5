// This file implements the conversion of a component's definitions to a description.

package inspect

import (
	"context"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi/worldsection"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
)

// maxBytes limits the size of a description's text.
const maxBytes = 32 << 20

// builder makes a description; left is the number of bytes that its text may still have.
type builder struct{ left int }

// full reports whether the limit is reached.
func (b *builder) full() bool { return b.left < 0 }

// spend accounts for a line of the text, and reports whether there is room for it.
func (b *builder) spend(depth int, line string) bool {
	if b.full() {
		return false
	}
	b.left -= depth*len(step) + len(line) + len("\n")
	return true
}

// describeComponent sets the description's component.
func (d *Description) describeComponent(c *component.Component) {
	b, s := &builder{left: maxBytes}, newScope(nil)
	d.Component = b.component(s, c, 1)
	d.Truncated = s.budget.items < 0 || b.full()
}

// describeWorld sets the description's component to the world that a core module carries, if it does. A custom section that is
// malformed means nothing.
func (d *Description) describeWorld(ctx context.Context, m *corewasm.Module) {
	for i := range m.Customs {
		x := &m.Customs[i]
		if !worldsection.Named(x.Name) {
			continue
		}
		section, err := decode.Options{}.Component(ctx, x.Bytes)
		if err == nil {
			_, err = validate.Options{}.Surface(section)
		}
		if err != nil {
			continue
		}
		c := worldsection.World(section)
		if c == nil {
			continue
		}
		world := Description{}
		world.describeComponent(&component.Component{Defs: c.Decls})
		if d.Component == nil {
			d.Component = &Component{}
		}
		d.Component.Imports = append(d.Component.Imports, world.Component.Imports...)
		d.Component.Exports = append(d.Component.Exports, world.Component.Exports...)
		d.Truncated = d.Truncated || world.Truncated
	}
}

// component evaluates c in scope s, and describes it.
func (b *builder) component(s *scope, c *component.Component, depth int) *Component {
	out := &Component{}
	for _, d := range c.Defs {
		switch d := d.(type) {
		case *component.CoreModule:
			p := Part{Index: s.space.Len(component.SortCore), Name: d.Module.Name, Size: len(d.Bytes), Module: module(d.Module)}
			if b.spend(depth, p.line()) {
				b.spend(depth+1, p.Module.line())
				out.Parts = append(out.Parts, p)
			}
		case *component.NestedComponent:
			p := Part{Index: s.space.Len(component.SortComponent), Name: d.Component.Name, Size: len(d.Component.Bytes)}
			room := b.spend(depth, p.line())
			in := newScope(s)
			p.Component = b.component(in, d.Component, depth+1)
			if room {
				out.Parts = append(out.Parts, p)
			}
			s.bind(item{kind: component.ExternComponent, comp: &in.closed})
			continue
		case *component.Canon:
			if use := asyncUse(d); use != "" && !slices.Contains(out.Async, use) {
				out.Async = append(out.Async, use)
			}
		}
		s.define(d)
	}
	if len(out.Async) > 0 && !b.spend(depth, out.asyncLine()) {
		out.Async = nil
	}
	out.Imports = b.items("import ", s.imports, nil, depth)
	out.Exports = b.items("export ", s.exports, nil, depth)
	return out
}

// asyncUse returns how a canonical definition uses the engine's tasks, or "".
func asyncUse(c *component.Canon) string {
	isAsync := func(o component.CanonOpt) bool { return o.Kind == component.OptAsync }
	switch {
	case analyse.IsAsync(c.Op):
		return c.Op.String()
	case slices.ContainsFunc(c.Opts, isAsync):
		return "async " + c.Op.String()
	}
	return ""
}

// items describes entries; word begins their lines.
func (b *builder) items(word string, entries []entry, with map[*typ]*typ, depth int) (out []Item) {
	for i := 0; i < len(entries) && !b.full(); i++ {
		out = append(out, b.item(word, &entries[i], with, depth))
	}
	return out
}

func (b *builder) item(word string, e *entry, with map[*typ]*typ, depth int) Item {
	x := &e.item
	it := Item{Name: e.name}
	w := typeWriter{Writer: ctypes.Writer{Left: maxParts}, with: with}
	switch x.kind {
	case component.ExternFunc:
		w.typ(x.typ)
		it.Type = w.String()
		b.spend(depth, it.line(word))
	case component.ExternTypeBound:
		b.typ(word, &it, x.typ, &w, depth)
	case component.ExternInstance:
		it.Kind = Instance
		b.spend(depth, it.line(word))
		if x.inst != nil {
			it.Items = b.items("", x.inst.exports, x.inst.with, depth+1)
		}
	case component.ExternComponent:
		it.Kind = ComponentItem
		b.spend(depth, it.line(word))
		if x.comp != nil {
			it.Component = b.closed(x.comp, depth+1)
		}
	case component.ExternModule:
		it.Kind = ModuleItem
		b.spend(depth, it.line(word))
		if x.mod != nil {
			b.module(&it, x.mod, depth+1)
		}
	case component.ExternValue:
		it.Kind = Value
		if x.val != nil {
			w.use(x.at, x.val)
		} else {
			w.WriteString("?")
		}
		it.Type = w.String()
		b.spend(depth, it.line(word))
	}
	return it
}

func (b *builder) closed(c *closed, depth int) *Component {
	return &Component{Imports: b.items("import ", c.imports, nil, depth), Exports: b.items("export ", c.exports, nil, depth)}
}

// typ describes an imported or exported type.
func (b *builder) typ(word string, it *Item, t *typ, w *typeWriter, depth int) {
	it.Kind = Type
	switch {
	case t == nil:
	case t.used != "":
		it.Kind, it.Type = Use, t.used
	default:
		switch t.def.(type) {
		case *component.ResourceDef:
			it.Kind = Resource
		case *component.InstanceDef:
			it.Kind = InstanceType
		case *component.ComponentDef:
			it.Kind = ComponentType
		default:
			w.def(t)
			it.Type = w.String()
		}
	}
	b.spend(depth, it.line(word))
	switch {
	case b.full():
	case it.Kind == InstanceType:
		it.Items = b.items("", t.instance(printable(it.Name)).exports, nil, depth+1)
	case it.Kind == ComponentType:
		it.Component = b.closed(t.component(), depth+1)
	}
}

// module describes a core module that is imported or exported.
func (b *builder) module(it *Item, m *coreModule, depth int) {
	if m.def != nil {
		it.Module = module(m.def.Module)
		b.spend(depth, it.Module.line())
		return
	}
	for _, d := range m.typ.Decls {
		var x CoreItem
		switch {
		case d.Import != nil:
			x = CoreItem{Import: true, Module: d.Import.Module, Name: d.Import.Name, Type: d.Import.Kind.String()}
		case d.Export != nil:
			x = CoreItem{Name: d.Export.Name, Type: d.Export.Kind.String()}
		default:
			continue
		}
		if b.spend(depth, x.line()) {
			it.ModuleType = append(it.ModuleType, x)
		}
	}
}

// module counts the items of a core module.
func module(m *corewasm.Module) *Module {
	out := &Module{Funcs: len(m.Funcs), Memories: len(m.Mems), Tables: len(m.Tables), Globals: m.NumGlobals(), Imports: len(m.Imports), Exports: len(m.Exports)}
	for i := range m.Code {
		out.CodeBytes += len(m.Code[i].Code)
	}
	for _, d := range m.AllData() {
		out.DataBytes += len(d.Bytes)
	}
	return out
}
