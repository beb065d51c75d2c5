// This file implements the hints of errors.

package fusecore

import (
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// check returns the error about components that do not all become one module, or that need what a module cannot have,
// where the options require it.
func (o *FuseOptions) check(r *Report) error {
	var demands []string
	demand := func(set bool, flag, attribute string) {
		if o.Attributes {
			flag = attribute
		}
		if set {
			demands = append(demands, flag)
		}
	}
	demand(o.Emit == EmitModule, "--emit=module", `emit = "module"`)
	demand(o.ABI != WITNames, "--abi", "abi")
	demand(o.WASI != ImportWASI, "--wasi", "wasi")
	demand(o.Memory == SingleMemory, "--memory=single", `memory = "single"`)
	demand(o.Reserve != 0, "--reserve", "reserve")
	way := "leave out " + diag.List(demands)
	switch {
	case len(demands) > 0:
	case !o.OneModule:
		return nil
	case o.Attributes:
		way = "set require_one_module = False"
	default:
		way = "leave out --require=one-module"
	}
	if !r.OneModule() {
		return diag.New("", "not everything can become one module: %s", strings.Join(r.Reasons(), ", ")).
			WithHint("%s: the output then has several modules, and behaves the same", way)
	}
	for _, d := range r.Domains {
		if a := d.Async; a != nil && (o.Emit == EmitModule || o.Memory == SingleMemory) {
			return diag.New("", "%v is async (%s), which needs an engine that runs components", a.ReportedComponent, diag.Clean(a.Reason)).
				WithHint("%s: the output is then a component, whose engine runs its tasks", way)
		}
	}
	return nil
}
