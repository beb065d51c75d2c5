// This file implements the advice for a call of a function that does not exist.

package wasmrun

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/inspect"
	"github.com/wasmfuse/rules_wasm_fuse/internal/spelling"
)

// maxSuggested limits the number of functions that a message lists.
const maxSuggested = 12

// suggest adds to the error of a call the functions that a component exports, the nearest first, unless the function is one
// of them. The component may also be a core module with the world of one.
func suggest(err error, wasm []byte, call string) error {
	name, _, _ := strings.Cut(call, "(")
	d, failed := inspect.Describe(context.Background(), inspect.File{Bytes: wasm})
	if failed != nil || d.Component == nil {
		return err
	}
	all := functions("", d.Component.Exports)
	if len(all) == 0 {
		return fmt.Errorf("%w\nThe component exports no functions", err)
	}
	if slices.Contains(all, name) {
		return err
	}
	slices.SortStableFunc(all, func(a, b string) int { return spelling.Distance(name, a) - spelling.Distance(name, b) })
	more := ""
	if n := len(all) - maxSuggested; n > 0 {
		all, more = all[:maxSuggested], fmt.Sprintf(" and %d more", n)
	}
	return fmt.Errorf("%w\nThe component exports %s%s", err, strings.Join(all, ", "), more)
}

// functions returns the functions among exports, as calls name them.
func functions(prefix string, items []inspect.Item) (out []string) {
	for i := range items {
		switch it := &items[i]; it.Kind {
		case inspect.Func:
			out = append(out, prefix+it.Name)
		case inspect.Instance:
			if prefix == "" {
				out = append(out, functions(it.Name+"#", it.Items)...)
			}
		}
	}
	return out
}
