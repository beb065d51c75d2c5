// Package extract hands out the core module of a fused component, for a tool that rewrites core modules, such as wasm-opt, and
// takes the rewritten module back:
//
//	(component                                   fused.wasm
//	  (core module $fused ...)        ──────►    core.wasm  ── wasm-opt ──►  core.opt.wasm
//	  (core instance (instantiate $fused ...))                                    │
//	  (export "run" ...))             ◄───────────────────────────────────────────┘
//
// A module that is handed out lists the features of WebAssembly that it may use, in a custom section that binaryen's tools read
// (tool-conventions, Linking.md, "Target Features Section"). A module that is taken back is validated, and must have imports and
// exports that fit. That it does the same as before cannot be checked.
//
// Errors about files are [*Error]s. The only other errors are an [*InternalError], and the cause of a context that is done.
package extract

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	coredecode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/input"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/pieces"
)

// Error is a located problem with a file; see package fusecore.
type Error = diag.Error

// InternalError is an error that is not caused by a file: a bug in this module.
type InternalError = diag.Internal

// File is a file by its name in messages.
type File struct {
	Name  string
	Bytes []byte
}

// Module is a core module of a file.
type Module struct {
	// Number counts the core modules of a file from zero, in the order of the file, and Component names the component that
	// contains it; it is empty if that is the file's.
	Number    int
	Component string
	Name      string // in its name section; may be empty
	Size      int    // in bytes
	// Fused reports whether it is a fused module. Where names have been stripped, that is the last module that a component
	// instantiates.
	Fused bool

	core *component.CoreModule
	path []int // positions of the definitions that lead to it
}

// fusedName is the name of fused modules.
const fusedName = "fused"

// Modules returns the core modules of a file: of a component, or the only one of a core module. Function bodies are not
// validated.
func Modules(ctx context.Context, f File) (all []Module, err error) {
	defer diag.Settle(ctx, &err)
	c, err := f.decode(ctx)
	if err != nil {
		return nil, err
	}
	return modules(c), nil
}

// decode returns a file's component. A core module is that of a component with nothing else.
func (f *File) decode(ctx context.Context) (*component.Component, error) {
	o := coredecode.Options{CustomPageSizes: true}
	if decode.Sniff(f.Bytes) == decode.CoreModule {
		m, err := coredecode.ModuleWith(ctx, f.Bytes, 0, o)
		return &component.Component{Defs: []component.Def{&component.CoreModule{Module: m, Bytes: f.Bytes}}}, diag.In(err, f.Name, "", "")
	}
	in := input.File{Name: f.Name, Command: f.Name, Bytes: f.Bytes}
	return in.Decode(ctx, decode.Options{Core: o, Unsupported: true})
}

// modules lists the core modules of a component.
func modules(c *component.Component) []Module {
	l := &lister{}
	l.component(c, "", nil)
	named := slices.ContainsFunc(l.all, func(m Module) bool { return m.Name != "" })
	for i := range l.all {
		if m := &l.all[i]; named {
			m.Fused = m.Name == fusedName
		}
	}
	return l.all
}

type lister struct {
	all        []Module
	components int
}

// component adds the core modules of a component. Until it is known whether modules have names, those that are instantiated
// last are taken for the fused ones.
func (l *lister) component(c *component.Component, name string, path []int) {
	first, comps := len(l.all), uint32(0)
	var own []int // in all, by the index of the core module
	last := -1    // core module that is instantiated last
	spaces := component.IndexSpaces{}
	for i, d := range c.Defs {
		here := append(slices.Clip(path), i)
		switch d := d.(type) {
		case *component.CoreModule:
			for len(own) < int(spaces[component.SpaceCoreModule]) {
				own = append(own, -1) // imported, or an alias
			}
			own = append(own, len(l.all))
			l.all = append(l.all, Module{Number: len(l.all), Component: name, Name: d.Module.Name, Size: len(d.Bytes), core: d, path: here})
		case *component.CoreInstance:
			if !d.Inline {
				last = int(d.Module)
			}
		case *component.NestedComponent:
			n := l.components
			l.components++
			l.component(d.Component, cmp.Or(componentName(c, comps), fmt.Sprintf("component %d", n)), here)
		}
		spaces.Add(d)
		comps = spaces[component.SpaceComponent]
	}
	switch {
	case last >= 0 && last < len(own) && own[last] >= 0:
		l.all[own[last]].Fused = true
	case last < 0 && len(path) == 0 && len(l.all)-first == 1 && len(c.Defs) == 1: // a core module
		l.all[first].Fused = true
	}
}

// componentName returns the name of a nested component, or "".
func componentName(c *component.Component, index uint32) string {
	for _, s := range c.Names {
		if s.Sort != component.SortComponent {
			continue
		}
		for _, n := range s.Names {
			if n.Index == index {
				return n.Name
			}
		}
	}
	return ""
}

// String describes the module in a few words.
func (m *Module) String() string {
	text := fmt.Sprintf("%d (", m.Number)
	if m.Name != "" {
		text += diag.Clean(m.Name) + ", "
	}
	if m.Component != "" {
		text += "of " + diag.Clean(m.Component) + ", "
	}
	return fmt.Sprintf("%s%d bytes)", text, m.Size)
}

// WriteTo writes the module, with the features that it may use, to w.
func (m *Module) WriteTo(w io.Writer) (int64, error) {
	features := customSection(featuresName, encodeFeatures(allowed(m.core.Module)))
	return pieces.Pieces{without(m.core.Bytes, featuresName), features}.WriteTo(w)
}

// isModule reports whether a file is a core module, judging by its first bytes.
func (f *File) isModule() bool { return decode.Sniff(f.Bytes) == decode.CoreModule }
