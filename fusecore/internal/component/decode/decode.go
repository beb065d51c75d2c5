// Package decode decodes the component binary format (component model, design/mvp/Binary.md). It checks the syntax
// strictly, but not validity: indices are not checked against index spaces, nor names against their grammar.
//
// The result aliases the input: nested components, core modules, custom sections and values are slices of it.
package decode

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	core "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// Layer is the kind of a file, determined by its first eight bytes.
type Layer byte

// Layers.
const (
	Neither       Layer = iota // not a WebAssembly binary, or one with an unknown version
	CoreModule                 // a core module, version 1
	ComponentFile              // a component, with the version that this package decodes
)

var (
	magic             = []byte("\x00asm")
	corePreamble      = []byte("\x00asm\x01\x00\x00\x00")
	componentPreamble = []byte("\x00asm\x0d\x00\x01\x00")
)

// Sniff determines the kind of a file from its first eight bytes. Further bytes are ignored; with fewer, it returns
// Neither.
func Sniff(first8 []byte) Layer {
	switch {
	case bytes.HasPrefix(first8, componentPreamble):
		return ComponentFile
	case bytes.HasPrefix(first8, corePreamble):
		return CoreModule
	}
	return Neither
}

// Component decodes a whole file. The error is a *diag.Error with an offset in data, the lowest one if there are
// several.
func Component(data []byte) (*component.Component, error) {
	return Options{}.Component(context.Background(), data)
}

// Options adjusts decoding.
type Options struct {
	// Core has the options for decoding core modules.
	Core core.Options
	// Unsupported reports whether proposals that are not supported are no errors if they only concern core modules or
	// canonical definitions. See component.CoreModule.Unsupported and component.Canon.Unsupported.
	Unsupported bool
}

// Component is like the function [Component], with options. When the context is done, it returns the context's error.
func (o Options) Component(ctx context.Context, data []byte) (*component.Component, error) {
	if int64(len(data)) > math.MaxUint32 {
		return nil, diag.At(math.MaxUint32, "file of %d bytes; expected less than 4 GiB", len(data))
	}
	r := &reader{data: data, end: len(data), opt: o}
	c := r.component()
	// The core modules found so far come before the place of the error.
	if err := r.decodeModules(ctx); err != nil {
		return nil, err
	}
	if r.err != nil {
		return nil, r.err
	}
	return c, nil
}

// component decodes the preamble and the sections up to the end of the range.
func (r *reader) component() *component.Component {
	r.enter("component")
	defer r.leave()
	c := &component.Component{Offset: int64(r.pos), Bytes: r.data[r.pos:r.end:r.end]}
	r.preamble()
	s := sections{reader: r, c: c}
	for r.ok() && r.pos < r.end {
		s.section()
	}
	s.finishNames()
	return c
}

// preamble decodes magic, version and layer.
func (r *reader) preamble() {
	r.item = "preamble"
	start := r.pos
	rest := r.data[r.pos:r.end]
	if n := min(len(rest), len(magic)); !bytes.Equal(rest[:n], magic[:n]) {
		r.fail(start, "not a WebAssembly binary: it starts with % x; expected 00 61 73 6d", rest[:n])
		if r.err != nil && r.depth == 1 {
			r.err.WithHint("use a component's .wasm file; text is made one by `wasm-tools parse`")
		}
		return
	}
	if len(rest) < len(componentPreamble) {
		r.fail(r.end, "unexpected end of input; expected the 8 bytes of a component's preamble")
		return
	}
	r.pos += len(magic)
	version, layer := r.le16(), r.le16()
	switch {
	case version == 0x0d && layer == 1:
	case version == 1 && layer == 0:
		r.fail(start, "this is a core module, not a component")
		if r.depth == 1 {
			r.err.WithHint("make one with `wasm-tools component new` or the wasm_component rule")
		}
	case layer == 1:
		r.fail(start+4, "unknown component version 0x%x; expected 0xd", version)
	default:
		r.fail(start+4, "unknown binary version 0x%x of layer 0x%x; expected version 0xd of layer 1, a component",
			version, layer)
	}
}

// sections decodes the sections of one component.
type sections struct {
	*reader
	c      *component.Component
	nested int // component definitions so far
	mods   int // core modules so far

	names *nameSection // the last valid one, or nil
}

var sectionNames = [...]string{
	"custom section", "core module section", "core instance section", "core type section", "component section",
	"instance section", "alias section", "type section", "canon section", "start section", "import section",
	"export section", "value section",
}

func (s *sections) section() {
	r := s.reader
	r.item = ""
	id := r.byte("a section id")
	if int(id) >= len(sectionNames) {
		r.failByte(id, "a section id from 0 to 12")
		return
	}
	item := sectionNames[id]
	r.item = item
	at := r.pos
	size := r.u32("the section's size")
	if r.ok() && int64(size) > int64(r.end-r.pos) {
		r.fail(at, "section of %d bytes, but only %d bytes remain", size, r.end-r.pos)
		if r.end == len(r.data) {
			r.err.WithHint("the file is truncated or damaged; build or fetch it again")
		}
	}
	if !r.ok() {
		return
	}
	outer := r.end
	r.end = r.pos + int(size)
	s.content(id)
	r.item = item
	if r.ok() && r.pos != r.end {
		r.fail(r.pos, "section has %d bytes after its last entry; expected its end", r.end-r.pos)
	}
	r.end = outer
}

func (s *sections) content(id byte) {
	r := s.reader
	switch id {
	case 0:
		s.custom()
	case 1:
		s.coreModule()
	case 2:
		entries(s, "core instances", r.coreInstance)
	case 3:
		entries(s, "core types", r.coreType)
	case 4:
		s.nestedComponent()
	case 5:
		entries(s, "instances", r.instance)
	case 6:
		entries(s, "aliases", r.alias)
	case 7:
		entries(s, "types", r.typeDef)
	case 8:
		entries(s, "canonical definitions", r.canon)
	case 9:
		s.add(r.start())
	case 10:
		entries(s, "imports", r.importDef)
	case 11:
		entries(s, "exports", r.exportDef)
	case 12:
		entries(s, "values", r.value)
	}
}

func (s *sections) add(d component.Def) {
	if s.ok() {
		s.c.Defs = append(s.c.Defs, d)
	}
}

// entries decodes a section that is a vector of definitions.
func entries[D component.Def](s *sections, what string, read func() D) {
	n := s.count(what)
	s.c.Defs = slices.Grow(s.c.Defs, int(n))
	for i := uint32(0); i < n && s.ok(); i++ {
		s.add(read())
	}
}

func (r *reader) here() component.At { return component.At{Offset: int64(r.pos)} }

func (s *sections) coreModule() {
	r := s.reader
	m := &component.CoreModule{At: r.here(), Bytes: r.data[r.pos:r.end:r.end]}
	r.modules = append(r.modules, pendingModule{def: m, path: r.path, item: fmt.Sprintf("core module %d", s.mods)})
	s.mods++
	r.pos = r.end
	s.add(m)
}

func (s *sections) nestedComponent() {
	r := s.reader
	d := &component.NestedComponent{At: r.here()}
	path, index := r.path, s.nested
	if path != "" {
		r.path = fmt.Sprintf("%s/%d", path, index)
	} else {
		r.path = fmt.Sprintf("%d", index)
	}
	d.Component = r.component()
	r.path = path
	s.nested++
	s.add(d)
}
