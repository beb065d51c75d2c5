// This file writes the world of a component as WIT.

package iface

import (
	"context"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi/worldsection"
	coredecode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/input"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/instantiate"
)

// ReadWorld returns the world of a component as a WIT package of its own, root:component, with the interfaces of other packages
// in Uses. Of a core module that carries a world, it is that one; a WIT package is returned as it is. It is an error if WIT cannot
// express the world.
func ReadWorld(ctx context.Context, name string, file []byte) (p *Package, err error) {
	defer diag.Settle(ctx, &err)
	switch {
	case IsPackage(file):
		return ReadPackage(name, file)
	case decode.Sniff(file) == decode.CoreModule:
		m, err := coredecode.ModuleWith(ctx, file, 0, coredecode.Options{CustomPageSizes: true})
		if err != nil {
			return nil, diag.In(err, name, "", "")
		}
		for i := range m.Customs {
			if x := &m.Customs[i]; worldsection.Named(x.Name) {
				return ReadPackage(name, x.Bytes)
			}
		}
		return nil, diag.In(diag.New("", "this core module carries no world").WithHint("embed one with `wasm-tools component embed`"), name, "", "")
	}
	in := input.File{Name: name, Bytes: file}
	c, surface, err := in.Component(ctx, false)
	if err != nil {
		return nil, err
	}
	w, err := instantiate.World(c, surface)
	if err != nil {
		return nil, diag.In(err, name, "", "")
	}
	section, err := coreabi.Section(w)
	if err != nil {
		return nil, diag.In(err, name, "", "")
	}
	return ReadPackage(name, section)
}

// Whole returns the package with those that it uses, as one WIT file.
func (p *Package) Whole() string {
	text := p.Text()
	for i := range p.Uses {
		u := &p.Uses[i]
		text += "\npackage " + u.Name + " {\n"
		for line := range strings.Lines(u.Items) {
			text += "  " + line
		}
		text += "}\n"
	}
	return text
}
