// This file implements the output's name section.

package merge

import "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"

// names names the functions of the output by the core instance's path, a slash, and the name in the module's name
// section or exports. Functions without such a name get none, to keep the name section small.
func (m *merger) names() {
	known := map[*corewasm.Module][]string{}
	for id, ci := range m.live.Cores() {
		names, ok := known[ci.Module]
		if !ok {
			names = definedNames(ci.Module)
			known[ci.Module] = names
		}
		if len(names) > 0 {
			m.out.Names.Runs = append(m.out.Names.Runs, corewasm.NameRun{
				First: m.first[id][corewasm.ExternFunc], Prefix: ci.Path + "/", Names: names,
			})
		}
	}
	synth := corewasm.NameRun{First: m.synth[corewasm.ExternFunc]}
	for _, f := range m.u.Funcs {
		synth.Names = append(synth.Names, f.Name)
	}
	m.out.Names.Runs = append(m.out.Names.Runs, synth)
}

// definedNames returns the names of a module's own functions. There may be fewer names than functions.
func definedNames(mod *corewasm.Module) []string {
	base := mod.NumImported(corewasm.ExternFunc)
	var names []string
	if len(mod.Names.Funcs) > int(base) {
		names = mod.Names.Funcs[base:]
	}
	own := false // whether names has been copied
	for i := range mod.Exports {
		e := &mod.Exports[i]
		if e.Kind != corewasm.ExternFunc || e.Index < base || mod.Names.Func(e.Index) != "" {
			continue
		}
		at := int(e.Index - base)
		if !own {
			names = append(make([]string, 0, max(len(names), at+1)), names...)
			own = true
		}
		if need := at + 1 - len(names); need > 0 {
			names = append(names, make([]string, need)...)
		}
		if names[at] == "" {
			names[at] = e.Name
		}
	}
	return names
}
