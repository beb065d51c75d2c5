// Package input reads input files: it tells components from other files that users may supply, and decodes and
// validates them.
package input

import (
	"context"
	"sync"

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
	Name    string // name in messages
	Command string // name on a command line, for advice; Name if empty
	Bytes   []byte
	// Attributes reports whether messages advise attributes of Bazel's rules instead of command-line flags.
	Attributes bool
	// Packages reports whether the file may be a WIT package.
	Packages bool
	// Modules has the core modules of all files that are read together; nil if there are no others.
	Modules *Modules
}

func (f *File) command() string {
	if f.Command != "" {
		return f.Command
	}
	return f.Name
}

// Decode decodes a component, or reports what the file is instead.
func (f *File) Decode(ctx context.Context, o decode.Options) (*component.Component, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	c, err := o.Component(ctx, f.Bytes)
	return c, diag.In(err, f.Name, "", "")
}

// Validate validates a component decoded from the file and checks it against the limits of engines. bodies reports
// whether function bodies are validated too.
func (f *File) Validate(ctx context.Context, c *component.Component, bodies bool) (*validate.Surface, error) {
	var v validate.Options
	if bodies {
		v.CoreModule = func(m *corewasm.Module) error { return corevalidate.Module(ctx, m, corevalidate.All) }
	}
	return f.validate(c, v)
}

func (f *File) validate(c *component.Component, v validate.Options) (*validate.Surface, error) {
	if err := check.Component(c); err != nil {
		return nil, diag.In(err, f.Name, "", "")
	}
	s, err := v.Surface(c)
	return s, diag.In(err, f.Name, "", "")
}

// Component decodes and validates a component that can be instantiated, which a WIT package cannot, unless the file may be
// one. What belongs to
// proposals that are not supported is not looked at, if possible.
func (f *File) Component(ctx context.Context, bodies bool) (*component.Component, *validate.Surface, error) {
	modules := f.Modules
	if modules == nil {
		modules = new(Modules)
	}
	core, v := coredecode.Options{TrustBodies: !bodies, CustomPageSizes: true, Refs: modules.refs}, validate.Options{Unsupported: true}
	if bodies {
		var valid sync.Map // modules that have been validated while they were decoded
		core.Accept = func(ctx context.Context, data []byte, m *corewasm.Module) bool {
			ok := modules.accept(ctx, data, m)
			if ok {
				valid.Store(m, nil)
			}
			return ok
		}
		v.CoreModule = func(m *corewasm.Module) error {
			if _, ok := valid.Load(m); ok {
				return nil
			}
			return corevalidate.Module(ctx, m, corevalidate.All)
		}
	}
	c, err := f.Decode(ctx, decode.Options{Core: core, Unsupported: true})
	if err != nil {
		return nil, nil, err
	}
	if !f.Packages && IsWITPackage(c) {
		return nil, nil, (&diag.Error{File: f.Name, Offset: diag.NoOffset, Msg: "this is a WIT package: it describes interfaces and contains no code"}).
			WithHint("use the component that was built for it; %s", fromWIT(f.command(), f.Attributes))
	}
	s, err := f.validate(c, v)
	return c, s, err
}

// IsWITPackage reports whether a component is a WIT package in binary form: it defines types of instances and
// components, exports some of them, and does nothing else.
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
