// This file implements the debug information of outputs.

package fusecore

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/dwarf"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/merge"
)

// keepsDWARF reports whether the output of a draft is to have debug information.
func (o *FuseOptions) keepsDWARF(d *draft.Module) bool {
	return o.DWARF == KeepDWARF && o.Strip != StripAll &&
		slices.ContainsFunc(d.Sources, func(s draft.Source) bool { return !s.Generated && dwarf.Has(s.Code) })
}

// debugInfo adds the debug information of the inputs to a module that is finished otherwise.
func (o *FuseOptions) debugInfo(fused *merge.Fused) error {
	if o.DWARF != KeepDWARF {
		return nil
	}
	sources := make([]dwarf.Source, 0, len(fused.Draft.Sources))
	for i := range fused.Draft.Sources {
		s := &fused.Draft.Sources[i]
		sources = append(sources, dwarf.Source{Name: s.Name, Code: s.Code, Global: func(index uint32) (uint32, bool) {
			now, err := s.Edit.Index(op.SpaceGlobal, index)
			return now, err == nil
		}})
		for _, c := range s.Code.Customs {
			if slices.Contains(dwarf.Foreign, c.Name) {
				w := diag.New("section "+c.Name, "it says in which file the component's code is described, as it was before: it is left out").
					WithHint("build the component with its debug information inside")
				w.Component = s.Name
				o.seen.warn(w)
			}
		}
	}
	if !fused.Draft.Traced {
		return nil
	}
	customs, problems, err := dwarf.Sections(fused.Module, fused.Traces, sources)
	if err != nil {
		return &InternalError{Msg: "the output's debug information cannot be written", Err: err}
	}
	for _, p := range problems {
		w := diag.New("", "its debug information is left out")
		w.Component, w.Err = p.Source, p.Err
		o.seen.warn(w)
	}
	fused.Module.Customs = append(fused.Module.Customs, customs...)
	return nil
}
