// Command wasmrun runs components in wasmtime, for wasm_fuse_test and wasm_component_run. Package wasmrun describes the
// command line.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/wasmrun"
)

var program = wasmrun.Program{
	Name: "wasmrun",
	New: func(o runner.Options) (runner.Engine, error) {
		return wasmtime.Runner(wasmtime.Options{WASI: o.WASI, Funcs: o.Funcs, Resources: o.Resources, Timeout: o.Timeout, Precompiled: o.Precompiled}), nil
	},
	Check:   fusecore.CheckComponent,
	Explain: explain,
	Precompile: func(wasm []byte, target string, extensions []string) ([]byte, error) {
		return wasmtime.Precompile(wasm, wasmtime.PrecompileOptions{Target: target, Extensions: extensions})
	},
}

func main() { os.Exit(program.Main(os.Args)) }

// explain says which engine has asynchronous functions.
func explain(err error) error {
	if !wasmtime.Async() && strings.Contains(err.Error(), "async feature") {
		return fmt.Errorf("%w\nAsynchronous functions, streams and futures need wasmtime 50: see the attribute engine of wasm_fuse_test", err)
	}
	return err
}
