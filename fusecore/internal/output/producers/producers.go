// Package producers merges the custom sections that say with which languages and tools modules and components were made
// (tool-conventions, ProducersSection.md):
//
//	(@producers (language "C11" "") (processed-by "clang" "19.1.7"))
//	(@producers (language "Rust" "") (processed-by "rustc" "1.97.1"))
//
//	(@producers (language "C11" "") (language "Rust" "") (processed-by "clang" "19.1.7") (processed-by "rustc" "1.97.1")
//	  (processed-by "wasmfuse" "0.1.0"))
package producers

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/sections"
)

// Name is the name of the section.
const Name = "producers"

const processedBy = "processed-by"

// fields are those that the convention knows.
var fields = []string{"language", processedBy, "sdk"}

// pair is a value of a field with its version.
type pair struct{ name, version string }

// Section is the content of a section: the values of each field.
type Section map[string][]pair

// Merge returns what the sections of files say, of those in them too, and that a tool of some version has processed them. A
// malformed section says nothing, since it has no effect.
func Merge(files [][]byte, tool, version string) Section {
	s := Section{}
	for _, b := range files {
		s.file(b)
	}
	s.add(processedBy, pair{tool, version})
	return s
}

// file adds what the sections of a file say.
func (s Section) file(b []byte) {
	f, ok := sections.Read(b)
	if !ok {
		return
	}
	for i := range f.Sections {
		x := &f.Sections[i]
		if f.Contains(x) {
			s.file(x.Content)
		} else if name, content, ok := x.Custom(); ok && name == Name {
			s.content(content)
		}
	}
}

// content adds what a section says, if it is well-formed.
func (s Section) content(b []byte) {
	type value struct {
		field string
		pair
	}
	var found []value
	c := op.Cursor{B: b}
	for range c.Count("fields") {
		field := c.Name()
		for range c.Count("values") {
			found = append(found, value{field, pair{c.Name(), c.Name()}})
			if c.Err != nil {
				return
			}
		}
	}
	if c.Err != nil || c.More() {
		return
	}
	for _, v := range found {
		if slices.Contains(fields, v.field) {
			s.add(v.field, v.pair)
		}
	}
}

func (s Section) add(field string, p pair) {
	if !slices.Contains(s[field], p) {
		s[field] = append(s[field], p)
	}
}

// Read returns what the sections of a file say, of those in it too.
func Read(file []byte) Section {
	s := Section{}
	s.file(file)
	return s
}

// Each calls a function with each value, in the order of Encode.
func (s Section) Each(visit func(field, name, version string)) {
	for _, field := range fields {
		for _, p := range slices.SortedFunc(slices.Values(s[field]), func(a, b pair) int {
			return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.version, b.version))
		}) {
			visit(field, p.name, p.version)
		}
	}
}

// Encode returns the content of the section. Names in a field are unique, so versions of one tool are joined.
func (s Section) Encode() []byte {
	b := leb128.AppendU32(nil, uint32(len(s)))
	for _, field := range fields {
		if len(s[field]) == 0 {
			continue
		}
		versions := map[string][]string{}
		for _, p := range s[field] {
			versions[p.name] = append(versions[p.name], p.version)
		}
		b = leb128.AppendU32(sections.AppendName(b, field), uint32(len(versions)))
		for _, name := range slices.Sorted(maps.Keys(versions)) {
			all := slices.DeleteFunc(slices.Sorted(slices.Values(versions[name])), func(v string) bool { return v == "" })
			b = sections.AppendName(sections.AppendName(b, name), strings.Join(all, ", "))
		}
	}
	return b
}
