package merge

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/remap"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/intern"
)

// types is the output's type section. Two recursion groups are one when they are equal once references within a group
// are counted from its start (core specification, "Validation / Types: rolling and unrolling").
type types struct {
	groups *intern.Table  // encoded, with references within the group counted from inner on
	firsts []uint32       // index of each group's first type
	rolled map[int][]byte // the encoding of those groups that refer to themselves
	count  uint32
	key    []byte
}

// inner is where references within a group are counted from while groups are compared; no real index is as large.
const inner uint32 = 1 << 30

// newTypes makes an empty type section, with room for size bytes.
func newTypes(size int) *types { return &types{groups: intern.New(size), rolled: map[int][]byte{}} }

// group adds a recursion group of a module, extending the module's type map.
func (ts *types) group(mp *remap.Maps, g corewasm.Group) error {
	at := len(mp.Types)
	extend := func(base uint32) {
		mp.Types = mp.Types[:at]
		for i := range g.N {
			mp.Types = append(mp.Types, base+uint32(i))
		}
	}
	refers := refersToTypes(g)
	var err error
	if refers {
		extend(inner)
		if ts.key, err = appendGroup(ts.key[:0], mp, g); err != nil {
			return err
		}
	} else {
		ts.key = encode.Group(ts.key[:0], g)
	}
	id, added := ts.add(ts.key, g.N)
	extend(ts.firsts[id])
	if added && refers {
		if ts.rolled[id], err = appendGroup(nil, mp, g); err != nil {
			return err
		}
	}
	return nil
}

// add gives the number of a group.
func (ts *types) add(key []byte, n int) (id int, added bool) {
	if id, added = ts.groups.Add(key); added {
		ts.firsts = append(ts.firsts, ts.count)
		ts.count += uint32(n)
	}
	return id, added
}

func refersToTypes(g corewasm.Group) bool {
	in := func(t corewasm.ValType) bool { return t.IsRef() && t.Heap >= 0 }
	for i := range g.N {
		t := g.At(i)
		if len(t.Supers) > 0 {
			return true
		}
		for _, list := range [][]corewasm.ValType{t.Func.Params, t.Func.Results} {
			for _, v := range list {
				if in(v) {
					return true
				}
			}
		}
		for _, f := range t.Fields {
			if in(f.Storage) {
				return true
			}
		}
	}
	return false
}

func appendGroup(b []byte, mp *remap.Maps, g corewasm.Group) ([]byte, error) {
	b = encode.GroupSize(b, g.N)
	for k := range g.N {
		t, err := mp.SubType(g.At(k))
		if err != nil {
			return b, err
		}
		b = encode.SubType(b, &t)
	}
	return b, nil
}

// funcType gives the index of a function type of generated code: a group of its own, final, without type indices.
func (ts *types) funcType(t corewasm.FuncType) uint32 {
	g := corewasm.RecGroup{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc, Func: t}}}
	ts.key = encode.RecGroup(ts.key[:0], &g)
	id, _ := ts.add(ts.key, 1)
	return ts.firsts[id]
}

// coded gives the entries of the type section.
func (ts *types) coded() corewasm.Coded {
	c := corewasm.Coded{Count: ts.groups.Len(), Bytes: ts.groups.Bytes()}
	if len(ts.rolled) == 0 {
		return c
	}
	c.Bytes = make([]byte, 0, len(c.Bytes))
	for i := range c.Count {
		b, ok := ts.rolled[i]
		if !ok {
			b = ts.groups.At(i)
		}
		c.Bytes = append(c.Bytes, b...)
	}
	return c
}
