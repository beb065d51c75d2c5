package fusecore_test

import (
	"path/filepath"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/external"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/wasmtools"
)

// conformanceRefused has the valid components of the reference tests that Fuse refuses, with the reasons.
var conformanceRefused = map[string]string{}

// TestConformanceAccepted fuses all components of the reference tests that are valid, also those that no engine can
// instantiate alone. Each leads to a valid component, if only to itself.
func TestConformanceAccepted(t *testing.T) {
	root := external.Conformance(t)
	scripts, err := filepath.Glob(filepath.Join(root, "*", "*.json"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts in %s: %v", root, err)
	}
	tool, toolErr := wasmtools.Find()
	all, kept, whole := 0, 0, 0
	for _, file := range scripts {
		for _, c := range scriptCommands(t, file) {
			if c.File == "" || c.Type != "component" && c.Type != "assert_trap" {
				continue
			}
			name := filepath.Join(filepath.Base(filepath.Dir(file)), c.File)
			wasm := readFile(t, filepath.Join(filepath.Dir(file), c.File))
			out, err := fuseOrKeep(fusecore.FuseOptions{})(single(name, wasm))
			if _, known := conformanceRefused[name]; known != (err != nil) {
				t.Errorf("%s: error %v, expected one: %v", name, err, known)
			}
			if err != nil {
				continue
			}
			if err := valid(out.Bytes()); err != nil {
				t.Errorf("%s: the output is invalid: %v", name, err)
			}
			if toolErr == nil && tool.Validate(wasm) == nil {
				if err := tool.Validate(out.Bytes()); err != nil {
					t.Errorf("%s: wasm-tools refuses the output: %v", name, err)
				}
			}
			all++
			switch k := out.Report.Kept; {
			case len(k) == 1 && k[0].Path == "root":
				whole++
				t.Logf("%s: %v", name, out.Report)
			case len(k) > 0:
				kept++
			}
		}
	}
	t.Logf("%d components accepted, %d of them with kept parts, %d left as they are", all, kept, whole)
}
