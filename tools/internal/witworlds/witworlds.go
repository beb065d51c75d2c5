// Package witworlds says which worlds a WIT package has, where one is named that it does not have.
package witworlds

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
	"github.com/wasmfuse/rules_wasm_fuse/internal/spelling"
	"github.com/wasmfuse/rules_wasm_fuse/internal/witsyntax"
)

// Missing returns a sentence about a world that is named by its bare name and that the files of a package, in text or binary form,
// do not have, or an empty text if they have it, or if that cannot be told.
func Missing(world string, files map[string][]byte) string {
	if strings.ContainsAny(world, ":/") {
		return "" // of a package that is named
	}
	var all []string
	for name, data := range files {
		if path.Ext(name) == ".wasm" {
			p, err := iface.ReadPackage(name, data)
			if err != nil {
				return ""
			}
			data = []byte(p.Text())
		}
		tree, errs := witsyntax.Parse(name, data)
		if len(errs) > 0 {
			return ""
		}
		for _, it := range tree.Items {
			if w, ok := it.(*witsyntax.World); ok {
				all = append(all, w.Name)
			}
		}
	}
	if slices.Contains(all, world) {
		return ""
	}
	if len(all) == 0 {
		return "the WIT package has no worlds, and the attribute world names one: add it to the package, or name another package"
	}
	slices.Sort(all)
	nearest := slices.MinFunc(all, spelling.Near(world))
	hint := "the"
	if spelling.Similar(world, nearest) {
		hint = fmt.Sprintf("did you mean %q? The", nearest)
	}
	for i := range all {
		all[i] = strconv.Quote(all[i])
	}
	return fmt.Sprintf("the WIT package has no world %q: %s attribute world has to name one of %s", world, hint, strings.Join(all, ", "))
}
