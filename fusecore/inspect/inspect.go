// Package inspect describes component files: their imports and exports, with types in WIT syntax, and the core modules
// and components they contain. It works on definitions, so it can also describe components that cannot be fused.
//
// Errors about files are [*Error]s. The only other errors are an [*InternalError], and the cause of a context that is
// done.
package inspect

import (
	"cmp"
	"context"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	coredecode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	corevalidate "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/input"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/instantiate"
)

// Error is a located problem with a file; see package fusecore.
type Error = diag.Error

// InternalError is an error that is not caused by a file: a bug in this module.
type InternalError = diag.Internal

// File is a file to describe.
type File struct {
	Name    string // name in messages
	Command string // name on a command line, for advice; Name if empty
	Bytes   []byte
}

// Describe describes a component, a WIT package or a core module. It validates the file, including function bodies.
// Component-level values are described, but not validated.
func Describe(ctx context.Context, f File) (d *Description, err error) {
	defer diag.Settle(ctx, &err)
	core := coredecode.Options{CustomPageSizes: true} // can be described, though not fused
	if decode.Sniff(f.Bytes) == decode.CoreModule {
		m, err := coredecode.ModuleWith(ctx, f.Bytes, 0, core)
		if err == nil {
			err = corevalidate.Module(ctx, m, corevalidate.All)
		}
		if err != nil {
			return nil, diag.In(err, f.Name, "", "")
		}
		d = &Description{Format: CoreModule, Size: len(f.Bytes), Module: module(m), Fused: fusedParts([]*corewasm.Module{m})}
		d.describeWorld(ctx, m)
		return d, nil
	}
	in := input.File{Name: f.Name, Command: cmp.Or(f.Command, f.Name), Bytes: f.Bytes}
	c, err := in.Decode(ctx, decode.Options{Core: core})
	if err != nil {
		return nil, err
	}
	if hasValues(c) {
		err = diag.In(validateBodies(ctx, c), f.Name, "", "")
	} else {
		_, err = in.Validate(ctx, c, true)
	}
	if err != nil {
		return nil, err
	}
	d = &Description{Size: len(f.Bytes), Fused: fusedParts(modulesOf(c))}
	d.describeComponent(c)
	if input.IsWITPackage(c) {
		d.Format = WITPackage
	} else {
		d.Instances = instances(c)
	}
	return d, nil
}

// instances counts what instantiating a component creates, or returns nil if that is unknown.
func instances(c *component.Component) *Instances {
	g, err := instantiate.Component(c)
	if err != nil {
		return nil
	}
	out := &Instances{Components: len(g.Insts) - 1, Cores: len(g.Cores)}
	for i := range g.Resources {
		if g.Resources[i].Impl == graph.Host {
			out.Imported++
		} else {
			out.Defined++
		}
	}
	return out
}

// validateBodies validates only the core modules of a component.
func validateBodies(ctx context.Context, c *component.Component) (err error) {
	for _, d := range c.Defs {
		switch d := d.(type) {
		case *component.CoreModule:
			err = corevalidate.Module(ctx, d.Module, corevalidate.All)
		case *component.NestedComponent:
			err = validateBodies(ctx, d.Component)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// hasValues reports whether a component uses component-level values anywhere.
func hasValues(c *component.Component) bool {
	for _, d := range c.Defs {
		switch d := d.(type) {
		case *component.NestedComponent:
			if hasValues(d.Component) {
				return true
			}
		case *component.Type:
			if typeHasValues(d.Def) {
				return true
			}
		default:
			if declHasValues(d) {
				return true
			}
		}
	}
	return false
}

func typeHasValues(def component.TypeDef) bool {
	var decls []component.Decl
	switch def := def.(type) {
	case *component.ComponentDef:
		decls = def.Decls
	case *component.InstanceDef:
		decls = def.Decls
	}
	for _, d := range decls {
		if t, ok := d.(*component.Type); ok && typeHasValues(t.Def) || declHasValues(d) {
			return true
		}
	}
	return false
}

func declHasValues(d component.Def) bool {
	switch d := d.(type) {
	case *component.Start, *component.Value:
		return true
	case *component.Import:
		return d.Type.Kind == component.ExternValue
	case *component.Export:
		return d.Item.Sort == component.SortValue || d.Type != nil && d.Type.Kind == component.ExternValue
	}
	return false
}
