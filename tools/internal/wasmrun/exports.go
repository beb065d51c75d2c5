// This file implements advice that depends on what a component imports and exports.

package wasmrun

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/inspect"
	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
	"github.com/wasmfuse/rules_wasm_fuse/internal/spelling"
)

// maxListed limits the number of functions that a message lists.
const maxListed = 12

// suggest adds to the error of a call the functions that a component exports, the nearest first, unless the function is one
// of them. The component may also be a core module with the world of one.
func suggest(err error, wasm []byte, call string) error {
	name, _, _ := strings.Cut(call, "(")
	c := describe(wasm)
	if c == nil {
		return err
	}
	all := functions("", c.Exports)
	if len(all) == 0 {
		return fmt.Errorf("%w\nThe component exports no functions", err)
	}
	if slices.Contains(all, name) {
		return err
	}
	slices.SortStableFunc(all, spelling.Near(name))
	return fmt.Errorf("%w\nThe component exports %s", err, listed(all))
}

// noCommand says what a component is that is not a command, and what to do with it.
func noCommand(wasm []byte) error {
	const what = "it is not a command: it exports no wasi:cli/run@0.2"
	c := describe(wasm)
	if c == nil {
		return errors.New(what + "; run one that does")
	}
	if all := functions("", c.Exports); len(all) > 0 {
		return fmt.Errorf("%s, but %s; call that in a wasm_fuse_test with calls, or run a component that is a command", what, listed(all))
	}
	return errors.New(what + ", and no function at all; run a component that is a command")
}

// missing advises about functions that a component imports and the host does not have, since a call of one traps. It is "" if
// there are none.
func missing(wasm []byte, host map[string]runner.HostFunc) string {
	all := slices.DeleteFunc(hostImports(wasm), func(name string) bool { return host[name] != nil })
	if len(all) == 0 {
		return ""
	}
	return fmt.Sprintf("\nThe host does not have %s, which the component imports, so that calls of it trap: add a component that exports it to deps of the fusion, or in a wasm_fuse_test set host = {%q: RESULT}",
		listed(all), all[0])
}

// hostImports returns the functions that a component imports, but for those of WASI.
func hostImports(wasm []byte) []string {
	c := describe(wasm)
	if c == nil {
		return nil
	}
	return slices.DeleteFunc(functions("", c.Imports), func(name string) bool { return strings.HasPrefix(name, "wasi:") })
}

// misspelt returns a failure for each function of the host that is not among the imports, if one of these is not among the host's
// functions. What the host has besides all imports does no harm. The imports may be listed twice.
func misspelt(host map[string]string, imports []string) (failures []string) {
	lacking := slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(imports))), func(name string) bool { _, ok := host[name]; return ok })
	if len(lacking) == 0 {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(host)) {
		if slices.Contains(imports, name) {
			continue
		}
		slices.SortStableFunc(lacking, spelling.Near(name))
		failures = append(failures, fmt.Sprintf("host: the component does not import %s, but %s, which host does not have: correct the name, or remove it",
			name, listed(lacking)))
	}
	return failures
}

// describe returns what a component imports and exports, or nil if that cannot be read.
func describe(wasm []byte) *inspect.Component {
	d, err := inspect.Describe(context.Background(), inspect.File{Bytes: wasm})
	if err != nil {
		return nil
	}
	return d.Component
}

// listed lists names for a message.
func listed(names []string) string {
	if n := len(names) - maxListed; n > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxListed], ", "), n)
	}
	return strings.Join(names, ", ")
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
