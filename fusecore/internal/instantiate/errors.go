// This file implements errors that several files return.

package instantiate

import (
	"errors"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

func wrongSort(what string, i uint32, want string) error {
	return diag.New("", "%s %d is not %s", what, i, want)
}

func errValues() error {
	return diag.New("", "component values cannot be fused").WithHint("values are a gated feature of the component model")
}

// unsupported returns the error of a core module that is not decoded, as one about what uses the module.
func unsupported(err error) error {
	var e *diag.Error
	if !errors.As(err, &e) {
		return err
	}
	return diag.New("", "%s", e.Msg)
}
