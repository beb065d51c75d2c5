// Command wazerun runs components in wazero, for wasm_fuse_test and wasm_component_run: in pure Go, so it needs neither a C
// compiler nor a library. Package wasmrun describes the command line. A file may also be a core module in the core-module
// ABI of WIT, or one that only imports WASI preview1.
package main

import (
	"fmt"
	"os"
	"strings"

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
	Explain: explain,
}

func main() { os.Exit(program.Main(os.Args)) }

// explain says which engine runs what cannot become one module.
func explain(err error) error {
	if strings.Contains(err.Error(), "one module") || strings.Contains(err.Error(), "needs an engine that runs components") {
		return fmt.Errorf("%w\nwazero runs one core module. wasmtime runs components as they are: leave out the attribute engine, or set it to @rules_wasm_fuse//rules:wasmtime50", err)
	}
	return err
}
