package diag

import (
	"strings"
	"testing"
)

func TestClean(t *testing.T) {
	long := strings.Repeat("a", 10_000)
	for _, c := range []struct{ text, want string }{
		{"plain text, with punctuation: \"a:b/c@1.0.0\"", "plain text, with punctuation: \"a:b/c@1.0.0\""},
		{"grün 日本", "grün 日本"},
		{"one\ntwo\r\x1b[31mred\x00", `one\ntwo\r\x1b[31mred\x00`},
		{"turned \u202e round", `turned \u202e round`},
		{"broken \xff\xfe", `broken \xff\xfe`},
		{"before " + long[:1000] + " after", "before " + long[:200] + "[... 725 bytes ...]" + long[:75] + " after"},
		{strings.Repeat("é", 200), strings.Repeat("é", 100) + "[... 126 bytes ...]" + strings.Repeat("é", 37)},
	} {
		if got := Clean(c.text); got != c.want {
			t.Errorf("Clean(%q)\n got %q\nwant %q", c.text, got, c.want)
		}
	}
	if got := Clean(strings.Repeat("word ", 1_000_000)); len(got) > maxText {
		t.Errorf("a long text has %d bytes", len(got))
	}
	e := &Error{File: "a\nb", Offset: NoOffset, Item: "import \"\x1b\"", Msg: long, Hint: "do\x07"}
	if got := e.Error(); len(got) > 1000 || strings.ContainsAny(got, "\n\x1b\x07") {
		t.Errorf("%q", got)
	}
}
