// This file implements the interface that engines have in common.

package wasmtime

import (
	"regexp"

	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
)

// Runner returns a new engine as what engines have in common.
func Runner(o Options) runner.Engine { return engineRunner{New(o)} }

type engineRunner struct{ *Engine }

// Load is Engine.Load.
func (e engineRunner) Load(wasm []byte) (runner.Instance, error) {
	in, err := e.Engine.Load(wasm)
	if err != nil {
		return nil, err
	}
	return &instanceRunner{in, wasm}, nil
}

type instanceRunner struct {
	*Instance
	wasm []byte
}

// runExport matches the interface of a command's run function in any 0.2 version. Exports are looked up by exact name,
// which is taken from the component's bytes.
var runExport = regexp.MustCompile(`wasi:cli/run@0\.2\.[0-9]+`)

// Run implements runner.Instance.
func (in *instanceRunner) Run() error {
	for _, iface := range runExport.FindAll(in.wasm, -1) {
		name := string(iface) + "#run"
		if !in.Has(name) {
			continue
		}
		result, err := in.Call(name)
		if err == nil && result != "ok" {
			err = &Exit{Status: 1}
		}
		return err
	}
	return runner.ErrNoCommand
}

// Invoke makes a call that is written as wasmtime's command line takes it: `ns:pkg/iface@1.0.0#func(1, "a")`. The name is
// that of Call, the arguments are WAVE text.
func (in *Instance) Invoke(call string) (result string, err error) {
	name, args, err := runner.SplitCall(call)
	if err != nil {
		return "", err
	}
	return in.Call(name, args...)
}
