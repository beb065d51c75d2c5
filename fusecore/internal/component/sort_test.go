package component

import "testing"

func TestStrings(t *testing.T) {
	for _, c := range []struct {
		got  interface{ String() string }
		want string
	}{
		{CoreFunc, "core func"}, {CoreSort(0x05), "core sort(0x05)"},
		{SortInstance, "instance"}, {Sort(6), "sort(0x06)"},
		{SortIdx{Core: CoreModSort, Index: 3}, "core module 3"}, {SortIdx{Sort: SortType, Index: 4}, "type 4"},
		{PrimErrorContext, "error-context"}, {Prim(0x72), "valtype(0x72)"},
		{CanonErrorContextMessage, "error-context.debug-message"}, {CanonOp(0x07), "canon(0x07)"},
		{CanonOp(0xff), "canon(0xff)"}, {Space(NumSpaces), "unknown space"},
	} {
		if got := c.got.String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
