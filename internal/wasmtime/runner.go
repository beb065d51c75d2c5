// This file implements the interface that engines have in common.

package wasmtime

import (
	"errors"
	"regexp"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
)

// Runner returns a new engine as what engines have in common.
func Runner(o Options) runner.Engine { return engineRunner{New(o)} }

type engineRunner struct{ *Engine }

// Load is Engine.Load, or loads machine code of a core module.
func (e engineRunner) Load(wasm []byte) (runner.Instance, error) {
	if e.opts.Precompiled && ofModule(wasm) {
		in, err := e.LoadCore(wasm, nil)
		if err != nil {
			return nil, err
		}
		return moduleRunner{in}, nil
	}
	in, err := e.Engine.Load(wasm)
	if err != nil {
		return nil, err
	}
	return &instanceRunner{in, wasm}, nil
}

// moduleRunner runs machine code of a core module. Its world is not in the code, so it can only be run as a command of WASI preview1.
type moduleRunner struct{ *CoreInstance }

// startFunction is the export of a command (WASI, legacy/application-abi.md).
const startFunction = "_start"

// Run implements runner.Instance.
func (in moduleRunner) Run() error {
	if !slices.Contains(in.Exports(), startFunction) {
		return runner.ErrNoCommand
	}
	_, err := in.CoreInstance.Call(startFunction)
	var exit *Exit
	if errors.As(err, &exit) && exit.Status == 0 {
		return nil
	}
	return err
}

// errModule is the error of what needs the world of a module.
var errModule = errors.New("this is machine code of a core module, which can only run as a command: its functions cannot be called, because machine code lacks the module's world\n" +
	"Compile a component, or run the core module itself")

// Call implements runner.Instance.
func (moduleRunner) Call(string, ...string) (string, error) { return "", errModule }

// Invoke implements runner.Instance.
func (moduleRunner) Invoke(string) (string, error) { return "", errModule }

// DropResource implements runner.Instance.
func (moduleRunner) DropResource(int) error { return errModule }

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
