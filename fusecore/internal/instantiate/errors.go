package instantiate

import "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"

// pick gives an entry of an index space.
func pick[T any](space []T, i uint32, what string) (T, error) {
	if int64(i) >= int64(len(space)) {
		var zero T
		return zero, diag.New("", "%s index %d is out of range: there are %d", what, i, len(space))
	}
	return space[i], nil
}

func wrongSort(what string, i uint32, want string) error {
	return diag.New("", "%s %d is not %s", what, i, want)
}

func errValues() error {
	return diag.New("", "component values cannot be fused").WithHint("values are a gated feature of the component model")
}
