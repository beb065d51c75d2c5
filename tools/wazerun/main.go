// Command wazerun runs components in wazero, for wasm_fuse_test and wasm_component_run: in pure Go, so it needs neither a C
// compiler nor a library. Package wasmrun describes the command line. A file may also be a core module in the core-module
// ABI of WIT, or one that only imports WASI preview1.
package main

import (
	"os"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wazerun"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/wasmrun"
)

var program = wasmrun.Program{
	Name: "wazerun",
	New: func(o runner.Options) (runner.Engine, error) {
		e, err := wazerun.New(o, wazerun.Settings{})
		if err != nil {
			return nil, err
		}
		return e, nil
	},
	Check:   func(fusecore.Input) error { return nil },
	Explain: func(err error) error { return err },
}

func main() { os.Exit(program.Main(os.Args)) }
