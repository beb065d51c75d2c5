// This file implements the hints of errors.

package fusecore

import (
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// notOneModule is the error about components that do not all become one module, where they must.
func notOneModule(r *Report, o FuseOptions) error {
	way := "leave out --require=one-module"
	if o.Attributes {
		way = "set require_one_module = False"
	}
	return diag.New("", "not everything can become one module: %s", strings.Join(r.Reasons(), ", ")).
		WithHint("%s: the output then has several modules, and behaves the same", way)
}
