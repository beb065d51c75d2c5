// Package encode encodes the component binary format (component model, design/mvp/Binary.md). [Component] encodes a
// model, and a [Builder] makes a model in code, returning the index of each item added.
package encode

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	core "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/pieces"
)

// Section ids.
const (
	secCustom = iota
	secCoreModule
	secCoreInstance
	secCoreType
	secComponent
	secInstance
	secAlias
	secType
	secCanon
	secStart
	secImport
	secExport
	secValue
)

// sectionNames names the sections whose size engines limit.
var sectionNames = map[byte]string{secCoreModule: "core module", secComponent: "nested component"}

// nameSectionName is the custom section that names a component and its items.
const nameSectionName = "component-name"

var preamble = []byte{0x00, 'a', 's', 'm', 0x0d, 0x00, 0x01, 0x00}

// Component encodes a component. Consecutive definitions of one kind share a section. Nested components and core
// modules are encoded as their Bytes if these are not nil; after changing a nested component, its Bytes must be set to
// nil. The Bytes of c itself are ignored. The name section comes last.
//
// It panics on a model that no input can lead to, such as a definition of an unknown type.
func Component(c *component.Component) []byte {
	p, err := Pieces(c)
	if err != nil {
		panic(err)
	}
	return p.Join()
}

// Pieces is like [Component], but returns pieces, some of which alias the model. The error is about a core module or a
// nested component that exceeds the limits of engines.
func Pieces(c *component.Component) (pieces.Pieces, error) {
	w := &writer{}
	w.component(c)
	return w.Finish(), w.err
}

type writer struct {
	pieces.Buffer
	err error
}

func (w *writer) component(c *component.Component) {
	w.B = append(w.B, preamble...)
	for i := 0; i < len(c.Defs); {
		id := sectionOf(c.Defs[i])
		w.B = append(w.B, id)
		if !isVec(id) {
			size := w.Sized(func() { w.large(c.Defs[i]) })
			if id == secCoreModule || id == secComponent {
				if err := limits.Section(sectionNames[id], size); err != nil && w.err == nil {
					w.err = err
				}
			}
			i++
			continue
		}
		end := i + 1
		for end < len(c.Defs) && sectionOf(c.Defs[end]) == id {
			end++
		}
		w.B = leb128.AppendSized(w.B, 16*(end-i), func(b []byte) []byte { return appendVec(b, c.Defs[i:end], appendDef) })
		i = end
	}
	w.B = appendNames(w.B, c)
}

// large appends the entry of a section that has a single definition.
func (w *writer) large(d component.Def) {
	switch d := d.(type) {
	case *component.Custom:
		w.B = appendName(w.B, d.Name)
		w.Bytes(d.Bytes)
	case *component.CoreModule:
		if d.Bytes != nil {
			w.Bytes(d.Bytes)
		} else {
			w.Pieces(core.Pieces(d.Module))
		}
	case *component.NestedComponent:
		if d.Component.Bytes != nil {
			w.Bytes(d.Component.Bytes)
		} else {
			w.component(d.Component)
		}
	default:
		w.B = appendDef(w.B, d)
	}
}

func appendSection(b []byte, id byte, content []byte) []byte {
	return appendSized(append(b, id), content)
}

// appendSized appends the length of the content and the content.
func appendSized(b, content []byte) []byte {
	return append(leb128.AppendU32(b, uint32(len(content))), content...)
}

func appendName(b []byte, s string) []byte {
	return append(leb128.AppendU32(b, uint32(len(s))), s...)
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

// appendVec appends a vector: its length and its elements.
func appendVec[T any](b []byte, elements []T, element func([]byte, T) []byte) []byte {
	b = leb128.AppendU32(b, uint32(len(elements)))
	for _, e := range elements {
		b = element(b, e)
	}
	return b
}

// isVec reports whether a section contains a vector of definitions rather than a single one.
func isVec(id byte) bool {
	switch id {
	case secCustom, secCoreModule, secComponent, secStart:
		return false
	}
	return true
}

func sectionOf(d component.Def) byte {
	switch d.(type) {
	case *component.Custom:
		return secCustom
	case *component.CoreModule:
		return secCoreModule
	case *component.CoreInstance:
		return secCoreInstance
	case *component.CoreType:
		return secCoreType
	case *component.NestedComponent:
		return secComponent
	case *component.Instance:
		return secInstance
	case *component.Alias:
		return secAlias
	case *component.Type:
		return secType
	case *component.Canon:
		return secCanon
	case *component.Start:
		return secStart
	case *component.Import:
		return secImport
	case *component.Export:
		return secExport
	case *component.Value:
		return secValue
	}
	panic(fmt.Sprintf("no section holds a %T", d))
}

// appendDef appends the entry of a section. writer.large encodes the entries that are not in a vector and may be large.
func appendDef(b []byte, d component.Def) []byte {
	switch d := d.(type) {
	case *component.CoreInstance:
		return appendCoreInstance(b, d)
	case *component.CoreType:
		return appendCoreType(b, d)
	case *component.Instance:
		return appendInstance(b, d)
	case *component.Alias:
		return appendAlias(b, d)
	case *component.Type:
		return appendTypeDef(b, d.Def)
	case *component.Canon:
		return appendCanon(b, d)
	case *component.Start:
		b = leb128.AppendU32(b, d.Func)
		b = appendVec(b, d.Args, leb128.AppendU32)
		return leb128.AppendU32(b, d.Results)
	case *component.Import:
		return appendExternType(appendExternName(b, d.Name), d.Type)
	case *component.Export:
		b = appendSortIdx(appendExternName(b, d.Name), d.Item)
		b = appendBool(b, d.Type != nil)
		if d.Type != nil {
			b = appendExternType(b, *d.Type)
		}
		return b
	case *component.Value:
		return appendSized(appendValType(b, d.Type), d.Bytes)
	}
	panic(fmt.Sprintf("no section holds a %T", d))
}

// appendNames appends the name section, unless it is empty.
func appendNames(b []byte, c *component.Component) []byte {
	if c.Name == "" && len(c.Names) == 0 {
		return b
	}
	s := appendName(nil, nameSectionName)
	if c.Name != "" {
		s = appendSection(s, 0, appendName(nil, c.Name))
	}
	for _, n := range c.Names {
		sub := appendSort(nil, n.Sort, n.Core)
		sub = appendVec(sub, n.Names, func(b []byte, a component.NameAssoc) []byte {
			return appendName(leb128.AppendU32(b, a.Index), a.Name)
		})
		s = appendSection(s, 1, sub)
	}
	return appendSection(b, secCustom, s)
}
