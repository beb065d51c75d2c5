// This file implements limits on evaluation, and paths.

package instantiate

import (
	"strconv"
	"unicode/utf8"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// Limits on what one component may unfold to. Nesting doubles instances with every level, and a module can be
// instantiated any number of times, so a small file can ask for more than any machine has.
const (
	maxInstances = 10_000
	maxWork      = 4_000_000 // definitions evaluated, including the parts visited
	maxDepth     = 500
	maxItems     = 100_000   // of the world, including its instances
	maxBytes     = 512 << 20 // of core modules, each counted as often as it is instantiated
	maxName      = 100       // bytes of a name in a path
	maxPath      = 400       // bytes of a path
)

const hintUnfolds = "nested components multiply: this composition unfolds beyond what can be fused"

// limit returns the error for a limit that is exceeded.
func (ev *evaluator) limit(format string, args ...any) error {
	ev.over = true
	return diag.New("", format, args...).WithHint(hintUnfolds)
}

// spend counts the work of evaluation against its limit.
func (ev *evaluator) spend(n int) error {
	if ev.work += n; ev.work > maxWork {
		return ev.limit("instantiation evaluates more than %d definitions", maxWork)
	}
	return nil
}

// worldItem counts an item of the world.
func (ev *evaluator) worldItem() error {
	if ev.items++; ev.items > maxItems {
		return ev.limit("the world has more than %d items", maxItems)
	}
	return nil
}

// weight returns the work of evaluating a definition: one, and one for each part.
func weight(d component.Def) int {
	switch d := d.(type) {
	case *component.CoreInstance:
		return 1 + len(d.Args) + len(d.Exports)
	case *component.Instance:
		return 1 + len(d.Args) + len(d.Exports)
	case *component.Canon:
		return 1 + len(d.Opts)
	case *component.Type:
		switch t := d.Def.(type) {
		case *component.ValDef:
			return 1 + len(t.Fields) + len(t.Labels) + len(t.Types)
		case *component.FuncDef:
			return 1 + len(t.Params)
		}
	}
	return 1
}

// countCore counts one instantiation of a core module.
func (ev *evaluator) countCore(m *corewasm.Module) error {
	if len(ev.g.Cores) >= maxInstances {
		return ev.limit("more than %d core instances", maxInstances)
	}
	if ev.size += m.Size; ev.size > maxBytes {
		return ev.limit("the instantiated core modules have more than %d bytes together", maxBytes)
	}
	return ev.spend(len(m.Imports))
}

// path returns a unique path for an instance inside another one. Long names are truncated, and the middle of long paths
// is omitted.
func (ev *evaluator) path(parent, name string) string {
	if len(parent)+1+maxName > maxPath {
		parent = parent[:cut(parent, maxPath-2*maxName)] + "..."
	}
	return ev.unique(parent + "/" + clip(name))
}

func (ev *evaluator) unique(path string) string {
	n := ev.paths[path]
	ev.paths[path]++
	if n == 0 {
		return path
	}
	return ev.unique(path + "-" + strconv.Itoa(n+1))
}

// clip truncates a name that is too long for paths and messages.
func clip(name string) string {
	if len(name) <= maxName {
		return name
	}
	return name[:cut(name, maxName-3)] + "..."
}

// cut returns the length of the longest prefix of at most n bytes that ends with a whole character.
func cut(s string, n int) int {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return n
}
