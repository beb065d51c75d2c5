package fusecore

import (
	"sync"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	coredecode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	corevalidate "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/instantiate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/link"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
)

// load decodes and validates one input.
func load(in Input, o Options) (*component.Component, error) {
	c, err := decode.Options{Core: coredecode.Options{TrustBodies: o.TrustCode}}.Component(in.Bytes)
	if err != nil {
		return nil, diag.In(err, in.Name, "", "")
	}
	var v validate.Options
	if !o.TrustCode {
		v.CoreModule = func(m *corewasm.Module) error { return corevalidate.Module(m, corevalidate.All) }
	}
	if err := v.Component(c); err != nil {
		return nil, diag.In(err, in.Name, "", "")
	}
	return c, nil
}

// composition decodes and validates the inputs and links them into one component.
func composition(in Inputs, o Options) (*component.Component, error) {
	all := append([]Input{in.Root}, in.Deps...)
	comps := make([]*component.Component, len(all))
	errs := make([]error, len(all))
	var wg sync.WaitGroup
	for i := range all {
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer recoverInternal(&errs[i])
			comps[i], errs[i] = load(all[i], o)
		}()
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	if len(all) == 1 && len(o.Plugs) == 0 {
		return comps[0], nil
	}
	inputs := make([]link.Input, len(all))
	for i := range all {
		g, err := instantiate.Component(comps[i])
		if err != nil {
			return nil, diag.In(err, all[i].Name, "", "")
		}
		inputs[i] = link.Input{Name: all[i].Name, Comp: comps[i], Graph: g}
	}
	var lo link.Options
	for _, p := range o.Plugs {
		lo.Plug = append(lo.Plug, link.Plug(p))
	}
	c, _, err := link.Link(inputs, lo)
	if err != nil {
		return nil, err
	}
	if err := validate.Component(c); err != nil {
		return nil, diag.In(err, in.Root.Name, "", "the composition")
	}
	return c, nil
}
