// This file implements FuseOptions.WASI: the component that supplies imports of WASI, and what it cannot supply.

package fusecore

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/compose"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/preview1"
)

// supplyWASI returns the inputs of a graph, with the implementation of WASI as the last one if it is asked for.
func supplyWASI(inputs []Input, o linkOptions) []Input {
	if o.wasi == ImportWASI {
		return inputs
	}
	return append(inputs, Input{Name: preview1.Name, Label: "the implementation of WASI", Bytes: preview1.Component(), Private: true})
}

// supplies reports whether the implementation of WASI may supply an import.
func (o *linkOptions) supplies(name string) bool {
	return !o.leaves(name) && (o.noNetwork || !strings.HasPrefix(name, sockets))
}

// sockets is the beginning of the names of interfaces that need a network.
const sockets = "wasi:sockets/"

// leaves reports whether an import stays one although the implementation of WASI may have it.
func (o *linkOptions) leaves(name string) bool {
	return slices.ContainsFunc(o.leave, func(pattern string) bool { return preview1.Leaves(pattern, name) })
}

// checkWASI returns an error if imports of WASI remain in a composition that are not to be left, or if nothing imports
// what is to be left.
func checkWASI(g *compose.Graph, o linkOptions) error {
	var missing, names []string // by importer; the interfaces
	unused := slices.Clone(o.leave)
	for i := range g.Instances {
		in := &g.Instances[i]
		var open []string
		for pos, it := range g.Components[in.Component].World.Imports {
			unused = slices.DeleteFunc(unused, func(pattern string) bool { return preview1.Leaves(pattern, it.Name) })
			if in.Args[pos].Kind != compose.FromImport || !strings.HasPrefix(it.Name, "wasi:") || it.TypesOnly() || o.leaves(it.Name) {
				continue
			}
			open = append(open, strconv.Quote(it.Name))
			if id, _, _ := strings.Cut(it.Name, "@"); !slices.Contains(names, id) {
				names = append(names, id)
			}
		}
		if len(open) > 0 {
			missing = append(missing, in.Label+" imports "+diag.List(open))
		}
	}
	if len(missing) > 0 {
		return diag.New("", "preview1 has no means for some imports of WASI: %s", strings.Join(missing, "; ")).
			WithHint("supply them by a component%s, or leave them to the host: %s", o.networkAdvice(names), o.leaveAdvice(names))
	}
	if len(unused) > 0 {
		return diag.New(o.leaveAdvice(unused[:1]), "nothing imports it").WithHint("remove it, or name an interface that is imported, as in wasi:cli/environment")
	}
	return nil
}

// leftAlone adds advice to an error about a composition: an interface that is left to the host may use resource types of
// another that is not.
func (o *linkOptions) leftAlone(err error) error {
	var e *Error
	if o.wasi != ImportWASI && len(o.leave) > 0 && errors.As(err, &e) {
		e.Hint = "what is left to the host can only use types that come from there: leave the interfaces of these types, too, as in " +
			o.leaveAdvice([]string{"wasi:io/*"})
	}
	return err
}

// networkAdvice says how to do without a network, if only that is missing.
func (o *linkOptions) networkAdvice(missing []string) string {
	switch {
	case slices.ContainsFunc(missing, func(name string) bool { return !strings.HasPrefix(name, sockets) }):
		return ""
	case o.attributes:
		return ", do without a network: no_network = True"
	}
	return ", do without a network: --no-network"
}

// leaveAdvice says how to leave interfaces to the host.
func (o *linkOptions) leaveAdvice(names []string) string {
	var s []string
	for _, name := range names {
		if o.attributes {
			name = strconv.Quote(name)
		} else {
			name = "--leave " + name
		}
		s = append(s, name)
	}
	if o.attributes {
		return "leave = [" + strings.Join(s, ", ") + "]"
	}
	return strings.Join(s, " ")
}
