package testcomponent

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
)

func build(t *testing.T, text string) fusecore.Input {
	t.Helper()
	b, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return fusecore.Input{Name: "x.wasm", Bytes: b}
}

func TestInterface(t *testing.T) {
	in := build(t, "import a:b/c@1.2.3\nimport a:b/d\ntypes a:b/t\nfunc log\nexport a:b/e@0.1.0\nexport a:b/f\nexport-types a:b/g\n")
	got, err := iface.Read(in.Name, in.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	want := iface.Surface{
		Imports: []iface.Extern{{Name: "a:b/c@1.2.3", ID: "a:b/c", Version: "1.2.3"}, {Name: "a:b/d", ID: "a:b/d"},
			{Name: "a:b/t", ID: "a:b/t", TypesOnly: true}, {Name: "log"}},
		Exports: []iface.Extern{{Name: "a:b/e@0.1.0", ID: "a:b/e", Version: "0.1.0"}, {Name: "a:b/f", ID: "a:b/f"},
			{Name: "a:b/g", ID: "a:b/g", TypesOnly: true}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("interface (-want +got):\n%s", d)
	}
}

func TestFuse(t *testing.T) {
	root, dep := build(t, "import a:b/c\nimport wasi:x/y\nexport a:b/d"), build(t, "export a:b/c\n")
	dep.Name = "dep.wasm"
	if _, err := fusecore.Fuse(t.Context(), fusecore.Graph{Root: root, Deps: []fusecore.Input{dep}}, fusecore.FuseOptions{}); err != nil {
		t.Error(err)
	}
	if _, err := Parse("export"); err == nil {
		t.Error("no error for a line without a name")
	}
}
