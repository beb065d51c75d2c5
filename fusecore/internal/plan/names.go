package plan

import (
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// Module names of the fused module's imports: "host" holds the functions of Boundary.Lowers, each named by its position
// in decimal; "env" holds what must exist before the module: memories, and the table that makes its functions callable
// from outside before it exists.
const (
	HostModule = "host"
	EnvModule  = "env"
	TableName  = "table"
)

// MemoryName is the name in "env" of Boundary.Memories[i].
func MemoryName(i int) string { return "memory" + strconv.Itoa(i) }

// Export is an item that the fused module exports for the component around it.
type Export struct {
	Name string
	Sym  asm.Sym
}

// Exports lists what the fused module exports: everything that Lifts name, each item once.
func (b *Boundary) Exports() []Export {
	var out []Export
	seen := map[asm.Sym]bool{}
	add := func(s asm.Sym) {
		if s.IsZero() || seen[s] {
			return
		}
		seen[s] = true
		prefix := "f"
		if s.Kind == corewasm.ExternMem {
			prefix = "m"
		}
		out = append(out, Export{Name: prefix + strconv.Itoa(len(out)), Sym: s})
	}
	for i := range b.Lifts {
		l := &b.Lifts[i]
		add(l.Core)
		add(l.PostReturn)
		add(l.Realloc)
		add(l.Memory)
	}
	return out
}
