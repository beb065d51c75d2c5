// This file implements decoding of the "component-name" custom section.

package decode

import "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"

// nameSectionName is the custom section that names a component and its items (Binary.md, "Name Section").
const nameSectionName = "component-name"

type nameSection struct {
	def   int // its index in the component's definitions
	name  string
	sorts []component.SortNames
}

func (s *sections) custom() {
	r := s.reader
	c := &component.Custom{At: r.here(), Name: r.name("the custom section's name")}
	c.Bytes = r.take(uint32(r.end-r.pos), "the custom section")
	if !r.ok() {
		return
	}
	// A malformed name section does not make the component malformed. It stays a custom section, as does an empty one
	// or one that is replaced by a later one.
	if c.Name == nameSectionName {
		if n, ok := parseNames(c.Bytes); ok {
			n.def = len(s.c.Defs)
			s.names = &n
		}
	}
	s.add(c)
}

// finishNames moves the last valid name section from the definitions to the component's fields.
func (s *sections) finishNames() {
	n := s.names
	if n == nil {
		return
	}
	s.c.Name, s.c.Names = n.name, n.sorts
	s.c.Defs = append(s.c.Defs[:n.def], s.c.Defs[n.def+1:]...)
	if len(s.c.Defs) == 0 {
		s.c.Defs = nil
	}
}

// parseNames parses the content of a name section. ok is false if it is malformed or empty.
func parseNames(b []byte) (n nameSection, ok bool) {
	r := &reader{data: b, end: len(b)}
	for first := true; r.ok() && r.pos < len(b); first = false {
		id := r.byte("a subsection id")
		size := r.u32("the subsection's size")
		if int64(size) > int64(len(b)-r.pos) {
			return n, false
		}
		r.end = r.pos + int(size)
		switch {
		case id == 0 && first:
			n.name = r.name("the component's name")
		case id == 1:
			n.sorts = append(n.sorts, r.sortNames())
		default:
			return n, false
		}
		if r.pos != r.end {
			return n, false
		}
		r.end = len(b)
	}
	return n, r.ok() && (n.name != "" || len(n.sorts) > 0)
}

func (r *reader) sortNames() component.SortNames {
	var s component.SortNames
	s.Sort, s.Core = r.sort()
	s.Names = vec(r, "names", func() component.NameAssoc {
		return component.NameAssoc{Index: r.u32("an index"), Name: r.name("a name")}
	})
	return s
}
