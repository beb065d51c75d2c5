package coreabi

import (
	"fmt"
	"testing"
)

// TestNames checks the names of the example in BuildTargets.md in both ABIs.
func TestNames(t *testing.T) {
	root, in, plain := Item{Name: "f"}, Item{"ns:pkg/i@0.2.1", "[method]r.m"}, Item{"j", "frob"}
	r := Item{"ns:pkg/i@0.2.1", "r"}
	for _, tc := range []struct {
		abi  *ABI
		want []string
	}{
		{&WITNames, []string{
			"{$root f}", "{ns:pkg/i@0.2.1 [method]r.m}", "{j frob}", "{ns:pkg/i@0.2.1 [resource-drop]r}", "{$root [resource-drop]f}",
			"{[export]ns:pkg/i@0.2.1 [resource-drop]r}", "{[export]ns:pkg/i@0.2.1 [resource-new]r}", "{[export]ns:pkg/i@0.2.1 [resource-rep]r}",
			"f", "ns:pkg/i@0.2.1#[method]r.m", "j#frob", "cabi_post_f", "cabi_post_ns:pkg/i@0.2.1#[method]r.m", "ns:pkg/i@0.2.1#[dtor]r",
			"{memory cabi_realloc _initialize}",
		}},
		{&CM32P2, []string{
			"{cm32p2 f}", "{cm32p2|ns:pkg/i@0.2 [method]r.m}", "{cm32p2|j frob}", "{cm32p2|ns:pkg/i@0.2 r_drop}", "{cm32p2 f_drop}",
			"{cm32p2|_ex_ns:pkg/i@0.2 r_drop}", "{cm32p2|_ex_ns:pkg/i@0.2 r_new}", "{cm32p2|_ex_ns:pkg/i@0.2 r_rep}",
			"cm32p2||f", "cm32p2|ns:pkg/i@0.2|[method]r.m", "cm32p2|j|frob", "cm32p2||f_post", "cm32p2|ns:pkg/i@0.2|[method]r.m_post",
			"cm32p2|ns:pkg/i@0.2|r_dtor", "{cm32p2_memory cm32p2_realloc cm32p2_initialize}",
		}},
	} {
		a := tc.abi
		for i, got := range []any{
			a.Func(root), a.Func(in), a.Func(plain), a.Imported(r), a.Imported(root),
			a.Exported(Drop, r), a.Exported(New, r), a.Exported(Rep, r),
			a.Export(root), a.Export(in), a.Export(plain), a.PostReturn(root), a.PostReturn(in), a.Destructor(r), a.Exports,
		} {
			if fmt.Sprint(got) != tc.want[i] {
				t.Errorf("%v, want %s", got, tc.want[i])
			}
		}
	}
}

// TestCanonical checks the canonicalization of interface names in BuildTargets.md.
func TestCanonical(t *testing.T) {
	for name, want := range map[string]string{
		"a:b/c": "a:b/c", "a:b/c@1.2.3+alpha": "a:b/c@1", "a:b/c@0.1.2+alpha": "a:b/c@0.1", "a:b/c@0.0.1+alpha": "a:b/c@0.0.1",
		"a:b/c@1.2.3-nightly+alpha": "a:b/c@1.2.3-nightly", "plain": "plain",
	} {
		if got := CM32P2.Interface(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		if got := WITNames.Interface(name); got != name {
			t.Errorf("%s: %s in WIT names", name, got)
		}
	}
}
