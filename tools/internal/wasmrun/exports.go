// This file implements the advice for a call of a function that does not exist.

package wasmrun

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/inspect"
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
	slices.SortStableFunc(all, func(a, b string) int { return distance(name, a) - distance(name, b) })
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

// distance returns the number of letters to insert, delete or replace to turn a text into another.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			best := min(row[j], row[j+1]) + 1
			if a[i] == b[j] {
				best = min(best, diagonal)
			} else {
				best = min(best, diagonal+1)
			}
			diagonal, row[j+1] = row[j+1], best
		}
	}
	return row[len(b)]
}
