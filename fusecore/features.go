// This file finds the features that an output needs.

package fusecore

import (
	"context"
	"maps"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	coredecode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/features"
)

// Features of components, as engines call them.
const (
	componentModel      = "component-model"
	componentModelAsync = "component-model-async"
)

// featuresOf lists the features that a valid output uses.
func featuresOf(ctx context.Context, wasm []byte) ([]Feature, error) {
	f := usedFeatures{}
	if decode.Sniff(wasm) == decode.CoreModule {
		m, err := coredecode.ModuleWith(ctx, wasm, 0, coredecode.Options{CustomPageSizes: true})
		if err != nil {
			return nil, &InternalError{Msg: "the output cannot be read", Err: err}
		}
		f.module(m, m.Name)
		return f.list(), nil
	}
	c, err := decode.Options{Core: coredecode.Options{CustomPageSizes: true}}.Component(ctx, wasm)
	if err != nil {
		return nil, &InternalError{Msg: "the output cannot be read", Err: err}
	}
	f[componentModel] = nil
	f.component(c)
	return f.list(), nil
}

// usedFeatures has the names of the modules that use each feature.
type usedFeatures map[string][]string

func (f usedFeatures) component(c *component.Component) {
	for _, def := range c.Defs {
		switch def := def.(type) {
		case *component.CoreModule:
			f.module(def.Module, def.Module.Name)
		case *component.NestedComponent:
			f.component(def.Component)
		case *component.Canon:
			async := func(o component.CanonOpt) bool { return o.Kind == component.OptAsync }
			if analyse.IsAsync(def.Op) || slices.ContainsFunc(def.Opts, async) {
				f[componentModelAsync] = nil
			}
		}
	}
}

func (f usedFeatures) module(m *corewasm.Module, name string) {
	for _, feature := range features.Of(m) {
		if !slices.Contains(f[feature], name) {
			f[feature] = append(f[feature], name)
		}
	}
}

func (f usedFeatures) list() []Feature {
	out := []Feature{}
	for _, name := range slices.Sorted(maps.Keys(f)) {
		out = append(out, Feature{name, f[name]})
	}
	return out
}
