// This file implements the hints of errors.

package fusecore

import (
	"errors"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// adviseLinking completes the hint of an error about linking, which fusing and composing share.
func adviseLinking(err error) error {
	var e *Error
	if errors.As(err, &e) && e.Hint == diag.HintCompose {
		return hinted(err, "leave it out of the graph: what it exports then becomes an import of the output, for an engine to supply")
	}
	return err
}

// adviseComposing completes the hint of an error about a composition that exceeds a limit of engines.
func adviseComposing(err error) error {
	var e *Error
	if errors.As(err, &e) && e.Hint == diag.HintCompose {
		return hinted(err, "link fewer components into one")
	}
	return err
}

// notOneModule is the error about components that do not all become one module, where they must.
func notOneModule(r *Report, o FuseOptions) error {
	way := "leave out --require=one-module"
	if o.Attributes {
		way = "set require_one_module = False"
	}
	return diag.New("", "not everything can become one module: %s", strings.Join(r.Reasons(), ", ")).
		WithHint("%s: the output then has several modules, and behaves the same", way)
}

func hinted(err error, hint string) error {
	var e *Error
	if errors.As(err, &e) {
		e.Hint = hint
	}
	return err
}
