// This file implements reading the bodies of a module that is to be encoded, some of which already are.

package scan

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// Encoded returns the bodies of m.Coded and m.Code, in order, as in the code section but without their lengths.
func Encoded(m *corewasm.Module) (bodies [][]byte, err error) {
	for i := range m.Coded {
		c := op.Cursor{B: m.Coded[i].Bytes}
		for range m.Coded[i].Count {
			entry := c.Sub()
			if c.Err != nil {
				return nil, c.Err
			}
			bodies = append(bodies, entry.B)
		}
	}
	for i := range m.Code {
		bodies = append(bodies, append(encode.AppendLocals(nil, m.Code[i].Locals), m.Code[i].Code...))
	}
	return bodies, nil
}

// Locals decodes the declarations of locals at the beginning of an encoded body, and returns the rest.
func Locals(body []byte) (runs []corewasm.LocalRun, code []byte, err error) {
	c := op.Cursor{B: body}
	for range c.Count("locals") {
		n := c.U32()
		runs = append(runs, corewasm.LocalRun{Count: n, Type: c.ValType()})
	}
	return runs, body[c.Pos:], c.Err
}
