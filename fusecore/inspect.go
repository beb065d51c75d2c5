package fusecore

import (
	"context"
	"fmt"
	"io"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	coredecode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	corevalidate "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/describe"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/input"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/instantiate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// Inspect writes a description of a component, a WIT package or a core module: what it imports and exports, with types,
// and what is inside. The file is validated, function bodies included; component-level values are described, but not
// validated.
func Inspect(ctx context.Context, w io.Writer, in Input) (err error) {
	defer diag.Recover(&err)
	core := coredecode.Options{CustomPageSizes: true} // which can be described, though not fused
	if decode.Sniff(in.Bytes) == decode.CoreModule {
		m, err := coredecode.ModuleWith(ctx, in.Bytes, 0, core)
		if err == nil {
			err = corevalidate.Module(ctx, m, corevalidate.All)
		}
		if err != nil {
			return diag.In(err, in.label(), "", "")
		}
		if _, err := fmt.Fprintf(w, "core module, %d bytes\n", len(in.Bytes)); err != nil {
			return err
		}
		return describe.Module(w, m, "  ")
	}
	f := in.file(false)
	c, err := f.Decode(ctx, core)
	if err != nil {
		return err
	}
	if hasValues(c) {
		err = diag.In(validateBodies(ctx, c), in.label(), "", "")
	} else {
		_, err = f.Validate(ctx, c, true)
	}
	if err != nil {
		return err
	}
	what := "component"
	if input.IsWITPackage(c) {
		what = "WIT package"
	}
	if _, err := fmt.Fprintf(w, "%s, %d bytes\n", what, len(in.Bytes)); err != nil {
		return err
	}
	if err := describe.Component(w, c, "  "); err != nil {
		return err
	}
	if what == "component" {
		return describeGraph(w, c)
	}
	return nil
}

// describeGraph says what instantiating a component makes; nothing where that is not known.
func describeGraph(w io.Writer, c *component.Component) error {
	g, err := instantiate.Component(c)
	if err != nil {
		return nil
	}
	var defined, imported int
	for i := range g.Resources {
		if g.Resources[i].Definer == plan.Host {
			imported++
		} else {
			defined++
		}
	}
	_, err = fmt.Fprintf(w, "instances: %d of components, %d of core modules; resource types: %d defined, %d imported\n",
		len(g.Insts), len(g.Cores), defined, imported)
	return err
}

// validateBodies validates the core modules of a component alone.
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
