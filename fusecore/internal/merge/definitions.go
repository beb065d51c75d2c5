// This file implements all items with an index, except function bodies and segments.

package merge

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// definitions appends functions' types, tables, memories, globals and tags.
func (m *merger) definitions() error {
	var globals corewasm.Coded
	for id := range m.live.Cores() {
		if err := m.coreDefinitions(id, &globals); err != nil {
			return m.in(id, err)
		}
	}
	for _, f := range m.u.Funcs {
		m.out.Funcs = append(m.out.Funcs, m.FuncType(f.Type))
	}
	for _, s := range m.memories {
		t, err := m.memType(s)
		if err != nil {
			return err
		}
		m.out.Mems = append(m.out.Mems, t)
	}
	for i := range m.u.Globals {
		gl := &m.u.Globals[i]
		init, err := constant(gl)
		if err != nil {
			return err
		}
		appendGlobal(&globals, corewasm.Global{Type: corewasm.GlobalType{Type: gl.Type, Mutable: gl.Mutable}, Init: init})
	}
	return decode.Globals(m.out, globals)
}

func appendGlobal(globals *corewasm.Coded, g corewasm.Global) {
	globals.Bytes = encode.Global(globals.Bytes, g)
	globals.Count++
}

func constant(g *asm.Global) (corewasm.Expr, error) {
	switch g.Type {
	case corewasm.I32:
		return encode.I32Const(int32(g.Init)), nil
	case corewasm.I64:
		return encode.I64Const(g.Init), nil
	case corewasm.F32:
		return encode.F32Const(0), nil
	case corewasm.F64:
		return encode.F64Const(0), nil
	case corewasm.V128:
		return encode.V128Const([16]byte{}), nil
	}
	if g.Type.Code == corewasm.CodeRefNull {
		return encode.RefNull(g.Type.Heap), nil
	}
	return corewasm.Expr{}, diag.New("global "+g.Name, "type %v has no initial value", g.Type)
}

func (m *merger) coreDefinitions(id graph.CoreID, globals *corewasm.Coded) error {
	mod, ed := m.g.Cores[id].Module, m.edits[id]
	for _, t := range mod.Funcs {
		n, err := ed.Index(op.SpaceType, t)
		if err != nil {
			return err
		}
		m.out.Funcs = append(m.out.Funcs, n)
	}
	for i := range mod.Tables {
		index, used := m.tableIndex[sym.Of(m.g.Item(id, corewasm.ExternTable, mod.NumImported(corewasm.ExternTable)+uint32(i)))]
		if !used {
			continue
		}
		t, err := ed.TableType(mod.Tables[i].Type)
		if err != nil {
			return err
		}
		tab := corewasm.Table{Type: t}
		if x := mod.Tables[i].Init; x != nil {
			if tab.Init, err = m.tableInit(id, index, t, *x); err != nil {
				return err
			}
		}
		if index >= m.imported[corewasm.ExternTable] {
			m.out.Tables = append(m.out.Tables, tab)
		}
	}
	for i := range mod.NumGlobals() {
		g := mod.GlobalAt(i)
		t, err := ed.GlobalType(g.Type)
		if err != nil {
			return err
		}
		init, err := m.expr(id, g.Init)
		if err != nil {
			return err
		}
		appendGlobal(globals, corewasm.Global{Type: t, Init: init})
	}
	for _, t := range mod.Tags {
		n, err := ed.Index(op.SpaceType, t)
		if err != nil {
			return err
		}
		m.out.Tags = append(m.out.Tags, n)
	}
	return nil
}
