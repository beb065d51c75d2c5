// This file implements messages about two things that differ.

package diag

import (
	"errors"
	"fmt"
)

// Mismatch is a message about what was expected, and what there was in its place. It is an error, so that messages about the
// place can wrap it, until an [Error] says both to programs as well.
type Mismatch struct {
	Expected, Found string
	Text            string // the message, with both
}

// Differ returns a message whose last two arguments are what was expected and what there was in its place.
func Differ(format string, args ...any) *Mismatch {
	both := args[len(args)-2:]
	return &Mismatch{Expected: fmt.Sprint(both[0]), Found: fmt.Sprint(both[1]), Text: fmt.Sprintf(format, args...)}
}

func (m *Mismatch) Error() string { return m.Text }

// differ sets what was expected and found as an error says it, if it does.
func (e *Error) differ(err error) {
	if m := (*Mismatch)(nil); errors.As(err, &m) {
		e.Expected, e.Found = m.Expected, m.Found
	}
}
