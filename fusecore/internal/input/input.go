// Package input reads the files that users hand in: it tells components from all other files that are given in their
// place, and decodes and validates what can be read.
package input

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	coredecode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	corevalidate "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits/check"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
)

// File is a file as a user gave it.
type File struct {
	Name    string // what messages call it
	Command string // what a command line calls it, for advice; Name where it is empty
	Bytes   []byte
	// Attributes says that messages advise attributes of Bazel's rules instead of command lines.
	Attributes bool
}

func (f *File) command() string {
	if f.Command != "" {
		return f.Command
	}
	return f.Name
}

// Decode decodes a component, or says what the file is instead.
func (f *File) Decode(core coredecode.Options) (*component.Component, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	c, err := decode.Options{Core: core}.Component(f.Bytes)
	return c, diag.In(err, f.Name, "", "")
}

// Validate validates a component that was decoded from the file and holds it to the limits of engines; bodies says
// whether function bodies are validated too.
func (f *File) Validate(c *component.Component, bodies bool) (*validate.Surface, error) {
	if err := check.Component(c); err != nil {
		return nil, diag.In(err, f.Name, "", "")
	}
	var v validate.Options
	if bodies {
		v.CoreModule = func(m *corewasm.Module) error { return corevalidate.Module(m, corevalidate.All) }
	}
	s, err := v.Surface(c)
	return s, diag.In(err, f.Name, "", "")
}

// Component decodes and validates a component that can be instantiated: a WIT package is refused.
func (f *File) Component(bodies bool) (*component.Component, *validate.Surface, error) {
	c, err := f.Decode(coredecode.Options{TrustBodies: !bodies})
	if err != nil {
		return nil, nil, err
	}
	if IsWITPackage(c) {
		return nil, nil, (&diag.Error{File: f.Name, Offset: diag.NoOffset, Msg: "this is a WIT package: it describes interfaces and holds no code"}).
			WithHint("give the component that was built for it; %s", fromWIT(f.command(), f.Attributes))
	}
	s, err := f.Validate(c, bodies)
	return c, s, err
}

// IsWITPackage reports whether a component is a WIT package in binary form: it defines the types of instances and
// components, exports some, and does nothing else.
func IsWITPackage(c *component.Component) bool {
	exports := false
	for _, d := range c.Defs {
		switch d := d.(type) {
		case *component.Type:
			switch d.Def.(type) {
			case *component.ComponentDef, *component.InstanceDef:
			default:
				return false
			}
		case *component.Export:
			if d.Item.Sort != component.SortType {
				return false
			}
			exports = true
		case *component.Custom:
		default:
			return false
		}
	}
	return exports
}
