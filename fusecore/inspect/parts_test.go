package inspect

import (
	"fmt"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// TestFusedParts checks which names tell what a module was fused of.
func TestFusedParts(t *testing.T) {
	module := func(name string, funcs ...string) *corewasm.Module {
		return &corewasm.Module{Name: name, Names: corewasm.Names{Funcs: funcs}}
	}
	for _, c := range []struct {
		name    string
		modules []*corewasm.Module
		want    string
	}{
		{"nothing", nil, "<nil>"},
		{"another module", []*corewasm.Module{module("other", "a/f", "b/g", "g a>b")}, "<nil>"},
		{"a link", []*corewasm.Module{module("fused", "a/f", "", "b/g", "g a>b")}, "&{[a b] [{a b g}]}"},
		{"links of the host", []*corewasm.Module{module("fused", "a/f", "b/f", "log a>host", "run host>b")}, "&{[a b] [{a host log} {host b run}]}"},
		{"in order", []*corewasm.Module{module("fused", "b/f", "a/f", "g b>a", "f b>a", "f a>b")}, "&{[a b] [{a b f} {b a f} {b a g}]}"},
		{"no links, but of guests", []*corewasm.Module{module("fused", "a/f", "x a>b", "pass utf8->utf16", "<A as B>::f c>d", ">", " >", "f >b")}, "<nil>"},
		{"parts with slashes", []*corewasm.Module{module("fused", "x/a/f", "y/a/m/f", "f x/a>y/a")}, "&{[x/a y/a] [{x/a y/a f}]}"},
		{"memories", []*corewasm.Module{module("memory of root/a/b/m"), module("memory of root/c/m, calls"), module("memory of root/m"), module("handles"), module("fused")},
			"&{[a/b c] []}"},
		{"memories and links", []*corewasm.Module{module("memory of root/a/b/m"), module("fused", "b/f", "c/f", "f b>c")}, "&{[a/b c] [{b c f}]}"},
	} {
		if got := fmt.Sprint(fusedParts(c.modules)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
