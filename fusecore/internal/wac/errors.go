// This file implements errors with positions in a document.

package wac

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/extname"
	"github.com/wasmfuse/rules_wasm_fuse/internal/spelling"
	"github.com/wasmfuse/rules_wasm_fuse/internal/witsyntax"
)

// errf returns an error at a position.
func (d *document) errf(pos witsyntax.Pos, format string, args ...any) *diag.Error {
	e := diag.New("", format, args...)
	e.File, e.Text = d.Name, d.text(pos)
	return e
}

// text returns a position with its line.
func (d *document) text(pos witsyntax.Pos) *diag.Text {
	begin := min(max(pos.Offset-(pos.Col-1), 0), len(d.source))
	line, _, _ := strings.Cut(d.source[begin:], "\n")
	return &diag.Text{Line: pos.Line, Column: pos.Col, Source: line}
}

// wrap returns an error about something else at a position.
func (d *document) wrap(pos witsyntax.Pos, err error) error {
	var e *diag.Error
	if !errors.As(err, &e) || e.Text != nil {
		return err
	}
	out := d.errf(pos, "")
	inner := *e
	out.Hint, inner.Hint = e.Hint, ""
	out.Expected, out.Found = e.Expected, e.Found
	out.Err = &inner
	return out
}

// syntaxError returns the first of a list of errors. The message says how many there are.
func (d *document) syntaxError(errs []*witsyntax.Error) error {
	first := errs[0]
	e := d.errf(first.Pos, "%s", &diag.Mismatch{Expected: first.Expected, Found: first.Found, Text: first.Msg})
	if len(errs) > 1 {
		lines := make([]string, 0, len(errs)-1)
		for _, other := range errs[1:] {
			lines = append(lines, strconv.Itoa(other.Pos.Line))
		}
		e.Hint = "there are further syntax errors, at line " + diag.List(lines)
	}
	return e
}

// located finds the position of an argument or export, which compose names by the instance's label and the item.
func (d *document) located(err error, at, exports map[string]witsyntax.Pos) error {
	var e *diag.Error
	if !errors.As(err, &e) || e.Text != nil {
		return err
	}
	if name, ok := strings.CutPrefix(e.Item, "export "); ok {
		if text, bad := strconv.Unquote(name); bad == nil {
			if pos, known := exports[extname.Canonical(text)]; known {
				return d.wrap(pos, err)
			}
		}
	}
	if pos, ok := at[e.File+"\x00"+e.Item]; ok {
		return d.wrap(pos, err)
	}
	if pos, ok := at[e.File]; ok {
		return d.wrap(pos, err)
	}
	return d.wrap(d.Package.Pos, err)
}

// nearest advises the name that is most like a wrong one, or lists those that there are, or else says what to do.
func nearest(wrong string, names []string, otherwise string) string {
	best, at := "", len(wrong)/3+2
	for _, n := range names {
		if c := distance(wrong, n, at); c < at {
			best, at = n, c
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean `%s`?", best)
	}
	return otherwise
}

// maxCompared limits the length of the names whose distance is computed.
const maxCompared = 200

// distance returns [spelling.Distance], or limit if it is no less or a name is long.
func distance(a, b string, limit int) int {
	if len(a) > maxCompared || len(b) > maxCompared || len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	return min(spelling.Distance(a, b), limit)
}

// choices lists names for a hint.
func choices(verb string, names []string) string {
	if len(names) == 0 {
		return verb + " nothing"
	}
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = strconv.Quote(n)
	}
	return verb + " " + diag.List(quoted)
}
