package partition

import "testing"

func TestSplit(t *testing.T) {
	for _, tc := range []struct {
		graph string
		id    DomainID
		want  string // empty if the domain cannot be divided
	}{
		{"host calls a; a calls b; b calls c; c calls d", 0, "c d; a b; b>c: too large"},
		{"host calls a; host calls b", 0, "a; b"},
		{"host calls a; a calls root; root calls a; root calls b", 0, "b; root a; root>b: too large"},
		{"host calls a; a calls root; root calls a; a calls b; a has r; b calls root own r", 0, ""},
		{"host calls a", 0, ""},
		{"host awaits a; a calls b; host calls c; c calls d", 0, ""},
		{"host awaits a; a calls b; host calls c; c calls d", 1, "a! b; d; c; c>d: too large"},
		{"k kept; host calls x; x calls k", 0, ""},
	} {
		g := build(tc.graph)
		p, err := Decide(g)
		if err != nil {
			t.Fatal(err)
		}
		before, got := text(g, p), ""
		if s := Split(g, p, tc.id); s != nil {
			got = text(g, s)
		}
		if got != tc.want {
			t.Errorf("domain %d of %s:\n got %s\nwant %s", tc.id, before, got, tc.want)
		}
		if after := text(g, p); after != before {
			t.Errorf("%s has become %s", before, after)
		}
	}
}
