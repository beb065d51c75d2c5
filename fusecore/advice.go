// This file implements the hints of errors.

package fusecore

import (
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// check returns the error about components that do not all become one module, or that need what a module cannot have,
// where the options require it.
func (o *FuseOptions) check(r *Report) error {
	var flag, attribute string
	switch {
	case o.Emit == EmitModule:
		flag, attribute = "leave out --emit=module", `leave out emit = "module"`
	case o.Memory == SingleMemory:
		flag, attribute = "leave out --memory=single", `leave out memory = "single"`
	case o.OneModule:
		flag, attribute = "leave out --require=one-module", "set require_one_module = False"
	default:
		return nil
	}
	way := flag
	if o.Attributes {
		way = attribute
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
