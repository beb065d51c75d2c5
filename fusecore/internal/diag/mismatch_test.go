package diag

import (
	"errors"
	"fmt"
	"testing"
)

func TestMismatch(t *testing.T) {
	differ := Differ("parameter %d: expected %s, found %s", 1, "u32", "s8")
	wrapped := fmt.Errorf("function `add`: %w", differ)
	const text = "parameter 1: expected u32, found s8"
	for _, c := range []struct {
		name string
		err  error
		want Error
	}{
		{"At", At(3, "bad: %s", differ), Error{Offset: 3, Msg: "bad: " + text}},
		{"New", New("export", "%s", wrapped), Error{Offset: NoOffset, Item: "export", Msg: "function `add`: " + text}},
		{"In", In(wrapped, "a.wasm", "", ""), Error{File: "a.wasm", Offset: NoOffset, Err: wrapped}},
	} {
		c.want.Expected, c.want.Found = "u32", "s8"
		var e *Error
		if !errors.As(c.err, &e) || *e != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, e, c.want)
		}
	}
	if e := At(3, "%s", errors.New("other")); e.Expected != "" || e.Found != "" {
		t.Errorf("without a mismatch: %+v", e)
	}
}
