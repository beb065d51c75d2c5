package scan

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// Decoded lists the references of a module by decoding every instruction.
func Decoded(m *corewasm.Module) (*corewasm.Refs, error) {
	l := Lister{mems: make([]uint32, len(m.Mems)), tables: make([]uint32, len(m.Tables))}
	out := &corewasm.Refs{Mems: l.mems, Tables: l.tables}
	for i := range m.Code {
		l.body0++
		r := op.NewReader(m.Code[i].Code, 0)
		for r.Next() {
			if err := l.Instr(&r.In); err != nil {
				return nil, err
			}
		}
		if r.Err != nil {
			return nil, r.Err
		}
		if l.first > 0 {
			l.list = append(l.list, corewasm.NewRef(corewasm.UseMem, 0))
			l.mems[0] += l.first
			l.first = 0
		}
		out.Ends = append(out.Ends, uint32(len(l.list)))
	}
	out.List = l.list
	return out, nil
}
