package fusecore

import (
	"fmt"
	"io"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	coredecode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/instantiate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
)

// Inspect writes a description of a component or core module: what it imports and exports, with types, the core
// modules inside and the instances that instantiating it makes.
func Inspect(w io.Writer, in Input) (err error) {
	defer recoverInternal(&err)
	if decode.Sniff(in.Bytes) == decode.CoreModule {
		m, err := coredecode.Module(in.Bytes, 0)
		if err != nil {
			return diag.In(err, in.Name, "", "")
		}
		fmt.Fprintf(w, "core module, %d bytes\n", len(in.Bytes))
		describeModule(w, "  ", m)
		return nil
	}
	c, err := decode.Component(in.Bytes)
	if err != nil {
		return diag.In(err, in.Name, "", "")
	}
	if err := validate.Component(c); err != nil {
		return diag.In(err, in.Name, "", "")
	}
	fmt.Fprintf(w, "component, %d bytes\n", len(in.Bytes))
	g, err := instantiate.Component(c)
	if err != nil {
		return diag.In(err, in.Name, "", "")
	}
	describeItems(w, g, "import", "  ", g.World.Imports)
	describeItems(w, g, "export", "  ", g.World.Exports)
	var defined, borrowed int
	for i := range g.Resources {
		if g.Resources[i].Definer == plan.Host {
			borrowed++
		} else {
			defined++
		}
	}
	fmt.Fprintf(w, "instances: %d of components, %d of core modules; resource types: %d defined, %d imported\n",
		len(g.Insts), len(g.Cores), defined, borrowed)
	for i := range g.Cores {
		fmt.Fprintf(w, "  %s: core module, %d bytes\n", g.Cores[i].Path, g.Cores[i].Module.Size)
		describeModule(w, "    ", g.Cores[i].Module)
	}
	return nil
}

func describeItems(w io.Writer, g *plan.Graph, what, indent string, items []plan.Item) {
	for i := range items {
		it := &items[i]
		switch {
		case it.Sort == component.SortFunc:
			fmt.Fprintf(w, "%s%s %s: %v\n", indent, what, it.Name, g.Funcs[it.Func].Type)
		case it.Sort == component.SortInstance:
			fmt.Fprintf(w, "%s%s %s\n", indent, what, it.Name)
			describeItems(w, g, "", indent+"   ", it.Items)
		case it.Resource != nil:
			fmt.Fprintf(w, "%s%s resource %s\n", indent, what, it.Name)
		default:
			fmt.Fprintf(w, "%s%s type %s = %v\n", indent, what, it.Name, it.Type)
		}
	}
}

func describeModule(w io.Writer, indent string, m *corewasm.Module) {
	code := 0
	for i := range m.Code {
		code += len(m.Code[i].Code)
	}
	data := 0
	for i := range m.Data {
		data += len(m.Data[i].Bytes)
	}
	fmt.Fprintf(w, "%s%d functions (%d bytes of code), %d memories, %d tables, %d globals, %d bytes of data, %d imports, %d exports\n",
		indent, len(m.Funcs), code, len(m.Mems), len(m.Tables), len(m.Globals), data, len(m.Imports), len(m.Exports))
}
