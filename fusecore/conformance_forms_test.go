package fusecore_test

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/external"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// TestConformanceForms plays the reference tests with every component in every other form of output, where the component has
// that form, and compares the numbers of commands that do what the script says with those of conformanceExpected, whose folders
// are FOLDER.FORM. Why a component does not have a form must be one of the reasons in formsFile.
func TestConformanceForms(t *testing.T) {
	root := external.Conformance(t)
	expected := conformanceFloors(t, wasmtime.Version)
	maps.DeleteFunc(expected, func(kind string, _ int) bool { return !ofForm(kind) })
	held := map[string]int{}
	for _, f := range outputForms {
		for _, folder := range []string{"linking", "resources", "values"} {
			scripts, err := filepath.Glob(filepath.Join(root, folder, "*.json"))
			if err != nil || len(scripts) == 0 {
				t.Fatalf("no scripts in %s: %v", root, err)
			}
			for _, file := range scripts {
				key := folder + "." + f.name
				t.Run(f.name+"/"+folder+"/"+strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
					p := newPlayer(t, file, key)
					p.fuse = func(g fusecore.Graph) (*fusecore.Result, error) {
						out, err := f.with(fusecore.FuseOptions{})(g)
						if err != nil && !lacking(f.name, err) {
							t.Errorf("%s: %v", g.Root.Name, err)
						}
						return out, err
					}
					for _, c := range scriptCommands(t, file) {
						if c.crashes(file) || strings.HasPrefix(c.Type, "assert_invalid") {
							continue
						}
						if err := p.play(c); err != nil {
							t.Logf("line %d: %s: %v", c.Line, c.Type, err)
						} else {
							held[key+" "+c.Type]++
						}
					}
				})
			}
		}
	}
	checkFloors(t, wasmtime.Name(), expected, held)
}

// ofForm reports whether a key "FOLDER KIND" of conformanceExpected is about another form than the default one.
func ofForm(key string) bool {
	folder, _, _ := strings.Cut(key, " ")
	return slices.ContainsFunc(outputForms, func(f *outputForm) bool { return strings.HasSuffix(folder, "."+f.name) })
}
