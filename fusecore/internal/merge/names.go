// This file implements the output's name section.

package merge

import (
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// names names the functions of the output by a short name of the core instance (analyse.Names), a slash, and the name in the
// module's name section or exports. Functions without such a name get none, to keep the name section small.
func (m *merger) names() {
	known := map[*corewasm.Module][]string{}
	for id, ci := range m.live.Cores() {
		names, ok := known[ci.Module]
		if !ok {
			names = definedNames(ci.Module)
			known[ci.Module] = names
		}
		if len(names) > 0 {
			m.fused.Names = append(m.fused.Names, Name{strings.TrimSuffix(m.short.Prefix(id), "/"), ci.Path})
			m.out.Names.Runs = append(m.out.Names.Runs, corewasm.NameRun{
				First: m.first[id][corewasm.ExternFunc], Prefix: m.short.Prefix(id), Names: names,
			})
		}
	}
	synth := corewasm.NameRun{First: m.synth[corewasm.ExternFunc]}
	for _, f := range m.u.Funcs {
		synth.Names = append(synth.Names, f.Name)
	}
	m.out.Names.Runs = append(m.out.Names.Runs, synth)
}

// lastTail moves what precedes the interface in the name of a post-return function behind it, so that the tail tells it from
// the function's.
func lastTail(export string) string {
	const post = "cabi_post_"
	name, ok := strings.CutPrefix(export, post)
	if at := strings.LastIndexByte(name, '#'); ok && at >= 0 {
		return name[:at+1] + post + name[at+1:]
	}
	return export
}

// definedNames returns the names of a module's own functions: those of the name section, or else the shortest tails of export
// names that no other export has. There may be fewer names than functions.
func definedNames(mod *corewasm.Module) []string {
	base := mod.NumImported(corewasm.ExternFunc)
	var names []string
	if len(mod.Names.Funcs) > int(base) {
		names = mod.Names.Funcs[base:]
	}
	exported := map[int]string{} // by position in Exports
	for i := range mod.Exports {
		e := &mod.Exports[i]
		if e.Kind == corewasm.ExternFunc && e.Index >= base && mod.Names.Func(e.Index) == "" {
			exported[i] = lastTail(e.Name)
		}
	}
	if len(exported) == 0 {
		return names
	}
	names = append(make([]string, 0, len(mod.Funcs)), names...)
	names = append(names, make([]string, len(mod.Funcs)-len(names))...)
	exported = analyse.Shortest(exported, "#|")
	for i := range mod.Exports {
		if name, ok := exported[i]; ok && names[mod.Exports[i].Index-base] == "" {
			names[mod.Exports[i].Index-base] = name
		}
	}
	return names
}
