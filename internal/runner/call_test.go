package runner

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplitCall(t *testing.T) {
	for _, c := range []struct {
		text, name string
		args       []string
		err        string
	}{
		{text: `f()`, name: "f"},
		{text: `a:b/c@1.0.0#f(1)`, name: "a:b/c@1.0.0#f", args: []string{"1"}},
		{text: `f(1, [2, 3], {x: 1, y: "a, b)"})`, name: "f", args: []string{"1", "[2, 3]", `{x: 1, y: "a, b)"}`}},
		{text: `f("\"", ',', some((1, 2)))`, name: "f", args: []string{`"\""`, `','`, "some((1, 2))"}},
		{text: `[method]cell.get(res(0))`, name: "[method]cell.get", args: []string{"res(0)"}},
		{text: `f`, err: "expected func"},
		{text: `f(1`, err: "expected func"},
		{text: `f("a)`, err: "not closed"},
		{text: `f(])`, err: "too many"},
		{text: `f([)`, err: "not closed"},
	} {
		name, args, err := SplitCall(c.text)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("SplitCall(%s): error %v, want %q", c.text, err, c.err)
			}
			continue
		}
		if err != nil || name != c.name {
			t.Errorf("SplitCall(%s) = %q, %v", c.text, name, err)
		}
		if diff := cmp.Diff(c.args, args); diff != "" {
			t.Errorf("SplitCall(%s): arguments differ (-want +got):\n%s", c.text, diff)
		}
	}
}
