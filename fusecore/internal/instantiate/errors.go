// This file implements errors that several files return.

package instantiate

import "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"

func wrongSort(what string, i uint32, want string) error {
	return diag.New("", "%s %d is not %s", what, i, want)
}

func errValues() error {
	return diag.New("", "component values cannot be fused").WithHint("values are a gated feature of the component model")
}
