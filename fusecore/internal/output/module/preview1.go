// This file implements modules for engines with wasi_snapshot_preview1. They import its functions, and export the memory
// that these access as "memory". If the world exports wasi:cli/run, the module is a command: the function _start
// initialises it, runs it, and ends the process with status 1 if it has failed.

package module

import (
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/merge"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/preview1"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

const (
	memory = "memory"
	start  = "_start"
)

// isRun reports whether an export of the world is what a command runs.
func (f *Form) isRun(it *world.Item) bool {
	return f.preview1 && it.Sort == component.SortInstance && strings.HasPrefix(it.Name, "wasi:cli/run@0.2.")
}

// command exports the memory as preview1 requires it, and _start, if the module is a command. The memory comes first, since
// some engines take the first one for the module's, whatever its name.
func (f *Form) command() error {
	f.outside.First = f.code.Memory
	if f.abi.Memory != memory {
		if err := f.export(memory, f.code.Memory, memory); err != nil {
			return err
		}
	}
	for i := range f.p.Graph.World.Exports {
		it := &f.p.Graph.World.Exports[i]
		if !f.isRun(it) {
			continue
		}
		run := world.Find(f.p.Graph.World.ItemsOf(it), "run")
		if run == nil || run.Sort != component.SortFunc || it.Import != nil {
			return coreabi.Unsayable("the export %q has no function run that a command could call", it.Name)
		}
		pos, ok := f.lifts[run.Func]
		if !ok {
			return &diag.Internal{Msg: "the plan lifts no function for the export " + it.Name}
		}
		f.outside.Initialize.Name = start
		f.outside.Initialize.After = f.start(f.code.Exports[pos].Core, f.code.Exports[pos].PostReturn)
		return nil
	}
	return nil
}

// start generates the end of _start, after the module has been initialised.
func (f *Form) start(run, post asm.Sym) asm.Sym {
	exit := f.procExit()
	return f.code.Helper("run", corewasm.FuncType{}, func(g *asm.Func) {
		status := g.Local(corewasm.I32)
		g.Call(f.code.End).Call(run).LocalSet(status)
		if !post.IsZero() {
			g.LocalGet(status).Call(post)
		}
		g.LocalGet(status)
		g.If()
		g.I32Const(1).Call(exit)
		g.End()
		g.Finish()
	})
}

// procExit returns the imported function proc_exit.
func (f *Form) procExit() asm.Sym {
	const name = "proc_exit"
	for i, fn := range f.outside.Funcs {
		if fn.Module == preview1.Module && fn.Name == name {
			return sym.Import(i)
		}
	}
	f.outside.Funcs = append(f.outside.Funcs, merge.Func{Module: preview1.Module, Name: name,
		Type: corewasm.FuncType{Params: []corewasm.ValType{corewasm.I32}}})
	f.imports[coreabi.Import{Module: preview1.Module, Name: name}] = "function proc_exit"
	return sym.Import(len(f.outside.Funcs) - 1)
}

// named returns the part of the world that the module imports and exports under names of its ABI.
func (f *Form) named() *world.World {
	w := f.p.Graph.World
	if !f.preview1 {
		return &w
	}
	keep := func(items []world.Item) (out []world.Item) {
		for i := range items {
			if it := &items[i]; it.Name != preview1.Functions && !f.isRun(it) {
				out = append(out, *it)
			}
		}
		return out
	}
	w.Imports, w.Exports = keep(w.Imports), keep(w.Exports)
	return &w
}
