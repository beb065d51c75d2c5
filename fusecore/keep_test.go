package fusecore_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/wasmtools"
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
				if len(paths) > 50 {
					continue // the case is about numbers of instances
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

// TestKeepProposals fuses components that use proposals which are not supported. What uses them is kept.
func TestKeepProposals(t *testing.T) {
	tool := wasmtools.Need(t)
	const code = `(core module $M (type $f (func)) (type $c (cont $f)) (func (export "f") (result i32) (i32.const 1)))`
	const user = `
		(component $User
		  (import "f" (func $f (result u32)))
		  (core func $f' (canon lower (func $f)))
		  (core module $M (import "" "f" (func $f (result i32))) (func (export "run") (result i32) (i32.add (call $f) (i32.const 2))))
		  (core instance $m (instantiate $M (with "" (instance (export "f" (func $f'))))))
		  (func (export "run") (result u32) (canon lift (core func $m "run"))))
		(instance $u (instantiate $User (with "f" (func $k "f"))))
		(export "run" (func $u "run")))`
	for _, c := range []struct{ name, text, kept string }{
		{"a core module's types", `(component (component $K ` + code + `
		    (core instance $i (instantiate $M))
		    (func (export "f") (result u32) (canon lift (core func $i "f"))))
		  (instance $k (instantiate $K))` + user, "root/K"},
		{"a core module's code", `(component (component $K
		    (core module $M (type $t (func)) (tag $t (type $t)) (func (export "f") (result i32) (suspend $t) (i32.const 1)))
		    (core instance $i (instantiate $M))
		    (func (export "f") (result u32) (canon lift (core func $i "f"))))
		  (instance $k (instantiate $K))` + user, "root/K"},
		{"the canonical option gc", `(component (component $K
		    (core module $M (func (export "f") (result i32) (i32.const 1)))
		    (core instance $i (instantiate $M))
		    (func (export "f") (result u32) (canon lift (core func $i "f") gc)))
		  (instance $k (instantiate $K))` + user, "root/K"},
		{"a core module that is only passed on", `(component (component $K ` + code + `
		    (core module $N (func (export "f") (result i32) (i32.const 1)))
		    (core instance $i (instantiate $N))
		    (func (export "f") (result u32) (canon lift (core func $i "f")))
		    (export "code" (core module $M)))
		  (instance $k (instantiate $K))
		  (export "code" (core module $k "code"))` + user, "root"},
		{"the root", `(component ` + code + `
		    (core instance $i (instantiate $M))
		    (func (export "f") (result u32) (canon lift (core func $i "f"))))`, "root"},
		{"a type of the component itself", `(component (core type (cont 0)))`, "root"},
		{"component-level values", `(component (import "v" (value string)))`, "root"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wasm, err := tool.Parse(c.text)
			if err != nil {
				t.Skip(err)
			}
			out, err := fuseOrKeep(fusecore.FuseOptions{})(single("in", wasm))
			if err != nil {
				t.Fatal(err)
			}
			var kept []string
			for _, k := range out.Report.Kept {
				kept = append(kept, k.Path)
			}
			if got := strings.Join(kept, " "); got != c.kept {
				t.Errorf("kept %q: %v", got, out.Report)
			}
			if err := tool.Validate(out.Bytes()); err != nil && tool.Validate(wasm) == nil {
				t.Error(err)
			}
		})
	}
}
