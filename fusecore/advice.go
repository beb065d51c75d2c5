package fusecore

import (
	"errors"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// adviseFusing completes the hint of an error of fusing what can be linked.
func adviseFusing(err error, in Inputs, o Options) error {
	var e *Error
	if !errors.As(err, &e) || e.Hint != diag.HintCompose {
		return err
	}
	switch {
	case len(in.Deps) == 0:
		return hinted(err, "use the component as it is: it runs without being fused")
	case o.Attributes:
		return hinted(err, "use wasm_component_compose, which links without fusing")
	}
	return err
}

// adviseLinking completes the hint of an error of linking, which composing has as well.
func adviseLinking(err error) error {
	var e *Error
	if errors.As(err, &e) && e.Hint == diag.HintCompose {
		return hinted(err, "leave it out of the graph: what it exports is an import of the output then, for an engine to supply")
	}
	return err
}

// adviseComposing completes the hint of an error about a composition that is over a limit of engines.
func adviseComposing(err error) error {
	var e *Error
	if errors.As(err, &e) && e.Hint == diag.HintCompose {
		return hinted(err, "link fewer components into one")
	}
	return err
}

func hinted(err error, hint string) error {
	var e *Error
	if errors.As(err, &e) {
		e.Hint = hint
	}
	return err
}
