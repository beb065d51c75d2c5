// This file implements decoding of instances, aliases, imports and exports.

package decode

import "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"

// coreSort decodes core:sort.
func (r *reader) coreSort() component.CoreSort {
	const expected = "a core sort (0x00 to 0x04, or 0x10 to 0x12)"
	b := r.byte(expected)
	s := component.CoreSort(b)
	if _, ok := component.SpaceOf(component.SortCore, s); !ok {
		r.failByte(b, expected)
	}
	return s
}

// sort decodes sort.
func (r *reader) sort() (component.Sort, component.CoreSort) {
	const expected = "a sort (0x00 to 0x05)"
	b := r.byte(expected)
	s := component.Sort(b)
	switch {
	case s == component.SortCore:
		return s, r.coreSort()
	case s > component.SortInstance:
		r.failByte(b, expected)
	}
	return s, 0
}

func (r *reader) sortIdx() component.SortIdx {
	var s component.SortIdx
	s.Sort, s.Core = r.sort()
	s.Index = r.u32("an index")
	return s
}

// coreInstance decodes core:instance.
func (r *reader) coreInstance() *component.CoreInstance {
	d := &component.CoreInstance{At: r.here()}
	const expected = "0x00 (instantiate) or 0x01 (inline exports) for a core instance"
	switch b := r.byte(expected); b {
	case 0x00:
		d.Module = r.u32("a core module index")
		d.Args = vec(r, "arguments", func() component.CoreArg {
			a := component.CoreArg{Name: r.name("an argument's name")}
			r.fixed(byte(component.CoreInstSort), "0x12 (instance) for the sort of an argument")
			a.Instance = r.u32("a core instance index")
			return a
		})
	case 0x01:
		d.Inline = true
		d.Exports = vec(r, "inline exports", func() component.CoreInlineExport {
			e := component.CoreInlineExport{Name: r.name("an export's name")}
			e.Item.Sort = r.coreSort()
			e.Item.Index = r.u32("an index")
			return e
		})
	default:
		r.failByte(b, expected)
	}
	return d
}

// instance decodes instance.
func (r *reader) instance() *component.Instance {
	d := &component.Instance{At: r.here()}
	const expected = "0x00 (instantiate) or 0x01 (inline exports) for an instance"
	switch b := r.byte(expected); b {
	case 0x00:
		d.Component = r.u32("a component index")
		d.Args = vec(r, "arguments", func() component.Arg {
			return component.Arg{Name: r.name("an argument's name"), Item: r.sortIdx()}
		})
	case 0x01:
		d.Inline = true
		d.Exports = vec(r, "inline exports", func() component.InlineExport {
			return component.InlineExport{Name: r.externName(), Item: r.sortIdx()}
		})
	default:
		r.failByte(b, expected)
	}
	return d
}

// alias decodes alias.
func (r *reader) alias() *component.Alias {
	d := &component.Alias{At: r.here()}
	d.Sort, d.Core = r.sort()
	const expected = "0x00 (export), 0x01 (core export) or 0x02 (outer) for the target of an alias"
	b := r.byte(expected)
	d.Target = component.AliasTarget(b)
	switch d.Target {
	case component.AliasExport:
		d.Instance = r.u32("an instance index")
		d.Name = r.name("an export's name")
	case component.AliasCoreExport:
		d.Instance = r.u32("a core instance index")
		d.Name = r.name("an export's name")
	case component.AliasOuter:
		if !outerSort(d.Sort, d.Core) {
			r.fail(int(d.Offset), "outer alias of sort %s; expected a core module, core type, type or component",
				component.SortIdx{Sort: d.Sort, Core: d.Core}.Kind())
		}
		d.Outer = r.u32("the number of scopes to go out")
		d.Index = r.u32("an index")
	default:
		r.failByte(b, expected)
	}
	return d
}

// outerSort decodes outeraliassort: the sorts that can be used across components, because they are closed or stateless.
func outerSort(s component.Sort, core component.CoreSort) bool {
	if s == component.SortCore {
		return core == component.CoreModSort || core == component.CoreTypeSort
	}
	return s == component.SortType || s == component.SortComponent
}

// start decodes start.
func (r *reader) start() *component.Start {
	return &component.Start{
		At:      r.here(),
		Func:    r.u32("a function index"),
		Args:    vec(r, "arguments", func() uint32 { return r.u32("a value index") }),
		Results: r.u32("the number of results"),
	}
}

// value decodes value. The type index space determines the format of its content, which stays bytes.
func (r *reader) value() *component.Value {
	d := &component.Value{At: r.here(), Type: r.valType()}
	d.Bytes = r.take(r.u32("the length of a value"), "a value")
	return d
}

// externName decodes nameattributes.
func (r *reader) externName() component.ExternName {
	const expected = "0x00, 0x01 or 0x02 before a name"
	b := r.byte(expected)
	if b > 2 {
		r.failByte(b, expected)
	}
	n := component.ExternName{Name: r.name("a name")}
	if b == 2 {
		attrs := component.Attributes(vec(r, "attributes", r.attribute))
		n.Attributes = &attrs
	}
	return n
}

func (r *reader) attribute() component.Attribute {
	const expected = "0x00 (implements), 0x01 (versionsuffix) or 0x02 (external-id) for an attribute"
	b := r.byte(expected)
	if b > byte(component.AttrExternalID) {
		r.failByte(b, expected)
	}
	return component.Attribute{Kind: component.AttributeKind(b), Value: r.name("an attribute's value")}
}

// importDef decodes import and importdecl.
func (r *reader) importDef() *component.Import {
	return &component.Import{At: r.here(), Name: r.externName(), Type: r.externType()}
}

// exportDef decodes export.
func (r *reader) exportDef() *component.Export {
	d := &component.Export{At: r.here(), Name: r.externName(), Item: r.sortIdx()}
	if r.boolean("whether an export has a type") {
		t := r.externType()
		d.Type = &t
	}
	return d
}

// exportDecl decodes exportdecl.
func (r *reader) exportDecl() *component.Export {
	d := &component.Export{At: r.here(), Name: r.externName()}
	t := r.externType()
	d.Type = &t
	return d
}

// externType decodes externtype.
func (r *reader) externType() component.ExternType {
	const expected = "0x00 to 0x05 for an external type"
	b := r.byte(expected)
	t := component.ExternType{Kind: component.ExternKind(b)}
	switch t.Kind {
	case component.ExternModule:
		r.fixed(byte(component.CoreModSort), "0x11 (core module) after 0x00 for an external type")
		t.Index = r.u32("a core type index")
	case component.ExternFunc, component.ExternComponent, component.ExternInstance:
		t.Index = r.u32("a type index")
	case component.ExternValue:
		// Tools encode (value T) without the byte before T. No bound begins with the bytes that T can begin with.
		if b, ok := r.peek(); ok && component.Prim(b).Valid() {
			t.Value = r.valTypePtr()
		} else if r.boolean("a value bound (0x00 eq, 0x01 type)") {
			v := r.valType()
			t.Value = &v
		} else {
			t.Index = r.u32("a value index")
		}
	case component.ExternTypeBound:
		if r.boolean("a type bound (0x00 eq, 0x01 sub resource)") {
			t.SubResource = true
		} else {
			t.Index = r.u32("a type index")
		}
	default:
		r.failByte(b, expected)
	}
	return t
}
