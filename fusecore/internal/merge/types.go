package merge

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/remap"
)

// types is the output's type section. Two recursion groups are one when they are equal once references within a group
// are counted from its start (core specification, "Validation / Types: rolling and unrolling").
type types struct {
	groups []corewasm.RecGroup
	known  map[string]uint32 // a group's bytes to the index of its first type
	count  uint32
}

// inner marks references within a group while groups are compared; no real index is as large.
const inner uint32 = 1 << 30

func newTypes() *types { return &types{known: map[string]uint32{}} }

// group adds a recursion group of a module, extending the module's type map.
func (ts *types) group(mp *remap.Maps, g *corewasm.RecGroup) error {
	at := len(mp.Types)
	extend := func(base uint32) (corewasm.RecGroup, error) {
		mp.Types = mp.Types[:at]
		for i := range g.Types {
			mp.Types = append(mp.Types, base+uint32(i))
		}
		out := corewasm.RecGroup{Types: make([]corewasm.SubType, len(g.Types))}
		for i := range g.Types {
			var err error
			if out.Types[i], err = mp.SubType(&g.Types[i]); err != nil {
				return out, err
			}
		}
		return out, nil
	}
	rolled, err := extend(inner)
	if err != nil {
		return err
	}
	key := groupKey(rolled)
	base, ok := ts.known[key]
	if !ok {
		base = ts.count
	}
	final, err := extend(base)
	if err != nil || ok {
		return err
	}
	ts.add(key, final)
	return nil
}

func groupKey(g corewasm.RecGroup) string {
	var key []byte
	for i := range g.Types {
		key = encode.SubType(key, &g.Types[i])
	}
	return string(key)
}

func (ts *types) add(key string, g corewasm.RecGroup) {
	ts.known[key] = ts.count
	ts.groups = append(ts.groups, g)
	ts.count += uint32(len(g.Types))
}

// funcType gives the index of a function type of generated code: a group of its own, final, without type indices.
func (ts *types) funcType(t corewasm.FuncType) uint32 {
	g := corewasm.RecGroup{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc, Func: t}}}
	key := groupKey(g)
	if i, ok := ts.known[key]; ok {
		return i
	}
	i := ts.count
	ts.add(key, g)
	return i
}
