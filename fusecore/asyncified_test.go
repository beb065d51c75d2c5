package fusecore_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/script"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// TestAsyncified plays all scripts with components whose functions have been made asynchronous: all of them, half of
// them, or the others. They are still lifted and lowered synchronously. Those that the host supplies stay as they are. The fused
// form must do what the composition does, or what the script says where the engine deviates from it.
func TestAsyncified(t *testing.T) {
	if !wasmtime.Async() {
		return
	}
	if testing.Short() {
		t.Skip("takes a minute")
	}
	played := 0
	for _, c := range []collection{cases, resources, examples} {
		for _, s := range c.load(t) {
			if s.Part || s.Refused+s.Kept != "" {
				continue
			}
			for _, g := range s.Graphs {
				for which := range 3 {
					t.Run(fmt.Sprintf("%s/%s/%d", c.name, g.Name, which), func(t *testing.T) {
						played += playAsyncified(t, s, c.inputs(t, g, s.Plugs), which)
					})
				}
			}
		}
	}
	t.Logf("%d sections", played)
	if played < 900 {
		t.Errorf("only %d sections have been played", played)
	}
}

// playAsyncified plays a script and returns how many of its sections the engine can play.
func playAsyncified(t *testing.T, s *script.Script, in fusecore.Graph, which int) (played int) {
	in.Root.Bytes = asyncified(in.Root.Bytes, which, len(in.Deps) == 0)
	in.Deps = slices.Clone(in.Deps)
	for i := range in.Deps {
		in.Deps[i].Bytes = asyncified(in.Deps[i].Bytes, which, false)
	}
	composed, err := compose(in)
	if err != nil {
		return 0 // such as a constructor, which cannot be asynchronous
	}
	fused, err := fuseOrKeep(fusecore.FuseOptions{})(in)
	if err != nil {
		t.Fatal(err)
	}
	alone := *s
	alone.Async = true
	p := alone.Player()
	defer p.Close()
	for _, x := range s.Sections {
		want, composedErr := p.Play(composed.Bytes(), x)
		if composedErr != nil {
			continue // such as an asynchronous function of the host, or a feature that the engine does not have
		}
		got, err := p.Play(fused.Bytes(), x)
		if err != nil {
			t.Errorf("%s: %v", x.Name, err)
		}
		played++
		lines := script.Lines(got, false)
		if slices.Equal(lines, script.Lines(x.Steps, false)) {
			continue
		}
		if d := cmp.Diff(script.Lines(want, false), lines); d != "" {
			t.Errorf("%s: %v (-composed +fused):\n%s", x.Name, fused.Report, d)
		}
	}
	return played
}

// asyncified makes functions of a component asynchronous, except those with the parameters of its imports if it is the
// only one: types that must be equal have the same parameters.
func asyncified(wasm []byte, which int, only bool) []byte {
	c, err := decode.Component(wasm)
	if err != nil {
		return wasm // such as one with an unsupported proposal
	}
	key := func(f *component.FuncDef) (k string) {
		for _, p := range f.Params {
			k += p.Label + ","
		}
		return k
	}
	host := map[string]bool{}
	for i := range c.Defs {
		if _, ok := c.Defs[min(i+1, len(c.Defs)-1)].(*component.Import); ok && only {
			eachFuncDef(c.Defs[i:i+1], func(f *component.FuncDef) { host[key(f)] = true })
		}
	}
	eachFuncDef(c.Defs, func(f *component.FuncDef) {
		if k := key(f); !host[k] {
			f.Async = which == 0 || len(k)/2%2 == which-1
		}
	})
	c.Bytes = nil
	return encode.Component(c)
}

// eachFuncDef visits the function types in definitions, and makes the components among these encode again.
func eachFuncDef(defs []component.Def, visit func(*component.FuncDef)) {
	for _, d := range defs {
		switch d := d.(type) {
		case *component.NestedComponent:
			d.Component.Bytes = nil
			eachFuncDef(d.Component.Defs, visit)
		case *component.Type:
			switch def := d.Def.(type) {
			case *component.FuncDef:
				visit(def)
			case *component.InstanceDef:
				eachFuncDef(def.Decls, visit)
			case *component.ComponentDef:
				eachFuncDef(def.Decls, visit)
			}
		}
	}
}
