// Package diag is the error type of the pipeline: an error says where in which file something is wrong, what was
// expected and how to fix it. Stages fill in what they know; outer stages add the file and the component path with
// [In].
package diag

import (
	"errors"
	"fmt"
	"strings"
)

// NoOffset is the offset of an error without a position in the input bytes.
const NoOffset int64 = -1

// Error is a problem at a position in an input. The zero value of a field means "unknown".
type Error struct {
	File      string // input file as the user named it
	Component string // path of component instances or definitions, outermost first, joined by "/"
	Item      string // what the problem is about: `import "a:b/c"`, `core function 3`, `canon lift 2`
	Offset    int64  // byte offset in File, or NoOffset
	Text      *Text  // position in File, if that is text
	Msg       string // what is wrong, and what was expected
	Expected  string // what was expected, for programs: Msg has it as well
	Found     string // what there was in its place
	Hint      string // how to fix it
	Limit     bool   // the problem is a limit of engines
	// Proposal is the name of a proposal that is not supported. Apart from that, the file may be valid.
	Proposal string
	Err      error // cause, reachable through errors.Is and errors.As
}

// Error returns the problem on one line: file, offset, component, item, message, hint. Names come from untrusted files,
// so they are escaped, and shortened if they are very long. If File is text, the lines after it show the position.
func (e *Error) Error() string {
	if e.Text != nil {
		line := *e
		line.Text = nil
		line.File = fmt.Sprintf("%s:%d:%d", e.File, e.Text.Line, e.Text.Column)
		return line.Error() + "\n" + e.Text.excerpt()
	}
	var b strings.Builder
	part := func(s string) {
		if s != "" {
			b.WriteString(Clean(s))
			b.WriteString(": ")
		}
	}
	part(e.File)
	if e.Offset >= 0 {
		fmt.Fprintf(&b, "offset 0x%x: ", e.Offset)
	}
	if c := e.Inside(); c != "" {
		part("component " + c)
	}
	part(e.Item)
	b.WriteString(e.Problem())
	if e.Hint != "" {
		b.WriteString(" (")
		b.WriteString(Clean(e.Hint))
		b.WriteString(")")
	}
	return b.String()
}

// Inside returns the path of the component in the file, or "" if the problem is in the file's own component.
func (e *Error) Inside() string {
	// "$root" and "root" are the file itself, if it has no name; "host" is the caller.
	c := strings.TrimPrefix(strings.TrimPrefix(e.Component, "$root"), "/")
	if c == "root" || c == "host" {
		return ""
	}
	return c
}

// Problem returns the message with its cause, but not the place and the hint.
func (e *Error) Problem() string {
	text := Clean(e.Msg)
	if e.Err != nil {
		if e.Msg != "" {
			text += ": "
		}
		text += Clean(e.Err.Error())
	}
	return text
}

// Reason returns the problem as something about a component: without the file, the offset, the number of a definition and
// the hint, and with another component only.
func (e *Error) Reason(component string) string {
	why := *e
	why.File, why.Offset, why.Hint = "", NoOffset, ""
	if why.Component == component {
		why.Component = ""
	}
	if strings.HasPrefix(why.Item, "definition ") {
		why.Item = ""
	}
	return why.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// At returns an error at a byte offset. A [Mismatch] among the arguments, or an error that wraps one, sets Expected and Found.
func At(offset int64, format string, args ...any) *Error {
	return newError(offset, "", format, args)
}

// Unsupported reports whether an error is about a proposal that is not supported.
func Unsupported(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Proposal != ""
}

// New is like [At], with an item and without a position in the input bytes.
func New(item, format string, args ...any) *Error {
	return newError(NoOffset, item, format, args)
}

func newError(offset int64, item, format string, args []any) *Error {
	e := &Error{Offset: offset, Item: item, Msg: fmt.Sprintf(format, args...)}
	for _, a := range args {
		if err, ok := a.(error); ok {
			e.differ(err)
		}
	}
	return e
}

// WithHint sets the hint, which tells how to fix the problem.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// In adds context from an outer stage to the first [Error] in err's chain, without changing fields that are already
// set. An [Internal] is returned as it is; any other error is wrapped in a new one.
func In(err error, file, component, item string) error {
	if err == nil {
		return nil
	}
	if errors.As(err, new(*Internal)) {
		return err
	}
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{File: file, Component: component, Item: item, Offset: NoOffset, Err: err}
		e.differ(err)
		return e
	}
	if e.File == "" {
		e.File = file
	}
	if e.Component == "" {
		e.Component = component
	}
	if e.Item == "" {
		e.Item = item
	}
	return err
}

// maxListed limits the number of names that a message lists.
const maxListed = 12

// List joins names for a message. A long list is cut short.
func List(names []string) string {
	if len(names) <= maxListed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:maxListed-2], ", "), len(names)-maxListed+2)
}
