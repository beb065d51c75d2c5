// This file implements the description of what an output was fused of, by the names that fusing gives.

package inspect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// fusedName is the name of a fused module, and of the component around it.
const fusedName = "fused"

// fusedParts describes what the fused modules in a component, or a bare one, consist of, or returns nil if there is none with
// names. A module that defines a part's memory is called "memory of root/part/module". A function of a part has the part's name and
// a slash before its own, and one that passes a call from one part to another is "function caller>callee".
func fusedParts(modules []*corewasm.Module) *Fused {
	out, named := &Fused{}, false
	for _, m := range modules {
		if m.Name == fusedName {
			named = true
			out.module(m)
		}
	}
	if !named {
		return nil
	}
	for _, m := range modules {
		for _, name := range strings.Split(m.Name, ", ") {
			if of, ok := strings.CutPrefix(name, "memory of root/"); ok && strings.Contains(of, "/") {
				out.add(of[:strings.LastIndexByte(of, '/')])
			}
		}
	}
	if len(out.Parts) == 0 {
		return nil
	}
	slices.Sort(out.Parts)
	slices.SortFunc(out.Links, func(a, b Link) int {
		return cmp.Or(cmp.Compare(a.Caller, b.Caller), cmp.Compare(a.Callee, b.Callee), cmp.Compare(a.Func, b.Func))
	})
	return out
}

// module adds what a module consists of.
func (f *Fused) module(m *corewasm.Module) {
	var links []Link
	names := m.Names.Funcs
	owned := map[string]bool{} // what precedes a slash in the name of a function
	for _, name := range names {
		if at := strings.LastIndexByte(name, ' '); at > 0 {
			if caller, callee, ok := strings.Cut(name[at+1:], ">"); ok && caller != "" && callee != "" {
				links = append(links, Link{caller, callee, name[:at]})
				continue
			}
		}
		for i, c := range name {
			if c == '/' {
				owned[name[:i]] = true
			}
		}
	}
	for _, l := range links {
		// A guest's own function can have such a name by chance, but there are no parts with those names then.
		if (owned[l.Caller] || l.Caller == host) && (owned[l.Callee] || l.Callee == host) {
			f.Links = append(f.Links, l)
			f.add(l.Caller)
			f.add(l.Callee)
		}
	}
}

// add adds a part, unless it is there by the end of its path.
func (f *Fused) add(part string) {
	known := func(p string) bool { return p == part || strings.HasSuffix(p, "/"+part) }
	if part == host || slices.ContainsFunc(f.Parts, known) {
		return
	}
	f.Parts = slices.DeleteFunc(f.Parts, func(p string) bool { return strings.HasSuffix(part, "/"+p) })
	f.Parts = append(f.Parts, part)
}

// host is the name of the surroundings in names of functions.
const host = "host"

// modulesOf returns the core modules in a component, at any depth.
func modulesOf(c *component.Component) (out []*corewasm.Module) {
	for _, d := range c.Defs {
		switch d := d.(type) {
		case *component.CoreModule:
			out = append(out, d.Module)
		case *component.NestedComponent:
			out = append(out, modulesOf(d.Component)...)
		}
	}
	return out
}
