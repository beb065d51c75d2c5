// This file implements the description of the first difference between two types, for messages.

package compose

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// differ describes the first difference between two function types: the importer's expectation and the other side's
// type. It returns "" if they are equal.
func (c *composer) differ(want, have *ctypes.Func) string {
	if want.Async != have.Async {
		return "one is async, the other not"
	}
	if len(want.Params) != len(have.Params) {
		return fmt.Sprintf("%d and %d parameters", len(want.Params), len(have.Params))
	}
	for i, p := range want.Params {
		if q := have.Params[i]; p.Label != q.Label {
			return fmt.Sprintf("parameter %d is called %q and %q", i+1, p.Label, q.Label)
		} else if d := c.differTypes(p.Type, q.Type, 0); d != "" {
			return fmt.Sprintf("parameter %q: %s", p.Label, d)
		}
	}
	switch {
	case want.Result == nil && have.Result != nil:
		return "no result, and one"
	case want.Result != nil && have.Result == nil:
		return "a result, and none"
	case want.Result != nil:
		if d := c.differTypes(want.Result, have.Result, 0); d != "" {
			return "result: " + d
		}
	}
	return ""
}

// maxDiffer limits the depth at which a difference is searched.
const maxDiffer = 20

// differTypes describes the first difference between two types.
func (c *composer) differTypes(a, b *ctypes.Type, depth int) string {
	if c.equal.Types(a, b) {
		return ""
	}
	if depth > maxDiffer || a == nil || b == nil || a.Kind != b.Kind {
		return brief(a) + " and " + brief(b)
	}
	in := func(what string, x, y *ctypes.Type) string {
		if d := c.differTypes(x, y, depth+1); d != "" {
			return what + ": " + d
		}
		return ""
	}
	name := a.Kind.String()
	for i := range min(len(a.Fields), len(b.Fields)) {
		f, g := a.Fields[i], b.Fields[i]
		if f.Label != g.Label {
			return fmt.Sprintf("%s: part %d is %q and %q", name, i+1, f.Label, g.Label)
		}
		if d := in(name+" "+strconv.Quote(f.Label), f.Type, g.Type); d != "" {
			return d
		}
	}
	for i := range min(len(a.Labels), len(b.Labels)) {
		if a.Labels[i] != b.Labels[i] {
			return fmt.Sprintf("%s: label %d is %q and %q", name, i+1, a.Labels[i], b.Labels[i])
		}
	}
	for i := range min(len(a.Types), len(b.Types)) {
		if d := in(name+" "+strconv.Itoa(i+1), a.Types[i], b.Types[i]); d != "" {
			return d
		}
	}
	if n, m := len(a.Fields)+len(a.Labels)+len(a.Types), len(b.Fields)+len(b.Labels)+len(b.Types); n != m {
		return fmt.Sprintf("%s: %d and %d parts", name, n, m)
	}
	if a.Resource != b.Resource {
		return fmt.Sprintf("%s of two resource types, %q and %q", name, a.Resource.Name, b.Resource.Name)
	}
	for _, d := range []string{in(name, a.Key, b.Key), in(name, a.Elem, b.Elem), in(name+" error", a.Err, b.Err)} {
		if d != "" {
			return d
		}
	}
	return brief(a) + " and " + brief(b)
}

// brief returns a type's name, without its parts if there are many.
func brief(t *ctypes.Type) string {
	if t == nil {
		return "none"
	}
	if slices.Contains([]ctypes.Kind{ctypes.Record, ctypes.Variant, ctypes.Flags, ctypes.Enum}, t.Kind) {
		return "a type " + t.Kind.String()
	}
	return t.String()
}
