// This file implements the output's start function.

package merge

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// startFunc is the start function, or a function that it needs.
type startFunc struct {
	name string
	typ  corewasm.FuncType
	body corewasm.Body
}

// start generates the start function, or the one that Outside.Initialize exports: for each core instance in order, what
// was deferred until then, and its start function.
func (m *merger) start() error {
	m.startFuncs = []startFunc{{name: "start"}}
	var code []byte
	var calls []uint32
	var datas []deferredData // not applied yet
	deferred, exported := false, m.outside.Initialize
	if exported != nil {
		code = op.Call.Append(code, m.Sym(exported.Before))
	}
	for id, ci := range m.live.Cores() {
		d := &m.deferred[id]
		deferred = deferred || !d.empty()
		for i := range d.inits {
			code = d.inits[i].apply(code)
		}
		for i := range d.elems {
			if d.elems[i].traps && slices.ContainsFunc(datas, func(d deferredData) bool { return d.traps }) {
				code, datas = m.applyDatas(code, datas), nil // whose trap is another one
			}
			code = d.elems[i].apply(code)
		}
		datas = append(datas, d.datas...)
		if s := ci.Module.Start; s != nil {
			f, err := m.edits[id].Index(op.SpaceFunc, *s)
			if err != nil {
				return m.in(id, err)
			}
			code = op.Call.Append(m.applyDatas(code, datas), f)
			calls, datas = append(calls, f), nil
		}
	}
	if code = m.applyDatas(code, datas); exported != nil {
		code = op.Call.Append(code, m.Sym(exported.After))
	}
	switch {
	case exported != nil:
		m.out.Exports = append(m.out.Exports, corewasm.Export{Name: exported.Name, Kind: corewasm.ExternFunc, Index: m.startFn})
	case len(code) == 0:
		return nil
	case len(calls) == 1 && !deferred:
		m.out.Start = &calls[0]
		return nil
	}
	m.startFuncs[0].body.Code = op.End.Append(code)
	names := corewasm.NameRun{First: m.startFn}
	for _, f := range m.startFuncs {
		m.out.Funcs = append(m.out.Funcs, m.FuncType(f.typ))
		m.fused.Draft.Generate(f.body)
		names.Names = append(names.Names, f.name)
	}
	m.out.Names.Runs = append(m.out.Names.Runs, names)
	if exported == nil {
		m.out.Start = &m.startFn
	}
	return nil
}
