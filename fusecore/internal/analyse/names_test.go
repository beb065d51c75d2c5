package analyse

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestShortest(t *testing.T) {
	for in, want := range map[string]string{
		"":                                       "",
		"root":                                   "root",
		"root/a root/b":                          "a b",
		"root root/x/root":                       "root x/root",
		"root/shop/cart root/bank/cart root/log": "shop/cart bank/cart log",
		"a/b/c x/b/c b/c c":                      "a/b/c x/b/c b/c c",
		"ns:p/log@1.0.0#write ns:p/app#run run":  "write app#run run",
		"ns:p/a#f ns:p/b#f ns:p/c#g":             "a#f b#f g",
		"a/ b/ c/d":                              "a/ b/ d",
		"a/":                                     "a/",
	} {
		texts := map[int]string{}
		for i, s := range strings.Fields(in) {
			texts[i] = s
		}
		short := Shortest(texts, "/#")
		var got []string
		for _, i := range slices.Sorted(maps.Keys(short)) {
			got = append(got, short[i])
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%q: %q, want %q", in, text, want)
		}
	}
	if got := Shortest(map[int]string{1: "a/b", 2: "a/b"}, "/"); got[1] != "a/b" || got[2] != "a/b" {
		t.Errorf("equal texts: %v", got)
	}
}
