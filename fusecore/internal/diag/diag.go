// Package diag is the one error type of the pipeline: where in which file something is wrong, what was expected and
// what to do about it. Stages fill in what they know; outer stages add the file and the component path with [In].
package diag

import (
	"errors"
	"fmt"
	"strings"
)

// NoOffset says that an error has no place in the input bytes.
const NoOffset int64 = -1

// HintCompose is the hint of errors about what can be linked, but not fused.
const HintCompose = "use `wasmfuse compose`"

// Error is a located problem with an input. The zero value of a field means "not known".
type Error struct {
	File      string // input file as the user named it
	Component string // path of component instances or definitions, outermost first, joined by "/"
	Item      string // what the problem is about: `import "a:b/c"`, `core function 3`, `canon lift 2`
	Offset    int64  // byte offset in File; NoOffset when there is none
	Msg       string // what is wrong, and what was expected
	Hint      string // what to do
	Err       error  // cause, reachable through errors.Is and errors.As
}

// Error formats the problem on one line: file, offset, component, item, message, hint. Names come from hostile files, so
// what does not print is escaped, and what is very long is shortened.
func (e *Error) Error() string {
	var b strings.Builder
	part := func(s string) {
		if s != "" {
			b.WriteString(clean(s))
			b.WriteString(": ")
		}
	}
	part(e.File)
	if e.Offset >= 0 {
		fmt.Fprintf(&b, "offset 0x%x: ", e.Offset)
	}
	// "$root" and "root" are the file itself, where it has no name of its own; "host" is what calls it.
	if c := strings.TrimPrefix(strings.TrimPrefix(e.Component, "$root"), "/"); c != "" && c != "root" && c != "host" {
		part("component " + c)
	}
	part(e.Item)
	b.WriteString(clean(e.Msg))
	if e.Err != nil {
		if e.Msg != "" {
			b.WriteString(": ")
		}
		b.WriteString(clean(e.Err.Error()))
	}
	if e.Hint != "" {
		b.WriteString(" (")
		b.WriteString(clean(e.Hint))
		b.WriteString(")")
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// At makes an error at a byte offset.
func At(offset int64, format string, args ...any) *Error {
	return &Error{Offset: offset, Msg: fmt.Sprintf(format, args...)}
}

// New makes an error about an item that has no place in the input bytes.
func New(item, format string, args ...any) *Error {
	return &Error{Offset: NoOffset, Item: item, Msg: fmt.Sprintf(format, args...)}
}

// WithHint sets what to do about the problem.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// In adds what an outer stage knows to the first [Error] in err's chain: fields already set stay. Any other error is
// wrapped in a new one.
func In(err error, file, component, item string) error {
	if err == nil {
		return nil
	}
	var e *Error
	if !errors.As(err, &e) {
		return &Error{File: file, Component: component, Item: item, Offset: NoOffset, Err: err}
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

// maxListed is how many names a message lists.
const maxListed = 12

// List joins names for a message: the first of them where there are many.
func List(names []string) string {
	if len(names) <= maxListed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:maxListed-2], ", "), len(names)-maxListed+2)
}
