package wit

import (
	"slices"
	"strings"
	"testing"

	"github.com/bazelbuild/bazel-gazelle/label"
	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
	"github.com/wasmfuse/rules_wasm_fuse/internal/witsyntax"
)

func TestGlobbed(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"*.wit", "a.wit", true}, {"*.wit", "deps/a.wit", false}, {"**/*.wit", "a.wit", true},
		{"**/*.wit", "deps/io/a.wit", true}, {"deps/**", "deps/io/a.wit", true}, {"deps/*/a.wit", "deps/io/a.wit", true},
		{"deps/*/b.wit", "deps/io/a.wit", false}, {"**", "a.wit", true}, {"deps/**/a.wit", "deps/a.wit", true},
	} {
		if got := globbed([]string{c.pattern}, c.name); got != c.want {
			t.Errorf("globbed(%q, %q) = %v", c.pattern, c.name, got)
		}
	}
}

func TestIsHost(t *testing.T) {
	wc := &witConfig{}
	for _, p := range []string{"my:platform", "my:log/sink*", "my:clock/wall@1.0.0", "acme:*"} {
		if err := wc.set(hostDirective, p, ""); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]bool{
		"wasi:io/poll@0.2.0": true, "wasix:io/poll": false, "my:platform/anything@2.0.0": true, "my:platforms/x": false,
		"my:log/sink-2": true, "my:log/source": false, "my:clock/wall@1.0.0": true, "my:clock/wall@1.1.0": false,
		"acme:x/y": true,
	} {
		id, version, _ := strings.Cut(name, "@")
		if got := wc.isHost(iface.Extern{Name: name, ID: id, Version: version}); got != want {
			t.Errorf("isHost(%s) = %v", name, got)
		}
	}
	if err := wc.set(hostDirective, "", ""); err != nil || wc.isHost(iface.Extern{Name: "my:platform/x"}) || !wc.isHost(iface.Extern{Name: "wasi:io/poll"}) {
		t.Errorf("an empty directive leaves %v, %v", wc.host, err)
	}
}

func TestSpellings(t *testing.T) {
	for version, want := range map[string][]string{
		"":           {"a:b/c"},
		"1.2.3":      {"a:b/c@1.2.3", "a:b/c@1", "a:b/c"},
		"0.2.3":      {"a:b/c@0.2.3", "a:b/c@0.2", "a:b/c"},
		"0.2.3-rc.1": {"a:b/c@0.2.3-rc.1", "a:b/c"},
		"1":          {"a:b/c@1", "a:b/c"},
	} {
		if d := cmp.Diff(want, spellings("a:b/c", version)); d != "" {
			t.Errorf("version %q (-want +got):\n%s", version, d)
		}
	}
}

func TestNearest(t *testing.T) {
	at := map[string][]string{"a": {"//a:x"}, "a/b": {"//a/b:x"}, "": {"//:x"}, "ab": {"//ab:x"}, "c": {"//c:x"}}
	get := func(pkg string) []string { return at[pkg] }
	for pkg, want := range map[string][]string{
		"a/b/c": {"//a/b:x"}, "a/bc": {"//a:x"}, "a": {"//a:x"}, "d": {"//:x"},
	} {
		if got, enclosed := nearest(pkg, get); !slices.Equal(got, want) || !enclosed {
			t.Errorf("nearest to %s: %v, %v, want %v", pkg, got, enclosed, want)
		}
	}
	delete(at, "")
	if got, enclosed := nearest("z", get); got != nil || enclosed {
		t.Errorf("nearest to z, which none encloses: %v, %v", got, enclosed)
	}
}

func TestNaming(t *testing.T) {
	name := func(s string) *group {
		f, errs := witsyntax.Parse("x", []byte("package "+s+";"))
		if errs != nil {
			t.Fatal(errs)
		}
		return &group{pkg: f.Package.Name}
	}
	for _, c := range []struct {
		pattern  string
		packages []string
		want     []string
	}{
		{"{package}_wit", []string{"a:b", "a:c"}, []string{"b_wit", "c_wit"}},
		{"{package}_wit", []string{"a:b", "c:b", "c:d"}, []string{"a_b_wit", "c_b_wit", "d_wit"}},
		{"{package}_wit", []string{"a:b@1.0.0", "a:b@2.0.0", "a:b"}, []string{"a_b_1.0.0_wit", "a_b_2.0.0_wit", "a_b_wit"}},
		{"{namespace}-{package}-{version}", []string{"a:b@1.0.0"}, []string{"a-b-1.0.0"}},
		{"{package}", []string{"a:b:c/d"}, []string{"c_d"}},
	} {
		var groups []*group
		for _, p := range c.packages {
			groups = append(groups, name(p))
		}
		nameGroups(groups, c.pattern)
		var got []string
		for _, g := range groups {
			got = append(got, g.name)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s of %v: %v, want %v", c.pattern, c.packages, got, c.want)
		}
	}
}

// TestChoose checks that the choice among exports does not depend on the order in which rules are indexed.
func TestChoose(t *testing.T) {
	offers := func(specs ...string) (out []offer) {
		for _, s := range specs {
			at, version, _ := strings.Cut(s, "@")
			l, err := label.Parse(at)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, offer{&component{label: l}, iface.Extern{Version: version}})
		}
		return out
	}
	from := &component{label: label.New("", "app", "app")}
	for _, c := range []struct{ from, want []string }{
		{[]string{"//p:a@1.1.0", "//q:b@1.3.0"}, []string{"//q:b"}},
		{[]string{"//p:a@1.0.0", "//q:b@1.3.0"}, []string{"//p:a"}},
		{[]string{"//app:near@1.1.0", "//q:b@1.0.0"}, []string{"//app:near"}},
		{[]string{"//p:a@1.1.0", "//q:b@1.1.0"}, []string{"//p:a", "//q:b"}},
		{[]string{"//p:a@1.10.0", "//q:b@1.9.0"}, []string{"//p:a"}},
	} {
		for range 2 {
			var got []string
			x := &want{comp: from, imp: iface.Extern{Version: "1.0.0"}}
			x.from = newCandidates(x.imp, offers(c.from...))
			for _, o := range x.best() {
				got = append(got, o.comp.label.String())
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("of %v: %v, want %v", c.from, got, c.want)
			}
			slices.Reverse(c.from)
		}
	}
}
