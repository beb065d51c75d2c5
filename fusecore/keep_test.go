package fusecore_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

// TestKeepInstances plays all scripts with outputs in which one instance is kept as it is, in turn for up to 20 instances,
// and in which all are that are directly in the root. They must do what the output with one domain does, or the
// composition.
func TestKeepInstances(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	kept, around := 0, 0
	for _, c := range []collection{cases, resources, examples} {
		for _, s := range c.load(t) {
			if s.Part || s.Refused+s.Kept != "" {
				continue
			}
			for _, g := range s.Graphs {
				sub := &subject{g.Name, s, c.inputs(t, g, s.Plugs)}
				paths, err := fusecore.Insts(t.Context(), sub.in)
				if err != nil {
					t.Fatal(err)
				}
				children := slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return strings.Count(path, "/") > 1 })
				composed, fused := sub.compose(t), sub.fuse(t)
				for _, keep := range append(singles(paths[:min(len(paths), 20)]), children) {
					if len(keep) == 0 {
						continue
					}
					t.Run(c.name+"/"+g.Name+"/"+strings.ReplaceAll(strings.Join(keep, ","), "/", "."), func(t *testing.T) {
						out, err := fuseOrKeep(fusecore.Keeping(keep...))(sub.in)
						if err != nil {
							t.Fatal(err)
						}
						checkOutput(t, composed, out.Bytes())
						comparePlayed(t, s, composed, fused, out.Bytes())
						for _, path := range keep {
							k := slices.IndexFunc(out.Report.Kept, func(k fusecore.KeptComponent) bool { return strings.HasPrefix(path+"/", k.Path+"/") })
							switch {
							case k < 0:
								t.Errorf("%s is not kept: %v", path, out.Report)
							case out.Report.Kept[k].Path != path:
								around++
								t.Logf("%s: %v", path, out.Report)
							}
							kept++
						}
					})
				}
			}
		}
	}
	t.Logf("%d instances kept, %d of them with what is around them", kept, around)
}

// singles returns lists of one element each.
func singles(all []string) (out [][]string) {
	for _, s := range all {
		out = append(out, []string{s})
	}
	return out
}
