// Package sections reads the binary form of modules and components as a list of sections, without decoding them:
//
//	00 61 73 6d 01 00 00 00   01 07 ...   00 0a 04 "name" ...
//	preamble                  types       custom section "name"
package sections

import (
	"bytes"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// Identifiers of sections: of custom ones, and of those of components that contain modules and components.
const (
	Custom     = 0
	CoreModule = 1
	Component  = 4
)

// preamble is the length of what precedes the sections.
const preamble = 8

// layerModule is the layer in the preamble of a core module, with its version.
var layerModule = []byte{0x01, 0x00, 0x00, 0x00}

// Section is one section. Its slices alias the file.
type Section struct {
	ID      byte
	Bytes   []byte // all of it
	Content []byte // what follows its length
}

// File is a module or component.
type File struct {
	Preamble  []byte
	Component bool
	Sections  []Section
}

// Read returns the sections of a module or component, or false for bytes that are not a list of sections.
func Read(b []byte) (f File, ok bool) {
	if len(b) < preamble {
		return f, false
	}
	f.Preamble, f.Component = b[:preamble], !bytes.Equal(b[4:preamble], layerModule)
	for rest := b[preamble:]; len(rest) > 0; {
		size, n, err := leb128.U32(rest[1:])
		if err != nil || uint64(len(rest)-1-n) < uint64(size) {
			return f, false
		}
		end := 1 + n + int(size)
		f.Sections = append(f.Sections, Section{rest[0], rest[:end], rest[1+n : end]})
		rest = rest[end:]
	}
	return f, true
}

// Contains reports whether a section of a component contains a module or component: its Content is one.
func (f *File) Contains(s *Section) bool {
	return f.Component && (s.ID == CoreModule || s.ID == Component)
}

// Custom returns the name and the content of a custom section, or false for another section, or one without a name.
func (s *Section) Custom() (name string, content []byte, ok bool) {
	if s.ID != Custom {
		return "", nil, false
	}
	size, n, err := leb128.U32(s.Content)
	if err != nil || uint64(len(s.Content)-n) < uint64(size) {
		return "", nil, false
	}
	end := n + int(size)
	return string(s.Content[n:end]), s.Content[end:], true
}

// AppendCustom appends a custom section.
func AppendCustom(b []byte, name string, content []byte) []byte {
	head := AppendName(nil, name)
	b = leb128.AppendU32(append(b, Custom), uint32(len(head)+len(content)))
	return append(append(b, head...), content...)
}

// AppendName appends a name, preceded by its length.
func AppendName(b []byte, s string) []byte {
	return append(leb128.AppendU32(b, uint32(len(s))), s...)
}
