// Package iface reads the interfaces of component files without fusing: the imports and exports of a component, the
// compatibility of versions of an interface, and the text of a WIT package in binary form.
//
// Errors about files are [*Error]s; any other is an [*InternalError].
package iface

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/extname"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/input"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/instantiate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// Error is a located problem with a file; see package fusecore.
type Error = diag.Error

// InternalError is an error that is not caused by a file: a bug in this module.
type InternalError = diag.Internal

// Extern is an import or export of a component.
type Extern struct {
	// Name is the name in the component: an interface name such as ns:pkg/iface@1.2.3, or a label.
	Name string
	// ID is an interface name without its version, or empty for a label.
	ID string
	// Version is the full version of an interface name, even if the name only has a canonical one, or empty.
	Version string
	// TypesOnly reports whether it is an instance without functions and without resource types of its own. As an import
	// it needs no supplier, because there is nothing to call.
	TypesOnly bool
}

// IsComponent reports whether a file is a component, given its first 8 bytes.
func IsComponent(first8 []byte) bool { return decode.Sniff(first8) == decode.ComponentFile }

// Surface is the interface of a component.
type Surface struct {
	Imports, Exports []Extern // in the component's order
	// Memories is the number of linear memories that an instance of the component defines, including nested instances.
	Memories int
}

// Read reads the surface of a component; name is the file's name in errors. It neither validates the component nor
// reads function bodies.
func Read(name string, file []byte) (s Surface, err error) {
	defer diag.Recover(&err)
	in := input.File{Name: name, Bytes: file, Attributes: true}
	if err := in.Check(); err != nil {
		return s, err
	}
	c, err := decode.Component(file)
	if err != nil {
		return s, diag.In(err, name, "", "")
	}
	g, err := instantiate.Component(c)
	if err != nil {
		return s, diag.In(err, name, "", "")
	}
	if s.Imports, err = externs(g.World.Imports); err != nil {
		return Surface{}, diag.In(err, name, "", "")
	}
	if s.Exports, err = externs(g.World.Exports); err != nil {
		return Surface{}, diag.In(err, name, "", "")
	}
	for i := range g.Cores {
		s.Memories += len(g.Cores[i].Module.Mems)
	}
	return s, nil
}

func externs(items []world.Item) ([]Extern, error) {
	var out []Extern
	for i := range items {
		it := &items[i]
		n, err := extname.Parse(it.Name)
		if err != nil {
			return nil, diag.In(err, "", "", it.Name)
		}
		x := Extern{Name: it.Name, TypesOnly: it.TypesOnly()}
		if n.Kind == extname.Interface {
			x.ID, x.Version = n.ID(), component.WithVersionSuffix(n.Version, it.Attributes)
		}
		out = append(out, x)
	}
	return out, nil
}

// Pattern matches imports: ns:pkg, all interfaces of a package; ns:pkg/iface; or a plain name. In each, "*" stands for any
// characters but "/", and a version or compatibility track after "@" restricts it, as in wasi:*@0.2. Attributes and flags
// that say what may remain imported have such patterns.
type Pattern struct{ pattern extname.Pattern }

// ParsePattern parses a pattern.
func ParsePattern(s string) (Pattern, error) {
	p, err := extname.ParsePattern(s)
	return Pattern{p}, err
}

// String returns the pattern as written.
func (p Pattern) String() string { return p.pattern.Text }

// Matches reports whether an import matches.
func (p Pattern) Matches(x Extern) bool {
	n, err := extname.Parse(x.Name)
	return err == nil && p.pattern.Matches(n, x.Version)
}

// VersionTrack returns the compatibility track of a version: an export can satisfy an import if the tracks of their
// versions are equal and the export's version is not older.
func VersionTrack(version string) string { return extname.Track(version) }

// VersionOlder reports whether version a precedes b on the same compatibility track. A string that is not a version
// precedes all others.
func VersionOlder(a, b string) bool { return extname.Older(a, b) }
